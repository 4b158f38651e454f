"""Tests of the stand-ins for GitHub and PostgreSQL."""
