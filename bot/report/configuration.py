"""What a check says of the repository's configuration: where it cannot be read, and what changes with the merge."""

from collections.abc import Sequence

from bot.core.record import record, replace
from bot.report.markdown import assemble, code, cut, plain, prose
from bot.report.shapes import ANNOTATION_LIMIT, SUMMARY_LIMIT, Annotation, CheckOutput, Conclusion

_LONGEST_TITLE = 250
_LONGEST_MESSAGE = 4_000


@record
class BrokenFile:
    """A configuration file that cannot be read; `problems` are 1-based lines with what is wrong there."""

    path: str
    problems: Sequence[tuple[int, str]]

    @property
    def line(self) -> int:
        return self.problems[0][0]


def with_notes(output: CheckOutput, notes: Sequence[str]) -> CheckOutput:
    """The check with these notes, each Markdown, behind its first paragraph."""
    if not notes:
        return output
    first, _, rest = output.summary.partition("\n\n")
    return replace(output, summary=assemble((first, *notes, rest), limit=SUMMARY_LIMIT))


def broken_by_proposal(output: CheckOutput, files: Sequence[BrokenFile], *, observed: bool) -> CheckOutput:
    """The check of a pull request that brings a configuration that cannot be read: it fails, at the file's lines.

    `observed`: the repository's `mode: observe`, under which nothing fails.
    """
    first = files[0]
    marks = [
        Annotation(file.path, line, line, "failure", "Configuration error", cut(plain(said), _LONGEST_MESSAGE))
        for file in files
        for line, said in file.problems
    ]
    said = [
        f"**This pull request breaks the configuration.** {code(file.path)} cannot be read: {problems(file)}"
        for file in files
    ]
    mend = "Once merged, it would not count: mend it here. The base branch's configuration judges the rest."
    return replace(
        output,
        conclusion=Conclusion.NEUTRAL if observed else Conclusion.FAILURE,
        title=cut(f"Configuration error: {plain(first.path)}, line {first.line}. {output.title}", _LONGEST_TITLE),
        summary=assemble((*said, mend, output.summary), limit=SUMMARY_LIMIT),
        annotations=(*marks, *output.annotations)[:ANNOTATION_LIMIT],
    )


def broken_on_base(file: BrokenFile, instead: str) -> str:
    """The note on a file that is merged and cannot be read; `instead` is what judges in its place, Markdown."""
    return (
        f"**The configuration cannot be read**, so {instead}. In {prose(file.path)}: {problems(file)} "
        "It is merged already: a pull request that mends it ends this."
    )


def changes_with_merge(path: str, *, removed: bool) -> str:
    """The note on a configuration that the pull request changes, and that can be read."""
    what = "is removed" if removed else "can be read, and counts"
    return f"{code(path)} {what} with the merge. This pull request is judged by the base branch's configuration."


def from_default_branch(base: str, default: str) -> str:
    """The note on a stacked pull request."""
    return (
        f"The configuration is that of {code(default)}: the base branch {code(base)} is itself an open pull request, "
        "whose configuration nobody has reviewed yet."
    )


def last_valid(source: str, commit: str, at: str) -> str:
    """What judges instead of a broken file: the one before. A clause."""
    return f"the last valid one judges: {prose(source)} at {code(commit[:7])}, seen {prose(at[:10])}"


DEFAULTS = "the defaults judge: no valid one was seen before"


def _stopped(said: str) -> str:
    return said if said.endswith((".", "?", "!")) else f"{said}."


def problems(file: BrokenFile) -> str:
    """What is wrong in it, each with its line, once."""
    if len(file.problems) == 1:
        line, said = file.problems[0]
        return f"line {line}: {prose(_stopped(said))}"
    listed = "\n".join(f"- line {line}: {prose(_stopped(said))}" for line, said in file.problems)
    return f"\n\n{listed}\n\n"
