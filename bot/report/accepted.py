"""What people accepted, in words: who, what and why. Accepted is not safe, so titles and first lines begin with it."""

import re
from collections.abc import Iterable, Iterator, Sequence

from bot.core.cost.estimate import Estimate
from bot.core.judging.allowing import IN_FILE
from bot.core.judging.analysis import Analysis
from bot.core.judging.findings import Allowed, ChecklistItem, Finding, Severity, State
from bot.core.language.messages import Message, say
from bot.core.record import record
from bot.report.disclosure import OWNER, Reader
from bot.report.markdown import code, cut, plain, prose
from bot.report.phrases import counted, how_long, lines, timed_by_statement
from bot.report.rendering import markdown, source, text
from bot.report.words import listing

_MOST_GROUPS = 3
_MOST_EFFECTS = 3
_MOST_NAMES = 3
_LONGEST_REASON = 300
_LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98})(?:\[bot\])?")


@record
class AcceptedTogether:
    """The findings that one person accepted for one reason, worst first."""

    allowed: Allowed
    findings: tuple[Finding, ...]


def accepted_findings(analysis: Analysis) -> list[Finding]:
    """The dangers and warnings that somebody accepted, worst first."""
    found = [one for one in analysis.findings if one.allowed is not None and one.severity.rank >= Severity.WARNING.rank]
    return sorted(found, key=lambda one: -one.severity.rank)


def acknowledged_items(analysis: Analysis) -> list[ChecklistItem]:
    """The required items of the checklist that a person settled."""
    return [
        item
        for item in analysis.checklist
        if item.by != "migsafe" and item.state is State.DONE and item.id in analysis.policy.require
    ]


def accepted_title(analysis: Analysis) -> str:
    """`Accepted: 1 danger, by @dev`; "" where nothing was accepted. Plain text."""
    findings, items = accepted_findings(analysis), acknowledged_items(analysis)
    if not findings and not items:
        return ""
    what = [counted(findings)] if findings else []
    by = [finding.allowed.by for finding in findings if finding.allowed is not None]
    who = _people([*by, *(item.by for item in items)])
    return f"Accepted: {listing([*what, *(item.id for item in items)])}, {who}"


def accepted_line(analysis: Analysis, reader: Reader) -> str:
    """`Accepted by @dev: 1 danger (`events` stops for 6 s). Reason: ...`; "" where nothing was accepted. Markdown."""
    return " ".join(_sentences(analysis, reader, marked=True))


def accepted_in_words(analysis: Analysis) -> str:
    """The same for a terminal, told to the owner."""
    return " ".join(_sentences(analysis, OWNER, marked=False))


def is_unsettled(analysis: Analysis) -> bool:
    """Whether something could not be judged, or is required and open."""
    required = {item.id for item in analysis.checklist if item.state in (State.OPEN, State.FAILED)}
    not_judged = bool(analysis.unread or analysis.undone or analysis.catalog_trouble)
    return not_judged or not required.isdisjoint(analysis.policy.require)


def accepted_comment(findings: Sequence[Finding]) -> str:
    """What a comment says once its findings are accepted: who, why, and what ends it. Markdown that mentions nobody."""
    said = [
        f"{code(one.rule)}: accepted by {code(one.allowed.by)}. {_reason(one.allowed.reason, marked=True)} "
        f"It falls when {lines(one.statement.lines)} {'changes' if _is_one_line(one) else 'change'}."
        for one in findings
        if one.allowed is not None
    ]
    return "\n\n".join(dict.fromkeys(said))


def _is_one_line(finding: Finding) -> bool:
    return finding.statement.lines.first == finding.statement.lines.last


def _sentences(analysis: Analysis, reader: Reader, *, marked: bool) -> Iterator[str]:
    written = markdown if marked else text
    groups = _together(accepted_findings(analysis))
    for group in groups[:_MOST_GROUPS]:
        effects = [written(_effect(finding, analysis), reader) for finding in group.findings[:_MOST_EFFECTS]]
        effects = list(dict.fromkeys(effects))
        more = "; …" if len(group.findings) > _MOST_EFFECTS else ""
        what = f"{counted(list(group.findings))} ({'; '.join(effects)}{more})"
        yield f"Accepted {_people([group.allowed.by])}: {what}. {_reason(group.allowed.reason, marked=marked)}"
    if len(groups) > _MOST_GROUPS:
        yield "More was accepted, and is listed below."
    for item in acknowledged_items(analysis):
        settled = f"Acknowledged {_people([item.by])}: {code(item.id) if marked else item.id}."
        yield f"{settled} {_reason(source(item.reason, reader), marked=marked)}"


def _reason(reason: str, *, marked: bool) -> str:
    """The words of whoever accepted it, on one line."""
    line = " ".join(cut(reason, _LONGEST_REASON).split())
    if not line:
        return ""
    return f"Reason: {prose(line) if marked else plain(line)}{'' if line[-1] in '.!?…' else '.'}"


def _together(findings: Iterable[Finding]) -> list[AcceptedTogether]:
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        if finding.allowed is not None:
            groups.setdefault((finding.allowed.by, finding.allowed.reason), []).append(finding)
    return [AcceptedTogether(Allowed(by, reason), tuple(found)) for (by, reason), found in groups.items()]


def _effect(finding: Finding, analysis: Analysis) -> Message:
    """What it does to whom, for how long; its title where nothing is blocked or nothing is known of the time."""
    timed = timed_by_statement(analysis).get(id(finding.statement))
    hold = next((one for one in timed.holds if one.relation == finding.relation), None) if timed is not None else None
    if finding.relation is None or finding.estimate is None or hold is None or finding.estimate.likely <= 0:
        return finding.title
    likely = finding.estimate.likely
    long = how_long(Estimate(likely, likely, likely))
    if hold.mode.blocks_reads:
        return say("{} stops for {}", finding.relation, long)
    return say("{} takes no writes for {}", finding.relation, long) if hold.mode.blocks_writes else finding.title


def _people(logins: Sequence[str]) -> str:
    """`by @dev`, `in the file`: logins of GitHub, which are plain text and valid Markdown."""
    each = [name for login in logins for name in login.split(", ")]
    names = list(dict.fromkeys(name for name in each if name != IN_FILE))
    shown = [_at(name) for name in names[:_MOST_NAMES]]
    more = [f"{len(names) - _MOST_NAMES} more"] if len(names) > _MOST_NAMES else []
    by = f"by {listing([*shown, *more])}" if names else ""
    return " and ".join(part for part in (by, "in the file" if IN_FILE in logins else "") if part)


def _at(login: str) -> str:
    return f"@{login}" if _LOGIN.fullmatch(login) else "somebody"
