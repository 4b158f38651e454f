"""A column that gets another type: USING, and what hangs on it.

Source: tablecmds.c (ATPrepAlterColumnType, RememberAllDependentForRebuilding, ATPostAlterTypeCleanup).
"""

from collections.abc import Iterator, Mapping

from bot.core.effects.expressions.coercions import UNKNOWN, converts, spelled
from bot.core.effects.expressions.queries import columns_of
from bot.core.effects.expressions.scope import Namespace, Source
from bot.core.effects.functions.casts import refers
from bot.core.effects.resolving.asking import Asking
from bot.core.effects.resolving.expressions import CHECK, DEFAULT, INDEX, PREDICATE, USING, immutable
from bot.core.effects.resolving.texts import ReadText, scope_of
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.types import Type
from bot.core.schema.catalog import CatalogColumn, Relation


def check_retype(asking: Asking, operation: op.AlterColumnType) -> None:
    """USING; and what hangs on the column: its default, CHECKs, expression and partial indexes."""
    relation = asking.whole(operation.table)
    column = relation.column(operation.column) if relation is not None else None
    if relation is None or column is None:
        return
    wanted = spelled(asking.database, operation.type)
    if operation.using is not None:
        _check_using(asking, operation, operation.using.text, wanted)
    if asking.failed or wanted is None:
        return
    if column.identity is not None and wanted not in ("int2", "int4", "int8"):
        asking.fail("22023", "identity column type must be smallint, integer, or bigint")
        return
    _check_keys(asking, relation, column, operation)
    if column.default is not None and column.generated is None:
        _check_old_default(asking, column, operation)
    columns = columns_of(asking.database, operation.table)
    if columns is None or asking.failed:
        return
    _check_uses(asking, relation, column.name, {**columns, column.name: wanted})


def _check_using(asking: Asking, operation: op.AlterColumnType, using: str, wanted: str | None) -> None:
    text = ReadText(asking, scope_of(asking, operation.table), USING)
    value = text.value(using)
    if value is not None and text.assigned(value, wanted) and not asking.failed:
        asking.fail(
            "42804",
            "result of USING clause for column {} cannot be cast automatically to type {}",
            named.column(operation.column),
            operation.type,
        )


def _check_uses(asking: Asking, relation: Relation, name: str, columns: Mapping[str, str | None]) -> None:
    """CHECKs and indexes over the column, read again with its new type."""
    scope = Namespace([Source(relation.name.name, columns, relation.name)])
    for constraint in relation.constraints:
        definition = constraint.definition
        if isinstance(definition, op.Check) and definition.expression.mentions(name) and not asking.failed:
            ReadText(asking, scope, CHECK).boolean(definition.expression.text, "CHECK")
    for index in asking.database.indexes_of(relation.name):
        for element in index.elements:
            if element.column is None and element.expression.mentions(name):
                immutable(asking, ReadText(asking, scope, INDEX), element.expression.text, predicate=False)
        if index.where is not None and index.where.mentions(name):
            immutable(asking, ReadText(asking, scope, PREDICATE), index.where.text, predicate=True)


def _check_keys(asking: Asking, relation: Relation, column: CatalogColumn, operation: op.AlterColumnType) -> None:
    """Foreign keys of both sides still compare."""
    new = asking.database.domain_base(operation.type)
    for name, type in _compared(asking, relation, column.name):
        old = asking.database.domain_base(type)
        if not refers(new, old) and not refers(old, new):
            asking.fail("42804", "foreign key constraint {} cannot be implemented", named.foreign_key(name))
            return


def _compared(asking: Asking, relation: Relation, name: str) -> Iterator[tuple[str, Type]]:
    """The foreign keys over the column, with the type of the column that it is compared with."""
    for constraint, key in asking.database.foreign_keys(relation.name):
        for mine, theirs in zip(key.columns, key.references_columns, strict=False):
            other = asking.database.column(key.references, theirs)
            if mine == name and other is not None:
                yield constraint.name, other.type
    for table, constraint in asking.database.referencing(relation.name):
        definition = constraint.definition
        if isinstance(definition, op.ForeignKey):
            for mine, theirs in zip(definition.columns, definition.references_columns, strict=False):
                other = asking.database.column(table.name, mine)
                if theirs == name and other is not None:
                    yield constraint.name, other.type


def _check_old_default(asking: Asking, column: CatalogColumn, operation: op.AlterColumnType) -> None:
    if column.default is None:
        return
    value = ReadText(asking, Namespace(), DEFAULT).value(column.default.text)
    if value is None or asking.failed:
        return
    type = value.type if value.type != UNKNOWN else spelled(asking.database, column.type)
    if type is not None and converts(asking.database, type, spelled(asking.database, operation.type), "a") is False:
        asking.fail(
            "42804",
            "default for column {} cannot be cast automatically to type {}",
            named.column(column.name),
            operation.type,
        )
