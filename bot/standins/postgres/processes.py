"""Runs PostgreSQL's programs as child processes: never as root, and never longer than the process that started them."""

import os
import pwd
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from bot.standins.postgres.installation import PostgresError

# One thread that lives as long as the process: the kernel ends a server when the thread that started it ends.
_starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="postgres-starter")

# Runs first in every child: gives up root, and asks the kernel to end it with us (immediate shutdown).
_STUB = """
import ctypes, os, sys
owner, uid, gid, *command = sys.argv[1:]
libc = ctypes.CDLL(None)
if int(uid) != os.geteuid():
    os.setgroups([])
    os.setgid(int(gid))
    os.setuid(int(uid))
os.umask(0o077)
if sys.platform == "linux":
    libc.prctl(1, 3)
    if os.getppid() != int(owner):
        sys.exit(1)
os.execv(command[0], command)
"""

_RUN_SECONDS = 60.0
_STOP_SECONDS = 10.0


def account() -> tuple[int, int]:
    """User and group that the server runs as: PostgreSQL refuses to be root."""
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def run(installation: Path, folder: Path, program: str, *arguments: str) -> None:
    """Runs a program to its end; raises PostgresError with the end of what it wrote."""
    result = _starter.submit(
        subprocess.run,
        _command(installation, program, *arguments),
        env=_environment(folder),
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=_RUN_SECONDS,
    ).result()
    if result.returncode != 0:
        raise PostgresError(f"{program} failed: {result.stdout.decode(errors='replace').strip()[-500:]}")


def spawn(installation: Path, folder: Path, program: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Starts a program that writes to the folder's `log`."""
    command = _command(installation, program, *arguments)
    return _starter.submit(_spawn, command, _environment(folder), folder / "log").result()


def end(process: subprocess.Popen[bytes]) -> None:
    """Stops it with a fast shutdown; if that takes too long, an immediate one; at last with SIGKILL."""
    for ending in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        process.send_signal(ending)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
            return


def _command(installation: Path, program: str, *arguments: str) -> list[str]:
    uid, gid = account()
    stub = [sys.executable, "-I", "-S", "-c", _STUB, str(os.getpid()), str(uid), str(gid)]
    return [*stub, str(installation / "bin" / program), *arguments]


def _environment(folder: Path) -> dict[str, str]:
    path = os.environ.get("PATH", os.defpath)
    return {"PATH": path, "LC_ALL": "C", "TZ": "UTC", "HOME": str(folder), "PGCONNECT_TIMEOUT": "10"}


def _spawn(command: list[str], environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(
            command,
            env=environment,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
