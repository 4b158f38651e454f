"""The new columns and the triggers: forwards they fill them from the old, after the exchange the old from them."""

from collections.abc import Iterator, Sequence

from bot.core.judging.findings import Step
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.messages import Message, listing, paragraphs, say
from bot.core.language.names import Name, quote
from bot.core.language.naming import object_name
from bot.core.language.splice import rename_column
from bot.core.language.types import Type
from bot.core.record import replace
from bot.core.rewrites import triggers
from bot.core.rewrites.again import grant
from bot.core.rewrites.retyping.conversions import may_lack
from bot.core.rewrites.retyping.swap import Swap, Swapped
from bot.core.rewrites.steps import base_columns, both, is_null, migration, of_row, script, shifted, tested

_WITHOUT_EQUALITY = frozenset({"json", "xml", "point", "polygon", "box", "circle", "lseg", "path", "line"})
_REFUSED = "data_exception OR check_violation OR not_null_violation"
"""A value that the old type cannot hold: out of range, too long, refused by its domain."""


def add_columns(swap: Swap) -> Step:
    """The new columns, filled in every row that is written from now on."""
    operations: list[op.Operation] = []
    for column in swap.columns:
        operations += like_the_old(swap, column, column.new, column.change.type)
    operations += fill_forwards(swap)
    down: list[op.Operation] = [*no_filling(swap)]
    down += [op.DropColumn(swap.table, column.new) for column in reversed(swap.columns)]
    note = say("Instant: no row is touched. From now on every row that is written has both.")
    if swap.relation.publications:
        note = paragraphs(
            note,
            say("{} is published: add the new column on the subscribers first.", named.plain(swap.table)),
        )
    added = "_".join(column.new for column in swap.columns)
    step = migration(f"add_{swap.table.name}_{added}", *operations, note=note)
    return replace(step, down=tuple(down))


def like_the_old(swap: Swap, column: Swapped, name: str, kind: Type) -> Iterator[op.Operation]:
    """A column with what was set for the old one: storage, statistics, privileges, comment."""
    known, table = column.known, swap.table
    same_type = known.type.name == kind.name
    collation = known.collation if same_type else None
    if kind == column.change.type:
        collation = column.change.collation or collation
    compression = known.compression if same_type else None
    yield op.AddColumn(table, op.Column(name, kind, collation=collation, compression=compression))
    if known.storage is not None and same_type:
        yield op.SetStorage(table, name, known.storage)
    if known.statistics_target is not None:
        yield op.SetStatistics(table, name, str(known.statistics_target))
    if known.options:
        yield op.SetColumnOptions(table, name, known.options)
    for privileges in swap.relation.grants or ():
        if privileges.column == column.name:
            yield grant(privileges, table, column=name)
    if known.comment is not None:
        yield op.CommentOn("COLUMN", name, table, known.comment)


def fill_forwards(swap: Swap) -> tuple[op.CreateFunction, op.CreateTrigger]:
    """The trigger that sets the new columns whenever the old ones are written."""
    lines = [
        f"  NEW.{quote(column.new)} := {of_row(column.conversion.value, swap.moment, swap.table)};"
        for column in swap.columns
    ]
    watched = [
        name
        for column in swap.columns
        for name in (*base_columns(column.conversion.value, swap.moment, swap.table), column.new)
    ]
    return _trigger(swap, "fill", lines, watched)


def keep_in_step(swap: Swap) -> tuple[op.CreateFunction, op.CreateTrigger]:
    """The trigger that keeps the old columns in step after the exchange, where a value leads back.

    Only code that inserts without naming columns still writes an old column: its value is meant for the new one.
    """
    lines = [line for column in swap.columns for line in (*_meant(swap, column), *_assign_back(column))]
    return _trigger(swap, "keep", lines, [name for column in swap.columns for name in (column.name, column.kept)])


def _meant(swap: Swap, column: Swapped) -> Iterator[str]:
    value = column.conversion.value
    for one in swap.columns:
        value = rename_column(value, one.name, one.kept)
    text = of_row(value, swap.moment, swap.table, known=[one.kept for one in swap.columns])
    yield f"  IF TG_OP = 'INSERT' AND NEW.{quote(column.kept)} IS NOT NULL THEN"
    yield f"    NEW.{quote(column.name)} := {text};"
    yield "  END IF;"


