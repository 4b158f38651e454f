"""Tests of the server and its queue."""
