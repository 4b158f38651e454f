"""Steps for a tool that runs all pending files in one transaction: what must not run in that of the others."""

from collections.abc import Iterator, Sequence

from bot.core.judging.findings import Step, StepKind
from bot.core.language import operations as op
from bot.core.language.messages import Message, verbatim
from bot.core.language.migrations import Migration
from bot.core.record import replace
from bot.frameworks.sql_files.convention import Convention


def in_runs(convention: Convention, like: Migration, steps: Sequence[Step]) -> list[Step]:
    """The steps as the tool can run them.

    Where it has files that leave the transaction, that is what they are; else a deploy stands before them, so that the
    tool runs them by themselves.
    """
    if not like.joins:
        return list(steps)
    return [_outside(step) for step in steps] if convention.leaves else list(_apart(convention, like, steps))


def _outside(step: Step) -> Step:
    # Several operations stay together: one without the other would be half a change.
    return replace(step, transactional=False) if _must_leave(step) and len(step.operations) == 1 else step


def _apart(convention: Convention, like: Migration, steps: Sequence[Step]) -> Iterator[Step]:
    before: Step | None = None
    for number, step in enumerate(steps):
        if step.kind is StepKind.MIGRATION and _needs_own_run(step, before, first=not number):
            yield Step(StepKind.DEPLOY, note=_why(convention, like))
        yield step
        before = step


def _needs_own_run(step: Step, before: Step | None, *, first: bool) -> bool:
    """Whether it must not be pending together with what is before it."""
    if first:
        return step.apart
    if before is None or before.kind is StepKind.DEPLOY:
        return False
    return _must_leave(step) or step.transactional != before.transactional


def _must_leave(step: Step) -> bool:
    """Whether the locks that the transaction has already would be kept while this works."""
    validates = any(isinstance(operation, op.ValidateConstraint) for operation in step.operations)
    return step.kind is StepKind.MIGRATION and (step.apart or validates)


def _why(convention: Convention, like: Migration) -> Message:
    return verbatim(
        f"Deploy what comes before it first: with {convention.title}, all pending files run in one transaction, and "
        f"this must not be in that of `{like.path}`."
    )
