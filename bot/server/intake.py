"""The bodies of requests whose sender is not known yet: they may take up a bounded part of the memory, and no place."""

import asyncio
import contextlib
from collections.abc import Iterator

MOST = 64 * 1024 * 1024
"""Bytes of all bodies that are being read; GitHub's largest delivery has 25 MB."""

_RUSH = 8


class Intake:
    """Counts what is being read. When there is too much, whoever has been at it longest is cut off.

    A delivery of GitHub arrives at once, so slow senders cannot keep one out, however many they are.
    """

    def __init__(self, most: int = MOST) -> None:
        self.asking = 0
        """Deliveries that have arrived and wait for their answer."""
        self._most = most
        self._held: dict[asyncio.Timeout, int] = {}

    @property
    def is_rushed(self) -> bool:
        """Whether so many deliveries arrive at once that they should have the processor for themselves."""
        return self.asking + len(self._held) > _RUSH

    @contextlib.contextmanager
    def answering(self) -> Iterator[None]:
        self.asking += 1
        try:
            yield
        finally:
            self.asking -= 1

    @contextlib.contextmanager
    def reading(self, limit: asyncio.Timeout) -> Iterator[bytearray]:
        """A body to be filled with `add`; it is cut off by making `limit` expire."""
        self._held[limit] = 0
        try:
            yield bytearray()
        finally:
            del self._held[limit]

    def add(self, limit: asyncio.Timeout, body: bytearray, chunk: bytes) -> None:
        body += chunk
        self._held[limit] += len(chunk)
        over = sum(self._held.values()) - self._most
        for other, held in self._held.items():
            if over <= 0:
                return
            if not other.expired() and other is not limit:
                other.reschedule(asyncio.get_running_loop().time())
                over -= held
