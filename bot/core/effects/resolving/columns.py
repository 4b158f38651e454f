"""Columns that statements name outside of expressions: keys, lists, targets; and what a new column may be.

Sources: tablecmds.c (CheckAttributeNamesTypes, MergeAttributes), parse_utilcmd.c, parse_target.c (checkInsertTargets).
"""

from collections.abc import Iterable

from bot.core.effects.resolving import needs
from bot.core.effects.resolving.asking import Asking
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import Given, say
from bot.core.language.names import Name
from bot.core.language.types import SERIALS
from bot.core.schema.catalog import Relation, RelationKind, TypeKind


def need(asking: Asking, relation: Relation, columns: Iterable[str]) -> None:
    for column in columns:
        if not relation.partial and relation.column(column) is None and column not in needs.SYSTEM_COLUMNS:
            asking.fail(
                "42703", "column {} of relation {} does not exist", named.column(column, relation.name), relation.name
            )
            return


def check_listed(asking: Asking, operation: op.CreateStatistics | op.Analyze | op.AlterViewColumnDefault) -> None:
    match operation:
        case op.CreateStatistics(table=table, columns=columns):
            names, wanted = (table,), columns
        case op.Analyze(tables=tables, columns=columns):
            names, wanted = tables, columns
        case op.AlterViewColumnDefault(view=view, column=column):
            names, wanted = (view,), (column,)
    for name in names:
        relation = asking.relation(name)
        if relation is not None and (relation.columns or not relation.partial):
            need(asking, relation, wanted)


def check_targets(asking: Asking, operation: op.Insert | op.Update) -> None:
    relation = asking.relation(operation.table)
    if relation is None:
        return
    need(asking, relation, operation.columns)
    if asking.failed:
        return
    for column in operation.columns:
        if operation.columns.count(column) > 1:
            if isinstance(operation, op.Update):
                asking.fail("42601", "multiple assignments to same column {}", named.column(column, relation.name))
            else:
                asking.fail("42701", "column {} specified more than once", named.column(column, relation.name))
            return


def check_new(asking: Asking, operation: op.CreateTable | op.AddColumn | op.CreateForeignTable) -> None:
    columns = (operation.column,) if isinstance(operation, op.AddColumn) else operation.columns
    name = operation.table
    names = [column.name for column in columns]
    for column in columns:
        if column.name in needs.SYSTEM_COLUMNS:
            asking.fail("42701", "column name {} conflicts with a system column name", named.column(column.name, name))
        elif names.count(column.name) > 1:
            asking.fail("42701", "column {} specified more than once", named.column(column.name, name))
        else:
            _check_traits(asking, operation, column)
        if asking.failed:
            return
    if isinstance(operation, op.AddColumn):
        relation = asking.relation(operation.table)
        if relation is not None and relation.of_type is not None:
            asking.fail("42809", "cannot add column to typed table")
    elif isinstance(operation, op.CreateTable):
        _check_keys(asking, operation)


def _check_traits(asking: Asking, operation: op.Operation, column: op.Column) -> None:
    table = operation.subjects[0]
    serial = column.type is not None and column.type.is_serial
    if column.collation is not None:
        needs.need(asking, "COLLATION", column.collation)
        if not asking.failed and not takes_collation(asking, column):
            asking.fail("42804", "collations are not supported by type {}", Given(str(column.type)))
    if not asking.failed:
        _check_value(asking, table, column, serial=serial)
    if not asking.failed and isinstance(operation, op.AddColumn):
        _check_domain(asking, operation, column)


def _check_value(asking: Asking, table: Name, column: op.Column, *, serial: bool) -> None:
    """At most one of a default, a generation expression and an identity."""
    if column.identity is not None and (column.default is not None or serial):
        asking.fail(
            "42601", "both default and identity specified for column {} of table {}", named.column(column.name), table
        )
    elif column.generated is not None and column.default is not None:
        asking.fail(
            "42601",
            "both default and generation expression specified for column {} of table {}",
            named.column(column.name),
            table,
        )
    elif column.generated is not None and column.identity is not None:
        asking.fail(
            "42601",
            "both identity and generation expression specified for column {} of table {}",
            named.column(column.name),
            table,
        )
    elif column.identity is not None and column.type is not None:
        base = asking.database.domain_base(column.type)
        if base.schema is None and base.name not in ("int2", "int4", "int8", *SERIALS):
            asking.fail("22023", "identity column type must be smallint, integer, or bigint")
    elif column.generated is not None:
        _check_virtual(asking, column, column.generated)


def _check_virtual(asking: Asking, column: op.Column, generated: op.Generated) -> None:
    """What a virtual column cannot be or have: PostgreSQL 18 and later."""
    if asking.major < 18 or generated.stored is True:
        return
    domain = asking.database.domain(column.type) if column.type is not None else None
    kinds = {op.Unique: "unique constraints", op.PrimaryKey: "primary keys", op.ForeignKey: "foreign key constraints"}
    refused = next((words for kind, words in kinds.items() if any(isinstance(o, kind) for o in column.constraints)), "")
    if refused:
        asking.fail("0A000", "{} on virtual generated columns are not supported", Given(refused))
    elif domain is not None:
        asking.fail("0A000", "virtual generated column {} cannot have a domain type", named.column(column.name))
    elif any(asking.database.functions_named(one) for one in _called(asking, generated)):
        asking.fail("0A000", "generation expression uses user-defined function")


