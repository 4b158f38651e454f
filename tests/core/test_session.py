"""The session: what a deploy has created, dropped, proven, set and locked so far."""

import pytest

from bot.core.effects import effects
from bot.core.language import operations as op
from bot.core.language.migrations import Lines, Statement
from bot.core.language.names import Name
from bot.core.schema.catalog import Catalog, Relation, RelationKind
from bot.core.schema.session import Session, Setting
from bot.sql import read_statement


def statement(sql: str, transaction: int | None = None) -> Statement:
    return Statement("m.sql", Lines(1, 1), read_statement(sql), sql, 0, len(sql), sql, transaction)


def run(session: Session, *statements: str, transaction: int | None = None) -> Session:
    for index, sql in enumerate(statements):
        one = statement(sql, transaction)
        session = session.after(one, effects(one, session, session.catalog.major), index)
    return session


def empty(major: int = 16) -> Session:
    return Session.begin(Catalog(major), snapshot=True)


def holding(*tables: str) -> Session:
    """A session on a database that already has these tables."""
    return Session.begin(
        Catalog(16, relations={public(name): Relation(public(name), RelationKind.TABLE) for name in tables})
    )


def public(name: str) -> Name:
    return Name(name, "public")


def names(session: Session) -> set[str]:
    return {name.name for name in (*session.catalog.relations, *session.catalog.indexes)}


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("5s", 5.0), ("1500", 1.5), ("1min", 60.0), ("2 h", 7200.0), ("0", 0.0), ("250ms", 0.25), ("1d", 86400.0),
     ("500us", 0.0005), ("1.5s", 1.5), ("soon", None), ("5 lightyears", None)],
)  # fmt: skip
def test_understands_the_units_of_a_timeout(value: str, seconds: float | None) -> None:
    session = Session.begin(Catalog(16), {"lock_timeout": Setting(value, "the role")})
    assert session.seconds("lock_timeout") == (pytest.approx(seconds) if seconds is not None else None)


def test_a_timeout_that_is_not_set_is_unknown() -> None:
    assert empty().seconds("lock_timeout") is None


def test_set_local_ends_with_its_transaction_and_set_does_not() -> None:
    session = run(empty(), "SET LOCAL lock_timeout = '1s'", "SET statement_timeout = '1min'", transaction=1)
    assert (session.seconds("lock_timeout"), session.seconds("statement_timeout")) == (1.0, 60.0)
    session = run(session, "SELECT 1", transaction=2)
    assert (session.seconds("lock_timeout"), session.seconds("statement_timeout")) == (None, 60.0)


def test_reset_returns_to_what_the_session_began_with() -> None:
    session = Session.begin(Catalog(16), {"lock_timeout": Setting("3s", "the role")})
    session = run(session, "SET lock_timeout = '1s'")
    assert session.seconds("lock_timeout") == 1.0
    assert run(session, "RESET lock_timeout").seconds("lock_timeout") == 3.0
    assert run(session, "RESET ALL").seconds("lock_timeout") == 3.0


def test_resolves_names_by_the_search_path_in_force() -> None:
    session = run(empty(), "CREATE SCHEMA a", "CREATE TABLE a.t (id int)", "CREATE TABLE public.t (id int)")
    assert session.resolve(Name("t")) == public("t")
    session = run(session, "SET search_path TO a, public")
    assert session.resolve(Name("t")) == Name("t", "a")
    assert session.resolve(Name("fresh")) == Name("fresh", "a")
    assert run(session, 'SET search_path = "$user", public').resolve(Name("t")) == public("t")


def test_locks_are_held_to_the_end_of_the_transaction() -> None:
    session = run(holding("t"), "LOCK TABLE t IN SHARE MODE", "SELECT 1", transaction=1)
    assert [(held.relation, held.since) for held in session.held] == [(public("t"), 0)]
    assert run(session, "SELECT 1", transaction=2).held == ()


def test_a_statement_of_its_own_holds_nothing_afterwards() -> None:
    assert run(holding("t"), "LOCK TABLE t").held == ()


def test_a_lock_on_what_the_run_created_does_not_count_as_held() -> None:
    assert run(empty(), "CREATE TABLE t (id int)", "LOCK TABLE t", transaction=1).held == ()


