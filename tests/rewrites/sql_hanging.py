"""Cases of SQL about what hangs together: references of what is new, and what depends on a column that goes."""

from tests.rewrites.case import Case

_ORDERS, _NOBODY = ("orders",), ("plans",)
_BASE = (
    "CREATE TABLE base (id bigint PRIMARY KEY, amount integer, label text)",
    "CREATE TABLE derived (extra text) INHERITS (base)",
    "INSERT INTO base SELECT n, n, 'x' FROM generate_series(1, 6000) AS n",
    "INSERT INTO derived SELECT n + 10000, n, 'x', 'y' FROM generate_series(1, 6000) AS n",
    "ANALYZE",
)

HANGING = {
    "inline foreign key without a default": Case(
        "ALTER TABLE orders ADD COLUMN event integer CONSTRAINT oe REFERENCES events ON DELETE CASCADE;",
        "ALTER TABLE orders DROP COLUMN event;",
        _ORDERS,
        writes={"event": lambda _: "1"},
        differs=True,
    ),
    "inline foreign key and its index": Case(
        "ALTER TABLE orders ADD COLUMN event integer REFERENCES events;\n"
        "CREATE INDEX orders_event_idx ON orders (event);",
        "ALTER TABLE orders DROP COLUMN event;",
        _ORDERS,
        writes={"event": lambda _: "1"},
    ),
    "inline foreign key of a partitioned table": Case(
        "ALTER TABLE readings ADD COLUMN plan bigint REFERENCES plans;",
        "ALTER TABLE readings DROP COLUMN plan;",
        ("readings",),
        writes={"plan": lambda n: str(n % 20 + 1)},
        differs=True,
    ),
    "foreign key of a new table": Case(
        "CREATE TABLE reviews (id bigint PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders, stars int);",
        "DROP TABLE reviews;",
        _ORDERS,
        differs=True,
    ),
    "retyping, a serial and a requirement in one statement": Case(
        "ALTER TABLE items ALTER COLUMN price TYPE bigint, ALTER COLUMN sku SET NOT NULL, ADD COLUMN n serial;",
        "ALTER TABLE items DROP COLUMN n, ALTER COLUMN sku DROP NOT NULL, ALTER COLUMN price TYPE integer;",
        ("items",),
        given=("DROP INDEX items_bad_idx",),
        free=("n",),
        differs=True,
    ),
    "schema rebuilt in a transaction": Case("REINDEX SCHEMA app;", "", ('app."Orders"',)),
    "dropped column with cascade": Case(
        "ALTER TABLE orders DROP COLUMN state CASCADE;",
        "ALTER TABLE orders ADD COLUMN state text;",
        _ORDERS,
    ),
    "dropped column of a publication": Case(
        "ALTER TABLE items DROP COLUMN price;",
        "ALTER TABLE items ADD COLUMN price integer;",
        ("items",),
        given=("CREATE PUBLICATION listed FOR TABLE items (id, price)",),
        none=True,
    ),
    "type of a column of a publication": Case(
        "ALTER TABLE items ALTER COLUMN price TYPE bigint;",
        "ALTER TABLE items ALTER COLUMN price TYPE integer;",
        ("items",),
        given=("CREATE PUBLICATION listed FOR TABLE items (id, price)",),
        none=True,
    ),
    "type of an own column of a table that inherits": Case(
        "ALTER TABLE derived ALTER COLUMN extra TYPE varchar(10);",
        "ALTER TABLE derived ALTER COLUMN extra TYPE text;",
        _NOBODY,
        given=_BASE,
    ),
    "type of a column that others inherit": Case(
        "ALTER TABLE base ALTER COLUMN amount TYPE bigint;",
        "ALTER TABLE base ALTER COLUMN amount TYPE integer;",
        _NOBODY,
        given=_BASE,
        none=True,
    ),
    "type of a column that a generated column reads": Case(
        "ALTER TABLE documents ALTER COLUMN title TYPE varchar(300);",
        "ALTER TABLE documents ALTER COLUMN title TYPE text;",
        ("documents",),
        none=True,
    ),
}
