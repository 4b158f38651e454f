"""The check run: its conclusion, its title, and the page behind it."""

from collections.abc import Sequence

from bot.core.judging.analysis import Analysis
from bot.core.judging.findings import ChecklistItem, Finding, Severity, State, Verdict
from bot.core.judging.policy import Policy
from bot.core.language.migrations import Lines
from bot.report import runbook
from bot.report.disclosure import Disclosure, Reader
from bot.report.markdown import assemble, clean, code, cut, plain, prose
from bot.report.phrases import confidence, counted, standing
from bot.report.rendering import text
from bot.report.shapes import ANNOTATION_LIMIT, SUMMARY_LIMIT, Annotation, CheckOutput, Conclusion
from bot.report.summary import parts
from bot.report.words import count, sentence

RERUN = ("Re-run", "Look at this commit again", "rerun")
"""The button: label, description, identifier."""

_LEVELS = {Severity.DANGER: "failure", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_ON_ERROR = {
    "action_required": Conclusion.ACTION_REQUIRED,
    "neutral": Conclusion.NEUTRAL,
    "fail": Conclusion.FAILURE,
}
_LONGEST_TITLE = 250
_LONGEST_MESSAGE = 4_000
_CUT = "The rest is too long for a check run: `migsafe check` shows it in full."


def check_output(analysis: Analysis, disclosure: Disclosure, trouble: Sequence[str] = ()) -> CheckOutput:
    """The concluded check run. `trouble`: what could not be done, each a sentence without a full stop."""
    if not analysis.run.migrations and not trouble:
        return no_migrations()
    failed = [*trouble, *_replica_trouble(analysis)]
    reader = Reader.of(analysis, disclosure)
    needed, optional = parts(analysis, reader, failed)
    return CheckOutput(
        conclusion=conclusion(analysis, partial=bool(trouble)),
        title=title(analysis, partial=bool(trouble)),
        summary=assemble(needed, optional, left_out=_CUT, limit=SUMMARY_LIMIT),
        text=assemble((runbook.page(analysis, reader, limit=SUMMARY_LIMIT),), limit=SUMMARY_LIMIT),
        annotations=_annotations(analysis, reader),
        buttons=(RERUN,),
    )


def conclusion(analysis: Analysis, *, partial: bool) -> Conclusion:
    """The conclusion that GitHub shows and a required check uses; `partial`: a part of the work could not be done.

    In this order: blocked is `failure`; an open item of `require:` is `action_required`; what could not be done is
    what the repository says by `on_error`; else `success`. `mode: observe` makes `neutral` what would stop a merge.
    """
    found = _conclusion(analysis, partial=partial)
    if analysis.policy.mode == "observe" and found in (Conclusion.FAILURE, Conclusion.ACTION_REQUIRED):
        return Conclusion.NEUTRAL
    return found


def title(analysis: Analysis, *, partial: bool = False) -> str:
    """One line: safe, attention or blocked, and what counts."""
    migrations = count(len(analysis.run.migrations), "migration")
    unread = f"{count(len(analysis.unread), 'statement')} not read" if analysis.unread else ""
    waiting = [item.id for item in _required_open(analysis)]
    open_items = f"open: {', '.join(waiting)}" if waiting else ""
    undone = "part of the work could not be done" if partial else ""
    replica = "the replica was not reached" if analysis.catalog_trouble is not None else ""
    counts = ", ".join(part for part in (counted(_telling(analysis)), unread, open_items, undone, replica) if part)
    match analysis.verdict:
        case Verdict.BLOCKED:
            return f"Blocked: {counts}"
        case Verdict.ATTENTION:
            return f"Attention: {counts or migrations}"
        case Verdict.SAFE:
            return f"Attention: {counts}" if partial or replica else f"Safe: {migrations}"


def no_migrations() -> CheckOutput:
    """The pull request changes no migration."""
    return CheckOutput(
        Conclusion.SUCCESS, "No migrations changed", "Nothing to judge: no migration is added or changed."
    )


def not_postgresql(reason: str) -> CheckOutput:
    """The migrations are another database's; `reason` says how that is known."""
    return CheckOutput(
        Conclusion.SUCCESS,
        "No PostgreSQL migrations",
        f"The changed migrations are not PostgreSQL's: {prose(reason)}. migsafe judges PostgreSQL only.",
    )


def superseded(head_sha: str) -> CheckOutput:
    """A newer commit was pushed while this one was judged."""
    return CheckOutput(
        Conclusion.NEUTRAL,
        f"Superseded by {head_sha[:7]}",
        f"A newer commit, {code(head_sha[:7])}, was pushed: its own check has the answer.",
    )


def closed() -> CheckOutput:
    """The pull request was closed before it was judged."""
    return CheckOutput(
        Conclusion.NEUTRAL, "Closed", "The pull request was closed before it was judged. Reopening it starts again."
    )


def disabled(source: str) -> CheckOutput:
    """The repository's configuration switches migsafe off."""
    return CheckOutput(
        Conclusion.NEUTRAL, "Switched off", f"{code('enabled: false')} in {prose(source)}: nothing was judged."
    )


def configuration_error(path: str, line: int | None, message: str, *, in_pull_request: bool = False) -> CheckOutput:
    """The configuration cannot be read; it is marked at its line where the pull request holds the file."""
    at = f", line {line}" if line is not None else ""
    marked = Annotation(
        path, line or 1, line or 1, "failure", "Configuration error", cut(plain(message), _LONGEST_MESSAGE)
    )
    return CheckOutput(
        Conclusion.NEUTRAL,
        cut(f"Configuration error: {plain(path)}{at}", _LONGEST_TITLE),
        f"{code(path)}{at}: {prose(sentence(message))}\n\nNo migration was judged. "
        "The configuration is read from the base branch: fix it there, then run this check again.",
        annotations=(marked,) if in_pull_request else (),
        buttons=(RERUN,),
    )


def trouble(what: str, policy: Policy | None = None) -> CheckOutput:
    """Nothing could be judged, because GitHub or a part of migsafe did not answer; `what` is a sentence's text."""
    return CheckOutput(
        _undone(policy),
        cut(f"Not judged: {plain(what)}", _LONGEST_TITLE),
        f"{prose(sentence(what))}\n\nNo migration was judged. Run this check again, or push.",
        buttons=(RERUN,),
    )


def waiting(reason: str, seconds: float) -> tuple[str, str]:
    """Title and summary of a check in progress that waits for what passes at GitHub; `reason` is a sentence's text."""
    pause = f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
    return (
        cut(f"Waiting: {plain(reason)}", _LONGEST_TITLE),
        f"{prose(sentence(reason))}\n\nNothing is judged yet. migsafe tries again in {pause}, by itself.",
    )


def internal_error(error_id: str, policy: Policy | None = None) -> CheckOutput:
    """A bug of migsafe: the operator finds it in the log by its id."""
    return CheckOutput(
        _undone(policy),
        f"Not judged: internal error {error_id}",
        f"migsafe failed. Its log has the details under {code(error_id)}.\n\n"
        "No migration was judged. Run this check again.",
        buttons=(RERUN,),
    )


def _conclusion(analysis: Analysis, *, partial: bool) -> Conclusion:
    if analysis.verdict is Verdict.BLOCKED:
        return Conclusion.FAILURE
    if _required_open(analysis):
        return Conclusion.ACTION_REQUIRED
    return _undone(analysis.policy) if partial else Conclusion.SUCCESS


def _undone(policy: Policy | None) -> Conclusion:
    """How a check concludes whose work could not be done: by `on_error`, which `mode: observe` makes neutral."""
    known = policy or Policy()
    return Conclusion.NEUTRAL if known.mode == "observe" else _ON_ERROR[known.on_error]


def _required_open(analysis: Analysis) -> list[ChecklistItem]:
    return [
        item
        for item in analysis.checklist
        if item.id in analysis.policy.require and item.state in (State.OPEN, State.FAILED)
    ]


def _telling(analysis: Analysis) -> list[Finding]:
    return [finding for finding in standing(analysis) if finding.severity is not Severity.NOTE]


def _replica_trouble(analysis: Analysis) -> list[str]:
    if analysis.catalog_trouble is None:
        return []
    return [
        f"The replica was not reached ({analysis.catalog_trouble}), so nothing is known of the tables' size or schema"
    ]


def _annotations(analysis: Analysis, reader: Reader) -> tuple[Annotation, ...]:
    """The open findings, worst first, then what was not read."""
    marks = [
        Annotation(
            clean(finding.statement.path),
            finding.statement.lines.first,
            finding.statement.lines.last,
            _LEVELS[finding.severity],
            cut(text(finding.title, reader), _LONGEST_TITLE),
            cut(
                f"{text(finding.message, reader)} {text(confidence(finding, analysis), reader)}".strip(),
                _LONGEST_MESSAGE,
            ),
        )
        for finding in standing(analysis)
    ]
    marks += [
        _unread(part.path, part.lines, cut(plain(sentence(part.reason)), _LONGEST_MESSAGE)) for part in analysis.unread
    ]
    return tuple(marks[:ANNOTATION_LIMIT])


def _unread(path: str, at: Lines, reason: str) -> Annotation:
    return Annotation(clean(path), at.first, at.last, "warning", "Not read", reason)
