"""The time by which a process measures its own waiting: setting the machine's clock does not make it jump."""

import time

_BEGUN = time.time() - time.monotonic()


def now() -> float:
    """Seconds since 1970, counted from what the machine's clock said when the process began."""
    return _BEGUN + time.monotonic()
