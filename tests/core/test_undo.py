"""What undoes a step really undoes it, alone and with the others, and says what it does not bring back."""

from collections.abc import Sequence

import psycopg
import pytest

from bot.core.judging.findings import SafeRewrite, Step, StepKind
from bot.core.language import operations as op
from bot.core.rewrites.undo import Prior, inverse, with_downs
from bot.core.schema.session import Session
from bot.sql import read_statement, write_statement
from bot.sql.writing.batches import write_batches
from tests.sql.test_batches import quick, run_script
from tests.support.rule_pages import PATH, Example, analysed, catalog_of
from tests.support.said import said


def undo(sql: str, given: Sequence[str] | None = None) -> list[str] | None:
    """What undoes it, where these statements were run before; without them, where nothing is known."""
    (operation,) = read_statement(sql)
    before = None if given is None else Prior.of(Session.begin(catalog_of(Example("", tuple(given)))))
    undone = inverse(operation, before).operations
    return None if undone is None else [write_statement([one]) for one in undone]


def lost(sql: str, given: Sequence[str]) -> str:
    (operation,) = read_statement(sql)
    return said(inverse(operation, Prior.of(Session.begin(catalog_of(Example("", tuple(given)))))).lost)


SCHEMA = """
WITH here AS (SELECT * FROM pg_class WHERE relnamespace = 'public'::regnamespace)
SELECT 'column', attrelid::regclass::text || '.' || attname, attnotnull::text || attidentity::text FROM pg_attribute
WHERE attnum > 0 AND NOT attisdropped AND attrelid IN (SELECT oid FROM here)
UNION ALL SELECT 'relation', oid::regclass::text,
    concat_ws(' ', relkind::text, relpersistence::text, relrowsecurity::text, relispartition::text) FROM here
UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid IN (SELECT oid FROM here)
UNION ALL SELECT 'trigger', tgname, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'type', typname, typtype::text FROM pg_type WHERE typnamespace = 'public'::regnamespace
UNION ALL SELECT 'label', enumlabel, '' FROM pg_enum
UNION ALL SELECT 'function', proname, '' FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT 'policy', polname, '' FROM pg_policy
UNION ALL SELECT 'schema', nspname, '' FROM pg_namespace WHERE nspname !~ '^pg_'
ORDER BY 1, 2, 3
"""


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE t ADD COLUMN b int DEFAULT 1",
        "ALTER TABLE t ADD COLUMN IF NOT EXISTS b int",
        "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID",
        "ALTER TABLE t ADD CONSTRAINT c UNIQUE (a)",
        "ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES u (id)",
        "ALTER TABLE t ALTER COLUMN a SET NOT NULL",
        "ALTER TABLE u ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY",
        "ALTER TABLE t SET UNLOGGED",
        "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE t DISABLE TRIGGER g",
        "ALTER TABLE p ATTACH PARTITION t FOR VALUES IN (1)",
        "ALTER TABLE t RENAME TO t2",
        "ALTER TABLE t RENAME COLUMN a TO b",
        "ALTER TYPE mood RENAME VALUE 'sad' TO 'low'",
        "CREATE INDEX i ON t (a)",
        "CREATE INDEX CONCURRENTLY i ON t (a)",
        "CREATE TABLE n (a int)",
        "CREATE VIEW v AS SELECT a FROM t",
        "CREATE MATERIALIZED VIEW v AS SELECT a FROM t",
        "CREATE TYPE e AS ENUM ('a')",
        "CREATE DOMAIN d AS int",
        "CREATE SEQUENCE s",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TRIGGER h AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION nothing()",
        "CREATE POLICY p ON t USING (true)",
        "CREATE SCHEMA app",
    ],
)
def test_undoing_leads_back_to_the_schema_before(database: str, sql: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE t (a int); CREATE TABLE u (id int PRIMARY KEY); CREATE TABLE p (a int) PARTITION BY LIST (a);"
            "CREATE TYPE mood AS ENUM ('sad', 'ok');"
            "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;"
            "CREATE TRIGGER g AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION nothing()"
        )
        before = connection.execute(SCHEMA).fetchall()
        connection.execute(sql.encode())
        assert connection.execute(SCHEMA).fetchall() != before
        undone = undo(sql)
        assert undone
        for statement in undone:
            connection.execute(statement.encode())
        assert connection.execute(SCHEMA).fetchall() == before


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE t DROP COLUMN a",
        "DROP TABLE t",
        "DROP INDEX i",
        "ALTER TABLE t ALTER COLUMN a TYPE bigint",
        "ALTER TABLE t ALTER COLUMN a SET DEFAULT 1",
        "UPDATE t SET a = 1",
        "DELETE FROM t",
        "TRUNCATE t",
        "ALTER TYPE mood ADD VALUE 'great'",
        "CREATE TABLE IF NOT EXISTS n (a int)",
        "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE OR REPLACE VIEW v AS SELECT 1",
        "DROP VIEW v",
    ],
)
def test_what_is_lost_or_may_be_older_is_not_undone_where_nothing_is_known(sql: str) -> None:
    assert undo(sql) is None


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE t VALIDATE CONSTRAINT c",
        "ANALYZE t",
        "SET lock_timeout = 0",
        "REINDEX TABLE t",
        "GRANT SELECT ON t TO public",
    ],
)
def test_what_changes_no_schema_needs_no_undoing(sql: str) -> None:
    assert undo(sql) == []


