"""UNIQUE and PRIMARY KEY on an index that is built before; what a key replaces goes in the transaction that adds it."""

from collections.abc import Iterator, Sequence

from bot.core.judging.findings import SafeRewrite, Step
from bot.core.judging.rule import Moment
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import Message, listing, say
from bot.core.language.names import Name
from bot.core.language.naming import free_name, joined
from bot.core.language.splice import column_element
from bot.core.record import replace
from bot.core.rewrites.constraints import is_partitioned, not_null, proves_not_null
from bot.core.rewrites.replaced import Drops, definition_of, replaced, taken
from bot.core.rewrites.steps import beside, deploy, leaves_of, migration, on_index, outside
from bot.core.schema.catalog import CatalogConstraint

Added = op.AddUnique | op.AddPrimaryKey


def add_key(change: Added, moment: Moment) -> SafeRewrite | None:
    """The index without blocking anybody, then the constraint on it, together with the drop of what it replaces."""
    key = change.constraint
    if moment.is_new(change.table) or key.without_overlaps:
        return None
    drops = _drops(change, moment)
    if any(drop.cascade and _is_referred_to(drop, moment) for _, drop in drops):
        return None
    proofs = _proofs(change, moment)
    if key.using_index:
        if not proofs:
            return None
        return SafeRewrite((*proofs, migration(f"add_{key.name or key.using_index}", change)))
    if is_partitioned(change.table, moment):
        return None if drops else SafeRewrite((*proofs, *_by_partition(change, moment)))
    return SafeRewrite((*proofs, *unique(change, moment, drops)), takes=taken(drops, moment))


def unique(change: Added, moment: Moment, drops: Drops = ()) -> tuple[Step, ...]:
    """The key on an index that is built first; `drops` go in the same transaction as the key comes."""
    name = name_of(change, moment)
    gone = [drop for _, drop in drops]
    index = _index(change, _built_as(name, gone, change.table, moment))
    label = "the index of the key" if isinstance(change, op.AddPrimaryKey) else "the unique index"
    built = say("Build {} without blocking writes; duplicates make it fail.", say(label))
    key = on_index(change.constraint, name, str(index.index))
    return (
        outside(f"build_{name}", index, moment, built),
        *_no_longer(change, drops, moment),
        migration(f"add_{name}", *gone, replace(change, constraint=key), note=_made(change, gone)),
    )


def name_of(change: Added, moment: Moment) -> str:
    """The name that the author gives the key, or PostgreSQL."""
    key = change.constraint
    if key.name is not None:
        return key.name
    primary = isinstance(change, op.AddPrimaryKey)
    columns = None if primary else joined((*key.columns, *key.include))
    return free_name(
        change.table.name, columns, "pkey" if primary else "key", lambda one: _is_taken(one, change.table, moment)
    )


def _drops(change: Added, moment: Moment) -> Drops:
    def fits(drop: op.DropConstraint, known: CatalogConstraint | None) -> bool:
        if isinstance(change, op.AddPrimaryKey):
            return drop.constraint.endswith("_pkey") if known is None else isinstance(known.definition, op.PrimaryKey)
        return known is not None and isinstance(known.definition, op.Unique)

    return replaced(change, moment, fits)


def _is_referred_to(drop: op.DropConstraint, moment: Moment) -> bool:
    """Whether CASCADE would take foreign keys of other tables with it."""
    table = moment.session.resolve(drop.table)
    return any(
        isinstance(constraint.definition, op.ForeignKey) and constraint.definition.references == table
        for relation in moment.session.catalog.relations.values()
        for constraint in relation.constraints
    )


def _index(change: Added, name: str) -> op.CreateIndex:
    key = change.constraint
    return op.CreateIndex(
        name,
        change.table,
        tuple(column_element(column) for column in key.columns),
        unique=True,
        concurrently=True,
        include=key.include,
        nulls_not_distinct=isinstance(key, op.Unique) and key.nulls_not_distinct,
        options=key.options,
        tablespace=key.tablespace,
    )


def _built_as(name: str, drops: Sequence[op.DropConstraint], table: Name, moment: Moment) -> str:
    """The name of the key, or another where what it replaces still has it: USING INDEX renames the index."""
    if name not in {drop.constraint for drop in drops}:
        return name
    return free_name(name, None, "new", lambda one: _is_taken(one, table, moment))


