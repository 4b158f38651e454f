"""A span of time as an estimate: low, likely, high, and the figures behind it."""

from bot.core.language.messages import Message
from bot.core.record import record

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
