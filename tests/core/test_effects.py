"""What the model says of statements that were not measured on a server: unknown tables, rows, functions, proofs."""

import functools
import random
from collections.abc import Sequence
from dataclasses import fields

import pytest

from bot.core.effects import effects
from bot.core.effects.functions.predicates import implies, read
from bot.core.effects.functions.volatility import volatility
from bot.core.language.expression import FunctionCall
from bot.core.language.facts import Effects, InTransaction, Lock, RowChange
from bot.core.language.locks import LockMode
from bot.core.language.migrations import Lines, Statement
from bot.core.language.names import Name
from bot.core.record import replace
from bot.core.schema.catalog import Catalog, CatalogFunction, CatalogObject
from bot.core.schema.links import Links
from bot.core.schema.session import Session
from bot.sql import read_statement
from tests.support.kinds import seeds
from tests.support.said import said
from tests.truth.shapes import HERE, as_statement, fixture, read_shapes, run, statements_of


def public(name: str) -> Name:
    return Name(name, "public")


def of(sql: str, *before: str, session: Session | None = None, major: int = 16) -> Effects:
    """The effects of `sql` after the statements before it, in a database that starts empty."""
    session = session or Session.begin(Catalog(major), snapshot=True)
    for text in before:
        one = Statement("m.sql", Lines(1, 1), read_statement(text), text, 0, len(text), text)
        session = session.after(one, effects(one, session, major), 0)
    return effects(read_statement(sql), session, major)


def of_session(*before: str) -> Session:
    """A session after these statements, in a database that starts empty."""
    session = Session.begin(Catalog(18), snapshot=True)
    for text in before:
        session = run(session, text, 18)
    return session


def unknown(sql: str, major: int = 16) -> Effects:
    return of(sql, session=Session.begin(None, major=major), major=major)


def test_a_key_over_a_column_that_the_run_has_proven_reads_no_table_that_nobody_has_seen() -> None:
    key = "ALTER TABLE t ADD CONSTRAINT t_key PRIMARY KEY USING INDEX t_key"
    index = "CREATE UNIQUE INDEX CONCURRENTLY t_key ON t (a)"
    declared = "ALTER TABLE t ADD CONSTRAINT n NOT NULL a NOT VALID"
    nobody = Session.begin(None, major=18)
    assert of(key, index, session=nobody, major=18).scans == (public("t"),)
    proven = of(key, index, declared, "ALTER TABLE t VALIDATE CONSTRAINT n", session=nobody, major=18)
    assert (proven.scans, proven.failures) == ((), ())


@pytest.mark.parametrize(
    ("sql", "mode"),
    [
        ("ALTER TABLE t ADD COLUMN x int", LockMode.ACCESS_EXCLUSIVE),
        ("CREATE INDEX ON t (a)", LockMode.SHARE),
        ("CREATE INDEX CONCURRENTLY ON t (a)", LockMode.SHARE_UPDATE_EXCLUSIVE),
        ("ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p (id) NOT VALID", LockMode.SHARE_ROW_EXCLUSIVE),
        ("DROP TABLE t", LockMode.ACCESS_EXCLUSIVE),
        ("TRUNCATE t", LockMode.ACCESS_EXCLUSIVE),
        ("UPDATE t SET a = 1", LockMode.ROW_EXCLUSIVE),
        ("ALTER TABLE t ALTER a TYPE bigint", LockMode.ACCESS_EXCLUSIVE),
        ("VACUUM FULL t", LockMode.ACCESS_EXCLUSIVE),
    ],
)
def test_knows_the_lock_on_a_table_that_nobody_has_seen(sql: str, mode: LockMode) -> None:
    done = unknown(sql)
    assert done.lock_on(public("t")) is mode
    assert any("public.t" in said(clause) for clause in done.assumptions)
    assert not [failure for failure in done.failures if failure.certain]


def test_assumes_the_rewrite_where_the_old_type_is_unknown() -> None:
    done = unknown("ALTER TABLE t ALTER a TYPE text")
    assert done.rewrites == (public("t"),)
    assert any("type of public.t.a" in said(clause) for clause in done.assumptions)


def test_assumes_the_scan_where_a_proof_may_exist_unseen() -> None:
    assert unknown("ALTER TABLE t ALTER a SET NOT NULL").scans == (public("t"),)


def test_a_table_that_is_known_to_be_missing_is_a_certain_failure() -> None:
    [failure] = of("ALTER TABLE t ADD COLUMN x int").failures
    assert (failure.sqlstate, failure.certain) == ("42P01", True)


def test_an_unread_statement_is_named_as_unread() -> None:
    done = unknown("ALTER TABEL t FROBNICATE")
    assert done.locks == ()
    assert done.assumptions


