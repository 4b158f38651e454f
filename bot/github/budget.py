"""How much may be done in a minute: what GitHub counts for an installation, counted here before it refuses."""

import time
from collections import deque

_SECONDS = 60.0


class MinuteBudget:
    """At most `most` in any minute; 0 counts nothing."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._spent: deque[tuple[float, int]] = deque()
        self._sum = 0

    def wait(self, amount: int, spare: int = 0) -> float:
        """Seconds until `amount` may be spent and `spare` would be left for others; 0 if that is now."""
        if not self._most:
            return 0.0
        now = time.monotonic()
        while self._spent and self._spent[0][0] <= now - _SECONDS:
            self._sum -= self._spent.popleft()[1]
        over = self._sum + amount + spare - self._most
        for at, spent in self._spent:
            if over <= 0:
                return 0.0
            over -= spent
            if over <= 0:
                return at + _SECONDS - now
        return 0.0

    def spend(self, amount: int) -> None:
        if self._most:
            self._spent.append((time.monotonic(), amount))
            self._sum += amount
