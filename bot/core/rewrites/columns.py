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
from bot.core.rewrites.steps import (
    base_columns,
    beside,
    both,
    deploy,
    dollar_quoted,
    is_null,
    literal,
    migration,
    of_row,
    script,
    tested,
)
from bot.core.schema.catalog import TypeKind


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


def drop_column(change: op.DropColumn, moment: Moment) -> SafeRewrite | None:
    if moment.is_new(change.table):
        return None
    return SafeRewrite(
        (
            deploy(
                say(
                    "Release code that neither reads nor writes {} (ORMs: ignore it).",
                    named.plain(named.column_of(change.table, change.column)),
                )
            ),
            migration(f"drop_{change.table.name}_{change.column}", change, note=say("When no old code runs any more.")),
        )
    )


def fill_by_trigger(
    table: Name, column: str, expression: Expression, moment: Moment
) -> tuple[op.CreateFunction, op.CreateTrigger]:
    """A trigger that sets `column` from the other columns of its row on INSERT and on UPDATE of any of them."""
    name = object_name(table.name, column, "fill")
    function = beside(Name(name), table)
    target = f"NEW.{quote(column)}"
    body = f"\nBEGIN\n  {target} := {of_row(expression, moment, table)};\n  RETURN NEW;\nEND\n"
    watched = (*base_columns(expression, moment, table), column)
    return trigger_function(function, body), row_trigger(name, table, function, watched)


def trigger_function(function: Name, body: str) -> op.CreateFunction:
    return op.CreateFunction(
        function,
        language="plpgsql",
        body=body,
        returns="trigger",
        definition=f"CREATE FUNCTION {function}() RETURNS trigger\nLANGUAGE plpgsql AS {dollar_quoted(body)}",
    )


def row_trigger(name: str, table: Name, function: Name, columns: tuple[str, ...]) -> op.CreateTrigger:
    of = f" OF {', '.join(quote(column) for column in columns)}" if columns else ""
    return op.CreateTrigger(
        name,
        table,
        "BEFORE",
        ("INSERT", "UPDATE"),
        function,
        columns=columns,
        for_each_row=True,
        definition=(
            f"CREATE TRIGGER {quote(name)} BEFORE INSERT OR UPDATE{of} ON {table}\n"
            f"FOR EACH ROW EXECUTE FUNCTION {function}()"
        ),
    )


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
        return held._constrained(column)

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
        name = free_name(
            change.table.name, column.name, "seq", lambda one: _is_taken(Name(one, change.table.schema), moment)
        )
        sequence = Name(name, change.table.schema)
        owner = f"OWNED BY {change.table}.{quote(column.name)}"
        options = owner if number == Type("int8") else f"AS {number} {owner}"
        text = f"nextval({literal(str(sequence))})"
        call = FunctionCall(Name("nextval"), 1, 0, len(text))
        value = Expression(text, calls=(call,), conjuncts=(Conjunct(0, len(text)),))
        differs = NOTHING
        if column.identity is not None:
            differs = say(
                "{} takes its numbers from a sequence as its default, not as an identity column",
                named.plain(named.column(column.name)),
            )
        return replace(
            self,
            plain=replace(self.plain, type=number),
            default=value,
            value=value,
            sequence=op.CreateSequence(sequence, owned_by=(change.table, column.name), options=options),
            not_null=self.not_null or op.NotNull(column.name),
            differs=differs,
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

    def _constrained(self, column: op.Column) -> "_Parts | None":
        by_hand = self.not_null is not None and column.default is None
        scanned_keys = self.keys if column.default is not None else ()
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
