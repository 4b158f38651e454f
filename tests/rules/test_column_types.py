"""A column gets another type while old code writes, on real servers: nothing fails, nothing differs, and back again."""

import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from string import Template

import psycopg
import pytest
from psycopg import sql

from bot.core.judging.analysis import analyse
from bot.core.judging.findings import SafeRewrite, Step, StepKind
from bot.core.judging.framework import Files, SourceFile
from bot.core.judging.policy import Policy
from bot.core.language import operations as op
from bot.core.schema.asked import EVERYTHING
from bot.core.schema.catalog import Catalog
from bot.frameworks import framework_named
from bot.replica.snapshot import take_snapshot_now
from bot.rules import RULES
from bot.sql import write_statement
from bot.sql.writing.batches import write_batches
from bot.standins.postgres import Server, start
from tests.sql.test_batches import quick, run_script

_ELDER = Path("/usr/lib/postgresql/15")
_PATH = "db/migrations/20260101000000_example.sql"

_EVENTS = """
CREATE TABLE events (id serial PRIMARY KEY, body text, kind integer NOT NULL DEFAULT 7);
INSERT INTO events (body, kind) SELECT 'b' || n, n FROM generate_series(1, 60) AS n;
"""
_TAGS = """
CREATE TABLE tags (id bigint PRIMARY KEY, event_id integer REFERENCES events ON DELETE CASCADE, tag text);
CREATE INDEX tags_event_id_idx ON tags (event_id);
INSERT INTO tags SELECT n, n, 't' || n FROM generate_series(1, 60) AS n;
"""
_KINDS = """
CREATE VIEW kinds WITH (security_barrier = true) AS SELECT id, kind AS k FROM events WHERE kind > 2
  WITH CASCADED CHECK OPTION;
CREATE VIEW counted AS SELECT k, count(*) AS n FROM kinds GROUP BY k;
ALTER VIEW counted OWNER TO clerk;
GRANT SELECT ON kinds TO clerk;
GRANT SELECT (k) ON kinds TO PUBLIC;
ALTER VIEW kinds ALTER COLUMN k SET DEFAULT 9;
COMMENT ON VIEW kinds IS 'the kinds';
COMMENT ON COLUMN kinds.k IS 'a kind';
"""
_WRITE_EVENTS = (
    "INSERT INTO events (body) VALUES ('new $n')",
    "INSERT INTO events (body, kind) VALUES ('newer $n', $n)",
    "UPDATE events SET kind = kind + 1000 WHERE body = 'b$n'",
    "UPDATE events SET body = body || '!' WHERE body = 'b$n'",
    "DELETE FROM events WHERE body = 'b4$n'",
    "SELECT id, kind FROM events WHERE kind = $n",
)


@dataclass(frozen=True, slots=True)
class Case:
    """The tables, the statement, and what running code does between any two steps; `$n` counts up.

    `differs` names what else may differ at the end: words of lines of the dump.
    """

    given: str
    sql: str
    code: tuple[str, ...] = _WRITE_EVENTS
    differs: tuple[str, ...] = ()
    before: str = ""
    """What the author's statement needs to be run before it, where PostgreSQL refuses it."""
    after: str = ""
    unnamed: tuple[str, ...] = ()
    """What code does that names no columns, until the step before which it has to."""
    zone: str = "America/New_York"