TABLE = (
    "CREATE TYPE mood AS ENUM ('sad', 'ok')",
    "CREATE TABLE u (id bigint PRIMARY KEY)",
    "CREATE TABLE t (id bigint NOT NULL, a integer NOT NULL DEFAULT 7, b text COLLATE \"C\", c mood DEFAULT 'ok', "
    "e bigint, n bigint GENERATED ALWAYS AS IDENTITY, s timestamp, CONSTRAINT small CHECK (a < 100))",
    "ALTER TABLE t ADD CONSTRAINT t_u FOREIGN KEY (e) REFERENCES u ON DELETE CASCADE DEFERRABLE",
    "ALTER TABLE t ADD CONSTRAINT t_key UNIQUE (id, a)",
    "CREATE INDEX by_b ON t (lower(b) DESC, id) INCLUDE (a) WHERE a > 3",
    "CREATE TABLE p (a int, d date) PARTITION BY RANGE (d)",
    "CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
    "CREATE SEQUENCE q OWNED BY t.e",
)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("ALTER TABLE t DROP COLUMN b", ['ALTER TABLE t ADD COLUMN b text COLLATE "C"']),
        (
            "ALTER TABLE t DROP COLUMN a",
            [
                "ALTER TABLE t ADD COLUMN a integer DEFAULT 7 NOT NULL",
                "ALTER TABLE t ADD CONSTRAINT small CHECK (a < 100) NOT VALID",
            ],
        ),
        (
            "ALTER TABLE t ALTER COLUMN a TYPE bigint",
            [
                "ALTER TABLE t ALTER COLUMN a DROP DEFAULT",
                "ALTER TABLE t ALTER COLUMN a TYPE integer",
                "ALTER TABLE t ALTER COLUMN a SET DEFAULT 7",
            ],
        ),
        ("ALTER TABLE t ALTER COLUMN e TYPE text", ["ALTER TABLE t ALTER COLUMN e TYPE bigint USING e::bigint"]),
        (
            "ALTER TABLE t ALTER COLUMN s TYPE timestamptz USING s AT TIME ZONE 'UTC'",
            ["ALTER TABLE t ALTER COLUMN s TYPE timestamp USING s AT TIME ZONE 'UTC'"],
        ),
        ("ALTER TABLE t ALTER COLUMN a SET DEFAULT 8", ["ALTER TABLE t ALTER COLUMN a SET DEFAULT 7"]),
        ("ALTER TABLE t ALTER COLUMN e SET DEFAULT 8", ["ALTER TABLE t ALTER COLUMN e DROP DEFAULT"]),
        ("ALTER TABLE t ALTER COLUMN c DROP DEFAULT", ["ALTER TABLE t ALTER COLUMN c SET DEFAULT 'ok'"]),
        ("ALTER TABLE t ALTER COLUMN a SET NOT NULL", []),
        ("ALTER TABLE t ALTER COLUMN e DROP NOT NULL", []),
        (
            "ALTER TABLE t ALTER COLUMN n DROP IDENTITY",
            ["ALTER TABLE t ALTER COLUMN n ADD GENERATED ALWAYS AS IDENTITY"],
        ),
        ("ALTER TABLE t ADD COLUMN IF NOT EXISTS a integer", []),
        ("ALTER TABLE t DROP COLUMN IF EXISTS z", []),
        ("ALTER TABLE t ADD CHECK (a > 0)", ["ALTER TABLE t DROP CONSTRAINT t_a_check"]),
        (
            "ALTER TABLE t DROP CONSTRAINT t_u",
            [
                "ALTER TABLE t ADD CONSTRAINT t_u FOREIGN KEY (e) REFERENCES u (id) ON DELETE CASCADE "
                "DEFERRABLE NOT VALID"
            ],
        ),
        ("ALTER TABLE t DROP CONSTRAINT t_key", ["ALTER TABLE t ADD CONSTRAINT t_key UNIQUE (id, a)"]),
        (
            "ALTER TABLE t ADD PRIMARY KEY (e)",
            ["ALTER TABLE t DROP CONSTRAINT t_pkey", "ALTER TABLE t ALTER COLUMN e DROP NOT NULL"],
        ),
        (
            "DROP INDEX CONCURRENTLY by_b",
            ["CREATE INDEX CONCURRENTLY by_b ON t (lower(b) DESC, id) INCLUDE (a) WHERE a > 3"],
        ),
        ("DROP INDEX by_b", ["CREATE INDEX by_b ON t (lower(b) DESC, id) INCLUDE (a) WHERE a > 3"]),
        ("CREATE INDEX ON t (e)", ["DROP INDEX t_e_idx"]),
        ("CREATE INDEX IF NOT EXISTS by_b ON t (b)", []),
        (
            "ALTER TABLE p DETACH PARTITION p_1",
            ["ALTER TABLE p ATTACH PARTITION p_1 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')"],
        ),
        ("CREATE TABLE IF NOT EXISTS n (a int)", ["DROP TABLE n"]),
        ("CREATE TABLE IF NOT EXISTS t (a int)", []),
        ("ALTER SEQUENCE q OWNED BY NONE", ["ALTER SEQUENCE q OWNED BY t.e"]),
        ("DROP TYPE mood", ["CREATE TYPE mood AS ENUM ('sad', 'ok')"]),
    ],
)
def test_what_the_catalog_knows_comes_back(sql: str, expected: list[str]) -> None:
    assert undo(sql, TABLE) == expected


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("ALTER TABLE t DROP COLUMN b", "the values of `t.b`, `by_b`"),
        ("ALTER TABLE t DROP COLUMN id", "the values of `t.id`, that `t.id` is NOT NULL, `by_b` and `t_key`"),
        ("ALTER TABLE t DROP CONSTRAINT small", "that all rows of `t` meet `small` (validate it)"),
        ("UPDATE t SET a = 1", "the rows as they were"),
        ("DROP FUNCTION f()", "the definition of `f`"),
    ],
)
def test_what_does_not_come_back_is_said(sql: str, what: str) -> None:
    assert lost(sql, TABLE) == what


