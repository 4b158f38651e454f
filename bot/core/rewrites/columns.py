"""Columns added, retyped, renamed and dropped without rewriting a table in use."""

from collections.abc import Iterator
from dataclasses import replace

from bot.core.effects import effects
from bot.core.judging.findings import SafeRewrite, Step
from bot.core.judging.rule import Moment
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.expression import Conjunct, Expression, FunctionCall
from bot.core.language.messages import NOTHING, Message, Unmarked, joined, say
from bot.core.language.names import Name, quote
from bot.core.language.naming import free_name, object_name
from bot.core.language.splice import rename_column as renamed_in
from bot.core.language.types import SERIALS, Type
from bot.core.record import record
from bot.core.rewrites import constraints, foreign_keys, keys
from bot.core.rewrites.again import count_on, grant
from bot.core.rewrites.steps import (
    both,
    deploy,
    is_null,
    literal,
    migration,
    script,
    tested,
)
from bot.core.rewrites.triggers import fill_by_trigger
from bot.core.schema.catalog import CatalogGrant, TypeKind

JSONB = say("jsonb takes the place of json: it keeps neither blanks nor the order of keys, nor keys that come twice")


def add_column(change: op.AddColumn, moment: Moment) -> SafeRewrite | None:
    """The column in the form that is instant, its values in batches, its constraints afterwards."""
    column = change.column
    if moment.is_new(change.table) or column.type is None:
        return None
    parts = _Parts.of(change, moment)
    if parts is None:
        return None
    referring = [op.AddForeignKey(change.table, key) for key in parts.keys]
    differs = joined("; ", (parts.differs, *(foreign_keys.difference(key, moment) for key in referring)))
    return SafeRewrite(tuple(_add_column(change, parts, moment)), differs)


def jsonb_instead(change: op.AddColumn, moment: Moment) -> SafeRewrite | None:
    """The column as jsonb where it would be json, in a table in use."""
    changed = with_jsonb(change)
    if moment.is_new(change.table) or changed == change:
        return None
    return SafeRewrite((migration(f"add_{change.table.name}_{change.column.name}", changed),), JSONB)


def with_jsonb(operation: op.Operation) -> op.Operation:
    """The operation with jsonb for every new column of type json."""
    match operation:
        case op.AddColumn(column=column):
            return replace(operation, column=_as_jsonb(column))
        case op.CreateTable(columns=columns):
            return replace(operation, columns=tuple(map(_as_jsonb, columns)))
        case _:
            return operation


def _as_jsonb(column: op.Column) -> op.Column:
    if column.type is None or column.type.element.name != "json" or column.type.schema is not None:
        return column
    return replace(column, type=replace(column.type, name="jsonb"))


def backfill(table: Name, column: str, value: Expression, *, every_row: bool) -> Step:
    """A script that fills the column where it is empty; `every_row`: the value is never NULL itself."""
    where = is_null(column) if every_row else both(is_null(column), tested(value, "IS NOT NULL"))
    assignment = f"{quote(column)} = {value.text}"
    return script(
        f"backfill_{table.name}_{column}",
        op.Update(table, (column,), where, assignments=assignment),
        say("In batches, each committed, with a pause between them; it can be stopped and run again."),
    )


