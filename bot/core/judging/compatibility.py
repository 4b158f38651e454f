"""What running code notices of a schema change, and what new code needs of it: the order of deployment."""

from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.core.words import code, listing, shown


def felt_by_running_code(operation: op.Operation) -> str | None:
    """A clause on what code that does not know of the change may stumble over; None where it notices nothing."""
    match operation:
        case op.DropColumn(table=table, column=column):
            return f"{_column(table, column)} is gone"
        case op.RenameColumn(table=table, column=column, to=to):
            return f"{_column(table, column)} is called {code(to)}"
        case op.AlterColumnType(table=table, column=column, type=type):
            return f"{_column(table, column)} becomes {code(str(type))}"
        case op.AddColumn(table=table, column=column) if _must_be_given(column):
            return f"INSERT must give {_column(table, column.name)} a value"
        case (
            op.SetNotNull(table=table, column=column) | op.AddNotNull(table=table, constraint=op.NotNull(column=column))
        ):
            return f"{_column(table, column)} takes no NULL"
        case op.DropDefault(table=table, column=column):
            return f"{_column(table, column)} has no default"
        case (
            op.AddCheck(table=table)
            | op.AddUnique(table=table)
            | op.AddPrimaryKey(table=table)
            | op.AddExclusion(table=table)
        ):
            return f"{code(table)} refuses rows that it took before"
        case op.AddForeignKey(table=table, constraint=constraint):
            return f"{code(table)} takes only rows that refer to a row of {code(constraint.references)}"
        case op.CreateIndex(table=table, unique=True):
            return f"{code(table)} refuses duplicates that it took before"
        case op.CreatePolicy(table=table) | op.SetRowSecurity(table=table, state="ENABLE" | "FORCE"):
            return f"row security hides rows of {code(table)}"
        case op.RenameRelation(relation=relation, to=to, kind=kind) if kind != "INDEX":
            return f"{code(relation)} is called {code(to)}"
        case op.SetSchema(relation=relation, schema=schema):
            return f"{code(relation)} is in the schema {code(schema)}"
        case op.Truncate(tables=tables):
            return f"the rows of {_names(tables)} are gone"
        case op.Delete(table=table):
            return f"rows of {code(table)} are gone"
        case op.RenameEnumValue(type=type, value=value, to=to):
            return f"the value {code(value)} of {code(type)} is called {code(to)}"
        case op.RenameObject(kind=kind, name=name, to=to):
            return f"the {kind.lower()} {code(name)} is called {code(to)}"
        case op.AlterDomain(domain=domain, action="SET NOT NULL" | "ADD CONSTRAINT" | "ADD NOT NULL"):
            return f"{code(domain)} refuses values that it took before"
        case op.AlterComposite(type=type):
            return f"{code(type)} has other attributes"
        case _:
            return _dropped(operation)


def needed_by_new_code(operation: op.Operation) -> tuple[Name, str | None] | None:
    """The relation, type or function, and the column, that only this operation makes; None where it makes none."""
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
    """The columns, each with its table, that the change is only about; empty where it concerns more than columns.

    Running code does not know a column that the same deploy adds, so what happens to such a column it does not feel.
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


def _dropped(operation: op.Operation) -> str | None:
    match operation:
        case (
            op.DropTable(tables=names)
            | op.DropView(views=names)
            | op.DropSequence(sequences=names)
            | op.DropType(types=names)
        ):
            return f"{_names(names)} {'is' if len(names) == 1 else 'are'} gone"
        case op.DropFunction(functions=functions):
            return f"{_names(functions)} {'is' if len(functions) == 1 else 'are'} gone"
        case op.DropSchema(schemas=schemas):
            return f"the schema {listing(code(schema) for schema in schemas)} is gone"
        case _:
            return None


def _must_be_given(column: op.Column) -> bool:
    filled = column.default is not None or column.generated is not None or column.identity is not None
    if filled or (column.type is not None and column.type.is_serial):
        return False
    return any(isinstance(constraint, op.NotNull | op.PrimaryKey) for constraint in column.constraints)


def _column(table: Name, column: str) -> str:
    return code(f"{shown(table)}.{Name(column)}")


def _names(names: tuple[Name, ...]) -> str:
    return listing(code(name) for name in names)