def test_what_the_run_created_is_marked() -> None:
    done = of("ALTER TABLE t ADD COLUMN x int", "CREATE TABLE t (id int)")
    assert done.locks == (Lock(public("t"), LockMode.ACCESS_EXCLUSIVE, created=True),)


def test_a_delete_is_followed_through_the_foreign_keys() -> None:
    done = of(
        "DELETE FROM a WHERE id = 1",
        "CREATE TABLE a (id int PRIMARY KEY)",
        "CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a ON DELETE CASCADE)",
        "CREATE TABLE c (b int REFERENCES b ON DELETE SET NULL)",
        "CREATE TABLE d (b int REFERENCES b)",
        "CREATE INDEX ON d (b)",
        "INSERT INTO b VALUES (1, 1)",
        "INSERT INTO c VALUES (1)",
    )
    assert done.rows == (
        RowChange(public("a"), "DELETE"),
        RowChange(public("b"), "CASCADE", "b_a_fkey", public("a"), ("a",), indexed=False),
        RowChange(public("c"), "SET NULL", "c_b_fkey", public("b"), ("b",), indexed=False),
        RowChange(public("d"), "CHECK", "d_b_fkey", public("b"), ("b",), indexed=True),
    )
    assert done.scans == (public("b"), public("c"))
    assert [failure.sqlstate for failure in done.failures] == ["23503"]


def test_a_cycle_of_cascades_ends() -> None:
    done = of(
        "DELETE FROM a",
        "CREATE TABLE a (id int PRIMARY KEY, b int)",
        "CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a ON DELETE CASCADE)",
        "ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b ON DELETE CASCADE",
    )
    assert {change.table for change in done.rows} == {public("a"), public("b")}


def test_a_concurrent_build_is_refused_in_a_transaction_waits_and_may_leave_an_invalid_index() -> None:
    done = of("CREATE INDEX CONCURRENTLY i ON t (a)", "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1)")
    assert done.in_transaction is InTransaction.REFUSED
    assert done.invalid_indexes == (public("i"),)
    assert any("snapshot" in clause for clause in done.waits_for)


def test_names_the_functions_that_a_rewrite_evaluates_for_every_row() -> None:
    done = of(
        "ALTER TABLE t ADD COLUMN v tsvector GENERATED ALWAYS AS (to_tsvector('english', a)) STORED",
        "CREATE TABLE t (a text)",
    )
    assert done.expressions == (Name("to_tsvector"),)


@pytest.mark.parametrize(
    ("call", "word", "known"),
    [
        (FunctionCall(Name("now"), 0, 0, 0), "STABLE", True),
        (FunctionCall(Name("now", "pg_catalog"), 0, 0, 0), "STABLE", True),
        (FunctionCall(Name("random"), 0, 0, 0), "VOLATILE", True),
        (FunctionCall(Name("lower"), 1, 0, 0), "IMMUTABLE", True),
        (FunctionCall(Name("mine"), 1, 0, 0), "IMMUTABLE", True),
        (FunctionCall(Name("mine"), 2, 0, 0), "VOLATILE", False),
        (FunctionCall(Name("nobody_knows"), 0, 0, 0), "VOLATILE", False),
        (FunctionCall(Name("now", "elsewhere"), 0, 0, 0), "VOLATILE", False),
    ],
)
def test_takes_volatility_from_the_catalog_and_unknown_functions_for_volatile(
    call: FunctionCall, word: str, *, known: bool
) -> None:
    session = Session.begin(Catalog(16, functions=(CatalogFunction(public("mine"), 1, volatility="IMMUTABLE"),)))
    assert volatility(call, session, 16) == (word, known)


@pytest.mark.parametrize(
    ("known", "wanted", "follows"),
    [
        ("a > 5", "a >= 5", True),
        ("a >= 5", "a > 5", False),
        ("a = 7", "a <> 8", True),
        ("a = 7", "a < 8", True),
        ("a BETWEEN 3 AND 4", "a > 2", True),
        ("a IN (1, 2)", "a < 3", True),
        ("a IN (1, 5)", "a < 3", False),
        ("a > 5 OR a = 3", "a > 2", True),
        ("a > 5", "a IS NOT NULL", False),
        ("NOT (a IS NULL)", "a IS NOT NULL", True),
        ("a IS NOT NULL AND b > 1", "a IS NOT NULL", True),
        ("b > 'x'", "b > 'a'", False),
        ("d >= '2024-02-01'", "d > DATE '2024-01-01'", True),
        ("((state)::text = ANY ((ARRAY['a'::character varying])::text[]))", "state = 'a'", True),
        ("t.a > 5", "a > 4", True),
        ("a = b", "a = b", True),
        ("f(a) > 5", "a > 4", False),
    ],
)
def test_proves_what_postgresql_proves(known: str, wanted: str, *, follows: bool) -> None:
    assert implies(read(known), read(wanted)) is follows


