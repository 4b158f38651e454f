"""Transactions as PostgreSQL counts them, for every way in which a tool sends a file."""

from collections.abc import Callable, Sequence

import psycopg
import pytest

from bot.core.judging.framework import Files, SourceFile
from bot.core.language.migrations import Run, Scope
from bot.core.record import record
from bot.frameworks import framework_named
from bot.frameworks.statements.transactions import Block, Transactions, Wrapper
from bot.sql import read_script


@record
class Sending:
    """How a tool sends a file: in a transaction of its own, statement by statement."""

    wrapped: bool
    split: bool

    def numbers(self, transactions: Transactions, sql: str) -> list[int | None]:
        transactions.wrap(Wrapper("the tool opens it") if self.wrapped else None)
        return transactions.send(read_script(sql).statements, split=self.split)


STRING = Sending(wrapped=False, split=False)
WRAPPED_STRING = Sending(wrapped=True, split=False)
STATEMENTS = Sending(wrapped=False, split=True)
WRAPPED = Sending(wrapped=True, split=True)

A, B = "CREATE TABLE a (i int);", "CREATE TABLE b (i int);"
CONCURRENTLY = "CREATE INDEX CONCURRENTLY i ON t (x);"


@pytest.mark.parametrize(
    ("sql", "sending", "numbers"),
    [
        pytest.param(CONCURRENTLY, STRING, [None], id="one statement in a string runs alone"),
        pytest.param(CONCURRENTLY + " ; -- done", STRING, [None], id="a comment and an empty statement change nothing"),
        pytest.param(A + B, STRING, [1, 1], id="several statements in a string share an implicit transaction"),
        pytest.param(A + B, STATEMENTS, [None, None], id="statements sent one by one run alone"),
        pytest.param(A + B, WRAPPED, [1, 1], id="the tool's transaction holds all"),
        pytest.param(A, WRAPPED_STRING, [1], id="the tool's transaction holds one"),
        pytest.param(A + "COMMIT;" + CONCURRENTLY, WRAPPED_STRING, [1, 1, 2], id="behind COMMIT it is still a string"),
        pytest.param("COMMIT;" + CONCURRENTLY, STRING, [None, 1], id="COMMIT first does not help in a string"),
        pytest.param("COMMIT;" + CONCURRENTLY, WRAPPED, [1, None], id="COMMIT helps where statements are split"),
        pytest.param("COMMIT;" + CONCURRENTLY + "BEGIN;" + A, WRAPPED, [1, None, 2, 2], id="COMMIT and BEGIN again"),
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
    transactions = Transactions()
    assert sending.numbers(transactions, sql) == numbers
    assert set(transactions.used) == {number for number in numbers if number}


def test_begin_makes_an_implicit_transaction_explicit() -> None:
    transactions = Transactions()
    STRING.numbers(transactions, A + "BEGIN;" + B + "COMMIT;" + A)
    assert [one.scope for one in transactions.used.values()] == [Scope.EXPLICIT, Scope.IMPLICIT]


@pytest.mark.parametrize("sending", [STATEMENTS, WRAPPED])
def test_statements_in_a_do_block_share_its_transaction(sending: Sending) -> None:
    sql = "DO $$ BEGIN DROP TABLE a; DROP TABLE b; END $$;"
    assert set(sending.numbers(Transactions(), sql)) == {1}


def test_an_implicit_transaction_ends_with_its_string() -> None:
    transactions = Transactions()
    assert sent(transactions, A + B, A, A + B) == [1, 1, None, 2, 2]


def test_a_block_outside_the_transaction_is_followed_by_another_of_the_tools() -> None:
    transactions = Transactions()
    transactions.wrap(Wrapper("the tool opens it"))
    before = sent(transactions, A)
    transactions.enter(Block(1))
    within = sent(transactions, A, B)
    transactions.enter(None)
    assert [*before, *within, *sent(transactions, A)] == [1, None, None, 2]


def test_a_block_in_a_transaction_joins_what_is_open() -> None:
    transactions = Transactions()
    transactions.wrap(Wrapper("the tool opens it"))
    before = sent(transactions, A)
    transactions.enter(Block(1, "a block opens it"))
    assert [*before, *sent(transactions, A, "COMMIT", A)] == [1, 1, 1, None]


def test_a_block_in_a_transaction_ends_what_it_opened() -> None:
    transactions = Transactions()
    transactions.enter(Block(1, "a block opens it"))
    within = sent(transactions, A, B)
    transactions.enter(None)
    assert [*within, *sent(transactions, A)] == [1, 1, None]


def sent(transactions: Transactions, *strings: str) -> list[int | None]:
    return [number for sql in strings for number in transactions.send(read_script(sql).statements)]


@pytest.mark.parametrize(
    ("sql", "refused"),
    [
        pytest.param(CONCURRENTLY, False, id="alone"),
        pytest.param("SET lock_timeout = 0;" + CONCURRENTLY, True, id="behind a SET"),
        pytest.param("COMMIT;" + CONCURRENTLY, True, id="behind COMMIT"),
        pytest.param(A + "COMMIT;" + CONCURRENTLY, True, id="behind a statement and COMMIT"),
    ],
)
def test_the_server_refuses_what_has_a_transaction_number(database: str, sql: str, *, refused: bool) -> None:
    numbers = STRING.numbers(Transactions(), sql)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (x int)")
        assert (numbers[-1] is not None) == refused
        if not refused:
            connection.execute(sql.encode())
            return
        with pytest.raises(psycopg.errors.ActiveSqlTransaction):
            connection.execute(sql.encode())


U = "ALTER TABLE t ADD COLUMN x int;"
# Strings that a migration sends one after the other; the numbers outside a transaction, and inside one.
STRINGS = {
    "BEGIN, COMMIT and a rest in one string": (
        ["BEGIN;" + U + "COMMIT; UPDATE t SET x = 0;"],
        [1, 1, 1, 2],
        [1, 1, 1, 2],
    ),
    "a string alone, then several": ([U, A + B], [None, 1, 1], [1, 1, 1]),
    "COMMIT by itself": ([A, "COMMIT;", B], [None, None, None], [1, 1, None]),
    "COMMIT by itself, then several": ([A, "COMMIT;", A + B], [None, None, 1, 1], [1, 1, 2, 2]),
    "COMMIT within a string": ([A + "COMMIT;" + B + U, A], [1, 1, 2, 2, None], [1, 1, 2, 2, None]),
    "COMMIT as the first of a string": (["COMMIT;" + A], [None, 1], [1, 2]),
    "BEGIN and COMMIT each by itself": (["BEGIN;", A, "COMMIT;", B], [1, 1, 1, None], [1, 1, 1, None]),
    "BEGIN twice": (["BEGIN;" + A + "BEGIN;" + B + "COMMIT;", A], [1, 1, 1, 1, 1, None], [1, 1, 1, 1, 1, None]),
    "BEGIN left open by a string": (["BEGIN;" + A, B, "COMMIT;", A], [1, 1, 1, 1, None], [1, 1, 1, 1, None]),
    "ROLLBACK": (["BEGIN;" + A + "ROLLBACK;" + B], [1, 1, 1, 2], [1, 1, 1, 2]),
    "a savepoint": (["SAVEPOINT s;" + A + "ROLLBACK TO SAVEPOINT s;" + B, A], [1, 1, 1, 1, None], [1, 1, 1, 1, 1]),
    "COMMIT AND CHAIN": (["BEGIN;" + A + "COMMIT AND CHAIN;" + B, A], [1, 1, 1, 2, 2], [1, 1, 1, 2, 2]),
    "a DO block": (["DO $$ BEGIN DROP TABLE a; DROP TABLE b; END $$;"], [1, 1, 1], [1, 1, 1]),
}


def alembic(strings: Sequence[str], *, wrapped: bool) -> Run:
    calls = [f"op.execute({sql!r})" for sql in strings]
    body = calls if wrapped else ["with op.get_context().autocommit_block():", *(f"    {call}" for call in calls)]
    upgrade = "".join(f"    {line}\n" for line in body)
    text = f'from alembic import op\nrevision = "a"\ndown_revision = None\n\ndef upgrade():\n{upgrade}'
    return framework_named("alembic").read(Files(changed=[SourceFile("versions/a.py", text)]))


def rails(strings: Sequence[str], *, wrapped: bool) -> Run:
    marker = "" if wrapped else "  disable_ddl_transaction!\n"
    calls = "".join(f"    execute <<~'SQL'\n      {sql}\n    SQL\n" for sql in strings)
    text = f"class X < ActiveRecord::Migration[7.1]\n{marker}  def up\n{calls}  end\nend\n"
    return framework_named("rails").read(Files(changed=[SourceFile("db/migrate/1_x.rb", text)]))


def relative(run: Run) -> list[int | None]:
    """The numbers from 1 on: a tool may have opened one that nothing ran in."""
    numbers = [statement.transaction for statement in run.statements]
    order = list(dict.fromkeys(number for number in numbers if number is not None))
    return [None if number is None else order.index(number) + 1 for number in numbers]


@pytest.mark.parametrize("strings", STRINGS)
@pytest.mark.parametrize("tool", [alembic, rails])
def test_every_tool_numbers_the_strings_that_it_sends_alike(tool: Callable[..., Run], strings: str) -> None:
    sent, outside, inside = STRINGS[strings]
    assert relative(tool(sent, wrapped=False)) == outside
    assert relative(tool(sent, wrapped=True)) == inside


@pytest.mark.parametrize("strings", [name for name, (sent, _, _) in STRINGS.items() if len(sent) == 1])
def test_a_tool_for_sql_numbers_its_string_like_the_tools_for_code(strings: str) -> None:
    (sql,), outside, inside = STRINGS[strings]
    for marker, numbers in ((" transaction:false", outside), ("", inside)):
        source = SourceFile("db/migrations/1_x.sql", f"-- migrate:up{marker}\n{sql}\n")
        assert relative(framework_named("dbmate").read(Files(changed=[source]))) == numbers


def test_after_a_commit_within_a_block_no_transaction_is_open() -> None:
    text = (
        "class X < ActiveRecord::Migration[7.1]\n  disable_ddl_transaction!\n  def up\n    transaction do\n"
        '      execute "DROP TABLE a"\n      transaction { execute "COMMIT" }\n      execute "DROP TABLE b"\n'
        '    end\n    execute "DROP TABLE c"\n  end\nend\n'
    )
    run = framework_named("rails").read(Files(changed=[SourceFile("db/migrate/1_x.rb", text)]))
    assert relative(run) == [1, 1, None, None]
