"""The exchange: in one short transaction every name means the new columns; and the same in the other direction."""

from collections.abc import Iterator, Sequence

from bot.core.judging.findings import Step
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.locks import LockMode
from bot.core.language.messages import Message, listing, paragraphs, say
from bot.core.language.names import Name
from bot.core.record import record, replace
from bot.core.rewrites.again import create_trigger, create_views, drop_views, in_order, written
from bot.core.rewrites.retyping.attributes import (
    NAMED_NOT_NULL,
    columns_of_primary_key,
    not_null_back,
    not_null_name,
    numbers_back,
    numbers_there,
    proof,
    required,
)
from bot.core.rewrites.retyping.partition_keys import key_of_partitions
from bot.core.rewrites.retyping.second_columns import fill_forwards, keep_in_step, no_filling, no_keeping
from bot.core.rewrites.retyping.swap import Swap, Swapped
from bot.core.rewrites.steps import beside, key_added, migration, on_index
from bot.core.schema.catalog import CatalogConstraint, Relation


def exchange(swaps: Sequence[Swap]) -> Step:
    """The step that exchanges the columns of all tables; its down side exchanges them back."""
    step = migration(f"exchange_{'_'.join(swap.slug for swap in swaps)}", *_there(swaps), note=_note(swaps))
    back = tuple(_back(swaps))
    missing = [column for swap in swaps for column in swap.columns if column.conversion.back is None]
    if any(column.known.not_null for column in missing):
        return replace(step, down=None, lost=_nothing_leads_back(missing))
    return replace(step, down=back, lost=_nothing_leads_back(missing)) if missing else replace(step, down=back)


def _nothing_leads_back(columns: list[Swapped]) -> Message:
    names = listing(named.plain(named.column(column.name)) for column in columns)
    return say("what was written to {} since, for which no way back is known", names)


def _note(swaps: Sequence[Swap]) -> Message:
    note = say(
        "Instant, in one transaction: from here on the names mean the new columns. Connections that have prepared "
        'statements with them may fail once with "cached plan must not change result type".'
    )
    kept = [swap for swap in swaps if any(column.conversion.back is not None for column in swap.columns)]
    if kept:
        note = paragraphs(
            note,
            say("The old columns are kept in step until the last step: undoing this one exchanges them back at once."),
        )
    for swap in swaps:
        note = paragraphs(note, *_narrower(swap))
    scanned = [named.plain(swap.table) for swap in kept if columns_of_primary_key(swap)]
    if scanned:
        note = paragraphs(
            note,
            say("The way back reads {} once, to prove that its key holds no NULL.", listing(scanned)),
        )
    return note


_NARROWER = {("int2", "int4"), ("int2", "int8"), ("int4", "int8")}


def _narrower(swap: Swap) -> Iterator[Message]:
    """Columns that refer to these and stay as narrow as they are."""
    for owner, constraint in swap.foreign:
        key = constraint.definition
        if not isinstance(key, op.ForeignKey) or swap.moment.session.resolve(key.references) != swap.name:
            continue
        for column, referenced in zip(key.columns, key.references_columns, strict=False):
            own, other = swap.type_of(owner.name, column), swap.type_of(swap.name, referenced)
            if own is not None and other is not None and (own.name, other.name) in _NARROWER:
                yield say(
                    "{} stays {}: it cannot refer to larger values. Changed in the same file, it is exchanged with it.",
                    named.plain(named.column_of(_written(owner, swap), column)),
                    own,
                )


def _there(swaps: Sequence[Swap]) -> Iterator[op.Operation]:
    yield from _readers_away(swaps)
    for swap in swaps:
        yield from _exchanged(swap)
    for swap in swaps:
        for owner, constraint in swap.foreign:
            yield op.RenameConstraint(_written(owner, swap), swap.spare(constraint.name, "new"), constraint.name)
    for swap in swaps:
        yield from keep_in_step(swap)
    yield from _readers_again(swaps)


def _exchanged(swap: Swap) -> Iterator[op.Operation]:
    table = swap.table
    yield from no_filling(swap)
    yield from (op.DropConstraint(table, check.name) for check in swap.checks)
    for key in swap.keys:
        if _goes_with_its_index(swap, key):
            yield op.DropConstraint(table, key.name)
        else:
            yield op.RenameConstraint(table, key.name, swap.spare(key.name, "old"))
    for index in indexes_of(swap):
        yield _renamed(index, swap.spare(index.name, "old"), swap)
    yield from _columns_there(swap)
    for key in swap.keys:
        yield from _key(swap, key, "new")
    for index in indexes_of(swap):
        yield _renamed(Index(swap.spare(index.name, "new"), index.table), index.name, swap)
    for check in swap.checks:
        yield op.RenameConstraint(table, swap.spare(check.name, "new"), check.name)


