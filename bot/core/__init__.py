"""The pure core: PostgreSQL's operations, what they do, and what is safe. Standard library only."""
