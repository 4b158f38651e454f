"""The further files of a plan, kept until they are there: what a pull request promised when it took a suggestion.

A statement whose place a suggestion took is no longer in its file, so the next judgement plans nothing for it. What was
kept of it is then owed: by this pull request or a later one, until a migration brings the same statements.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from bot.core.judging.findings import StepKind
from bot.core.record import record, replace


@record
class KeptFile:
    """A further file of a plan. `does` are digests of its statements, none for a deploy or a script."""

    kind: StepKind
    path: str | None
    text: str
    note: str
    """Words that every reader of the pull request may have."""
    stage: int
    transactional: bool | None = None
    does: tuple[str, ...] = ()
    brought_by: int | None = None
    """The pull request that has these statements."""
    done_by: str = ""
    """Who said that it is done: nothing shows of a script that it has run."""

    @property
    def is_over(self) -> bool:
        return self.brought_by is not None or bool(self.done_by)


@record
class KeptSteps:
    """What is left of one statement's plan.

    `origin` is the statement's digest and `shape` what kind of statement it is, of what; `here` are the digests of
    what takes its place in the file, `around` those of all statements of the file when this was kept.
    """

    path: str
    origin: str
    shape: str
    here: tuple[str, ...]
    around: tuple[str, ...]
    files: tuple[KeptFile, ...]
    owed: bool = False
    """Whether the statement is gone from the file, so that only these steps bring what it did."""
    whole: bool = False
    """Whether the plan has the file deleted, since nothing in it is left to apply."""


@record
class KeptPlan:
    """What is kept of a pull request's plan."""

    number: int
    steps: tuple[KeptSteps, ...] = ()
    merged: bool = False

    @property
    def owed(self) -> tuple[KeptFile, ...]:
        """The files that are still to come, as they are deployed."""
        found = [file for steps in self.steps if steps.owed for file in steps.files if not file.is_over]
        return tuple(sorted(dict.fromkeys(found), key=lambda file: file.stage))


@record
class Present:
    """The statements of a file as it is now: digest -> shape."""

    path: str
    statements: Mapping[str, str]


def settle(before: KeptPlan, planned: Sequence[KeptSteps], present: Sequence[Present]) -> KeptPlan:
    """What is to be kept after a judgement: what it plans, and what is owed of the plans before."""
    now = {(steps.path, steps.origin) for steps in planned}
    there = {digest for file in present for digest in file.statements}
    kept, known = [*planned], _known(before)
    for steps in before.steps:
        file = _file_of(steps, present)
        if file is None and steps.whole:
            kept.append(replace(steps, owed=True))
        if file is None or (file.path, steps.origin) in now or steps.origin in file.statements:
            continue
        if not _was_edited(steps, file, known[steps.path]):
            kept.append(replace(steps, path=file.path, owed=True, around=tuple(file.statements)))
    return replace(before, steps=tuple(_brought(steps, there, before.number) for steps in kept))


def done(plan: KeptPlan, paths: Collection[str], by: str) -> KeptPlan:
    """The plan where somebody has said that these of its files are done."""
    steps = (
        replace(one, files=tuple(replace(file, done_by=by) if file.path in paths else file for file in one.files))
        if one.owed
        else one
        for one in plan.steps
    )
    return replace(plan, steps=tuple(steps))


def see(plan: KeptPlan, there: Collection[str], number: int) -> KeptPlan:
    """The plan of another pull request, after one with the statements `there` was judged."""
    return replace(plan, steps=tuple(_brought(steps, there, number) for steps in plan.steps))


def end(plan: KeptPlan) -> KeptPlan:
    """What a merged pull request still owes: nothing for a statement that was merged as it stood."""
    owed = (replace(steps, files=_after(steps.files, plan.number)) for steps in plan.steps if steps.owed)
    return replace(plan, steps=tuple(one for one in owed if any(_is_open(file) for file in one.files)), merged=True)


def end_other(plan: KeptPlan, number: int, *, merged: bool) -> KeptPlan:
    """The plan after another pull request ended: what that brought is there, or is owed again."""
    steps: Iterable[KeptSteps]
    if merged:
        steps = (replace(one, files=_after(one.files, number)) for one in plan.steps)
    else:
        steps = (
            replace(one, files=tuple(_unbrought(file) if file.brought_by == number else file for file in one.files))
            for one in plan.steps
        )
    left = tuple(one for one in steps if not plan.merged or any(_is_open(file) for file in one.files))
    return replace(plan, steps=left)


def _unbrought(file: KeptFile) -> KeptFile:
    return replace(file, brought_by=None)


def _after(files: Sequence[KeptFile], number: int) -> tuple[KeptFile, ...]:
    """The files behind the last that the pull request brought: the deploys and scripts before that are over, too."""
    last = max((at for at, file in enumerate(files) if file.brought_by == number), default=-1)
    return tuple(files[last + 1 :])


def _is_open(file: KeptFile) -> bool:
    """Whether somebody can still take it as a step by itself."""
    return file.kind is not StepKind.DEPLOY and not file.done_by


def _brought(steps: KeptSteps, there: Collection[str], number: int) -> KeptSteps:
    if not steps.owed:
        return steps
    files: list[KeptFile] = []
    for file in steps.files:
        # What belongs beside a migration comes with it: what undoes it, or says how it is run.
        beside = files and not file.does and file.kind is StepKind.MIGRATION and files[-1].brought_by == number
        there_now = all(digest in there for digest in file.does) if file.does else beside
        files.append(replace(file, brought_by=number) if there_now and file.brought_by is None else file)
    return replace(steps, files=tuple(files))


def _file_of(steps: KeptSteps, present: Sequence[Present]) -> Present | None:
    """The file, or one that has another of its statements: it was renamed."""
    own = next((file for file in present if file.path == steps.path), None)
    others = {*steps.around, *steps.here} - {steps.origin}
    return own or next((file for file in present if not others.isdisjoint(file.statements)), None)


def _known(plan: KeptPlan) -> dict[str, set[str]]:
    """By each file, what it had, and what its plan puts there."""
    known: dict[str, set[str]] = {}
    for steps in plan.steps:
        known.setdefault(steps.path, set()).update(steps.around, steps.here)
    return known


def _was_edited(steps: KeptSteps, file: Present, known: Collection[str]) -> bool:
    """Whether a new statement of the same kind, about the same, has its place, and not by the plan."""
    return any(shape == steps.shape and digest not in known for digest, shape in file.statements.items())
