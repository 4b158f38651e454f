"""Tests of what outlives a job."""
