"""The elements of CREATE SCHEMA are read where PostgreSQL puts them, and refused where it refuses them."""

import psycopg
import pytest

from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.sql import read_statement
from tests.support.rule_pages import Example, analysed

AROUND = """
CREATE ROLE owner;
CREATE SCHEMA other;
CREATE TABLE here (id int PRIMARY KEY);
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
"""
MADE = r"""
SELECT relation.relname, space.nspname FROM pg_class relation JOIN pg_namespace space ON space.oid = relnamespace
WHERE space.nspname NOT IN ('public', 'information_schema') AND space.nspname !~ '^pg_'
AND relkind IN ('r', 'p', 'v', 'S')
UNION ALL SELECT relation.relname, space.nspname || ' <-' FROM pg_constraint
JOIN pg_class relation ON relation.oid = confrelid JOIN pg_namespace space ON space.oid = relation.relnamespace
UNION ALL SELECT relation.relname, space.nspname || ' trigger' FROM pg_trigger
JOIN pg_class relation ON relation.oid = tgrelid JOIN pg_namespace space ON space.oid = relation.relnamespace
WHERE NOT tgisinternal
UNION ALL SELECT relation.relname, space.nspname || ' index' FROM pg_index
JOIN pg_class relation ON relation.oid = indrelid JOIN pg_namespace space ON space.oid = relation.relnamespace
WHERE NOT indisprimary AND space.nspname !~ '^pg_'
UNION ALL SELECT relation.relname, space.nspname || ' grant' FROM pg_class relation
JOIN pg_namespace space ON space.oid = relnamespace WHERE relacl IS NOT NULL AND relation.oid >= 16384
UNION ALL SELECT relation.relname, space.nspname || ' parent' FROM pg_inherits
JOIN pg_class relation ON relation.oid = inhparent JOIN pg_namespace space ON space.oid = relation.relnamespace
UNION ALL SELECT DISTINCT relation.relname, space.nspname || ' viewed' FROM pg_rewrite rule
JOIN pg_depend ON objid = rule.oid AND classid = 'pg_rewrite'::regclass AND refobjid <> ev_class
JOIN pg_class relation ON relation.oid = refobjid AND refclassid = 'pg_class'::regclass
JOIN pg_namespace space ON space.oid = relation.relnamespace WHERE rule.oid >= 16384
"""


