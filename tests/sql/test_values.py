"""Expressions, types and the other pieces that the catalog prints, as values of the core."""

import pytest

from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.core.language.types import Type
from bot.sql import (
    Unreadable,
    read_bound,
    read_column,
    read_constraint,
    read_expression,
    read_index_element,
    read_partition_key,
    read_query,
    read_statement,
    read_type,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("int", Type("int4")),
        ("integer", Type("int4")),
        ("bigserial", Type("bigserial")),
        ("character varying(50)", Type("varchar", modifiers=("50",))),
        ("char", Type("bpchar", modifiers=("1",))),
        ('"char"', Type("char")),
        ("bit", Type("bit", modifiers=("1",))),
        ("float(24)", Type("float4")),
        ("float", Type("float8")),
        ("double precision", Type("float8")),
        ("numeric(10, 2)", Type("numeric", modifiers=("10", "2"))),
        ("timestamp(3) with time zone", Type("timestamptz", modifiers=("3",))),
        ("timestamp without time zone", Type("timestamp")),
        ("time with time zone", Type("timetz")),
        ("interval day to second(3)", Type("interval", modifiers=("3",), fields="day to second")),
        ("text[][]", Type("text", dimensions=2)),
        ("int array", Type("int4", dimensions=1)),
        ("pg_catalog.int4", Type("int4")),
        ('my."Type"(3)', Type("Type", "my", ("3",))),
        ("geometry(Point,4326)", Type("geometry", modifiers=("Point", "4326"))),
    ],
)
def test_types_have_their_canonical_names(text: str, expected: Type) -> None:
    assert read_type(text) == expected


@pytest.mark.parametrize("text", ["", "int int", "varchar(", "select", "float(99)", "int; drop table t"])
def test_what_is_no_type_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        read_type(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a > 5", [("a", ">", "5")]),
        ("5 < a", [("a", ">", "5")]),
        ("a IS NOT NULL", [("a", "IS NOT NULL", None)]),
        ("a NOTNULL", [("a", "IS NOT NULL", None)]),
        ("NOT (a IS NULL)", [("a", "IS NOT NULL", None)]),
        ("a IS DISTINCT FROM NULL", [("a", "IS NOT NULL", None)]),
        ("((n IS NOT NULL) AND (n > 0))", [("n", "IS NOT NULL", None), ("n", ">", "0")]),
        ("(a = 1 AND b = 2) AND c IN (1, 2)", [("a", "=", "1"), ("b", "=", "2"), ("c", "IN", "(1, 2)")]),
        ("s = ANY (ARRAY['a'::text, 'b'::text])", [("s", "IN", "('a'::text, 'b'::text)")]),
        ("s <> ''::text", [("s", "<>", "''::text")]),
        ("a >= -5", [("a", ">=", "-5")]),
        ("d >= '2024-01-01'::date", [("d", ">=", "'2024-01-01'::date")]),
        ("a = b", [("a", "=", None)]),
        ("a > now()", [("a", ">", None)]),
        ("a > 1 OR b > 1", [(None, None, None)]),
        ("lower(a) = 'x'", [(None, None, None)]),
    ],
)
def test_top_level_comparisons_are_recognised(text: str, expected: object) -> None:
    found = read_expression(text)
    assert found.understood
    assert [(part.column, part.operator, part.operand) for part in found.conjuncts] == expected


def test_offsets_in_an_expression_are_those_of_its_text() -> None:
    text = "lower(t.name) || to_char(current_timestamp, 'YYYY')::text <> CAST(x AS varchar(3))"
    found = read_expression(f"  {text} ")
    assert found.text == text
    assert [text[call.start : call.end] for call in found.calls] == [
        "lower(t.name)",
        "to_char(current_timestamp, 'YYYY')",
        "current_timestamp",
    ]
    assert [(call.function.name, call.arguments) for call in found.calls] == [
        ("lower", 1),
        ("to_char", 2),
        ("current_timestamp", 0),
    ]
    assert [text[column.start : column.end] for column in found.columns] == ["t.name", "x"]
    assert [cast.type for cast in found.casts] == [Type("text"), Type("varchar", modifiers=("3",))]


def test_key_word_expressions_are_no_calls() -> None:
    assert read_expression("coalesce(a, nullif(b, greatest(c, 1)))").calls == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'a'\n'b'", "ab"),
        ("'a'\r\n'b'", "ab"),
        ("'a'''\n'b'", "a'b"),
        ("'a' -- c'\n -- '\n\n '''b'", "a'b"),
        (r"E'a\'" + "'\n'" + r"\'b'", "a''b"),
        (r"E'\'" + "\t--' --\n'c'", "'\t--c"),
        (r"E'a\\'" + "\n'b'", r"a\b"),
    ],
)
def test_a_string_in_several_lines_is_one(text: str, value: str) -> None:
    [created] = read_statement(f"CREATE TYPE e AS ENUM ({text})")
    assert isinstance(created, op.CreateEnum)
    assert created.labels == (value,)


def test_a_subquery_tells_which_tables_it_reads() -> None:
    found = read_expression("a IN (SELECT id FROM s.t JOIN u USING (id) WHERE EXISTS (TABLE v))")
    assert found.relations == (Name("t", "s"), Name("u"), Name("v"))


