"""A span of time as an estimate: low, likely, high, and the figures behind it."""

from bot.core.language.messages import Message
from bot.core.record import record


@record
class Estimate:
    """Seconds. `rests_on`, each part once, completes "estimated from ...": sizes with their source, and rates."""

    low: float
    likely: float
    high: float
    rests_on: tuple[Message, ...] = ()

    def __add__(self, other: "Estimate") -> "Estimate":
        rests = self.rests_on
        if rests != other.rests_on:
            rests = tuple(dict.fromkeys((*self.rests_on, *other.rests_on)))
        return Estimate(self.low + other.low, self.likely + other.likely, self.high + other.high, rests)
