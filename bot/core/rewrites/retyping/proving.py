"""Between the backfill and the exchange: the indexes of the new columns, and the proof of their constraints."""

from collections.abc import Iterator

from bot.core.judging.findings import Step
from bot.core.language import operations as op
from bot.core.language.messages import say
from bot.core.language.names import Name
from bot.core.language.splice import column_element, rename_column
from bot.core.record import replace
from bot.core.rewrites.again import written
from bot.core.rewrites.retyping.attributes import NAMED_NOT_NULL, old_not_null, proof, required
from bot.core.rewrites.retyping.partition_keys import indexes_of_partitions
from bot.core.rewrites.retyping.swap import Swap
from bot.core.rewrites.steps import beside, is_not_null, migration, outside, unhurried
from bot.core.schema.catalog import CatalogConstraint, CatalogIndex, Relation, RelationKind

_FOR_THE_WAY_BACK = say("For the way back: the exchange drops the index of the old key with its constraint.")


def builds(swap: Swap) -> Iterator[Step]:
    """Every index that the new columns need, and for the way back a second one of the old primary key's."""
    for key in swap.keys:
        definition = key.definition
        if not isinstance(definition, op.Unique | op.PrimaryKey):
            continue
        if swap.is_partitioned:
            yield from _of_partitioned_key(swap, key)
            continue
        yield _built(swap, _key_index(swap, key, swap.spare(key.name, "new"), moved=True))
        if isinstance(definition, op.PrimaryKey) and leads_back(swap):
            second = _key_index(swap, key, swap.spare(key.name, "old"), moved=False)
            yield replace(_built(swap, second), note=_FOR_THE_WAY_BACK)
    for index in swap.indexes:
        if index.partitioned:
            yield from _of_partitions(swap, index)
        else:
            yield _built(swap, _index(swap, index, swap.table))


def _of_partitioned_key(swap: Swap, key: CatalogConstraint) -> Iterator[Step]:
    moved = {column.name: column.new for column in swap.columns}
    for index in indexes_of_partitions(swap, key, "new", moved):
        yield _built(swap, index)
    for index in indexes_of_partitions(swap, key, "old", {}) if leads_back(swap) else ():
        yield replace(_built(swap, index), note=_FOR_THE_WAY_BACK)


def leads_back(swap: Swap) -> bool:
    return all(column.conversion.back is not None for column in swap.columns)


def _built(swap: Swap, index: op.CreateIndex) -> Step:
    dropped = op.DropIndex((beside(Name(str(index.index)), index.table),), concurrently=True, if_exists=True)
    step = outside(f"build_{index.index}", index, swap.moment, say("Writes go on while it builds."))
    return replace(step, down=(dropped,))


def _key_index(swap: Swap, key: CatalogConstraint, name: str, *, moved: bool) -> op.CreateIndex:
    definition = key.definition
    assert isinstance(definition, op.Unique | op.PrimaryKey)
    columns, include = definition.columns, definition.include
    if moved:
        columns, include = tuple(map(swap.beside, columns)), tuple(map(swap.beside, include))
    known = swap.moment.session.catalog.indexes.get(key.index) if key.index is not None else None
    return op.CreateIndex(
        name,
        swap.table,
        tuple(map(column_element, columns)),
        unique=True,
        concurrently=True,
        include=include,
        nulls_not_distinct=isinstance(definition, op.Unique) and definition.nulls_not_distinct,
        options=known.options if known is not None else (),
        tablespace=known.tablespace if known is not None else None,
    )


def _index(swap: Swap, index: CatalogIndex, table: Name) -> op.CreateIndex:
    return op.CreateIndex(
        swap.spare(index.name.name, "new"),
        table,
        tuple(_element(swap, element) for element in index.elements),
        unique=index.unique,
        concurrently=True,
        method=index.method,
        include=tuple(map(swap.beside, index.include)),
        nulls_not_distinct=index.nulls_not_distinct,
        where=swap.moved(index.where) if index.where is not None else None,
        options=index.options,
        tablespace=index.tablespace,
    )


