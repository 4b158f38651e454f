"""What the running code knows of each table: its columns, and what it writes into row number n.

Values are texts that PostgreSQL takes for the column's type. Rows 1 to `ROWS` are there from the beginning, with the
same keys; rows that the code inserts have higher numbers.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.rewrites.clones import ROWS

Value = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Table:
    """A table as code writes it; `name` is its SQL.

    `required` has the columns that an INSERT of this code always names besides the key; the others have defaults or
    may be NULL. `serial`: such an INSERT leaves the key to the table. `shared` columns of the key are the same for
    many rows. `later` makes the key of a row of a partition that does not exist yet.
    """

    name: str
    key: tuple[str, ...]
    values: Mapping[str, Value]
    required: tuple[str, ...] = ()
    serial: bool = False
    conflict: bool = True
    """Whether it may be written with ON CONFLICT (key)."""
    later: Mapping[str, Value] | None = None
    rows: int = ROWS
    """That are there from the beginning."""


def _number(n: int) -> str:
    return str(n)


def _row(n: int) -> str:
    """A row that was there from the beginning."""
    return str(n % ROWS + 1)


def _plan(n: int) -> str:
    return str(n % 20 + 1)


def _uuid(n: int) -> str:
    return f"00000000-0000-4000-8000-{n:012d}"


def _text(prefix: str) -> Value:
    return lambda n: f"{prefix} {n}"


def _one_of(*values: str) -> Value:
    return lambda n: values[n % len(values)]


def _below(most: int, first: int = 0) -> Value:
    return lambda n: str(n % most + first)


def _moment(n: int) -> str:
    return f"2026-02-03 04:05:{n % 60:02d}"


def _zoned(n: int) -> str:
    return f"{_moment(n)}+00"


def _day(n: int) -> str:
    """Of row n, as the rows of the template have it; those inserted are of 2025."""
    import datetime

    offset = n % 730 if n <= ROWS else 400 + n % 300
    return (datetime.date(2024, 1, 1) + datetime.timedelta(days=offset)).isoformat()


TABLES = {
    table.name: table
    for table in (
        Table("plans", ("id",), {"id": _number, "label": _text("plan no")}, rows=20),
        Table(
            "accounts",
            ("id",),
            {
                "id": _number,
                "name": _text("Written"),
                "email": lambda n: f"w{n}@example.org",
                "plan_id": _plan,
                "size": _below(5, 2),
                "score": _below(90, 1),
                "status": _one_of("off", "held", "on"),
                "note": _text("noted"),
                "data": lambda n: f'{{"a": {n}}}',
                "created": _moment,
                "opt": _text("optional"),
            },
            required=("name", "email", "plan_id", "score", "created"),
        ),
        Table(
            "items",
            ("id",),
            {
                "id": _uuid,
                "sku": _text("new-sku"),
                "price": _below(800, 1),
                "tags": lambda n: f"{{x,t{n % 9}}}",
                "dims": _below(20, 1),
                "old_ref": _text("old"),
            },
            required=("sku", "price"),
        ),
        Table(
            "orders",
            ("id",),
            {
                "id": _number,
                "account_id": _row,
                "user_id": _row,
                "item_id": lambda n: _uuid(n % ROWS + 1),
                "total": _below(400, 1),
                "placed": _zoned,
                "state": _one_of("paid", "new", "sent"),
                "seller_id": _row,
            },
            required=("account_id", "user_id", "item_id", "total", "placed", "state", "seller_id"),
            serial=True,
        ),
        Table(
            "app.members",
            ("tenant", "member"),
            {"tenant": lambda _: "1", "member": _number, "role": _text("role"), "team": _below(40)},
            required=("role",),
        ),
        Table(
            'app."Orders"',
            ('"Id"',),
            {'"Id"': _number, '"User"': _row, '"order"': _text("order"), '"Total Amount"': _below(200, 1)},
            required=('"User"', '"order"', '"Total Amount"'),
        ),
        Table(
            'app."user"',
            ("id",),
            {"id": _number, '"select"': _text("sel"), '"group"': _below(30, 1)},
            required=('"select"',),
        ),
        Table(
            "audit_log",
            ("n",),
            {"n": _number, "at": _zoned, "who": _text("user"), "what": _text("did")},
            required=("at", "who"),
            conflict=False,
        ),
        Table(
            "readings",
            ("id", "at"),
            {"id": _number, "at": _day, "device": _plan, "value": lambda n: str(n / 4)},
            required=("device",),
            later={"at": lambda n: f"{2028 + n // 10 % 2}-05-{n % 28 + 1:02d}"},
        ),
        Table(
            "metrics",
            ("id", "day"),
            {"id": _number, "day": _day, "val": _below(70, 1)},
            required=("val",),
            conflict=False,
        ),
        Table(
            "events",
            ("id",),
            {"id": _number, "body": _text("body"), "account_id": _row, "kind": _below(6, 1)},
            required=("body", "account_id", "kind"),
            serial=True,
        ),
        Table(
            "event_tags",
            ("id",),
            {"id": _number, "event_id": _below(3_000, 1), "tag": _text("tag")},
            required=("event_id",),
        ),
        Table(
            "counters",
            ("id",),
            {"id": _number, "label": _text("label"), "hits": _below(60, 1), "small": lambda n: f"s{n % 1000}"},
            required=("label", "small"),
            serial=True,
        ),
        Table(
            "documents",
            ("id",),
            {"id": _number, "tenant": lambda _: "1", "title": _text("written"), "body": _text("body")},
            required=("tenant", "title"),
        ),
    )
}
"""By the name that code knows."""
