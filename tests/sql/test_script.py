"""Files of SQL are cut and placed as psql and PostgreSQL would."""

import pytest

from bot.core.language import operations as op
from bot.core.language.migrations import Lines
from bot.core.language.names import Name
from bot.sql import read_script, read_statement


def kinds(text: str) -> list[tuple[str, ...]]:
    return [tuple(type(operation).__name__ for operation in found.operations) for found in read_script(text).statements]


def reason(text: str) -> str:
    (found,) = read_script(text).statements
    (operation,) = found.operations
    assert isinstance(operation, op.Unread)
    return operation.reason


def test_a_statement_has_its_lines_and_offsets_without_comments_before_it() -> None:
    text = "-- first\n\n/* a\n b */ ALTER TABLE t\n  ADD COLUMN a int -- why\n  ; DROP TABLE u;"
    first, second = read_script(text).statements
    assert first.lines == Lines(4, 5)
    assert text[first.start : first.end] == first.sql == "ALTER TABLE t\n  ADD COLUMN a int"
    assert second.lines == Lines(6, 6)
    assert second.sql == "DROP TABLE u"


def test_comments_keep_their_text_and_line() -> None:
    script = read_script("SELECT 1; -- migsafe: allow x because\n/* a /* nested */ b */\nSELECT '-- no comment'")
    assert [(comment.text, comment.line) for comment in script.comments] == [
        ("-- migsafe: allow x because", 1),
        ("/* a /* nested */ b */", 2),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("SELECT $a$ ; $b$ ; $a$; SELECT 2", 2, id="dollar quotes"),
        pytest.param(r"SELECT E'a\'; b'; SELECT 2", 2, id="escape string"),
        pytest.param("SELECT U&'a;b', U&\"c;d\"; SELECT 2", 2, id="unicode string and identifier"),
        pytest.param("SELECT 'it''s; fine'; SELECT 2", 2, id="doubled quote"),
        pytest.param("SELECT $1, a$b, $2; SELECT 2", 2, id="parameters are not dollar quotes"),
        pytest.param(
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN a THEN 1 END; END; TABLE t",
            2,
            id="begin atomic",
        ),
        pytest.param(
            "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 2", 2, id="rule with two actions"
        ),
        pytest.param("\ufeffSELECT 1;\r\nSELECT 2;\r\n", 2, id="byte order mark and CRLF"),
        pytest.param(";;  ; SELECT 1;;", 1, id="empty statements"),
        pytest.param("SELECT 1 \\; SELECT 2;", 2, id="psql joins them by backslash and semicolon"),
    ],
)
def test_finds_the_end_of_every_statement(text: str, expected: int) -> None:
    assert len(read_script(text).statements) == expected
    assert not any("Unread" in names for names in kinds(text))


def test_one_bad_statement_does_not_affect_its_neighbours() -> None:
    assert kinds("SELECT 1; ALTER TABEL t; DROP TABLE u;") == [("Select",), ("Unread",), ("DropTable",)]


def test_a_parenthesis_never_closed_costs_only_its_own_statement() -> None:
    assert kinds("CREATE TABLE t (a int; DROP TABLE u; DROP TABLE v;") == [("Unread",), ("DropTable",), ("DropTable",)]


def test_a_quote_never_closed_leaves_the_statements_before_it() -> None:
    first, second = read_script("DROP TABLE u;\nSELECT 'abc;\nDROP TABLE v;\n").statements
    assert first.operations == (op.DropTable((Name("u"),)),)
    assert second.operations == (op.Unread("a quoted string is not closed"),)
    assert second.lines.first == 2


def test_a_missing_semicolon_is_not_read_as_one_statement() -> None:
    assert kinds("ALTER TABLE t ADD COLUMN a int\nALTER TABLE t ADD COLUMN b int;") == [("Unread",)]


