"""The App while it runs: `webhook` takes a delivery in, `events` makes it a job, `jobs` keeps it, `reviewer` does it.

It knows `review`, whose ports it fills with what it keeps itself (`acknowledgements`), and `runtime`. Absent on
purpose: GitHub's API and the replica, which are rooms beside it; `bot.app` brings them together.
"""
