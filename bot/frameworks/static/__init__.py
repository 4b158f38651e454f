"""Code read without running it: what the rooms of all languages share.

A value that waits for run time, names and their values, SQL of which a part waits for run time. Knows `statements`
and how SQL is read; no language, no framework.
"""
