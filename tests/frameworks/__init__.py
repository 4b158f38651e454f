"""Tests of the migration frameworks."""