def _columns_there(swap: Swap) -> Iterator[op.Operation]:
    """Defaults, sequences, names and NOT NULL: from the old columns to the new."""
    table, named_ones = swap.table, swap.moment.major >= NAMED_NOT_NULL
    for column in required(swap):
        if not named_ones:
            yield op.SetNotNull(table, column.new)
            yield op.DropConstraint(table, proof(swap, column))
    for column in swap.columns:
        yield from numbers_there(swap, column)
        if column.default is not None and column.known.identity is None:
            yield op.SetDefault(table, column.new, column.default)
        if column.known.default is not None:
            yield op.DropDefault(table, column.name)
        yield op.RenameColumn(table, column.name, column.kept)
        yield op.RenameColumn(table, column.new, column.name)
        if column.known.not_null:
            yield op.DropNotNull(table, column.kept)
    for column in required(swap):
        if named_ones and (name := not_null_name(swap, column)) != proof(swap, column):
            yield op.RenameConstraint(table, proof(swap, column), name)


def _back(swaps: Sequence[Swap]) -> Iterator[op.Operation]:
    """To what was before the exchange, but for what is validated, built or dropped by the downs of the steps before."""
    yield from _readers_away(swaps)
    for swap in swaps:
        yield from _exchanged_back(swap)
    for swap in swaps:
        yield from _old_foreign_keys(swap)
    for swap in swaps:
        yield from fill_forwards(swap)
    yield from _readers_again(swaps)


def _exchanged_back(swap: Swap) -> Iterator[op.Operation]:
    table = swap.table
    yield from no_keeping(swap)
    for check in swap.checks:
        yield op.RenameConstraint(table, check.name, swap.spare(check.name, "new"))
    for key in swap.keys:
        yield op.DropConstraint(table, key.name)
        if not _goes_with_its_index(swap, key):
            yield op.RenameConstraint(table, swap.spare(key.name, "old"), key.name)
    for index in indexes_of(swap):
        yield _renamed(index, swap.spare(index.name, "new"), swap)
        yield _renamed(Index(swap.spare(index.name, "old"), index.table), index.name, swap)
    yield from _columns_back(swap)
    for key in swap.keys:
        if _goes_with_its_index(swap, key):
            yield from _key(swap, key, "old")
    for check in swap.checks:
        if isinstance(check.definition, op.Check):
            yield op.AddCheck(table, replace(check.definition, name=check.name, not_valid=True))


def _old_foreign_keys(swap: Swap) -> Iterator[op.Operation]:
    for owner, constraint in swap.foreign:
        if isinstance(constraint.definition, op.ForeignKey):
            references = written(swap.moment.session.resolve(constraint.definition.references), swap.moment)
            key = replace(constraint.definition, name=constraint.name, references=references, not_valid=True)
            yield op.AddForeignKey(_written(owner, swap), key)


def _columns_back(swap: Swap) -> Iterator[op.Operation]:
    for column in swap.columns:
        yield op.RenameColumn(swap.table, column.name, column.new)
        yield op.RenameColumn(swap.table, column.kept, column.name)
    yield from not_null_back(swap)
    for column in swap.columns:
        yield from numbers_back(swap, column)
        if column.default is not None and column.known.identity is None:
            yield op.DropDefault(swap.table, column.new)
        if column.known.default is not None:
            yield op.SetDefault(swap.table, column.name, column.known.default)
        if column.not_null and swap.moment.major < NAMED_NOT_NULL:
            yield op.DropNotNull(swap.table, column.new)


def _readers_away(swaps: Sequence[Swap]) -> Iterator[op.Operation]:
    """What names the columns, and what may only be between the old ones, or only between the new."""
    yield from _locks(swaps)
    yield from drop_views(_views(swaps), swaps[0].moment)
    for swap in swaps:
        yield from (op.DropTrigger(trigger.name, swap.table) for trigger in swap.triggers)
    for swap in swaps:
        for owner, constraint in swap.foreign:
            yield op.DropConstraint(_written(owner, swap), constraint.name)


