"""What a run does to what existed before it: locks that block, tables worked on, losses, files applied whole."""

from collections.abc import Iterable, Iterator

from bot.core.judging.analysis import Analysis
from bot.core.judging.policy import Thresholds
from bot.core.judging.rule import Hold, Timed
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.facts import InTransaction
from bot.core.language.messages import Message, say
from bot.core.language.migrations import Migration, Statement
from bot.core.language.names import Name
from bot.core.schema.catalog import RelationKind, Size


def blocking(analysis: Analysis) -> Iterator[Hold]:
    """Locks that make writers wait."""
    for timed in analysis.timeline:
        yield from _blocking(timed)
        yield from blocking_by_index(timed)


def blocking_by_index(timed: Timed) -> Iterator[Hold]:
    """Locks on an index that alone stop reads, where the table is not locked as strongly.

    Planning a query opens every index of its tables, so it waits (measured with plain REINDEX INDEX). A command
    that runs CONCURRENTLY, and so outside a transaction, locks its index only when no query uses it any more.
    """
    concurrent = timed.effects.in_transaction is InTransaction.REFUSED
    if not concurrent and not any(hold.mode.blocks_reads for hold in _blocking(timed)):
        yield from (hold for hold in timed.holds if hold.index and hold.mode.blocks_reads)


def touched(analysis: Analysis) -> Iterator[tuple[Name, Size | None]]:
    """Tables from before the run that are locked against writes or more, or worked on, each once."""
    seen: set[Name] = set()
    for timed in analysis.timeline:
        for name in (*(hold.relation for hold in _blocking(timed)), *_work(timed)):
            if name not in seen:
                seen.add(name)
                yield name, size_of(name, timed)


def worked_on(analysis: Analysis) -> Iterator[tuple[Name, Size | None]]:
    for timed in analysis.timeline:
        yield from ((name, size_of(name, timed)) for name in _work(timed))


def _blocking(timed: Timed) -> Iterator[Hold]:
    indexes = {
        timed.session.resolve(name)
        for operation in timed.statement.operations
        if isinstance(operation, op.DropIndex)
        for name in operation.indexes
    }
    for hold in timed.holds:
        known = timed.session.catalog.relations.get(hold.relation)
        if known is not None and known.kind is RelationKind.SEQUENCE:
            continue
        if hold.mode.blocks_writes and not hold.index and hold.relation not in indexes:
            yield hold


def _work(timed: Timed) -> Iterator[Name]:
    """Tables from before the run of which every row is read or written."""
    effects = timed.effects
    tables = (
        *effects.rewrites,
        *effects.scans,
        *(change.table for change in effects.rows if change.action != "INSERT"),
    )
    yield from (name for name in dict.fromkeys(tables) if name not in timed.session.created)


def size_of(name: Name, timed: Timed) -> Size | None:
    known = timed.session.catalog.relations.get(name)
    return known.size if known is not None else None


def is_big(known: Size | None, thresholds: Thresholds) -> bool:
    """Whether a table is big enough to matter; a table of unknown size is."""
    if known is None or known.rows is None or known.heap_bytes is None:
        return True
    return known.rows >= thresholds.small_rows or known.heap_bytes + known.toast_bytes >= thresholds.small_bytes


def on_existing(analysis: Analysis) -> Iterator[tuple[Timed, op.Operation]]:
    """Every operation on what existed before the run, or on no relation at all."""
    for timed in analysis.timeline:
        for operation in timed.statement.operations:
            subjects = operation.subjects
            if not subjects or not only_new(timed, subjects):
                yield timed, operation


def lost(analysis: Analysis) -> Iterator[Message]:
    """What cannot be restored by a rollback once it is committed."""
    for timed, operation in on_existing(analysis):
        match operation:
            case op.DropColumn(table=table, column=column):
                yield say("{}", named.column_of(Name(table.name), column))
            case op.DropTable(tables=tables) | op.Truncate(tables=tables) if not only_new(timed, tables):
                yield from (say("{}", table) for table in tables)
            case _:
                yield from (
                    say("the rows of {}", change.table)
                    for change in timed.effects.rows
                    if change.action in ("DELETE", "CASCADE", "SET NULL", "SET DEFAULT")
                    and change.table not in timed.session.created
                )


def repeatable(timed: Timed) -> bool:
    """Whether running the statement again after success skips what exists."""
    return all(operation.is_repeatable for operation in timed.statement.operations)


def only_new(timed: Timed, tables: Iterable[Name]) -> bool:
    return all(timed.session.resolve(table) in timed.session.created for table in tables)


def is_atomic(migration: Migration) -> bool:
    """Whether the file is applied in full or not at all: one transaction, or one statement that leaves nothing."""
    scopes = {statement.transaction for statement in migration.statements}
    if scopes == {None}:
        return len(migration.statements) == 1 and not _concurrent(migration.statements[0])
    return len(scopes) <= 1


def _concurrent(statement: Statement) -> bool:
    return any(operation.is_concurrent for operation in statement.operations)