CASES = {
    "a plain column": Case(_EVENTS, "ALTER TABLE events ALTER COLUMN kind TYPE bigint"),
    "several columns": Case(
        _EVENTS + "CREATE INDEX two ON events (kind, lower(body)) WHERE kind > 3;",
        "ALTER TABLE events ALTER COLUMN kind TYPE bigint, ALTER COLUMN body TYPE varchar(300)",
    ),
    "a serial key": Case(_EVENTS, "ALTER TABLE events ALTER COLUMN id TYPE bigint", differs=("AS integer",)),
    "a column with another default": Case(
        _EVENTS,
        "ALTER TABLE events ALTER COLUMN kind DROP DEFAULT, ALTER COLUMN kind TYPE text USING kind::text, "
        "ALTER COLUMN kind SET DEFAULT 'none'",
        ("INSERT INTO events (body, kind) VALUES ('new $n', '$n')", "SELECT kind FROM events WHERE body = 'b$n'"),
    ),
    "everything on a column": Case(
        """
        CREATE TABLE events (
          id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text,
          kind integer CONSTRAINT has_kind NOT NULL DEFAULT 7 CONSTRAINT positive CHECK (kind > 0),
          UNIQUE (kind, body) INCLUDE (id));
        INSERT INTO events (body, kind) SELECT 'b' || n, n FROM generate_series(20, 80) AS n;
        ALTER TABLE events ADD CONSTRAINT even CHECK (kind <> 13) NOT VALID;
        CREATE UNIQUE INDEX one ON events (kind DESC NULLS LAST, body) WITH (fillfactor = 70) WHERE kind <> 5;
        CREATE INDEX lower_one ON events (abs(kind), id) INCLUDE (body);
        ALTER TABLE events CLUSTER ON lower_one;
        ALTER TABLE events ALTER COLUMN kind SET STATISTICS 500, ALTER COLUMN kind SET (n_distinct = -0.5);
        COMMENT ON COLUMN events.kind IS 'the kind';
        COMMENT ON INDEX one IS 'an index';
        COMMENT ON CONSTRAINT positive ON events IS 'a check';
        COMMENT ON CONSTRAINT events_kind_body_id_key ON events IS 'a key';
        CREATE TABLE log (what text);
        CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS
          $$$$ BEGIN INSERT INTO log VALUES (TG_OP || NEW.kind); RETURN NEW; END $$$$;
        CREATE FUNCTION at_least() RETURNS trigger LANGUAGE plpgsql AS
          $$$$ BEGIN NEW.kind := greatest(NEW.kind, 2); RETURN NEW; END $$$$;
        CREATE TRIGGER noted AFTER UPDATE OF kind ON events FOR EACH ROW WHEN (NEW.kind > 3) EXECUTE FUNCTION noted();
        CREATE TRIGGER zzz BEFORE INSERT OR UPDATE ON events FOR EACH ROW EXECUTE FUNCTION at_least();
        COMMENT ON TRIGGER noted ON events IS 'a trigger';
        GRANT UPDATE (kind), SELECT (kind) ON events TO clerk;
        ALTER TABLE events ENABLE ROW LEVEL SECURITY;
        CREATE POLICY known ON events TO app, clerk USING (kind < 100000) WITH CHECK (kind <> 77777);
        """,
        "ALTER TABLE events ALTER COLUMN kind TYPE bigint",
        (
            "INSERT INTO events (body, kind) VALUES ('n$n', $n + 500)",
            "INSERT INTO events (body, kind) VALUES ('c$n', 1)",
            "UPDATE events SET kind = kind + 1000 WHERE body = 'b3$n'",
            "UPDATE events SET body = body || '!' WHERE body = 'b3$n'",
        ),
        before="DROP TRIGGER noted ON events; DROP POLICY known ON events",
        after="CREATE TRIGGER noted AFTER UPDATE OF kind ON events FOR EACH ROW WHEN (NEW.kind > 3) EXECUTE FUNCTION"
        " noted(); COMMENT ON TRIGGER noted ON events IS 'a trigger'; CREATE POLICY known ON events TO app, clerk"
        " USING (kind < 100000) WITH CHECK (kind <> 77777)",
    ),
    "a column in views": Case(
        _EVENTS
        + _KINDS
        + "CREATE VIEW other AS SELECT body FROM events; GRANT SELECT, INSERT, UPDATE ON kinds, counted, other TO app;",
        "ALTER TABLE events ALTER COLUMN kind TYPE bigint",
        (*_WRITE_EVENTS, "SELECT k, n FROM counted", "UPDATE kinds SET k = k + 1 WHERE k = 20 + $n"),
        before="DROP VIEW counted, kinds",
        after=_KINDS + "GRANT SELECT, INSERT, UPDATE ON kinds, counted TO app; GRANT DELETE ON kinds, counted TO app",
    ),
    "a longer varchar under a view and a policy": Case(
        """
        CREATE TABLE notes (id bigint PRIMARY KEY, label varchar(20) CHECK (label <> ''));
        INSERT INTO notes SELECT n, 'l' || n FROM generate_series(1, 50) AS n;
        CREATE VIEW labels AS SELECT label FROM notes;
        GRANT SELECT ON labels TO app;
        ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own ON notes AS RESTRICTIVE FOR SELECT TO clerk USING (label <> 'secret');
        CREATE POLICY open ON notes TO app USING (true);
        """,
        "ALTER TABLE notes ALTER COLUMN label TYPE varchar(40)",
        ("INSERT INTO notes VALUES (100 + $n, 'x')", "SELECT label FROM labels"),
        before="DROP VIEW labels; DROP POLICY own ON notes",
        after="CREATE VIEW labels AS SELECT label FROM notes; GRANT SELECT, INSERT, UPDATE, DELETE ON labels TO app;"
        "CREATE POLICY own ON notes AS RESTRICTIVE FOR SELECT TO clerk USING (label <> 'secret')",
    ),
    "a referenced key": Case(
        _EVENTS + _TAGS,
        "ALTER TABLE events ALTER COLUMN id TYPE bigint",
        (
            *_WRITE_EVENTS,
            "WITH made AS (INSERT INTO events (body) VALUES ('p$n') RETURNING id) "
            "INSERT INTO tags SELECT 1000 + $n, currval('events_id_seq'), 'later' FROM made",
            "UPDATE tags SET tag = tag || '.' WHERE event_id = 3 + $n",
        ),
        differs=("AS integer",),
    ),
    "a foreign key column": Case(
        _EVENTS + _TAGS,
        "ALTER TABLE tags ALTER COLUMN event_id TYPE bigint",
        (
            "INSERT INTO tags (id, event_id, tag) VALUES (1000 + $n, 20 + $n, 'later')",
            "UPDATE tags SET event_id = 1 WHERE id = 5 + $n",
            "DELETE FROM events WHERE id = 40 + $n",
        ),
    ),
    "foreign keys that set NULL, and follow": Case(
        _EVENTS
        + """
        CREATE TABLE tags (id bigint PRIMARY KEY, event_id integer REFERENCES events ON DELETE SET NULL
          ON UPDATE CASCADE DEFERRABLE);
        INSERT INTO tags SELECT n, n FROM generate_series(1, 60) AS n;
        CREATE TABLE more (id bigint PRIMARY KEY, event_id integer DEFAULT 1 REFERENCES events
          ON DELETE SET DEFAULT ON UPDATE CASCADE);
        INSERT INTO more SELECT n, n FROM generate_series(1, 60) AS n;
        """,
        "ALTER TABLE events ALTER COLUMN id TYPE bigint; ALTER TABLE tags ALTER COLUMN event_id TYPE bigint",
        (
            "DELETE FROM events WHERE id = 20 + $n",
            "UPDATE events SET id = 500 + $n WHERE id = 40 + $n",
            "INSERT INTO tags (id, event_id) VALUES (100 + $n, 1)",
        ),
        differs=("AS integer",),
    ),
    "a tree": Case(
        """
        CREATE TABLE parts (id integer GENERATED BY DEFAULT AS IDENTITY (INCREMENT BY 3) PRIMARY KEY,
          parent_id integer REFERENCES parts, name text UNIQUE);
        INSERT INTO parts (name) SELECT 'n' || n FROM generate_series(1, 40) AS n;
        UPDATE parts SET parent_id = 1 WHERE id > 1;
        """,
        "ALTER TABLE parts ALTER COLUMN id TYPE bigint, ALTER COLUMN parent_id TYPE bigint",
        (
            "INSERT INTO parts (name, parent_id) VALUES ('m$n', 4)",
            "UPDATE parts SET parent_id = 7 WHERE name = 'n2$n'",
            "DELETE FROM parts WHERE name = 'n3$n'",
        ),
    ),
    "a composite key": Case(
        """
        CREATE TABLE members (tenant integer, member integer, role text, PRIMARY KEY (tenant, member));
        INSERT INTO members SELECT n % 3, n, 'r' FROM generate_series(1, 40) AS n;
        CREATE TABLE posts (id bigint PRIMARY KEY, tenant integer, member integer, FOREIGN KEY (tenant, member)
          REFERENCES members ON UPDATE CASCADE);
        INSERT INTO posts SELECT n, n % 3, n FROM generate_series(1, 20) AS n;
        """,
        "ALTER TABLE members ALTER COLUMN member TYPE bigint",
        (
            "INSERT INTO members (tenant, member, role) VALUES (1, 100 + $n, 'x')"
            " ON CONFLICT (tenant, member) DO UPDATE SET role = 'y'",
            "INSERT INTO posts VALUES (100 + $n, 1, 40)",
            "UPDATE members SET member = 1000 + $n WHERE member = $n",
        ),
    ),
    "partitions": Case(
        """
        CREATE TABLE metrics (id bigint NOT NULL, day date NOT NULL, val integer NOT NULL DEFAULT 3 CHECK (val >= 0))
          PARTITION BY RANGE (day);
        CREATE TABLE metrics_a PARTITION OF metrics FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
        CREATE TABLE metrics_b PARTITION OF metrics FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')
          PARTITION BY RANGE (day);
        CREATE TABLE metrics_b1 PARTITION OF metrics_b FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
        CREATE INDEX metrics_val ON metrics (val DESC, id);
        ALTER TABLE metrics_a ADD PRIMARY KEY (id, day);
        ALTER TABLE metrics_b1 ADD PRIMARY KEY (id, day);
        INSERT INTO metrics SELECT n, date '2024-06-01' + n * 10, n FROM generate_series(1, 50) AS n;
        """,
        "ALTER TABLE metrics ALTER COLUMN val TYPE bigint",
        (
            "INSERT INTO metrics (id, day, val) VALUES (100 + $n, '2024-03-01', $n)",
            "INSERT INTO metrics (id, day) VALUES (100 + $n, '2025-03-01')",
            "UPDATE metrics SET val = val + 1 WHERE id = $n",
        ),
    ),
    "keys of a partitioned table": Case(
        """
        CREATE TABLE readings (id integer NOT NULL, at date NOT NULL, code integer, PRIMARY KEY (id, at),
          CONSTRAINT coded UNIQUE (code, id, at)) PARTITION BY RANGE (at);
        CREATE TABLE readings_a PARTITION OF readings FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
        CREATE TABLE readings_b PARTITION OF readings FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')
          PARTITION BY RANGE (at);
        CREATE TABLE readings_b1 PARTITION OF readings_b FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
        INSERT INTO readings SELECT n, date '2024-06-01' + n * 10, n FROM generate_series(1, 50) AS n;
        """,
        "ALTER TABLE readings ALTER COLUMN id TYPE bigint",
        (
            "INSERT INTO readings (id, at, code) VALUES (100 + $n, '2024-03-01', $n)",
            "INSERT INTO readings (id, at) VALUES (100, '2025-03-01') ON CONFLICT (id, at) DO NOTHING",
            "UPDATE readings SET code = code + 1 WHERE id = $n",
        ),
    ),
    "json to jsonb": Case(
        """
        CREATE TABLE docs (id bigint PRIMARY KEY, data json);
        INSERT INTO docs SELECT n, json_build_object('n', n) FROM generate_series(1, 40) AS n;
        """,
        "ALTER TABLE docs ALTER COLUMN data TYPE jsonb",
        (
            "INSERT INTO docs (id, data) VALUES (100 + $n, '{\"a\": $n}')",
            "UPDATE docs SET data = '[]' WHERE id = $n",
            "SELECT data->>'n' FROM docs WHERE id = $n",
        ),
    ),
    "an enum": Case(
        """
        CREATE TYPE mood AS ENUM ('sad', 'ok');
        CREATE TABLE people (id bigint PRIMARY KEY, mood text NOT NULL);
        INSERT INTO people SELECT n, CASE n % 2 WHEN 0 THEN 'ok' ELSE 'sad' END FROM generate_series(1, 40) AS n;
        """,
        "ALTER TABLE people ALTER COLUMN mood TYPE mood USING mood::mood",
        ("UPDATE people SET mood = 'sad' WHERE id = $n",),
        unnamed=("INSERT INTO people VALUES (100 + $n, 'ok')",),
    ),
    "a timestamp in another time zone": Case(
        """
        CREATE TABLE visits (id bigint PRIMARY KEY, at timestamp NOT NULL DEFAULT '2026-01-01');
        CREATE INDEX visits_at_idx ON visits (at);
        INSERT INTO visits SELECT n, timestamp '2026-01-02 03:04:05' + n * interval '1 day'
          FROM generate_series(1, 9) n;
        """,
        "ALTER TABLE visits ALTER COLUMN at TYPE timestamptz USING at AT TIME ZONE 'Europe/Zurich'",
        (
            "INSERT INTO visits (id) VALUES (200 + $n)",
            "UPDATE visits SET at = '2026-07-01 00:00:00' WHERE id = $n",
        ),
        zone="Europe/Zurich",
    ),
    "a name that has to be quoted": Case(
        """
        CREATE SCHEMA app;
        GRANT USAGE ON SCHEMA app TO app;
        CREATE TABLE app."Orders" ("Id" integer PRIMARY KEY, "Total Amount" integer NOT NULL, "order" text);
        CREATE INDEX "By Total" ON app."Orders" ("Total Amount" DESC, upper("order"));
        INSERT INTO app."Orders" SELECT n, n, 'o' FROM generate_series(1, 40) AS n;
        CREATE VIEW app."Totals" AS SELECT sum("Total Amount") AS "All" FROM app."Orders";
        GRANT SELECT ON app."Totals" TO clerk;
        """,
        'ALTER TABLE app."Orders" ALTER COLUMN "Total Amount" TYPE bigint, ALTER COLUMN "Id" TYPE bigint',
        ('UPDATE app."Orders" SET "Total Amount" = 5',),
        before='DROP VIEW app."Totals"',
        after='CREATE VIEW app."Totals" AS SELECT sum("Total Amount") AS "All" FROM app."Orders";'
        ' GRANT SELECT ON app."Totals" TO clerk; GRANT SELECT, INSERT, UPDATE, DELETE ON app."Totals" TO app',
        unnamed=("INSERT INTO app.\"Orders\" VALUES (100 + $n, $n, 'x')",),
    ),
}


