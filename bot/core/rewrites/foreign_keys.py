"""Foreign keys: the index of the referring columns first, then the key without reading a row, then its proof."""

from collections.abc import Iterator, Sequence

from bot.core.judging.findings import SafeRewrite, Step
from bot.core.judging.rule import Moment
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import NOTHING, Message, listing, say
from bot.core.language.messages import joined as in_one
from bot.core.language.names import Name
from bot.core.language.naming import free_name, joined
from bot.core.language.splice import column_element
from bot.core.record import replace
from bot.core.rewrites.constraints import free, is_partitioned, validate
from bot.core.rewrites.finishing import finished
from bot.core.rewrites.indexes import create_index, name_of, partitioned_index
from bot.core.rewrites.replaced import Drops, replaced, taken
from bot.core.rewrites.steps import leaves_of, migration, outside
from bot.core.schema.catalog import CatalogConstraint
from bot.core.schema.session import Session

_NOT_VALID_ON_PARTITIONED = 18
"""From this major on a partitioned table takes a foreign key NOT VALID."""


def add_foreign_key(change: op.AddForeignKey, moment: Moment) -> SafeRewrite | None:
    key = change.constraint
    if moment.is_new(change.table) or not key.enforced:
        return None
    if key.not_valid and not _lacks_index(change, moment) and not is_refused_not_valid(change, moment):
        return None
    steps = foreign_key(change, moment)
    drops = () if _stays(steps) else _drops(change, moment)
    return SafeRewrite(foreign_key(change, moment, drops), difference(change, moment), taken(drops, moment))


def foreign_key(change: op.AddForeignKey, moment: Moment, drops: Drops = ()) -> tuple[Step, ...]:
    """The index that is missing, the key declared without reading a row, then validated while others read and write."""
    key = change.constraint
    name = key.name or free(change.table, joined(key.columns), "fkey", moment)
    first = tuple(_index(change, moment)) if _lacks_index(change, moment) else ()
    if is_partitioned(change.table, moment) and moment.major < _NOT_VALID_ON_PARTITIONED:
        return (*first, *_by_partition(change, name, drops, moment))
    declared = change if key.not_valid and key.name else replace(change, constraint=_not_valid(key, name))
    step = migration(f"add_{name}", *(drop for _, drop in drops), declared, note=_from_now_on(change))
    # The file's own index leaves it for a file of its own, and the key comes after the index.
    declare = replace(step, apart=_follows_an_index(change, moment))
    validated = () if _is_validated_later(change, name, moment) else (validate(change.table, name),)
    return (*first, declare, *validated)


def _stays(steps: Sequence[Step]) -> bool:
    """Whether the key is declared where its statement stands, in the transaction of what is dropped before it."""
    return steps[0].transactional and not steps[0].apart and isinstance(steps[0].operations[0], op.AddForeignKey)


def _drops(change: op.AddForeignKey, moment: Moment) -> Drops:
    columns = change.constraint.columns

    def fits(_: op.DropConstraint, known: CatalogConstraint | None) -> bool:
        return known is not None and isinstance(known.definition, op.ForeignKey) and known.definition.columns == columns

    return replaced(change, moment, fits)


def difference(change: op.AddForeignKey, moment: Moment) -> Message:
    """What the plan makes that the statement does not."""
    key = change.constraint
    index = _has_index(change) if _lacks_index(change, moment) else NOTHING
    proven = key.not_valid and not _is_validated_later(change, key.name or "", moment)
    valid = say("the foreign key to {} is validated", named.plain(key.references)) if proven else NOTHING
    return in_one("; ", (index, valid))


def _has_index(change: op.AddForeignKey) -> Message:
    columns = listing(named.plain(named.column(column, change.table)) for column in change.constraint.columns)
    return say("{} has an index on {}, which the foreign key needs", named.plain(change.table), columns)


def is_refused_not_valid(change: op.AddForeignKey, moment: Moment) -> bool:
    """Whether PostgreSQL refuses NOT VALID here: a partitioned table before 18."""
    return (
        change.constraint.not_valid
        and is_partitioned(change.table, moment)
        and moment.major < _NOT_VALID_ON_PARTITIONED
    )


def is_indexed(change: op.AddForeignKey, moment: Moment, session: Session | None = None) -> bool:
    """Whether an index of the session finds the rows that refer to a key, or a later statement of the run builds it."""
    catalog = (session or moment.session).catalog
    columns = change.constraint.columns
    table = moment.session.resolve(change.table)
    return any(
        index.valid and index.where is None and _begins_with(columns, [one.column for one in index.elements])
        for index in catalog.indexes_of(table)
    ) or any(
        isinstance(operation, op.CreateIndex) and _finds(operation, change, moment)
        for timed in moment.timeline[moment.index + 1 :]
        for operation in timed.statement.operations
    )


def lacks_index(table: Name, keys: Sequence[op.ForeignKey], moment: Moment) -> bool:
    """Whether one of these keys of a new column has no index, nor gets one in the run."""
    return any(_lacks_index(op.AddForeignKey(table, key), moment) for key in keys)


