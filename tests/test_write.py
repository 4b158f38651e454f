"""What is written is what was asked for: PostgreSQL accepts it, and the reader gives the same operations back."""

from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from postgast import parse
from strategies import statements

from bot.core.expression import Expression
from bot.core.names import Name
from bot.core.operations import (
    AddCheck,
    AddColumn,
    Check,
    Column,
    CreateFunction,
    CreateIndex,
    CreateTable,
    CreateTrigger,
    Do,
    DropColumn,
    Grant,
    Harmless,
    IndexElement,
    Insert,
    NotNull,
    Operation,
    SetNotNull,
    SetSetting,
    Unread,
    Update,
)
from bot.core.types import Type
from bot.sql import Unwritable, read_statement, write_statement
from bot.sql.literals import dollar_quote, quote_literal

EVENTS = Name("events", "public")


def normal(value: Any) -> Any:
    """The named normal form: where offsets and the verbatim definition are left out, for they follow from the text."""
    if isinstance(value, Expression):
        return value.text
    if isinstance(value, tuple):
        return tuple(normal(item) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        told = {field.name: normal(getattr(value, field.name)) for field in fields(value) if field.name != "definition"}
        return type(value).__name__, told
    return value


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(statements)
def test_postgresql_accepts_what_is_written(operations: tuple[Operation, ...]) -> None:
    assert parse(write_statement(operations)).stmts


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(statements)
def test_reading_gives_back_what_was_written(operations: tuple[Operation, ...]) -> None:
    assert normal(read_statement(write_statement(operations))) == normal(operations)


def test_the_actions_of_one_alter_table_stand_on_lines_of_their_own() -> None:
    added = AddColumn(EVENTS, Column("search", Type("tsvector"), constraints=(NotNull("search"),)))
    check = AddCheck(EVENTS, Check(Expression("search IS NOT NULL"), "search_set", not_valid=True))
    assert write_statement([added, check]) == (
        "ALTER TABLE public.events\n"
        "    ADD COLUMN search tsvector NOT NULL,\n"
        "    ADD CONSTRAINT search_set CHECK (search IS NOT NULL) NOT VALID"
    )


def test_a_table_is_written_a_column_a_line() -> None:
    table = CreateTable(EVENTS, (Column("id", Type("int8")), Column("Title", Type("text"))))
    assert write_statement([table]) == 'CREATE TABLE public.events (\n    id bigint,\n    "Title" text\n)'


def test_a_trigger_and_its_function_are_written_from_their_parts() -> None:
    body = "BEGIN\n    NEW.search := to_tsvector(NEW.title);\n    RETURN NEW;\nEND"
    function = CreateFunction(Name("fill"), language="plpgsql", body=body, returns="trigger")
    trigger = CreateTrigger("fill", EVENTS, "BEFORE", ("INSERT", "UPDATE"), Name("fill"), ("title",), for_each_row=True)
    assert write_statement([function]) == (
        f"CREATE FUNCTION fill() RETURNS trigger\nLANGUAGE plpgsql\nAS $$\n{body}\n$$"
    )
    assert write_statement([trigger]) == (
        "CREATE TRIGGER fill\n    BEFORE INSERT OR UPDATE OF title ON public.events\n    FOR EACH ROW\n"
        "    EXECUTE FUNCTION fill()"
    )
    for operation in (function, trigger):
        (read,) = read_statement(write_statement([operation]))
        assert normal(replace(read, definition="")) == normal(read)
        assert type(read) is type(operation)


def test_a_long_index_stands_on_several_lines() -> None:
    element = IndexElement("lower(title) text_pattern_ops", Expression("lower(title)"))
    index = CreateIndex(
        "events_title_lower", EVENTS, (element,), concurrently=True, where=Expression("deleted_at IS NULL")
    )
    assert write_statement([index]).splitlines() == [
        "CREATE INDEX CONCURRENTLY events_title_lower",
        "    ON public.events (lower(title) text_pattern_ops)",
        "    WHERE deleted_at IS NULL",
    ]


@pytest.mark.parametrize(
    ("setting", "sql"),
    [
        pytest.param(SetSetting("lock_timeout", "5s", local=True), "SET LOCAL lock_timeout = '5s'", id="unit"),
        pytest.param(SetSetting("lock_timeout", "0"), "SET lock_timeout = 0", id="number"),
        pytest.param(SetSetting("search_path", "app, public"), "SET search_path = app, public", id="list"),
        pytest.param(SetSetting("lock_timeout", None), "RESET lock_timeout", id="reset"),
    ],
)
def test_settings_are_written_as_they_are_typed(setting: SetSetting, sql: str) -> None:
    assert write_statement([setting]) == sql


@pytest.mark.parametrize(
    "operations",
    [
        pytest.param([Unread("EXECUTE")], id="unread"),
        pytest.param([Harmless("NOTIFY")], id="harmless"),
        pytest.param([Grant(revoke=False)], id="grant"),
        pytest.param([Insert(EVENTS, rows=3)], id="rows without their values"),
        pytest.param([Update(EVENTS, by_application=True)], id="rows changed by the application"),
        pytest.param([CreateFunction(Name("f"), 2, body="SELECT 1")], id="a function without its parameters"),
        pytest.param([SetNotNull(EVENTS, "a"), DropColumn(Name("other"), "b")], id="two tables in one ALTER TABLE"),
        pytest.param([SetNotNull(EVENTS, "a"), Do(body="BEGIN END")], id="actions beside something else"),
        pytest.param([], id="nothing"),
    ],
)
def test_what_an_operation_does_not_keep_is_not_written(operations: list[Operation]) -> None:
    with pytest.raises(Unwritable):
        write_statement(operations)


@pytest.mark.parametrize("body", ["", "$$", "x$", "$body_1$ $$", "a $body", "$$ $body_1$ $body_2$"])
def test_a_body_never_ends_its_own_dollar_quotes(body: str) -> None:
    quoted = dollar_quote(body)
    delimiter = quoted[: quoted.index("$", 1) + 1]
    assert quoted.split(delimiter, 2)[1:] == [body, ""]


def test_backslashes_are_kept_whatever_the_settings() -> None:
    assert quote_literal("a\\'b") == "E'a\\\\''b'"