@pytest.fixture(scope="session")
def elder() -> Iterator[Server]:
    """A PostgreSQL 15, where the machine has one."""
    if not _ELDER.exists():
        pytest.skip("no PostgreSQL 15")
    with start({"autovacuum": "off"}, installation=_ELDER) as server:
        yield server


_SHORT = ("everything on a column", "a column in views", "a tree", "partitions", "keys of a partitioned table")
"""Those that the plain suite runs, too: together they have all that the others have."""


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=name, marks=[] if name in _SHORT else [pytest.mark.proof]) for name, case in CASES.items()],
)
def test_nobody_notices_that_a_column_gets_another_type(case: Case, postgres: Server) -> None:
    _prove(case, postgres)


@pytest.mark.proof
@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_nobody_notices_it_before_not_null_had_a_name(case: Case, elder: Server) -> None:
    _prove(case, elder)


def _prove(case: Case, server: Server) -> None:
    with _databases(server, 2) as (asked, safely):
        for url in (asked, safely):
            _run(url, [Template(case.given).substitute()])
            _grant(url)
        before = _dump(server, safely)
        plan = _plan(case, take_snapshot_now(safely, EVERYTHING))
        migrations = [step for step in plan.steps if step.kind is not StepKind.DEPLOY]
        for number, step in enumerate(migrations):
            _work(safely, case, number)
            take(step, safely)
        _work(safely, case, len(migrations), last=True)
        for number in range(len(migrations)):
            _work(asked, case, number)
        _run(asked, [case.before, *case.sql.split("; "), case.after])
        _work(asked, case, len(migrations), last=True)
        assert _rows(safely) == _rows(asked)
        wanted, found = _dump(server, asked), _dump(server, safely)
        assert _between(wanted, found, case.differs) == ([], [])
        for number, step in enumerate(reversed(migrations)):
            if step.kind is StepKind.MIGRATION:
                assert step.down is not None, step.name
                take(replace(step, operations=step.down), safely)
                _work(safely, case, len(migrations) + 1 + number, last=True)
        assert _between(before, _dump(server, safely), ()) == ([], [])


