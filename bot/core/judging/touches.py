"""What an operation makes, drops and needs in the database, by name: tables, columns, indexes, types, functions.

Only what is written in the statement, in the schema that the session's search path gives it. What a condition at run
time decides (a DO block, IF EXISTS) is neither made nor needed for certain, and is left out.
"""

from collections.abc import Iterable, Iterator
from enum import Enum

from bot.core.judging import things
from bot.core.judging.called import calls, query_of
from bot.core.judging.things import Thing
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.migrations import Statement
from bot.core.language.named import Kind
from bot.core.language.names import Name
from bot.core.language.naming import constraint_named
from bot.core.language.operations.operation import FieldRole, fields_that
from bot.core.language.types import Type
from bot.core.record import record
from bot.core.schema.session import Session

_TYPES = (op.CreateEnum, op.CreateComposite, op.CreateRange)


class Part(Enum):
    """What an operation does to a thing. The values are stored in the state, so an upgrade must not change them."""

    MAKES = "makes"
    DROPS = "drops"
    RENAMES = "renames"
    REPLACES = "replaces"
    """It makes it, or makes it anew where it is there."""
    BUILDS = "builds"
    """It changes it, or makes something that lasts only as long as it does."""
    USES = "uses"
    """It must be there for the statement, and nothing remains of that."""


@record
class Touch:
    """A statement's part in a thing. `guarded`: IF NOT EXISTS or IF EXISTS."""

    thing: Thing
    part: Part
    guarded: bool = False


def touches(statement: Statement, session: Session) -> Iterator[Touch]:
    """Everything that the statement makes, drops, renames or needs, as far as that is certain."""
    if statement.inside is None:
        for operation in statement.operations:
            if not operation.is_temporary:
                yield from _touches(operation, session)


def _touches(operation: op.Operation, session: Session) -> Iterator[Touch]:
    yield from _changed(operation, session)
    if not (operation.has_if_exists or _skips_what_is_gone(operation)):
        yield from _needed(operation, session)


def _skips_what_is_gone(operation: op.Operation) -> bool:
    return bool(fields_that(type(operation), FieldRole.DROPPED)) and operation.is_guarded


def _changed(operation: op.Operation, session: Session) -> Iterator[Touch]:
    """What exists afterwards and did not before, or the other way round."""
    if getattr(operation, "or_replace", False):
        yield from (Touch(thing, Part.REPLACES) for thing in _replaced(operation, session))
        return
    guarded = operation.is_guarded
    match operation:
        case op.CreateTable(table=name) | op.CreateTableAs(table=name) | op.CreateForeignTable(table=name):
            yield Touch(things.relation(name, session), Part.MAKES, guarded)
            if isinstance(operation, op.CreateTable):
                for key in _keys(operation):
                    yield Touch(things.relation(things.beside(key, name, session), session), Part.MAKES, guarded)
        case op.CreateFunction():
            yield from (Touch(thing, Part.MAKES) for thing in _made(operation))
        case op.CreateView(view=name) | op.CreateMaterializedView(view=name) | op.CreateSequence(sequence=name):
            yield Touch(things.relation(name, session), Part.MAKES, guarded)
        case op.CreateIndex(index=str(index), table=table):
            yield Touch(things.relation(things.beside(index, table, session), session), Part.MAKES, guarded)
        case op.AddColumn(table=table, column=column):
            yield Touch(things.column(table, column.name, session), Part.MAKES, guarded)
        case op.CreateTrigger(trigger=name, table=table):
            yield Touch(things.part_of(Kind.TRIGGER, name, table, session), Part.MAKES, guarded)
        case op.CreatePolicy(policy=name, table=table):
            yield Touch(things.part_of(Kind.POLICY, name, table, session), Part.MAKES, guarded)
        case op.CreateEnum(type=name) | op.CreateComposite(type=name) | op.CreateRange(type=name):
            yield Touch(things.type_called(name), Part.MAKES)
        case op.CreateDomain(domain=name):
            yield Touch(things.type_called(name), Part.MAKES)
        case op.CreateSchema(schema=schema):
            yield Touch(things.schema(schema), Part.MAKES, guarded)
        case op.AddEnumValue(type=name, value=value):
            yield Touch(Thing(f"value {name.name} {value}", named.thing(value)), Part.MAKES, guarded)
        case op.DropTable(tables=names) | op.DropView(views=names) | op.DropSequence(sequences=names):
            yield from (Touch(things.relation(name, session), Part.DROPS) for name in names)
        case op.DropIndex(indexes=names):
            yield from (Touch(things.relation(name, session), Part.DROPS) for name in names)
        case op.DropColumn(table=table, column=name):
            yield Touch(things.column(table, name, session), Part.DROPS)
        case op.DropConstraint(table=table, constraint=name):
            yield Touch(things.part_of(Kind.CONSTRAINT, name, table, session), Part.DROPS)
        case op.DropTrigger(trigger=name, table=table):
            yield Touch(things.part_of(Kind.TRIGGER, name, table, session), Part.DROPS)
        case op.DropPolicy(policy=name, table=table):
            yield Touch(things.part_of(Kind.POLICY, name, table, session), Part.DROPS)
        case op.DropType(types=names):
            yield from (Touch(things.type_called(name), Part.DROPS) for name in names)
        case op.DropSchema(schemas=schemas):
            yield from (Touch(things.schema(schema), Part.DROPS) for schema in schemas)
        case op.DropFunction():
            yield from (Touch(thing, Part.DROPS) for thing in _dropped(operation))
        case _:
            yield from _renamed(operation, session)
            yield from _index_of(operation, session)
            if (name := constraint_named(operation)) and fields_that(type(operation), FieldRole.CREATED):
                yield Touch(things.part_of(Kind.CONSTRAINT, name, operation.subjects[0], session), Part.MAKES)


