"""What outlives a job, in tables of its own beside the queue: what people accepted, and what migsafe remembers.

`storage.StateStore` opens the database and brings it to this release's version (`versions`); each other file is one
table with its questions, and implements one of the ports of `bot.review.ports`. It knows `review` and `runtime`. Absent
on purpose: jobs, which are the queue's.
"""

from bot.server.state.storage import StateStore

__all__ = ["StateStore"]
