"""Connections that ask nothing are shown out, and take no place from those who ask."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.app import server
from bot.server import door
from bot.server.webhook import healthz

SILENT = b""
HALF = b"POST /webhook HTTP/1.1\r\nHost: a\r\n"
WITHOUT_BODY = b"GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"


async def slow(request: Request) -> Response:
    await asyncio.sleep(float(request.query_params["seconds"]))
    return PlainTextResponse("done")


@contextlib.asynccontextmanager
async def serving() -> AsyncGenerator[int, None]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    routes = [Route("/healthz", healthz), Route("/slow", slow), Route("/webhook", slow, methods=["POST"])]
    running: uvicorn.Server = server(Starlette(routes=routes), "127.0.0.1", port)
    task = asyncio.create_task(running._serve())
    while not running.started:
        await asyncio.sleep(0.01)
    try:
        yield port
    finally:
        running.should_exit = True
        await task


def run(story: Callable[[int], Awaitable[None]]) -> None:
    async def told() -> None:
        async with serving() as port:
            await story(port)

    asyncio.run(asyncio.wait_for(told(), 60))


async def connected(port: int, first: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(first)
    await writer.drain()
    return reader, writer


async def ended(reader: asyncio.StreamReader) -> bool:
    """Waits until the other side has closed the connection."""
    try:
        while await reader.read(1000):
            pass
    except ConnectionError:
        pass
    return True


@pytest.mark.parametrize("first", [SILENT, HALF, WITHOUT_BODY], ids=["silent", "half a head", "a body that is missing"])
def test_however_many_connections_ask_nothing_others_are_answered(first: bytes) -> None:
    async def story(port: int) -> None:
        crowd = [await connected(port, first) for _ in range(450)]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            for _ in range(20):
                assert (await http.get("/healthz", headers={"connection": "close"})).status_code == 200
        for _, writer in crowd:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    run(story)


def test_a_connection_that_asks_nothing_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "HEAD", 0.3)

    async def story(port: int) -> None:
        silent, other = await connected(port, SILENT)
        half, writer = await connected(port, HALF)
        for _ in range(4):
            with contextlib.suppress(ConnectionError):
                writer.write(b"X: y\r\n")  # a byte now and then gains no time
            await asyncio.sleep(0.1)
        assert await asyncio.wait_for(ended(silent), 10)
        assert await asyncio.wait_for(ended(half), 10)
        for one in (other, writer):
            one.close()
            with contextlib.suppress(ConnectionError):
                await one.wait_closed()

    run(story)


def test_an_answer_may_take_longer_than_a_head(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "HEAD", 0.3)

    async def story(port: int) -> None:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            assert (await http.get("/slow?seconds=1")).text == "done"
            await asyncio.sleep(0.6)  # idle between two requests is another time
            assert (await http.get("/slow?seconds=0")).text == "done"

    run(story)


def test_the_address_with_most_silent_connections_makes_room_first() -> None:
    class Known:
        def __init__(self, address: str, since: float) -> None:
            self.client, self.silent_since, self.closed = (address, 1), since, False

        def close(self) -> None:
            self.closed = True

    crowd = [Known("203.0.113.1", 1.0), Known("203.0.113.9", 3.0), Known("203.0.113.9", 2.0)]
    door._show_out(crowd)  # type: ignore[arg-type]
    assert [one.closed for one in crowd] == [False, False, True]


def test_more_requests_at_once_than_are_taken_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "MOST_ASKING", 5)

    async def story(port: int) -> None:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            asked = await asyncio.gather(*(http.get("/slow?seconds=1") for _ in range(12)))
        assert {answer.status_code for answer in asked} == {200, 503}

    run(story)