def _renamed(operation: op.Operation, session: Session) -> Iterator[Touch]:
    match operation:
        case op.RenameRelation(relation=old, to=to):
            yield Touch(things.relation(old, session), Part.RENAMES)
            yield Touch(things.relation(things.beside(to, old, session), session), Part.MAKES)
        case op.SetSchema(relation=old, schema=schema):
            yield Touch(things.relation(old, session), Part.RENAMES)
            yield Touch(things.relation(Name(old.name, schema), session), Part.MAKES)
        case op.RenameColumn(table=table, column=old, to=to):
            yield Touch(things.column(table, old, session), Part.RENAMES)
            yield Touch(things.column(table, to, session), Part.MAKES)
        case op.RenameConstraint(table=table, constraint=old, to=to):
            yield Touch(things.part_of(Kind.CONSTRAINT, old, table, session), Part.RENAMES)
            yield Touch(things.part_of(Kind.CONSTRAINT, to, table, session), Part.MAKES)
        case op.RenameTrigger(trigger=old, table=table, to=to):
            yield Touch(things.part_of(Kind.TRIGGER, old, table, session), Part.RENAMES)
            yield Touch(things.part_of(Kind.TRIGGER, to, table, session), Part.MAKES)
        case op.RenameObject(kind="TYPE" | "DOMAIN", name=old, to=to):
            yield Touch(things.type_called(old), Part.RENAMES)
            yield Touch(things.type_called(Name(to, old.schema)), Part.MAKES)
        case op.RenameObject(kind="FUNCTION" | "PROCEDURE" | "ROUTINE", name=old, to=to):
            yield Touch(things.function(old, sure=False), Part.RENAMES)
            yield Touch(things.function(Name(to, old.schema), sure=False), Part.MAKES)
        case _:
            pass


def _index_of(operation: op.Operation, session: Session) -> Iterator[Touch]:
    """A key that has a name has an index of the same, beside its table."""
    match operation:
        case op.AddUnique(table=table, constraint=key) | op.AddPrimaryKey(table=table, constraint=key):
            if key.using_index is None and key.name is not None:
                yield Touch(things.relation(things.beside(key.name, table, session), session), Part.MAKES)
            elif key.using_index is not None and key.name not in (None, key.using_index):
                yield Touch(things.relation(things.beside(key.using_index, table, session), session), Part.RENAMES)
                yield Touch(things.relation(things.beside(key.name or "", table, session), session), Part.MAKES)
        case op.AddExclusion(table=table, constraint=exclusion) if exclusion.name is not None:
            yield Touch(things.relation(things.beside(exclusion.name, table, session), session), Part.MAKES)
        case op.AddColumn(table=table, column=column):
            for name in _key_names(column.constraints):
                yield Touch(things.relation(things.beside(name, table, session), session), Part.MAKES)
        case _:
            pass


