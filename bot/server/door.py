"""The door for connections: whoever connects and asks nothing is shown out, and takes no place from those who ask.

uvicorn limits the time between requests, not the time to a first one or to the end of its head.
"""

import asyncio
from collections import Counter

from typing_extensions import override
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD = 10.0
"""Seconds from the connection, or from the first byte of a further request, to the end of the request's head."""
MOST_SILENT = 600
"""Connections without a request; with more, the longest silent one of the address that has most of them is closed."""
MOST_ASKING = 600
"""Connections with a request; those beyond are answered 503. Silent ones do not count."""


class Door(H11Protocol):
    """One connection."""

    silent_since: float = 0.0
    _timer: asyncio.TimerHandle | None = None

    @property
    def is_silent(self) -> bool:
        """Whether it has no request that waits for an answer."""
        return self.cycle is None or self.cycle.response_complete

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()
        silent = self._silent()
        if len(silent) > MOST_SILENT:
            _show_out(silent)

    @override
    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self.is_silent:
            self._stop_waiting()
        elif self._timer is None:
            self._await_head()

    @override
    def handle_events(self) -> None:
        self.limit_concurrency = MOST_ASKING + len(self._silent())
        super().handle_events()

    @override
    def on_response_complete(self) -> None:
        self.silent_since = self.loop.time()
        super().on_response_complete()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def close(self) -> None:
        self._stop_waiting()
        if not self.transport.is_closing():
            self.transport.abort()

    def _silent(self) -> list["Door"]:
        return [one for one in self.connections if isinstance(one, Door) and one.is_silent]

    def _await_head(self) -> None:
        self.silent_since = self.loop.time()
        self._timer = self.loop.call_later(HEAD, self.close)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _show_out(silent: list[Door]) -> None:
    """Behind a proxy all have its address, and the longest silent one goes."""
    addresses = Counter(_address(one) for one in silent)
    min(silent, key=lambda one: (-addresses[_address(one)], one.silent_since)).close()


def _address(door: Door) -> str:
    return door.client[0] if door.client is not None else ""
