"""Columns renamed: both names at once, kept equal by a trigger or shown by a view, until no code uses the old one."""

from collections.abc import Iterator

from bot.core.judging.findings import SafeRewrite, Step
from bot.core.judging.rule import Moment
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import say
from bot.core.language.names import Name, quote
from bot.core.language.naming import object_name
from bot.core.language.splice import column_expression
from bot.core.rewrites import constraints
from bot.core.rewrites.columns import backfill
from bot.core.rewrites.stand_ins import rename_column_behind
from bot.core.rewrites.steps import beside, deploy, literal, migration, script, tested, written_beside
from bot.core.rewrites.triggers import row_trigger, trigger_function
from bot.core.schema.catalog import CatalogColumn, Relation, RelationKind


def rename_column(change: op.RenameColumn, moment: Moment) -> SafeRewrite | None:
    """A second column where nothing hangs on the first; else a view with both names, in the place of the table."""
    if moment.is_new(change.table) or change.kind == "TYPE":
        return None
    relation, known = moment.relation(change.table), moment.column(change.table, change.column)
    if relation is not None and relation.columns and not relation.partial and known is None:
        return None
    if relation is None or known is None or not _is_plain(relation, known, moment):
        return rename_column_behind(change, moment)
    return SafeRewrite(
        tuple(_renamed(change, relation, known, moment)),
        say("{} becomes the last column of {}", named.plain(named.column(change.to)), named.plain(change.table)),
    )


def rename_enum_value(change: op.RenameEnumValue, moment: Moment) -> SafeRewrite:
    """A second value beside the old one; the rows in batches between two deploys; the old value stays, unused."""
    type_, old, new = change.type, change.value, change.to
    columns = [
        (relation.name, column.name)
        for relation in moment.session.catalog.relations.values()
        if relation.kind in (RelationKind.TABLE, RelationKind.PARTITIONED_TABLE) and relation.partition_of is None
        for column in relation.columns
        if column.type.name == type_.name and not column.type.dimensions
    ]
    steps = [
        migration(
            f"add_value_{new}_to_{type_.name}",
            op.AddEnumValue(type_, new, after=old),
            note=say("Instant; no code writes it yet."),
        ),
        deploy(
            say(
                "Release code that reads {} and {} and writes {}, also in defaults, checks and functions.",
                named.quoted(named.thing(old)),
                named.quoted(named.thing(new)),
                named.quoted(named.thing(new)),
            )
        ),
    ]
    for table, column in columns:
        where = tested(column_expression(column), f"= {literal(old)}")
        steps.append(
            script(
                f"move_{table.name}_{column}_to_{new}",
                op.Update(
                    written_beside(table, Name(type_.name, type_.schema)),
                    (column,),
                    where,
                    assignments=f"{quote(column)} = {literal(new)}",
                ),
                say("In batches, each committed, with a pause between them; it can be stopped and run again."),
            )
        )
    steps.append(
        deploy(
            say(
                "Release code that knows only {}, when no row holds {}: move rows in batches before.",
                named.quoted(named.thing(new)),
                named.quoted(named.thing(old)),
            )
        )
    )
    return SafeRewrite(
        tuple(steps),
        say(
            "{} stays a value of {}, which nothing uses",
            named.quoted(named.thing(old)),
            named.plain(named.type_called(type_)),
        ),
    )


def _is_plain(relation: Relation, column: CatalogColumn, moment: Moment) -> bool:
    """Whether nothing but NOT NULL, and then a default, hangs on the column.

    With a default and without NOT NULL a trigger cannot tell the NULL that new code writes from a value left out.
    """
    return not (
        relation.kind is not RelationKind.TABLE
        or relation.partial
        or relation.partition_of is not None
        or column.inherited
        or column.generated is not None
        or column.identity is not None
        or (column.default is not None and not column.not_null)
        or column.comment is not None
        or column.storage is not None
        or column.compression is not None
        or column.statistics_target is not None
        or column.options
        or column.name in relation.published_columns
        or any(grant.column == column.name for grant in relation.grants or ())
        or any(column.name in one.columns for one in relation.extended_statistics)
        or _is_in_use(relation, column.name, moment)
    )


