"""Whose turn it is when children are fewer than callers: one for each installation, small files before large ones."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass

_SMALL = 128 * 1024
"""Bytes: what a pull request of one ordinary file asks. Time grows with size, so it takes a second or two."""
_LONG = 3.0
"""Seconds after which a turn counts as long, however small it is."""


@dataclass(slots=True, eq=False)
class _Asked:
    """A turn that is waited for, or held, since a moment."""

    installation: int
    size: int
    since: float
    turn: asyncio.Future[None]

    def rank(self, running: int, now: float) -> tuple[int, float]:
        """The smallest is next: an installation with the fewest turns, then the smallest for how long it waits."""
        return running, self.size / (1.0 + now - self.since)

    def is_long(self, now: float) -> bool:
        return self.size > _SMALL or now - self.since >= _LONG


class Turns:
    """`children` turns at a time, and two more for an installation that has none: it does not wait for long ones.

    One is for where another installation has several: alone it may use every child, and with others waiting it gets no
    second one. The other is for what is small while all turns are long, of however many installations.
    """

    def __init__(self, children: int) -> None:
        self._children = children
        self._held: list[_Asked] = []
        self._waiting: list[_Asked] = []

    @contextlib.asynccontextmanager
    async def turn(self, installation: int, size: int) -> AsyncGenerator[None, None]:
        """Waits for a turn, and holds it. `size` is in bytes."""
        loop = asyncio.get_running_loop()
        asked = _Asked(installation, size, time.monotonic(), loop.create_future())
        self._waiting.append(asked)
        self._give_turns()
        try:
            await asked.turn
        except asyncio.CancelledError:
            if asked.turn.done() and not asked.turn.cancelled():
                self._end_turn(asked)
            else:
                self._waiting.remove(asked)
            raise
        looking = loop.call_later(_LONG, self._give_turns)
        try:
            yield
        finally:
            looking.cancel()
            self._end_turn(asked)

    def _end_turn(self, asked: _Asked) -> None:
        self._held.remove(asked)
        self._give_turns()

    def _give_turns(self) -> None:
        while self._waiting:
            now = time.monotonic()
            held = Counter(one.installation for one in self._held)
            chosen = min(self._waiting, key=lambda one: one.rank(held[one.installation], now))
            if len(self._held) >= self._most(chosen, held, now):
                return
            self._waiting.remove(chosen)
            self._held.append(chosen)
            chosen.since = now
            chosen.turn.set_result(None)

    def _most(self, asked: _Asked, held: Counter[int], now: float) -> int:
        """Of so many turns one may be this."""
        if held[asked.installation]:
            return self._children
        unfair = self._children > 1 and any(count > 1 for count in held.values())
        urgent = asked.size <= _SMALL and all(one.is_long(now) for one in self._held)
        return self._children + unfair + urgent