def _plan(case: Case, catalog: Catalog) -> SafeRewrite:
    run = framework_named("dbmate").read(Files([SourceFile(_PATH, f"-- migrate:up\n{case.sql};\n-- migrate:down\n")]))
    sized = {
        name: replace(one, size=replace(one.size, rows=50_000_000, heap_bytes=10**10)) if one.size is not None else one
        for name, one in catalog.relations.items()
    }
    analysis = analyse(run, replace(catalog, relations=sized), Policy(), RULES)
    assert not analysis.unread
    plans: dict[str, SafeRewrite] = {}
    for found in analysis.findings:
        if found.rewrite is not None:
            plans.setdefault(found.statement.sql, found.rewrite)
    assert plans, [found.title for found in analysis.findings]
    return SafeRewrite(tuple(step for plan in plans.values() for step in plan.steps))


def take(step: Step, url: str) -> None:
    """Applies a step as a deploy would."""
    if step.kind is StepKind.SCRIPT:
        for change in step.operations:
            assert isinstance(change, op.Update | op.Delete)
            run_script(url, quick(write_batches(change, step.settings, "x.sql"), 7))
        return
    texts = [write_statement([operation]) for operation in step.operations]
    if step.transactional:
        texts = [write_statement([op.SetSetting(name, value, local=True)]) for name, value in step.settings] + texts
    with psycopg.connect(url, autocommit=not step.transactional) as connection:
        for text in texts:
            connection.execute(text.encode())


