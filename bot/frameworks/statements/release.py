"""`migsafe: released ...` above a written statement that takes away what no code uses after a deploy."""

from collections.abc import Sequence

from bot.core.judging.released import taken_away
from bot.core.language import operations as op


def with_release(
    written: str, operation: op.Operation, stage: int, mark: str, step: Sequence[op.Operation] = ()
) -> str:
    """The statement or call with the directive above it, where it belongs to a later pull request; `mark` begins a
    comment of the language. `step` are all operations of its file."""
    kept = _is_replaced(operation, step) or _is_own(operation, step)
    gone = taken_away(operation) if stage > 1 and not kept else ""
    if not gone:
        return written
    # A name may hold anything: it must not end the comment.
    shown = "".join(letter if letter.isprintable() else " " for letter in gone)
    return f"{mark} migsafe: released {shown} is not used by any deployed code\n{written}"


def _is_replaced(operation: op.Operation, step: Sequence[op.Operation]) -> bool:
    """Whether it drops a view whose name a table takes in the same file: nothing has to be without it."""
    return isinstance(operation, op.DropView) and any(
        isinstance(other, op.RenameRelation)
        and (other.to, other.relation.schema) in {(view.name, view.schema) for view in operation.views}
        for other in step
    )


def _is_own(operation: op.Operation, step: Sequence[op.Operation]) -> bool:
    """Whether the plan made it for itself: the function of a trigger that goes with it, the sequence and default of a
    column that becomes an identity column. No code ever called it."""
    match operation:
        case op.DropFunction():
            return any(isinstance(other, op.DropTrigger) for other in step)
        case op.DropSequence() | op.DropDefault():
            return any(isinstance(other, op.AddIdentity) for other in step)
        case _:
            return False