def _keys(operation: op.CreateTable) -> Iterator[str]:
    yield from _key_names(operation.constraints)
    for column in operation.columns:
        yield from _key_names(column.constraints)


def _key_names(constraints: Iterable[op.Constraint]) -> Iterator[str]:
    """The names that are written for what has an index."""
    for one in constraints:
        if isinstance(one, op.Unique | op.PrimaryKey | op.Exclusion) and one.name is not None:
            yield one.name


def _replaced(operation: op.Operation, session: Session) -> Iterator[Thing]:
    match operation:
        case op.CreateView(view=name):
            yield things.relation(name, session)
        case op.CreateFunction():
            yield from _made(operation)
        case op.CreateTrigger(trigger=name, table=table):
            yield things.part_of(Kind.TRIGGER, name, table, session)
        case _:
            pass


def _made(operation: op.CreateFunction) -> Iterator[Thing]:
    """The function with its arguments, and what it may be for those who name it without."""
    name, types = operation.function, operation.types
    if types is not None:
        yield things.function(name, types)
        yield things.function(name, sure=False)
        if types:
            yield things.overload(name, len(types))


def _dropped(operation: op.DropFunction) -> Iterator[Thing]:
    if operation.kind == "AGGREGATE":
        return
    for at, name in enumerate(operation.functions):
        types = operation.types[at] if at < len(operation.types) else None
        yield things.function(name, types)
        if types:
            yield things.overload(name, len(types))


def _called(name: Name, arguments: int) -> Iterator[Thing]:
    """One that is dropped by its name alone is the only one of the name."""
    yield things.function(name)
    yield things.overload(name, arguments) if arguments else things.function(name, ())


def _needed(operation: op.Operation, session: Session) -> Iterator[Touch]:
    """What must be there for it to succeed."""
    for touch in _changed(operation, session):
        if touch.part in (Part.DROPS, Part.RENAMES) and touch.thing.sure:
            yield Touch(touch.thing, Part.USES)
    lasting = _lasts(operation)
    for function, arguments in calls(operation):
        yield from (Touch(thing, lasting) for thing in _called(function, arguments))
    for name, column in _columns_read(operation):
        yield Touch(things.column(name, column, session), lasting)
    for name in (*_existing(operation), *_read(operation)):
        yield Touch(things.relation(name, session), lasting)
        if name.schema is not None:
            yield Touch(things.schema(name.schema), Part.USES)
    table = operation.subject
    if table is not None:
        yield from (Touch(things.column(table, name, session), lasting) for name in _columns(operation))
    for key in _foreign_keys(operation):
        yield Touch(things.relation(key.references, session), Part.BUILDS)
        yield from (Touch(things.column(key.references, name, session), Part.BUILDS) for name in key.references_columns)
    match operation:
        case op.ValidateConstraint(table=of, constraint=name) | op.AlterConstraint(table=of, constraint=name):
            yield Touch(things.part_of(Kind.CONSTRAINT, name, of, session), Part.BUILDS)
        case op.AddEnumValue(type=name) | op.RenameEnumValue(type=name) | op.AlterComposite(type=name):
            yield Touch(things.type_called(name), Part.BUILDS)
        case op.AlterDomain(domain=name) | op.RenameDomainConstraint(domain=name):
            yield Touch(things.type_called(name), Part.BUILDS)
        case op.AddUnique(table=of, constraint=key) | op.AddPrimaryKey(table=of, constraint=key) if key.using_index:
            yield Touch(things.relation(things.beside(key.using_index, of, session), session), Part.BUILDS)
        case _:
            pass
    yield from (Touch(things.type_called(Name(one.name, one.schema)), Part.BUILDS) for one in _types(operation))


def _lasts(operation: op.Operation) -> Part:
    """Whether what it does to a table is lost with the table."""
    match operation:
        case op.DropColumn() | op.DropConstraint() | op.DropTrigger() | op.DropPolicy() | op.DropIndex():
            return Part.USES
        case op.Select() | op.Insert() | op.Update() | op.Delete() | op.Merge() | op.Copy() | op.Truncate():
            return Part.USES
        case op.LockTable() | op.Reindex() | op.Vacuum() | op.Analyze() | op.Cluster() | op.CreateTableAs():
            return Part.USES
        case op.CommentOn() | op.Grant() | op.RefreshMaterializedView() | op.DetachPartition():
            return Part.USES
        case _:
            return Part.BUILDS


