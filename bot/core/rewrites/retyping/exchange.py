"""The exchange: in one short transaction every name means the new columns; and the same in the other direction."""

from collections.abc import Iterator

from bot.core.judging.findings import Step
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.locks import LockMode
from bot.core.language.messages import Message, listing, paragraphs, say
from bot.core.language.names import Name, quote
from bot.core.language.types import Type
from bot.core.record import record, replace
from bot.core.rewrites.again import count_on, create_trigger, create_views, drop_views, grant, written
from bot.core.rewrites.retyping.hanging import Swap, Swapped
from bot.core.rewrites.retyping.partition_keys import key_of_partitions
from bot.core.rewrites.retyping.second_columns import fill_forwards, keep_in_step, no_filling, no_keeping
from bot.core.rewrites.steps import beside, is_not_null, literal, migration
from bot.core.schema.catalog import CatalogConstraint, Relation

NAMED_NOT_NULL = 18
"""From this major on NOT NULL is a constraint with a name, which can be added NOT VALID."""


def exchange(swap: Swap) -> Step:
    """The step that exchanges the columns; its down side exchanges them back."""
    step = migration(f"exchange_{swap.slug}", *_there(swap), note=_note(swap))
    back = tuple(_back(swap))
    missing = [column for column in swap.columns if column.conversion.back is None]
    if any(column.known.not_null for column in missing):
        return replace(step, down=None, lost=_nothing_leads_back(missing))
    return replace(step, down=back, lost=_nothing_leads_back(missing)) if missing else replace(step, down=back)


def _nothing_leads_back(columns: list[Swapped]) -> Message:
    names = listing(named.plain(named.column(column.name)) for column in columns)
    return say("what was written to {} since, for which no way back is known", names)


def _note(swap: Swap) -> Message:
    note = say(
        "Instant, in one transaction: from here on the names mean the new columns. Connections that have prepared "
        'statements with them may fail once with "cached plan must not change result type".'
    )
    if any(column.conversion.back is not None for column in swap.columns):
        note = paragraphs(
            note,
            say("The old columns are kept in step until the last step: undoing this one exchanges them back at once."),
        )
    scanned = _columns_of_primary_key(swap)
    if scanned and any(column.conversion.back is not None for column in swap.columns):
        note = paragraphs(
            note,
            say("The way back reads {} once, to prove that its key holds no NULL.", named.plain(swap.table)),
        )
    return note


def _there(swap: Swap) -> Iterator[op.Operation]:
    table = swap.table
    yield from _readers_away(swap)
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
    for owner, constraint in swap.foreign:
        yield op.RenameConstraint(_written(owner, swap), swap.spare(constraint.name, "new"), constraint.name)
    yield from keep_in_step(swap)
    yield from _readers_again(swap)


def _columns_there(swap: Swap) -> Iterator[op.Operation]:
    """Defaults, sequences, names and NOT NULL: from the old columns to the new."""
    table, named_ones = swap.table, swap.moment.major >= NAMED_NOT_NULL
    for column in required(swap):
        if not named_ones:
            yield op.SetNotNull(table, column.new)
            yield op.DropConstraint(table, proof(swap, column))
    for column in swap.columns:
        yield from _numbers_there(swap, column)
        if column.default is not None and column.known.identity is None:
            yield op.SetDefault(table, column.new, column.default)
        if column.known.default is not None:
            yield op.DropDefault(table, column.name)
        yield op.RenameColumn(table, column.name, column.kept)
        yield op.RenameColumn(table, column.new, column.name)
        if column.known.not_null:
            yield op.DropNotNull(table, column.kept)
    for column in required(swap):
        if named_ones and (name := _not_null_name(swap, column)) != proof(swap, column):
            yield op.RenameConstraint(table, proof(swap, column), name)


