"""The check run: its conclusion, its title, and the page behind it."""

import re
from collections.abc import Mapping, Sequence

from bot.core.judging.analysis import Analysis
from bot.core.judging.findings import ChecklistItem, Finding, Severity, State, Verdict
from bot.core.judging.policy import Policy
from bot.core.language.migrations import Lines
from bot.core.record import replace
from bot.report import runbook
from bot.report.accepted import accepted_title
from bot.report.disclosure import Disclosure, Reader
from bot.report.markdown import assemble, clean, code, cut, plain, prose
from bot.report.phrases import confidence, counted, standing
from bot.report.rendering import text
from bot.report.shapes import ANNOTATION_LIMIT, SUMMARY_LIMIT, Annotation, CheckOutput, Conclusion
from bot.report.summary import parts
from bot.report.words import count, sentence

RERUN = ("Re-run", "Look at this commit again", "rerun")
"""The button: label, description, identifier."""

NOT_JUDGED = "Not judged"
"""How a title says that nothing is known about the migrations."""
WAITING = "Waiting for GitHub"
"""The title of a check in progress that waits for what passes."""

_LEVELS = {Severity.DANGER: "failure", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_ON_ERROR = {
    "action_required": Conclusion.ACTION_REQUIRED,
    "neutral": Conclusion.NEUTRAL,
    "fail": Conclusion.FAILURE,
}
_BY_WEIGHT = (
    Conclusion.FAILURE,
    Conclusion.ACTION_REQUIRED,
    Conclusion.CANCELLED,
    Conclusion.NEUTRAL,
    Conclusion.SUCCESS,
)
"""The worst first."""
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
    marks = _annotations(analysis, reader)
    found = len(standing(analysis)) + len(analysis.unread)
    unmarked = f"{ANNOTATION_LIMIT} of {found} findings are marked at their lines, the worst first."
    last = (unmarked,) if found > ANNOTATION_LIMIT else ()
    return CheckOutput(
        conclusion=conclusion(analysis, partial=bool(trouble)),
        title=title(analysis, partial=bool(trouble)),
        summary=assemble(needed, optional, left_out=_CUT, last=last, limit=SUMMARY_LIMIT),
        text=assemble((runbook.page(analysis, reader, limit=SUMMARY_LIMIT),), limit=SUMMARY_LIMIT),
        annotations=marks,
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
    """One line: safe, accepted, attention or blocked, and what counts."""
    migrations = count(len(analysis.run.migrations), "migration")
    unread = f"{count(len(analysis.unread), 'statement')} not read" if analysis.unread else ""
    waiting = [item.id for item in _required_open(analysis)]
    open_items = f"open: {', '.join(waiting)}" if waiting else ""
    undone = "part of the work could not be done" if partial else ""
    replica = "the replica was not reached" if analysis.catalog_trouble is not None else ""
    counts = ", ".join(part for part in (counted(_telling(analysis)), unread, open_items, undone, replica) if part)
    accepted = accepted_title(analysis)
    match analysis.verdict:
        case Verdict.BLOCKED:
            return f"Blocked: {counts}{f'. {accepted}' if accepted else ''}"
        case _ if accepted:
            return f"{accepted}{f'. Attention: {counts}' if counts else ''}"
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
    """Another commit became the pull request's head before this one was judged, or before it was again."""
    return CheckOutput(
        Conclusion.CANCELLED,
        f"Superseded by {head_sha[:7]}",
        f"This commit was not judged, because the pull request's head is {code(head_sha[:7])} by now: the check of "
        "that commit counts. There is nothing to do here.",
        buttons=(RERUN,),
    )


def closed() -> CheckOutput:
    """The pull request was closed before it was judged."""
    return CheckOutput(
        Conclusion.CANCELLED, "Closed", "The pull request was closed before it was judged. Reopening it starts again."
    )


def withdrawn() -> CheckOutput:
    """The words of an earlier run, which showed what not everybody may read: only these change."""
    return CheckOutput(
        Conclusion.CANCELLED,
        "Withdrawn: the repository became public",
        "This run was written while the repository was private. The newest run of the pull request shows what "
        "everybody may read.",
    )


def replaced() -> CheckOutput:
    """A newer check run of the same commit counts."""
    return CheckOutput(
        Conclusion.CANCELLED, "Replaced by a newer run", "The newest check run of this commit has the answer."
    )


def group_ended(reason: str) -> CheckOutput:
    """The merge queue took its group back; `reason` is GitHub's word, "" if it says none."""
    said = f" ({prose(reason)})" if reason else ""
    return CheckOutput(
        Conclusion.CANCELLED,
        "The merge group ended",
        f"The merge queue needs no answer for this group any more{said}. The pull request's own check stands.",
    )


def disabled(source: str) -> CheckOutput:
    """The repository's configuration switches migsafe off."""
    return CheckOutput(
        Conclusion.NEUTRAL,
        "Switched off",
        f"{code('enabled: false')} in {prose(source)}: nothing was judged, and this check passes.",
    )


def trouble(what: str, policy: Policy | None = None, *, group: bool = False) -> CheckOutput:
    """Nothing could be judged, because GitHub or a part of migsafe did not answer; `what` is a sentence's text.

    Further lines of `what` stand below it. `group`: in a merge group.
    """
    first, *more = (sentence(line) for line in what.splitlines() or [""])
    return CheckOutput(
        _undone(policy),
        cut(f"{NOT_JUDGED}: {plain(what.partition(chr(10))[0])}", _LONGEST_TITLE),
        assemble((prose(first), *map(prose, more), _what_counts(policy, group=group)), limit=SUMMARY_LIMIT),
        buttons=(RERUN,),
    )


def waiting(reason: str, seconds: float, since: str, *, group: bool) -> tuple[str, str]:
    """Title and summary of a check in progress that waits for what passes at GitHub.

    `reason` is a sentence's text, what GitHub answered; `since` is a time. A merge `group` waits for a minute only, and
    takes its pull request's verdict then.
    """
    limit = "up to a minute" if group else "up to an hour"
    end = "the verdict of the pull request counts if it was reached for the same files; otherwise " if group else ""
    pause = f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
    return (
        WAITING,
        f"{prose(sentence(reason))}\n\nNothing is judged yet. migsafe began at {plain(since)} and tries again in "
        f"{pause}, by itself, for {limit}; then {end}this check ends as `on_error` of the configuration says.",
    )


def waiting_for(numbers: Sequence[int]) -> tuple[str, str]:
    """Title and summary of a check in progress whose commit is also the head of pull requests not judged yet."""
    others = _pulls(numbers)
    return (
        f"Waiting for {others}",
        f"This commit is also the head of {others}, and not judged there yet. A check belongs to a commit: the worst "
        "verdict of its pull requests counts. This check ends by itself when all of them are judged.",
    )


def shared(verdicts: Mapping[int, CheckOutput]) -> CheckOutput:
    """One check for several pull requests with the same head: the worst verdict, which names its pull request."""
    number, worst = min(verdicts.items(), key=lambda each: (_BY_WEIGHT.index(each[1].conclusion), each[0]))
    listed = "\n".join(f"- #{each}: {prose(verdicts[each].title)}" for each in sorted(verdicts))
    intro = (
        f"This commit is the head of {_pulls(sorted(verdicts))}. A check belongs to a commit: the worst verdict "
        f"counts, which is that of #{number}.\n\n{listed}"
    )
    return replace(
        worst,
        title=cut(f"#{number}: {worst.title}", _LONGEST_TITLE),
        summary=assemble((intro, worst.summary), limit=SUMMARY_LIMIT),
    )


def is_unjudged(title: str) -> bool:
    """Whether a check with this title says nothing about its migrations: it may be tried again.

    Earlier releases ended a check that was superseded or closed as `neutral`, which passes.
    """
    return re.match(rf"(#\d+: )?({NOT_JUDGED}|Superseded by |Closed\Z)", title) is not None


def noted(output: CheckOutput, note: str) -> CheckOutput:
    """The same verdict, with a paragraph of Markdown before its summary."""
    return replace(output, summary=assemble((note, output.summary), limit=SUMMARY_LIMIT))


def internal_error(error_id: str, policy: Policy | None = None, *, group: bool = False) -> CheckOutput:
    """A bug of migsafe: the operator finds it in the log by its id."""
    return CheckOutput(
        _undone(policy),
        f"{NOT_JUDGED}: internal error {error_id}",
        f"migsafe failed. Its log has the details under {code(error_id)}.\n\n{_what_counts(policy, group=group)}",
        buttons=(RERUN,),
    )


def _conclusion(analysis: Analysis, *, partial: bool) -> Conclusion:
    if analysis.verdict is Verdict.BLOCKED:
        return Conclusion.FAILURE
    if _required_open(analysis):
        return Conclusion.ACTION_REQUIRED
    return _undone(analysis.policy) if partial else Conclusion.SUCCESS


def _pulls(numbers: Sequence[int]) -> str:
    names = [f"#{number}" for number in numbers]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _undone(policy: Policy | None) -> Conclusion:
    """How a check concludes whose work could not be done: by `on_error`, which `mode: observe` makes neutral."""
    known = policy or Policy()
    return Conclusion.NEUTRAL if known.mode == "observe" else _ON_ERROR[known.on_error]


def _what_counts(policy: Policy | None, *, group: bool) -> str:
    """What a check means whose work could not be done, and what happens next."""
    known = policy or Policy()
    source = "mode: observe" if known.mode == "observe" else f"on_error: {known.on_error}"
    ends = "passes" if _undone(policy) is Conclusion.NEUTRAL else "does not pass"
    counts = f"No migration was judged, and by {code(source)} this check {ends}."
    if not group:
        return f'{counts} migsafe looks at the commit again by itself; "Re-run" does it now.'
    return counts if ends == "passes" else f"{counts} Put the pull request into the merge queue again to try again."


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
    """Open findings, worst first, then what was not read: as many as are shown, because each is worded."""
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
        for finding in standing(analysis)[:ANNOTATION_LIMIT]
    ]
    marks += [
        _unread(part.path, part.lines, cut(plain(sentence(part.reason)), _LONGEST_MESSAGE))
        for part in analysis.unread[: ANNOTATION_LIMIT - len(marks)]
    ]
    return tuple(marks)


def _unread(path: str, at: Lines, reason: str) -> Annotation:
    return Annotation(clean(path), at.first, at.last, "warning", "Not read", reason)
