"""Shapes of SQL: characters that repeat, statements of every kind, tables wide and many, nesting."""

from collections.abc import Callable, Iterator

from tests.bounds.shape import Shape, explain, review_file

_PLAIN = review_file("migrations/1_a.sql")
_WRAPPED = review_file("db/migrations/20260101000000_a.sql")


def _repeated(before: str, part: str, after: str) -> Callable[[int], str]:
    return lambda size: before + part * size + after


def _each(line: str, before: str = "", after: str = "") -> Callable[[int], str]:
    """One line a part; `{i}` is its number, `{j}` one of ten."""
    return lambda size: (
        before + "".join(line.replace("{i}", str(i)).replace("{j}", str(i % 10)) for i in range(size)) + after
    )


_CHARACTERS = {
    "blanks": " ",
    "tabs": "\t",
    "line ends": "\n",
    "carriage returns": "\r\n",
    "no-break spaces": "\u00a0",
    "digits": "1",
    "letters": "a",
    "capitals": "A",
    "underscores": "_",
    "points": ".",
    "commas": ",",
    "semicolons": ";",
    "dashes": "-",
    "slashes": "/",
    "stars": "*",
    "quotes": "'",
    "double quotes": '"',
    "dollars": "$",
    "dollar tags": "$a$ ",
    "backslashes": "\\",
    "parentheses": "(",
    "closed parentheses": "()",
    "brackets": "[",
    "braces": "{",
    "percents": "%",
    "colons": ":",
    "casts": "::a",
    "at signs": "@",
    "hashes": "#",
    "equals": "=",
    "less thans": "<",
    "comment openings": "/*",
    "line comments": "--\n",
    "long line comment": "- ",
    "wide characters": "\u4e00",
    "zero bytes": "\0",
    "surrogates": "\udc80",
    "psql commands": "\\i a\n",
    "templates": "${a} ",
}

