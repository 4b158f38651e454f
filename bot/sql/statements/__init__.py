"""Reads every statement of PostgreSQL into operations of the core; related statements share a module.

A reader starts with the cursor at the first word of its statement and leaves it after the statement; `verbs` lists
them all, and `dispatch` finds the right one. The grammar's convention holds here, too (see `bot.sql.grammar`).
A statement without an effect that the core knows is `Harmless`, and is checked nevertheless: a statement that
PostgreSQL refuses is never read.

Deliberately absent: what a statement does to the database (locks, rewrites). That is in `bot.core.effects`.
"""
