"""Whose turn it is when children are fewer than callers: one for each installation, small files before large ones."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class _Waiting:
    installation: int
    size: int
    since: float
    turn: asyncio.Future[None]

    def rank(self, running: int, now: float) -> tuple[int, float]:
        """The smallest is next: an installation with the fewest turns, then the smallest for how long it waits."""
        return running, self.size / (1.0 + now - self.since)


class Turns:
    """`children` turns at a time, and one more where a single installation holds all of them and another waits.

    So an installation alone may use every child, and with others waiting it gets no second one.
    """

    def __init__(self, children: int) -> None:
        self._children = children
        self._running: Counter[int] = Counter()
        self._waiting: list[_Waiting] = []

    @contextlib.asynccontextmanager
    async def turn(self, installation: int, size: int) -> AsyncGenerator[None, None]:
        """Waits for a turn, and holds it. `size` is in bytes."""
        waiting = _Waiting(installation, size, time.monotonic(), asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._give_turns()
        try:
            await waiting.turn
        except asyncio.CancelledError:
            if waiting.turn.done() and not waiting.turn.cancelled():
                self._end_turn(installation)
            else:
                self._waiting.remove(waiting)
            raise
        try:
            yield
        finally:
            self._end_turn(installation)

    def _end_turn(self, installation: int) -> None:
        self._running[installation] -= 1
        if not self._running[installation]:
            del self._running[installation]
        self._give_turns()

    def _give_turns(self) -> None:
        while self._waiting:
            now = time.monotonic()
            chosen = min(self._waiting, key=lambda one: one.rank(self._running[one.installation], now))
            busy = self._running.total()
            starved = busy == self._children and not self._running[chosen.installation] and len(self._holders) == 1
            if busy >= self._children and not (starved and self._children > 1):
                return
            self._waiting.remove(chosen)
            self._running[chosen.installation] += 1
            chosen.turn.set_result(None)

    @property
    def _holders(self) -> list[int]:
        return [installation for installation, count in self._running.items() if count]