_STRINGS = {
    "search path of blanks": ("SET search_path TO '", " ", "\"x';"),
    "search path of quotes": ("SET search_path TO '", '"', "';"),
    "search path of names": ("SET search_path TO ", "a, ", "b;"),
    "timeout of digits": ("SET lock_timeout = '", "1", "!';\nALTER TABLE t ADD c int;"),
    "timeout of blanks": ("SET lock_timeout = '1", " ", "!';\nALTER TABLE t ADD c int;"),
    "time zone of digits": ("SET TIME ZONE '", "0", "!';"),
    "default of a string": ("ALTER TABLE t ADD c text DEFAULT '", "a ", "';"),
    "default of an escape string": ("ALTER TABLE t ADD c text DEFAULT E'", "\\n", "';"),
    "default of an escape string of quotes": ("ALTER TABLE t ADD c text DEFAULT E'", "\\'\t--", "';"),
    "default of a sum": ("ALTER TABLE t ADD c int DEFAULT 1", " + 1", ";"),
    "default of a concatenation": ("ALTER TABLE t ADD c text DEFAULT 'a'", " || 'a'", ";"),
    "check of ands": ("ALTER TABLE t ADD CHECK (a > 1", " AND a > 1", ");"),
    "check of ors": ("ALTER TABLE t ADD CHECK (a > 1", " OR a > 1", ");"),
    "check of nots": ("ALTER TABLE t ADD CHECK (", "NOT ", "a);"),
    "check of a list": ("ALTER TABLE t ADD CHECK (a IN (1", ", 1", "));"),
    "check of casts": ("ALTER TABLE t ADD CHECK (a", "::text", " = 'a');"),
    "check of cases": ("ALTER TABLE t ADD CHECK (CASE", " WHEN a THEN b", " END);"),
    "update of columns": ("UPDATE t SET a = 1", ", b = 2", ";"),
    "delete by a list": ("DELETE FROM t WHERE id IN (1", ", 2", ");"),
    "delete by limits": ("DELETE FROM t WHERE id IN (SELECT id FROM t", " LIMIT 1", ");"),
    "insert of rows": ("INSERT INTO t VALUES (1, 'a')", ", (1, 'a')", ";"),
    "insert of columns": ("INSERT INTO t VALUES (1", ", 1", ");"),
    "enum of labels": ("CREATE TYPE e AS ENUM ('a'", ", 'b'", ");"),
    "index of columns": ("CREATE INDEX i ON t (a", ", a", ");"),
    "index of expressions": ("CREATE INDEX i ON t (lower(a)", ", lower(a)", ");"),
    "key of columns": ("ALTER TABLE t ADD PRIMARY KEY (a", ", b", ");"),
    "storage options": ("ALTER TABLE t SET (a = 1", ", a = 1", ");"),
    "select of columns": ("CREATE VIEW v AS SELECT a", ", a", " FROM t;"),
    "select of joins": ("CREATE VIEW v AS SELECT 1 FROM t", " JOIN t ON true", ";"),
    "select of unions": ("CREATE VIEW v AS SELECT 1", " UNION ALL SELECT 1", ";"),
    "common table expressions": ("WITH a AS (SELECT 1)", ", a AS (SELECT 1)", " SELECT 1;"),
    "view of a body": ("CREATE VIEW v AS SELECT 1 WHERE 1 = 1", " AND 1 = 1", ";"),
    "function body": ("CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN ", "PERFORM 1; ", "END $$;"),
    "function of SQL": ("CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ ", "DELETE FROM t; ", "$$;"),
    "function of arguments": ("CREATE FUNCTION f(a int", ", b int", ") RETURNS void LANGUAGE sql AS $$ $$;"),
    "DO body": ("DO $$ BEGIN ", "ALTER TABLE t ADD c int; ", "END $$;"),
    "DO body of blanks": ("DO $$ BEGIN ", " ", "END $$;"),
    "DO body of ifs": ("DO $$ BEGIN ", "IF a THEN DROP TABLE t; END IF; ", "END $$;"),
    "DO body of executes": ("DO $$ BEGIN ", "EXECUTE 'DROP TABLE t'; ", "END $$;"),
    "grants": ("GRANT SELECT ON a", ", a", " TO b;"),
    "drops of one statement": ("DROP TABLE a", ", a", ";"),
    "truncates of one statement": ("TRUNCATE a", ", b", ";"),
    "actions of one statement": ("ALTER TABLE t DROP COLUMN a", ", DROP COLUMN a", ";"),
    "comment of a table": ("COMMENT ON TABLE t IS '", "a ", "';"),
    "copy of rows": ("COPY t FROM stdin;\n", "1\ta\n", "\\.\n"),
    "long name": ("DROP TABLE ", "a", ";"),
    "long quoted name": ('DROP TABLE "', "a ", '";'),
    "name of many parts": ("DROP TABLE a", ".a", ";"),
    "array bounds": ("ALTER TABLE t ADD c int", "[]", ";"),
    "type modifiers": ("ALTER TABLE t ADD c numeric(1", ", 1", ");"),
    "number of a type": ("ALTER TABLE t ADD c varchar(", "9", ");"),
    "number of an array": ("ALTER TABLE t ADD c int[", "9", "];"),
    "number of statistics": ("ALTER TABLE t ALTER c SET STATISTICS ", "9", ";"),
    "number of a limit": ("DELETE FROM t WHERE id IN (SELECT id FROM t LIMIT ", "9", ");"),
    "number with underscores": ("ALTER TABLE t ADD c varchar(1", "_1", ");"),
    "hexadecimal number": ("ALTER TABLE t ADD c varchar(0x", "f", ");"),
    "string in lines": ("ALTER TABLE t ADD c text DEFAULT 'a'", "\n'a'", ";"),
    "unicode escapes": ("ALTER TABLE t ADD c text DEFAULT U&'", "\\0041", "';"),
    "allow comments": ("", "-- migsafe: allow drop-table because we say so\n", "DROP TABLE t;"),
    "allow comment of blanks": ("-- migsafe: allow", " ", "drop-table x\nDROP TABLE t;"),
    "nested comments": ("/*", " /* */ ", "*/ DROP TABLE t;"),
    "nested parentheses": ("ALTER TABLE t ADD CHECK (", "(", ""),
    "nested selects": ("DELETE FROM t WHERE a IN (", "SELECT a FROM t WHERE a IN (", ""),
    "nested functions": ("ALTER TABLE t ADD CHECK (", "f(", ""),
    "nested arrays": ("ALTER TABLE t ADD CHECK (", "ARRAY[", ""),
    "nested cases": ("ALTER TABLE t ADD CHECK (", "CASE WHEN ", ""),
    "xml attributes": ("SELECT xmlforest(a", ", a", ");"),
    "partition bounds": ("CREATE TABLE p PARTITION OF q FOR VALUES IN (1", ", 1", ");"),
}

