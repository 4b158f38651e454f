"""Every safe step of a run as files, in the order of deployment: the answer to `/migsafe plan`."""

from collections.abc import Iterator

from bot.core.analysis import Analysis
from bot.core.findings import Finding, StepKind, WrittenFile
from bot.core.words import sentence
from bot.report.markdown import assemble, code, prose
from bot.report.phrases import place, standing
from bot.report.shapes import BODY_LIMIT
from bot.report.steps import file_block

_CUT = "Further files are too long for a comment: `migsafe check --format json` has them in `rewrite.steps`."
_KINDS = {
    StepKind.MIGRATION: "migration",
    StepKind.SCRIPT: "script, run by hand or by a job",
    StepKind.DEPLOY: "deploy",
}


def plan(analysis: Analysis, *, limit: int = BODY_LIMIT) -> str:
    """The files of every finding that stands, as Markdown; a file that several findings share stands once."""
    found = [finding for finding in standing(analysis) if finding.files]
    without = [finding for finding in standing(analysis) if not finding.files and finding.rewrite is None]
    if not found:
        return _nothing(without)
    blocks = [block for finding in found for block in _blocks(finding, analysis)]
    distinct = list(dict.fromkeys(blocks))
    if without:
        distinct.append(_nothing(without))
    return assemble(distinct[:1], distinct[1:], left_out=_CUT, limit=limit)


def _nothing(without: list[Finding]) -> str:
    if not without:
        return "There is nothing to rewrite."
    named = "\n".join(f"- {prose(finding.title, 300)} ({code(finding.rule)})" for finding in without[:50])
    return f"No safe rewrite is known for:\n\n{named}"


def _blocks(finding: Finding, analysis: Analysis) -> Iterator[str]:
    """One block a step: its heading, its note, its text."""
    yield f"### {prose(finding.title, 300)}\n\n{_of(finding, analysis)}"
    for number, file in enumerate(finding.files, start=1):
        yield _block(number, file)


def _of(finding: Finding, analysis: Analysis) -> str:
    differs = finding.rewrite.differs if finding.rewrite is not None else ""
    end = f" What differs in the end: {prose(differs.rstrip('.'))}." if differs else ""
    return f"Instead of {place(finding.statement, analysis)}.{end}"


def _block(number: int, file: WrittenFile) -> str:
    note = prose(sentence(file.note))
    if file.path is None:
        return f"{number}. {_KINDS[file.kind].capitalize()}: {note or 'release the application.'}"
    outside = ", outside a transaction" if file.transactional is False and file.kind is StepKind.MIGRATION else ""
    heading = f"{number}. {code(file.path)} ({_KINDS[file.kind]}{outside})"
    return f"{heading}{': ' + note if note else ''}\n\n{file_block(file)}"
