"""What a migration sends, whatever it is written in: strings of SQL become statements, each with its transaction.

`sending` is the one way from a string to statements at their places, `transactions` numbers them as PostgreSQL counts,
`outbox` collects what following code meets, `allow` reads the comments. Knows how SQL is read; no tool, no language.
"""