def _called(asking: Asking, generated: op.Generated) -> list[Name]:
    from bot.core.schema.qualify import resolve_function

    return [resolve_function(asking.database, call.function) for call in generated.expression.calls]


def _check_domain(asking: Asking, operation: op.AddColumn, column: op.Column) -> None:
    """A new column of a domain that is NOT NULL, without a value, in a table with rows."""
    if column.type is None or column.default is not None or column.generated is not None or column.identity is not None:
        return
    domain = asking.database.domain(column.type)
    if domain is not None and domain.not_null and domain.default is None and asking.work.has_rows(operation.table):
        asking.fail("23502", "domain {} does not allow null values", named.bare(named.type_called(domain.name.name)))


def takes_collation(asking: Asking, column: op.Column) -> bool:
    """Whether the type is collatable; of types that are not built in that is assumed."""
    if column.type is None:
        return True
    found = asking.database.find_type(column.type)
    if found is not None and found.kind in (TypeKind.BASE, TypeKind.DOMAIN):
        return True
    return (
        found is None
        and column.type.schema is None
        and column.type.name in ("text", "varchar", "bpchar", "name", "char")
    )


def _check_keys(asking: Asking, operation: op.CreateTable) -> None:
    """The columns of keys and of the partition key are there."""
    if operation.likes or operation.inherits or operation.partition_of is not None or operation.of_type is not None:
        return
    names = {column.name for column in operation.columns}
    inline = (one for column in operation.columns for one in column.constraints)
    keys = [one for one in (*inline, *operation.constraints) if isinstance(one, op.PrimaryKey | op.Unique)]
    if sum(isinstance(one, op.PrimaryKey) for one in keys) > 1:
        asking.fail("42P16", "multiple primary keys for table {} are not allowed", operation.table)
        return
    for key in keys:
        for column in (*key.columns, *key.include):
            if column not in names:
                asking.fail("42703", "column {} named in key does not exist", named.column(column))
                return
        if len(set(key.columns)) < len(key.columns):
            twice = next(one for one in key.columns if key.columns.count(one) > 1)
            words = "primary key" if isinstance(key, op.PrimaryKey) else "unique"
            asking.fail(
                "42701", "column {} appears twice in {} constraint", named.column(twice), say("{}", Given(words))
            )
            return
    for element in operation.partition_by.elements if operation.partition_by is not None else ():
        found = element.columns[0].column if len(element.columns) == 1 else ""
        if found and element.text.strip('"') == found and found not in names:
            asking.fail("42703", "column {} named in partition key does not exist", named.column(found))
            return


def check_storage(asking: Asking, operation: op.SetStorage | op.SetCompression) -> None:
    relation = asking.relation(operation.table)
    column = relation.column(operation.column) if relation is not None else None
    if isinstance(operation, op.SetCompression) and operation.compression.lower() not in ("pglz", "lz4", "default"):
        asking.fail("22023", "invalid compression method {}", named.thing(operation.compression))
        return
    if column is None or asking.database.find_type(column.type) is not None or column.type.dimensions:
        return
    plain = column.type.schema is None and column.type.name in _PLAIN
    if plain and isinstance(operation, op.SetCompression) and operation.compression.lower() != "default":
        asking.fail("0A000", "column data type {} does not support compression", column.type)
    elif plain and isinstance(operation, op.SetStorage) and operation.storage.upper() not in ("PLAIN", "DEFAULT"):
        asking.fail("0A000", "column data type {} can only have storage PLAIN", column.type)


_PLAIN = frozenset(
    "int2 int4 int8 bool float4 float8 oid date time timetz timestamp timestamptz interval uuid money char".split()
)


def check_collation(asking: Asking, operation: op.AlterColumnType) -> None:
    if operation.collation is not None:
        needs.need(asking, "COLLATION", operation.collation)


def check_published(asking: Asking, operation: op.DropColumn | op.AlterColumnType) -> None:
    """A column in the condition or the list of a publication is neither dropped nor retyped."""
    relation = asking.relation(operation.table)
    if relation is None or operation.column not in relation.published_columns:
        return
    if isinstance(operation, op.AlterColumnType):
        asking.fail("0A000", "cannot alter type of a column used by a publication WHERE clause")
    elif not operation.cascade:
        asking.fail(
            "2BP01",
            "cannot drop column {} of table {} because other objects depend on it",
            named.bare(named.column(operation.column, relation.name)),
            named.bare(named.relation(relation.name.name)),
        )


def check_index(asking: Asking, operation: op.CreateIndex) -> None:
    relation = asking.relation(operation.table)
    if relation is None or relation.partial:
        return
    for element in operation.elements:
        if element.column is not None:
            need(asking, relation, (element.column,))
    need(asking, relation, operation.include)
    if relation.kind is RelationKind.FOREIGN_TABLE and not asking.failed:
        asking.fail("42809", "cannot create index on relation {}", relation.name)
