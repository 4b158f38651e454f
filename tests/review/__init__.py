"""Tests of the straight line."""
