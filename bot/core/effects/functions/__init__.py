"""What functions, operators and casts are: volatility, binary coercion, which predicate implies which.

The tables are generated from `pg_proc` of real servers (`tests/generate`). It knows `language` and `schema`.
Absent on purpose: what follows for a statement, which is in the chapters of `bot.core.effects`.
"""
