"""A safe rewrite ends in the schema of the original statement, on a real server, up to declared differences."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psycopg
import pytest
from psycopg import sql

from bot.core.judging.findings import SafeRewrite, Step, StepKind
from bot.core.language import operations as op
from bot.sql import write_statement
from bot.sql.writing.batches import write_batches
from bot.standins.postgres import Server
from tests.sql.test_batches import quick, run_script
from tests.support.rule_pages import PATH, Example, analysed

ACCOUNTS = "CREATE TABLE accounts (id bigint PRIMARY KEY, name text, plan_id bigint, size integer NOT NULL DEFAULT 1)"
PLANS = "CREATE TABLE plans (id bigint PRIMARY KEY, label text)"
ROWS = (
    "INSERT INTO accounts (id, name, plan_id) SELECT n, CASE WHEN n % 3 > 0 THEN 'n' || n END, 1 "
    "FROM generate_series(1, 25) AS n"
)
EVENTS = "CREATE TABLE events (id bigint NOT NULL, body text) PARTITION BY RANGE (id)"
EVENTS_1 = "CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (1) TO (100)"
EVENTS_2 = "CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM (100) TO (200)"
EVENTS_REST = "CREATE TABLE events_rest PARTITION OF events DEFAULT"
EVENT_ROWS = "INSERT INTO events SELECT n, 'b' || n FROM generate_series(1, 150) AS n"


@dataclass(frozen=True, slots=True)
class Case:
    """A statement, what precedes it, rows to insert; `settled` corrects what the author must know."""

    sql: str
    given: tuple[str, ...] = (ACCOUNTS,)
    rows: tuple[str, ...] = (ROWS,)
    postgres: int = 18
    alone: bool = False
    differs: bool = False
    same_rows: bool = True


_numbers = itertools.count(1)

CASES = {
    "volatile default": Case("ALTER TABLE accounts ADD COLUMN token uuid DEFAULT gen_random_uuid()", same_rows=False),
    "volatile default, required": Case(
        "ALTER TABLE accounts ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid()", same_rows=False
    ),
    "volatile default, required, before 18": Case(
        "ALTER TABLE accounts ADD COLUMN token double precision NOT NULL DEFAULT random()", postgres=16, same_rows=False
    ),
    "serial": Case("ALTER TABLE accounts ADD COLUMN number serial", same_rows=False, postgres=16),
    "bigserial": Case("ALTER TABLE accounts ADD COLUMN number bigserial", same_rows=False),
    "identity": Case(
        "ALTER TABLE accounts ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY", differs=True, same_rows=False
    ),
    "generated column": Case(
        "ALTER TABLE accounts ADD COLUMN search tsvector GENERATED ALWAYS AS "
        "(to_tsvector('english'::regconfig, coalesce(accounts.name, ''))) STORED",
        differs=True,
    ),
    "generated column that may be null": Case(
        'ALTER TABLE accounts ADD COLUMN "Long Name" text GENERATED ALWAYS AS (name || id::text) STORED', differs=True
    ),
    "generated column, required and unique": Case(
        "ALTER TABLE accounts ADD COLUMN twice bigint GENERATED ALWAYS AS (id * 2) STORED NOT NULL UNIQUE", differs=True
    ),
    "inline check": Case("ALTER TABLE accounts ADD COLUMN weight integer DEFAULT 1 CHECK (weight > 0)"),
    "inline unique": Case("ALTER TABLE accounts ADD COLUMN email text UNIQUE"),
    "inline unique, named": Case(
        "ALTER TABLE accounts ADD COLUMN email text CONSTRAINT one_mail UNIQUE NULLS NOT DISTINCT", rows=()
    ),
    "inline foreign key with a default": Case(
        "ALTER TABLE accounts ADD COLUMN plan bigint DEFAULT 1 REFERENCES plans (id) ON DELETE SET NULL",
        (PLANS, ACCOUNTS),
        ("INSERT INTO plans VALUES (1, 'free')", ROWS),
        differs=True,
    ),
    "column of a constrained domain": Case(
        "ALTER TABLE accounts ADD COLUMN weight positive",
        ("CREATE DOMAIN positive AS integer CHECK (VALUE > 0)", ACCOUNTS),
        differs=True,
    ),
    "not null": Case("ALTER TABLE accounts ALTER COLUMN plan_id SET NOT NULL"),
    "not null, before 18": Case("ALTER TABLE accounts ALTER COLUMN plan_id SET NOT NULL", postgres=16),
    "check": Case("ALTER TABLE accounts ADD CONSTRAINT sized CHECK (size > 0)"),
    "check without a name": Case("ALTER TABLE accounts ADD CHECK (size > 0 AND length(name) < 100)"),
    "foreign key": Case(
        "ALTER TABLE accounts ADD FOREIGN KEY (plan_id) REFERENCES plans ON DELETE CASCADE",
        (PLANS, ACCOUNTS, "CREATE INDEX by_plan ON accounts (plan_id)"),
        ("INSERT INTO plans VALUES (1, 'free')", ROWS),
    ),
    "foreign key whose columns have no index": Case(
        "ALTER TABLE accounts ADD CONSTRAINT planned FOREIGN KEY (plan_id) REFERENCES plans",
        (PLANS, ACCOUNTS),
        ("INSERT INTO plans VALUES (1, 'free')", ROWS),
        differs=True,
    ),
    **{
        f"foreign key of a partitioned table, {major}": Case(
            "ALTER TABLE events ADD FOREIGN KEY (id) REFERENCES plans",
            (
                PLANS,
                EVENTS,
                EVENTS_1,
                "CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM (100) TO (200) PARTITION BY RANGE (id)",
                "CREATE TABLE events_2a PARTITION OF events_2 FOR VALUES FROM (100) TO (150)",
                "CREATE TABLE events_2b PARTITION OF events_2 DEFAULT",
                "CREATE INDEX ON events (id)",
            ),
            ("INSERT INTO plans SELECT generate_series(1, 150)", EVENT_ROWS),
            postgres=major,
        )
        for major in (15, 18)
    },
    "unique": Case("ALTER TABLE accounts ADD UNIQUE (name, size)"),
    "unique, deferrable, with more": Case(
        "ALTER TABLE accounts ADD CONSTRAINT one UNIQUE (name) INCLUDE (size) DEFERRABLE INITIALLY DEFERRED"
    ),
    "primary key over a nullable column": Case(
        "ALTER TABLE notes ADD PRIMARY KEY (id)", ("CREATE TABLE notes (id bigint, body text)",), ()
    ),
    "primary key over a nullable column, before 18": Case(
        "ALTER TABLE notes ADD CONSTRAINT notes_key PRIMARY KEY (id)",
        ("CREATE TABLE notes (id bigint, body text)",),
        (),
        postgres=15,
    ),
    "index": Case("CREATE INDEX accounts_name_idx ON accounts (lower(name) DESC, size) WHERE size > 0"),
    "index without a name": Case("CREATE INDEX ON accounts USING hash (name)"),
    "unique index": Case("CREATE UNIQUE INDEX one_name ON accounts (name) INCLUDE (size)"),
    "index on a partitioned table": Case(
        "CREATE INDEX events_body_idx ON events (body)", (EVENTS, EVENTS_1, EVENTS_2), (EVENT_ROWS,)
    ),
    "index without a name on a partitioned table": Case(
        "CREATE INDEX ON events (body)", (EVENTS, EVENTS_1, EVENTS_2), (EVENT_ROWS,)
    ),
    "index on partitions of partitions": Case(
        "CREATE INDEX ON events (body)",
        (
            EVENTS,
            EVENTS_1,
            "CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM (100) TO (200) PARTITION BY RANGE (id)",
            "CREATE TABLE events_2a PARTITION OF events_2 FOR VALUES FROM (100) TO (200)",
        ),
        (EVENT_ROWS,),
    ),
    "dropped index": Case("DROP INDEX by_name", (ACCOUNTS, "CREATE INDEX by_name ON accounts (name)")),
    "reindex": Case("REINDEX INDEX by_name", (ACCOUNTS, "CREATE INDEX by_name ON accounts (name)")),
    "attached partition": Case(
        "ALTER TABLE events ATTACH PARTITION events_2 FOR VALUES FROM (100) TO (200)",
        (EVENTS, EVENTS_1, EVENTS_REST, "CREATE TABLE events_2 (id bigint NOT NULL, body text)"),
        ("INSERT INTO events_2 VALUES (120, 'x')",),
    ),
    "attached partition that lacks indexes": Case(
        "ALTER TABLE events ATTACH PARTITION events_2 FOR VALUES FROM (100) TO (200)",
        (
            "CREATE TABLE events (id bigint NOT NULL, body text, PRIMARY KEY (id), UNIQUE (body, id)) "
            "PARTITION BY RANGE (id)",
            "CREATE INDEX events_body ON events (lower(body))",
            "CREATE TABLE events_2 (id bigint NOT NULL, body text)",
        ),
        ("INSERT INTO events_2 VALUES (120, 'x')",),
    ),
    "attached list partition": Case(
        "ALTER TABLE places ATTACH PARTITION nordic FOR VALUES IN ('no', 'se')",
        (
            "CREATE TABLE places (country text, name text) PARTITION BY LIST (country)",
            "CREATE TABLE nordic (country text, name text)",
        ),
        ("INSERT INTO nordic VALUES ('no', 'Oslo')",),
    ),
    "created partition": Case(EVENTS_2, (EVENTS, EVENTS_1, "CREATE INDEX ON events (body)"), ()),
    "created partition beside a default": Case(EVENTS_2, (EVENTS, EVENTS_1, EVENTS_REST), ()),
    "detached partition": Case(
        "ALTER TABLE events DETACH PARTITION events_1", (EVENTS, EVENTS_1, EVENTS_2), (EVENT_ROWS,), differs=True
    ),
    "column of another type": Case("ALTER TABLE accounts ALTER COLUMN size TYPE bigint", differs=True),
    "column of another type, by an expression": Case(
        "ALTER TABLE accounts ALTER COLUMN name TYPE integer USING length(name)", differs=True
    ),
    "column of another type, with indexes": Case(
        "ALTER TABLE accounts ALTER COLUMN plan_id TYPE text",
        (ACCOUNTS, "CREATE INDEX by_plan ON accounts (plan_id DESC, name) WHERE plan_id IS NOT NULL"),
        differs=True,
    ),
    "timestamp to timestamptz": Case(
        "ALTER TABLE visits ALTER COLUMN at TYPE timestamptz USING at AT TIME ZONE 'UTC'",
        ("CREATE TABLE visits (id bigint PRIMARY KEY, at timestamp)",),
        ("INSERT INTO visits VALUES (1, '2026-01-02 03:04:05')",),
    ),
    "longer varchar under a check": Case(
        "ALTER TABLE tags ALTER COLUMN label TYPE varchar(200)",
        ("CREATE TABLE tags (id bigint PRIMARY KEY, label varchar(50) CONSTRAINT filled CHECK (label <> ''))",),
        ("INSERT INTO tags VALUES (1, 'x')",),
    ),
    "column and validation in one statement": Case(
        "ALTER TABLE accounts ADD COLUMN note text, VALIDATE CONSTRAINT sized",
        (ACCOUNTS, "ALTER TABLE accounts ADD CONSTRAINT sized CHECK (size > 0) NOT VALID"),
    ),
    "delete that fans out": Case(
        "DELETE FROM plans WHERE label = 'old'",
        (
            PLANS,
            ACCOUNTS,
            "ALTER TABLE accounts ADD FOREIGN KEY (plan_id) REFERENCES plans ON DELETE SET NULL",
            "CREATE INDEX accounts_plan_id_idx ON accounts (plan_id)",
        ),
        ("INSERT INTO plans VALUES (1, 'old'), (2, 'new')", ROWS),
    ),
    "primary key of another type": Case(
        "ALTER TABLE notes ALTER COLUMN id TYPE bigint",
        ("CREATE TABLE notes (id serial PRIMARY KEY, body text)",),
        ("INSERT INTO notes (body) SELECT 'x' FROM generate_series(1, 10)",),
        differs=True,
    ),
    "primary key of another type, before 18": Case(
        "ALTER TABLE notes ALTER COLUMN id TYPE bigint",
        ("CREATE TABLE notes (id integer PRIMARY KEY, body text UNIQUE)",),
        ("INSERT INTO notes SELECT n, n FROM generate_series(1, 10) AS n",),
        postgres=15,
        differs=True,
    ),
    "renamed column": Case("ALTER TABLE accounts RENAME COLUMN name TO title", differs=True),
    "renamed column that is required": Case("ALTER TABLE accounts RENAME COLUMN size TO volume", differs=True),
    "renamed table": Case("ALTER TABLE accounts RENAME TO customers"),
    "dropped column": Case("ALTER TABLE accounts DROP COLUMN name"),
    "several actions": Case(
        "ALTER TABLE accounts ADD COLUMN note text, ALTER COLUMN plan_id SET NOT NULL, "
        "ADD CONSTRAINT sized CHECK (size > 0), ADD UNIQUE (name)"
    ),
}


@pytest.fixture
def postgres_pair(postgres: Server) -> Iterator[tuple[str, str]]:
    """Two fresh databases: one for the author's statement, one for the safe steps."""
    names = [f"rewrite_{next(_numbers)}" for _ in range(2)]
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        for name in names:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield postgres.url(names[0]), postgres.url(names[1])
        for name in names:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_ends_in_the_schema_of_the_original_statement(case: Case, postgres_pair: tuple[str, str]) -> None:
    asked, safely = postgres_pair
    rewrite = rewrite_of(case)
    assert bool(rewrite.differs) == case.differs
    for url in postgres_pair:
        _run(url, [*case.given, *case.rows])
    _run(asked, [case.sql])
    for step in rewrite.steps:
        take(step, safely)
    if not case.differs:
        assert _schema(safely) == _schema(asked)
    if case.same_rows:
        assert _rows(safely) == _rows(asked)


