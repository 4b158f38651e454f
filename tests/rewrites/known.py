"""What migsafe is known to do wrong, by case and aspect, with the item of findings/rewrites.md.

The list is strict: where an aspect of a case is right again, the test of the case fails until its line is gone.
"""

_KEPT_APART = "the part without a safe way is a step of its own that says so"
_UNSEEN = "B4: without a replica nobody knows that the columns are NOT NULL, or the table is partitioned"

_SQL: dict[str, dict[str, str]] = {
    "type of a primary key, before 18": {"clean": _UNSEEN},
    "type of a key of a partitioned table": {"clean": _UNSEEN},
    "primary key over a nullable column, before 18": {"clean": _UNSEEN},
    "primary key of other order": {"clean": _UNSEEN},
    "primary key of other order, in two statements": {"clean": _UNSEEN},
    "primary key of a partitioned table": {"clean": _UNSEEN},
    "partition attached that lacks its keys": {"clean": _UNSEEN},
    "unique constraint, partitioned": {"clean": _UNSEEN},
    "foreign key without a name": {
        "clean": "A3: its author asked for ON DELETE CASCADE, and each delete fans out",
        "together": "A3: its author asked for ON DELETE CASCADE, and each delete fans out",
    },
    "many constraints in one statement, one without a plan": {"clean": _KEPT_APART, "together": _KEPT_APART},
    "concurrently behind a short lock_timeout": {
        "clean": "B15: dbmate sends this file as one statement, so only its note says how to turn the timeout off"
    },
    "refresh of a materialized view without a key": {"offered": "M7: nobody knows which columns are unique"},
    "lock of a table": {"offered": "M7: only the author knows whether the LOCK may be left out"},
    "enum value added and used": {"rolled back": "its author's ADD VALUE cannot be taken back, with or without a plan"},
}

_ALEMBIC: dict[str, dict[str, str]] = {}

_RAILS: dict[str, dict[str, str]] = {}

_SQL_ON_15: dict[str, dict[str, str]] = {
    "type of a primary key": {"clean": _UNSEEN},
    "serial primary key where there is no key": {"clean": _UNSEEN},
    "primary key of other order": {"clean": _UNSEEN},
    "primary key of other order, in two statements": {"clean": _UNSEEN},
}

KNOWN: dict[str, dict[str, dict[str, str]]] = {
    "sql": _SQL,
    "alembic": _ALEMBIC,
    "rails": _RAILS,
    "sql on 15": _SQL_ON_15,
} | {tool: {} for tool in ("sql-migrate", "sqitch", "drizzle", "supabase")}

WITHHELD: frozenset[str] = frozenset()
"""Rules whose page shows a rewrite that migsafe offers in no case: a plan is checked before it is offered."""
