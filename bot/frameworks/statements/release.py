"""`migsafe: released ...` above a written statement that takes away what no code uses after a deploy."""

from collections.abc import Sequence

from bot.core.judging.released import taken_away
from bot.core.language import operations as op


def with_release(
    written: str, operation: op.Operation, stage: int, mark: str, step: Sequence[op.Operation] = ()
) -> str:
    """The statement or call with the directive above it, where it belongs to a later pull request; `mark` begins a
    comment of the language. `step` are all operations of its file."""
    gone = taken_away(operation) if stage > 1 and not _is_replaced(operation, step) else ""
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