_STATEMENTS = {
    "new tables": "CREATE TABLE t{i} (id bigint PRIMARY KEY, a text);\n",
    "new tables with keys to one": "CREATE TABLE t{i} (id bigint PRIMARY KEY, a bigint REFERENCES users (id));\n",
    "new tables with keys to themselves": "CREATE TABLE t{i} (id bigint PRIMARY KEY, a bigint REFERENCES t{i} (id));\n",
    "new tables with indexes": "CREATE TABLE t{i} (id int, a text);\nCREATE INDEX i{i} ON t{i} (a);\n",
    "indexes of many tables": "CREATE INDEX i{i} ON t{i} (a);\n",
    "indexes of one table": "CREATE INDEX i{i} ON t (a);\n",
    "concurrent indexes": "CREATE INDEX CONCURRENTLY i{i} ON t{i} (a);\n",
    "dropped indexes": "DROP INDEX i{i};\n",
    "types of many tables": "ALTER TABLE t{i} ALTER c TYPE bigint;\n",
    "types of one table": "ALTER TABLE t ALTER c{i} TYPE bigint;\n",
    "columns of one table": "ALTER TABLE t ADD COLUMN c{i} text;\n",
    "columns of many tables": "ALTER TABLE t{i} ADD COLUMN c text;\n",
    "columns with defaults": "ALTER TABLE t{i} ADD COLUMN c uuid DEFAULT gen_random_uuid();\n",
    "dropped columns": "ALTER TABLE t DROP COLUMN c{i};\n",
    "renamed columns": "ALTER TABLE t RENAME COLUMN c{i} TO d{i};\n",
    "dropped tables": "DROP TABLE t{i};\n",
    "renamed tables": "ALTER TABLE t{i} RENAME TO u{i};\n",
    "a table renamed again and again": "ALTER TABLE t{j} RENAME TO t{i};\n",
    "not nulls": "ALTER TABLE t{i} ALTER c SET NOT NULL;\n",
    "not nulls of one table": "ALTER TABLE t ALTER c{i} SET NOT NULL;\n",
    "defaults": "ALTER TABLE t ALTER c{i} SET DEFAULT 1;\n",
    "checks": "ALTER TABLE t ADD CONSTRAINT k{i} CHECK (a > {i});\n",
    "checks validated later": (
        "ALTER TABLE t ADD CONSTRAINT k{i} CHECK (a > 1) NOT VALID;\nALTER TABLE t VALIDATE CONSTRAINT k{i};\n"
    ),
    "foreign keys": "ALTER TABLE t{i} ADD FOREIGN KEY (a) REFERENCES users (id);\n",
    "foreign keys of one table": "ALTER TABLE t ADD FOREIGN KEY (a{i}) REFERENCES users (id);\n",
    "unique constraints": "ALTER TABLE t ADD UNIQUE (a{i});\n",
    "primary keys": "ALTER TABLE t{i} ADD PRIMARY KEY (a);\n",
    "dropped constraints": "ALTER TABLE t DROP CONSTRAINT k{i};\n",
    "updates": "UPDATE t SET a = {i} WHERE b = {i};\n",
    "updates of many tables": "UPDATE t{i} SET a = 1;\n",
    "deletes": "DELETE FROM t WHERE id = {i};\n",
    "inserts": "INSERT INTO t (a, b) VALUES ({i}, 'x');\n",
    "inserts of many tables": "INSERT INTO t{i} SELECT * FROM u;\n",
    "selects": "SELECT setval('s{i}', 1);\n",
    "locks": "LOCK TABLE t{i} IN ACCESS EXCLUSIVE MODE;\n",
    "settings": "SET lock_timeout = '{i}s';\n",
    "local settings": "SET LOCAL statement_timeout = '{i}s';\n",
    "search paths": "SET search_path TO s{i};\n",
    "transactions": "BEGIN;\nALTER TABLE t{i} ADD c int;\nCOMMIT;\n",
    "savepoints": "SAVEPOINT s{i};\nALTER TABLE t ADD c{i} int;\n",
    "views": "CREATE VIEW v{i} AS SELECT a, b FROM t WHERE c > 1;\n",
    "replaced views": "CREATE OR REPLACE VIEW v AS SELECT a{i} FROM t;\n",
    "materialized views": "CREATE MATERIALIZED VIEW v{i} AS SELECT * FROM t;\nREFRESH MATERIALIZED VIEW v{i};\n",
    "dropped views": "DROP VIEW v{i};\n",
    "functions": "CREATE FUNCTION f{i}() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;\n",
    "one function again and again": "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT {i} $$;\n",
    "triggers": "CREATE TRIGGER g{i} BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();\n",
    "triggers of many tables": "CREATE TRIGGER g BEFORE UPDATE ON t{i} FOR EACH ROW EXECUTE FUNCTION f();\n",
    "policies": "CREATE POLICY p{i} ON t USING (a = 1);\n",
    "types": "CREATE TYPE e{i} AS ENUM ('a', 'b');\n",
    "savepoints that are rolled back": "SAVEPOINT s{i};\nALTER TABLE t ADD c{i} int;\nROLLBACK TO SAVEPOINT s{i};\n",
    "types and labels": "CREATE TYPE e{i} AS ENUM ('a');\nALTER TYPE e{i} ADD VALUE 'b';\n",
    "functions and checks with them": (
        "CREATE FUNCTION f{i}(int) RETURNS bool LANGUAGE sql IMMUTABLE AS $$ SELECT true $$;\n"
        "ALTER TABLE t ADD CHECK (f{i}(a));\n"
    ),
    "labels": "ALTER TYPE e ADD VALUE 'v{i}';\n",
    "domains": "CREATE DOMAIN d{i} AS text CHECK (VALUE <> '');\n",
    "sequences": "CREATE SEQUENCE s{i};\nALTER SEQUENCE s{i} OWNED BY t.a;\n",
    "schemas": "CREATE SCHEMA s{i};\n",
    "tables of schemas": "CREATE SCHEMA s{i};\nCREATE TABLE s{i}.t (id int);\n",
    "extensions": "CREATE EXTENSION IF NOT EXISTS e{i};\n",
    "grants of many tables": "GRANT SELECT ON t{i} TO app;\n",
    "comments": "COMMENT ON COLUMN t.c{i} IS 'x';\n",
    "owners": "ALTER TABLE t{i} OWNER TO app;\n",
    "partitions": "CREATE TABLE p{i} PARTITION OF q FOR VALUES IN ({i});\n",
    "attached partitions": "CREATE TABLE p{i} (a int);\nALTER TABLE q ATTACH PARTITION p{i} FOR VALUES IN ({i});\n",
    "ranges of one table": "CREATE TABLE p{i} PARTITION OF q FOR VALUES FROM ({i}.1) TO ({i}.2);\n",
    "remainders of one table": "CREATE TABLE p{i} PARTITION OF q FOR VALUES WITH (MODULUS 100000, REMAINDER {i});\n",
    "detached partitions": "ALTER TABLE q DETACH PARTITION p{i};\n",
    "children": "CREATE TABLE c{i} () INHERITS (q);\n",
    "truncates": "TRUNCATE t{i};\n",
    "vacuums": "VACUUM t{i};\n",
    "analyzes": "ANALYZE t{i};\n",
    "clusters": "CLUSTER t{i} USING i{i};\n",
    "reindexes": "REINDEX TABLE t{i};\n",
    "statistics": "CREATE STATISTICS s{i} ON a, b FROM t;\n",
    "publications": "CREATE PUBLICATION p{i} FOR TABLE t{i};\n",
    "row security": "ALTER TABLE t{i} ENABLE ROW LEVEL SECURITY;\n",
    "replica identities": "ALTER TABLE t{i} REPLICA IDENTITY FULL;\n",
    "unlogged tables": "ALTER TABLE t{i} SET UNLOGGED;\n",
    "tablespaces": "ALTER TABLE t{i} SET TABLESPACE x;\n",
    "rules": "CREATE RULE r{i} AS ON DELETE TO t DO INSTEAD NOTHING;\n",
    "DO blocks": "DO $$ BEGIN ALTER TABLE t{i} ADD c int; END $$;\n",
    "calls": "CALL p({i});\n",
    "statements that are not read": "FROB t{i};\n",
    "statements without an end": "ALTER TABLE t{i} ADD COLUMN\n",
    "statements with allows": "-- migsafe: allow drop-table nobody uses it\nDROP TABLE t{i};\n",
    "statements with comments": "-- what this does: {i}\n/* more */ DROP TABLE t{i};\n",
    "statements on one line": "DROP TABLE t{i}; ",
    "generated columns": "ALTER TABLE t ADD c{i} int GENERATED ALWAYS AS (a + 1) STORED;\n",
    "identities": "ALTER TABLE t{i} ALTER id ADD GENERATED ALWAYS AS IDENTITY;\n",
    "drops and tables anew": "DROP TABLE IF EXISTS t{i};\nCREATE TABLE t{i} (a int);\n",
    "tables made and dropped": "CREATE TABLE t{i} (a int);\nDROP TABLE t{i};\n",
    "tables of copies": "CREATE TABLE t{i} AS SELECT * FROM u;\n",
    "tables like one": "CREATE TABLE t{i} (LIKE u INCLUDING ALL);\n",
    "swaps": "ALTER TABLE a RENAME TO b;\nALTER TABLE b RENAME TO a;\n",
    "moved schemas": "ALTER TABLE t{i} SET SCHEMA s;\n",
    "cascades": "DROP TABLE t{i} CASCADE;\n",
    "backfills and not nulls": (
        "ALTER TABLE t{i} ADD c int;\nUPDATE t{i} SET c = 1;\nALTER TABLE t{i} ALTER c SET NOT NULL;\n"
    ),
}

