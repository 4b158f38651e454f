"""Tests of Rails."""
