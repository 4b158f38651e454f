"""Every kind of object with statements that fail because a name is missing or taken, and near misses."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pair:
    """`fails` is refused after `given`, `works` is not; both statements alone, in the fixture's database."""

    id: str
    fails: str
    works: str
    given: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """`make`, with `{n}` for the name; `ref` is how ALTER, DROP and COMMENT name it; `verbs` are what ALTER can do.

    `before` is what it is made from.
    """

    words: str
    make: str
    ref: str = "{n}"
    verbs: str = "rename owner schema comment drop"
    before: str = ""
    created: bool = True


KINDS = (
    Kind("TABLE", "CREATE TABLE {n} (id int)"),
    Kind("VIEW", "CREATE VIEW {n} AS SELECT 1 AS one"),
    Kind("MATERIALIZED VIEW", "CREATE MATERIALIZED VIEW {n} AS SELECT 1 AS one"),
    Kind("SEQUENCE", "CREATE SEQUENCE {n}"),
    Kind("INDEX", "CREATE INDEX {n} ON emp (v)", verbs="rename comment drop"),
    Kind("FOREIGN TABLE", "CREATE FOREIGN TABLE {n} (id int) SERVER made_server", before="{server}"),
    Kind("TYPE", "CREATE TYPE {n} AS ENUM ('a')"),
    Kind("TYPE", "CREATE TYPE {n} AS (a int)"),
    Kind("TYPE", "CREATE TYPE {n} AS RANGE (subtype = int4)"),
    Kind("DOMAIN", "CREATE DOMAIN {n} AS int"),
    Kind("FUNCTION", "CREATE FUNCTION {n}(a int) RETURNS int LANGUAGE sql AS 'select 1'", "{n}(int)"),
    Kind("FUNCTION", "CREATE FUNCTION {n}() RETURNS int LANGUAGE sql AS 'select 1'", "{n}"),
    Kind("PROCEDURE", "CREATE PROCEDURE {n}(a text) LANGUAGE sql AS 'select 1'", "{n}(text)"),
    Kind("AGGREGATE", "CREATE AGGREGATE {n}(int) (SFUNC = int4pl, STYPE = int)", "{n}(int)"),
    Kind("SCHEMA", "CREATE SCHEMA {n}", verbs="rename owner comment drop"),
    Kind("EXTENSION", "CREATE EXTENSION {n}", verbs="drop comment", created=False),
    Kind("COLLATION", 'CREATE COLLATION {n} FROM "C"'),
    Kind("CONVERSION", "CREATE CONVERSION {n} FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1"),
    Kind("OPERATOR CLASS", "CREATE OPERATOR CLASS {n} FOR TYPE int USING btree AS OPERATOR 1 <, OPERATOR 2 <=,"
         " OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(int, int)", "{n} USING btree"),
    Kind("OPERATOR FAMILY", "CREATE OPERATOR FAMILY {n} USING btree", "{n} USING btree"),
    Kind("TEXT SEARCH CONFIGURATION", "CREATE TEXT SEARCH CONFIGURATION {n} (COPY = simple)"),
    Kind("TEXT SEARCH DICTIONARY", "CREATE TEXT SEARCH DICTIONARY {n} (TEMPLATE = simple)"),
    Kind("SERVER", "CREATE SERVER {n} FOREIGN DATA WRAPPER made_wrapper", verbs="rename owner comment drop",
         before="CREATE FOREIGN DATA WRAPPER made_wrapper"),
    Kind("FOREIGN DATA WRAPPER", "CREATE FOREIGN DATA WRAPPER {n}", verbs="rename comment drop"),
    Kind("PUBLICATION", "CREATE PUBLICATION {n}", verbs="rename owner comment drop"),
    Kind("STATISTICS", "CREATE STATISTICS {n} ON id, v FROM emp"),
    Kind("EVENT TRIGGER", "CREATE EVENT TRIGGER {n} ON ddl_command_end EXECUTE FUNCTION made_hook()",
         before="CREATE FUNCTION made_hook() RETURNS event_trigger LANGUAGE plpgsql AS 'begin end'",
         verbs="rename comment drop"),
    Kind("ROLE", "CREATE ROLE {n}", verbs="rename comment drop"),
    Kind("LANGUAGE", "CREATE LANGUAGE {n} HANDLER plpgsql_call_handler", verbs="rename owner comment drop"),
    Kind("ACCESS METHOD", "CREATE ACCESS METHOD {n} TYPE INDEX HANDLER bthandler", verbs="comment drop"),
    Kind("SUBSCRIPTION", "CREATE SUBSCRIPTION {n} CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false)",
         verbs="rename owner comment"),
    Kind("TRIGGER", "CREATE TRIGGER {n} BEFORE INSERT ON emp FOR EACH ROW EXECUTE FUNCTION noop_trg()", "{n} ON emp",
         verbs="rename comment drop"),
    Kind("RULE", "CREATE RULE {n} AS ON INSERT TO emp DO ALSO NOTHING", "{n} ON emp", verbs="rename comment drop"),
    Kind("POLICY", "CREATE POLICY {n} ON emp", "{n} ON emp", verbs="rename comment drop"),
    Kind("CONSTRAINT", "ALTER TABLE emp ADD CONSTRAINT {n} CHECK (v > 0)", "{n} ON emp", verbs="comment"),
    Kind("CAST", "CREATE CAST (mood AS int) WITH FUNCTION made_cast(mood)", "(mood AS int)", verbs="comment drop",
         before="CREATE FUNCTION made_cast(mood) RETURNS int LANGUAGE sql AS 'select 1'"),
    Kind("OPERATOR", "CREATE OPERATOR ### (LEFTARG = int, RIGHTARG = int, FUNCTION = int4pl)", "### (int, int)",
         verbs="owner schema comment drop"),
    Kind("USER MAPPING", "CREATE USER MAPPING FOR app_role SERVER made_server", "FOR app_role SERVER made_server",
         verbs="drop", before="{server}"),
    Kind("TRANSFORM", "CREATE TRANSFORM FOR int LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal))",
         "FOR int LANGUAGE sql", verbs="comment drop"),
)  # fmt: skip

