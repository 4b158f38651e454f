"""Expressions of constraints, defaults, generated columns, indexes, keys, policies and triggers.

Their columns, functions, operators and types, and what must be immutable. Sources: parse_expr.c (what may not stand
where), indexcmds.c (CheckPredicate), heap.c (cookDefault).
"""

from collections.abc import Iterable

from bot.core.effects.expressions import resolution
from bot.core.effects.expressions.coercions import spelled
from bot.core.effects.expressions.queries import columns_of
from bot.core.effects.expressions.scope import Namespace, Source
from bot.core.effects.expressions.words import Standpoint
from bot.core.effects.resolving.asking import Asking
from bot.core.effects.resolving.texts import ReadText, scope_of
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.messages import Given
from bot.core.language.types import Type

CHECK = Standpoint("check constraints", "check constraint")
DEFAULT = Standpoint("DEFAULT expressions", "DEFAULT expression", columns=False)
_GENERATED = Standpoint("column generation expressions", "column generation expression")
INDEX = Standpoint("index expressions", "index expression")
PREDICATE = Standpoint("index predicates", "index predicate")
_KEY = Standpoint("partition key expressions", "partition key expression")
_POLICY = Standpoint("policy expressions")
_TRIGGER = Standpoint("trigger WHEN conditions", "trigger WHEN condition")
USING = Standpoint("transform expressions", "transform expression")


def _types(asking: Asking, columns: Iterable[op.Column]) -> dict[str, str | None]:
    return {one.name: spelled(asking.database, one.type) if one.type is not None else None for one in columns}


def check_created(asking: Asking, operation: op.CreateTable) -> None:
    """Defaults, CHECKs, generated columns and the partition key of a new table."""
    whole = not (operation.likes or operation.inherits or operation.of_type)
    columns: dict[str, str | None] | None = _types(asking, operation.columns) if whole else None
    if operation.partition_of is not None:
        columns = columns_of(asking.database, operation.partition_of)
    scope = Namespace([Source(operation.table.name, columns, operation.table)])
    generated = {one.name for one in operation.columns if one.generated is not None}
    for column in operation.columns:
        _column(asking, column, scope, generated)
    for constraint in operation.constraints:
        _constraint(asking, constraint, scope)
    if operation.partition_by is not None:
        _partition_key(asking, operation.partition_by, scope)


def check_added(asking: Asking, operation: op.AddColumn) -> None:
    columns = columns_of(asking.database, operation.table)
    own = _types(asking, (operation.column,))
    scope = Namespace(
        [Source(operation.table.name, {**columns, **own} if columns is not None else None, operation.table)]
    )
    relation = asking.relation(operation.table)
    generated = {one.name for one in (relation.columns if relation is not None else ()) if one.generated is not None}
    if operation.column.generated is not None:
        generated.add(operation.column.name)
    if relation is None or relation.column(operation.column.name) is None:
        _column(asking, operation.column, scope, generated)


def _column(asking: Asking, column: op.Column, scope: Namespace, generated: set[str]) -> None:
    if asking.failed:
        return
    if column.default is not None:
        _default(asking, column.name, column.type, column.default)
    if column.generated is not None and not asking.failed:
        _generation(asking, column, column.generated, scope, generated)
    for constraint in column.constraints:
        _constraint(asking, constraint, scope)


def _default(asking: Asking, name: str, type: Type | None, default: Expression) -> None:
    text = ReadText(asking, Namespace(), DEFAULT)
    value = text.value(default.text)
    if value is None or type is None or asking.failed:
        return
    wanted = spelled(asking.database, type)
    if text.assigned(value, wanted):
        asking.fail(
            "42804",
            "column {} is of type {} but default expression is of type {}",
            named.column(name),
            type,
            Given(resolution.shown(value.type)),
        )


