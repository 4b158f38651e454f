"""The durable queue: one job per pull request at a time, the newest head wins, nothing stored is lost.

Its tables are in an SQLite file or in PostgreSQL (`tables`). A delivery is committed, together with those that arrive
with it, before it is answered (`arrivals`). A worker claims jobs in transactions (`ledger`), runs them, and writes down
how they went (`shift`, `steps`); which of those that wait for one pull request is run, `coalescing` decides. It knows
jobs and the protocol `Tasks`. Absent on purpose: what a job does.
"""

from bot.server.jobs.queue import Queue
from bot.server.jobs.rhythm import Rhythm
from bot.server.jobs.tasks import Attempt, Tasks
from bot.server.jobs.worker import Worker

__all__ = ["Attempt", "Queue", "Rhythm", "Tasks", "Worker"]
