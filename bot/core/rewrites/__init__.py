"""From an unsafe statement to safe steps: one plan for each statement, whichever rule needs it.

Rules call `safe(moment)`; the modules beside this file hold the plans by what is changed. It may know all of the core
below it. Absent on purpose: SQL and files, into which `bot.sql.writing` and `bot.frameworks` turn the steps.
"""

from collections.abc import Iterator
from dataclasses import replace

from bot.core.judging.findings import SafeRewrite, Step, StepKind
from bot.core.judging.rule import Moment
from bot.core.language import operations as op
from bot.core.language.facts import InTransaction
from bot.core.language.messages import Message, say
from bot.core.rewrites import (
    columns,
    constraints,
    drops,
    foreign_keys,
    indexes,
    keys,
    renames,
    retyping,
    second_names,
    stand_ins,
    tables,
)
from bot.core.rewrites.actions import is_heavy, split
from bot.core.rewrites.checking import trouble_with
from bot.core.rewrites.finishing import finished
from bot.core.rewrites.steps import LOCK_TIMEOUT, UNHURRIED, outside, slug

_INTEGRITY = "23"
"""The class of errors about rows: NULLs, duplicates."""
_UNSAFE_ENUM = "55P04"
"""A value of an enum used before it is committed: in a transaction of its own the statement does not fail."""
_PASSING = (_INTEGRITY, _UNSAFE_ENUM)


def safe(moment: Moment) -> SafeRewrite | None:
    """The whole statement of the moment in safe steps, None where it is safe already or no way is known."""
    if (leader := retyping.leader(moment)) is not None:
        led = safe(leader)
        return replace(led, takes=()) if led is not None else None
    if "safe" not in moment.once:
        made = _in_steps(moment)
        moment.once["safe"] = None if made is None else _checked(finished(made, moment), moment)
    rewrite: SafeRewrite | None = moment.once["safe"]
    return None if rewrite is None or _fails_all_the_same(moment) else rewrite


def _checked(rewrite: SafeRewrite, moment: Moment) -> SafeRewrite | None:
    """No plan is better than one that loses what the author asked for, or hurts as much."""
    doing = sorted({moment.index, *rewrite.takes})
    asked = [operation for index in doing for operation in moment.timeline[index].statement.operations]
    return None if trouble_with(rewrite, asked, moment.timeline[doing[0]].session) else rewrite


def _in_steps(moment: Moment) -> SafeRewrite | None:
    plans = list(_plans(moment))
    if all(plan is None for _, plan in plans):
        return None
    if len(plans) == 1:
        return plans[0][1]
    return split(plans, moment)


def _plans(moment: Moment) -> Iterator[tuple[op.Operation, SafeRewrite | None]]:
    """The plan of each operation; several columns that change their type have one together, at the first of them."""
    retyped = retyping.belongs(moment)
    together = set(map(id, retyped))
    for operation in moment.statement.operations:
        if id(operation) not in together:
            yield operation, _plan(operation, moment)
        elif operation is retyped[0]:
            yield operation, retyping.alter_types(moment)


def alone(moment: Moment, note: Message, *, unhurried: bool = True) -> SafeRewrite | None:
    """The unchanged statement, in a file and a transaction of its own.

    None where it makes others wait by itself for long, or fails: then moving it would take nothing away.
    """
    if _blocks_by_itself(moment) or any(
        one.certain and one.sqlstate != _UNSAFE_ENUM for one in moment.effects.failures
    ):
        return None
    name = slug(f"{type(moment.operation).__name__}_{moment.index}")
    step = Step(
        StepKind.MIGRATION,
        moment.statement.operations,
        note,
        name=name,
        settings=UNHURRIED if unhurried else LOCK_TIMEOUT,
        apart=True,
    )
    return finished(SafeRewrite((step,)), moment)


def outside_a_transaction(moment: Moment) -> SafeRewrite | None:
    """VACUUM in a file of its own without a transaction, or what is rebuilt beside the old; None where others wait."""
    if len(moment.statement.operations) > 1:
        return None
    match moment.operation:
        case op.Vacuum(full=False) as vacuum:
            note = say("Others read and write meanwhile. Autovacuum does the same without a migration.")
            step = outside("vacuum", vacuum, moment, note)
            return finished(SafeRewrite((replace(step, down=()),)), moment)
        case op.Reindex():
            return safe(moment)
        case _:
            return None


def apart(rewrite: SafeRewrite | None) -> SafeRewrite | None:
    """The same steps, the first in a file of its own."""
    if rewrite is None:
        return None
    first, *others = rewrite.steps
    return replace(rewrite, steps=(replace(first, apart=True), *others))


