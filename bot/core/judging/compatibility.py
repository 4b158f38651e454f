"""What a schema change means for running code, and what new code needs of it: the order of deployment."""

from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import Given, Message, listing, plural, say
from bot.core.language.names import Name


def felt_by_running_code(operation: op.Operation) -> Message | None:
    """A clause on what may break code that does not know of the change; None where nothing can."""
    match operation:
        case op.DropColumn(table=table, column=column):
            return say("{} is gone", named.column_of(table, column))
        case op.RenameColumn(table=table, column=column, to=to):
            return say("{} is called {}", named.column_of(table, column), named.column(to, table))
        case op.AlterColumnType(table=table, column=column, type=type):
            return say("{} becomes {}", named.column_of(table, column), type)
        case op.AddColumn(table=table, column=column) if _must_be_given(column):
            return say("INSERT must give {} a value", named.column_of(table, column.name))
        case (
            op.SetNotNull(table=table, column=column) | op.AddNotNull(table=table, constraint=op.NotNull(column=column))
        ):
            return say("{} accepts no NULL", named.column_of(table, column))
        case op.DropDefault(table=table, column=column):
            return say("{} has no default", named.column_of(table, column))
        case (
            op.AddCheck(table=table)
            | op.AddUnique(table=table)
            | op.AddPrimaryKey(table=table)
            | op.AddExclusion(table=table)
        ):
            return say("{} refuses rows that it accepted before", table)
        case op.AddForeignKey(table=table, constraint=constraint):
            return say("{} accepts only rows that refer to a row of {}", table, constraint.references)
        case op.CreateIndex(table=table, unique=True):
            return say("{} refuses duplicates that it accepted before", table)
        case op.CreatePolicy(table=table) | op.SetRowSecurity(table=table, state="ENABLE" | "FORCE"):
            return say("row security hides rows of {}", table)
        case op.RenameRelation(relation=relation, to=to, kind=kind) if kind != "INDEX":
            return say("{} is called {}", relation, Name(to))
        case op.SetSchema(relation=relation, schema=schema):
            return say("{} is in the schema {}", relation, named.schema(schema))
        case op.Truncate(tables=tables):
            return say("the rows of {} are gone", listing(tables))
        case op.Delete(table=table):
            return say("rows of {} are gone", table)
        case op.RenameEnumValue(type=type, value=value, to=to):
            return say("the value {} of {} is called {}", named.thing(value), named.type_called(type), named.thing(to))
        case op.RenameObject(kind=kind, name=name, to=to):
            return say("the {} {} is called {}", Given(kind.lower()), named.thing(name), named.thing(to))
        case op.AlterDomain(domain=domain, action="SET NOT NULL" | "ADD CONSTRAINT" | "ADD NOT NULL"):
            return say("{} refuses values that it accepted before", named.type_called(domain))
        case op.AlterComposite(type=type):
            return say("{} has other attributes", named.type_called(type))
        case _:
            return _dropped(operation)


def needed_by_new_code(operation: op.Operation) -> tuple[Name, str | None] | None:
    """The relation, type or function, and the column, that this operation creates; None where it creates none."""
    match operation:
        case op.AddColumn(table=table, column=column):
            return table, column.name
        case op.RenameColumn(table=table, to=to):
            return table, to
        case op.RenameRelation(relation=relation, to=to, kind=kind) if kind != "INDEX":
            return Name(to, relation.schema), None
        case op.SetSchema(relation=relation, schema=schema):
            return Name(relation.name, schema), None
        case op.CreateTable(table=made) | op.CreateTableAs(table=made):
            return made, None
        case op.CreateView(view=made) | op.CreateMaterializedView(view=made):
            return made, None
        case op.CreateFunction(function=made) | op.CreateSequence(sequence=made):
            return made, None
        case op.CreateEnum(type=made) | op.AddEnumValue(type=made):
            return made, None
        case _:
            return None


def columns_concerned(operation: op.Operation) -> set[tuple[Name, str]]:
    """The columns, each with its table, if the change concerns only columns; else empty.

    Running code does not know a column that the same deploy adds, so a change of that column does not affect it.
    """
    match operation:
        case op.DropColumn(table=table, column=column) | op.AlterColumnType(table=table, column=column):
            return {(table, column)}
        case op.RenameColumn(table=table, column=column) | op.DropDefault(table=table, column=column):
            return {(table, column)}
        case op.AddForeignKey(table=table, constraint=constraint) | op.AddUnique(table=table, constraint=constraint):
            return {(table, column) for column in constraint.columns}
        case op.AddCheck(table=table, constraint=check) if check.expression.understood:
            return {(table, reference.column) for reference in check.expression.columns}
        case op.CreateIndex(table=table, elements=elements) if all(one.column is not None for one in elements):
            return {(table, one.column) for one in elements if one.column is not None}
        case _:
            return set()


def _dropped(operation: op.Operation) -> Message | None:
    match operation:
        case (
            op.DropTable(tables=names)
            | op.DropView(views=names)
            | op.DropSequence(sequences=names)
            | op.DropType(types=names)
        ):
            return say("{} {} gone", listing(names), plural(names, "is", "are"))
        case op.DropFunction(functions=functions):
            return say("{} {} gone", listing(map(named.function, functions)), plural(functions, "is", "are"))
        case op.DropSchema(schemas=schemas):
            return say("the schema {} is gone", listing(map(named.schema, schemas)))
        case _:
            return None


def _must_be_given(column: op.Column) -> bool:
    filled = column.default is not None or column.generated is not None or column.identity is not None
    if filled or (column.type is not None and column.type.is_serial):
        return False
    return any(isinstance(constraint, op.NotNull | op.PrimaryKey) for constraint in column.constraints)