def test_nested_parentheses_end() -> None:
    read("(" * 3000 + "a" + ")" * 3000)
    read("NOT " * 3000 + "a")


def test_dropping_checks_first_takes_the_proof_away() -> None:
    before = (
        "CREATE TABLE t (n int, CONSTRAINT nn CHECK (n IS NOT NULL))",
        "INSERT INTO t VALUES (1)",
    )
    assert of("ALTER TABLE t ALTER n SET NOT NULL", *before).scans == ()
    assert of("ALTER TABLE t ALTER n SET NOT NULL, DROP CONSTRAINT nn", *before).scans == (public("t"),)


def test_an_empty_table_is_not_scanned() -> None:
    done = of("ALTER TABLE t ALTER n SET NOT NULL", "CREATE TABLE t (n int)")
    assert (done.scans, done.failures) == ((), ())


def test_rows_of_constants_lock_the_partitions_they_go_to() -> None:
    before = (
        "CREATE TABLE p (id int, v text) PARTITION BY RANGE (id)",
        "CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM (0) TO (10)",
        "CREATE TABLE p_2 PARTITION OF p FOR VALUES FROM (10) TO (20)",
        "CREATE TABLE p_rest PARTITION OF p DEFAULT",
    )

    def locked(sql: str) -> set[str]:
        return {lock.relation.name for lock in of(sql, *before).locks}

    assert locked("INSERT INTO p VALUES (5, 'x')") == {"p", "p_1"}
    assert locked("INSERT INTO p (v, id) VALUES ('x', 15), ('y', 3)") == {"p", "p_1", "p_2"}
    assert locked("INSERT INTO p VALUES (99, 'x')") == {"p", "p_rest"}
    assert locked("INSERT INTO p VALUES (random(), 'x')") == {"p", "p_1", "p_2", "p_rest"}


@functools.cache
def _statements() -> Sequence[str]:
    """Everything in a measured shape, and what begins and ends transactions."""
    shapes = read_shapes(HERE / "postgres-truth.json") + read_shapes(HERE / "shapes.json")
    pool = sorted({sql for shape in shapes for sql in (*statements_of(shape.given), *shape.statements)})
    return pool + ["BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT s", "ROLLBACK TO s", "RELEASE s"] * 10


@pytest.mark.parametrize("seed", seeds(6))
def test_any_statements_in_any_order_are_modelled_without_an_error(seed: int) -> None:
    """Also where nothing fits: dropped tables, partitions of other tables, transactions that end twice."""
    order, major = random.Random(seed), 12 + seed % 7
    session = Session.begin(None, major=major) if seed % 2 else fixture(major)
    for index, sql in enumerate(order.choices(_statements(), k=120)):
        one = as_statement(sql.removeprefix("!"), order.choice([None, None, 1, 2]))
        session = session.after(one, effects(one, session, major), index)
    kept, found = session.links, Links.of(session.catalog)
    assert kept is not None
    for link in fields(Links):
        mine, theirs = ({key: set(names) for key, names in getattr(one, link.name).items()} for one in (kept, found))
        assert mine == theirs


@pytest.mark.parametrize(
    ("sql", "before"),
    [
        ("DROP FUNCTION f()", "ALTER TABLE t ALTER a DROP DEFAULT"),
        ("DROP FUNCTION f()", "DROP TRIGGER g ON t"),
        ("DROP FUNCTION f()", "DROP POLICY p ON t"),
        ("DROP ROLE r", "REVOKE ALL ON t FROM r"),
        ("DROP ROLE r", "REASSIGN OWNED BY r TO postgres"),
        ("DROP ROLE r", "ALTER TABLE t OWNER TO postgres"),
    ],
)
def test_what_the_run_takes_away_no_longer_depends(sql: str, before: str) -> None:
    given = of_session("CREATE TABLE t (a int DEFAULT 1)", "CREATE TRIGGER g BEFORE INSERT ON t EXECUTE FUNCTION h()")
    function = CatalogFunction(public("f"), 0, types=(), dependents=("default value for column a of table public.t",))
    role = CatalogObject("ROLE", Name("r"), dependents=("owner of table public.t",))
    owner = CatalogObject("ROLE", Name("postgres"))
    catalog = replace(given.catalog, functions=(function,), objects=(role, owner))
    session = Session.begin(run(Session.begin(catalog), "CREATE POLICY p ON t", 18).catalog, snapshot=True)
    assert any(one.certain for one in of(sql, session=session, major=18).failures)
    assert not any(one.certain for one in of(sql, before, session=session, major=18).failures)