def test_begin_and_commit_in_the_file_make_a_transaction() -> None:
    session = run(holding("t"), "BEGIN", "LOCK TABLE t", "SET LOCAL lock_timeout = '1s'")
    assert len(session.held) == 1
    assert session.seconds("lock_timeout") == 1.0
    session = run(session, "COMMIT")
    assert (session.held, session.seconds("lock_timeout")) == ((), None)


def test_rollback_undoes_what_the_transaction_did() -> None:
    session = run(empty(), "CREATE TABLE t (id int)", "BEGIN", "DROP TABLE t", "CREATE TABLE u (id int)", "ROLLBACK")
    assert names(session) == {"t"}
    assert public("u") not in session.created


def test_rollback_to_a_savepoint_undoes_what_came_after_it() -> None:
    session = run(empty(), "BEGIN", "CREATE TABLE a (id int)", "SAVEPOINT s", "CREATE TABLE b (id int)", "LOCK TABLE a")
    session = run(session, "ROLLBACK TO SAVEPOINT s")
    assert names(session) == {"a"}
    assert run(session, "COMMIT").created == {public("a")}


def test_knows_what_the_run_created_and_what_it_dropped() -> None:
    old = Relation(public("old"), RelationKind.TABLE)
    session = Session.begin(Catalog(16, relations={old.name: old}))
    session = run(session, "CREATE TABLE fresh (id int PRIMARY KEY)", "DROP TABLE old")
    assert session.created == {public("fresh"), public("fresh_pkey")}
    assert session.dropped == {"old"}


def test_a_renamed_table_is_not_a_new_one() -> None:
    old = Relation(public("old"), RelationKind.TABLE)
    session = run(Session.begin(Catalog(16, relations={old.name: old})), "ALTER TABLE old RENAME TO fresh")
    assert public("fresh") in session.catalog.relations
    assert session.created == frozenset()


@pytest.mark.parametrize(
    ("sql", "created"),
    [
        ("CREATE SCHEMA s CREATE TABLE s.t (id int)", {"s.t"}),
        ("CREATE SCHEMA s CREATE TABLE s.t (id int PRIMARY KEY)", {"s.t", "s.t_pkey"}),
        ("CREATE SCHEMA s CREATE VIEW s.v AS SELECT 1", {"s.v"}),
        ("CREATE SCHEMA s CREATE SEQUENCE s.q", {"s.q"}),
        ("CREATE SCHEMA s", set()),
        ("CREATE EXTENSION citext SCHEMA s", set()),
        ("COPY old TO stdout", set()),
        ("COPY old FROM stdin", set()),
        ("CREATE TABLE t AS SELECT 1", {"public.t"}),
        ("SELECT 1 INTO t", {"public.t"}),
        ("CREATE VIEW v AS SELECT 1", {"public.v"}),
        ("CREATE MATERIALIZED VIEW v AS SELECT 1", {"public.v"}),
        ("CREATE FOREIGN TABLE f (id int) SERVER away", {"public.f"}),
        ("CREATE SEQUENCE q", {"public.q"}),
        ("ALTER TABLE old ADD COLUMN id bigserial", {"public.old_id_seq"}),
        ("ALTER TABLE old ADD PRIMARY KEY (a)", {"public.old_pkey"}),
        ("ALTER TABLE old ADD CONSTRAINT k UNIQUE USING INDEX old_a_idx", set()),
        ("ALTER TABLE old RENAME TO other", set()),
        ("ALTER TABLE old RENAME COLUMN a TO b", set()),
        ("ALTER TABLE old SET SCHEMA s", set()),
        ("ALTER INDEX old_a_idx RENAME TO i", set()),
        ("ALTER SCHEMA public RENAME TO s", set()),
    ],
)
def test_what_a_statement_makes_is_new_and_what_it_renames_is_not(sql: str, created: set[str]) -> None:
    session = run(empty(), "CREATE TABLE old (a int NOT NULL)", "CREATE UNIQUE INDEX ON old (a)")
    assert {str(name) for name in run(Session.begin(session.catalog), sql).created} == created


def test_a_renamed_schema_keeps_apart_what_is_new_in_it_and_what_is_not() -> None:
    session = Session.begin(run(empty(), "CREATE SCHEMA s", "CREATE TABLE s.old (id int)").catalog)
    session = run(session, "CREATE TABLE s.new (id int)", "ALTER SCHEMA s RENAME TO r")
    assert session.created == {Name("new", "r")}


