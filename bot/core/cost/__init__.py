"""How long it takes: work and sizes in, seconds out, always as a range and with its sources.

Sizes are rows and bytes, as the catalog or a guess gives them; rates are measured (`rates`). It knows `language`,
`schema` and `effects`. Absent on purpose: whether that is too long, which `judging` decides.
"""
