"""The real tools for files of SQL besides dbmate: sql-migrate and Sqitch from PATH, Drizzle and the Supabase CLI by npm.

Not among them are goose, golang-migrate, sqlx, diesel, Flyway and Prisma: what is written for them is only read again.
"""

import json
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from tests.rewrites.clones import OWNER, Clone
from tests.rewrites.tools import NoWayBack, from_npm, run


def _socket(clone: Clone) -> str:
    return str(clone.server.folder / "socket")


@dataclass(frozen=True, slots=True)
class SqlMigrate:
    """One string a statement, in a transaction unless the file says otherwise."""

    program: str

    def up(self, root: Path, clone: Clone, path: str) -> None:
        self._run(root, clone, path, "up")

    def down(self, root: Path, clone: Clone, path: str) -> None:
        self._run(root, clone, path, "down")

    def _run(self, root: Path, clone: Clone, path: str, verb: str) -> None:
        source = f"dbname={clone.name} user={OWNER} host={_socket(clone)} sslmode=disable"
        folder = path.rpartition("/")[0]
        settings = {"development": {"dialect": "postgres", "datasource": source, "dir": folder}}
        (root / "dbconfig.yml").write_text(json.dumps(settings))
        run([self.program, verb], root)


@dataclass(frozen=True, slots=True)
class Sqitch:
    """psql, one statement after the other, with the transaction that the file has."""

    program: str

    def up(self, root: Path, clone: Clone, path: str) -> None:
        if not (root / "sqitch.plan").exists():
            self._run(root, "init", "shop", "--engine", "pg")
        change = _change(path)
        if change not in _planned(root):
            self._run(root, "add", change, "--note", change)
        self._run(root, "deploy", self._target(clone))

    def down(self, root: Path, clone: Clone, path: str) -> None:
        earlier = _planned(root)[: _planned(root).index(_change(path))]
        self._run(root, "revert", "-y", self._target(clone), *(["--to", earlier[-1]] if earlier else []))

    def _target(self, clone: Clone) -> str:
        return f"db:pg://{OWNER}@/{clone.name}?host={quote(_socket(clone), safe='')}"

    def _run(self, root: Path, *words: str) -> None:
        run([self.program, *words], root)


def _change(path: str) -> str:
    return path.removeprefix("deploy/").removesuffix(".sql")


def _planned(root: Path) -> list[str]:
    lines = (root / "sqitch.plan").read_text().splitlines()
    return [line.split()[0] for line in lines if line and not line.startswith("%")]


@dataclass(frozen=True, slots=True)
class Drizzle:
    """All pending files in one transaction, and no way back."""

    modules: Path

    _MIGRATE: ClassVar[str] = """\
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import pg from "pg";
const [host, database, user] = process.argv.slice(2);
const client = new pg.Client({ host, database, user });
await client.connect();
try { await migrate(drizzle(client), { migrationsFolder: "drizzle" }); } finally { await client.end(); }
"""

    def up(self, root: Path, clone: Clone, path: str) -> None:
        if not (root / "node_modules").exists():
            (root / "node_modules").symlink_to(self.modules)
            (root / "migrate.mjs").write_text(self._MIGRATE)
        journal = root / "drizzle" / "meta" / "_journal.json"
        journal.parent.mkdir(exist_ok=True)
        known = json.loads(journal.read_text())["entries"] if journal.exists() else []
        tag = path.rpartition("/")[2].removesuffix(".sql")
        if tag not in [entry["tag"] for entry in known]:
            known += [{"idx": len(known), "version": "7", "when": 1000 + len(known), "tag": tag, "breakpoints": True}]
        journal.write_text(json.dumps({"version": "7", "dialect": "postgresql", "entries": known}))
        run(["node", "migrate.mjs", _socket(clone), clone.name, OWNER], root)

    def down(self, root: Path, clone: Clone, path: str) -> None:  # noqa: ARG002
        raise NoWayBack(f"Drizzle does not undo {path}")


@dataclass(frozen=True, slots=True)
class Supabase:
    """A file's statements sent together, and no way back."""

    program: str

    def up(self, root: Path, clone: Clone, path: str) -> None:
        assert path.startswith("supabase/migrations/")
        url = f"postgresql://{OWNER}:none@localhost/{clone.name}?host={quote(_socket(clone), safe='')}&sslmode=disable"
        run([self.program, "db", "push", "--yes", "--db-url", url], root)

    def down(self, root: Path, clone: Clone, path: str) -> None:  # noqa: ARG002
        raise NoWayBack(f"Supabase does not undo {path}")


def sql_migrate() -> SqlMigrate | str:
    found = shutil.which("sql-migrate")
    return SqlMigrate(found) if found else "sql-migrate is not installed"


def sqitch() -> Sqitch | str:
    found = shutil.which("sqitch")
    return Sqitch(found) if found else "sqitch is not installed"


@cache
def drizzle() -> Drizzle | str:
    modules = from_npm("drizzle-orm@0.45.1", "pg@8.16.3")
    return modules if isinstance(modules, str) else Drizzle(modules)


@cache
def supabase() -> Supabase | str:
    modules = from_npm("supabase@2.117.0")
    return modules if isinstance(modules, str) else Supabase(str(modules / ".bin" / "supabase"))