def test_nobody_waits_for_a_table_that_came_with_its_schema() -> None:
    session = run(empty(), "CREATE SCHEMA s CREATE TABLE s.t (id int)")
    done = effects(statement("CREATE INDEX i ON s.t (id)"), session, 16)
    assert all(lock.created for lock in done.locks)


def test_a_renamed_table_of_this_run_stays_a_new_one() -> None:
    session = run(empty(), "CREATE TABLE a (id int)", "ALTER TABLE a RENAME TO b")
    assert session.created == {public("b")}


@pytest.mark.parametrize(
    ("sql", "made"),
    [
        ("CREATE TABLE t (id int PRIMARY KEY)", {"t", "t_pkey"}),
        ("CREATE TABLE t (id serial, a text UNIQUE, b int, UNIQUE (a, b))", {"t", "t_id_seq", "t_a_key", "t_a_b_key"}),
        ("CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY)", {"t", "t_id_seq"}),
        ("CREATE TABLE t (r int4range, EXCLUDE USING gist (r WITH &&))", {"t", "t_r_excl"}),
        ('CREATE TABLE "T x" ("Id" int PRIMARY KEY, "A" int UNIQUE)', {"T x", "T x_pkey", "T x_A_key"}),
    ],
    ids=["primary key", "unique and serial", "identity", "exclusion", "quoted"],
)
def test_names_what_a_table_brings_along_as_postgresql_does(sql: str, made: set[str]) -> None:
    assert names(run(empty(), sql)) == made


def test_numbers_names_that_are_taken() -> None:
    session = run(empty(), "CREATE TABLE t (a int, b int)", *["CREATE INDEX ON t (a)"] * 3, "CREATE INDEX ON t (a, b)")
    assert names(session) == {"t", "t_a_idx", "t_a_idx1", "t_a_idx2", "t_a_b_idx"}


def test_cuts_long_names_like_postgresql() -> None:
    table, column = "a" * 60, "b" * 60
    session = run(empty(), f"CREATE TABLE {table} ({column} int)", f"CREATE INDEX ON {table} ({column})")
    [index] = session.catalog.indexes
    assert index.name == "a" * 29 + "_" + "b" * 29 + "_idx"


def test_names_constraints_by_their_columns() -> None:
    session = run(
        empty(18),
        "CREATE TABLE p (id int PRIMARY KEY)",
        "CREATE TABLE t (a int NOT NULL, b int REFERENCES p, CHECK (a > 0), CHECK (a > b))",
    )
    assert {constraint.name for constraint in session.catalog.relations[public("t")].constraints} == {
        "t_a_not_null", "t_b_fkey", "t_a_check", "t_check",
    }  # fmt: skip


def test_an_index_on_a_partitioned_table_is_one_on_every_partition() -> None:
    session = run(
        empty(),
        "CREATE TABLE p (id int, v int) PARTITION BY RANGE (id)",
        "CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM (0) TO (10) PARTITION BY LIST (v)",
        "CREATE TABLE p_1_a PARTITION OF p_1 FOR VALUES IN (1)",
        "CREATE INDEX ON p (v)",
        "CREATE TABLE p_2 PARTITION OF p FOR VALUES FROM (10) TO (20)",
    )
    assert {index.name for index in session.catalog.indexes} == {
        "p_v_idx", "p_1_v_idx", "p_1_a_v_idx", "p_2_v_idx",
    }  # fmt: skip
    assert session.catalog.indexes[public("p_1_a_v_idx")].parent == public("p_1_v_idx")


def test_validating_makes_a_constraint_valid_everywhere_below() -> None:
    session = run(
        empty(),
        "CREATE TABLE p (id int, v int) PARTITION BY RANGE (id)",
        "CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM (0) TO (10)",
        "ALTER TABLE p ADD CONSTRAINT k CHECK (v > 0) NOT VALID",
    )
    assert [session.catalog.relations[public(name)].constraints[0].valid for name in ("p", "p_1")] == [False, False]
    session = run(session, "ALTER TABLE p VALIDATE CONSTRAINT k")
    assert [session.catalog.relations[public(name)].constraints[0].valid for name in ("p", "p_1")] == [True, True]


