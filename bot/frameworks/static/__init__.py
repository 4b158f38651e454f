"""Code read without running it: what the rooms of all languages share.

Values known only at run time, names and their values, SQL with parts known only at run time. Knows `statements`
and how SQL is read; no language, no framework.
"""
