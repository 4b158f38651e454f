"""What a statement makes, drops and needs."""

import pytest

from bot.core.judging.touches import Part, touches
from bot.core.language.migrations import Lines, Statement
from bot.core.schema.catalog import Catalog
from bot.core.schema.session import Session
from bot.sql import read_script


def said(sql: str) -> list[str]:
    """Each thing with what the statement does to it, but not the types and schemas that every table needs."""
    session = Session.begin(Catalog(18, complete=False), snapshot=False)
    found: dict[str, None] = {}
    for read in read_script(sql).statements:
        lines = Lines(read.lines.first, read.lines.last)
        statement = Statement(
            "a.sql", lines, read.operations, read.sql, read.start, read.end, read.sql, inside=read.inside
        )
        for touch in touches(statement, session):
            if not touch.thing.key.startswith("type "):
                found[f"{touch.part.value} {touch.thing.key}"] = None
    return list(found)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("CREATE TABLE a (id int)", ["makes relation public.a"]),
        (
            "ALTER TABLE a ADD CONSTRAINT c CHECK (b <> '' AND d > 0) NOT VALID",
            [
                "makes constraint public.a c",
                "builds relation public.a",
                "builds column public.a b",
                "builds column public.a d",
            ],
        ),
        (
            "CREATE INDEX i ON a (lower(b)) WHERE d IS NULL",
            [
                "makes relation public.i",
                "builds relation public.a",
                "builds column public.a b",
                "builds column public.a d",
            ],
        ),
        (
            "CREATE TABLE a (b_id int REFERENCES b (id))",
            ["makes relation public.a", "builds relation public.b", "builds column public.b id"],
        ),
        ("CREATE TEMPORARY TABLE a (id int)", []),
        ("DROP TABLE a", ["drops relation public.a", "uses relation public.a"]),
        ("DROP TABLE IF EXISTS a", ["drops relation public.a"]),
        ("ALTER TABLE a ADD COLUMN b int", ["makes column public.a b", "builds relation public.a"]),
        ("ALTER TABLE IF EXISTS a ADD COLUMN b int", ["makes column public.a b"]),
        (
            "ALTER TABLE a DROP COLUMN b",
            ["drops column public.a b", "uses column public.a b", "uses relation public.a"],
        ),
        (
            "ALTER TABLE a RENAME COLUMN b TO c",
            [
                "renames column public.a b",
                "makes column public.a c",
                "uses column public.a b",
                "builds relation public.a",
            ],
        ),
        (
            "CREATE INDEX i ON s.a (b) INCLUDE (c)",
            [
                "makes relation s.i",
                "builds relation s.a",
                "uses schema s",
                "builds column s.a b",
                "builds column s.a c",
            ],
        ),
        ("DROP INDEX CONCURRENTLY i", ["drops relation public.i", "uses relation public.i"]),
        (
            "ALTER TABLE a ADD CONSTRAINT k FOREIGN KEY (b) REFERENCES c NOT VALID",
            [
                "makes constraint public.a k",
                "builds relation public.a",
                "builds column public.a b",
                "builds relation public.c",
            ],
        ),
        (
            "ALTER TABLE a VALIDATE CONSTRAINT k",
            ["builds relation public.a", "builds constraint public.a k"],
        ),
        ("UPDATE a SET b = 1", ["uses relation public.a", "uses column public.a b"]),
        ("SELECT 1 FROM a", ["uses relation public.a"]),
        ("CREATE VIEW v AS SELECT 1 FROM a", ["makes relation public.v", "builds relation public.a"]),
        ("DO $$ BEGIN DROP TABLE a; END $$", []),
        ("VACUUM a", ["uses relation public.a"]),
    ],
)
def test_what_a_statement_makes_drops_and_needs(sql: str, expected: list[str]) -> None:
    assert said(sql) == expected


def test_a_type_that_a_column_has_is_needed() -> None:
    session = Session.begin(Catalog(18, complete=False), snapshot=False)
    (read,) = read_script("ALTER TABLE a ADD COLUMN b mood").statements
    statement = Statement("a.sql", Lines(1, 1), read.operations, read.sql, 0, 1, read.sql)
    assert (Part.BUILDS, "type mood") in {(touch.part, touch.thing.key) for touch in touches(statement, session)}
