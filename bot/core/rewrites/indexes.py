"""Indexes built, dropped and rebuilt CONCURRENTLY; on partitioned tables partition by partition."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.core.effects import effects
from bot.core.judging.findings import SafeRewrite, Step
from bot.core.judging.rule import Moment
from bot.core.judging.undeployed import is_missing
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import listing, say
from bot.core.language.names import Name
from bot.core.language.naming import free_name, index_columns, joined
from bot.core.rewrites.steps import beside, deploy, migration, outside, unhurried
from bot.core.schema.catalog import CatalogIndex, Relation, RelationKind
from bot.core.schema.session import Session

_REINDEX_ELSEWHERE = 14
"""From this major on REINDEX can put an index into another tablespace."""


def create_index(index: op.CreateIndex, moment: Moment) -> SafeRewrite | None:
    if moment.is_new(index.table):
        refused = index.concurrently and moment.transaction is not None
        return SafeRewrite((migration("build_index", replace(index, concurrently=False)),)) if refused else None
    if (broken := invalid(index, moment)) is not None:
        return _again(index, broken, moment)
    relation = moment.relation(index.table)
    if relation is not None and relation.kind is RelationKind.PARTITIONED_TABLE and not index.only:
        steps = partitioned_index(index, moment)
        return SafeRewrite(steps) if steps else None
    if index.only and relation is not None and relation.kind is RelationKind.PARTITIONED_TABLE:
        return None
    if index.concurrently and moment.transaction is None:
        return None
    if (swap := _swapped(index, moment)) is not None:
        return swap
    # IF NOT EXISTS would keep the invalid index that a failed attempt leaves.
    skips = index.if_not_exists and index.concurrently
    built = _build(replace(index, concurrently=True, if_not_exists=skips), moment)
    return SafeRewrite((built, *_analyzed(index)))


def _analyzed(index: op.CreateIndex) -> tuple[Step, ...]:
    """An index over an expression has statistics of its own, and none until the table is analyzed."""
    if all(element.column is not None for element in index.elements):
        return ()
    note = say("The planner knows nothing of the expression before that; reads and writes go on.")
    return (unhurried(f"analyze_{index.table.name}", op.Analyze((index.table,)), note=note),)


def _swapped(index: op.CreateIndex, moment: Moment) -> SafeRewrite | None:
    """Built beside the index that an earlier statement drops for it; that one goes when the new one is there."""
    found = _dropped_for(index, moment)
    if found is None:
        return None
    at, drop = found
    name = index.index or name_of(index, moment.session.resolve(index.table).name, moment)
    same_name = name in {old.name for old in drop.indexes}
    built = _free(name, moment) if same_name else name
    note = say("Writes go on while it builds; queries use the old one until then.")
    build = replace(index, index=built, concurrently=True, if_not_exists=False)
    steps = [
        outside(f"build_{built}", build, moment, note),
        *_dropped(drop, moment, moment.timeline[at].session, index),
    ]
    if same_name:
        rename = op.RenameRelation(beside(Name(built), index.table), name, "INDEX")
        steps.append(migration(f"rename_{built}", rename, note=say("Instant; blocks neither reads nor writes.")))
    return SafeRewrite((*steps, *_analyzed(index)), takes=(at,))


def _dropped_for(index: op.CreateIndex, moment: Moment) -> tuple[int, op.DropIndex] | None:
    """The DROP INDEX before it in the file that it makes up for: of its name, or of its first column."""
    for at in range(moment.index - 1, -1, -1):
        statement, session = moment.timeline[at].statement, moment.timeline[at].session
        if statement.path != moment.statement.path:
            return None
        drop = statement.operations[0]
        if not isinstance(drop, op.DropIndex) or drop.cascade or statement.inside is not None:
            continue
        for name in drop.indexes:
            known = session.catalog.indexes.get(session.resolve(name))
            same = name.name == index.index or (known is not None and _begins_alike(index, known, moment))
            if same and known is not None and not known.partitioned and known.table not in session.created:
                return at, drop
    return None


def _begins_alike(index: op.CreateIndex, old: CatalogIndex, moment: Moment) -> bool:
    def first(elements: tuple[op.IndexElement, ...]) -> str:
        return elements[0].column or elements[0].expression.text

    same_table = old.table == moment.session.resolve(index.table)
    return same_table and old.method == index.method and first(old.elements) == first(index.elements)


def _free(name: str, moment: Moment) -> str:
    """The name followed by `_new`, or by `_new1` and so on where that exists."""
    database = moment.session.database()
    return free_name(name, None, "new", lambda one: any(one == known.name for known in database.indexes))


def drop_index(drop: op.DropIndex, moment: Moment) -> SafeRewrite | None:
    found = effects((drop,), moment.session, moment.major)
    gone = drop.cascade or any(failure.certain and not is_missing(failure) for failure in found.failures)
    if gone or (drop.concurrently and moment.transaction is None and len(drop.indexes) == 1):
        return None
    known = [moment.session.catalog.indexes.get(moment.session.resolve(name)) for name in drop.indexes]
    if any(index is not None and (index.partitioned or index.table in moment.session.created) for index in known):
        return None
    return SafeRewrite(tuple(_dropped(drop, moment, moment.session)))


def _dropped(
    drop: op.DropIndex, moment: Moment, before: Session, instead: op.CreateIndex | None = None
) -> Iterator[Step]:
    """One index after the other, behind a release where running code may name the columns of a unique one.

    `before` is the session in which they are there.
    """
    note = say("Waits for transactions that use the table, blocks none.")
    for name in drop.indexes:
        known = before.catalog.indexes.get(before.resolve(name))
        if known is not None and _is_needed(known, instead, before):
            columns = listing(named.plain(named.column(column, known.table)) for column in _columns(known.elements))
            yield deploy(say("Release code without ON CONFLICT over {}: it fails from the next step on.", columns))
        yield outside(f"drop_{name.name}", replace(drop, indexes=(name,), concurrently=True), moment, note)


def _is_needed(index: CatalogIndex, instead: op.CreateIndex | None, before: Session) -> bool:
    """Whether ON CONFLICT finds no other unique index of exactly its columns when it is gone."""
    if not (index.unique and index.valid) or index.table in before.created or not _columns(index.elements):
        return False
    others = [one for one in before.catalog.indexes_of(index.table) if one.name != index.name and one.valid]
    left = [(one.elements, one.where) for one in others if one.unique]
    if instead is not None and instead.unique:
        left.append((instead.elements, instead.where))
    return not any(where is None and set(_columns(one)) == set(_columns(index.elements)) for one, where in left)


def _columns(elements: Iterable[op.IndexElement]) -> tuple[str, ...]:
    """Of an index of plain columns; () where it is over expressions."""
    names = tuple(one.column for one in elements)
    return tuple(name for name in names if name is not None) if None not in names else ()


def reindex(rebuild: op.Reindex, moment: Moment) -> SafeRewrite | None:
    if rebuild.kind == "SYSTEM" or (rebuild.concurrently and moment.transaction is None):
        return None
    target = rebuild.target.name if rebuild.target else "database"
    step = outside(
        f"reindex_{target}", replace(rebuild, concurrently=True), moment, say("Rebuilds beside the old index.")
    )
    return SafeRewrite((step,))


def move_index(move: op.SetTablespace, moment: Moment) -> SafeRewrite | None:
    """The index rebuilt in the other tablespace, beside the old one; a table's own rows cannot be moved so."""
    known = moment.session.catalog.indexes.get(moment.session.resolve(move.relation))
    is_index = move.kind == "INDEX" or known is not None
    partitioned = known is not None and known.partitioned
    if not is_index or partitioned or moment.major < _REINDEX_ELSEWHERE or moment.is_new(move.relation):
        return None
    rebuild = op.Reindex("INDEX", move.relation, concurrently=True, tablespace=move.tablespace)
    back = known.tablespace or "pg_default" if known is not None else None
    step = outside(f"move_{move.relation.name}", rebuild, moment, say("Rebuilds it there, beside the old one."))
    if back is None:
        return SafeRewrite((step,))
    return SafeRewrite((replace(step, down=(replace(rebuild, tablespace=back),)),))


