"""The real tools that apply migrations, each in a folder that is the repository, and psql for scripts."""

import fcntl
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from tests.rewrites.clones import OWNER, Clone

_PACKAGE = "dbmate@2.36.0"


class Failed(Exception):
    """The tool did not apply or undo the migration; the message is what it said."""


class NoWayBack(Failed):
    """The tool undoes nothing."""


class Tool(Protocol):
    """Applies what is new in the folder, and undoes what it applied last."""

    def up(self, root: Path, clone: Clone, path: str) -> None:
        """Applies the file, the only one that is new. Raises Failed."""
        ...

    def down(self, root: Path, clone: Clone, path: str) -> None:
        """Undoes the file, the last that was applied. Raises Failed."""
        ...


def run_script(root: Path, clone: Clone, path: str) -> None:
    """As the plan and the script itself say it is run. Raises Failed."""
    psql = shutil.which("psql") or str(clone.server.installation / "bin" / "psql")
    run([psql, "-X", "-v", "ON_ERROR_STOP=1", "-f", path, clone.url()], root)


def run(command: list[str], root: Path) -> str:
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed((done.stderr + done.stdout).strip()[-600:])
    return done.stdout


class Dbmate:
    """The binary that the npm package `dbmate` brings."""

    def __init__(self, program: str) -> None:
        self.program = program

    def up(self, root: Path, clone: Clone, path: str) -> None:
        self._run(root, clone, path, "migrate", "--strict")

    def down(self, root: Path, clone: Clone, path: str) -> None:
        self._run(root, clone, path, "rollback")

    def _run(self, root: Path, clone: Clone, path: str, *verb: str) -> None:
        folder = path.rpartition("/")[0]
        socket = quote(str(clone.server.folder / "socket"), safe="/")
        url = f"postgres://{OWNER}@/{clone.name}?host={socket}&sslmode=disable"
        run([self.program, "--url", url, "-d", folder, "--no-dump-schema", *verb], root)


@cache
def dbmate() -> Dbmate | str:
    """The tool, or why it cannot be had: from PATH, else by npm into a folder that the next run finds."""
    if (found := shutil.which("dbmate")) is not None:
        return Dbmate(found)
    modules = from_npm(_PACKAGE)
    if isinstance(modules, str):
        return modules
    programs = sorted(modules.glob("@dbmate/*/bin/dbmate"))
    return Dbmate(str(programs[0])) if programs else "the package dbmate brings no program for this machine"


def from_npm(*packages: str) -> Path | str:
    """The folder of modules with these packages, which the next run finds, or why they cannot be had."""
    if (npm := shutil.which("npm")) is None:
        return f"npm, which has {packages[0]}, is not installed"
    folder = Path.home() / ".cache" / "migsafe-tests" / "+".join(packages)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another worker may be at it
        if not (folder / "node_modules").is_dir():
            install = [npm, "install", "--prefix", str(folder), "--no-fund", "--no-audit", *packages]
            done = subprocess.run(install, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                return f"npm cannot install {packages[0]}: {done.stderr.strip()[-200:]}"
    return folder / "node_modules"