def _back(swap: Swap) -> Iterator[op.Operation]:
    """To what was before the exchange, but for what is validated, built or dropped by the downs of the steps before."""
    table = swap.table
    yield from _readers_away(swap)
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
    yield from _old_foreign_keys(swap)
    yield from fill_forwards(swap)
    yield from _readers_again(swap)


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
    yield from _not_null_back(swap)
    for column in swap.columns:
        yield from _numbers_back(swap, column)
        if column.default is not None and column.known.identity is None:
            yield op.DropDefault(swap.table, column.new)
        if column.known.default is not None:
            yield op.SetDefault(swap.table, column.name, column.known.default)
        if column.not_null and swap.moment.major < NAMED_NOT_NULL:
            yield op.DropNotNull(swap.table, column.new)


def _readers_away(swap: Swap) -> Iterator[op.Operation]:
    """What names the columns, and what may only be between the old ones, or only between the new."""
    yield from _locks(swap)
    yield from drop_views(swap.views, swap.moment)
    yield from (op.DropTrigger(trigger.name, swap.table) for trigger in swap.triggers)
    for owner, constraint in swap.foreign:
        yield op.DropConstraint(_written(owner, swap), constraint.name)


def _readers_again(swap: Swap) -> Iterator[op.Operation]:
    """What names the columns, on those that have the names now."""
    yield from _marks(swap)
    yield from _comments(swap)
    for policy in swap.policies:
        yield op.AlterPolicy(policy.name, swap.table, using=policy.using, with_check=policy.with_check)
    for trigger in swap.triggers:
        yield from create_trigger(trigger, swap.table, swap.moment)
    yield from create_views(swap.views, swap.moment)


def _locks(swap: Swap) -> Iterator[op.Operation]:
    """All tables at once, those that refer first: their writers also lock the rows that they refer to."""
    before = [_written(owner, swap) for owner, _ in swap.foreign if owner.name != swap.name]
    after = [
        written(name, swap.moment)
        for _, constraint in swap.foreign
        if isinstance(constraint.definition, op.ForeignKey)
        and (name := swap.moment.session.resolve(constraint.definition.references)) != swap.name
    ]
    tables = tuple(dict.fromkeys((*sorted(before), swap.table, *sorted(after))))
    if len(tables) > 1:
        yield op.LockTable(tables, LockMode.ACCESS_EXCLUSIVE)


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
    definition, index = key.definition, swap.spare(key.name, label)
    if swap.is_partitioned:
        yield from key_of_partitions(swap, key, label)
        return
    if isinstance(definition, op.PrimaryKey):
        taken = op.PrimaryKey(
            (),
            key.name,
            using_index=index,
            deferrable=definition.deferrable,
            initially_deferred=definition.initially_deferred,
        )
        yield op.AddPrimaryKey(swap.table, taken)
    elif isinstance(definition, op.Unique):
        unique = op.Unique(
            (),
            key.name,
            using_index=index,
            deferrable=definition.deferrable,
            initially_deferred=definition.initially_deferred,
        )
        yield op.AddUnique(swap.table, unique)


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


# NOT NULL


def required(swap: Swap) -> list[Swapped]:
    return [column for column in swap.columns if column.not_null]


def proof(swap: Swap, column: Swapped) -> str:
    """The constraint that proves, before the exchange, that the new column holds no NULL."""
    return swap.spare(f"{swap.table.name}_{column.new}", "not_null")


def old_not_null(swap: Swap, column: Swapped) -> CatalogConstraint | None:
    for constraint in swap.relation.constraints:
        if isinstance(constraint.definition, op.NotNull) and constraint.definition.column == column.name:
            return constraint
    return None


def _not_null_name(swap: Swap, column: Swapped) -> str:
    """The name that the constraint has, or would get."""
    old = old_not_null(swap, column)
    return old.name if old is not None else swap.spare(f"{swap.table.name}_{column.name}", "not_null")


