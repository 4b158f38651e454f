"""Which way a change of types takes, and its steps in order."""

from collections.abc import Iterator, Sequence

from bot.core.effects import effects
from bot.core.judging.findings import SafeRewrite, Step
from bot.core.judging.rule import Moment
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.facts import Effects
from bot.core.language.messages import NOTHING, Message, joined, listing, plural, say
from bot.core.language.names import Name, quote
from bot.core.record import replace
from bot.core.rewrites.again import views_over
from bot.core.rewrites.retyping.exchange import exchange
from bot.core.rewrites.retyping.hanging import Swap, Swapped, swap_of
from bot.core.rewrites.retyping.in_place import in_place
from bot.core.rewrites.retyping.proving import builds, leads_back, old_indexes, proofs
from bot.core.rewrites.retyping.second_columns import (
    add_columns,
    backfills,
    keep_in_step,
    like_the_old,
    no_keeping,
)
from bot.core.rewrites.steps import deploy, migration
from bot.core.schema.catalog import CatalogColumn, Relation
from bot.core.schema.session import Session

_OF_THE_COLUMN = op.SetDefault | op.DropDefault | op.SetNotNull | op.DropNotNull


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
    heavy = _heavy(moment)
    columns = {one.column for one in heavy}
    changes = set(map(id, heavy))
    return tuple(
        one
        for one in moment.statement.operations
        if id(one) in changes or (isinstance(one, _OF_THE_COLUMN) and one.column in columns)
    )


def _planned(moment: Moment) -> SafeRewrite | Message | None:
    changes = _heavy(moment)
    if not changes or moment.is_new(changes[0].table):
        return None
    if (plan := in_place(changes, moment, rewrites=_rewrites(changes, moment))) is not None:
        return plan
    swap = swap_of(changes, _final(moment), moment)
    if isinstance(swap, Message):
        return swap
    return SafeRewrite(tuple(_steps(swap)), _differs(swap))


def _heavy(moment: Moment) -> tuple[op.AlterColumnType, ...]:
    """The changes of type that rewrite, scan, rebuild, or are refused only because of what can be made again."""
    if "heavy types" not in moment.once:
        found = [
            one for one in moment.statement.operations if isinstance(one, op.AlterColumnType) and _is_heavy(one, moment)
        ]
        moment.once["heavy types"] = tuple(found)
    heavy: tuple[op.AlterColumnType, ...] = moment.once["heavy types"]
    return heavy


def _is_heavy(change: op.AlterColumnType, moment: Moment) -> bool:
    done = _alone(change, moment.session, moment)
    if any(one.certain for one in done.failures):
        bare = _alone(change, _without_readers(change, moment), moment)
        return not any(one.certain for one in bare.failures)
    return bool(done.rewrites or done.scans or done.index_rebuilds)


def _rewrites(changes: Sequence[op.AlterColumnType], moment: Moment) -> bool:
    for change in changes:
        done = _alone(change, moment.session, moment)
        if any(one.certain for one in done.failures):
            done = _alone(change, _without_readers(change, moment), moment)
        if done.rewrites or done.index_rebuilds:
            return True
    return False


def _alone(change: op.AlterColumnType, session: Session, moment: Moment) -> Effects:
    """The effects with what the statement does to the column besides: DROP DEFAULT may make a cast possible."""
    if "dropped defaults" not in moment.once:
        moment.once["dropped defaults"] = {
            one.column: one for one in moment.statement.operations if isinstance(one, op.DropDefault)
        }
    beside = moment.once["dropped defaults"].get(change.column)
    return effects((change,) if beside is None else (beside, change), session, moment.major)


def _without_readers(change: op.AlterColumnType, moment: Moment) -> Session:
    """The session without the views, triggers and policies that make PostgreSQL refuse the change."""
    session = moment.session
    table = session.resolve(change.table)
    relation = session.catalog.relations.get(table)
    if relation is None:
        return session
    gone = {view.name for view in views_over(table, (change.column,), moment)}
    relations: dict[Name, Relation] = {name: one for name, one in session.catalog.relations.items() if name not in gone}
    relations[table] = replace(
        relation,
        triggers=tuple(one for one in relation.triggers if change.column not in one.columns),
        policies=tuple(one for one in relation.policies if change.column not in one.columns),
    )
    return replace(session, catalog=replace(session.catalog, relations=relations), links=None)


def _final(moment: Moment) -> dict[str, CatalogColumn]:
    """The columns with the defaults and NOT NULL that the statement gives them besides."""
    found: dict[str, CatalogColumn] = {}
    for one in moment.statement.operations:
        if not isinstance(one, _OF_THE_COLUMN):
            continue
        known = found.get(one.column) or moment.column(one.table, one.column)
        if known is None:
            continue
        match one:
            case op.SetDefault():
                known = replace(known, default=one.default)
            case op.DropDefault():
                known = replace(known, default=None)
            case op.SetNotNull() | op.DropNotNull():
                known = replace(known, not_null=isinstance(one, op.SetNotNull))
        found[one.column] = known
    return found


def _steps(swap: Swap) -> Iterator[Step]:
    yield from _writers_first(swap)
    yield add_columns(swap)
    yield from backfills(swap)
    yield from builds(swap)
    yield from proofs(swap)
    yield from _readers_first(swap)
    yield exchange(swap)
    yield deploy(_until_sure(swap))
    yield _last(swap)


def _writers_first(swap: Swap) -> Iterator[Step]:
    """A value that does not fit makes the write fail from the first step on."""
    failing = [one for one in swap.columns if one.conversion.may_fail]
    if failing:
        yield deploy(
            say(
                "Release code that writes only values that fit the new {} of {}: others are refused from the next "
                "step on.",
                plural(failing, "type", "types"),
                _columns(swap, failing),
            )
        )
    required = [one for one in swap.columns if one.not_null and not one.known.not_null]
    if required:
        yield deploy(
            say(
                "Release code that writes {} in every row, and give the rows without a value one.",
                _columns(swap, required),
            )
        )


def _readers_first(swap: Swap) -> Iterator[Step]:
    other = [one for one in swap.columns if not one.conversion.alike]
    if other:
        yield deploy(
            say(
                "Release code that works with {} of the old and of the new {}: the next step exchanges them.",
                _columns(swap, other),
                plural(other, "type", "types"),
            )
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
