"""Queries, views and rows that are written: their columns, their types, and whom they fit.

Sources: view.c (checkViewColumns), parse_target.c (transformAssignedExpr), analyze.c (transformInsertStmt).
"""

from collections.abc import Iterable, Sequence

from bot.core.effects.expressions import resolution
from bot.core.effects.expressions.coercions import UNKNOWN, spelled
from bot.core.effects.expressions.queries import STAR, columns_of, from_list
from bot.core.effects.expressions.scope import Namespace, NotKnown, Refusal, Source
from bot.core.effects.expressions.words import Standpoint, TypedValue
from bot.core.effects.resolving.asking import Asking
from bot.core.effects.resolving.rows import assigned
from bot.core.effects.resolving.texts import LONGEST, ReadText, scope_of
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.messages import Given
from bot.core.language.names import Name
from bot.core.schema.catalog import CatalogColumn, RelationKind


def _populated(asking: Asking, names: Iterable[Name]) -> None:
    for name in names:
        relation = asking.relation(name)
        if relation is not None and relation.kind is RelationKind.MATERIALIZED_VIEW and not relation.populated:
            asking.fail("55000", "materialized view {} has not been populated", relation.name)
            return


def check_select(asking: Asking, operation: op.Select | op.CreateTableAs | op.CreateMaterializedView) -> None:
    if isinstance(operation, op.Select) or operation.with_data:
        _populated(asking, operation.query.relations)
    if asking.failed:
        return
    found = ReadText(asking, Namespace()).query(operation.query.text)
    if found is not None and not isinstance(operation, op.Select) and not asking.failed:
        names = [name for name, _ in found]
        given = operation.columns if isinstance(operation, op.CreateTableAs) else ()
        _check_names(asking, [*given, *names[len(given) :]])


def _check_names(asking: Asking, names: Sequence[str]) -> None:
    for name in names:
        if name != "*" and names.count(name) > 1:
            asking.fail("42701", "column {} specified more than once", named.column(name))
            return


def check_view(asking: Asking, operation: op.CreateView) -> None:
    """The query; and in place of another, the same columns first, with their names and types (checkViewColumns)."""
    found = ReadText(asking, Namespace()).query(operation.query.text)
    if found is None or asking.failed or operation.recursive:
        return
    if STAR not in found and len(operation.columns) > len(found):
        asking.fail("42601", "CREATE VIEW specifies more column names than columns")
        return
    names = [*operation.columns, *(name for name, _ in found[len(operation.columns) :])]
    _check_names(asking, names)
    old = asking.relation(operation.view)
    if asking.failed or old is None or old.kind is not RelationKind.VIEW or not old.columns or old.partial:
        return
    if STAR in found:
        return
    if len(found) < len(old.columns):
        asking.fail("42P16", "cannot drop columns from view")
        return
    for column, name, (_, type) in zip(old.columns, names, found, strict=False):
        if column.name != name:
            asking.fail(
                "42P16",
                "cannot change name of view column {} to {}",
                named.column(column.name, old.name),
                named.column(name),
            )
            return
        before = spelled(asking.database, column.type)
        known = type is not None and before is not None
        if known and (type if type != UNKNOWN else "text") != before:
            asking.fail(
                "42P16",
                "cannot change data type of view column {} from {} to {}",
                named.column(column.name, old.name),
                column.type,
                Given(resolution.shown(type)),
            )
            return


def check_insert(asking: Asking, operation: op.Insert) -> None:
    relation = asking.whole(operation.table)
    if relation is None:
        return
    targets = operation.columns or tuple(column.name for column in relation.columns)
    text = ReadText(asking, Namespace())
    found = None
    if operation.values:
        _check_values(asking, text, operation, [relation.column(name) for name in targets])
    elif operation.query is not None:
        found = text.query(operation.query.text)
    if found is not None and STAR not in found and not asking.failed:
        if len(found) > len(targets):
            asking.fail("42601", "INSERT has more expressions than target columns")
        elif operation.columns and len(found) < len(targets):
            asking.fail("42601", "INSERT has more target columns than expressions")
        else:
            for name, (_, type) in zip(targets, found, strict=False):
                _assign(asking, text, relation.column(name), TypedValue(type))
    if not asking.failed and operation.conflict:
        _check_conflict(asking, operation)


def _check_values(
    asking: Asking, text: ReadText, operation: op.Insert, columns: Sequence[CatalogColumn | None]
) -> None:
    from bot.core.effects.functions.predicates import values_of

    if len(operation.values) > LONGEST:
        return
    for row in values_of(operation.values):
        for column, value in zip(columns, row, strict=False):
            if value.lower() != "default":
                typed = text.value(value)
                if typed is not None:
                    _assign(asking, text, column, typed)
            if asking.failed:
                return


def _assign(asking: Asking, text: ReadText, column: CatalogColumn | None, value: TypedValue) -> None:
    if column is None or asking.failed:
        return
    if text.assigned(value, spelled(asking.database, column.type)):
        asking.fail(
            "42804",
            "column {} is of type {} but expression is of type {}",
            named.column(column.name),
            column.type,
            Given(resolution.shown(value.type)),
        )


def _check_conflict(asking: Asking, operation: op.Insert) -> None:
    """What DO UPDATE SET says of the row that is there, and of `excluded`."""
    import re

    start = re.search(r"\bdo\s+update\s+set\b", operation.conflict, re.IGNORECASE)
    if start is None or re.search(r"\bwhere\b", operation.conflict[start.end() :], re.IGNORECASE):
        return
    scope = scope_of(asking, operation.table, operation.alias)
    columns = columns_of(asking.database, operation.table)
    excluded = Namespace([*scope.sources])
    for name, expression in assigned(operation.conflict[start.end() :]).items():
        if expression.lower().startswith(("default", "row", "(")):
            continue
        both = Namespace(excluded.sources, outer=Namespace([Source("excluded", columns, operation.table)]))
        text = ReadText(asking, both)
        value = text.value(expression)
        if value is not None:
            _assign(asking, text, asking.database.column(operation.table, name), value)
        if asking.failed:
            return


def check_update(asking: Asking, operation: op.Update) -> None:
    scope = _written_scope(asking, operation)
    if scope is None or asking.failed:
        return
    for name, expression in assigned(operation.assignments).items():
        if expression.lower() == "default" or expression.lower().startswith(("row", "( select")):
            continue
        text = ReadText(asking, scope)
        value = text.value(expression)
        relation = asking.whole(operation.table)
        if value is not None and relation is not None:
            _assign(asking, text, relation.column(name), value)
        if asking.failed:
            return
    _check_where(asking, operation.where, scope)


def check_delete(asking: Asking, operation: op.Delete) -> None:
    scope = _written_scope(asking, operation)
    if scope is not None and not asking.failed:
        _check_where(asking, operation.where, scope)


def _check_where(asking: Asking, where: Expression | None, scope: Namespace) -> None:
    if where is not None and where.understood and not asking.failed:
        ReadText(asking, scope, Standpoint("WHERE")).boolean(where.text, "WHERE")


def _written_scope(asking: Asking, operation: op.Update | op.Delete) -> Namespace | None:
    """The table that is written, and what FROM, USING and WITH bring; None where that is not followed."""
    scope = scope_of(asking, operation.table, operation.alias)
    if operation.by_application or operation.batched:
        return None
    if operation.queries:
        return None
    if operation.sources:
        text = ReadText(asking, scope)
        try:
            reader = text.reader(operation.sources)
            from_list(reader, scope)
        except Refusal as refused:
            text.refuse(refused)
        except (NotKnown, RecursionError):
            return None
    return scope
