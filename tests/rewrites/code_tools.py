"""The real tools of migrations that are code: Alembic in this process, Active Record in one of Ruby's."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError

from tests.rewrites.clones import OWNER, Clone
from tests.rewrites.tools import Failed


class Alembic:
    """Of the development dependencies, with an env.py as `alembic init` writes it."""

    def up(self, root: Path, clone: Clone, path: str) -> None:
        self._run(root, clone, path, up=True)

    def down(self, root: Path, clone: Clone, path: str) -> None:
        self._run(root, clone, path, up=False)

    def _run(self, root: Path, clone: Clone, path: str, *, up: bool) -> None:
        config = Config()
        config.set_main_option("script_location", str(root / path.split("/")[0]))
        config.set_main_option("path_separator", "os")
        url = f"postgresql+psycopg://{OWNER}@/{clone.name}?host={clone.server.folder / 'socket'}"
        config.set_main_option("sqlalchemy.url", url)
        try:
            if up:
                command.upgrade(config, "head")
            else:
                command.downgrade(config, "-1")
        except (SQLAlchemyError, CommandError, NotImplementedError, SyntaxError, NameError, TypeError) as trouble:
            raise Failed(f"{type(trouble).__name__}: {trouble}"[:600]) from trouble


@dataclass(slots=True)
class ActiveRecord:
    """One process of Ruby for all cases: loading Active Record takes longer than a case."""

    process: subprocess.Popen[str]

    def up(self, root: Path, clone: Clone, path: str) -> None:
        self._ask(root, clone, path, "up")

    def down(self, root: Path, clone: Clone, path: str) -> None:
        self._ask(root, clone, path, "down")

    def _ask(self, root: Path, clone: Clone, path: str, verb: str) -> None:
        database = {"host": str(clone.server.folder / "socket"), "database": clone.name, "username": OWNER}
        asked = {"folder": str(root / path.rpartition("/")[0]), "verb": verb, "database": database}
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "trouble" in answer:
            raise Failed(answer["trouble"][:600])


@cache
def active_record() -> ActiveRecord | str:
    """The tool, as Debian's ruby-activerecord and ruby-pg bring it, or why it cannot be had."""
    ruby = shutil.which("ruby")
    if ruby is None:
        return "Ruby is not installed"
    probe = [ruby, "-e", 'require "logger"; require "active_record"; require "pg"; print ActiveRecord.version']
    found = subprocess.run(probe, capture_output=True, text=True, check=False)
    if found.returncode != 0:
        return "Active Record or pg is not installed for Ruby"
    runner = str(Path(__file__).parent / "rails_runner.rb")
    process = subprocess.Popen([ruby, "-W0", runner], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    return ActiveRecord(process)
