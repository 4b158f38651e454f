"""A span of time as an estimate: low, likely, high, and the figures behind it."""

from collections.abc import Sequence

from bot.core.language.messages import Message
from bot.core.record import record

RANGES = (1.0, 10.0, 60.0, 600.0, 3_600.0, 36_000.0)
"""Seconds: the bounds of the ranges of time that are shown to readers from whom sizes are withheld."""
_MOST = 20
"""Parts that a sum rests on: nobody reads more of them, and a long transaction has thousands."""


@record
class Estimate:
    """Seconds. `rests_on`, each part once, completes "estimated from ...": sizes with their source, and rates."""

    low: float
    likely: float
    high: float
    rests_on: tuple[Message, ...] = ()

    def __add__(self, other: "Estimate") -> "Estimate":
        rests = self.rests_on
        if rests != other.rests_on and len(rests) < _MOST:
            rests = tuple(dict.fromkeys((*self.rests_on, *other.rests_on)))[:_MOST]
        return Estimate(self.low + other.low, self.likely + other.likely, self.high + other.high, rests)


def total(estimates: Sequence[Estimate]) -> Estimate:
    """The sum, as by `+`."""
    rests = dict.fromkeys(part for one in estimates[:_MOST] for part in one.rests_on)
    return Estimate(
        sum(one.low for one in estimates),
        sum(one.likely for one in estimates),
        sum(one.high for one in estimates),
        tuple(rests)[:_MOST],
    )
