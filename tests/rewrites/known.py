"""What migsafe is known to do wrong, by case and aspect, with the item of findings/rewrites.md.

The list is strict: where an aspect of a case is right again, the test of the case fails until its line is gone.
"""

_SQL: dict[str, dict[str, str]] = {
    "serial primary key where there is no key": {"applies": "A7"},
    "generated column": {"rolled back": "B2", "suggestions": "B2"},
    "foreign key": {"rolled back": "B2", "suggestions": "B2"},
    "foreign key that fans out": {"rolled back": "B2", "suggestions": "B2"},
    "unique constraint": {"rolled back": "B2", "suggestions": "B2"},
    "primary key of other order": {"suggestions": "B2"},
    "index of a partitioned table": {"rolled back": "B2"},
    "partition attached": {"clean": "B4", "rolled back": "B2", "suggestions": "B2"},
    "partition created beside a default": {"rolled back": "B2", "suggestions": "B2"},
    "partition created beside a default, for rows that come already": {
        "rolled back": "B2",
        "statements": "B10",
        "suggestions": "B2",
    },
    "partition detached": {"rolled back": "B2", "suggestions": "B2"},
    "type of a column": {"rolled back": "B2", "suggestions": "B2"},
    "type of a primary key": {"rolled back": "B2", "suggestions": "B2"},
    "rename of a column": {"rolled back": "B2", "suggestions": "B2"},
    "rename of a column with a default": {"rolled back": "B2", "suggestions": "B2", "values": "A1"},
    "rename of a table": {"rolled back": "B2", "suggestions": "B2", "statements": "A2"},
    "deletion that fans out": {"schema": "M10", "rolled back": "M10", "suggestions": "M10"},
    "several actions": {"rolled back": "B2", "suggestions": "B2"},
    "foreign key of another action, without an index": {"suggestions": "B2"},
    "unique constraint in the place of another": {"suggestions": "B2"},
    "primary key of a partitioned table": {"clean": "B4", "rolled back": "B2", "suggestions": "B2"},
}

_ALEMBIC: dict[str, dict[str, str]] = {
    "foreign key": {"rolled back": "B2", "suggestions": "B2"},
    "unique constraint": {"rolled back": "B2", "suggestions": "B2"},
    "type of a column": {"rolled back": "B2", "suggestions": "B2"},
    "rename of a table": {"rolled back": "B2", "suggestions": "B2", "statements": "A2"},
}

_RAILS: dict[str, dict[str, str]] = {
    "expression index": {"rolled back": "B2", "suggestions": "B2"},
    "dropped index": {"rolled back": "B2", "suggestions": "B2"},
    "not null": {"applies": "A6", "suggestions": "B2"},
    "not null behind a backfill": {"applies": "A6", "suggestions": "B3"},
    "rename of a table": {"rolled back": "B2", "suggestions": "B2", "statements": "A2"},
    "type of a column": {"applies": "A6", "suggestions": "B2"},
}

KNOWN = {"sql": _SQL, "alembic": _ALEMBIC, "rails": _RAILS}