def test_the_trigger_of_a_generated_column_keeps_it_right(database: str) -> None:
    case = CASES["generated column that may be null"]
    _run(database, [*case.given, *case.rows])
    for step in rewrite_of(case).steps:
        take(step, database)
    _run(
        database,
        [
            "INSERT INTO accounts (id, name, \"Long Name\") VALUES (100, 'new', 'nonsense')",
            "UPDATE accounts SET name = 'changed' WHERE id = 1",
            "UPDATE accounts SET \"Long Name\" = 'nonsense' WHERE id = 2",
            "UPDATE accounts SET size = 7 WHERE id = 4",
        ],
    )
    assert _query(database, 'SELECT count(*) FROM accounts WHERE "Long Name" IS DISTINCT FROM name || id::text') == [
        (0,)
    ]


def test_a_renamed_column_is_kept_in_step_whichever_name_code_writes(database: str) -> None:
    case = CASES["renamed column"]
    _run(database, [*case.given, *case.rows])
    for step in rewrite_of(case).steps[:2]:
        take(step, database)
    _run(
        database,
        [
            "INSERT INTO accounts (id, name) VALUES (100, 'old code')",
            "INSERT INTO accounts (id, title) VALUES (101, 'new code')",
            "UPDATE accounts SET name = 'by old code' WHERE id = 1",
            "UPDATE accounts SET title = 'by new code' WHERE id = 2",
        ],
    )
    assert _query(database, "SELECT count(*) FROM accounts WHERE name IS DISTINCT FROM title") == [(0,)]


