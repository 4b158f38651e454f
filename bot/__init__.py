"""migsafe: a GitHub App that reviews PostgreSQL migrations in pull requests."""

__version__ = "0.1.0"
