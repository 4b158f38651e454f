"""A column that the run fills and then declares to be full: whether its rows are filled, and who must write it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.core.judging.findings import Step
from bot.core.judging.rule import Moment
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.expression import ColumnReference, Expression
from bot.core.language.messages import Share, listing, say
from bot.core.language.names import Name, quote
from bot.core.rewrites.steps import both, deploy, is_null, shifted


def is_filled(table: Name, column: str, moment: Moment) -> bool:
    """Whether a statement of the run before this one sets the column in existing rows."""
    return any(
        isinstance(one, op.Update) and column in one.columns and _is_same(one.table, table, moment)
        for one in _before(moment)
    )


def writers_first(change: op.Update | op.Delete, moment: Moment) -> Sequence[Step]:
    """A deploy before the rows are filled, where the run declares afterwards that none is empty.

    Otherwise code that does not write the column yet adds empty rows behind the script, and is refused at the end.
    """
    if not isinstance(change, op.Update):
        return ()
    full = {column for table, column in _declared_full(moment) if _is_same(table, change.table, moment)}
    lacking = [column for column in change.columns if column in full and _is_left_out(change.table, column, moment)]
    if not lacking:
        return ()
    columns = listing(named.plain(named.column_of(change.table, column)) for column in lacking)
    share = next((one.null_fraction for column in lacking if (one := moment.column(change.table, column))), None)
    if share and not any(_is_added(change.table, column, moment) for column in lacking):
        return (
            deploy(say("Release code that writes {} in every row: {} have none (pg_stats).", columns, Share(share))),
        )
    return (deploy(say("Release code that writes {} in every row that it adds or changes.", columns)),)


def only_empty(change: op.Update | op.Delete, moment: Moment) -> op.Update | op.Delete:
    """The change without the rows in which new code has written the one column that it fills, which the run adds.

    In the author's file it comes before new code, and overwrites nothing of it.
    """
    if not isinstance(change, op.Update) or len(change.columns) != 1:
        return change
    (column,) = change.columns
    if not _is_added(change.table, column, moment) or is_filled(change.table, column, moment):
        return change
    empty = is_null(column)
    if change.sources:
        # Another table may have a column of that name.
        target = quote(change.alias or change.table.name)
        reference = ColumnReference(column, change.alias or change.table.name, 0, len(f"{target}.{quote(column)}"))
        empty = Expression(f"{target}.{empty.text}", columns=(reference,))
    if change.where is None:
        return replace(change, where=empty)
    rest = replace(shifted(change.where, 1), text=f"({change.where.text})", conjuncts=())
    return replace(change, where=both(empty, rest))


def _is_left_out(table: Name, column: str, moment: Moment) -> bool:
    """Whether running code adds rows without it, as far as that is known."""
    known = moment.column(table, column)
    return _is_added(table, column, moment) or bool(known is not None and known.null_fraction)


def _is_added(table: Name, column: str, moment: Moment) -> bool:
    """Whether this run adds the column, so that no code knows it; with a default PostgreSQL writes it."""
    return any(
        isinstance(one, op.AddColumn)
        and one.column.name == column
        and one.column.default is None
        and _is_same(one.table, table, moment)
        for one in _before(moment)
    )


def _declared_full(moment: Moment) -> Iterator[tuple[Name, str]]:
    """The columns that later statements of the run declare to hold no NULL."""
    for timed in moment.timeline[moment.index + 1 :]:
        for one in timed.statement.operations:
            match one:
                case op.SetNotNull():
                    yield one.table, one.column
                case op.AddNotNull():
                    yield one.table, one.constraint.column
                case op.AddPrimaryKey():
                    yield from ((one.table, column) for column in one.constraint.columns)
                case op.AddCheck():
                    tests = one.constraint.expression.conjuncts
                    found = (test.column for test in tests if test.operator == "IS NOT NULL")
                    yield from ((one.table, column) for column in found if column is not None)
                case _:
                    pass


def _before(moment: Moment) -> Iterator[op.Operation]:
    for timed in moment.timeline[: moment.index]:
        yield from timed.statement.operations


def _is_same(one: Name, other: Name, moment: Moment) -> bool:
    return moment.session.resolve(one) == moment.session.resolve(other)
