"""Tables, views and defaults dropped when no code uses them: what hangs on them by name, each lock for itself."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.core.judging.findings import SafeRewrite, Step
from bot.core.judging.rule import Moment
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import Message, listing, say
from bot.core.language.names import Name
from bot.core.rewrites.steps import deploy, migration, outside, written_beside
from bot.core.rewrites.tables import DETACH_CONCURRENTLY, default_partition
from bot.core.schema.catalog import Relation, RelationKind
from bot.core.schema.dependents import DependentKind, Object, closure

_VIEWS = (RelationKind.VIEW, RelationKind.MATERIALIZED_VIEW)


def drop_table(drop: op.DropTable, moment: Moment) -> SafeRewrite | None:
    """Deploy; its foreign keys, and those that lead to it, one by one; then the table, without CASCADE.

    A foreign key locks the other table, too: in a step of its own nobody waits for more than that. None where the
    table comes back, or where CASCADE may drop what the catalog does not tell.
    """
    names = [name for name in drop.tables if not moment.is_new(name)]
    if not names or any(is_made_again(name, moment) or is_replaced(name, moment) for name in names):
        return None
    if drop.cascade and not _is_complete(moment):
        return None
    tables = {moment.session.resolve(name) for name in drop.tables}
    views = list(_views_of(tables, moment)) if drop.cascade else []
    like = names[0]
    steps = [_used_no_more(names, views)]
    steps += _without_views(views, like)
    steps += _without_keys(tables, like, moment)
    for name in names:
        steps += _detached(name, moment)
    unknown = any(moment.relation(name) is None for name in names)
    note = say("When no old code runs any more; its rows are lost.")
    if unknown:
        note = say(
            "When no old code runs any more; its rows are lost. The tables that its foreign keys refer to are locked, "
            "too: drop those keys first, each in a migration of its own (they are not known here)."
        )
    steps.append(migration(f"drop_{like.name}", replace(drop, cascade=False), note=note))
    return SafeRewrite(tuple(steps))


def drop_column(drop: op.DropColumn, moment: Moment) -> SafeRewrite | None:
    """Deploy, then the column; with CASCADE what depends on it by name, before it."""
    if moment.is_new(drop.table):
        return None
    before = list(_dependents(drop, moment)) if drop.cascade else []
    if None in before:
        return None
    first = [one for one in before if one is not None]
    views = [name for step in first for one in step.operations if isinstance(one, op.DropView) for name in one.views]
    column = named.plain(named.column_of(drop.table, drop.column))
    used = say("Release code that neither reads nor writes {} (ORMs: ignore it).", column)
    if views:
        plain = listing([say("{}", named.plain(one)) for one in views])
        used = say("Release code that neither reads nor writes {} (ORMs: ignore it), nor reads {}.", column, plain)
    last = migration(
        f"drop_{drop.table.name}_{drop.column}",
        replace(drop, cascade=False),
        note=say("When no old code runs any more."),
    )
    return SafeRewrite((deploy(used), *first, last))


def _dependents(drop: op.DropColumn, moment: Moment) -> Iterator[Step | None]:
    """What CASCADE drops besides, each kind in a step; None where that is not known, or loses more than it says."""
    relation = moment.relation(drop.table)
    if relation is None or not _is_complete(moment) or drop.column in relation.published_columns:
        yield None
        return
    database, name = moment.session.database(), relation.name
    blockers = closure(database, Object(DependentKind.COLUMN, name, drop.column)).blockers
    known = {
        DependentKind.RELATION,
        DependentKind.CONSTRAINT,
        DependentKind.TRIGGER,
        DependentKind.POLICY,
        DependentKind.COLUMN,
    }
    if any(one.kind not in known for one in blockers):
        yield None
        return
    views = {one.name for one in blockers if one.kind is DependentKind.RELATION}
    yield from _without_views([one for one in _views_of({name}, moment) if one.name in views], drop.table)
    others: list[op.Operation] = []
    for one in blockers:
        on = written_beside(one.name, drop.table)
        match one.kind:
            case DependentKind.CONSTRAINT:
                yield _key_dropped(on, one.part)
            case DependentKind.TRIGGER:
                others.append(op.DropTrigger(one.part, on))
            case DependentKind.POLICY:
                others.append(op.DropPolicy(one.part, on))
            case DependentKind.COLUMN:
                others.append(op.DropColumn(on, one.part))
            case _:
                pass
    if others:
        note = say("What CASCADE would have dropped, by name.")
        yield migration(f"drop_what_reads_{drop.table.name}_{drop.column}", *others, note=note)


def drop_view(drop: op.DropView, moment: Moment) -> SafeRewrite | None:
    """Deploy, then the views; with CASCADE those that read them, by name and in order."""
    names = [name for name in drop.views if not moment.is_new(name)]
    if not names or (drop.cascade and not _is_complete(moment)):
        return None
    others = list(_views_of({moment.session.resolve(name) for name in drop.views}, moment)) if drop.cascade else []
    like = names[0]
    return SafeRewrite(
        (
            _used_no_more(names, others),
            *_without_views(others, like),
            migration(f"drop_{like.name}", replace(drop, cascade=False), note=say("When no old code runs any more.")),
        )
    )


def drop_constraint(drop: op.DropConstraint, moment: Moment) -> SafeRewrite | None:
    """CASCADE written out: the foreign keys that lead to the key, each in a step of its own, before the key."""
    relation = moment.relation(drop.table)
    known = next((one for one in relation.constraints if one.name == drop.constraint), None) if relation else None
    if not drop.cascade or relation is None or known is None or not _is_complete(moment):
        return None
    if not isinstance(known.definition, op.PrimaryKey | op.Unique):
        return None
    columns = known.definition.columns
    led_by = [
        (other, key)
        for other, key, definition in _keys_to({relation.name}, moment)
        if definition.references_columns == columns
        or (not definition.references_columns and isinstance(known.definition, op.PrimaryKey))
    ]
    if not led_by or any(other.partition_of is not None for other, _ in led_by):
        return None
    keys = [_key_dropped(written_beside(other.name, drop.table), key) for other, key in led_by]
    last = migration(f"drop_{drop.constraint}", replace(drop, cascade=False))
    return SafeRewrite((*keys, last))


def drop_default(change: op.DropDefault, moment: Moment) -> SafeRewrite | None:
    """Not before the code that writes the column is everywhere; until then the default fills it for old code."""
    if not is_needed_by_old_code(change, moment):
        return None
    column = named.plain(named.column_of(change.table, change.column))
    return SafeRewrite(
        (
            deploy(say("Release code that always writes {}.", column)),
            migration(
                f"drop_default_of_{change.table.name}_{change.column}",
                change,
                note=say("When no old code runs any more."),
            ),
        )
    )


def is_needed_by_old_code(change: op.DropDefault, moment: Moment) -> bool:
    """Whether the column is NOT NULL and was added in this run to a table that was there before."""
    table = moment.session.resolve(change.table)
    return not moment.is_new(table) and any(
        isinstance(one, op.NotNull)
        for timed in moment.timeline[: moment.index]
        for operation in timed.statement.operations
        if isinstance(operation, op.AddColumn)
        and operation.column.name == change.column
        and moment.session.resolve(operation.table) == table
        for one in operation.column.constraints
    )


def is_replaced(name: Name, moment: Moment) -> bool:
    """Whether another table takes the name later in the run."""
    return any(
        isinstance(operation, op.RenameRelation) and operation.to == name.name
        for timed in moment.timeline[moment.index + 1 :]
        for operation in timed.statement.operations
    )


def is_made_again(name: Name, moment: Moment) -> bool:
    """Whether a table of this name is created later in the run."""
    table = moment.session.resolve(name)
    return any(
        isinstance(operation, op.CreateTable) and moment.session.resolve(operation.table) == table
        for timed in moment.timeline[moment.index + 1 :]
        for operation in timed.statement.operations
    )


def _used_no_more(names: Iterable[Name], others: Iterable[Relation]) -> Step:
    dropped = list(names)
    dropped += [written_beside(one.name, dropped[0]) for one in others]
    return deploy(say("Release code that uses {} no more.", listing([say("{}", named.plain(one)) for one in dropped])))


def _is_complete(moment: Moment) -> bool:
    return moment.session.snapshot and moment.session.catalog.complete


def _views_of(tables: set[Name], moment: Moment) -> Iterator[Relation]:
    """The views that read any of them, also through other views: whoever reads another comes first."""
    relations = moment.session.catalog.relations.values()
    found: list[Relation] = []
    names = set(tables)
    while more := [
        one
        for one in relations
        if one.kind in _VIEWS and one.name not in names and any(used in names for used, _ in one.depends_on)
    ]:
        found += more
        names |= {one.name for one in more}
    while found:
        last = [
            one for one in found if not any(used == one.name for other in found for used, _ in other.depends_on)
        ] or found[:1]
        yield from last
        found = [one for one in found if one not in last]


def _without_views(views: Iterable[Relation], like: Name) -> Iterator[Step]:
    drops = [
        op.DropView((written_beside(one.name, like),), materialized=one.kind is RelationKind.MATERIALIZED_VIEW)
        for one in views
    ]
    if drops:
        yield migration(f"drop_views_of_{like.name}", *drops, note=say("What CASCADE would have dropped, by name."))


def _keys_to(tables: set[Name], moment: Moment) -> Iterator[tuple[Relation, str, op.ForeignKey]]:
    for other in moment.session.catalog.relations.values():
        for one in other.constraints:
            if (
                isinstance(one.definition, op.ForeignKey)
                and not one.inherited
                and moment.session.resolve(one.definition.references) in tables
            ):
                yield other, one.name, one.definition


def _without_keys(tables: set[Name], like: Name, moment: Moment) -> Iterator[Step]:
    """Each foreign key between one of the tables and one that stays."""
    incoming = [(other.name, key) for other, key, _ in _keys_to(tables, moment) if other.name not in tables]
    own = [
        (name, one.name)
        for name in sorted(tables, key=str)
        if (relation := moment.session.catalog.relations.get(name)) is not None
        for one in relation.constraints
        if isinstance(one.definition, op.ForeignKey)
        and not one.inherited
        and moment.session.resolve(one.definition.references) not in tables
    ]
    for table, key in (*incoming, *own):
        step = _key_dropped(written_beside(table, like), key)
        yield _not_brought_back(step, say("{}", named.in_full(named.foreign_key(key, table))))


def _key_dropped(table: Name, key: str) -> Step:
    return migration(
        f"drop_{table.name}_{key}" if not key.startswith(table.name) else f"drop_{key}",
        op.DropConstraint(table, key),
        note=say("It locks both of its tables, and nothing else."),
    )


def _not_brought_back(step: Step, what: Message) -> Step:
    """A rollback of the whole plan comes here without the table: what belongs to it is not brought back."""
    return replace(step, down=(), lost=what)


def _detached(name: Name, moment: Moment) -> Iterator[Step]:
    """A partition leaves its table first: dropping it would lock the whole table."""
    relation = moment.relation(name)
    if relation is None or relation.partition_of is None or moment.major < DETACH_CONCURRENTLY:
        return
    parent = written_beside(relation.partition_of, name)
    if default_partition(parent, moment) is None:
        step = outside(f"detach_{name.name}", op.DetachPartition(parent, name, concurrently=True), moment)
        yield _not_brought_back(step, say("the partition {}", named.plain(name)))
