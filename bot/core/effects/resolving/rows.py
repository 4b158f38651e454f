"""Rows written: a value for each column that needs one, and none for those that PostgreSQL computes.

Sources: parse_target.c, rewriteHandler.c (rewriteTargetListIU), execMain.c (ExecConstraints).
"""

import re

from bot.core.effects.functions.predicates import values_of
from bot.core.effects.resolving.asking import Asking
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.schema.catalog import CatalogColumn, Relation, RelationKind

_KINDS = (RelationKind.TABLE, RelationKind.PARTITIONED_TABLE)
_MOST = 1_000
"""Rows of VALUES that are looked at."""


def check_insert(asking: Asking, operation: op.Insert) -> None:
    relation = asking.whole(operation.table)
    if relation is None or relation.kind not in _KINDS:
        return
    targets = operation.columns or tuple(column.name for column in relation.columns)
    rows = values_of(operation.values)[:_MOST] if operation.values else []
    if not _counts(asking, operation, targets, rows):
        return
    triggered = any("INSERT" in trigger.events and trigger.timing in ("", "BEFORE") for trigger in relation.triggers)
    given = targets[: len(rows[0])] if rows else targets
    for column in relation.columns:
        texts = [row[targets.index(column.name)].lower() for row in rows] if rows and column.name in given else []
        _check_computed(asking, operation, column, texts, given)
        if not asking.failed and not triggered:
            _check_null(asking, operation, relation, column, texts, given)
        if asking.failed:
            return


def _counts(asking: Asking, operation: op.Insert, targets: tuple[str, ...], rows: list[list[str]]) -> bool:
    """Whether each row has as many values as it may."""
    if not rows:
        return True
    lengths = {len(row) for row in rows}
    if len(lengths) > 1:
        asking.fail("42601", "VALUES lists must all be the same length")
    elif len(rows[0]) > len(targets):
        asking.fail("42601", "INSERT has more expressions than target columns")
    elif operation.columns and len(rows[0]) < len(targets):
        asking.fail("42601", "INSERT has more target columns than expressions")
    return not asking.failed


def _check_computed(
    asking: Asking, operation: op.Insert, column: CatalogColumn, texts: list[str], given: tuple[str, ...]
) -> None:
    """A generated column, or an identity that is GENERATED ALWAYS, takes DEFAULT only."""
    if column.name not in given or (operation.values == "" and operation.query is None):
        return
    always = column.identity is not None and column.identity.always and operation.overriding is None
    if column.generated is None and not always:
        return
    if operation.query is not None and not operation.columns and not texts:
        return
    if operation.query is not None or any(text != "default" for text in texts):
        asking.fail("428C9", "cannot insert a non-DEFAULT value into column {}", named.column(column.name))


def _check_null(
    asking: Asking,
    operation: op.Insert,
    relation: Relation,
    column: CatalogColumn,
    texts: list[str],
    given: tuple[str, ...],
) -> None:
    if not column.not_null or column.identity is not None or column.generated is not None:
        return
    empty = _has_no_default(asking, column)
    whole = bool(operation.values) or operation.rows == 1 or bool(operation.columns)
    left_out = column.name not in given or (operation.rows == 1 and not operation.values and operation.query is None)
    if operation.query is not None and column.name in given:
        return
    if (left_out and empty and whole) or "null" in texts or ("default" in texts and empty):
        if operation.query is not None and left_out:
            return
        asking.fail(
            "23502",
            "null value in column {} of relation {} violates not-null constraint",
            named.column(column.name, relation.name),
            relation.name,
        )


def _has_no_default(asking: Asking, column: CatalogColumn) -> bool:
    if column.type.is_serial:
        return False
    domain = asking.database.domain(column.type)
    if domain is not None and domain.default is not None:
        return False
    return column.default is None or column.default.text.strip().lower() == "null"


_SET = re.compile(r"""\s*("(?:[^"]|"")+"|[\w$]+)\s*=\s*(.+)""", re.DOTALL)


def check_update(asking: Asking, operation: op.Update) -> None:
    relation = asking.whole(operation.table)
    if relation is None or relation.kind not in _KINDS:
        return
    given = assigned(operation.assignments)
    triggered = any("UPDATE" in trigger.events and trigger.timing in ("", "BEFORE") for trigger in relation.triggers)
    for column in relation.columns:
        text = given.get(column.name)
        if text is None:
            continue
        always = column.identity is not None and column.identity.always
        if (column.generated is not None or always) and text.lower() != "default":
            asking.fail("428C9", "column {} can only be updated to DEFAULT", named.column(column.name))
            return
        every = operation.where is None and not triggered and asking.work.has_rows(operation.table)
        if text.lower() == "null" and column.not_null and every:
            asking.fail(
                "23502",
                "null value in column {} of relation {} violates not-null constraint",
                named.column(column.name, relation.name),
                relation.name,
            )
            return


def assigned(text: str) -> dict[str, str]:
    """The expressions that SET gives to single columns, by column."""
    from bot.core.effects.functions.predicates import parts_of

    found: dict[str, str] = {}
    for part in parts_of(text):
        match = _SET.fullmatch(part)
        if match is not None:
            word = match[1]
            name = word[1:-1].replace('""', '"') if word.startswith('"') else word.lower()
            found[name] = match[2].strip()
    return found


def check_conflict(asking: Asking, operation: op.Insert) -> None:
    """What DO UPDATE SET assigns."""
    relation = asking.whole(operation.table)
    start = re.search(r"\bdo\s+update\s+set\b", operation.conflict, re.IGNORECASE)
    if relation is None or start is None:
        return
    for name, text in assigned(operation.conflict[start.end() :]).items():
        column = relation.column(name)
        if column is None:
            asking.fail(
                "42703", "column {} of relation {} does not exist", named.column(name, relation.name), relation.name
            )
        elif (column.generated is not None or (column.identity is not None and column.identity.always)) and (
            text.split()[0].lower() != "default"
        ):
            asking.fail("428C9", "column {} can only be updated to DEFAULT", named.column(name))
        if asking.failed:
            return
