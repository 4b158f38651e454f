"""How long work takes: rows and bytes in, seconds out, with what the figure rests on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds. `rests_on` completes "estimated from ...": sizes with their source, and rates."""

    low: float
    likely: float
    high: float
    rests_on: str = ""

    def __add__(self, other: "Estimate") -> "Estimate":
        rests = "; ".join(dict.fromkeys(part for part in (self.rests_on, other.rests_on) if part))
        return Estimate(self.low + other.low, self.likely + other.likely, self.high + other.high, rests)