def _not_null_back(swap: Swap) -> Iterator[op.Operation]:
    table, keyed = swap.table, _columns_of_primary_key(swap)
    if swap.moment.major < NAMED_NOT_NULL:
        keyed |= {column.name for column in swap.columns if column.known.identity is not None}
    for column in swap.columns:
        if swap.moment.major >= NAMED_NOT_NULL:
            name = _not_null_name(swap, column)
            if column.not_null and name != proof(swap, column):
                yield op.RenameConstraint(table, name, proof(swap, column))
            if column.known.not_null:
                declared = op.NotNull(column.name, name, not_valid=column.name not in keyed)
                yield op.AddNotNull(table, declared)
            continue
        if column.known.not_null:
            if column.name in keyed:
                yield op.SetNotNull(table, column.name)
            yield op.AddCheck(table, op.Check(is_not_null(column.name), proof(swap, column), not_valid=True))
        elif column.not_null:
            yield op.AddCheck(table, op.Check(is_not_null(column.new), proof(swap, column), not_valid=True))


def _columns_of_primary_key(swap: Swap) -> set[str]:
    return {
        column
        for key in swap.keys
        if isinstance(key.definition, op.PrimaryKey)
        for column in key.definition.columns
        if any(one.name == column for one in swap.columns)
    }


# Sequences


def _numbers_there(swap: Swap, column: Swapped) -> Iterator[op.Operation]:
    """The sequence of a serial column goes over to the new one; an identity column gets one that goes on from it."""
    for sequence in _sequences(swap, column):
        name = written(sequence.name, swap.moment)
        if column.known.identity is not None:
            yield from _identity(swap, column, sequence, column.name, column.new)
            continue
        kind = column.change.type
        yield _owned(swap, name, column.new, kind if _counts_in(kind) else None)


def _numbers_back(swap: Swap, column: Swapped) -> Iterator[op.Operation]:
    for sequence in _sequences(swap, column):
        name = written(sequence.name, swap.moment)
        if column.known.identity is not None:
            yield from _identity(swap, column, sequence, column.new, column.name)
            continue
        kind = column.known.type
        yield _owned(swap, name, column.name, kind if _counts_in(kind) and _counts_in(column.change.type) else None)


def _counts_in(kind: Type) -> bool:
    return kind.name in ("int2", "int4", "int8") and kind.schema is None and not kind.dimensions


def _sequences(swap: Swap, column: Swapped) -> list[Relation]:
    database = swap.moment.session.database()
    return [one for name in database.sequences_of(swap.name, column.name) if (one := database.relation(name))]


def _owned(swap: Swap, sequence: Name, column: str, kind: Type | None) -> op.AlterSequence:
    options = f"OWNED BY {swap.table}.{quote(column)}"
    if kind is not None:
        options = f"AS {kind} {options}"
    return op.AlterSequence(sequence, options, owned_by=(swap.table, column))


def _identity(swap: Swap, column: Swapped, sequence: Relation, old: str, new: str) -> Iterator[op.Operation]:
    """The new sequence has the old one's name, options and next value; renaming locks the old one meanwhile."""
    identity = column.known.identity
    if identity is None:
        return
    table, name = swap.table, written(sequence.name, swap.moment)
    aside = Name(swap.spare(sequence.name.name, "old"), name.schema)
    rest = sequence.definition.split(" ")
    options = " ".join(rest[2:] if rest[:1] == ["AS"] else rest)
    yield op.RenameRelation(name, aside.name, "SEQUENCE")
    yield op.AddIdentity(
        table, new, op.Identity(always=identity.always, options=f"SEQUENCE NAME {name} {options}".strip())
    )
    yield count_on(literal(str(name)), aside)
    yield op.DropIdentity(table, old)
    for privileges in sequence.grants or ():
        yield grant(privileges, name, kind="SEQUENCE")
    if sequence.comment is not None:
        yield op.CommentOn("SEQUENCE", str(name), name, sequence.comment)
