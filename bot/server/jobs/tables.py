"""The tables of the queue.

`migsafe_jobs` has every job from its delivery until it is forgotten. In an SQLite state, deliveries are first written
to `migsafe_arrivals`, in a file of its own beside the state: SQLite lets one write at a time, and the worker's writes
would keep deliveries waiting. `migsafe_drained` says how far the worker has copied that file.
"""

import sqlalchemy as sa

JOBS = sa.MetaData()
ARRIVALS = sa.MetaData()

_Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _about() -> list["sa.Column[object]"]:
    """What is known of a job when it arrives. `seq` is the order of arrival; `packed` is JSON."""
    return [
        sa.Column("seq", _Number, primary_key=True, autoincrement=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("installation", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("packed", sa.Text, nullable=False),
        sa.Column("stored_at", sa.Float, nullable=False),
    ]


arrivals = sa.Table("migsafe_arrivals", ARRIVALS, *_about(), sqlite_autoincrement=True)

origin = sa.Table("migsafe_arrivals_origin", ARRIVALS, sa.Column("id", sa.Text, primary_key=True))
"""Tells this file from one that replaced it, whose numbers begin again."""

jobs = sa.Table(
    "migsafe_jobs",
    JOBS,
    *_about(),
    sa.Column("lane", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="waiting"),
    sa.Column("todo", sa.Text, nullable=False, server_default="perform"),
    sa.Column("due", sa.Float, nullable=False, server_default="0"),
    sa.Column("owner", sa.Text),
    sa.Column("claim", sa.Integer, nullable=False, server_default="0"),
    sa.Column("aside", sa.Integer, nullable=False, server_default="0"),
    sa.Column("announced", sa.Integer, nullable=False, server_default="0"),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("troubled_at", sa.Float),
    sa.Column("crashes", sa.Integer, nullable=False, server_default="0"),
    sa.Column("error_id", sa.Text),
    sa.Column("trouble", sa.Text),
    sa.Column("outcome", sa.Text),
    sa.Column("ended_at", sa.Float),
    sqlite_autoincrement=True,
)
"""
`lane`          what only one job at a time may work on: the subject, or the job itself while it only tidies up
`state`         waiting, running, ended
`todo`          perform; replaced: a later push did away with it, its check must say so; failed: so must its check
`due`           seconds since the epoch before which it is left alone
`owner`, `claim`  the worker that runs it, and the number of this run: an earlier run may change nothing any more
`aside`         1: it runs, has written its verdict, and takes no place among its installation's
`announced`     0: nobody has put its check in progress while it waited; 1: somebody is doing that; 2: done
`tries`, `troubled_at`  failed attempts in a row, and when the first of them was
`crashes`       workers that died while they ran it
`error_id`, `trouble`   of a failed job: the id in the log, and what GitHub answered
"""

_waiting, _running = jobs.c.state == "waiting", jobs.c.state == "running"
sa.Index("migsafe_jobs_one_a_lane", jobs.c.lane, unique=True, sqlite_where=_running, postgresql_where=_running)
sa.Index("migsafe_jobs_waiting", jobs.c.lane, jobs.c.seq, sqlite_where=_waiting, postgresql_where=_waiting)
_open, _ended = jobs.c.state != "ended", jobs.c.state == "ended"
sa.Index("migsafe_jobs_open", jobs.c.subject, sqlite_where=_open, postgresql_where=_open)
sa.Index("migsafe_jobs_ended", jobs.c.ended_at, sqlite_where=_ended, postgresql_where=_ended)

drained = sa.Table(
    "migsafe_drained", JOBS, sa.Column("origin", sa.Text, primary_key=True), sa.Column("seq", _Number, nullable=False)
)

ticks = sa.Table(
    "migsafe_ticks", JOBS, sa.Column("name", sa.Text, primary_key=True), sa.Column("tick", _Number, nullable=False)
)
"""What is done once among all workers at regular times: the last time that somebody took."""