_WHOLE = {
    "a table of columns": ("CREATE TABLE t (id int", ", c{i} text", ");"),
    "a table of columns with defaults": ("CREATE TABLE t (id int", ", c{i} text NOT NULL DEFAULT 'a'", ");"),
    "a table of keys": ("CREATE TABLE t (id int", ", c{i} int REFERENCES users", ");"),
    "a table of uniques": ("CREATE TABLE t (id int", ", c{i} int UNIQUE", ");"),
    "a table of checks": ("CREATE TABLE t (id int", ", CHECK (id > {i})", ");"),
    "a table of identities": ("CREATE TABLE t (id int", ", c{i} serial", ");"),
    "columns added at once": ("ALTER TABLE t ADD id int", ", ADD c{i} text", ";"),
    "columns dropped at once": ("ALTER TABLE t DROP id", ", DROP c{i}", ";"),
    "types at once": ("ALTER TABLE t ALTER id TYPE int", ", ALTER c{i} TYPE bigint", ";"),
    "not nulls at once": ("ALTER TABLE t ALTER id SET NOT NULL", ", ALTER c{i} SET NOT NULL", ";"),
    "tables dropped at once": ("DROP TABLE t", ", t{i}", ";"),
    "tables truncated at once": ("TRUNCATE t", ", t{i}", ";"),
    "tables locked at once": ("LOCK TABLE t", ", t{i}", ";"),
    "grants at once": ("GRANT SELECT ON t", ", t{i}", " TO app;"),
    "a view of tables": ("CREATE VIEW v AS SELECT 1 FROM t", ", t{i}", ";"),
    "a view of columns": ("CREATE VIEW v AS SELECT a", ", c{i}", " FROM t;"),
    "an update of named columns": ("UPDATE t SET a = 1", ", c{i} = 1", ";"),
    "labels at once": ("CREATE TYPE e AS ENUM ('a'", ", 'v{i}'", ");"),
    "a wide table, then used": (
        "CREATE TABLE t (id int",
        ", c{i} text",
        ");\nALTER TABLE t ADD d int;\nCREATE INDEX i ON t (c1);",
    ),
}


