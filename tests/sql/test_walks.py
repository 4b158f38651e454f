"""Statements in batches leave the rows that the statement leaves, along whatever key the table has, or say why not."""

import psycopg
import pytest

from bot.core.language import operations as op
from bot.sql import Unwritable, read_statement
from bot.sql.writing.batches import write_batches
from bot.sql.writing.walks import plain_batches
from tests.support.scripts import run_script

_GIVEN = """
CREATE TABLE plans (id bigint PRIMARY KEY, label text);
INSERT INTO plans SELECT n, 'plan ' || n FROM generate_series(1, 20) AS n;
CREATE TABLE log (at timestamptz, who text, n integer, twice integer, data json);
INSERT INTO log SELECT now(), 'user ' || n % 9, n FROM generate_series(1, 3000) AS n;
CREATE TABLE "The Log" ("N" integer, "select" text);
INSERT INTO "The Log" SELECT n FROM generate_series(1, 3000) AS n;
CREATE TABLE keyed (code text NOT NULL, part integer NOT NULL, plan bigint, label text, rest text);
CREATE UNIQUE INDEX ON keyed (part, code) INCLUDE (plan);
CREATE UNIQUE INDEX ON keyed (plan, code, part) WHERE plan IS NOT NULL;
INSERT INTO keyed SELECT 'c' || n, n % 7, n % 20 + 1 FROM generate_series(1, 3000) AS n;
CREATE TABLE days (day date, n integer, state text) PARTITION BY RANGE (day);
CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM ('2026-01-01') TO ('2026-01-15');
CREATE TABLE days_2 PARTITION OF days FOR VALUES FROM ('2026-01-15') TO ('2026-02-01') PARTITION BY RANGE (day);
CREATE TABLE days_3 PARTITION OF days_2 DEFAULT;
INSERT INTO days SELECT date '2026-01-01' + n % 31, n FROM generate_series(1, 3000) AS n;
CREATE TABLE parent (id bigint PRIMARY KEY, note text);
CREATE TABLE child (id bigint, note text, more text) INHERITS (parent);
INSERT INTO parent SELECT n FROM generate_series(1, 1500) AS n;
INSERT INTO child SELECT n FROM generate_series(1, 1500) AS n;
CREATE TABLE copy (id bigint, label text, CONSTRAINT copy_one UNIQUE (id));
"""


def _script(statement: str) -> str:
    (change,) = read_statement(statement)
    assert isinstance(change, op.Update | op.Delete | op.Insert)
    written = write_batches(change, (), "x.sql")
    return written.replace("integer := 5000;", "integer := 200;").replace("precision := 0.1;", "precision := 0;")


def _rows(connection: psycopg.Connection, table: str) -> list[tuple[str]]:
    return connection.execute(f"SELECT t::text FROM ONLY {table} AS t ORDER BY 1".encode()).fetchall()


