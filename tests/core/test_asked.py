"""Everything that a statement names is asked of the replica by its kind, and nothing else."""

import pytest

from bot.core.language.migrations import Lines, Migration, Run, Statement
from bot.core.language.names import Name, ObjectKind
from bot.core.schema.asked import Asked, asked_by
from bot.sql import read_statement


def asked(sql: str) -> Asked:
    statement = Statement("x.sql", Lines(1, 1), read_statement(sql), sql, 0, len(sql), sql)
    return asked_by(Run((Migration("x.sql", "sql", "1", None, (statement,), sql),)))


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("ALTER TABLE t RENAME TO parent", {"t", "parent"}),
        ("CREATE INDEX vt ON t (n)", {"t", "vt"}),
        ("ALTER TABLE t ADD CONSTRAINT u UNIQUE USING INDEX u_idx", {"t", "u", "u_idx"}),
        ("ALTER TABLE t REPLICA IDENTITY USING INDEX ui", {"t", "ui"}),
        ("CLUSTER t USING ti", {"t", "ti"}),
        ("COMMENT ON INDEX s.t_a_idx IS 'i'", {"s.t_a_idx"}),
        ('COMMENT ON MATERIALIZED VIEW "M v" IS NULL', {'"M v"'}),
        ("ALTER TABLE t ALTER n SET DEFAULT nextval('public.sq'::regclass)", {"t", "public.sq", "regclass"}),
        ("SELECT setval('\"Odd one\"', 7)", {'"Odd one"'}),
        ("ALTER TYPE kind RENAME TO sort", {"kind", "sort"}),
    ],
)
def test_relations_and_types_are_asked_by_their_names_also_by_those_that_they_are_to_have(
    sql: str, names: set[str]
) -> None:
    assert {str(name) for name in asked(sql).relations} == names


@pytest.mark.parametrize(
    ("sql", "functions"),
    [
        ("DROP FUNCTION add_one(int)", {"add_one"}),
        ("DROP AGGREGATE s.total(int)", {"s.total"}),
        ("COMMENT ON FUNCTION add_one(int) IS 'x'", {"add_one"}),
        ("CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION note()", {"note"}),
    ],
)
def test_functions_are_asked_as_functions_and_not_as_relations(sql: str, functions: set[str]) -> None:
    found = asked(sql)
    assert {str(name) for name in found.functions} == functions
    assert not {name.name for name in found.relations} & functions


@pytest.mark.parametrize(
    ("sql", "kind", "name"),
    [
        ("DROP SCHEMA legacy CASCADE", ObjectKind.SCHEMA, "legacy"),
        ("ALTER SCHEMA legacy RENAME TO old", ObjectKind.SCHEMA, "legacy"),
        ("REINDEX SCHEMA legacy", ObjectKind.SCHEMA, "legacy"),
        ("GRANT SELECT ON ALL TABLES IN SCHEMA legacy TO app", ObjectKind.SCHEMA, "legacy"),
        ("DROP EXTENSION citext CASCADE", ObjectKind.EXTENSION, "citext"),
        ("ALTER PUBLICATION feed SET TABLE t", ObjectKind.PUBLICATION, "feed"),
        ("DROP PUBLICATION feed", ObjectKind.PUBLICATION, "feed"),
        ("REASSIGN OWNED BY app TO postgres", ObjectKind.ROLE, "app"),
        ("DROP OWNED BY app", ObjectKind.ROLE, "app"),
        ("ALTER TABLE ALL IN TABLESPACE slow SET TABLESPACE fast", ObjectKind.TABLESPACE, "slow"),
        ("DROP SERVER far CASCADE", ObjectKind.SERVER, "far"),
        ("DROP STATISTICS IF EXISTS daily", ObjectKind.STATISTICS, "daily"),
    ],
)
def test_what_tables_hang_on_is_asked_by_its_kind(sql: str, kind: ObjectKind, name: str) -> None:
    assert (kind, Name(name)) in asked(sql).things


def test_a_comment_on_a_schema_asks_for_none_of_its_tables() -> None:
    found = asked("COMMENT ON SCHEMA legacy IS 'x'")
    assert (found.things, found.all_tables) == ((), False)


@pytest.mark.parametrize(
    "sql", ["VACUUM FULL", "ANALYZE", "CLUSTER", "REINDEX DATABASE", "CREATE PUBLICATION p FOR ALL TABLES"]
)
def test_a_statement_about_the_whole_database_asks_for_its_tables(sql: str) -> None:
    assert asked(sql).all_tables


def test_what_several_runs_ask_is_asked_together() -> None:
    together = Asked.together([asked("DROP TABLE a"), asked("DROP TABLE a, b"), asked("VACUUM")])
    assert together == Asked((Name("a"), Name("b")), all_tables=True)


def test_who_may_not_know_a_name_finds_out_nothing_that_hangs_on_another() -> None:
    found = asked("DROP SCHEMA legacy CASCADE; DROP TABLE a").without({Name("a")})
    assert found == Asked()