def test_copy_data_is_skipped_and_counted() -> None:
    text = "COPY t (a, b) FROM stdin;\n1\tx;y\n2\t'\n\\.\nDROP TABLE u;"
    first, second = read_script(text).statements
    assert first.operations == (op.Copy(Name("t"), rows=2),)
    assert second.operations == (op.DropTable((Name("u"),)),)
    assert second.lines == Lines(5, 5)


def test_psql_settings_are_set_apart() -> None:
    script = read_script("\\set ON_ERROR_STOP on\n\\echo hello\nSELECT 1;")
    assert [comment.text for comment in script.meta] == ["\\set ON_ERROR_STOP on", "\\echo hello"]
    assert len(script.statements) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("\\connect other", "another database"),
        ("\\i more.sql", "another file"),
        ("SELECT 'DROP TABLE t' \\gexec", "run time"),
        ("\\! rm -rf x", "program"),
    ],
)
def test_psql_commands_that_change_what_runs_are_not_passed_over(text: str, says: str) -> None:
    assert says in reason(text)


def test_psql_copy_is_a_copy() -> None:
    (found,) = read_script("\\copy s.t (a) from 'x.csv' csv\n").statements
    assert found.operations == (op.Copy(Name("t", "s")),)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("ALTER TABLE ${schema}.t ADD COLUMN a int", "${schema}"),
        ('ALTER TABLE {{ index .Options "Namespace" }}.t ADD COLUMN a int', "{{ index .Options"),
        ("ALTER TABLE <%= table %> ADD COLUMN a int", "<%= table %>"),
        ("SELECT * FROM :table", ":table"),
        ("ALTER ROLE r PASSWORD :'password'", ":'password'"),
    ],
)
def test_a_template_is_named_as_the_reason(text: str, names: str) -> None:
    assert names in reason(text)


def test_a_template_in_a_string_or_comment_is_only_text() -> None:
    assert kinds("SELECT '${a} {{b}} :c' -- ${d}\n;") == [("Select",)]


def test_a_byte_that_postgresql_refuses_spoils_only_one_statement() -> None:
    assert kinds("SELECT 1\x00; DROP TABLE u") == [("Unread",), ("DropTable",)]
    assert "NUL" in reason("SELECT 1\x00")


def test_deep_nesting_is_reported_and_does_not_end_the_reader() -> None:
    assert "nested" in reason("SELECT " + "(" * 10_000 + "1" + ")" * 10_000)
    assert "nested" in reason("SELECT " + "NOT " * 10_000 + "true")


def test_statements_in_a_do_block_are_at_their_own_lines() -> None:
    text = """DO $$
DECLARE n int;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_class) THEN
    ALTER TABLE t ADD COLUMN a int;
  END IF;
  SELECT count(*) INTO STRICT n FROM u;
  PERFORM set_config('lock_timeout', '5s', true);
  EXECUTE 'DROP TABLE ' || 'v';
  EXECUTE format('DROP TABLE %I', n);
EXCEPTION WHEN others THEN
  RAISE NOTICE 'x; y';
END $$;
"""
    do, *inner = read_script(text).statements
    assert isinstance(do.operations[0], op.Do)
    assert [(found.lines.first, type(found.operations[0]).__name__) for found in inner] == [
        (5, "AddColumn"),
        (7, "Select"),
        (8, "SetSetting"),
        (9, "DropTable"),
        (10, "Unread"),
    ]
    assert all(found.inside == "DO" for found in inner)
    assert text[inner[0].start : inner[0].end] == inner[0].sql == "ALTER TABLE t ADD COLUMN a int"
    select, unread = inner[1].operations[0], inner[4].operations[0]
    assert isinstance(select, op.Select)
    assert select.query.relations == (Name("u"),)
    assert inner[2].operations == (op.SetSetting("lock_timeout", "5s", local=True),)
    assert isinstance(unread, op.Unread)
    assert unread.reason.startswith("builds SQL at run time: EXECUTE format(")