_TABLES = ("log", '"The Log"', "keyed", "days_1", "days_3", "parent", "child", "copy")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log SET who = 'nobody' WHERE who = 'user 3'",
        "UPDATE log SET twice = n * 2",
        "UPDATE log SET twice = n * 2, who = upper('x') WHERE n % 2 = 0 OR n = 7",
        "UPDATE log AS l SET n = l.n + 10000 WHERE l.n < 10000",
        "UPDATE log SET twice = (random() * 0)::integer WHERE twice IS NULL",
        "DELETE FROM log WHERE n BETWEEN 100 AND 2500",
        "DELETE FROM log USING plans p WHERE p.id = log.n OR p.id + 100 = log.n",
        """UPDATE "The Log" SET "select" = 'it''s ' || "N" WHERE "select" IS NULL""",
        "UPDATE keyed SET label = 'x', rest = 'y'",
        "UPDATE keyed SET plan = plan + 1",
        "UPDATE keyed SET code = 'd' || code WHERE code LIKE 'c%'",
        "UPDATE keyed k SET label = p.label FROM plans p WHERE p.id = k.plan",
        "UPDATE keyed SET label = (SELECT p.label FROM plans p WHERE p.id = keyed.plan), rest = 'z' WHERE part > 2",
        "WITH old AS (SELECT id FROM plans WHERE id < 9) UPDATE keyed SET rest = 'old' FROM old WHERE old.id = plan",
        "UPDATE keyed SET rest = r.n::text FROM (SELECT code, row_number() OVER (ORDER BY code) AS n FROM keyed)"
        " r WHERE r.code = keyed.code",
        "UPDATE days SET state = 'old' WHERE n > 5 AND state IS NULL",
        "DELETE FROM days d WHERE d.n % 3 = 0",
        "UPDATE parent SET note = 'n' || id",
        "UPDATE ONLY parent SET note = 'n' || id",
        "INSERT INTO copy SELECT p.id, p.label FROM plans AS p JOIN keyed k ON k.plan = p.id"
        " WHERE k.code IN ('c1', 'c2')",
        "INSERT INTO copy (id, label) SELECT part, code FROM keyed WHERE code IS DISTINCT FROM 'c5' OR false"
        " ON CONFLICT ON CONSTRAINT copy_one DO NOTHING",
        "INSERT INTO copy AS c SELECT id, 'x' FROM plans ON CONFLICT (id) DO UPDATE SET label = c.label || '+'",
    ],
)
@pytest.mark.parametrize("pages_from", ["140000", "990000"], ids=["by pages", "by row versions, as before 14"])
def test_batches_leave_the_rows_that_the_statement_leaves(statement: str, pages_from: str, database: str) -> None:
    script = _script(statement)
    if "140000" not in script and pages_from != "140000":
        pytest.skip("it does not go page by page")
    script = script.replace("140000", pages_from)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(_GIVEN.encode())
        connection.execute("BEGIN")
        connection.execute(statement.encode())
        wanted = {table: _rows(connection, table) for table in _TABLES}
        connection.execute("ROLLBACK")
        run_script(database, script)
        found = {table: _rows(connection, table) for table in _TABLES}
    if "IS DISTINCT" in statement:
        # Which of several rows comes first is PostgreSQL's choice.
        assert len(found["copy"]) == len(wanted["copy"]) == 7
        del wanted["copy"], found["copy"]
    assert found == wanted


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE log SET n = n + 1", "cannot be told from others"),
        ("UPDATE log SET n = n + 1 WHERE n > 5", "still match"),
        ("INSERT INTO copy SELECT n, who FROM log", "copied twice, or not at all"),
        ("INSERT INTO copy SELECT part, max(code) FROM keyed", "is not allowed with aggregate functions"),
        ("INSERT INTO copy SELECT generate_series(1, part), code FROM keyed", "set-returning functions"),
        ("UPDATE days SET day = day + 1 WHERE state IS NULL", "moves rows between its partitions"),
    ],
)
def test_what_batches_cannot_do_changes_nothing(statement: str, said: str, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(_GIVEN.encode())
        before = {table: _rows(connection, table) for table in _TABLES}
        with pytest.raises(psycopg.Error, match=said):
            run_script(database, _script(statement))
        assert {table: _rows(connection, table) for table in _TABLES} == before


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM keyed a USING keyed b WHERE a.part = b.part AND a.code < b.code", "depends on the other rows"),
        ("UPDATE keyed SET plan = (SELECT max(plan) + 1 FROM keyed)", "depends on the other rows"),
        ("INSERT INTO copy SELECT part, max(code) FROM keyed GROUP BY part", "GROUP is over all of its rows"),
        ("INSERT INTO copy SELECT part, code FROM keyed ORDER BY code LIMIT 5", "ORDER is over all"),
        ("INSERT INTO copy SELECT DISTINCT part, code FROM keyed", "DISTINCT is over all"),
        ("INSERT INTO copy SELECT part, code FROM keyed UNION ALL SELECT 1, 'x'", "UNION is over all"),
        ("INSERT INTO copy SELECT n, 'x' FROM generate_series(1, 9) AS n", "do not come from a table first of all"),
        ("INSERT INTO copy WITH k AS (SELECT * FROM keyed) SELECT part, code FROM k", "do not come from a table"),
        ("INSERT INTO copy SELECT id + 1, label FROM copy", "reads the table that it fills"),
    ],
)
def test_what_batches_would_change_is_not_written(statement: str, said: str) -> None:
    with pytest.raises(Unwritable, match=said):
        _script(statement)


def test_rows_that_move_while_the_script_runs_are_changed_all_the_same(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(_GIVEN.encode())
        # Each change of a page sends a row of the next ones back to the first page.
        connection.execute(
            "CREATE FUNCTION move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.n = 5 THEN"
            " DELETE FROM log WHERE n = 2900; INSERT INTO log VALUES (now(), 'moved', 2900); END IF;"
            " RETURN NEW; END $$;"
            " CREATE TRIGGER moved BEFORE UPDATE ON log FOR EACH ROW EXECUTE FUNCTION move();"
        )
        run_script(database, _script("UPDATE log SET twice = 1 WHERE twice IS NULL"))
        row = connection.execute("SELECT count(*), count(twice) FROM log").fetchone()
    assert row == (3000, 3000)


@pytest.mark.parametrize(
    ("statement", "condition"),
    [
        ("UPDATE t SET a = 1 WHERE a IS NULL", "a IS NULL"),
        ("UPDATE t SET a = a + 1 WHERE a < 9", "a < 9"),
        ("UPDATE t SET a = lower(b) WHERE c", "c"),
        ("UPDATE t SET a = lower(b), d = 2", "t.a IS DISTINCT FROM (lower(b)) OR t.d IS DISTINCT FROM (2)"),
        ("DELETE FROM t WHERE c", "c"),
        ("DELETE FROM t", "true"),
        ("UPDATE t SET a = a + 1", None),
        ("UPDATE t SET a = a + 1 WHERE c", None),
        ("UPDATE t SET a = gen_random_uuid()", None),
        ("UPDATE t SET (a, b) = (SELECT 1, 2)", None),
        ("UPDATE t SET a = o.a FROM o WHERE o.id = t.id", None),
        ("UPDATE t AS x SET a = 1 WHERE x.a IS NULL", None),
    ],
)
def test_a_tool_s_own_batches_are_those_that_may_be_run_again(statement: str, condition: str | None) -> None:
    (change,) = read_statement(statement)
    assert isinstance(change, op.Update | op.Delete)
    assert plain_batches(change) == condition
