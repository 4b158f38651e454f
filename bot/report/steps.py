"""A safe rewrite in words and as code: what to do instead, the suggestion, the further files."""

from collections.abc import Sequence

from bot.core.judging.findings import Finding, Step, StepKind, WrittenFile
from bot.core.language.messages import NOTHING, joined, say, sentence, stopped
from bot.report.disclosure import NOT_SHOWN, Reader
from bot.report.markdown import clean, code, cut, details, fence, html_code
from bot.report.phrases import try_again
from bot.report.rendering import markdown

_LATER = ", in a later pull request"
LONGEST_FILE = 12_000
"""The most characters of a file that a comment shows."""
_LANGUAGES = {"sql": "sql", "rb": "ruby", "py": "python", "sh": "sh", "yml": "yaml", "ex": "elixir"}
_KINDS = {StepKind.MIGRATION: "", StepKind.SCRIPT: "a script, run by hand", StepKind.DEPLOY: "a deploy"}


def instead(findings: Sequence[Finding], reader: Reader) -> str:
    """What to do instead of a statement: a sentence, or a list in the order of deployment; "" where none is known."""
    notes = _notes(findings, reader)
    if not notes:
        return ""
    ends = dict.fromkeys(one.rewrite.differs for one in findings if one.rewrite is not None and one.rewrite.differs)
    differs = stopped(say("What differs in the end: {}", joined("; ", ends)))
    last = (differs if ends else NOTHING, try_again(findings))
    end = "".join(f"\n\n{markdown(one, reader)}" for one in last if one)
    if len(notes) == 1:
        return f"*Instead:* {notes[0]}{end}"
    numbered = "\n".join(f"{number}. {note}" for number, note in enumerate(notes, start=1))
    return f"*Instead*, in this order:\n\n{numbered}{end}"


def files_of(findings: Sequence[Finding]) -> list[WrittenFile]:
    """The files of several findings, each once."""
    distinct = {(file.kind, file.path, file.text or file.note): file for one in findings for file in one.files}
    return list(distinct.values())


def file_block(file: WrittenFile, reader: Reader, limit: int = LONGEST_FILE) -> str:
    """A file as a code block, cut where it is longer than `limit` characters."""
    if not reader.may_see_code(file.text):
        return NOT_SHOWN
    text = clean(file.text)
    missing = f"\n\n(The first {limit:,} characters of {len(text):,}.)" if len(text) > limit else ""
    return fence(cut(text, limit), language(file.path)) + missing


def folded(number: int, file: WrittenFile, reader: Reader) -> str:
    """A file of a later step, folded."""
    kind = f" ({_KINDS[file.kind]})" if _KINDS[file.kind] else ""
    name = html_code(reader.path(file.path)) if file.path is not None else ""
    return details(f"Step {number}{_LATER if file.stage > 1 else ''}: {name}{kind}", file_block(file, reader))


def with_text(files: Sequence[WrittenFile]) -> list[tuple[int, WrittenFile]]:
    """The files with content, each with the number of its step."""
    return [(number, file) for number, file in enumerate(files, start=1) if file.path is not None and file.text]


def language(path: str | None) -> str:
    """The language for highlighting a code block."""
    return _LANGUAGES.get((path or "").rpartition(".")[2], "")


def _notes(findings: Sequence[Finding], reader: Reader) -> list[str]:
    files = files_of(findings)
    if files:
        return [_file_note(file, reader) for file in files]
    rewrite = next((one.rewrite for one in findings if one.rewrite is not None), None)
    return [_step_note(step, reader) for step in rewrite.steps] if rewrite is not None else []


def _file_note(file: WrittenFile, reader: Reader) -> str:
    note = markdown(sentence(file.note), reader)
    if file.path is None:
        return note or "Deploy the application."
    kind = f", {_KINDS[file.kind]}" if _KINDS[file.kind] else ""
    outside = ", outside a transaction" if file.transactional is False and file.kind is StepKind.MIGRATION else ""
    later = _LATER if file.stage > 1 and file.kind is StepKind.MIGRATION else ""
    return f"{code(reader.path(file.path.rpartition('/')[2]))}{kind}{later}{outside}{': ' + note if note else '.'}"


def _step_note(step: Step, reader: Reader) -> str:
    bare = {StepKind.MIGRATION: "A migration.", StepKind.SCRIPT: "A script.", StepKind.DEPLOY: "A deploy."}
    return markdown(sentence(step.note), reader) or bare[step.kind]
