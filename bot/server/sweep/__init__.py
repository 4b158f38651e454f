"""Finds what was missed, at the start and every few minutes: failed deliveries, heads without a verdict.

`sweeper` goes round the installations, fairly and within limits, `heads` looks at the commits of one repository,
`deliveries` asks for those that failed, and `looking_back` finds what a lost state would have known. It knows
`review`'s ports and stores jobs; what it has seen and how far it came is in the state, so that restarts and several
workers agree. Absent on purpose: judging, which is a job's.

What a sweep costs in requests: one for the failed deliveries and one for the list of installations; for each
installation one for its repositories (per hundred), for each of them that is visited one for its open pull requests
(per hundred), and one for each head that was touched since its verdict was last seen. A quiet installation with one
repository costs 2 requests a sweep, and 2 more an hour for its tokens. An installation of more than `ROUND`
repositories is visited in turns, those with unfinished heads always. A repository of which nothing is known costs up to
25 more, once.
"""

from bot.server.sweep.sweeper import Sweeper
from bot.server.sweep.watching import Watcher

__all__ = ["Sweeper", "Watcher"]