def _is_taken(name: str, table: Name, moment: Moment) -> bool:
    """Whether an index or a constraint has the name, and no other action of the statement drops it."""
    resolved = moment.session.resolve(table)
    freed = {one.constraint for one in moment.statement.operations if isinstance(one, op.DropConstraint)}
    return name not in freed and moment.session.database().name_taken(Name(name, resolved.schema), constraint=True)


def _made(change: Added, drops: Sequence[op.DropConstraint]) -> Message:
    what = say("the primary key" if isinstance(change, op.AddPrimaryKey) else "the constraint")
    if not drops:
        return say("Make the index {}: instant.", what)
    gone = listing(named.constraint(drop.constraint, drop.table) for drop in drops)
    return say("The index becomes {} in the transaction in which {} goes: instant.", what, gone)


def _no_longer(change: Added, drops: Drops, moment: Moment) -> Iterator[Step]:
    """A release without what needs the key that goes: ON CONFLICT takes only a unique index of exactly its columns."""
    for at, drop in drops:
        known = definition_of(drop, at, moment)
        definition = known.definition if known is not None else None
        if not isinstance(definition, op.Unique | op.PrimaryKey):
            name = named.plain(named.constraint(drop.constraint, drop.table))
            yield deploy(
                say(
                    "Release code that needs {} no more, unless it has the same columns: ON CONFLICT over its columns, "
                    "and GROUP BY them alone, fail from the next step on.",
                    name,
                )
            )
        elif set(definition.columns) != set(change.constraint.columns):
            columns = listing(named.plain(named.column(column, drop.table)) for column in definition.columns)
            yield deploy(_without(columns, is_primary=isinstance(definition, op.PrimaryKey)))


def _without(columns: Message, *, is_primary: bool) -> Message:
    if is_primary:
        return say(
            "Release code that has neither ON CONFLICT over {} nor a GROUP BY that relies on it as the primary key: "
            "both fail from the next step on.",
            columns,
        )
    return say("Release code without ON CONFLICT over {}: it fails from the next step on.", columns)


def _by_partition(change: Added, moment: Moment) -> Iterator[Step]:
    """Each partition gets its key on an index built before; the whole takes them over and builds nothing."""
    name = name_of(change, moment)
    key = change.constraint
    for leaf in leaves_of(change.table, moment):
        unnamed = replace(change, table=leaf, constraint=replace(key, name=None))
        own = name_of(unnamed, moment)
        index = _index(unnamed, own)
        yield outside(f"build_{own}", index, moment, say("Writes go on while it builds; duplicates make it fail."))
        taken = replace(unnamed, constraint=on_index(key, own, own))
        step = migration(f"add_{own}", taken, note=say("Instant: the index is there."))
        # The way back of the whole drops the partition's with it.
        yield replace(step, down=(op.DropConstraint(leaf, own, missing_ok=True),))
    note = say("Builds nothing: the keys of the partitions become parts of this one.")
    yield migration(f"add_{name}", replace(change, constraint=replace(key, name=name)), note=note)


def _proofs(change: Added, moment: Moment) -> tuple[Step, ...]:
    """A primary key's columns are made NOT NULL first, or it would read the table under its lock."""
    if not isinstance(change, op.AddPrimaryKey):
        return ()
    return tuple(step for column in _nullable(change, moment) for step in not_null(change.table, column, moment))


def _nullable(change: op.AddPrimaryKey, moment: Moment) -> list[str]:
    relation = moment.relation(change.table)
    columns = change.constraint.columns
    if change.constraint.using_index:
        name = moment.session.resolve(beside(Name(change.constraint.using_index), change.table))
        index = moment.session.catalog.indexes.get(name)
        columns = tuple(one.column for one in index.elements if one.column) if index is not None else ()
    if relation is None or not relation.columns:
        return list(columns)

    def may_be_null(column: str) -> bool:
        known = relation.column(column)
        proven = any(proves_not_null(constraint, column) for constraint in relation.constraints)
        return known is None or not (known.not_null or proven)

    return [column for column in columns if may_be_null(column)]