def test_loops_and_cursors_in_a_do_block_are_looked_into() -> None:
    text = "DO $$ BEGIN FOR r IN SELECT id FROM t LOOP DELETE FROM u WHERE id = r.id; END LOOP; COMMIT; END $$"
    do, *inner = read_script(text).statements
    (block,) = do.operations
    assert isinstance(block, op.Do)
    assert block.commits
    assert [type(found.operations[0]).__name__ for found in inner] == ["Select", "Delete", "Commit"]


def test_a_do_block_in_another_language_is_not_understood() -> None:
    do, body = read_script("DO LANGUAGE plpython3u 'import os'").statements
    assert isinstance(do.operations[0], op.Do)
    (unread,) = body.operations
    assert isinstance(unread, op.Unread)
    assert "plpython3u" in unread.reason


def test_the_body_of_a_function_is_kept_apart() -> None:
    text = "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DROP TABLE t; END $$"
    (found,) = read_script(text).statements
    (operation,) = found.operations
    assert isinstance(operation, op.CreateFunction)
    assert operation.body == " BEGIN DROP TABLE t; END "
    assert operation.definition == text


def test_a_long_values_list_counts_every_row() -> None:
    rows = ",\n".join(f"({number}, 'text {number}', now())" for number in range(5_000))
    (found,) = read_script(f"INSERT INTO t (a, b, c) VALUES {rows};").statements
    (insert,) = found.operations
    assert isinstance(insert, op.Insert)
    assert (insert.columns, insert.rows) == (("a", "b", "c"), 5_000)


def test_a_fault_in_a_long_values_list_is_seen() -> None:
    rows = [f"({number}, 'text')" for number in range(5_000)]
    rows[2_500] = "(1, select)"
    assert kinds(f"INSERT INTO t VALUES {', '.join(rows)}") == [("Unread",)]


def test_names_fold_in_ascii_and_end_after_63_bytes() -> None:
    (operation,) = read_statement(f'ALTER TABLE "Weird Name" ADD COLUMN ÄB{"x" * 80} int')
    assert isinstance(operation, op.AddColumn)
    assert operation.table == Name("Weird Name")
    assert operation.column.name.startswith("Äbx")
    assert len(operation.column.name.encode()) == 63


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SHOW all", op.Harmless),
        ("SELECT set_config('x.y', 'z', false)", op.SetSetting),
        ("SELECT pg_advisory_lock(1)", op.Select),
        ("CREATE RULE r AS ON DELETE TO t DO NOTHING", op.CreateRule),
        ("EXPLAIN DELETE FROM t", op.Harmless),
        ("EXECUTE p", op.Unread),
    ],
)
def test_small_statements_say_what_they_are(sql: str, expected: type[op.Operation]) -> None:
    (operation,) = read_statement(sql)
    assert isinstance(operation, expected)


def test_the_inserts_of_a_dump_are_each_what_they_would_be_alone() -> None:
    rows = ["(1, 'a')", "(2, 'b;c')", "(DEFAULT, -3.5)", "(3, E'\\u00')", "(1, 2", "(x, 1)", "(4, B'101')"]
    for header in ("INSERT INTO s.t (a, b) ", 'INSERT INTO "T" ', "INSERT INTO t (a b) ", "INSERT INTO t AS é "):
        statements = [f"{header}VALUES {row}" for row in rows]
        for sql in statements:
            pair = f"{header}VALUES (0, '');\n{sql}"
            assert read_script(pair).statements[-1].operations == read_statement(sql)


@pytest.mark.parametrize("sql", ["UPDATE t SET v=$1 WHERE id=$2", "DELETE FROM t WHERE a||$1<>$2"])
def test_reads_a_parameter_that_follows_an_operator_without_a_blank(sql: str) -> None:
    assert not any(isinstance(operation, op.Unread) for operation in read_statement(sql))
