"""Which way a change of types takes, and its steps in order."""

from collections.abc import Iterable, Iterator, Sequence

from bot.core.judging.findings import SafeRewrite, Step
from bot.core.judging.rule import Moment
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import NOTHING, Message, joined, listing, plural, say
from bot.core.language.names import Name, quote
from bot.core.record import replace
from bot.core.rewrites.retyping.asked import OF_THE_COLUMN, as_left, heavy, linked, rewrites_rows
from bot.core.rewrites.retyping.exchange import exchange
from bot.core.rewrites.retyping.hanging import swaps_of
from bot.core.rewrites.retyping.in_place import in_place
from bot.core.rewrites.retyping.proving import builds, leads_back, old_indexes, proofs
from bot.core.rewrites.retyping.second_columns import (
    add_columns,
    backfills,
    keep_in_step,
    like_the_old,
    no_keeping,
)
from bot.core.rewrites.retyping.swap import Swap, Swapped
from bot.core.rewrites.steps import deploy, migration
from bot.core.schema.catalog import CatalogColumn


def alter_types(moment: Moment) -> SafeRewrite | None:
    """The plan for all columns that the statement retypes, None where that is instant or no way is known."""
    if "retyped" not in moment.once:
        moment.once["retyped"] = _planned(moment)
    planned = moment.once["retyped"]
    return planned if isinstance(planned, SafeRewrite) else None


def why_not(moment: Moment) -> Message | None:
    """Why there is no plan; None where there is one, or none is needed."""
    alter_types(moment)
    planned = moment.once["retyped"]
    return planned if isinstance(planned, Message) else None


def no_way(moment: Moment) -> Message:
    """The sentence that says so."""
    reason = why_not(moment)
    return say("No way around that is known here: {}.", reason) if reason is not None else NOTHING


def belongs(moment: Moment) -> tuple[op.Operation, ...]:
    """The operations of the statement that the plan of `alter_types` does, in their order."""
    if alter_types(moment) is None:
        return ()
    columns = {one.column for one in heavy(moment)}
    changes = set(map(id, heavy(moment)))
    return tuple(
        one
        for one in moment.statement.operations
        if id(one) in changes or (isinstance(one, OF_THE_COLUMN) and one.column in columns)
    )


def _planned(moment: Moment) -> SafeRewrite | Message | None:
    changes = heavy(moment)
    if not changes or moment.is_new(changes[0].table):
        return None
    if (plan := in_place(changes, moment, rewrites=rewrites_rows(changes, moment))) is not None:
        return plan
    several = linked(moment)
    if len(several) > 1 and isinstance(joint := _exchanged(several), SafeRewrite):
        if several[0].index == moment.index:
            return replace(joint, takes=tuple(one.index for one in several[1:]))
        moment.once["led by"] = several[0]
        return joint
    return _exchanged([moment])


def _exchanged(moments: Sequence[Moment]) -> SafeRewrite | Message:
    """All columns that the statements retype, exchanged at once."""
    tables: dict[Name, list[op.AlterColumnType]] = {}
    final: dict[tuple[Name, str], CatalogColumn] = {}
    for moment in moments:
        for change in heavy(moment):
            tables.setdefault(moment.session.resolve(change.table), []).append(change)
        final |= as_left(moment)
    swaps = swaps_of(list(tables.values()), final, moments[0])
    if isinstance(swaps, Message):
        return swaps
    return SafeRewrite(tuple(_steps(swaps)), joined("; ", filter(None, map(_differs, swaps))))


def leader(moment: Moment) -> Moment | None:
    """The statement before it whose plan changes these types, too; None where the statement has its own."""
    alter_types(moment)
    leading: Moment | None = moment.once.get("led by")
    return leading


def _steps(swaps: Sequence[Swap]) -> Iterator[Step]:
    yield from _released(note for swap in swaps for note in _writers_first(swap))
    yield from map(add_columns, swaps)
    for part in (backfills, builds, proofs):
        for swap in swaps:
            yield from part(swap)
    yield from _released(note for swap in swaps for note in _readers_first(swap))
    yield exchange(swaps)
    yield from _released(map(_until_sure, swaps))
    yield from map(_last, swaps)


