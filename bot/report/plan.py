"""Every safe step of a run as files, in the order of deployment: the answer to `/migsafe plan`."""

from collections.abc import Iterator, Sequence

from bot.core.judging.analysis import Analysis
from bot.core.judging.findings import Finding, StepKind, WrittenFile, is_same
from bot.core.language.messages import sentence
from bot.report.disclosure import Reader
from bot.report.markdown import assemble, code, prose
from bot.report.phrases import over_autovacuum, place, standing, try_again
from bot.report.rendering import markdown
from bot.report.shapes import BODY_LIMIT
from bot.report.stages import NumberedFile, in_stages
from bot.report.steps import file_block

_LISTED = 20
_KINDS = {
    StepKind.MIGRATION: "migration",
    StepKind.SCRIPT: "script, run by hand or by a job",
    StepKind.DEPLOY: "deploy",
}


def plan(analysis: Analysis, reader: Reader, *, limit: int = BODY_LIMIT) -> str:
    """The steps of every open finding, in the order of the run; a file that several share is there once."""
    found = _in_order(standing(analysis), analysis)
    steps = in_stages(found)
    again = markdown(over_autovacuum(try_again(found)), reader)
    ends = [*([again] if again else ()), *_differences(found, reader), *_without(found, analysis, reader)]
    owed = list(_owed(analysis, reader))
    if not steps:
        said = ends or ([] if owed else ["There is nothing to rewrite."])
        return assemble(said, owed, left_out=_too_long, limit=limit)
    opening = f"Instead of the migrations in this pull request, {_counted(len(steps))} in this order:"
    blocks = [_step(step, reader) for step in steps]
    if steps[0].file.stage > 1:
        blocks[0] = f"### In this pull request\n\nNothing of it.\n\n{blocks[0]}"
    return assemble((opening,), [*blocks, *owed], left_out=_too_long, last=ends, limit=limit)


def _owed(analysis: Analysis, reader: Reader) -> Iterator[str]:
    """What was promised for statements whose place a suggestion took: their own files are still to come."""
    heading = "### Still to come, for what left its file\n\n`/migsafe done FILE REASON` says that one is done.\n\n"
    for file in analysis.plan.owed if analysis.plan is not None else ():
        note = f": {prose(file.note, 1_000)}" if file.note else ""
        later = ", in a later pull request" if file.stage > 1 else ""
        written = WrittenFile(file.kind, file.path, file.text, transactional=file.transactional, stage=file.stage)
        if file.path is None:
            yield f"{heading}**{_KINDS[file.kind].capitalize()}**{note}"
        else:
            shown = file_block(written, reader, BODY_LIMIT)
            yield f"{heading}**{code(reader.path(file.path))}** ({_KINDS[file.kind]}{later}){note}\n\n{shown}"
        heading = ""


def _too_long(steps: int) -> str:
    return (
        f"{'One step is' if steps == 1 else f'{steps} steps are'} too long for a comment: "
        "`migsafe check --format json` has them all, in `rewrite.steps`."
    )


def _in_order(findings: Sequence[Finding], analysis: Analysis) -> list[Finding]:
    order = {migration.path: index for index, migration in enumerate(analysis.run.migrations)}
    return sorted(findings, key=lambda one: (order.get(one.statement.path, 0), one.statement.start))


def _counted(steps: int) -> str:
    return "one step" if steps == 1 else f"{steps} steps"


def _step(step: NumberedFile, reader: Reader) -> str:
    return (f"### {step.heading}\n\n" if step.heading else "") + _file(step.number, step.file, reader)


def _file(number: int, file: WrittenFile, reader: Reader) -> str:
    note = markdown(sentence(file.note), reader)
    if file.path is None:
        shown = f"\n\n{file_block(file, reader, BODY_LIMIT)}" if file.text else ""
        return f"**{number}. {_KINDS[file.kind].capitalize()}:** {note or 'Release the application.'}{shown}"
    outside = ", outside a transaction" if file.transactional is False and file.kind is StepKind.MIGRATION else ""
    heading = f"**{number}. {code(reader.path(file.path))}** ({_KINDS[file.kind]}{outside})"
    return f"{heading}{': ' + note if note else ''}\n\n{file_block(file, reader, BODY_LIMIT)}"


def _differences(findings: Sequence[Finding], reader: Reader) -> Iterator[str]:
    """How the result differs from the author's statements."""
    said = dict.fromkeys(one.rewrite.differs for one in findings if one.rewrite is not None and one.rewrite.differs)
    listed = [f"- {markdown(one, reader, 500)}" for one in said]
    if listed:
        yield f"What differs in the end:\n\n{_first(listed)}"


def _without(findings: Sequence[Finding], analysis: Analysis, reader: Reader) -> Iterator[str]:
    """Findings at statements without a known safe rewrite: the same behind a lock_timeout is none."""
    helped = {
        (one.statement.path, one.statement.start)
        for one in findings
        if one.files or one.rewrite is not None
        if not is_same(one)
    }
    left = [
        one
        for one in findings
        if (one.statement.path, one.statement.start) not in helped and (one.rewrite is None or not is_same(one))
    ]
    listed = [
        f"- {place(one.statement, analysis)}: {markdown(one.title, reader, 200)} ({code(one.rule)})" for one in left
    ]
    if listed:
        yield f"No safe rewrite is known for:\n\n{_first(listed)}"


def _first(lines: Sequence[str]) -> str:
    more = [f"- {len(lines) - _LISTED} more"] if len(lines) > _LISTED else []
    return "\n".join((*lines[:_LISTED], *more))