def _element(swap: Swap, element: op.IndexElement) -> op.IndexElement:
    expression = swap.moved(element.expression)
    return replace(
        element,
        text=element.text.replace(element.expression.text, expression.text, 1),
        expression=expression,
        column=swap.beside(element.column) if element.column is not None else None,
    )


def _of_partitions(swap: Swap, index: CatalogIndex) -> Iterator[Step]:
    """An index of the partitioned table alone, then one after the other for the partitions, each attached."""
    frame = _frame(swap, index, swap.table)
    yield frame
    for step in _below(swap, index, swap.table):
        # Dropping the index of the partitioned table drops the parts that are attached to it.
        yield replace(step, down=(*(frame.down or ()), *(step.down or ())))


def _frame(swap: Swap, index: CatalogIndex, table: Name) -> Step:
    alone = replace(_index(swap, index, table), only=True, concurrently=False)
    dropped = op.DropIndex((beside(Name(str(alone.index)), table),), if_exists=True)
    step = migration(f"declare_{alone.index}", alone, note=say("Invalid until every partition has its part."))
    return replace(step, down=(dropped,))


def _below(swap: Swap, index: CatalogIndex, table: Name) -> Iterator[Step]:
    above = beside(Name(swap.spare(index.name.name, "new")), table)
    for part in swap.moment.session.catalog.indexes.values():
        if part.parent != index.name:
            continue
        on = written(part.table, swap.moment)
        name = beside(Name(swap.spare(part.name.name, "new")), on)
        relation = swap.moment.session.catalog.relations.get(part.table)
        if relation is not None and relation.kind is RelationKind.PARTITIONED_TABLE:
            yield _frame(swap, part, on)
            yield from _below(swap, part, on)
        else:
            built = _built(swap, _index(swap, part, on))
            yield replace(built, down=(op.DropIndex((name,), if_exists=True),))
        attached = migration(f"attach_{name.name}", op.AttachIndexPartition(above, name))
        yield replace(attached, down=())


def proofs(swap: Swap) -> Iterator[Step]:
    """What the constraints demand declared for the new columns, then validated; and statistics of the new columns."""
    table = swap.table
    declared: list[op.Operation] = []
    undeclared: list[op.Operation] = []
    proven: list[op.Operation] = []
    back: list[op.Operation] = []
    for column in required(swap):
        name = proof(swap, column)
        if swap.moment.major >= NAMED_NOT_NULL:
            declared.append(op.AddNotNull(table, op.NotNull(column.new, name, not_valid=True)))
            undeclared.append(op.DropConstraint(table, name))
            old = old_not_null(swap, column)
            if old is not None and old.valid:
                back.append(op.ValidateConstraint(table, old.name))
        else:
            declared.append(op.AddCheck(table, op.Check(is_not_null(column.new), name, not_valid=True)))
            if column.known.not_null:
                undeclared.append(op.SetNotNull(table, column.name))
            undeclared.append(op.DropConstraint(table, name))
            back.append(op.ValidateConstraint(table, name))
        proven.append(op.ValidateConstraint(table, name))
    for check in swap.checks:
        if not isinstance(check.definition, op.Check):
            continue
        name = swap.spare(check.name, "new")
        moved = replace(check.definition, expression=swap.moved(check.definition.expression), name=name, not_valid=True)
        declared.append(op.AddCheck(table, moved))
        undeclared.append(op.DropConstraint(table, name))
        if check.valid and check.definition.enforced:
            proven.append(op.ValidateConstraint(table, name))
            back.append(op.ValidateConstraint(table, check.name))
    if declared:
        note = say("Checked for new rows from now on; nothing is read.")
        yield replace(migration(f"declare_{swap.slug}", *declared, note=note), down=tuple(reversed(undeclared)))
    for owner, constraint in swap.foreign:
        yield from _foreign_key(swap, owner, constraint)
    sampled = op.Analyze((table,), tuple(column.new for column in swap.columns))
    note = say("Reads the table while reads and writes go on; the new columns get their statistics.")
    yield replace(unhurried(f"validate_{swap.slug}", *proven, sampled, note=note), down=tuple(back))


