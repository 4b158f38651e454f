"""Tests of the catalog snapshot, on a real server."""