@record
class _Parts:
    """The parts of a column definition: what is instant, what fills the column, what must wait until it is full."""

    plain: op.Column
    default: Expression | None = None
    """Set after the column exists, for new rows only."""
    value: Expression | None = None
    """The value for existing rows."""
    generated: bool = False
    sequence: op.CreateSequence | None = None
    identity: op.Identity | None = None
    """What the column becomes once every row has a number from `sequence`."""
    checks: tuple[op.Check, ...] = ()
    keys: tuple[op.ForeignKey, ...] = ()
    uniques: tuple[op.Unique, ...] = ()
    primary: op.PrimaryKey | None = None
    not_null: op.NotNull | None = None
    by_hand: bool = False
    """There is no value for existing rows."""
    differs: Message = NOTHING

    @staticmethod
    def of(change: op.AddColumn, moment: Moment) -> "_Parts | None":
        """None where the column can be added unchanged, or no safe way is known."""
        column = change.column
        bare = op.Column(column.name, column.type, collation=column.collation, compression=column.compression)
        held = _Parts(
            plain=bare,
            checks=tuple(one for one in column.constraints if isinstance(one, op.Check) and not one.not_valid),
            keys=tuple(one for one in column.constraints if isinstance(one, op.ForeignKey)),
            uniques=tuple(one for one in column.constraints if isinstance(one, op.Unique)),
            primary=next((one for one in column.constraints if isinstance(one, op.PrimaryKey)), None),
            not_null=next((one for one in column.constraints if isinstance(one, op.NotNull)), None),
        )
        if column.generated is not None:
            return held._generated(column, moment)
        if column.identity is not None or (column.type is not None and column.type.is_serial):
            return held._numbered(change, moment)
        if _rewrites(change, bare, moment):
            return held._of_domain(change, moment)
        if column.default is not None and _rewrites(change, replace(bare, default=column.default), moment):
            return replace(held, default=column.default, value=column.default)
        return held._constrained(change, moment)

    def _generated(self, column: op.Column, moment: Moment) -> "_Parts | None":
        generated = column.generated
        if generated is None or generated.stored is False or (generated.stored is None and moment.major >= 18):
            return None
        differs = say(
            "{} is an ordinary column that a trigger fills, not a generated one; what code writes to it directly is "
            "overwritten",
            named.plain(named.column(column.name)),
        )
        return replace(self, generated=True, value=generated.expression, differs=differs)

    def _numbered(self, change: op.AddColumn, moment: Moment) -> "_Parts":
        column = change.column
        kind = column.type
        number = Type(SERIALS[kind.name]) if kind is not None and kind.is_serial else kind
        label = "seq" if column.identity is None else "fill"
        name = free_name(
            change.table.name, column.name, label, lambda one: _is_taken(Name(one, change.table.schema), moment)
        )
        sequence = Name(name, change.table.schema)
        options = f"OWNED BY {change.table}.{quote(column.name)}"
        if column.identity is not None and column.identity.options:
            options = f"{column.identity.options} {options}"
        if number != Type("int8"):
            options = f"AS {number} {options}"
        text = f"nextval({literal(str(sequence))})"
        call = FunctionCall(Name("nextval"), 1, 0, len(text))
        value = Expression(text, calls=(call,), conjuncts=(Conjunct(0, len(text)),))
        return replace(
            self,
            plain=replace(self.plain, type=number),
            default=value,
            value=value,
            sequence=op.CreateSequence(sequence, owned_by=(change.table, column.name), options=options),
            identity=column.identity,
            not_null=self.not_null or op.NotNull(column.name),
        )

    def _of_domain(self, change: op.AddColumn, moment: Moment) -> "_Parts | None":
        """A constrained domain makes PostgreSQL check every row: the base type with the same checks does not."""
        column = change.column
        if column.type is None:
            return None
        known = next(
            (
                one
                for name, one in moment.session.catalog.types.items()
                if name.name == column.type.name and column.type.schema in (None, name.schema)
            ),
            None,
        )
        if known is None or known.kind is not TypeKind.DOMAIN or known.base is None or known.not_null or known.default:
            return None
        checks = tuple(
            replace(
                check.definition,
                expression=renamed_in(check.definition.expression, "value", column.name),
                name=object_name(change.table.name, column.name, "check" if position == 0 else f"check{position}"),
            )
            for position, check in enumerate(known.checks)
            if isinstance(check.definition, op.Check)
        )
        if any("value" in check.expression.text.lower().replace(column.name.lower(), "") for check in checks):
            return None
        return replace(
            self,
            plain=replace(self.plain, type=known.base, default=column.default),
            checks=(*checks, *self.checks),
            differs=say(
                "{} is {} with a check, not {}",
                named.plain(named.column(column.name)),
                Unmarked(known.base),
                named.plain(named.type_called(known.name)),
            ),
        )

    def _constrained(self, change: op.AddColumn, moment: Moment) -> "_Parts | None":
        column = change.column
        by_hand = self.not_null is not None and column.default is None
        unique = bool(self.uniques or self.primary)
        later = column.default is not None or (not unique and foreign_keys.lacks_index(change.table, self.keys, moment))
        scanned_keys = self.keys if later else ()
        if not (by_hand or self.checks or self.uniques or self.primary or scanned_keys):
            return None
        kept = (self.not_null,) if self.not_null is not None and not by_hand else ()
        if not scanned_keys:
            kept = (*kept, *self.keys)
        return replace(
            self,
            plain=replace(self.plain, default=column.default, constraints=kept),
            keys=scanned_keys,
            not_null=self.not_null if by_hand else None,
            by_hand=by_hand,
        )