def test_a_small_table_is_read_for_what_comes_back() -> None:
    small = Example("", TABLE, rows={"t": 100})
    (operation,) = read_statement("ALTER TABLE t DROP CONSTRAINT small")
    undone = inverse(operation, Prior.of(Session.begin(catalog_of(small))))
    assert [write_statement([one]) for one in undone.operations or ()] == [
        "ALTER TABLE t ADD CONSTRAINT small CHECK (a < 100)"
    ]


def test_a_planner_may_give_its_own_way_back() -> None:
    (drop,) = read_statement("ALTER TABLE t DROP COLUMN b")
    own = Step(StepKind.MIGRATION, (drop,), down=())
    (step,) = with_downs(SafeRewrite((own,)), Session.begin(catalog_of(Example("", TABLE)))).steps
    assert step.down == ()


ACCOUNTS = (
    "CREATE TABLE plans (id bigint PRIMARY KEY, label text)",
    "CREATE TABLE accounts (id bigint PRIMARY KEY, name text, plan_id bigint, size integer NOT NULL DEFAULT 1)",
    "CREATE INDEX by_plan ON accounts (plan_id DESC, name) WHERE plan_id IS NOT NULL",
    "INSERT INTO plans VALUES (1, 'free')",
    "INSERT INTO accounts (id, name, plan_id) SELECT n, 'n' || n, 1 FROM generate_series(1, 25) AS n",
)
READINGS = (
    "CREATE TABLE readings (id bigint NOT NULL, at date NOT NULL, device bigint, PRIMARY KEY (id, at)) "
    "PARTITION BY RANGE (at)",
    "CREATE TABLE readings_2024 PARTITION OF readings FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
    "CREATE TABLE readings_2025 PARTITION OF readings FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
)
REST = "CREATE TABLE readings_rest PARTITION OF readings DEFAULT"
BESIDE = "CREATE TABLE readings_2026 (id bigint NOT NULL, at date NOT NULL, device bigint, PRIMARY KEY (id, at))"
TWICE = "GENERATED ALWAYS AS (size * 2) STORED"

