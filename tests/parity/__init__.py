"""The SQL reader held against PostgreSQL's own parser (postgast, which bundles libpg_query)."""
