"""The limits of `migsafe check` for each file: those of the App, in time and memory.

They hold in this process: a child would take longer to start than most files take to be judged. Where the operating
system has no such limits, as on Windows, and of memory on macOS, there are none.
"""

import contextlib
import os
import sys
from collections.abc import Iterator

SECONDS = 60.0
MEGABYTES = 1024


class OverLimit(BaseException):
    """A file hit a limit; the message says which. No Exception: what guards single statements must let it pass."""


@contextlib.contextmanager
def limits(seconds: float | None = None, megabytes: int = MEGABYTES) -> Iterator[None]:
    """Raises OverLimit where what is done within takes longer (`SECONDS`), or needs more memory."""
    seconds = SECONDS if seconds is None else seconds
    try:
        with _time(seconds), _memory(megabytes):
            yield
    except MemoryError:
        raise OverLimit(f"it needed more than {megabytes} MB of memory") from None


@contextlib.contextmanager
def _time(seconds: float) -> Iterator[None]:
    import signal

    def stop(_number: int, _frame: object) -> None:
        raise OverLimit(f"it took longer than {seconds:g} s")

    if not hasattr(signal, "setitimer"):
        yield
        return
    try:
        before = signal.signal(signal.SIGALRM, stop)
    except ValueError:  # only the main thread hears signals
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def _memory(megabytes: int) -> Iterator[None]:
    if sys.platform != "linux":
        yield
        return
    import resource

    with open("/proc/self/statm", "rb") as statistics:
        used = int(statistics.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    before = resource.getrlimit(resource.RLIMIT_AS)
    most = used + megabytes * 1024 * 1024
    if before[0] != resource.RLIM_INFINITY and before[0] <= most:
        yield
        return
    resource.setrlimit(resource.RLIMIT_AS, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
