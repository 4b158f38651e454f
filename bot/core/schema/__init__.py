"""What a database holds, and how a statement changes it: the catalog, and a session replayed over it.

A `Catalog` is the snapshot of a replica (or empty, where there is none); a `Session` is one connection as a deploy
drives it: what was created, dropped, locked, set and proven so far. `changes` applies an operation. It knows
`language` only. Absent on purpose: locks and durations, and how the snapshot was taken (`bot.replica`).
"""
