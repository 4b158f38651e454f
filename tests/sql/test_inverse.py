"""What undoes an operation really undoes it, and nothing is undone that may have existed before."""

import psycopg
import pytest

from bot.sql import read_statement, write_statement
from bot.sql.writing.inverse import inverse


def undo(sql: str) -> list[str] | None:
    (operation,) = read_statement(sql)
    undone = inverse(operation)
    return None if undone is None else [write_statement([one]) for one in undone]


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
        "ALTER TABLE t ADD CHECK (a > 0)",
        "GRANT SELECT ON t TO public",
    ],
)
def test_what_is_lost_or_may_be_older_is_not_undone(sql: str) -> None:
    assert undo(sql) is None


@pytest.mark.parametrize(
    "sql", ["ALTER TABLE t VALIDATE CONSTRAINT c", "ANALYZE t", "SET lock_timeout = 0", "REINDEX TABLE t"]
)
def test_what_changes_no_schema_needs_no_undoing(sql: str) -> None:
    assert undo(sql) == []
