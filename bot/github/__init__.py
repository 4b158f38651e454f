"""All requests to GitHub: `app` for the App itself, `hub` for one repository, below them the client and its pace.

Only this room knows githubkit, and only it and the stand-ins know httpx. It implements `bot.review.hub.Hub`. Every
write checks before it repeats, so that nothing is posted twice. Absent on purpose: what a review says, and when to
write one.
"""
