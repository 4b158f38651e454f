"""What migsafe is known to do wrong, by case and aspect, with the item of findings/rewrites.md.

The list is strict: where an aspect of a case is right again, the test of the case fails until its line is gone.
"""

_SQL: dict[str, dict[str, str]] = {
    "add and drop in one statement": {"offered": "M7"},
    "type of a primary key, before 18": {"clean": "B4"},
    "type of a key of a partitioned table": {"clean": "B4"},
    "primary key over a nullable column, before 18": {"clean": "B4"},
    "foreign key without a name": {"clean": "A3", "together": "A3"},
    "partition attached that lacks its keys": {"clean": "B4"},
    "unique constraint, partitioned": {"clean": "B4"},
    "many constraints in one statement, one without a plan": {
        "clean": "M8",
        "together": "M8",
    },
    "concurrently behind a short lock_timeout": {"clean": "B15"},
    "refresh of a materialized view without a key": {"offered": "M7"},
    "lock of a table": {"offered": "M7"},
    "primary key of a partitioned table": {"clean": "B4"},
}

_ALEMBIC: dict[str, dict[str, str]] = {}

_RAILS: dict[str, dict[str, str]] = {}

_SQL_ON_15: dict[str, dict[str, str]] = {
    "not null behind a backfill": {"clean": "B4"},
    "volatile default, required": {"clean": "B4"},
    "not null": {"clean": "B4"},
    "not null, before 18": {"clean": "B4"},
    "partition created beside a default, for rows that come already": {"statements": "B10"},
    "type of a primary key": {"clean": "B4"},
    "several actions": {"clean": "B4"},
}

KNOWN: dict[str, dict[str, dict[str, str]]] = {
    "sql": _SQL,
    "alembic": _ALEMBIC,
    "rails": _RAILS,
    "sql on 15": _SQL_ON_15,
} | {tool: {} for tool in ("sql-migrate", "sqitch", "drizzle", "supabase")}

WITHHELD: frozenset[str] = frozenset()
"""Rules whose page shows a rewrite that migsafe offers in no case: a plan is checked before it is offered."""
