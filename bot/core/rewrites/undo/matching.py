"""What an author wrote as the way back, matched with what it undoes: by the kind of the operation and by names."""

from collections.abc import Iterator, Sequence

from bot.core.judging.findings import Step
from bot.core.language import operations as op
from bot.core.language.messages import NOTHING
from bot.core.language.names import Name
from bot.core.language.naming import index_columns, joined, object_name
from bot.core.record import replace
from bot.core.rewrites.undo import CHANGES_NOTHING, way_back

Thing = tuple[str, ...]
"""A kind, and the names that tell one of its kind from the others."""


def undoes(back: op.Operation, operation: op.Operation) -> bool:
    """Whether it drops what the operation makes, makes what that drops, or changes the same property again."""
    if _is_rename(back) or _is_rename(operation):
        return type(back) is type(operation) and _names(back) == _names(operation)[::-1] != ()
    if isinstance(operation, op.DropTable):
        # Its indexes, rights and comments come back with it.
        dropped = set(map(_word, operation.tables))
        return any(_word(name) in dropped for name in _about(back))
    made, taken, changed = (set(found(operation)) for found in (_made, _taken, _changed))
    return not (made.isdisjoint(_taken(back)) and taken.isdisjoint(_made(back)) and changed.isdisjoint(_changed(back)))


def with_authors_way_back(step: Step, written: Sequence[op.Operation]) -> Step:
    """The step whose down has what the author wrote in the place of what is worked out for the same operation."""
    if not written:
        return step
    own = way_back(step).down
    if own is None:
        needed = [one for one in step.operations if not isinstance(one, CHANGES_NOTHING)]
        if all(any(undoes(back, one) for back in written) for one in needed):
            return replace(step, down=tuple(_fitted(one, None, step) for one in written), lost=NOTHING)
        return step
    down: list[op.Operation] = []
    left = list(written)
    for one in own:
        same = [back for back in written if is_instead_of(back, one, step)]
        if not same:
            down.append(one)
        down += (_fitted(back, one, step) for back in same if back in left)
        left = [back for back in left if back not in same]
    return replace(step, down=(*down, *(_fitted(back, None, step) for back in left)), lost=way_back(step).lost)


def is_instead_of(back: op.Operation, own: op.Operation, step: Step) -> bool:
    """Whether both undo the same operation of the step, so that only one of them may run."""
    return any(undoes(back, operation) and undoes(own, operation) for operation in step.operations)


def _fitted(back: op.Operation, own: op.Operation | None, step: Step) -> op.Operation:
    """As it must be said in a file of the step: CONCURRENTLY outside a transaction, IF EXISTS where it may be gone."""
    match back:
        case op.DropIndex():
            gone = isinstance(own, op.DropIndex) and own.if_exists
            concurrently = own.concurrently if isinstance(own, op.DropIndex) else not step.transactional
            return replace(back, concurrently=concurrently, if_exists=back.if_exists or gone)
        case op.CreateIndex():
            concurrently = own.concurrently if isinstance(own, op.CreateIndex) else not step.transactional
            return replace(back, concurrently=concurrently)
        case _:
            return back


def _about(back: op.Operation) -> tuple[Name, ...]:
    return (back.table,) if isinstance(back, op.CreateTable | op.CreateTableAs) else tuple(back.subjects)


def _is_rename(operation: op.Operation) -> bool:
    return isinstance(
        operation,
        op.RenameColumn
        | op.RenameRelation
        | op.RenameConstraint
        | op.RenameTrigger
        | op.RenameRule
        | op.RenameEnumValue
        | op.RenameDomainConstraint
        | op.RenameObject,
    )


def _names(operation: op.Operation) -> tuple[str, ...]:
    """Of a rename: the old name and the new one, each with what it is a part of."""
    match operation:
        case op.RenameColumn(table=table, column=old, to=to):
            return f"{_word(table)}.{old}", f"{_word(table)}.{to}"
        case op.RenameConstraint(table=table, constraint=old, to=to):
            return f"{_word(table)}.{old}", f"{_word(table)}.{to}"
        case op.RenameTrigger(table=table, trigger=old, to=to):
            return f"{_word(table)}.{old}", f"{_word(table)}.{to}"
        case op.RenameRelation(relation=relation, to=to):
            return relation.name, to
        case op.RenameEnumValue(type=type, value=old, to=to):
            return f"{_word(type)}.{old}", f"{_word(type)}.{to}"
        case op.RenameObject(kind=kind, name=name, to=to):
            return f"{kind} {name.name}", f"{kind} {to}"
        case _:
            return ()


def _word(name: Name) -> str:
    return name.name if name.schema in (None, "public") else f"{name.schema}.{name.name}"


