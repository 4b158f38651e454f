"""Tests of Alembic."""
