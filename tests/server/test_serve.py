"""`migsafe serve` as a process: it survives kill -9, stops when asked, and names all problems at once."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from bot.standins.github import StandIn, webhooks
from tests.support.at_github import stand_in
from tests.support.places import ROOT


@dataclass
class Served:
    process: "subprocess.Popen[bytes]"
    port: int

    @property
    def hook(self) -> str:
        return f"http://127.0.0.1:{self.port}/webhook"

    async def up(self) -> "Served":
        async with asyncio.timeout(20), httpx.AsyncClient() as http:
            while True:
                assert self.process.poll() is None
                with contextlib.suppress(httpx.TransportError):
                    if (await http.get(f"http://127.0.0.1:{self.port}/readyz")).status_code == 200:
                        return self
                await asyncio.sleep(0.05)

    async def ended(self) -> int:
        return await asyncio.to_thread(self.process.wait, 15)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Starts `migsafe serve` on the same state each time; all of them are killed in the end."""
    running: list[Served] = []

    def start(github: StandIn, *options: str) -> Served:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "MIGSAFE_APP_ID": str(github.app_id),
            "MIGSAFE_PRIVATE_KEY": github.private_key,
            "MIGSAFE_WEBHOOK_SECRET": github.webhook_secret,
            "MIGSAFE_GITHUB_URL": github.url,
            "MIGSAFE_STATE": f"sqlite:///{tmp_path}/migsafe.db",
        }
        command = [sys.executable, "-m", "bot", "serve", "--port", str(port), *options]
        with (tmp_path / "log").open("ab") as log:
            process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=log, stderr=log)
        running.append(Served(process, port))
        return running[-1]

    yield start
    for served in running:
        served.process.kill()
        served.process.wait()


def test_kill_9_between_the_delivery_and_the_review_loses_nothing(serve: Callable[..., Served], tmp_path: Path) -> None:
    async def story() -> None:
        async with stand_in() as github:
            repository = github.add_repository("acme/shop", files={"README.md": "# Shop\n"})
            served = await serve(github).up()
            pulls = [github.open_pull_request(repository, {f"docs/{n}.md": "x\n"}, head=f"b{n}") for n in range(4)]
            for pull in pulls:
                delivery = await webhooks.deliver(
                    github, served.hook, "pull_request", webhooks.pull_request(github, pull, "opened")
                )
                assert delivery.status_code == 202
            served.process.send_signal(signal.SIGKILL)
            await served.ended()
            await serve(github).up()
            async with asyncio.timeout(20):
                while not all(
                    [run.conclusion for run in github.check_runs_of(pull.head_sha)] == ["success"] for pull in pulls
                ):
                    await asyncio.sleep(0.05)
            assert not any(github.reviews_of(pull) for pull in pulls)

    asyncio.run(story())
    log = (tmp_path / "log").read_text()
    assert "PRIVATE KEY" not in log
    assert "Traceback" not in log


def test_stops_when_asked_and_the_next_one_takes_over(serve: Callable[..., Served]) -> None:
    async def story() -> None:
        async with stand_in() as github:
            repository = github.add_repository("acme/shop", files={"README.md": "# Shop\n"})
            first = await serve(github).up()
            second = await serve(github).up()
            first.process.send_signal(signal.SIGTERM)
            assert await first.ended() in (0, -signal.SIGTERM, 128 + signal.SIGTERM)
            pull = github.open_pull_request(repository, {"docs/x.md": "x\n"})
            await webhooks.deliver(github, second.hook, "pull_request", webhooks.pull_request(github, pull, "opened"))
            async with asyncio.timeout(20):
                while [run.conclusion for run in github.check_runs_of(pull.head_sha)] != ["success"]:
                    await asyncio.sleep(0.05)

    asyncio.run(story())


def test_what_is_wrong_in_the_environment_is_said_at_once_without_a_traceback(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "MIGSAFE_APP_ID": "x", "PORT": "y"}
    ended = subprocess.run(
        [sys.executable, "-m", "bot", "serve"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    for name in ("MIGSAFE_APP_ID", "MIGSAFE_PRIVATE_KEY", "MIGSAFE_WEBHOOK_SECRET", "PORT"):
        assert name in ended.stderr


def test_a_state_that_cannot_be_opened_is_said_in_one_line(tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "MIGSAFE_APP_ID": "1",
        "MIGSAFE_PRIVATE_KEY": StandIn().private_key,
        "MIGSAFE_WEBHOOK_SECRET": "s",
        "MIGSAFE_STATE": "postgresql://migsafe:hunter2@127.0.0.1:1/migsafe",
    }
    command = [sys.executable, "-m", "bot", "serve"]
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "MIGSAFE_STATE cannot be opened" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "hunter2" not in ended.stderr


def test_an_unregistered_app_prints_a_token_for_its_set_up(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "serve", "--port", str(port)],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert f"http://localhost:{port}/setup and enter this token: " in process.stdout.readline()
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
