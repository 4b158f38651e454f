"""Steps as whole files of code, in deploy order."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.core.judging.findings import Step, StepKind, WrittenFile
from bot.core.judging.framework import PlanSoFar
from bot.core.language import operations as op
from bot.frameworks.code_files.spelling import CodeBody, FileNames, Spelling
from bot.frameworks.sql_files.steps import script_file, slug_of, unwritten
from bot.sql import Unwritable
from bot.sql.writing.inverse import inverse


def write_files(spelling: Spelling, steps: Sequence[Step], after: Sequence[str]) -> list[WrittenFile]:
    """Every step as complete files, in deploy order; the first migration takes the path of the spelling's file."""
    return list(write_further(spelling, steps, spelling.paths(PlanSoFar.of(after), first=True)))


def write_further(spelling: Spelling, steps: Sequence[Step], paths: FileNames) -> Iterator[WrittenFile]:
    """Every step as complete files, in deploy order, with the names that come next."""
    for step in steps:
        match step.kind:
            case StepKind.DEPLOY:
                yield WrittenFile(StepKind.DEPLOY, None, "", step.note)
            case StepKind.SCRIPT:
                yield script_file(step, paths.script(slug_of(step)))
            case StepKind.MIGRATION:
                yield _file(spelling, step, paths)


def _file(spelling: Spelling, step: Step, paths: FileNames) -> WrittenFile:
    try:
        body = CodeBody(slug_of(step), calls_of(spelling, step), _down(spelling, step.operations), step.transactional)
    except Unwritable as trouble:
        return unwritten(step, trouble)
    path, text = paths.written(body)
    return WrittenFile(step.kind, path, text, step.note, step.transactional)


def calls_of(spelling: Spelling, step: Step, *, local: bool = True) -> tuple[str, ...]:
    """A step's calls with its settings; session settings are reset after it.

    `local`: whether they run in a transaction: SET LOCAL does nothing outside one.
    """
    local = local and step.transactional
    before = [op.SetSetting(name, value, local=local) for name, value in step.settings]
    after = [] if local else [op.SetSetting(name, None) for name, _ in step.settings]
    operations = [*before, *step.operations, *after]
    return tuple(call for operation in operations for call in spelling.calls((operation,)))


def _down(spelling: Spelling, operations: Sequence[op.Operation]) -> tuple[str, ...] | None:
    undone: list[str] = []
    for operation in reversed(operations):
        inverses = inverse(operation)
        if inverses is None:
            return None
        undone += (call for one in inverses for call in spelling.calls((_on_table(one, operation),)))
    return tuple(undone)


def _on_table(undoing: op.Operation, operation: op.Operation) -> op.Operation:
    """The table of an index that is dropped again: frameworks name it."""
    match undoing, operation:
        case op.DropIndex(), op.CreateIndex():
            return replace(undoing, table=operation.table)
        case _:
            return undoing
