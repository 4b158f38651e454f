"""Tests of the requests to GitHub."""
