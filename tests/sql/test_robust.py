"""Any text at all: the reader never raises and never points outside the file."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.language import operations as op
from bot.sql import (
    Unreadable,
    read_column,
    read_constraint,
    read_expression,
    read_query,
    read_script,
    read_statement,
    read_type,
    script,
)
from bot.sql.text.cursor import Cursor
from tests.parity.generate import damaged
from tests.parity.statements import REJECTED, STATEMENTS

_PIECES = [
    *"'\"$();:\\-/*,.[]{}<>=+|&%#@!?~^` \n\r\t\x00\ufeff\u00a0é",
    *(
        "$$",
        "$a$",
        "--",
        "/*",
        "*/",
        "E'",
        "U&'",
        'U&"',
        "BEGIN ATOMIC",
        "END",
        "CASE",
        "\\.",
        "\\connect x",
        "${a}",
        "{{b}}",
    ),
    *(
        "CREATE FUNCTION",
        "SELECT",
        "ALTER TABLE t",
        "ADD COLUMN",
        "COPY t FROM stdin;\n",
        "DO $$ BEGIN",
        "EXECUTE",
        "1e",
        "0x",
        "\ud800",
    ),
    *("VALUES (1),", "INTO", "FOR", "LOOP", "IN", "WITH", "AS", "(", ")"),
]
pieces = st.lists(st.sampled_from(_PIECES) | st.text(max_size=4), max_size=40).map("".join)
texts = st.text() | pieces | st.binary().map(lambda raw: raw.decode("utf-8", "surrogateescape"))


def check(text: str) -> None:
    script = read_script(text)
    last = text.count("\n") + 1
    places = [found.start for found in script.statements if found.inside is None]
    assert places == sorted(places)
    for found in script.statements:
        assert found.operations
        assert 0 <= found.start <= found.end <= len(text)
        assert 1 <= found.lines.first <= found.lines.last <= last
    for comment in (*script.comments, *script.meta):
        assert text[comment.start : comment.end] == comment.text
        assert 1 <= comment.line <= last


@given(texts)
def test_a_script_of_any_text_is_read(text: str) -> None:
    check(text)


@given(texts)
def test_a_piece_of_any_text_is_read_or_refused(text: str) -> None:
    read_statement(text)
    read_expression(text)
    read_query(text)
    for read in (read_type, read_column, read_constraint):
        try:
            read(text)
        except Unreadable:
            continue


@given(st.lists(st.sampled_from([*STATEMENTS, *REJECTED]), max_size=6), st.integers(0, 2**32))
def test_damaged_statements_keep_the_places_of_the_file(statements: list[str], seed: int) -> None:
    choice = random.Random(seed)
    check(";\n".join(damaged(sql, choice) for sql in statements))


def test_threads_read_beside_each_other() -> None:
    statements = STATEMENTS * 3
    alone = [read_statement(sql) for sql in statements]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(read_statement, statements)) == alone


def test_a_statement_at_which_migsafe_itself_fails_costs_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    known = script.complete

    def failing(cursor: Cursor) -> tuple[op.Operation, ...]:
        if cursor.word == "DROP":
            raise AttributeError("nobody expected this")
        return known(cursor)

    monkeypatch.setattr(script, "complete", failing)
    read = script.read_script("DROP TABLE t; CREATE TABLE u (a int);").statements
    assert [type(one.operations[0]) for one in read] == [op.Unread, op.CreateTable]
    assert "nobody expected this" in repr(read[0].operations)
