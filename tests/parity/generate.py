"""Statements for the comparison: every shape the project knows, key words as names, and texts with a token amiss."""

import random
from collections.abc import Iterator

from bot.sql.text.keywords import COLUMN_NAME, KEYWORDS, RESERVED, TYPE_OR_FUNCTION

PATTERNS = """
ALTER TABLE t ADD COLUMN {} int NOT NULL
ALTER TABLE t ADD {} int NOT NULL DEFAULT 0
ALTER TABLE t DROP COLUMN {}
ALTER TABLE t DROP {} CASCADE
CREATE TABLE t ({} int NOT NULL, x int)
CREATE TABLE t (x int, {} text REFERENCES o ({}))
ALTER TABLE t ALTER COLUMN {} SET NOT NULL
ALTER TABLE t ALTER {} TYPE bigint
ALTER TABLE t ALTER {} SET DEFAULT 1, ALTER {} DROP DEFAULT
ALTER TABLE t ADD CONSTRAINT c UNIQUE ({}, b)
ALTER TABLE t ADD CONSTRAINT {} CHECK (a > 0) NOT VALID
ALTER TABLE t VALIDATE CONSTRAINT {}
ALTER TABLE t RENAME COLUMN {} TO x
ALTER TABLE t RENAME {} TO x
ALTER TABLE t RENAME TO {}
ALTER TABLE {} ADD COLUMN x int
ALTER TABLE s.{} DROP CONSTRAINT {}
DROP INDEX {}
DROP INDEX CONCURRENTLY {}
DROP TABLE {}, {} CASCADE
CREATE INDEX {} ON t (a)
CREATE INDEX CONCURRENTLY {} ON {} ({})
CREATE INDEX x ON t ({} DESC)
CREATE INDEX x ON t (a {} DESC)
ALTER TABLE t ADD COLUMN x {}
ALTER TABLE t ADD COLUMN x int DEFAULT {}()
ALTER TABLE t ADD COLUMN x int DEFAULT s.{}(1) NOT NULL
ALTER TABLE t ADD COLUMN x int DEFAULT {} NOT NULL
ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY ({}) REFERENCES {} ({}) ON DELETE CASCADE
ALTER TYPE {} ADD VALUE 'x'
TRUNCATE {}, b
LOCK TABLE {} IN SHARE MODE
REINDEX TABLE {}
CLUSTER {}
REFRESH MATERIALIZED VIEW {}
VACUUM {}
ANALYZE {}
UPDATE {} SET {} = 1
UPDATE t {} SET x = 1
DELETE FROM {} WHERE {} = 1
INSERT INTO {} ({}) VALUES (1)
CREATE TABLE {} AS SELECT 1
CREATE TABLE x PARTITION OF {} FOR VALUES IN (1)
ALTER TABLE t ATTACH PARTITION {} DEFAULT
ALTER TABLE t DETACH PARTITION {} CONCURRENTLY
CREATE TRIGGER {} BEFORE INSERT ON {} EXECUTE FUNCTION {}()
COMMENT ON TABLE {} IS 'x'
COMMENT ON {} a.b IS 'x'
CREATE SCHEMA {}
SET {} = 1
SET x TO {}
RESET {}
SHOW {}
CREATE EXTENSION {}
ALTER TABLE t SET SCHEMA {}
ALTER TABLE t OWNER TO {}
ALTER TABLE t INHERIT {}
ALTER INDEX {} RENAME TO x
CREATE VIEW {} AS SELECT 1
CREATE DOMAIN {} AS {} CHECK (value > 0)
DROP TYPE {}
DROP {} x
CREATE SEQUENCE {}
SELECT {}
SELECT 1 {}
SELECT 1 AS {}
SELECT a.{} FROM a
SELECT {}(1)
SELECT {}.f(1)
SELECT x::{}
SELECT * FROM {}
SELECT * FROM a {}
SELECT * FROM a AS {}
SELECT * FROM a {} JOIN b ON true
SELECT * FROM {}(1) AS f
SELECT {} 'x'
WITH {} AS (SELECT 1) SELECT * FROM {}
SAVEPOINT {}
GRANT {} ON t TO x
GRANT SELECT ON {} TO x
CREATE FUNCTION {}({} int) RETURNS {} LANGUAGE sql AS 'select 1'
CREATE POLICY {} ON {} USING ({})
PREPARE {} AS SELECT 1
CALL {}()
""".strip().splitlines()


def with_keywords(pattern: str, unreserved: int) -> Iterator[str]:
    """The pattern with a key word where a name belongs: all special ones, and this many of the others."""
    special = COLUMN_NAME | TYPE_OR_FUNCTION | RESERVED
    others = random.Random(pattern).sample(sorted(KEYWORDS - special), unreserved)
    for word in (*sorted(special), *others):
        yield pattern.replace("{}", word.lower())


def damaged(statement: str, choice: random.Random) -> str:
    """The statement with one word lost, doubled, moved or exchanged; most such texts PostgreSQL rejects."""
    words = statement.split(" ")
    place = choice.randrange(len(words))
    match choice.randrange(6):
        case 0:
            del words[place]
        case 1:
            words.insert(place, words[place])
        case 2:
            other = choice.randrange(len(words))
            words[place], words[other] = words[other], words[place]
        case 3:
            words[place] = choice.choice(_STRAY)
        case 4:
            words.insert(place, choice.choice(_STRAY))
        case _:
            words = words[:place]
    return " ".join(words)


_STRAY = (
    *sorted(RESERVED),
    *"( ) , ; . [ ] = + - * / < > :: := => x 1 'a' \"q\" 1.5 $1 VALID INHERIT KEY ONLY IF EXISTS TYPE BY OF".split(),
)


def spliced(statements: list[str], choice: random.Random) -> str | None:
    """Several actions of ALTER TABLE statements in one."""
    prefix = "ALTER TABLE t "
    actions = [text.removeprefix(prefix) for text in statements if text.startswith(prefix) and "PARTITION" not in text]
    actions = [text for text in actions if not text.startswith(("RENAME", "SET SCHEMA"))]
    if not actions:
        return None
    return prefix + ", ".join(choice.choice(actions) for _ in range(choice.randint(2, 4)))
