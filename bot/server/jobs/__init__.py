"""The durable queue: one job per pull request at a time, the newest head wins, nothing stored is lost.

It is DBOS Transact on an SQLite file or on PostgreSQL. A delivery becomes three workflows: `arrive` puts the head's
check in progress, `turn` is the pull request's mutex, `run` takes one of its installation's slots and does the work.
It knows jobs and the protocol `Tasks`. Absent on purpose: what a job does.
"""

from bot.server.jobs.queue import Queue
from bot.server.jobs.rhythm import Rhythm
from bot.server.jobs.tasks import Attempt, Tasks
from bot.server.jobs.worker import Worker

__all__ = ["Attempt", "Queue", "Rhythm", "Tasks", "Worker"]
