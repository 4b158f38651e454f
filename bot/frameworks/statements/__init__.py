"""What a migration in any language sends: strings of SQL become statements, each with its transaction.

`sending` is the only way from a string to statements at their places, `transactions` numbers them as PostgreSQL counts,
`outbox` collects what followed code sends, `allow` reads the comments. Knows how SQL is read; no tool, no language.
"""
