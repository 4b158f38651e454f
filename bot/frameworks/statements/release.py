"""`migsafe: released ...` above a written statement that takes away what no code uses after a deploy."""

from bot.core.judging.released import taken_away
from bot.core.language import operations as op


def with_release(written: str, operation: op.Operation, stage: int, mark: str) -> str:
    """The statement or call with the directive above it, where it belongs to a later pull request; `mark` begins a
    comment of the language."""
    gone = taken_away(operation) if stage > 1 else ""
    if not gone:
        return written
    # A name may hold anything: it must not end the comment.
    shown = "".join(letter if letter.isprintable() else " " for letter in gone)
    return f"{mark} migsafe: released {shown} is not used by any deployed code\n{written}"
