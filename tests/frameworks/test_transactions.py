"""Transactions as PostgreSQL counts them, for every way in which a tool sends a file."""

from itertools import count

import psycopg
import pytest

from bot.core.language.migrations import Scope, Transaction
from bot.frameworks.statements.transactions import Sending, number_transactions
from bot.sql import read_script

WRAPPER = Transaction(100, Scope.EXPLICIT, "the tool opens it")
STRING = Sending(None, split=False)
WRAPPED_STRING = Sending(WRAPPER, split=False)
STATEMENTS = Sending(None, split=True)
WRAPPED = Sending(WRAPPER, split=True)

A, B = "CREATE TABLE a (i int);", "CREATE TABLE b (i int);"
CONCURRENTLY = "CREATE INDEX CONCURRENTLY i ON t (x);"


@pytest.mark.parametrize(
    ("sql", "sending", "numbers"),
    [
        pytest.param(CONCURRENTLY, STRING, [None], id="one statement in a string runs alone"),
        pytest.param(CONCURRENTLY + " ; -- done", STRING, [None], id="a comment and an empty statement change nothing"),
        pytest.param(A + B, STRING, [1, 1], id="several statements in a string share an implicit transaction"),
        pytest.param(A + B, STATEMENTS, [None, None], id="statements sent one by one run alone"),
        pytest.param(A + B, WRAPPED, [100, 100], id="the tool's transaction holds all"),
        pytest.param(A, WRAPPED_STRING, [100], id="the tool's transaction holds one"),
        pytest.param(
            A + "COMMIT;" + CONCURRENTLY, WRAPPED_STRING, [100, 100, 1], id="behind COMMIT it is still a string"
        ),
        pytest.param("COMMIT;" + CONCURRENTLY, STRING, [None, 1], id="COMMIT first does not help in a string"),
        pytest.param("COMMIT;" + CONCURRENTLY, WRAPPED, [100, None], id="COMMIT helps where statements are split"),
        pytest.param("COMMIT;" + CONCURRENTLY + "BEGIN;" + A, WRAPPED, [100, None, 1, 1], id="COMMIT and BEGIN again"),
        pytest.param("BEGIN;" + A + "COMMIT;" + B, STATEMENTS, [1, 1, 1, None], id="the file's own transaction"),
        pytest.param("BEGIN;" + A + "COMMIT;" + B, STRING, [1, 1, 1, 2], id="the file's own transaction in a string"),
        pytest.param(A + "BEGIN;" + B + "COMMIT;", STRING, [1, 1, 1, 1], id="BEGIN takes in what came before"),
        pytest.param("BEGIN;" + A + "COMMIT AND CHAIN;" + B, STATEMENTS, [1, 1, 1, 2], id="CHAIN opens the next"),
        pytest.param(
            "BEGIN; SAVEPOINT s;" + A + "ROLLBACK TO SAVEPOINT s;" + B + "ROLLBACK;",
            STATEMENTS,
            [1] * 6,
            id="savepoints end nothing",
        ),
    ],
)
def test_statements_are_numbered_by_transaction(sql: str, sending: Sending, numbers: list[int | None]) -> None:
    numbered = number_transactions(read_script(sql).statements, sending, count(1))
    assert list(numbered.numbers) == numbers
    assert {one.number for one in numbered.transactions} == {number for number in numbers if number}


def test_begin_makes_an_implicit_transaction_explicit() -> None:
    numbered = number_transactions(read_script(A + "BEGIN;" + B + "COMMIT;" + A).statements, STRING, count(1))
    assert [one.scope for one in numbered.transactions] == [Scope.EXPLICIT, Scope.IMPLICIT]


def test_statements_in_a_do_block_share_its_transaction() -> None:
    sql = "DO $$ BEGIN DROP TABLE a; DROP TABLE b; END $$;"
    inside = read_script(sql).statements
    alone = number_transactions(inside, STATEMENTS, count(1))
    assert set(alone.numbers) == {1}
    assert set(number_transactions(inside, WRAPPED, count(1)).numbers) == {100}


@pytest.mark.parametrize(
    ("sql", "refused"),
    [
        pytest.param(CONCURRENTLY, False, id="alone"),
        pytest.param("SET lock_timeout = 0;" + CONCURRENTLY, True, id="behind a SET"),
        pytest.param("COMMIT;" + CONCURRENTLY, True, id="behind COMMIT"),
        pytest.param(A + "COMMIT;" + CONCURRENTLY, True, id="behind a statement and COMMIT"),
    ],
)
def test_the_server_refuses_what_has_a_transaction_number(database: str, sql: str, refused: bool) -> None:
    statements = read_script(sql).statements
    numbers = number_transactions(statements, STRING, count(1)).numbers
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (x int)")
        assert (numbers[-1] is not None) == refused
        if not refused:
            connection.execute(sql)
            return
        with pytest.raises(psycopg.errors.ActiveSqlTransaction):
            connection.execute(sql)