def _foreign_key(swap: Swap, owner: Relation, constraint: CatalogConstraint) -> Iterator[Step]:
    key = constraint.definition
    if not isinstance(key, op.ForeignKey):
        return
    name = swap.spare(constraint.name, "new")
    table = swap.table if owner.name == swap.name else written(owner.name, swap.moment)
    references = swap.moment.session.resolve(key.references)
    moved = replace(
        swap.foreign_key(owner, key),
        name=name,
        references=swap.table if references == swap.name else written(references, swap.moment),
        not_valid=True,
    )
    added = migration(
        f"add_{name}",
        op.AddForeignKey(table, moved),
        note=say("Checked for new rows from now on; nothing is read."),
    )
    yield replace(added, down=(op.DropConstraint(table, name, missing_ok=True),))
    if constraint.valid and key.enforced:
        checked = unhurried(
            f"validate_{name}",
            op.ValidateConstraint(table, name),
            note=say("Reads the table while reads and writes go on."),
        )
        yield replace(checked, down=(op.ValidateConstraint(table, constraint.name),))


def old_indexes(swap: Swap) -> Iterator[op.Operation]:
    """The indexes of the old columns as they are after the exchange, for undoing the last step."""
    for key in swap.keys:
        definition = key.definition
        name = swap.spare(key.name, "old")
        if swap.is_partitioned:
            kept = {column.name: column.kept for column in swap.columns}
            for index in indexes_of_partitions(swap, key, "old", kept):
                yield replace(index, concurrently=False)
        elif isinstance(definition, op.PrimaryKey):
            yield _on_kept(swap, replace(_key_index(swap, key, name, moved=False), concurrently=False))
        elif isinstance(definition, op.Unique):
            columns = tuple(_kept(swap, column) for column in definition.columns)
            include = tuple(_kept(swap, column) for column in definition.include)
            yield op.AddUnique(swap.table, replace(definition, columns=columns, include=include, name=name))
    for index in swap.indexes:
        yield from _old_index(swap, index, swap.table)


def _old_index(swap: Swap, index: CatalogIndex, table: Name) -> Iterator[op.Operation]:
    name = swap.spare(index.name.name, "old")
    built = replace(_index(swap, index, table), index=name, only=index.partitioned, concurrently=False)
    yield _on_kept(swap, built)
    for part in swap.moment.session.catalog.indexes.values():
        if part.parent == index.name:
            on = written(part.table, swap.moment)
            yield from _old_index(swap, part, on)
            attached = beside(Name(swap.spare(part.name.name, "old")), on)
            yield op.AttachIndexPartition(beside(Name(name), table), attached)


def _kept(swap: Swap, column: str) -> str:
    return next((one.kept for one in swap.columns if column in (one.name, one.new)), column)


def _on_kept(swap: Swap, index: op.CreateIndex) -> op.CreateIndex:
    def moved(element: op.IndexElement) -> op.IndexElement:
        expression = element.expression
        for one in swap.columns:
            expression = rename_column(rename_column(expression, one.new, one.kept), one.name, one.kept)
        text = element.text.replace(element.expression.text, expression.text, 1)
        column = _kept(swap, element.column) if element.column is not None else None
        return replace(element, text=text, expression=expression, column=column)

    where = index.where
    for one in swap.columns:
        where = rename_column(where, one.new, one.kept) if where is not None else None
    include = tuple(_kept(swap, column) for column in index.include)
    return replace(index, elements=tuple(map(moved, index.elements)), where=where, include=include)
