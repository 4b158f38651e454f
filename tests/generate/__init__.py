"""Generators of tables in the code."""
