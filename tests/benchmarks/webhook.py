"""How long a delivery waits for its answer: signed, sent over HTTP, stored, answered.

    python -m tests.benchmarks.webhook [DELIVERIES] [POSTGRESQL-URL]

The server is the real App under uvicorn in a process of its own, with its state in a new SQLite file (or in the given
database), synchronous=FULL. The load is 20 deliveries a second, then a burst over ten connections.
"""

import asyncio
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any

import httpx

from bot.app import create, server
from bot.runtime import logs
from bot.runtime.settings import Settings
from bot.server.webhook import signature

SECRET = "benchmark"
PAYLOAD: dict[str, Any] = {
    "action": "synchronize",
    "installation": {"id": 7},
    "repository": {"id": 42, "full_name": "acme/shop"},
    "pull_request": {"number": 5, "head": {"sha": "a" * 40}, "base": {"sha": "b" * 40}},
    "padding": "x" * 27_000,
}


async def main(deliveries: int, state: str | None) -> None:
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        command = [sys.executable, "-m", "tests.benchmarks.webhook", "--serve", str(port)]
        process = subprocess.Popen([*command, state or f"sqlite:///{folder}/migsafe.db"], stderr=subprocess.DEVNULL)
        try:
            limits = httpx.Limits(max_connections=10)
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", limits=limits, timeout=30) as http:
                await up(http)
                await even(http, 20)
                report("20 a second", await even(http, deliveries))
                report("burst, 10 connections", await burst(http, deliveries))
        finally:
            process.terminate()
            process.wait()


async def up(http: httpx.AsyncClient) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                if (await http.get("/healthz")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.05)


async def even(http: httpx.AsyncClient, deliveries: int) -> list[float]:
    async def later(number: int) -> float:
        await asyncio.sleep(number / 20)
        return await deliver(http)

    return await asyncio.gather(*(later(number) for number in range(deliveries)))


async def burst(http: httpx.AsyncClient, deliveries: int) -> list[float]:
    slots = asyncio.Semaphore(10)

    async def one() -> float:
        async with slots:
            return await deliver(http)

    return await asyncio.gather(*(one() for _ in range(deliveries)))


async def deliver(http: httpx.AsyncClient) -> float:
    body = json.dumps(PAYLOAD).encode()
    headers = {
        "content-type": "application/json",
        "x-github-event": "pull_request",
        "x-github-delivery": f"{time.monotonic_ns()}",
        "x-hub-signature-256": f"sha256={signature(body, SECRET)}",
    }
    begun = time.perf_counter()
    answer = await http.post("/webhook", content=body, headers=headers)
    took = time.perf_counter() - begun
    assert answer.status_code == 202, answer.text
    return took


def report(what: str, seconds: list[float]) -> None:
    cuts = statistics.quantiles(seconds, n=100)
    print(f"{what}: {len(seconds)} stored, p50 {cuts[49] * 1000:.1f} ms, p99 {cuts[98] * 1000:.1f} ms", flush=True)


def serve(port: int, state: str) -> None:
    logs.configure("json")
    settings = Settings(1, "no key", (SECRET,), "http://127.0.0.1:9", state)
    server(create(settings, worker=False), "127.0.0.1", port).run()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(int(sys.argv[2]), sys.argv[3])
    else:
        asyncio.run(main(int(sys.argv[1]) if sys.argv[1:] else 200, sys.argv[2] if sys.argv[2:] else None))
