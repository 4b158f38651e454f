"""Text as PostgreSQL's scanner and psql see it: pieces, literals, tokens, key words, and a cursor over them.

Knows nothing of grammar: words have no meaning yet, except where psql or the scanner itself must know them (COPY data,
BEGIN ATOMIC, U&'' UESCAPE). sqlglot's tokenizer is used here and nowhere else. Source of the rules: scan.l
(https://github.com/postgres/postgres/blob/REL_18_STABLE/src/backend/parser/scan.l), psqlscan.l, and the manual's page
https://www.postgresql.org/docs/current/sql-syntax-lexical.html
"""