def said(operations: tuple[op.Operation, ...]) -> set[tuple[str, str]]:
    """What the operations create and name, as `MADE` lists it; a name without a schema is one of `public`."""
    names: list[tuple[Name, str]] = []
    for operation in operations:
        match operation:
            case op.CreateTable():
                names.append((operation.table, ""))
                given = [*operation.constraints, *(each for column in operation.columns for each in column.constraints)]
                names += [(each.references, " <-") for each in given if isinstance(each, op.ForeignKey)]
                parents = (*operation.inherits, *([operation.partition_of] if operation.partition_of else []))
                names += [(parent, " parent") for parent in parents]
            case op.CreateView():
                names.append((operation.view, ""))
                names += [(relation, " viewed") for relation in operation.query.relations]
            case op.CreateSequence():
                names.append((operation.sequence, ""))
            case op.CreateIndex():
                names.append((operation.table, " index"))
            case op.CreateTrigger():
                names.append((operation.table, " trigger"))
            case op.Grant():
                names += [(relation, " grant") for relation in operation.relations]
    return {(name.name, (name.schema or "public") + what) for name, what in names}


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE SCHEMA s CREATE TABLE t (id int)",
        "CREATE SCHEMA s CREATE TABLE s.t (id int)",
        "CREATE SCHEMA s CREATE TABLE t (id int PRIMARY KEY) CREATE TABLE u (t int REFERENCES t) CREATE INDEX ON u (t)",
        "CREATE SCHEMA s CREATE TABLE t (id int, FOREIGN KEY (id) REFERENCES here)",
        "CREATE SCHEMA s CREATE VIEW v AS SELECT * FROM t CREATE TABLE t (id int)",
        "CREATE SCHEMA s CREATE VIEW v AS SELECT id FROM here",
        "CREATE SCHEMA s CREATE TABLE here (id int) CREATE OR REPLACE VIEW v AS SELECT id FROM here",
        "CREATE SCHEMA s CREATE TABLE here (id int) CREATE VIEW v AS SELECT id FROM public.here",
        "CREATE SCHEMA s CREATE SEQUENCE q CREATE TABLE t (id int DEFAULT nextval('q'))",
        "CREATE SCHEMA s CREATE TRIGGER g AFTER INSERT ON t EXECUTE FUNCTION nothing() CREATE TABLE t (id int)",
        "CREATE SCHEMA s CREATE TABLE t (id int) GRANT SELECT ON t TO public",
        "CREATE SCHEMA s GRANT SELECT ON here TO public",
        "CREATE SCHEMA s CREATE TABLE t (LIKE here) CREATE TABLE c () INHERITS (t)",
        "CREATE SCHEMA s CREATE TABLE p (id int) PARTITION BY LIST (id) CREATE TABLE p1 PARTITION OF p DEFAULT",
        "CREATE SCHEMA s CREATE TABLE IF NOT EXISTS t (id int) CREATE UNIQUE INDEX i ON t (id)",
        "CREATE SCHEMA AUTHORIZATION owner CREATE TABLE t (id int)",
        "CREATE SCHEMA s AUTHORIZATION owner CREATE TABLE t (id int)",
    ],
)
def test_an_element_is_in_the_schema_where_postgresql_creates_it(database: str, sql: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute(AROUND)
        connection.execute(sql.encode())
        made = set(connection.execute(MADE).fetchall())
        connection.rollback()
    assert said(read_statement(sql)) == made


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE SCHEMA s CREATE TABLE other.t (id int)",
        "CREATE SCHEMA s CREATE VIEW public.v AS SELECT 1 AS a",
        "CREATE SCHEMA s CREATE SEQUENCE public.q",
        "CREATE SCHEMA s CREATE INDEX i ON public.here (id)",
        "CREATE SCHEMA s CREATE TRIGGER g AFTER INSERT ON public.here EXECUTE FUNCTION nothing()",
        "CREATE SCHEMA s CREATE TABLE t AS SELECT 1 AS a",
        "CREATE SCHEMA s CREATE TEMP TABLE t (id int)",
        "CREATE SCHEMA s CREATE TEMP VIEW v AS SELECT 1 AS a",
        "CREATE SCHEMA s CREATE MATERIALIZED VIEW v AS SELECT 1 AS a",
        "CREATE SCHEMA s CREATE FOREIGN TABLE t (a int) SERVER x",
        "CREATE SCHEMA s CREATE SCHEMA u CREATE TABLE t (id int)",
        "CREATE SCHEMA s GRANT owner TO postgres",
        "CREATE SCHEMA s REVOKE SELECT ON here FROM public",
        "CREATE SCHEMA IF NOT EXISTS s CREATE TABLE t (id int)",
    ],
)
def test_an_element_that_postgresql_refuses_is_not_read(database: str, sql: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute(AROUND)
        with pytest.raises(psycopg.Error):
            connection.execute(sql.encode())
        connection.rollback()
    (operation,) = read_statement(sql)
    assert isinstance(operation, op.Unread)


def test_a_schema_without_a_name_is_called_as_its_owner() -> None:
    for sql, name in (("CREATE SCHEMA AUTHORIZATION owner", "owner"), ("CREATE SCHEMA s AUTHORIZATION owner", "s")):
        (made,) = read_statement(sql)
        assert isinstance(made, op.CreateSchema)
        assert made.schema == name
        assert [str(one.name) for one in made.mentions] == ["owner"]


def test_an_index_on_a_table_made_with_its_schema_is_no_danger() -> None:
    sql = "CREATE SCHEMA s CREATE TABLE t (id int); CREATE INDEX i ON s.t (id);"
    assert not analysed(Example(sql)).findings
