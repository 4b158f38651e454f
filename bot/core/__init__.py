"""What migsafe knows of PostgreSQL: pure values and functions, parted by idea.

From the ground up: `language` is what can be said of a migration and a database; `schema` what a database holds and
how a statement changes it; `effects` what PostgreSQL does (locks, rewrites, scans, failures); `cost` how long that
takes; `judging` what of it is unsafe; `rewrites` the safe steps instead. Each knows those before it, never one after
it.

It may know the standard library only. Absent on purpose: I/O, SQL as text (`bot.sql`), frameworks, GitHub and
Markdown.
"""