def _is_in_use(relation: Relation, column: str, moment: Moment) -> bool:
    """Whether a constraint, index, trigger, policy, rule, sequence, view or generated column uses it."""
    catalog = moment.session.catalog
    return bool(
        relation.rules
        or any(_uses(constraint.definition, column) for constraint in relation.constraints)
        or any(
            column in index.include
            or any(element.expression.mentions(column) for element in index.elements)
            or (index.where is not None and index.where.mentions(column))
            for index in catalog.indexes_of(relation.name)
        )
        or any(column in trigger.columns for trigger in relation.triggers)
        or any(column in policy.columns for policy in relation.policies)
        or any(other.generated and other.generated.expression.mentions(column) for other in relation.columns)
        or any(relation.name in other.parents for other in catalog.relations.values())
        or any(other.owned_by == (relation.name, column) for other in catalog.relations.values())
        or any(
            used == relation.name and name in (None, column)
            for other in catalog.relations.values()
            for used, name in other.depends_on
        )
    )


def _uses(definition: object, column: str) -> bool:
    match definition:
        case op.Check(expression=expression):
            return expression.mentions(column)
        case op.ForeignKey(columns=columns):
            return column in columns
        case op.Unique() | op.PrimaryKey():
            return column in (*definition.columns, *definition.include)
        case op.NotNull():
            return False
        case _:
            return True


def _renamed(change: op.RenameColumn, relation: Relation, known: CatalogColumn, moment: Moment) -> Iterator[Step]:
    """The new column has no default while the old one is there: it would be written over what old code writes."""
    table, old, new = change.table, change.column, change.to
    name = _last_to_fire(object_name(table.name, new, "sync"), relation)
    function = beside(Name(name), table)
    yield migration(
        f"add_{table.name}_{new}",
        op.AddColumn(table, op.Column(new, known.type, collation=known.collation)),
        trigger_function(function, _both_ways(quote(old), quote(new))),
        row_trigger(name, table, function, ()),
        note=say("Instant; from now on both columns have the same value, whichever of them code writes."),
    )
    yield backfill(table, new, column_expression(old), every_row=known.not_null)
    kept = next(
        (
            one.name
            for one in relation.constraints
            if isinstance(one.definition, op.NotNull) and one.definition.column == old
        ),
        None,
    )
    proven = constraints.not_null(table, new, moment) if known.not_null else ()
    yield from proven
    yield deploy(say("Release code that uses {} only.", named.plain(named.column_of(table, new))))
    declared = next(
        (one.constraint.name for step in proven for one in step.operations if isinstance(one, op.AddNotNull)), None
    )
    yield migration(
        f"drop_{table.name}_{old}",
        op.DropTrigger(name, table),
        op.DropFunction((function,)),
        op.DropColumn(table, old),
        *((op.SetDefault(table, new, known.default),) if known.default is not None else ()),
        *((op.RenameConstraint(table, declared, kept),) if kept and declared and kept != declared else ()),
        note=say("When no old code runs any more."),
    )


def _last_to_fire(name: str, relation: Relation) -> str:
    """Triggers fire in the order of their names: what another one changes has to be carried over, too."""
    later = any(one.timing in ("BEFORE", "") and one.name > name for one in relation.triggers)
    return object_name("zz", name) if later else name


def _both_ways(old: str, new: str) -> str:
    return f"""
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW.{new} := coalesce(NEW.{new}, NEW.{old});
    NEW.{old} := NEW.{new};
  ELSIF NEW.{new} IS DISTINCT FROM OLD.{new} THEN
    NEW.{old} := NEW.{new};
  ELSIF NEW.{old} IS DISTINCT FROM OLD.{old} THEN
    NEW.{new} := NEW.{old};
  END IF;
  RETURN NEW;
END
"""