def _chained(size: int) -> str:
    """Tables each of which refers to the one before."""
    return "CREATE TABLE t0 (id int PRIMARY KEY);\n" + "".join(
        f"CREATE TABLE t{i} (id int PRIMARY KEY, a int REFERENCES t{i - 1});\n" for i in range(1, size)
    )


def _views_on_views(size: int) -> str:
    return "".join(f"CREATE VIEW v{i} AS SELECT * FROM v{i - 1};\n" for i in range(1, size))


def _renamed(size: int) -> str:
    return "".join(f"ALTER TABLE t{i} RENAME TO t{i + 1};\n" for i in range(size))


def _wide_then_altered(size: int) -> str:
    return _WIDE(size) + "".join(f"ALTER TABLE t ALTER c{i} SET NOT NULL;\n" for i in range(size))


_WIDE = _each(", c{i} text", "CREATE TABLE t (id int", ");\n")


def sql_shapes() -> Iterator[Shape]:
    for name, part in _CHARACTERS.items():
        yield Shape(f"SQL: a statement, then {name}", _repeated("DROP TABLE t; ", part, ""), _PLAIN)
        yield Shape(f"SQL: {name} within a statement", _repeated("ALTER TABLE t ADD c ", part, " x;"), _PLAIN)
    for name, (before, part, after) in _STRINGS.items():
        yield Shape(f"SQL: {name}", _repeated(before, part, after), _PLAIN)
    for name, line in _STATEMENTS.items():
        yield Shape(f"SQL: many {name}", _each(line), _PLAIN)
    for name, (before, part, after) in _WHOLE.items():
        yield Shape(f"SQL: {name}", _each(part, before, after), _PLAIN)
    yield Shape(
        "SQL: many statements in one transaction",
        _each("ALTER TABLE t{i} ADD c int;\n", "BEGIN;\n", "COMMIT;\n"),
        _PLAIN,
    )
    for name, line in _STATEMENTS.items():
        wrapped = _each(line, "-- migrate:up\n", "-- migrate:down\n")
        yield Shape(f"SQL: in one transaction, many {name}", wrapped, _WRAPPED)
    yield Shape("SQL: a chain of tables", _chained, _PLAIN)
    yield Shape("SQL: a chain of views", _views_on_views, _PLAIN)
    yield Shape("SQL: a chain of names", _renamed, _PLAIN)
    yield Shape("SQL: a wide table, then each column altered", _wide_then_altered, _PLAIN)
    for name in ("search path of blanks", "check of ands", "nested parentheses", "DO body", "insert of rows"):
        before, part, after = _STRINGS[name]
        yield Shape(f"/migsafe explain: {name}", _repeated(before, part, after), explain)