def _add_column(change: op.AddColumn, parts: _Parts, moment: Moment) -> Iterator[Step]:
    table, column = change.table, parts.plain.name
    first: list[op.Operation] = [replace(change, column=parts.plain)]
    if parts.sequence is not None:
        first.append(parts.sequence)
    if parts.sequence is not None and parts.identity is not None:
        first += _usable(parts.sequence.sequence, table, moment)
    if parts.default is not None:
        first.append(op.SetDefault(table, column, parts.default))
    if parts.generated and parts.value is not None:
        first += fill_by_trigger(table, column, parts.value, moment)
    checks = [constraints.check_not_valid(op.AddCheck(table, check), moment) for check in parts.checks]
    waits = parts.value is not None or parts.by_hand
    if not waits:
        first += checks
    yield migration(f"add_{table.name}_{column}", *first, note=say("Instant: no row is touched."))
    yield from _filled(table, parts)
    if waits and checks:
        yield migration(
            f"add_{table.name}_{column}_check", *checks, note=say("Checked for new rows from now on; nothing is read.")
        )
    for check in checks:
        yield constraints.validate(table, str(check.constraint.name))
    yield from _constrained(table, column, parts, moment)


def _usable(sequence: Name, table: Name, moment: Moment) -> Iterator[op.Grant]:
    """Who inserts into the table needs USAGE on the sequence of a default, and none on that of an identity column."""
    relation = moment.relation(table)
    known = relation.grants if relation is not None else None
    roles = ["PUBLIC"] if known is None else [one.role for one in known if "INSERT" in one.privileges]
    for role in dict.fromkeys(roles):
        yield grant(CatalogGrant(role, ("USAGE",)), sequence, kind="SEQUENCE")


def _constrained(table: Name, column: str, parts: _Parts, moment: Moment) -> Iterator[Step]:
    """The constraints of the new column that read its values, each in its safe form."""
    for key in parts.keys:
        yield from foreign_keys.foreign_key(op.AddForeignKey(table, key), moment)
    if parts.not_null is not None and parts.primary is None:
        yield from constraints.not_null(table, column, moment, parts.not_null.name)
    for key in parts.uniques:
        yield from keys.unique(op.AddUnique(table, key), moment)
    if parts.primary is not None:
        planned = keys.add_key(op.AddPrimaryKey(table, parts.primary), moment)
        yield from planned.steps if planned is not None else ()
    if parts.identity is not None and parts.sequence is not None and parts.default is not None:
        yield _identity(table, column, parts.identity, parts.sequence, parts.default, moment)


def _identity(
    table: Name,
    column: str,
    identity: op.Identity,
    filling: op.CreateSequence,
    default: Expression,
    moment: Moment,
) -> Step:
    """The identity column's own sequence goes on where the one stands that filled the rows.

    The table is locked from the first statement on, so nobody takes a number in between. Of two sequences that the
    column owns, pg_get_serial_sequence finds the older: that one is let go first.
    """
    counted = free_name(table.name, column, "seq", lambda one: _is_taken(Name(one, table.schema), moment))
    own = f"pg_get_serial_sequence({literal(str(table))}, {literal(column)})"
    step = migration(
        f"identity_{table.name}_{column}",
        op.DropDefault(table, column),
        op.AlterSequence(filling.sequence, "OWNED BY NONE"),
        op.AddIdentity(table, column, identity),
        count_on(own, filling.sequence),
        op.DropSequence((filling.sequence,)),
        note=say("Instant: the numbers go on where the sequence stands."),
    )
    down = (
        filling,
        count_on(literal(str(filling.sequence)), Name(counted, table.schema)),
        op.DropIdentity(table, column),
        op.SetDefault(table, column, default),
    )
    return replace(step, down=down)


def _filled(table: Name, parts: _Parts) -> Iterator[Step]:
    column = parts.plain.name
    if parts.by_hand:
        yield deploy(
            say(
                "Release code that always writes {}, and give the existing rows a value in batches: what value, only "
                "you know.",
                named.plain(named.column_of(table, column)),
            )
        )
    if parts.value is not None:
        yield backfill(table, column, parts.value, every_row=not parts.generated)


def _rewrites(change: op.AddColumn, column: op.Column, moment: Moment) -> bool:
    """Whether adding only this part of the column would rewrite the table."""
    return bool(effects((replace(change, column=column),), moment.session, moment.major).rewrites)


def _is_taken(name: Name, moment: Moment) -> bool:
    catalog = moment.session.catalog
    resolved = moment.session.resolve(name)
    return resolved in catalog.relations or resolved in catalog.indexes
