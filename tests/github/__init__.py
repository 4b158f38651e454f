"""Tests of what is asked of GitHub."""
