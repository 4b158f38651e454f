"""All that is asked of GitHub: `app` for the App itself, `hub` for one repository, below them the client and its pace.

The one room that knows githubkit and httpx. It fills `bot.review.ports.Hub`. Every write looks before it repeats, so
that nothing stands twice. Absent on purpose: what a review says, and when one is due.
"""