def _made(operation: op.Operation) -> Iterator[Thing]:
    match operation:
        case op.AddColumn(table=table, column=column):
            yield "column", _word(table), column.name
        case op.SetNotNull(table=table, column=column):
            yield "not null", _word(table), column
        case op.AddIdentity(table=table, column=column):
            yield "identity", _word(table), column
        case op.AttachPartition(table=table, partition=partition):
            yield "partition", _word(table), _word(partition)
        case op.AddNotNull() | op.AddCheck() | op.AddUnique() | op.AddPrimaryKey() | op.AddForeignKey():
            if isinstance(operation, op.AddNotNull):
                yield "not null", _word(operation.table), operation.constraint.column
            yield "constraint", _word(operation.table), _constraint_name(operation.table.name, operation.constraint)
        case op.AddExclusion() if operation.constraint.name is not None:
            yield "constraint", _word(operation.table), operation.constraint.name
        case _:
            yield from _made_object(operation)


def _constraint_name(table: str, constraint: op.Constraint) -> str:
    """The name it has, or the one that PostgreSQL gives it where that is free."""
    if constraint.name is not None:
        return constraint.name
    match constraint:
        case op.PrimaryKey():
            return constraint.using_index or object_name(table, None, "pkey")
        case op.Unique(columns=columns, include=include):
            return constraint.using_index or object_name(table, joined((*columns, *include)), "key")
        case op.ForeignKey(columns=columns):
            return object_name(table, joined(columns), "fkey")
        case op.NotNull(column=column):
            return object_name(table, column, "not_null")
        case op.Check(expression=expression):
            columns = list(dict.fromkeys(one.column for one in expression.columns))
            return object_name(table, columns[0] if len(columns) == 1 else None, "check")
        case _:
            return ""


def _made_object(operation: op.Operation) -> Iterator[Thing]:
    match operation:
        case op.CreateIndex(index=index, table=table):
            columns = joined(index_columns(operation.elements, operation.include))
            yield "relation", _word(Name(index or object_name(table.name, columns, "idx"), table.schema))
        case op.CreateTable(table=name) | op.CreateTableAs(table=name) | op.CreateForeignTable(table=name):
            yield "relation", _word(name)
        case op.CreateView(view=name) | op.CreateMaterializedView(view=name) | op.CreateSequence(sequence=name):
            yield "relation", _word(name)
        case op.CreateTrigger(trigger=part, table=table):
            yield "trigger", _word(table), part
        case op.CreatePolicy(policy=part, table=table):
            yield "policy", _word(table), part
        case op.CreateFunction(function=name):
            yield "function", _word(name)
        case op.CreateEnum(type=name) | op.CreateComposite(type=name) | op.CreateDomain(domain=name):
            yield "type", _word(name)
        case op.CreateSchema(schema=schema):
            yield "schema", schema
        case _:
            return


def _taken(operation: op.Operation) -> Iterator[Thing]:
    match operation:
        case op.DropColumn(table=table, column=column):
            yield "column", _word(table), column
        case op.DropNotNull(table=table, column=column):
            yield "not null", _word(table), column
        case op.DropIdentity(table=table, column=column):
            yield "identity", _word(table), column
        case op.DetachPartition(table=table, partition=partition):
            yield "partition", _word(table), _word(partition)
        case op.DropConstraint(table=table, constraint=constraint):
            yield "constraint", _word(table), constraint
        case op.DropIndex(indexes=names) | op.DropTable(tables=names) | op.DropView(views=names):
            yield from (("relation", _word(name)) for name in names)
        case op.DropSequence(sequences=names):
            yield from (("relation", _word(name)) for name in names)
        case op.DropTrigger(trigger=part, table=table):
            yield "trigger", _word(table), part
        case op.DropPolicy(policy=part, table=table):
            yield "policy", _word(table), part
        case _:
            yield from _taken_object(operation)


def _taken_object(operation: op.Operation) -> Iterator[Thing]:
    match operation:
        case op.DropFunction(functions=names):
            yield from (("function", _word(name)) for name in names)
        case op.DropType(types=names):
            yield from (("type", _word(name)) for name in names)
        case op.DropSchema(schemas=schemas):
            yield from (("schema", schema) for schema in schemas)
        case _:
            return


def _changed(operation: op.Operation) -> Iterator[Thing]:
    match operation:
        case op.SetDefault(table=table, column=column) | op.DropDefault(table=table, column=column):
            yield "default", _word(table), column
        case op.AlterColumnType(table=table, column=column):
            yield "type", _word(table), column
        case op.SetLogged(table=table) | op.SetRowSecurity(table=table) | op.SetReplicaIdentity(table=table):
            yield type(operation).__name__, _word(table)
        case op.SetTrigger(table=table, trigger=trigger):
            yield "trigger", _word(table), trigger
        case op.SetOptions(relation=name) | op.SetTablespace(relation=name) | op.SetOwner(relation=name):
            yield type(operation).__name__, _word(name)
        case op.SetSchema(relation=name):
            yield "schema of", name.name
        case _:
            return
