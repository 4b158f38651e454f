"""The one reader and writer of SQL. sqlglot stops here."""
