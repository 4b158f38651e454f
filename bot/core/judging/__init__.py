"""What is unsafe: a run is replayed, the rules check each moment of it, and severity weighs their hazards.

`replay` walks the run, `rule` defines a rule and its input, `analysis` runs them all, `severity` and `policy`
weigh, `checklist` answers "is this migration safe to ship?". It knows everything below it: `language`, `schema`,
`effects`, `cost`. Absent on purpose: the rules themselves (`bot.rules`, found by being there) and how anything is
shown (`bot.report`).
"""