def _work(url: str, case: Case, number: int, *, last: bool = False) -> None:
    """Old code, as a role that owns nothing; every statement must succeed."""
    with psycopg.connect(url, autocommit=True, options=f"-c timezone={case.zone}") as connection:
        connection.execute("SET ROLE app")
        for statement in (*case.code, *(() if last else case.unnamed)):
            connection.execute(Template(statement).substitute(n=number).encode())


def _grant(url: str) -> None:
    _run(
        url,
        [
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO app",
            "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO app",
            "DO $$ BEGIN IF to_regnamespace('app') IS NOT NULL THEN"
            " GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA app TO app; END IF; END $$",
            "REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC",
        ],
    )


class _databases:
    """Fresh databases; default privileges give nobody EXECUTE, so that it is seen whether anybody needs it."""

    def __init__(self, server: Server, number: int) -> None:
        self.server, self.names = server, [f"retyped_{n}" for n in range(number)]

    def __enter__(self) -> list[str]:
        with psycopg.connect(self.server.url(), autocommit=True) as connection:
            known = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles").fetchall()}
            for role in ("app", "clerk"):
                if role not in known:
                    connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
            for name in self.names:
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        urls = [self.server.url(name) for name in self.names]
        for url in urls:
            _run(url, ["ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC"])
        return urls

    def __exit__(self, *_: object) -> None:
        with psycopg.connect(self.server.url(), autocommit=True) as connection:
            for name in self.names:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _dump(server: Server, url: str) -> list[str]:
    """The schema as pg_dump writes it, line by line, in no order."""
    place = server.installation / "bin" / "pg_dump"
    done = subprocess.run([place, "--schema-only", "-d", url], capture_output=True, text=True, check=True)
    lines = (line.strip().rstrip(",") for line in done.stdout.splitlines())
    return sorted(line for line in lines if line and not line.startswith(("--", "SET ", "\\")))


def _between(wanted: Sequence[str], found: Sequence[str], but: Sequence[str]) -> tuple[list[str], list[str]]:
    """What is missing and what is too much, without the lines that have one of the words."""
    missing, more = Counter(wanted) - Counter(found), Counter(found) - Counter(wanted)
    lines = ([line for line in side.elements() if not any(word in line for word in but)] for side in (missing, more))
    return next(lines), next(lines)


def _rows(url: str) -> dict[str, list[tuple[object, ...]]]:
    tables = _query(
        url,
        "SELECT format('%I.%I', relnamespace::regnamespace, relname) FROM pg_class"
        " WHERE relkind = 'r' AND relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'app'))",
    )
    return {
        str(name): _query(url, f"SELECT to_jsonb(t) FROM {name} AS t ORDER BY to_jsonb(t)::text") for (name,) in tables
    }


def _run(url: str, statements: Sequence[str]) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def _query(url: str, text: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(text.encode()).fetchall()
