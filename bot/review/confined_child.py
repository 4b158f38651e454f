"""The child of `bot.review.confined`: gives up what it does not need, answers calls, ends with its parent."""

import importlib
import os
import pickle
import resource
import struct
import sys
import traceback
from typing import Any, BinaryIO

from bot.review import confined_drops


def main(megabytes: int, readable: list[str], preload: list[str]) -> None:
    """Serves calls from standard input until it ends."""
    confined_drops.end_with_parent()
    calls, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.dup2(2, 1)  # a stray print must not be read as an answer
    for name in preload:
        importlib.import_module(name)
    confined_drops.drop(megabytes, readable)
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
    main(int(sys.argv[1]), sys.argv[2].split(os.pathsep), sys.argv[3:])