def _existing(operation: op.Operation) -> Iterator[Name]:
    """The relations that it works on and does not make, drop or rename itself."""
    kind = type(operation)
    for field in fields_that(kind, FieldRole.SUBJECT):
        value = getattr(operation, field)
        yield from (one for one in (value if isinstance(value, tuple) else (value,)) if isinstance(one, Name))
    match operation:
        case op.CreateTable(inherits=parents, partition_of=parent, likes=likes):
            yield from (*parents, *(like.table for like in likes), *([parent] if parent is not None else ()))
        case op.AttachPartition(partition=partition) | op.DetachPartition(partition=partition):
            yield partition
        case _:
            pass


def _columns_read(operation: op.Operation) -> Iterable[tuple[Name, str]]:
    """The columns of those, where it is certain whose they are."""
    query = query_of(operation)
    return query.columns if query is not None and not isinstance(operation, op.Merge) else ()


def _read(operation: op.Operation) -> Iterable[Name]:
    """The relations that a query in it reads."""
    if isinstance(operation, op.Update | op.Delete):
        return operation.reads
    query = query_of(operation)
    return query.relations if query is not None else ()


def _columns(operation: op.Operation) -> Iterator[str]:
    """The columns of its table that it names and neither makes, drops nor renames."""
    match operation:
        case op.CreateIndex(elements=elements, include=include, where=where):
            yield from (element.column for element in elements if element.column)
            yield from include
            for expression in (*(element.expression for element in elements if not element.column), where):
                yield from _named_in(expression)
        case op.AddCheck(constraint=check):
            yield from _named_in(check.expression)
        case op.AddUnique(constraint=key) | op.AddPrimaryKey(constraint=key):
            yield from (*key.columns, *key.include)
        case op.AddForeignKey(constraint=key):
            yield from key.columns
        case op.AddNotNull(constraint=constraint):
            yield constraint.column
        case op.Insert(columns=columns) | op.Update(columns=columns) | op.CreateTrigger(columns=columns):
            yield from columns
        case op.CreateStatistics(columns=columns):
            yield from columns
        case op.AddColumn(column=column) if column.generated is not None:
            yield from (name for name in _named_in(column.generated.expression) if name != column.name)
        case op.AddExclusion(constraint=exclusion):
            for expression in (*(element.expression for element in exclusion.elements), exclusion.where):
                yield from _named_in(expression)
        case op.CreatePolicy(using=using, with_check=check) | op.AlterPolicy(using=using, with_check=check):
            for expression in (using, check):
                if expression is not None and not expression.relations:
                    yield from _named_in(expression)
        case op.AlterColumnType() | op.SetDefault() | op.DropDefault() | op.SetNotNull() | op.DropNotNull():
            yield operation.column
        case op.AddIdentity() | op.SetIdentity() | op.DropIdentity() | op.SetStatistics() | op.SetStorage():
            if not operation.column.isdecimal():
                yield operation.column
        case _:
            pass


def _named_in(expression: Expression | None) -> Iterator[str]:
    """The columns in a CHECK or in an index, which can name no other table's; none where that is not certain."""
    if expression is not None and expression.understood:
        yield from dict.fromkeys(reference.column for reference in expression.columns)


def _foreign_keys(operation: op.Operation) -> Iterator[op.ForeignKey]:
    match operation:
        case op.AddForeignKey(constraint=key):
            yield key
        case op.AddColumn(column=column):
            yield from (one for one in column.constraints if isinstance(one, op.ForeignKey))
        case op.CreateTable(table=table, columns=columns, constraints=constraints):
            inline = (one for column in columns for one in column.constraints)
            keys = (one for one in (*inline, *constraints) if isinstance(one, op.ForeignKey))
            yield from (key for key in keys if key.references != table)
        case _:
            pass


def _types(operation: op.Operation) -> Iterator[Type]:
    """The types of columns. A built-in one is harmless here: nobody drops it."""
    match operation:
        case op.AddColumn(column=column):
            found = [column.type]
        case op.CreateTable(columns=columns):
            found = [column.type for column in columns]
        case op.AlterColumnType(type=type):
            found = [type]
        case _:
            return
    yield from (one for one in found if one is not None)
