"""An ALTER TABLE with several actions, in steps: what is instant together, the rest of each action after that."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from bot.core.effects import effects
from bot.core.judging.findings import SafeRewrite, Step, StepKind
from bot.core.judging.rule import Moment
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import NOTHING, Message, joined, say
from bot.core.rewrites.steps import LOCK_TIMEOUT, migration
from bot.core.schema.changes import pass_of

Part = tuple[op.Operation, SafeRewrite | None]
"""An action, and its own plan: None where it is instant, or no way is known."""


def split(parts: Sequence[Part], moment: Moment) -> SafeRewrite:
    """One plan of all. An action for which no way is known does not cost the others theirs: it is named, and apart."""
    own = {id(one) for _, plan in parts if plan is not None for step in plan.steps for one in step.operations}
    parts = [(action, plan) for action, plan in parts if plan is not None or id(action) not in own]
    freed = {action.column for action, _ in parts if isinstance(action, op.DropColumn)}
    again = [part for part in parts if isinstance(part[0], op.AddColumn) and part[0].column.name in freed]
    unsolved = [action for action, plan in parts if plan is None and is_heavy(action, moment)]
    left = [part for part in parts if part not in again and not any(part[0] is one for one in unsolved)]
    chains = [plan.steps for _, plan in left if plan is not None]
    steps = _joined(left, chains, [_unsolved(action) for action in unsolved])
    plans = [plan for _, plan in parts if plan is not None]
    differs = joined("; ", dict.fromkeys(plan.differs for plan in plans))
    takes = tuple(dict.fromkeys(at for plan in plans for at in plan.takes))
    return SafeRewrite((*steps, *_after_the_drop(again)), differs, takes)


def is_heavy(operation: op.Operation, moment: Moment) -> bool:
    """Whether the operation alone would still rewrite, scan or build under its lock."""
    done = effects((operation,), moment.session, moment.major)
    return bool(done.rewrites or done.scans or done.index_builds or done.index_rebuilds)


def _joined(parts: Sequence[Part], chains: Sequence[Sequence[Step]], unsolved: Sequence[Step]) -> Iterator[Step]:
    """A first migration with everything instant, in PostgreSQL's order, then the further steps of each plan in turn."""
    opening = [steps[0] for steps in chains if _opens(steps[0])]
    kept = [action for action, plan in parts if plan is None]
    instant = list(_in_passes(kept, opening))
    if instant:
        name = opening[0].name if opening else "alter_table"
        note = joined(" ", dict.fromkeys(step.note for step in opening)) if opening else NOTHING
        yield Step(StepKind.MIGRATION, tuple(instant), note, name=name, settings=LOCK_TIMEOUT)
    yield from unsolved
    yield from _side_by_side([steps[1:] if _opens(steps[0]) else steps for steps in chains])


def _in_passes(kept: Sequence[op.Operation], opening: Sequence[Step]) -> Iterator[op.Operation]:
    """In PostgreSQL's order; a sequence or a trigger stays behind the action of its step that it is for."""
    placed = [(pass_of(action), action) for action in kept]
    for step in opening:
        at = 0
        for operation in step.operations:
            at = pass_of(operation, at)
            placed.append((at, operation))
    yield from (operation for _, operation in sorted(placed, key=lambda one: one[0]))


def _side_by_side(chains: Sequence[Sequence[Step]]) -> Iterator[Step]:
    """The chains behind the same deploys: what each does before its first, one deploy for all, and so on."""
    before: list[Step] = []
    deploys: list[Step] = []
    after: list[list[Step]] = []
    for steps in chains:
        end = next((at for at, step in enumerate(steps) if step.kind is StepKind.DEPLOY), len(steps))
        before += steps[:end]
        deploys += steps[end : end + 1]
        after.append(list(steps[end + 1 :]))
    yield from before
    if deploys:
        yield replace(deploys[0], note=joined(" ", dict.fromkeys(step.note for step in deploys)))
        yield from _side_by_side(after)


def _opens(step: Step) -> bool:
    """Whether the step is actions of ALTER TABLE; an index that is only declared has a lock of its own."""
    if any(isinstance(one, op.CreateIndex) for one in step.operations):
        return False
    return step.kind is StepKind.MIGRATION and step.transactional and not step.apart


def _after_the_drop(parts: Iterable[Part]) -> Iterator[Step]:
    """Columns whose name another action of the statement gives up."""
    for action, plan in parts:
        if plan is not None:
            yield from plan.steps
        elif isinstance(action, op.AddColumn):
            yield migration(f"add_{action.table.name}_{action.column.name}", action)


def _unsolved(action: op.Operation) -> Step:
    note = say(
        "No safe way is known for {}: others wait while it works. The other actions do not wait for it.",
        _called(action),
    )
    name = f"alter_{action.subject.name}" if action.subject is not None else "alter_table"
    return replace(migration(name, action, note=note), apart=True)


def _called(action: op.Operation) -> Message:
    match action:
        case op.AlterColumnType(table=table, column=column):
            return say("the type of {}", named.column(column, table))
        case op.AddColumn(table=table, column=column):
            return say("the column {}", named.column(column.name, table))
        case op.SetNotNull(table=table, column=column):
            return say("NOT NULL of {}", named.column(column, table))
        case op.AddPrimaryKey():
            return say("the primary key")
        case op.AddForeignKey(constraint=key):
            return say("the foreign key to {}", key.references)
        case op.AddExclusion(table=table, constraint=constraint):
            own = constraint.name
            return say("the exclusion constraint {}", named.constraint(own, table)) if own else say("the exclusion")
        case op.AddCheck() | op.AddUnique() | op.AddNotNull():
            return say("the constraint")
        case _:
            return say("the rest of the statement")