CHAINS: dict[str, tuple[Sequence[str], str, int]] = {
    "unique": (ACCOUNTS, "ALTER TABLE accounts ADD UNIQUE (name)", 18),
    "unique, deferrable": (
        ACCOUNTS,
        "ALTER TABLE accounts ADD CONSTRAINT one UNIQUE (id) INCLUDE (name) DEFERRABLE",
        18,
    ),
    "unique column": (ACCOUNTS, "ALTER TABLE accounts ADD COLUMN slug text UNIQUE", 18),
    "unique index as a constraint": (
        (*ACCOUNTS, "CREATE UNIQUE INDEX one ON accounts (name)"),
        "ALTER TABLE accounts ADD UNIQUE (id, name)",
        18,
    ),
    "primary key": (("CREATE TABLE log (n integer, what text)",), "ALTER TABLE log ADD PRIMARY KEY (n)", 18),
    "primary key, before 18": (("CREATE TABLE log (n integer, what text)",), "ALTER TABLE log ADD PRIMARY KEY (n)", 15),
    "serial key": (ACCOUNTS, "ALTER TABLE accounts ADD COLUMN number bigserial UNIQUE", 18),
    "not null": (ACCOUNTS, "ALTER TABLE accounts ALTER COLUMN name SET NOT NULL", 18),
    "not null, before 18": (ACCOUNTS, "ALTER TABLE accounts ALTER COLUMN name SET NOT NULL", 15),
    "volatile default, before 18": (
        ACCOUNTS,
        "ALTER TABLE accounts ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid()",
        15,
    ),
    "generated column": (ACCOUNTS, f"ALTER TABLE accounts ADD COLUMN twice integer {TWICE} NOT NULL", 18),
    "check": (ACCOUNTS, "ALTER TABLE accounts ADD CHECK (size > 0)", 18),
    "foreign key": (ACCOUNTS, "ALTER TABLE accounts ADD FOREIGN KEY (plan_id) REFERENCES plans", 18),
    "index of a partitioned table": (READINGS, "CREATE INDEX ON readings (device)", 18),
    "unique index of a partitioned table": (READINGS, "ALTER TABLE readings ADD UNIQUE (device, at)", 18),
    "attached partition": (
        (*READINGS, "CREATE INDEX ON readings (device)", REST, BESIDE),
        "ALTER TABLE readings ATTACH PARTITION readings_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
        18,
    ),
    "attached partition that lacks its parent's key and index": (
        (
            *READINGS,
            "CREATE INDEX ON readings (device)",
            "CREATE TABLE readings_2026 (id bigint NOT NULL, at date NOT NULL, device bigint)",
        ),
        "ALTER TABLE readings ATTACH PARTITION readings_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
        18,
    ),
    "created partition": (
        (*READINGS, REST),
        "CREATE TABLE readings_2026 PARTITION OF readings FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
        18,
    ),
    "detached partition": (READINGS, "ALTER TABLE readings DETACH PARTITION readings_2024", 18),
    "dropped index": (ACCOUNTS, "DROP INDEX by_plan", 18),
    "dropped column": (ACCOUNTS, "ALTER TABLE accounts DROP COLUMN size", 18),
    "renamed column": (ACCOUNTS, "ALTER TABLE accounts RENAME COLUMN size TO volume", 18),
    "renamed table": (ACCOUNTS, "ALTER TABLE accounts RENAME TO customers", 18),
    "longer text under a check": (
        ("CREATE TABLE tags (label varchar(50) CONSTRAINT filled CHECK (label <> ''))",),
        "ALTER TABLE tags ALTER COLUMN label TYPE varchar(80)",
        18,
    ),
}


