"""The whole App on one machine: a stand-in for GitHub, a populated PostgreSQL. Also used by the tests."""
