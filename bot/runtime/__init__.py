"""What every process needs to run: settings, logs, metrics, SQLite.

It knows the environment and nothing of the App. Absent on purpose: defaults that only one caller has.
"""
