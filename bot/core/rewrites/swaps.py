"""Columns replaced by a second one: filled beside the old one, exchanged in an instant, dropped later."""

import re
from collections.abc import Iterator
from dataclasses import replace

from bot.core.effects import effects
from bot.core.judging.findings import SafeRewrite, Step
from bot.core.judging.rule import Moment
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import say
from bot.core.language.names import Name, quote
from bot.core.language.naming import object_name
from bot.core.language.splice import column_expression
from bot.core.language.splice import rename_column as renamed_in
from bot.core.rewrites import constraints
from bot.core.rewrites.columns import backfill, fill_by_trigger
from bot.core.rewrites.steps import beside, deploy, migration, outside
from bot.core.schema.catalog import CatalogColumn, CatalogIndex, Relation, RelationKind

_AT_UTC = re.compile(r"""\(?\s*[\w".]+\s+AT\s+TIME\s+ZONE\s+'(?:UTC|Etc/UTC|GMT)'\s*\)?""", re.IGNORECASE)


def alter_type(change: op.AlterColumnType, moment: Moment) -> SafeRewrite | None:
    """A new column of the new type, kept in step by a trigger, filled in batches, then exchanged with the old one.

    None where the column cannot be exchanged so simply: it takes part in foreign keys, checks, views or partition
    keys, or nothing is known of it.
    """
    relation, known = moment.relation(change.table), moment.column(change.table, change.column)
    if relation is None or known is None or moment.is_new(change.table):
        return None
    done = effects((change,), moment.session, moment.major)
    if not (done.rewrites or done.scans or done.index_rebuilds):
        return None
    if not (done.rewrites or done.index_rebuilds):
        return _checked_afterwards(change, relation)
    if (kept := _as_utc(change, relation, known, moment)) is not None:
        return kept
    added = op.AddColumn(change.table, op.Column(object_name(change.column, None, "new"), change.type))
    if not _is_plain(relation, known, moment) or effects((added,), moment.session, moment.major).rewrites:
        return None
    return SafeRewrite(
        tuple(_retyped(change, relation, known, moment)),
        say("{} becomes the last column of {}", named.plain(named.column(change.column)), named.plain(change.table)),
    )


def _as_utc(change: op.AlterColumnType, relation: Relation, known: CatalogColumn, moment: Moment) -> SafeRewrite | None:
    """timestamp to timestamptz: in a session whose TimeZone is UTC the rows are kept; USING rewrites them."""
    if (
        known.type.name != "timestamp"
        or change.type.name != "timestamptz"
        or known.type.modifiers != change.type.modifiers
    ):
        return None
    if change.using is None or not _AT_UTC.fullmatch(change.using.text.strip()):
        return None
    if [reference.column for reference in change.using.columns] != [change.column]:
        return None
    if _indexes(relation, change.column, moment) or _keys(relation, change.column):
        return None
    step = migration(
        f"alter_{change.table.name}_{change.column}",
        replace(change, using=None),
        note=say("Instant: under TimeZone UTC the stored values are the same. USING would rewrite them all."),
    )
    return SafeRewrite((replace(step, settings=(*step.settings, ("timezone", "UTC"))),))


def _checked_afterwards(change: op.AlterColumnType, relation: Relation) -> SafeRewrite | None:
    """The checks on the column dropped, and added again NOT VALID, in the same transaction; then validated."""
    checks = [
        (constraint.name, constraint.definition)
        for constraint in relation.constraints
        if isinstance(constraint.definition, op.Check)
        and constraint.valid
        and not constraint.inherited
        and constraint.definition.expression.mentions(change.column)
    ]
    if not checks:
        return None
    table = change.table
    again = [op.AddCheck(table, replace(check, name=name, not_valid=True)) for name, check in checks]
    dropped = [op.DropConstraint(table, name) for name, _ in checks]
    note = say("Instant: new rows are always checked, the old ones again below.")
    return SafeRewrite(
        (
            migration(f"alter_{table.name}_{change.column}", *dropped, change, *again, note=note),
            *(constraints.validate(table, name) for name, _ in checks),
        )
    )


def _is_plain(relation: Relation, column: CatalogColumn, moment: Moment) -> bool:
    """Whether only a default, NOT NULL, indexes, unique and primary keys depend on the column."""
    if relation.kind is not RelationKind.TABLE or relation.partition_of is not None or column.inherited:
        return False
    if column.generated is not None or column.identity is not None:
        return False
    if any(child.parents and relation.name in child.parents for child in moment.session.catalog.relations.values()):
        return False
    return not (
        any(_uses(constraint.definition, column.name) for constraint in relation.constraints)
        or _is_referenced(relation.name, column.name, moment)
        or any(column.name in trigger.columns for trigger in relation.triggers)
        or any(column.name in policy.columns for policy in relation.policies)
        or any(other.generated and other.generated.expression.mentions(column.name) for other in relation.columns)
        or any(
            used == relation.name and name in (None, column.name)
            for other in moment.session.catalog.relations.values()
            for used, name in other.depends_on
        )
    )


def _uses(definition: object, column: str) -> bool:
    match definition:
        case op.Check(expression=expression):
            return expression.mentions(column)
        case op.ForeignKey(columns=columns):
            return column in columns
        case op.NotNull() | op.Unique() | op.PrimaryKey():
            return False
        case _:
            return True


def _is_referenced(table: Name, column: str, moment: Moment) -> bool:
    """Whether a foreign key of another table leads to the column, or to a key that has it."""
    for other in moment.session.catalog.relations.values():
        for constraint in other.constraints:
            definition = constraint.definition
            if isinstance(definition, op.ForeignKey) and moment.session.resolve(definition.references) == table:
                columns = definition.references_columns
                if not columns or column in columns:
                    return True
    return False