def _generation(asking: Asking, column: op.Column, generated: op.Generated, scope: Namespace, others: set[str]) -> None:
    text = ReadText(asking, scope, _GENERATED)
    value = text.value(generated.expression.text)
    if asking.failed or value is None:
        return
    used = {reference.column for reference in generated.expression.columns}
    if used & others:
        name = named.column(sorted(used & others)[0])
        asking.fail("42P17", "cannot use generated column {} in column generation expression", name)
    elif text.meaning.volatile:
        asking.fail("42P17", "generation expression is not immutable")
    elif column.type is not None and text.assigned(value, spelled(asking.database, column.type)):
        asking.fail(
            "42804",
            "column {} is of type {} but default expression is of type {}",
            named.column(column.name),
            column.type,
            Given(resolution.shown(value.type)),
        )


def _constraint(asking: Asking, constraint: op.Constraint, scope: Namespace) -> None:
    if asking.failed:
        return
    if isinstance(constraint, op.Check):
        ReadText(asking, scope, CHECK).boolean(constraint.expression.text, "CHECK")
    elif isinstance(constraint, op.Exclusion):
        _exclusion(asking, constraint, scope)


def _exclusion(asking: Asking, constraint: op.Exclusion, scope: Namespace) -> None:
    for element in constraint.elements:
        immutable(asking, ReadText(asking, scope, INDEX), element.expression.text, predicate=False)
    if constraint.where is not None:
        immutable(asking, ReadText(asking, scope, PREDICATE), constraint.where.text, predicate=True)


def immutable(asking: Asking, text: ReadText, expression: str, *, predicate: bool) -> None:
    if asking.failed:
        return
    value = text.boolean(expression, "WHERE") if predicate else text.value(expression)
    if value is None or not text.meaning.volatile or asking.failed:
        return
    if predicate:
        asking.fail("42P17", "functions in index predicate must be marked IMMUTABLE")
    else:
        asking.fail("42P17", "functions in index expression must be marked IMMUTABLE")


def _partition_key(asking: Asking, key: op.PartitionKey, scope: Namespace) -> None:
    for element in key.elements:
        if asking.failed:
            return
        text = ReadText(asking, scope, _KEY)
        expression = element.text.strip()
        value = text.value(expression)
        if value is None or asking.failed:
            continue
        if text.meaning.volatile:
            asking.fail("42P17", "functions in partition key expression must be marked IMMUTABLE")
        elif not element.columns:
            asking.fail("42P17", "cannot use constant expression as partition key")


def check_constraint(asking: Asking, operation: op.AddCheck | op.AddExclusion) -> None:
    _constraint(asking, operation.constraint, scope_of(asking, operation.table))


def check_default(asking: Asking, operation: op.SetDefault) -> None:
    column = asking.database.column(operation.table, operation.column)
    _default(asking, operation.column, column.type if column is not None else None, operation.default)


def check_expression(asking: Asking, operation: op.SetExpression) -> None:
    relation = asking.relation(operation.table)
    column = asking.database.column(operation.table, operation.column)
    if relation is None or column is None:
        return
    generated = {one.name for one in relation.columns if one.generated is not None}
    made = op.Column(column.name, column.type)
    _generation(asking, made, op.Generated(operation.expression), scope_of(asking, operation.table), generated)


def check_index(asking: Asking, operation: op.CreateIndex) -> None:
    scope = scope_of(asking, operation.table)
    for element in operation.elements:
        if element.column is None:
            immutable(asking, ReadText(asking, scope, INDEX), element.expression.text, predicate=False)
    if operation.where is not None:
        immutable(asking, ReadText(asking, scope, PREDICATE), operation.where.text, predicate=True)


def check_policy(asking: Asking, operation: op.CreatePolicy | op.AlterPolicy) -> None:
    for part in (operation.using, operation.with_check):
        if part is not None and not asking.failed:
            ReadText(asking, scope_of(asking, operation.table), _POLICY).boolean(part.text, "POLICY")


def check_trigger(asking: Asking, operation: op.CreateTrigger) -> None:
    if operation.when is None:
        return
    columns = columns_of(asking.database, operation.table)
    scope = Namespace([Source("new", columns, operation.table), Source("old", columns, operation.table)])
    ReadText(asking, scope, _TRIGGER).boolean(operation.when.text, "WHEN")