def with_lock_timeout(moment: Moment) -> SafeRewrite | None:
    """The same statement, giving up instead of queueing without end; None where that is not what is wrong with it."""
    operations = moment.statement.operations
    if moment.effects.in_transaction is InTransaction.REFUSED:
        return None
    if any(is_heavy(operation, moment) for operation in operations) or any(
        one.certain for one in moment.effects.failures
    ):
        return None
    dropped_first = tuple(sorted(operations, key=lambda one: not isinstance(one, op.DropColumn | op.DropConstraint)))
    name = slug(f"{type(moment.operation).__name__}_{moment.index}")
    step = Step(StepKind.MIGRATION, dropped_first, name=name, settings=LOCK_TIMEOUT)
    return finished(SafeRewrite((step,)), moment)


def _blocks_by_itself(moment: Moment) -> bool:
    """Whether others would wait for long although no other statement of its transaction works or locks."""
    thresholds = moment.policy.thresholds
    return any(
        moment.judged.likely
        > (thresholds.reads_blocked_warning if block.mode.blocks_reads else thresholds.writes_blocked_warning)
        for block in moment.blocks
    )


def json_as_jsonb(moment: Moment) -> SafeRewrite | None:
    """The same statement with jsonb in place of json; None where it has a plan that keeps json."""
    operations = tuple(map(columns.with_jsonb, moment.statement.operations))
    if (planned := safe(moment)) is not None:
        given = {one for step in planned.steps for one in step.operations}
        return planned if given & set(operations) - set(moment.statement.operations) else None
    name = slug(f"{type(moment.operation).__name__}_{moment.index}")
    return finished(SafeRewrite((Step(StepKind.MIGRATION, operations, name=name),), columns.JSONB), moment)


def _plan(operation: op.Operation, moment: Moment) -> SafeRewrite | None:
    match operation:
        case op.AddColumn():
            return columns.add_column(operation, moment) or columns.jsonb_instead(operation, moment)
        case op.DropColumn():
            return drops.drop_column(operation, moment)
        case op.DropTable():
            return drops.drop_table(operation, moment)
        case op.DropView():
            return drops.drop_view(operation, moment)
        case op.DropConstraint():
            return drops.drop_constraint(operation, moment)
        case op.DropDefault():
            return drops.drop_default(operation, moment)
        case op.RenameEnumValue():
            return renames.rename_enum_value(operation, moment)
        case op.RenameColumn():
            return renames.rename_column(operation, moment)
        case op.RenameRelation() | op.SetSchema():
            return stand_ins.rename_relation(operation, moment)
        case op.RenameObject():
            return second_names.rename_object(operation, moment)
        case op.SetNotNull():
            return constraints.set_not_null(operation, moment)
        case op.AddNotNull():
            return constraints.add_not_null(operation, moment)
        case op.AddCheck():
            return constraints.add_check(operation, moment)
        case op.AddForeignKey():
            return foreign_keys.add_foreign_key(operation, moment)
        case op.ValidateConstraint():
            return constraints.validate_apart(operation, moment)
        case op.AddUnique() | op.AddPrimaryKey():
            return keys.add_key(operation, moment)
        case op.CreateIndex():
            return indexes.create_index(operation, moment)
        case op.DropIndex():
            return indexes.drop_index(operation, moment)
        case op.Reindex():
            return indexes.reindex(operation, moment)
        case op.SetTablespace():
            return indexes.move_index(operation, moment)
        case op.AttachPartition():
            return tables.attach_partition(operation, moment)
        case op.DetachPartition():
            return tables.detach_partition(operation, moment)
        case op.CreateTable():
            return tables.create_partition(operation, moment)
        case op.RefreshMaterializedView():
            return tables.refresh(operation, moment)
        case op.Update() | op.Delete():
            return tables.change_rows(operation, moment)
        case op.Insert():
            return tables.insert_rows(operation, moment)
        case _:
            return None


def _fails_all_the_same(moment: Moment) -> bool:
    """Whether PostgreSQL refuses the statement itself, not its rows, nor a form that a partitioned table lacks."""
    match moment.operation:
        case op.CreateIndex() | op.DropIndex() | op.DetachPartition():
            return False
        case op.AddForeignKey() as key if foreign_keys.is_refused_not_valid(key, moment):
            return False
        case _ if retyping.alter_types(moment) is not None:
            return False
        case _:
            pass
    return any(one.certain and not one.sqlstate.startswith(_PASSING) for one in moment.effects.failures)
