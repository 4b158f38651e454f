"""Every statement of PostgreSQL, read into operations of the core: a module for those that belong together.

A reader finds the cursor at the first word of its statement and leaves it behind the statement; `verbs` knows them
all, and `dispatch` finds the one that is meant. The grammar's convention holds here, too (see `bot.sql.grammar`).
What has no effect that the core knows is `Harmless`, and is checked all the same: a statement that PostgreSQL
refuses is never read.

Deliberately absent: what a statement does to the database (locks, rewrites). That is said in `bot.core.effects`.
"""