def _keys(relation: Relation, column: str) -> list[tuple[str, op.Unique | op.PrimaryKey]]:
    return [
        (constraint.name, constraint.definition)
        for constraint in relation.constraints
        if isinstance(constraint.definition, op.Unique | op.PrimaryKey)
        and column in (*constraint.definition.columns, *constraint.definition.include)
    ]


def _indexes(relation: Relation, column: str, moment: Moment) -> list[CatalogIndex]:
    return [
        index
        for index in moment.session.catalog.indexes_of(relation.name)
        if index.constraint is None
        and (
            column in index.include
            or any(element.expression.mentions(column) for element in index.elements)
            or (index.where is not None and index.where.mentions(column))
        )
    ]


def _retyped(change: op.AlterColumnType, relation: Relation, known: CatalogColumn, moment: Moment) -> Iterator[Step]:
    table, old = change.table, change.column
    new, kept = object_name(old, None, "new"), object_name(old, None, "old")
    value = change.using or column_expression(old)
    function, trigger = fill_by_trigger(table, new, value, moment)
    added = op.AddColumn(table, op.Column(new, change.type, collation=change.collation or known.collation))
    yield migration(
        f"add_{table.name}_{new}", added, function, trigger, note=say("Instant; from now on new rows have both.")
    )
    yield backfill(table, new, value, every_row=known.not_null and change.using is None)
    for key, definition in _keys(relation, old):
        yield outside(f"build_{key}_new", _key_index(table, key, definition, old, new), moment)
    indexes = _indexes(relation, old, moment)
    for index in indexes:
        yield outside(f"build_{index.name.name}_new", _index_on(index, table, old, new), moment)
    proofs = constraints.not_null(table, new, moment, object_name(new, None, "not_null")) if known.not_null else ()
    yield from proofs
    yield migration(
        f"exchange_{table.name}_{old}",
        *_exchange(change, relation, known, new, kept, function.function, trigger.trigger),
        *_sequences(change, moment),
        note=say("Instant, in one transaction: code that names the column sees the new one from here on."),
    )
    yield deploy(
        say("Make sure that no running code has {} in a cached statement.", named.plain(named.column_of(table, kept)))
    )
    yield migration(
        f"drop_{table.name}_{kept}",
        op.DropColumn(table, kept),
        *(
            op.RenameRelation(beside(Name(object_name(index.name.name, None, "new")), table), index.name.name, "INDEX")
            for index in indexes
        ),
    )


def _exchange(
    change: op.AlterColumnType,
    relation: Relation,
    known: CatalogColumn,
    new: str,
    kept: str,
    function: Name,
    trigger: str,
) -> Iterator[op.Operation]:
    table, old = change.table, change.column
    keys = _keys(relation, old)
    yield op.DropTrigger(trigger, table)
    yield op.DropFunction((function,))
    yield from (op.DropConstraint(table, name) for name, _ in keys)
    yield op.RenameColumn(table, old, kept)
    yield op.RenameColumn(table, new, old)
    if known.default is not None:
        yield op.SetDefault(table, old, known.default)
        yield op.DropDefault(table, kept)
    if known.not_null:
        yield op.DropNotNull(table, kept)
    for name, definition in keys:
        index = object_name(name, None, "new")
        if isinstance(definition, op.PrimaryKey):
            yield op.AddPrimaryKey(table, op.PrimaryKey((), name, using_index=index, deferrable=definition.deferrable))
        else:
            yield op.AddUnique(table, op.Unique((), name, using_index=index, deferrable=definition.deferrable))


def _sequences(change: op.AlterColumnType, moment: Moment) -> Iterator[op.Operation]:
    """Sequences of the old column get the new one as owner, or they would be dropped with the old one."""
    table = moment.session.resolve(change.table)
    for relation in moment.session.catalog.relations.values():
        if relation.kind is RelationKind.SEQUENCE and relation.owned_by == (table, change.column):
            owner = (change.table, change.column)
            options = f"OWNED BY {change.table}.{quote(change.column)}"
            yield op.AlterSequence(beside(relation.name, change.table), options, owned_by=owner)


def _key_index(table: Name, name: str, key: op.Unique | op.PrimaryKey, old: str, new: str) -> op.CreateIndex:
    columns = tuple(new if column == old else column for column in key.columns)
    return op.CreateIndex(
        object_name(name, None, "new"),
        table,
        tuple(op.IndexElement(quote(column), column_expression(column), column) for column in columns),
        unique=True,
        concurrently=True,
        include=tuple(new if column == old else column for column in key.include),
        nulls_not_distinct=isinstance(key, op.Unique) and key.nulls_not_distinct,
    )


def _index_on(index: CatalogIndex, table: Name, old: str, new: str) -> op.CreateIndex:
    return op.CreateIndex(
        object_name(index.name.name, None, "new"),
        table,
        tuple(_element_on(element, old, new) for element in index.elements),
        unique=index.unique,
        concurrently=True,
        method=index.method,
        include=tuple(new if column == old else column for column in index.include),
        nulls_not_distinct=index.nulls_not_distinct,
        where=renamed_in(index.where, old, new) if index.where is not None else None,
    )


def _element_on(element: op.IndexElement, old: str, new: str) -> op.IndexElement:
    expression = renamed_in(element.expression, old, new)
    return replace(
        element,
        text=element.text.replace(element.expression.text, expression.text, 1),
        expression=expression,
        column=new if element.column == old else element.column,
    )
