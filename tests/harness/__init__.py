"""Harnesses: whole processes under load or under fire, which print a table; a short form of each is a test."""