def test_a_renamed_column_is_renamed_in_checks_indexes_and_foreign_keys() -> None:
    session = run(
        empty(),
        "CREATE TABLE p (id int PRIMARY KEY)",
        "CREATE TABLE t (a int REFERENCES p (id), CHECK (a > 0))",
        "CREATE INDEX i ON t ((a + 1)) WHERE a > 5",
        'ALTER TABLE t RENAME COLUMN a TO "A b"',
        "ALTER TABLE p RENAME COLUMN id TO pid",
    )
    relation = session.catalog.relations[public("t")]
    check = next(one.definition for one in relation.constraints if one.name == "t_a_check")
    key = next(one.definition for one in relation.constraints if one.name == "t_a_fkey")
    index = session.catalog.indexes[public("i")]
    assert isinstance(check, op.Check)
    assert isinstance(key, op.ForeignKey)
    assert check.expression.text == '"A b" > 0'
    assert (key.columns, key.references_columns) == (("A b",), ("pid",))
    assert index.where is not None
    assert index.where.text == '"A b" > 5'
    assert index.elements[0].expression.mentions("A b")


def test_dropping_a_column_takes_its_indexes_constraints_and_sequence() -> None:
    session = run(empty(), "CREATE TABLE t (id serial PRIMARY KEY, a int)", "ALTER TABLE t DROP COLUMN id")
    assert names(session) == {"t"}
    assert session.catalog.relations[public("t")].constraints == ()


def test_remembers_enum_labels_that_cannot_be_used_yet() -> None:
    session = run(empty(), "CREATE TYPE mood AS ENUM ('sad')")
    session = run(session, "ALTER TYPE mood ADD VALUE 'ok'", transaction=1)
    assert session.enum_values == {(public("mood"), "ok")}
    assert run(session, "SELECT 1", transaction=2).enum_values == frozenset()


def test_without_a_snapshot_it_keeps_what_the_run_itself_says_of_a_table() -> None:
    session = Session.begin(None, major=16)
    session = run(
        session,
        "ALTER TABLE t ADD CONSTRAINT nn CHECK (n IS NOT NULL) NOT VALID",
        "ALTER TABLE t VALIDATE CONSTRAINT nn",
    )
    assert public("t") not in session.created
    one = statement("ALTER TABLE t ALTER COLUMN n SET NOT NULL")
    assert effects(one, session, 16).scans == ()


def test_an_insert_makes_an_empty_table_one_of_unknown_size() -> None:
    session = run(empty(), "CREATE TABLE t (id int)")
    size = session.catalog.relations[public("t")].size
    assert size is not None
    assert size.rows == 0
    assert run(session, "INSERT INTO t VALUES (1)").catalog.relations[public("t")].size is None


@pytest.mark.parametrize(
    "renamed",
    [
        "ALTER FUNCTION worth(integer, text[]) RENAME TO value_of",
        "ALTER FUNCTION worth RENAME TO value_of",
        "ALTER ROUTINE public.worth(int4, text[]) SET SCHEMA later",
        "ALTER SCHEMA public RENAME TO before",
    ],
)
def test_a_function_that_is_renamed_or_moved_leaves_its_name_free(renamed: str) -> None:
    made = "CREATE FUNCTION public.worth(number integer, words text[]) RETURNS text LANGUAGE sql AS 'SELECT $2[$1]'"
    before = run(empty(18), "CREATE SCHEMA later" if "SCHEMA later" in renamed else "SELECT 1", made)
    assert {one.sqlstate for one in effects(statement(made), before, 18).failures} == {"42723"}
    after = run(before, renamed, *(["CREATE SCHEMA public"] if "SCHEMA public" in renamed else []))
    assert not effects(statement(made), after, 18).failures


def test_the_overload_of_other_arguments_keeps_its_name() -> None:
    made = [f"CREATE FUNCTION worth({kind}) RETURNS text LANGUAGE sql AS 'SELECT $1::text'" for kind in ("int", "date")]
    after = run(empty(18), *made, "ALTER FUNCTION worth(integer) RENAME TO value_of")
    assert [len(effects(statement(one), after, 18).failures) for one in made] == [0, 1]
