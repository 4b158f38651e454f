"""How often the worker looks, how long a job may take, and how often it is tried."""

from dataclasses import dataclass

from bot.core import clock
from bot.review.job import JobKind


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Intervals and limits of the worker; times are in seconds. Tests use shorter ones."""

    poll: float = 0.25
    """How often the worker looks for what another process stored, and for what may be tried again."""
    breath: float = 0.02
    """The least time between two looks."""
    longest_hold: float = 3.0
    """How long no further job is begun while deliveries rush in."""
    tend: float = 30.0
    sweep: float = 300.0
    grace: float = 120.0
    """A worker that restarts within this time resumes its own jobs."""
    drain: int = 15
    """The time running jobs get to end when the worker must stop; the others are resumed at the next start."""
    job: float = 600.0
    announce: float = 20.0
    announce_after: float = 2.0
    """A job that waits for others for longer has its check put in progress meanwhile."""
    announce_every: float = 0.5
    longest_wait: float = 3600.0
    """The longest total wait of one job for what passes at GitHub; its hourly limit renews within that."""
    longest_group_wait: float = 60.0
    """The same for a merge group, whose queue waits with it."""
    longest_refusal: float = 60.0
    """The same for saying how a job ended where the App has no access any more; just after an event that may pass."""
    first_pause: float = 5.0
    longest_pause: float = 300.0
    """The pause after a failed attempt doubles from the first to the longest."""
    recoveries: int = 20
    """How many crashes of the worker a job may be running in, whether or not it caused them."""
    keep: float = 7 * 86400.0
    """How long a finished job is remembered, so that its delivery is recognised as a duplicate."""
    per_installation: int = 3
    restart: float = 5.0
    haste: float = 1.0
    """How much faster than time the sweep's clock runs since `origin` (seconds since 1970): 1 but in tests, which do
    not wait for the minutes that a sweep leaves a commit to its job."""
    origin: float = 0.0

    def now(self) -> float:
        """The sweep's clock, in seconds since 1970."""
        return self.origin + (clock.now() - self.origin) * self.haste

    def patience(self, kind: JobKind) -> float:
        """The longest total wait of a job of this kind."""
        return self.longest_group_wait if kind is JobKind.GROUP else self.longest_wait

    def pause(self, attempts: int, asked: float, left: float) -> float | None:
        """How long to wait after so many failed attempts, if GitHub asks for `asked` seconds and `left` may be waited.

        The pauses grow from the first, or from `asked` where that is shorter: a push that GitHub does not show yet.
        None if it is no use to go on: the time is over, or GitHub asks for more of it than there is.
        """
        if left <= 0 or asked > left:
            return None
        first = min(self.first_pause, asked) or self.first_pause
        growing = min(first * 2.0 ** min(attempts - 1, 30), self.longest_pause)
        return min(max(growing, asked), left)
