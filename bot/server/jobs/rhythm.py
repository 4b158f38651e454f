"""How often the worker looks, how long a job may take, and how often it is tried."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Intervals and limits of the worker; times are in seconds. Tests use shorter ones."""

    poll: float = 0.25
    poll_turns: float = 0.25
    tend: float = 30.0
    sweep: float = 300.0
    grace: float = 120.0
    """A worker that restarts within this time resumes its own jobs."""
    drain: int = 15
    """The time running jobs get to end when the worker must stop; the others are resumed at the next start."""
    job: float = 600.0
    announce: float = 20.0
    longest_wait: float = 3700.0
    """The longest total wait that GitHub may ask of one job; its hourly limit renews within that."""
    attempts: int = 8
    recoveries: int = 20
    """How many crashes of the worker a job may be running in, whether or not it caused them."""
    keep: float = 7 * 86400.0
    """How long a finished job is remembered, so that its delivery is recognised as a duplicate."""
    per_installation: int = 3
    restart: float = 5.0
