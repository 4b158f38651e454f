"""Operations as SQL: one statement, what undoes it, and a change of many rows in batches.

Expressions, queries and bodies are written as their author wrote them; nothing is rendered from a syntax tree. What
an operation does not keep cannot be written (`Unwritable`). It knows the reader only to check what it has written.

Deliberately absent: files, frameworks, transactions around the statements. `bot.frameworks` writes those.
"""
