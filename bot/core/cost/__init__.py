"""How long it takes: work and sizes in, seconds out, always as a range and with what it rests on.

Sizes are rows and bytes, as the catalog or a guess gives them; rates are measured (`rates`). It may know `language`,
`schema` and `effects`. Absent on purpose: whether that is too long, which is `judging`'s.
"""
