"""The functions that an operation calls, outside the functions' bodies: in views, defaults, conditions, triggers."""

from collections.abc import Iterable, Iterator

from bot.core.effects.functions.builtin_functions import FUNCTIONS
from bot.core.effects.functions.extension_functions import EXTENSION_FUNCTIONS
from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.names import Name


def calls(operation: op.Operation) -> Iterator[tuple[Name, int]]:
    """Each function with the number of its arguments, but not those that PostgreSQL and its extensions bring."""
    match operation:
        case op.CreateTrigger(function=function):
            yield function, 0
        case op.CallFunction(function=function, arguments=arguments) if not _is_known(function):
            yield function, arguments
        case _:
            pass
    found = [call for expression in _expressions(operation) for call in expression.calls]
    query = query_of(operation)
    found += query.calls if query is not None else ()
    for call in found:
        if not _is_known(call.function):
            yield call.function, call.arguments


def _is_known(function: Name) -> bool:
    """A migration that makes one of the same name calls it with a schema, or means another."""
    return function.schema is None and (function.name in FUNCTIONS or function.name in EXTENSION_FUNCTIONS)


def query_of(operation: op.Operation) -> op.Query | None:
    """The query that the operation runs or keeps, None where it has none."""
    match operation:
        case op.CreateView(query=query) | op.CreateMaterializedView(query=query) | op.CreateTableAs(query=query):
            return query
        case op.Select(query=query) | op.Insert(query=query) | op.Merge(source=query):
            return query
        case _:
            return None


def _expressions(operation: op.Operation) -> Iterator[Expression]:
    match operation:
        case op.CreateTable(columns=columns, constraints=constraints):
            for column in columns:
                yield from _of_column(column)
            yield from _of_constraints(constraints)
        case op.AddColumn(column=column):
            yield from _of_column(column)
        case op.AddCheck(constraint=constraint) | op.AddExclusion(constraint=constraint):
            yield from _of_constraints((constraint,))
        case op.CreateIndex(elements=elements, where=where):
            yield from (element.expression for element in elements if not element.column)
            yield from _some(where)
        case op.SetDefault(default=value) | op.AlterColumnType(using=value):
            yield from _some(value)
        case op.CreatePolicy(using=using, with_check=check) | op.AlterPolicy(using=using, with_check=check):
            yield from _some(using, check)
        case op.CreateTrigger(when=condition) | op.Update(where=condition) | op.Delete(where=condition):
            yield from _some(condition)
        case _:
            pass


def _of_column(column: op.Column) -> Iterator[Expression]:
    yield from _some(column.default, column.generated.expression if column.generated is not None else None)
    yield from _of_constraints(column.constraints)


def _of_constraints(constraints: Iterable[op.Constraint]) -> Iterator[Expression]:
    for constraint in constraints:
        if isinstance(constraint, op.Check):
            yield constraint.expression
        elif isinstance(constraint, op.Exclusion):
            yield from (element.expression for element in constraint.elements)
            yield from _some(constraint.where)


def _some(*expressions: Expression | None) -> Iterator[Expression]:
    yield from (one for one in expressions if one is not None)
