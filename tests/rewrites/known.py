"""What migsafe is known to do wrong, by case and aspect, with the item of findings/rewrites.md.

The list is strict: where an aspect of a case is right again, the test of the case fails until its line is gone.
"""

_SQL: dict[str, dict[str, str]] = {
    "not null behind a backfill": {"suggestions": "B3"},
    "serial primary key where there is no key": {"applies": "A7"},
    "generated column": {"rolled back": "B2", "suggestions": "B2"},
    "inline unique": {"rolled back": "B2"},
    "not valid and validate in one statement": {"clean": "A4"},
    "not valid and validate in two statements": {"suggestions": "B3"},
    "foreign key": {"rolled back": "B2", "suggestions": "B2"},
    "foreign key that fans out": {"offered": "A3"},
    "unique constraint": {"rolled back": "B2", "suggestions": "B2"},
    "primary key of other order": {"schema": "A5", "rolled back": "B2", "suggestions": "B2", "statements": "A5"},
    "index of a partitioned table": {"rolled back": "B2"},
    "partition attached": {"clean": "B4", "rolled back": "B2", "suggestions": "B2"},
    "partition created beside a default": {"suggestions": "B2"},
    "partition created beside a default, for rows that come already": {"statements": "B10", "suggestions": "B2"},
    "partition detached": {"rolled back": "B2", "suggestions": "B2"},
    "type of a column": {"clean": "B4", "rolled back": "B2", "suggestions": "B2"},
    "type of a primary key": {"clean": "B4", "rolled back": "B2", "suggestions": "B2"},
    "rename of a column": {"clean": "B4", "suggestions": "B2"},
    "rename of a column with a default": {"clean": "B4", "suggestions": "B2", "values": "A1"},
    "rename of a table": {"clean": "B4", "suggestions": "B2", "statements": "A2"},
    "dropped column": {"clean": "B4", "rolled back": "B2"},
    "deletion that fans out": {"schema": "M10", "rolled back": "M10", "suggestions": "M10"},
    "several actions": {"rolled back": "B2", "suggestions": "B2"},
}

_ALEMBIC: dict[str, dict[str, str]] = {}

_RAILS: dict[str, dict[str, str]] = {}

KNOWN = {"sql": _SQL, "alembic": _ALEMBIC, "rails": _RAILS}
