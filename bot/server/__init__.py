"""The App while it runs: `webhook` receives a delivery, `events` makes it a job, `jobs` stores it, `reviewer` does it.

It knows `review`, some of whose ports it implements (`state`: what outlives a job), and `runtime`. Absent on purpose:
GitHub's API and the replica, which are rooms of their own; `bot.app` connects them.
"""