@pytest.mark.parametrize("text", ["", "a +", "a b", "a; b", "(a", "a = b = c", "SELECT 1", "'x"])
def test_what_is_no_expression_is_not_understood(text: str) -> None:
    found = read_expression(text)
    assert not found.understood
    assert found.mentions("anything")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CHECK ((a > 0)) NOT VALID", (op.Check, {"not_valid": True})),
        ("PRIMARY KEY (a, b) INCLUDE (c)", (op.PrimaryKey, {"columns": ("a", "b"), "include": ("c",)})),
        ("UNIQUE NULLS NOT DISTINCT (a)", (op.Unique, {"columns": ("a",), "nulls_not_distinct": True})),
        ("NOT NULL a NO INHERIT", (op.NotNull, {"column": "a", "no_inherit": True})),
        (
            "FOREIGN KEY (a) REFERENCES s.o(id) ON UPDATE CASCADE ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED",
            (
                op.ForeignKey,
                {
                    "columns": ("a",),
                    "references": Name("o", "s"),
                    "references_columns": ("id",),
                    "on_delete": "SET NULL",
                    "on_update": "CASCADE",
                    "deferrable": True,
                    "initially_deferred": True,
                },
            ),
        ),
    ],
)
def test_constraints_are_read_as_the_catalog_prints_them(text: str, expected: tuple[type, dict[str, object]]) -> None:
    found = read_constraint(text)
    kind, fields = expected
    assert isinstance(found, kind)
    assert {name: getattr(found, name) for name in fields} == fields


def test_constraints_at_a_column_name_their_column() -> None:
    found = read_column("a int NOT NULL DEFAULT 5 UNIQUE REFERENCES o")
    assert [type(constraint) for constraint in found.constraints] == [op.NotNull, op.Unique, op.ForeignKey]
    assert [getattr(constraint, "columns", None) for constraint in found.constraints] == [None, ("a",), ("a",)]
    assert str(found.default) == "5"


def test_index_elements_tell_columns_from_expressions() -> None:
    assert read_index_element("a DESC NULLS LAST").column == "a"
    found = read_index_element('lower((name)::text) COLLATE "C" text_pattern_ops')
    assert found.column is None
    assert found.expression.text == "lower((name)::text)"
    assert found.collation == Name("C")
    assert found.operator_class == Name("text_pattern_ops")


def test_bounds_and_partition_keys() -> None:
    found = read_bound("FOR VALUES FROM ('2024-01-01', MINVALUE) TO ('2025-01-01', MAXVALUE)")
    assert found.lower == ("'2024-01-01'", "MINVALUE")
    assert found.upper == ("'2025-01-01'", "MAXVALUE")
    assert read_bound("FOR VALUES IN (1, NULL)").values == ("1", "NULL")
    assert read_bound("FOR VALUES WITH (modulus 4, remainder 1)").modulus == 4
    assert read_bound("DEFAULT").default
    key = read_partition_key("RANGE (created_at, lower(name))")
    assert (key.strategy, [str(element) for element in key.elements]) == ("RANGE", ["created_at", "lower(name)"])


def test_a_query_names_what_it_reads_and_not_its_own_expressions() -> None:
    found = read_query("WITH x AS (SELECT * FROM a) SELECT now() FROM x, b WHERE c > 1 UNION SELECT 1 FROM s.d LIMIT 5")
    assert set(found.relations) == {Name("a"), Name("b"), Name("d", "s")}
    assert [call.function.name for call in found.calls] == ["now"]
    assert found.limit
    assert not read_query("SELECT FROM WHERE").understood


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT o.a, c.b FROM orders o JOIN cards c ON c.id = o.card", "orders a, cards b, cards id, orders card"),
        (
            "SELECT a, count(*) FROM orders WHERE x > 1 GROUP BY a, day HAVING max(z) > 1 ORDER BY f",
            "orders a, orders x, orders z",
        ),
        ("SELECT * FROM orders", ""),
        ("WITH t AS (SELECT a FROM orders) SELECT a, t.b FROM t", "orders a"),
        ("SELECT a, (SELECT max(b) FROM lines l WHERE l.o = x.id AND q) FROM orders x", "orders a, lines o, orders id"),
        ("SELECT x.a FROM (SELECT a, b FROM orders WHERE k) x", "orders a, orders b, orders k"),
        ("SELECT a FROM orders, LATERAL (SELECT b FROM lines WHERE lines.x = orders.y AND w) l", "lines x, orders y"),
        ("SELECT o.a FROM orders AS o(a, b)", ""),
        ("SELECT s.a FROM shop.orders s UNION ALL SELECT b FROM archive", "shop.orders a, archive b"),
        ("SELECT orders FROM orders", ""),
        (
            "SELECT extract(year FROM made), make_interval(days => 3), (o.addr).city FROM orders o",
            "orders made, orders addr",
        ),
        ("SELECT a FROM f(1) WHERE b", ""),
    ],
)
def test_a_query_names_the_columns_whose_relation_is_certain(sql: str, expected: str) -> None:
    assert ", ".join(f"{name} {column}" for name, column in read_query(sql).columns) == expected


def test_the_types_of_arguments_tell_functions_of_one_name_apart() -> None:
    (made,) = read_statement("CREATE FUNCTION f(a integer, OUT b text, c varchar(20)[], s.mood) LANGUAGE sql AS ''")
    assert isinstance(made, op.CreateFunction)
    assert made.types == ("int4", "varchar[]", "s.mood")
    (dropped,) = read_statement("DROP FUNCTION f(int, text), g, h()")
    assert isinstance(dropped, op.DropFunction)
    assert dropped.types == (("int4", "text"), None, ())


def test_row_locks_name_the_tables_they_lock() -> None:
    (select,) = read_statement("SELECT * FROM a JOIN b x ON true FOR NO KEY UPDATE OF x")
    assert isinstance(select, op.Select)
    assert (select.locking, select.locked) == ("NO KEY UPDATE", (Name("b"),))
