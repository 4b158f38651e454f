"""What two pull requests do to one thing in the database: functions, triggers, views, keys."""

import psycopg
import pytest

from bot.standins.github.model import CheckRun, Pull
from tests.support.reviewing import Reviewing, reviewing

pytestmark = pytest.mark.anyio

OLD = (
    "CREATE TABLE orders (id bigint PRIMARY KEY, status text, total numeric, note text);\n"
    "CREATE TABLE lines (id bigint PRIMARY KEY, order_id bigint, price numeric);\n"
    "CREATE FUNCTION rounded(numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT round($1)';\n"
    "CREATE FUNCTION rounded(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1';\n"
    "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';\n"
)
TOUCHED = "CREATE TRIGGER orders_touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();"
FUNCTION = "FUNCTION tax(amount numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT amount * {}';"
JOINED = "CREATE VIEW open_orders AS SELECT o.status, l.price FROM orders AS o JOIN lines AS l ON l.order_id = o.id;"

FAILING = [
    ("DROP FUNCTION touch();", TOUCHED, "touch is dropped in #1"),
    ("DROP FUNCTION touch;", TOUCHED, "touch is dropped in #1"),
    (TOUCHED, "DROP FUNCTION touch();", "touch is used in #1"),
    (f"CREATE {FUNCTION.format(2)}", f"CREATE {FUNCTION.format(3)}", "tax is also created in #1"),
    (f"CREATE OR REPLACE {FUNCTION.format(2)}", f"CREATE {FUNCTION.format(3)}", "tax is also created in #1"),
    (TOUCHED, TOUCHED, "orders_touch is also created in #1"),
    ("ALTER TABLE orders DROP COLUMN status;", JOINED, "orders.status is dropped in #1"),
    (JOINED, "ALTER TABLE lines DROP COLUMN price;", "lines.price is used in #1"),
    (
        "ALTER TABLE orders RENAME COLUMN note TO remark;",
        "CREATE MATERIALIZED VIEW noted AS SELECT id FROM orders WHERE note IS NOT NULL;",
        "orders.note is renamed in #1",
    ),
    (
        "ALTER TABLE orders DROP COLUMN total;",
        "CREATE VIEW sums AS WITH t AS (SELECT total, id FROM orders) SELECT sum(t.total) FROM t;",
        "orders.total is dropped in #1",
    ),
    (
        "ALTER TABLE orders DROP COLUMN note;",
        "ALTER TABLE orders ADD COLUMN words int GENERATED ALWAYS AS (length(note)) STORED;",
        "orders.note is dropped in #1",
    ),
    (
        "CREATE INDEX orders_note_key ON orders (note);",
        "ALTER TABLE orders ADD CONSTRAINT orders_note_key UNIQUE (note);",
        "orders_note_key is also created in #1",
    ),
    (
        "CREATE TABLE notes (id int CONSTRAINT orders_note_key UNIQUE);",
        "CREATE INDEX orders_note_key ON orders (note);",
        "orders_note_key is also created in #1",
    ),
]
"""The SQL of an earlier and of a later pull request, and what the check of the later one says."""


def dbmate(sql: str) -> str:
    return f"-- migrate:up\nSET lock_timeout = '1s';\n{sql}\n\n-- migrate:down\n"


async def both(world: Reviewing, first: str, second: str) -> tuple[CheckRun, CheckRun, Pull]:
    """The checks of two pull requests with this SQL, after each was judged for the last time, and the earlier one."""
    pulls = [
        world.at.opened({f"db/migrations/2026051610150{number}_x.sql": dbmate(sql)}, head=f"b{number}")
        for number, sql in enumerate((first, second))
    ]
    for pull in pulls:
        await world.reviewed(pull)
    await world.judged_again()
    earlier, later = (world.at.github.check_runs_of(pull.head_sha)[-1] for pull in pulls)
    return earlier, later, pulls[0]


def says(run: CheckRun) -> str:
    return "\n".join([run.title or "", run.summary or "", *(mark["message"] for mark in run.annotations)]).replace(
        "`", ""
    )


@pytest.mark.parametrize(("first", "second", "expected"), FAILING)
async def test_what_is_certain_to_fail_beside_an_earlier_one_is_a_danger_there(
    first: str, second: str, expected: str
) -> None:
    async with reviewing(files={"db/migrations/20260101000000_old.sql": dbmate(OLD)}) as world:
        earlier, later, _ = await both(world, first, second)
        assert later.conclusion == "failure"
        assert expected in says(later)
        assert "#2" in says(earlier)


def test_postgresql_refuses_the_second_where_the_first_has_run(database: str) -> None:
    for first, second, _ in FAILING:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
            for sql in (OLD, first):
                connection.execute(sql.encode())
            with pytest.raises(psycopg.Error):
                connection.execute(second.encode())


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (f"CREATE {FUNCTION.format(2)}", f"CREATE {FUNCTION.format(3)}".replace("numeric)", "text)")),
        ("DROP FUNCTION rounded(text);", "DROP FUNCTION rounded(numeric);"),
        ("ALTER TABLE orders DROP COLUMN status;", JOINED.replace("o.status", "o.note")),
        ("ALTER TABLE orders DROP COLUMN total;", "CREATE VIEW v AS SELECT price AS total FROM lines ORDER BY total;"),
        (
            "ALTER TABLE lines DROP COLUMN price;",
            "CREATE VIEW v AS SELECT (SELECT max(price) FROM (SELECT total AS price FROM orders) x) FROM lines AS l;",
        ),
        (
            "ALTER TABLE orders ADD CONSTRAINT orders_note_key UNIQUE (note);",
            "CREATE INDEX orders_note_idx ON orders (note);",
        ),
    ],
)
async def test_what_only_looks_alike_is_no_clash(first: str, second: str) -> None:
    async with reviewing(files={"db/migrations/20260101000000_old.sql": dbmate(OLD)}) as world:
        earlier, later, _ = await both(world, first, second)
        assert "#1" not in says(later)
        assert "#2" not in says(earlier)


async def test_of_two_that_replace_one_function_the_later_is_warned_that_one_is_lost() -> None:
    async with reviewing(files={"db/migrations/20260101000000_old.sql": dbmate(OLD)}) as world:
        replaced = [f"CREATE OR REPLACE {FUNCTION.format(number)}" for number in (2, 3)]
        earlier, later, pull = await both(world, *replaced)
        assert later.conclusion == "success"
        assert f"tax is also made in #{pull.number}" in says(later)
        assert "whichever runs last replaces what the other has made" in says(later)
        assert "#2, which was opened later" in says(earlier)


async def test_of_two_that_drop_one_function_the_later_fails_however_its_type_is_written() -> None:
    async with reviewing(files={"db/migrations/20260101000000_old.sql": dbmate(OLD)}) as world:
        _, later, _ = await both(world, "DROP FUNCTION rounded(numeric);", "DROP FUNCTION rounded(decimal(8, 2));")
        assert later.conclusion == "failure"
        assert "rounded is dropped in #1" in says(later)


async def test_a_call_of_a_function_of_which_one_form_is_dropped_is_a_warning() -> None:
    async with reviewing(files={"db/migrations/20260101000000_old.sql": dbmate(OLD)}) as world:
        used = "CREATE VIEW v AS SELECT rounded(price) FROM lines;"
        earlier, later, _ = await both(world, "DROP FUNCTION rounded(text);", used)
        assert later.conclusion == "success"
        assert "If the two mean different functions of this name, nothing goes wrong" in says(later)
        assert "#2" in says(earlier)
