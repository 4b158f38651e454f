"""The child of `bot.review.confined`: reads a call, answers it, and ends with its parent."""

import contextlib
import ctypes
import importlib
import os
import pickle
import resource
import signal
import struct
import sys
import traceback
from typing import Any, BinaryIO

_PR_SET_PDEATHSIG = 1
_MEGABYTE = 1024 * 1024


def main(megabytes: int, preload: list[str]) -> None:
    """Serves calls from standard input until it ends."""
    _end_with_parent()
    calls, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.dup2(2, 1)  # a stray print must not be read as an answer
    for name in preload:
        importlib.import_module(name)
    _limit_memory(megabytes)
    while (call := _read(calls)) is not None:
        _write(answers, _answer(call))


def _answer(call: bytes) -> bytes:
    """A pickled `(outcome, value)`: result, memory, or error with a traceback for the log."""
    try:
        function, argument, seconds = pickle.loads(call)
        _limit_processor(seconds)
        return pickle.dumps(("result", function(argument)), protocol=pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        return pickle.dumps(("memory", None))
    except BaseException:
        return pickle.dumps(("error", traceback.format_exc(limit=-12)[-4000:]))


def _end_with_parent() -> None:
    """On Linux the kernel does it; elsewhere the end of standard input."""
    parent = os.getppid()
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _limit_memory(megabytes: int) -> None:
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (megabytes * _MEGABYTE, megabytes * _MEGABYTE))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_processor(seconds: float) -> None:
    """Limits the processor time from now on; the kernel's limit counts everything since the process started."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime + seconds) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (limit if hard < 0 else min(limit, hard), hard))


def _read(calls: BinaryIO) -> bytes | None:
    head = calls.read(8)
    if len(head) < 8:
        return None
    (size,) = struct.unpack("!Q", head)
    return calls.read(size)


def _write(answers: Any, answer: bytes) -> None:
    answers.write(struct.pack("!Q", len(answer)) + answer)
    answers.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
