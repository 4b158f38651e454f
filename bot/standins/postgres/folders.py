"""The folder of one server: made where its user and socket can be, locked by its owner, deleted after a kill."""

import fcntl
import os
import shutil
import signal
import stat
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from bot.standins.postgres.installation import PostgresError, open_to_others
from bot.standins.postgres.processes import account

PREFIX = "migsafe-postgres-"
_SOCKET_PATH_LIMIT = 107
"""The most bytes of a unix socket's path on Linux."""
_FRESH_SECONDS = 60.0
"""A folder without a lock that is younger than this may be in use: its owner is about to lock it."""


def make_folder() -> tuple[Path, IO[str]]:
    """A new folder, and its owner's lock on it. Raises PostgresError."""
    parent = next((parent for parent in temporary_folders() if _suits(parent)), None)
    if parent is None:
        raise PostgresError(
            "No temporary folder is accessible to the server's user and has a path short enough for a socket."
        )
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    lock = (folder / "owner").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return folder, lock


def hand_over(folder: Path) -> None:
    """Creates the subfolders that the server's user writes to."""
    uid, gid = account()
    if uid != os.geteuid():
        folder.chmod(0o711)
    for part in ("data", "socket"):
        (folder / part).mkdir(mode=0o700)
        os.chown(folder / part, uid, gid)


def sweep() -> None:
    """Deletes the folders of servers whose owners were killed; those of living owners are locked."""
    for parent in temporary_folders():
        for folder in parent.glob(f"{PREFIX}*"):
            with suppress(OSError):
                _sweep_folder(folder)


def temporary_folders() -> list[Path]:
    """Places for a server's folder, the best first."""
    return [path for path in dict.fromkeys(map(Path, (tempfile.gettempdir(), "/tmp", "/var/tmp"))) if path.is_dir()]


def _suits(parent: Path) -> bool:
    socket = f"{parent}/{PREFIX}12345678/socket/.s.PGSQL.5432.lock"
    if len(os.fsencode(socket)) > _SOCKET_PATH_LIMIT or not os.access(parent, os.W_OK | os.X_OK):
        return False
    return os.geteuid() != 0 or open_to_others(parent)


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
    """Whether no server uses `data` any more; asks a server that outlived its owner to stop."""
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
