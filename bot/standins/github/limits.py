"""GitHub's secondary limits on writing, for a stand-in that is told to apply them.

GitHub asks for a second between writes, and allows 80 requests that create content in a minute and 500 in an hour
(https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api). The limits are counted for each
installation; what people do in the browser counts there, too, and can be added with `people`.
"""

import re
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field

_CREATES = re.compile(r"/(check-runs|reviews|comments|replies|reactions)\Z")
MESSAGE = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."


@dataclass(slots=True)
class WriteLimits:
    """`gap` is in seconds between writes; `refuse_gap` refuses what comes sooner, otherwise it is only counted."""

    gap: float = 1.0
    per_minute: int = 80
    per_hour: int = 500
    refuse_gap: bool = field(default=False, kw_only=True)
    hurried: list[str] = field(default_factory=list)
    """Writes that came sooner than `gap` after the one before."""
    refused: list[str] = field(default_factory=list)
    _last: dict[int, float] = field(default_factory=dict)
    _created: dict[int, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def people(self, installation: int, count: int) -> None:
        """Adds what people create in the browser at this moment."""
        self._created[installation].extend([time.monotonic()] * count)

    def check(self, installation: int, method: str, path: str) -> float | None:
        """Counts the write; returns the seconds to wait if GitHub refuses it."""
        now = time.monotonic()
        soon = now - self._last.get(installation, -self.gap) < self.gap
        self._last[installation] = now
        if soon:
            self.hurried.append(f"{method} {path}")
        wait = self.gap if soon and self.refuse_gap else self._wait_for_content(installation, method, path, now)
        if wait is not None:
            self.refused.append(f"{method} {path}")
        return wait

    def _wait_for_content(self, installation: int, method: str, path: str, now: float) -> float | None:
        if method != "POST" or not _CREATES.search(path):
            return None
        created = self._created[installation]
        while created and now - created[0] > 3600:
            created.popleft()
        minute = [at for at in created if now - at <= 60]
        if len(minute) >= self.per_minute:
            return 60 - (now - minute[0])
        if len(created) >= self.per_hour:
            return 3600 - (now - created[0])
        created.append(now)
        return None