_SERVER = "CREATE FOREIGN DATA WRAPPER made_wrapper; CREATE SERVER made_server FOREIGN DATA WRAPPER made_wrapper"


def pairs_of(kind: Kind) -> Iterator[Pair]:
    """Its name is taken; it is missing for DROP, ALTER and COMMENT; a role or a schema that ALTER names is missing."""
    before = kind.before.replace("{server}", _SERVER)
    known = "btree_gist" if kind.words == "EXTENSION" else "made"
    make = kind.make.replace("{n}", known)
    exists = "; ".join(text for text in (before, make if kind.created else "") if text)
    ref, missing = kind.ref.replace("{n}", known), kind.ref.replace("{n}", "nowhere")
    fixed = kind.ref == missing
    label = f"{kind.words.lower().replace(' ', '_')}{KINDS.index(kind)}"
    another = kind.make.replace("{n}", "isn" if kind.words == "EXTENSION" else "made_too")
    if not fixed:
        yield Pair(f"{label}.taken", make, another, exists)
    else:
        yield Pair(f"{label}.taken", make, "SELECT 1", exists)
    verbs = kind.verbs.split()
    absent = before if fixed else exists
    works = {True: "SELECT 1"}.get(fixed)
    if "drop" in verbs:
        yield Pair(f"{label}.drop_missing", f"DROP {kind.words} {missing}", works or f"DROP {kind.words} {ref}", absent)
        yield Pair(
            f"{label}.drop_missing_ok", f"DROP {kind.words} {missing}", f"DROP {kind.words} IF EXISTS {missing}", absent
        )
    if "comment" in verbs:
        yield Pair(
            f"{label}.comment_missing",
            f"COMMENT ON {kind.words} {missing} IS 'x'",
            works or f"COMMENT ON {kind.words} {ref} IS 'x'",
            absent,
        )
    if "rename" in verbs:
        alter = f"ALTER {kind.words}"
        yield Pair(
            f"{label}.rename_missing", f"{alter} {missing} RENAME TO other", f"{alter} {ref} RENAME TO other", exists
        )
        if not fixed:
            taken = f"{exists}; {kind.make.replace('{n}', 'taken')}"
            yield Pair(
                f"{label}.rename_taken", f"{alter} {ref} RENAME TO taken", f"{alter} {ref} RENAME TO free", taken
            )
    if "owner" in verbs:
        alter = f"ALTER {kind.words}"
        yield Pair(
            f"{label}.owner_missing", f"{alter} {ref} OWNER TO nobody_here", f"{alter} {ref} OWNER TO postgres", exists
        )
        yield Pair(
            f"{label}.owned_missing",
            f"{alter} {missing} OWNER TO postgres",
            works or f"{alter} {ref} OWNER TO postgres",
            absent,
        )
    if "schema" in verbs:
        alter = f"ALTER {kind.words}"
        given = f"{exists}; CREATE SCHEMA shelf"
        yield Pair(
            f"{label}.schema_missing", f"{alter} {ref} SET SCHEMA nowhere", f"{alter} {ref} SET SCHEMA shelf", given
        )


def generated() -> list[Pair]:
    return [pair for kind in KINDS for pair in pairs_of(kind)]
