"""CREATE SCHEMA, with the objects that may be created in it at once.

Manual: https://www.postgresql.org/docs/current/sql-createschema.html. What the names of the elements mean is in
transformCreateSchemaStmtElements (parse_utilcmd.c) and CreateSchemaCommand (schemacmds.c); measured on PostgreSQL 18.
"""

from collections.abc import Callable

from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.core.record import replace
from bot.sql.statements.dispatch import Operations, statement
from bot.sql.text.cursor import Cursor

_Element = op.CreateSequence | op.CreateTable | op.CreateView | op.CreateIndex | op.CreateTrigger | op.Grant
_ORDER = (op.CreateSequence, op.CreateTable, op.CreateView, op.CreateIndex, op.CreateTrigger, op.Grant)
"""PostgreSQL up to 18 runs the elements in this order, whatever order they are written in."""


def create_schema(c: Cursor) -> Operations:
    """What follows CREATE: SCHEMA ... Without a name of its own, the schema has its owner's name."""
    c.need("SCHEMA")
    if_not_exists = c.if_not_exists()
    schema = "" if c.is_at("AUTHORIZATION") else c.name()
    if c.eat("AUTHORIZATION"):
        owner = c.role()
        schema = schema or owner
    elements: list[_Element] = []
    # With IF NOT EXISTS there can be no elements.
    while not if_not_exists and c.is_at_any("CREATE", "GRANT"):
        elements.append(_element(c, schema))
    elements.sort(key=lambda element: _ORDER.index(type(element)))
    known = frozenset(name for element in elements if (name := _created(element)) is not None)
    return (op.CreateSchema(schema, if_not_exists), *(_resolved(element, known) for element in elements))


def _element(c: Cursor, schema: str) -> _Element:
    """One element (schema_stmt); what it creates, or adds to a table, belongs to the new schema."""
    operations = statement(c)
    match operations[0]:
        case op.CreateTable(table=table, persistence=persistence) as element:
            return replace(element, table=_within(c, table, schema, temporary=persistence == "temporary"))
        case op.CreateSequence(sequence=sequence, temporary=temporary) as element:
            return replace(element, sequence=_within(c, sequence, schema, temporary=temporary))
        case op.CreateView(view=view, temporary=temporary) as element:
            return replace(element, view=_within(c, view, schema, temporary=temporary))
        case (op.CreateIndex(table=table) | op.CreateTrigger(table=table)) as element:
            return replace(element, table=_within(c, table, schema))
        case op.Grant(revoke=False) as element:
            # Its names mean those of the schema being created only here.
            return replace(element, definition="")
    return c.fail("CREATE SCHEMA can create tables, views, indexes, sequences and triggers, and GRANT; nothing else")


def _within(c: Cursor, name: Name, schema: str, *, temporary: bool = False) -> Name:
    if temporary:
        c.fail(f"{name.name} cannot be temporary in the schema {schema}")
    if name.schema not in (None, schema):
        c.fail(f"CREATE specifies a schema ({name.schema}) different from the one being created ({schema})")
    return name.within(schema)


def _created(element: _Element) -> Name | None:
    match element:
        case op.CreateTable(table=name) | op.CreateSequence(sequence=name) | op.CreateView(view=name):
            return name
    return None


def _resolved(element: _Element, known: frozenset[Name]) -> _Element:
    """The element with its references to other elements qualified; other names are resolved as usual.

    While the elements run, the new schema is the first of the search path, and holds nothing else.
    """
    by_name = {name.name: name for name in known}

    def resolved(name: Name) -> Name:
        return by_name.get(name.name, name) if name.schema is None else name

    match element:
        case op.CreateTable():
            return _table(element, resolved)
        case op.CreateView(query=query):
            return replace(element, query=replace(query, relations=tuple(map(resolved, query.relations))))
        case op.CreateTrigger(from_table=Name() as from_table):
            return replace(element, from_table=resolved(from_table))
        case op.Grant(relations=relations):
            return replace(element, relations=tuple(map(resolved, relations)))
    return element


def _table(table: op.CreateTable, resolved: Callable[[Name], Name]) -> op.CreateTable:
    def constraints(given: tuple[op.Constraint, ...]) -> tuple[op.Constraint, ...]:
        return tuple(
            replace(constraint, references=resolved(constraint.references))
            if isinstance(constraint, op.ForeignKey)
            else constraint
            for constraint in given
        )

    return replace(
        table,
        columns=tuple(replace(column, constraints=constraints(column.constraints)) for column in table.columns),
        constraints=constraints(table.constraints),
        likes=tuple(replace(like, table=resolved(like.table)) for like in table.likes),
        inherits=tuple(map(resolved, table.inherits)),
        partition_of=None if table.partition_of is None else resolved(table.partition_of),
    )
