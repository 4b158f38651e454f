"""What is unsafe: a run is replayed, the rules look at each moment of it, and severity weighs what they find.

`replay` walks the run, `rule` says what a rule is and is given, `analysis` asks them all, `severity` and `policy`
weigh, `checklist` answers "is this migration safe to ship?". It may know everything below it: `language`, `schema`,
`effects`, `cost`. Absent on purpose: the rules themselves (`bot.rules`, found by being there) and how anything is
shown (`bot.report`).
"""
