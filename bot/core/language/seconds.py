"""A span of time as an estimate: low, likely, high, and what it rests on."""

from bot.core.record import record


@record
class Estimate:
    """Seconds. `rests_on` completes "estimated from ...": sizes with their source, and rates."""

    low: float
    likely: float
    high: float
    rests_on: str = ""

    def __add__(self, other: "Estimate") -> "Estimate":
        rests = self.rests_on
        if rests != other.rests_on:
            rests = self._joined(other)
        return Estimate(self.low + other.low, self.likely + other.likely, self.high + other.high, rests)

    def _joined(self, other: "Estimate") -> str:
        """What both rest on, each part once."""
        if not self.rests_on or not other.rests_on:
            return self.rests_on or other.rests_on
        return "; ".join(dict.fromkeys(part for one in (self, other) for part in one.rests_on.split("; ") if part))