def invalid(index: op.CreateIndex, moment: Moment) -> CatalogIndex | None:
    """The unusable index that an earlier attempt left under this name."""
    if index.index is None:
        return None
    table = moment.session.resolve(index.table)
    known = moment.session.catalog.indexes.get(Name(index.index, table.schema))
    return known if known is not None and not known.valid and not known.partitioned else None


def partitioned_index(index: op.CreateIndex, moment: Moment) -> tuple[Step, ...]:
    """The parent's index ON ONLY, then one index after the other on the partitions, each attached; empty if unknown."""
    table = moment.session.resolve(index.table)
    relation = moment.relation(index.table)
    if relation is None or not moment.session.catalog.partitions_of(table):
        return ()
    name = index.index or name_of(index, table.name, moment)
    frame = replace(index, index=name, only=True, concurrently=False)
    steps = [
        migration(f"declare_{name}", frame, note=say("Invalid until every partition has its part; reads nothing."))
    ]
    steps += _on_partitions(index, relation, Name(name, index.table.schema), moment)
    return tuple(steps)


def name_of(index: op.CreateIndex, table: str, moment: Moment) -> str:
    """The name PostgreSQL would choose for the index on this table."""
    taken = {known.name for known in moment.session.catalog.indexes}
    columns = index_columns(index.elements, index.include)
    return free_name(table, joined(columns), "idx", taken.__contains__)


