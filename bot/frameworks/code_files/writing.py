"""Steps as whole files of code, in deploy order."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.core.judging.findings import Step, StepKind, WrittenFile
from bot.core.judging.framework import Files, PlanSoFar
from bot.core.judging.order import staged
from bot.core.language import operations as op
from bot.core.language.messages import paragraphs
from bot.core.language.migrations import Run
from bot.core.rewrites.undo import way_back
from bot.frameworks.code_files.spelling import CodeBody, FileNames, Spelling
from bot.frameworks.sql_files.steps import note_of_loss, script_file, slug_of, unwritten
from bot.frameworks.statements.release import with_release
from bot.sql import Unwritable
from bot.sql.writing.walks import plain_batches

Reader = Callable[[Files], Run]
"""Reads a file with the framework."""


def write_files(spelling: Spelling, steps: Sequence[Step], after: Sequence[str]) -> list[WrittenFile]:
    """Every step as complete files, in deploy order; the first migration takes the path of the spelling's file."""
    paths = spelling.paths(PlanSoFar.of(after), first=True)
    return [write_step(spelling, step, stage, paths) for stage, step in staged(steps)[0]]


def write_step(spelling: Spelling, step: Step, stage: int, paths: FileNames) -> WrittenFile:
    """A step with the names that come next; `stage` is the pull request that it belongs to."""
    match step.kind:
        case StepKind.DEPLOY:
            written = WrittenFile(StepKind.DEPLOY, None, "", step.note)
        case StepKind.SCRIPT:
            written = _in_batches(spelling, step, paths) or script_file(step, paths.script(slug_of(step)))
        case StepKind.MIGRATION:
            written = _file(spelling, step, stage, paths)
    return replace(written, stage=stage)


def _file(spelling: Spelling, step: Step, stage: int, paths: FileNames) -> WrittenFile:
    step = spelling.apart(step)
    try:
        up = calls_of(spelling, step, stage=stage)
        body = CodeBody(slug_of(step), up, _down(spelling, step), step.transactional)
    except Unwritable as trouble:
        return unwritten(step, trouble)
    path, text = paths.written(body)
    return WrittenFile(step.kind, path, text, paragraphs(step.note, note_of_loss(step)), step.transactional)


def _in_batches(spelling: Spelling, step: Step, paths: FileNames) -> WrittenFile | None:
    """A script as a file of the tool, None where only psql's can say it."""
    match step.operations:
        case (op.Update() | op.Delete() as change,) if not step.settings and (step.key is None or len(step.key) == 1):
            key = step.key[0] if step.key else None
        case _:
            return None
    try:
        where = plain_batches(change)
        if where is None or (isinstance(change, op.Update) and (key or "id") in change.columns):
            return None
        body = spelling.batches(change, where, key)
    except Unwritable:
        return None
    if body is None:
        return None
    path, text = paths.written(replace(body, slug=slug_of(step)))
    return WrittenFile(StepKind.MIGRATION, path, text, step.note, transactional=False)


def calls_of(spelling: Spelling, step: Step, *, stage: int = 1, local: bool = True) -> tuple[str, ...]:
    """A step's calls with its settings; session settings are reset after it.

    `local`: whether they run in a transaction: SET LOCAL does nothing outside one.
    """
    local = local and step.transactional
    before = [op.SetSetting(name, value, local=local) for name, value in step.settings]
    after = [] if local else [op.SetSetting(name, None) for name, _ in step.settings]
    operations = [*before, *step.operations, *after]
    return tuple(call for operation in operations for call in _released(spelling, operation, stage, operations))


def _released(spelling: Spelling, operation: op.Operation, stage: int, step: Sequence[op.Operation]) -> Sequence[str]:
    first, *others = spelling.calls((operation,))
    return (with_release(first, operation, stage, "#", step), *others)


def _down(spelling: Spelling, step: Step) -> tuple[str, ...] | None:
    down = way_back(step).down
    return None if down is None else tuple(call for operation in down for call in spelling.calls((operation,)))