def _released(notes: Iterable[Message]) -> Iterator[Step]:
    """One deploy for all."""
    said = list(dict.fromkeys(notes))
    if said:
        yield deploy(joined(" ", said))


def _writers_first(swap: Swap) -> Iterator[Message]:
    """A value that does not fit makes the write fail from the first step on."""
    failing = [one for one in swap.columns if one.conversion.may_fail]
    if failing:
        yield say(
            "Release code that writes only values that fit the new {} of {}: others are refused from the next step on.",
            plural(failing, "type", "types"),
            _columns(swap, failing),
        )
    required = [one for one in swap.columns if one.not_null and not one.known.not_null]
    if required:
        yield say(
            "Release code that writes {} in every row, and give the rows without a value one.",
            _columns(swap, required),
        )


def _readers_first(swap: Swap) -> Iterator[Message]:
    other = [one for one in swap.columns if not one.conversion.alike]
    if other:
        yield say(
            "Release code that works with {} of the old and of the new {}: the next step exchanges them.",
            _columns(swap, other),
            plural(other, "type", "types"),
        )


def _until_sure(swap: Swap) -> Message:
    """The old columns stand where they stood: code that names no columns writes to them, and is understood so far."""
    if leads_back(swap):
        return say(
            "Wait until no way back is needed, and no code inserts into {} without naming columns.",
            named.plain(swap.table),
        )
    return say(
        "Wait until nothing needs the old values, and no code inserts into {} without naming columns.",
        named.plain(swap.table),
    )


def _last(swap: Swap) -> Step:
    operations = [*no_keeping(swap), *(op.DropColumn(swap.table, one.kept) for one in swap.columns)]
    name = f"drop_{swap.table.name}_{'_'.join(one.kept for one in swap.columns)}"
    step = migration(name, *operations)
    values = listing(named.plain(named.column(one.kept)) for one in swap.columns)
    broken = [say("the invalid index {}", named.index(one.name.name, swap.name)) for one in swap.unusable]
    if not leads_back(swap):
        return replace(step, lost=listing([say("the values of {}", values), *broken]))
    down = [made for one in swap.columns for made in like_the_old(swap, one, one.kept, one.known.type)]
    down += keep_in_step(swap)
    assignments = ", ".join(_assigned_back(one) for one in swap.columns)
    down.append(op.Update(swap.table, tuple(one.kept for one in swap.columns), assignments=assignments))
    down += old_indexes(swap)
    note = say(
        "The quick way back ends here: undoing this step writes every row of {} at once.", named.plain(swap.table)
    )
    return replace(step, down=tuple(down), note=note, lost=listing(broken))


def _assigned_back(column: Swapped) -> str:
    back = (column.conversion.back or "{}").replace("{}", quote(column.name))
    return f"{quote(column.kept)} = ({back})::{column.known.type}"


def _columns(swap: Swap, columns: Sequence[Swapped]) -> Message:
    return listing(named.plain(named.column_of(swap.table, one.name)) for one in columns)


def _differs(swap: Swap) -> Message:
    names = listing(named.plain(named.column(one.name)) for one in swap.columns)
    are_last = [one.name for one in swap.relation.columns][-len(swap.columns) :] == [one.name for one in swap.columns]
    said = [
        NOTHING
        if are_last
        else say(
            "{} {} of {}",
            names,
            plural(swap.columns, "becomes the last column", "become the last columns"),
            named.plain(swap.table),
        )
    ]
    database = swap.moment.session.database()
    for column in swap.columns:
        if column.known.identity is not None or column.change.type.name not in ("int2", "int4", "int8"):
            continue
        for sequence in database.sequences_of(swap.name, column.name):
            said.append(say("the sequence {} becomes {}, too", named.plain(sequence), column.change.type))
    for statistics in swap.relation.extended_statistics:
        if set(statistics.columns) & {one.name for one in swap.columns}:
            said.append(
                say("the statistics object {} has to be created again", named.plain(named.thing(statistics.name)))
            )
    return joined("; ", filter(None, said))