def _on_partitions(index: op.CreateIndex, parent: Relation, above: Name, moment: Moment) -> list[Step]:
    steps: list[Step] = []
    for partition in moment.session.catalog.partitions_of(parent.name):
        schema = partition.name.schema if index.table.schema or partition.name.schema != "public" else None
        table = Name(partition.name.name, schema)
        name = Name(name_of(index, table.name, moment), schema)
        own = replace(index, index=name.name, table=table, only=False, concurrently=True, if_not_exists=False)
        if partition.kind is RelationKind.PARTITIONED_TABLE:
            frame = replace(own, only=True, concurrently=False)
            steps.append(migration(f"declare_{name.name}", frame))
            steps += _on_partitions(index, partition, name, moment)
        else:
            steps.append(outside(f"build_{name.name}", own, moment))
        steps.append(migration(f"attach_{name.name}", op.AttachIndexPartition(above, name)))
    return steps


def _build(index: op.CreateIndex, moment: Moment) -> Step:
    table = moment.relation(index.table)
    if index.index is None and table is not None and table.size is not None and not index.if_not_exists:
        # The name it would get anyway: dropping it after a failure, or undoing it, needs one.
        index = replace(index, index=name_of(index, table.name.name, moment))
    return outside(
        f"build_{index.index or f'{index.table.name}_index'}",
        index,
        moment,
        say("Writes go on while it builds. If it fails, drop the invalid index it leaves before trying again."),
    )


def _again(index: op.CreateIndex, broken: CatalogIndex, moment: Moment) -> SafeRewrite:
    name = Name(broken.name.name, index.table.schema)
    if broken.constraint is not None:
        rebuild = op.Reindex("INDEX", name, concurrently=True)
        return SafeRewrite(
            (outside(f"reindex_{name.name}", rebuild, moment, say("Rebuilds the invalid index in place.")),)
        )
    drop = op.DropIndex((name,), concurrently=True, if_exists=True)
    build = replace(index, concurrently=True, if_not_exists=False)
    return SafeRewrite(
        (
            outside(f"drop_invalid_{name.name}", drop, moment, say("Remove what the failed attempt left.")),
            _build(build, moment),
        )
    )