def beside_the_table(table: op.CreateTable, moment: Moment) -> SafeRewrite:
    """The new table with an index for each of its foreign keys that lacks one: it is empty, and nobody waits."""
    operations: list[op.Operation] = [table]
    said: list[Message] = []
    for key in unindexed_keys(table, moment):
        change = op.AddForeignKey(table.table, key)
        operations.append(op.CreateIndex(None, table.table, tuple(map(column_element, key.columns))))
        said.append(_has_index(change))
    step = migration(f"create_{table.table.name}", *operations)
    return finished(SafeRewrite((step,), in_one("; ", said)), moment)


def unindexed_keys(table: op.CreateTable, moment: Moment) -> list[op.ForeignKey]:
    """The foreign keys of the new table that no index serves once the run is over."""
    later = moment.session.after(moment.statement, moment.effects, moment.index)
    own = (one for column in table.columns for one in column.constraints)
    keys = [one for one in (*own, *table.constraints) if isinstance(one, op.ForeignKey)]
    return [key for key in keys if not is_indexed(op.AddForeignKey(table.table, key), moment, later)]


def _lacks_index(change: op.AddForeignKey, moment: Moment) -> bool:
    relation = moment.relation(change.table)
    known = relation is not None and not relation.partial
    return known and not is_indexed(change, moment)


def _begins_with(columns: tuple[str, ...], elements: list[str | None]) -> bool:
    return set(elements[: len(columns)]) == set(columns)


def _finds(index: op.CreateIndex, change: op.AddForeignKey, moment: Moment) -> bool:
    same = moment.session.resolve(index.table) == moment.session.resolve(change.table)
    elements = [element.column for element in index.elements]
    return same and index.where is None and _begins_with(change.constraint.columns, elements)


def _index(change: op.AddForeignKey, moment: Moment) -> Iterator[Step]:
    table = moment.session.resolve(change.table)
    index = op.CreateIndex(None, change.table, tuple(map(column_element, change.constraint.columns)), concurrently=True)
    if is_partitioned(change.table, moment):
        yield from partitioned_index(replace(index, concurrently=False), moment)
        return
    name = name_of(index, table.name, moment)
    note = say("Before the foreign key, so that deletes from {} find the rows.", change.constraint.references)
    yield outside(f"build_{name}", replace(index, index=name), moment, note)


def _by_partition(change: op.AddForeignKey, name: str, drops: Drops, moment: Moment) -> Iterator[Step]:
    """The key on each partition, NOT VALID and validated, then on the whole: it takes theirs over and reads nothing."""
    key = _not_valid(change.constraint, name)
    leaves = list(leaves_of(change.table, moment))
    undone: list[op.Operation] = [op.DropConstraint(change.table, name)]
    for leaf in leaves:
        relation = moment.relation(leaf)
        taken = {one.name for one in relation.constraints} if relation is not None else set()
        own = name if name not in taken else free_name(leaf.name, joined(key.columns), "fkey", taken.__contains__)
        declared = op.AddForeignKey(leaf, replace(key, name=own))
        yield migration(f"add_{leaf.name}_{own}", declared, note=_from_now_on(declared))
        yield validate(leaf, own, f"validate_{leaf.name}_{own}")
        undone.append(declared)
    note = say("Reads nothing: the keys of the partitions are validated, and become parts of this one.")
    whole = replace(change, constraint=replace(key, not_valid=False))
    step = migration(f"add_{name}", *(drop for _, drop in drops), whole, note=note)
    yield step if drops else replace(step, down=tuple(undone))


def _not_valid(key: op.ForeignKey, name: str) -> op.ForeignKey:
    return replace(key, name=name, not_valid=True)


def _from_now_on(change: op.AddForeignKey) -> Message:
    key = change.constraint
    columns = listing(named.column(column, change.table) for column in key.columns)
    deleted = {
        "CASCADE": say("deleting rows of {} deletes those of {} that refer to them", key.references, change.table),
        "SET NULL": say("deleting rows of {} sets {} to NULL", key.references, columns),
        "SET DEFAULT": say("deleting rows of {} sets {} to its default", key.references, columns),
    }.get(
        key.on_delete or "",
        say("rows of {} that rows of {} refer to cannot be deleted", key.references, change.table),
    )
    return say("Nothing is read. From now on a new {} must be in {}, and {}.", columns, key.references, deleted)


def _follows_an_index(change: op.AddForeignKey, moment: Moment) -> bool:
    """Whether an earlier statement of the file builds the index, in a way that moves it to a file of its own."""
    for index in range(moment.index - 1, -1, -1):
        timed = moment.timeline[index]
        if timed.statement.path != moment.statement.path:
            return False
        for operation in timed.statement.operations:
            if isinstance(operation, op.CreateIndex) and _finds(operation, change, moment):
                return create_index(operation, replace(moment, index=index, operation=operation)) is not None
    return False


def _is_validated_later(change: op.AddForeignKey, name: str, moment: Moment) -> bool:
    """Whether the author validates it further on."""
    table = moment.session.resolve(change.table)
    return any(
        isinstance(operation, op.ValidateConstraint)
        and moment.session.resolve(operation.table) == table
        and operation.constraint == name
        for timed in moment.timeline[moment.index + 1 :]
        for operation in timed.statement.operations
    )
