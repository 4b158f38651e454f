"""`migsafe serve` in a process of its own, set up against a stand-in for GitHub."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bot.standins.github import StandIn

PATIENCE = 45.0
"""Seconds that the App may take to start."""


class NotServing(Exception):
    """The App did not start; the message holds the end of its log."""


class AppProcess:
    """A running App, its port, and its log."""

    def __init__(self, command: list[str], environment: dict[str, str], port: int, log: Path) -> None:
        self.command = command
        self.environment = environment
        self.base = f"http://127.0.0.1:{port}"
        self.hook = f"{self.base}/webhook"
        self.log = log
        self.process = self._spawn()

    def trouble(self) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text("utf-8", "replace").strip().splitlines()[-15:])

    def kill(self) -> None:
        """Sends SIGKILL, like a machine that fails."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def start_again(self) -> None:
        self.process = self._spawn()
        self.wait_until_ready()

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def wait_until_ready(self) -> None:
        """Returns once it answers `/readyz`. Raises NotServing."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if httpx.get(f"{self.base}/readyz", timeout=2).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.05)
        raise NotServing(self.trouble())

    def _spawn(self) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as output:
            return subprocess.Popen(
                self.command,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=Path(__file__).resolve().parents[2],
            )


@contextmanager
def run_app(github: StandIn, folder: Path, databases: str = "", **more: str) -> Iterator[AppProcess]:
    """The App, ready, with its state in `folder`; `databases` is the text of a MIGSAFE_REPLICAS file."""
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("MIGSAFE_")},
        "MIGSAFE_APP_ID": str(github.app_id),
        "MIGSAFE_PRIVATE_KEY": github.private_key,
        "MIGSAFE_WEBHOOK_SECRET": github.webhook_secret,
        "MIGSAFE_GITHUB_URL": github.url,
        "MIGSAFE_STATE": f"sqlite:///{folder / 'migsafe.db'}",
        "MIGSAFE_LOG": "text",
        **more,
    }
    if databases:
        file = folder / "databases.toml"
        file.write_text(databases, "utf-8")
        environment["MIGSAFE_REPLICAS"] = str(file)
    command = [sys.executable, "-m", "bot", "serve", "--host", "127.0.0.1", "--port", str(port)]
    app = AppProcess(command, environment, port, folder / "serve.log")
    try:
        app.wait_until_ready()
        yield app
    finally:
        app.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