def _readers_again(swaps: Sequence[Swap]) -> Iterator[op.Operation]:
    """What names the columns, on those that have the names now."""
    for swap in swaps:
        yield from _marks(swap)
        yield from _comments(swap)
        for policy in swap.policies:
            yield op.AlterPolicy(policy.name, swap.table, using=policy.using, with_check=policy.with_check)
        for trigger in swap.triggers:
            yield from create_trigger(trigger, swap.table, swap.moment)
    yield from create_views(_views(swaps), swaps[0].moment)


def _views(swaps: Sequence[Swap]) -> Sequence[Relation]:
    return tuple(in_order({view.name: view for swap in swaps for view in swap.views}))


def _locks(swaps: Sequence[Swap]) -> Iterator[op.Operation]:
    """All tables at once, those that refer first: their writers also lock the rows that they refer to."""
    refers: dict[Name, set[Name]] = {swap.name: set() for swap in swaps}
    for swap in swaps:
        for owner, constraint in swap.foreign:
            if isinstance(constraint.definition, op.ForeignKey):
                to = swap.moment.session.resolve(constraint.definition.references)
                refers.setdefault(to, set())
                refers.setdefault(owner.name, set()).update({to} - {owner.name})
    if len(refers) > 1:
        own = {swap.name: swap.table for swap in swaps}
        tables = (own.get(name) or written(name, swaps[0].moment) for name in _referring_first(refers))
        yield op.LockTable(tuple(tables), LockMode.ACCESS_EXCLUSIVE)


def _referring_first(refers: dict[Name, set[Name]]) -> Iterator[Name]:
    left = dict(refers)
    while left:
        referred = {to for several in left.values() for to in several}
        for name in sorted(left.keys() - referred) or sorted(left)[:1]:
            del left[name]
            yield name


def _written(owner: Relation, swap: Swap) -> Name:
    return swap.table if owner.name == swap.name else written(owner.name, swap.moment)


@record
class Index:
    """An index by its name and the table it is on: the partitions of a partitioned table have theirs."""

    name: str
    table: Name


def indexes_of(swap: Swap) -> Iterator[Index]:
    """The indexes that are made again, of the partitions, too."""
    catalog = swap.moment.session.catalog
    queue = list(swap.indexes)
    while queue:
        index = queue.pop(0)
        yield Index(index.name.name, index.table)
        queue += [one for one in catalog.indexes.values() if one.parent == index.name]


def _renamed(index: Index, to: str, swap: Swap) -> op.RenameRelation:
    table = swap.table if index.table == swap.name else written(index.table, swap.moment)
    return op.RenameRelation(beside(Name(index.name), table), to, "INDEX")


def _goes_with_its_index(swap: Swap, key: CatalogConstraint) -> bool:
    """Whether there can be only one: then the exchange drops the old one, with its index."""
    return swap.is_partitioned or isinstance(key.definition, op.PrimaryKey)


def _key(swap: Swap, key: CatalogConstraint, label: str) -> Iterator[op.Operation]:
    if swap.is_partitioned:
        yield from key_of_partitions(swap, key, label)
    elif isinstance(key.definition, op.Unique | op.PrimaryKey):
        yield key_added(swap.table, on_index(key.definition, key.name, swap.spare(key.name, label)))


def _marks(swap: Swap) -> Iterator[op.Operation]:
    """The index that the table is clustered on, and the one that identifies its rows for replicas."""
    catalog, table = swap.moment.session.catalog, swap.table
    for constraint in swap.keys:
        index = catalog.indexes.get(constraint.index) if constraint.index is not None else None
        if index is not None and index.clustered:
            yield op.SetCluster(table, constraint.name)
        if index is not None and index.replica_identity:
            yield op.SetReplicaIdentity(table, "USING INDEX", constraint.name)
    for one in swap.indexes:
        if one.clustered:
            yield op.SetCluster(table, one.name.name)
        if one.replica_identity:
            yield op.SetReplicaIdentity(table, "USING INDEX", one.name.name)


def _comments(swap: Swap) -> Iterator[op.Operation]:
    for constraint in (*swap.keys, *swap.checks):
        if constraint.comment is not None:
            yield op.CommentOn("CONSTRAINT", constraint.name, swap.table, constraint.comment)
    for owner, constraint in swap.foreign:
        if constraint.comment is not None:
            yield op.CommentOn("CONSTRAINT", constraint.name, _written(owner, swap), constraint.comment)
    for index in swap.indexes:
        if index.comment is not None:
            name = beside(index.name, swap.table)
            yield op.CommentOn("INDEX", str(name), None, index.comment)
