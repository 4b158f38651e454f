"""What every plan gets at its end, whoever made it: the timeouts that are asked for here, and the way back."""

from bot.core.judging.findings import SafeRewrite, Step, StepKind
from bot.core.judging.rule import Moment
from bot.core.language import operations as op
from bot.core.language.messages import paragraphs, say
from bot.core.record import replace
from bot.core.rewrites.steps import bounded, duration, patience
from bot.core.rewrites.undo import CHANGES_NOTHING, with_downs

_ROLES = say("It names roles of this database: in one that lacks them, of development say, create them first.")
_LOCKS_NOBODY_OUT = (*CHANGES_NOTHING, op.CreateFunction, op.DropFunction, op.CommentOn)


def finished(rewrite: SafeRewrite, moment: Moment) -> SafeRewrite:
    """The plan for the moment's statement with its timeouts, and with what undoes each step."""
    statements = moment.migration.statements
    here = next((at for at, one in enumerate(statements) if one is moment.statement), len(statements))
    later = (operation for one in statements[here + 1 :] for operation in one.operations)
    first = min((moment.index, *rewrite.takes))
    keyed = replace(rewrite, steps=tuple(_with_key(step, moment) for step in rewrite.steps))
    undone = with_downs(bounded(keyed, moment), moment.timeline[first].session, later)
    wanted = duration(patience(moment))
    return replace(undone, steps=tuple(_with_roles(_back_in_a_hurry(step, wanted)) for step in undone.steps))


def _with_roles(step: Step) -> Step:
    """A step that names roles says so: a database of development may lack them, and refuses it.

    Only GRANT without them would pass there, and then production could be without its rights, too.
    """
    named = any(isinstance(one, op.SetOwner | op.Grant) for one in (*step.operations, *(step.down or ())))
    return replace(step, note=paragraphs(step.note, _ROLES)) if named else step


def _back_in_a_hurry(step: Step, lock_timeout: str) -> Step:
    """The step whose way back gives up, too, instead of queueing for a strong lock with everybody behind it."""
    down = step.down or ()
    if isinstance(next(iter(down), None), op.SetSetting) or not any(map(_others_queue_behind, down)):
        return step
    made = op.SetSetting("lock_timeout", lock_timeout, local=step.transactional)
    reset = () if step.transactional else (op.SetSetting("lock_timeout", None),)
    return replace(step, down=(made, *down, *reset))


def _others_queue_behind(operation: op.Operation) -> bool:
    return not (isinstance(operation, _LOCKS_NOBODY_OUT) or getattr(operation, "concurrently", False))


def _with_key(step: Step, moment: Moment) -> Step:
    """A script with the key that its table has before the statement: one that the plan makes is not filled yet."""
    match step:
        case Step(kind=StepKind.SCRIPT, operations=(op.Update() | op.Delete() as change,)):
            relation = moment.relation(change.table)
            if relation is None:
                return step
            keys = (one.definition for one in relation.constraints)
            key = next((one for one in keys if isinstance(one, op.PrimaryKey)), None)
            return replace(step, key=() if key is None else tuple(key.columns))
        case _:
            return step