def rewrite_of(case: Case) -> SafeRewrite:
    """The rewrite of the worst finding that offers one."""
    analysis = analysed(Example(f"{case.sql};", case.given, postgres=case.postgres))
    assert not analysis.unread
    offered = [
        found.rewrite for found in analysis.findings if found.rewrite is not None and found.statement.path == PATH
    ]
    assert offered, [found.title for found in analysis.findings]
    return offered[0]


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
            connection.execute(text)  # type: ignore[arg-type]


def _run(url: str, statements: Sequence[str]) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)  # type: ignore[arg-type]


def _query(url: str, text: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(text).fetchall()  # type: ignore[arg-type]


def _schema(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Columns without their order, constraints, indexes, triggers, sequences, partitions and views."""
    return {name: _query(url, text) for name, text in _CATALOG.items()}


def _rows(url: str) -> dict[str, list[tuple[object, ...]]]:
    tables = _query(url, "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
    return {
        str(name): _query(url, f'SELECT to_jsonb(t) FROM "{name}" AS t ORDER BY to_jsonb(t)::text')  # type: ignore[misc]
        for (name,) in tables
    }


_CATALOG = {
    "columns": """
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
               pg_get_expr(d.adbin, d.adrelid)
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, 2""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated, condeferrable, condeferred
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2""",
    "indexes": """
        SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisunique, i.indisprimary
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE c.relnamespace = 'public'::regnamespace ORDER BY 1""",
    "attached": "SELECT inhrelid::regclass::text, inhparent::regclass::text FROM pg_inherits ORDER BY 1, 2",
    "bounds": "SELECT relname, pg_get_expr(relpartbound, oid) FROM pg_class WHERE relispartition ORDER BY 1",
    "triggers": "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2",
    "sequences": "SELECT sequencename, data_type::text FROM pg_sequences ORDER BY 1",
    "views": "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public' ORDER BY 1",
}
