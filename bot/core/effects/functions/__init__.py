"""What functions, operators and casts are: volatility, binary coercion, which predicate implies which.

The tables are generated from `pg_proc` of real servers (`tests/generate`). It may know `language` and `schema`.
Absent on purpose: what follows from it for a statement, which is the chapters' in `bot.core.effects`.
"""