@pytest.mark.parametrize(("given", "sql", "major"), CHAINS.values(), ids=CHAINS.keys())
def test_the_ways_back_of_a_plan_from_last_to_first_undo_it(
    database: str, given: Sequence[str], sql: str, major: int
) -> None:
    example = Example(f"{sql};", tuple(one for one in given if not one.startswith("INSERT")), postgres=major)
    steps = next(
        found.rewrite for found in analysed(example).findings if found.rewrite and found.statement.path == PATH
    ).steps
    run(database, given)
    before = definitions(database)
    for step in steps:
        take(step, database)
    for step in reversed(steps):
        if step.kind is StepKind.MIGRATION:
            assert step.down is not None, said(step.lost)
            run(database, [write_statement([one]) for one in step.down], transaction=step.transactional)
    assert definitions(database) == before


def test_a_column_that_a_plan_has_copied_comes_back_with_its_values(database: str) -> None:
    example = Example("ALTER TABLE accounts RENAME COLUMN name TO title;", ACCOUNTS[:2])
    steps = next(one.rewrite for one in analysed(example).findings if one.rewrite is not None).steps
    run(database, ACCOUNTS)
    for step in steps:
        take(step, database)
    run(database, [write_statement([one]) for one in steps[-1].down or ()])
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM accounts WHERE name = 'n' || id").fetchone() == (25,)


def test_an_index_that_a_later_statement_makes_a_constraint_may_be_gone() -> None:
    sql = "CREATE UNIQUE INDEX one ON accounts (name);\nALTER TABLE accounts ADD UNIQUE USING INDEX one;"
    found = next(one for one in analysed(Example(sql, ACCOUNTS[:2])).findings if one.rewrite is not None)
    assert found.rewrite is not None
    assert [write_statement([one]) for one in found.rewrite.steps[0].down or ()] == [
        "DROP INDEX CONCURRENTLY IF EXISTS one"
    ]


def take(step: Step, url: str) -> None:
    """Applies a step as a deploy would."""
    if step.kind is StepKind.SCRIPT:
        for change in step.operations:
            assert isinstance(change, op.Update | op.Delete)
            run_script(url, quick(write_batches(change, step.settings, "x.sql"), 7))
        return
    run(url, [write_statement([one]) for one in step.operations], transaction=step.transactional)


def run(url: str, statements: Sequence[str], *, transaction: bool = False) -> None:
    with psycopg.connect(url, autocommit=not transaction) as connection:
        for statement in statements:
            connection.execute(statement.encode())


DEFINITIONS = """
SELECT 'column', attrelid::regclass::text || '.' || attname, concat_ws(' ', format_type(atttypid, atttypmod),
    attnotnull::text, attidentity::text, attgenerated::text, pg_get_expr(adbin, adrelid))
FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    JOIN pg_class ON pg_class.oid = attrelid
WHERE attnum > 0 AND NOT attisdropped AND relnamespace = 'public'::regnamespace AND relkind NOT IN ('i', 'I')
UNION ALL SELECT 'constraint', conrelid::regclass::text || '.' || conname,
    concat_ws(' ', pg_get_constraintdef(oid), convalidated::text)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'index', indexrelid::regclass::text, concat_ws(' ', pg_get_indexdef(indexrelid), indisvalid::text)
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE relnamespace = 'public'::regnamespace
UNION ALL SELECT 'part', inhrelid::regclass::text, inhparent::regclass::text FROM pg_inherits
UNION ALL SELECT 'trigger', tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function', proname, '' FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT 'view', viewname, definition FROM pg_views WHERE schemaname = 'public'
UNION ALL SELECT 'sequence', sequencename, data_type::text FROM pg_sequences
ORDER BY 1, 2, 3
"""


def definitions(url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(DEFINITIONS).fetchall()