def _assign_back(column: Swapped) -> Iterator[str]:
    if column.conversion.back is None:
        return
    back = column.conversion.back.replace("{}", f"NEW.{quote(column.name)}")
    kept = f"NEW.{quote(column.kept)}"
    compared = column.change.type.name not in _WITHOUT_EQUALITY
    indent = "  "
    if compared:
        name = quote(column.name)
        yield f"  IF TG_OP = 'INSERT' OR NEW.{name} IS DISTINCT FROM OLD.{name} THEN"
        indent = "    "
    if may_lack(column.known.type, back):
        yield f"{indent}BEGIN"
        yield f"{indent}  {kept} := {back};"
        yield f"{indent}EXCEPTION WHEN {_REFUSED} THEN"
        yield f"{indent}  {kept} := NULL;"
        yield f"{indent}END;"
    else:
        yield f"{indent}{kept} := {back};"
    if compared:
        yield "  END IF;"


def no_filling(swap: Swap) -> tuple[op.DropTrigger, op.DropFunction]:
    return triggers.no_filling(swap.table, _name(swap, "fill"), swap.moment)


def no_keeping(swap: Swap) -> tuple[op.DropTrigger, op.DropFunction]:
    return triggers.no_filling(swap.table, _name(swap, "keep"), swap.moment)


def _trigger(
    swap: Swap, label: str, lines: Sequence[str], watched: Sequence[str]
) -> tuple[op.CreateFunction, op.CreateTrigger]:
    values = [column.conversion.value for column in swap.columns]
    return triggers.filling(swap.table, _name(swap, label), lines, watched, values, swap.moment)


def _name(swap: Swap, label: str) -> str:
    first = swap.columns[0]
    return object_name(swap.table.name, first.new if label == "fill" else first.kept, label)


def backfills(swap: Swap) -> Iterator[Step]:
    """The scripts for the rows that are there: one, or one for each partition."""
    tables = [swap.moment.session.resolve(swap.table)]
    written = [swap.table]
    if swap.is_partitioned:
        tables = [leaf.name for leaf in swap.leaves]
        schema = swap.table.schema
        written = [
            Name(name.name, name.schema if schema is not None or name.schema != swap.name.schema else None)
            for name in tables
        ]
    for table in written:
        yield script(
            f"backfill_{table.name}_{'_'.join(column.new for column in swap.columns)}",
            op.Update(
                table,
                tuple(column.new for column in swap.columns),
                _empty(swap),
                assignments=", ".join(
                    f"{quote(column.new)} = {column.conversion.value.text}" for column in swap.columns
                ),
            ),
            _script_note(swap),
        )


def _script_note(swap: Swap) -> Message:
    note = say("In batches, each committed, with a pause between them; it can be stopped and run again.")
    failing = [column for column in swap.columns if column.conversion.may_fail]
    if failing:
        columns = listing(named.plain(named.column(column.name)) for column in failing)
        note = paragraphs(note, say("It stops at a row whose {} does not fit the new type: mend that row.", columns))
    unproven = [
        one for one in swap.relation.constraints if isinstance(one.definition, op.Check | op.NotNull) and not one.valid
    ]
    if unproven:
        checks = listing(named.plain(named.constraint(one.name, swap.name)) for one in unproven)
        note = paragraphs(note, say("It stops at a row that breaks {}, not validated yet: mend that row.", checks))
    return note


def _empty(swap: Swap) -> Expression:
    """The rows in which one of the new columns is still to be filled."""
    parts = [_still_empty(column) for column in swap.columns]
    if len(parts) == 1:
        return parts[0]
    text = ""
    whole: Expression | None = None
    for part in parts:
        opening = f"{text} OR (" if text else "("
        moved = shifted(part, len(opening))
        text = f"{opening}{part.text})"
        whole = Expression(
            text,
            (*(whole.columns if whole else ()), *moved.columns),
            (*(whole.calls if whole else ()), *moved.calls),
            (*(whole.casts if whole else ()), *moved.casts),
            (),
        )
    return whole or parts[0]


def _still_empty(column: Swapped) -> Expression:
    plain = column.change.using is None
    if column.known.not_null and plain:
        return is_null(column.new)
    return both(is_null(column.new), tested(column.conversion.value, "IS NOT NULL"))
