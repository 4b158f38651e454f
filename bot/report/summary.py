"""The check run's page: verdict, findings, what was read, checklist, locks, sources."""

from collections.abc import Iterator, Sequence

from bot.core.judging.analysis import Analysis
from bot.core.judging.findings import ChecklistItem, Finding, Severity, State, Verdict
from bot.core.language import messages as ms
from bot.core.language import operations as op
from bot.core.language.messages import joined
from bot.report import timeline
from bot.report.accepted import accepted_findings, accepted_line, is_unsettled
from bot.report.disclosure import Reader
from bot.report.markdown import code, cut, prose, table
from bot.report.phrases import how_long, place, standing
from bot.report.rendering import markdown
from bot.report.words import count, duration, listing, sentence

_MOST_FINDINGS = 100
_MOST_UNREAD = 50
_STATES = {
    State.DONE: "done",
    State.OPEN: "**open**",
    State.FAILED: "**failed**",
    State.NOT_APPLICABLE: "not applicable",
}


def parts(analysis: Analysis, reader: Reader, trouble: Sequence[str] = ()) -> tuple[list[str], list[str]]:
    """The parts that must be on the page, and those that may be left out where there is no room."""
    needed = [
        verdict_line(analysis, reader),
        "\n\n".join(prose(sentence(one)) for one in trouble),
        findings_table(analysis, reader),
        read_lines(analysis),
        checklist_table(analysis.checklist, reader),
    ]
    locks = timeline.as_table(analysis, reader)
    optional = [
        f"### Locks, in the order they are taken\n\n{locks}" if locks else "",
        _section("What this rests on", _rests_on(analysis, reader)),
        _section("Accepted", _accepted(analysis)),
        _section("Allows that do not count", _unused(analysis)),
        _section("Notes", [markdown(ms.sentence(note), reader, 500) for note in analysis.notes]),
    ]
    return needed, optional


def _unsettled(analysis: Analysis) -> str:
    """Why it is not safe though nothing unsafe was found that nobody accepted."""
    more = " else" if accepted_findings(analysis) else ""
    if analysis.unread or analysis.undone or analysis.catalog_trouble:
        return f"Nothing{more} unsafe was found in what could be judged, and not everything could be."
    return f"Nothing{more} unsafe was found, but what this repository requires of a migration is still open."


def verdict_line(analysis: Analysis, reader: Reader) -> str:
    """The verdict as a sentence: what it means for this deploy, and first of all what somebody accepted."""
    accepted = accepted_line(analysis, reader)
    found = standing(analysis)
    worst = sum(finding.severity is Severity.DANGER for finding in found)
    warnings = sum(finding.severity is Severity.WARNING for finding in found)
    match analysis.verdict:
        case Verdict.BLOCKED:
            said = f"Not safe to deploy: {count(worst, 'finding')} must be resolved, or accepted with a reason."
        case Verdict.ATTENTION if warnings:
            said = f"Look at {count(warnings, 'warning')} before you deploy."
        case Verdict.ATTENTION if accepted and not is_unsettled(analysis):
            said = ""
        case Verdict.ATTENTION:
            said = _unsettled(analysis)
        case Verdict.SAFE:
            said = "" if accepted else "Safe to deploy."
    observed = "migsafe only observes here: this check never fails." if analysis.policy.mode == "observe" else ""
    parts = (said, accepted, observed) if analysis.verdict is Verdict.BLOCKED else (accepted, said, observed)
    return f"**{' '.join(part for part in parts if part)}**"


def findings_table(analysis: Analysis, reader: Reader) -> str:
    """The open findings, worst first; "" where there are none."""
    found = standing(analysis)
    if not found:
        return ""
    rows = (
        (
            finding.severity.value,
            place(finding.statement, analysis),
            markdown(finding.title, reader, 300),
            markdown(how_long(finding.estimate), reader) if finding.estimate is not None else "",
            code(finding.rule),
        )
        for finding in found[:_MOST_FINDINGS]
    )
    rows = dict.fromkeys(rows)
    more = f"\n\nAnd {len(found) - _MOST_FINDINGS} more." if len(found) > _MOST_FINDINGS else ""
    return table(("Severity", "Where", "What happens", "For how long", "Rule"), rows) + more


def read_lines(analysis: Analysis) -> str:
    """How much was read, and what was not, with its reason; "" where there is no migration."""
    if not analysis.run.migrations:
        return ""
    statements = analysis.run.statements
    unread = sum(any(isinstance(one, op.Unread) for one in statement.operations) for statement in statements)
    tools = listing(analysis.frameworks)
    files = [code(migration.path) for migration in analysis.run.migrations]
    named = listing(files[:5]) + (f" and {len(files) - 5} more" if len(files) > 5 else "")
    said = f"Read {len(statements) - unread:,} of {count(len(statements), 'statement')} in {named}"
    said += (
        f" ({tools}, judged as PostgreSQL {analysis.major})." if tools else f", judged as PostgreSQL {analysis.major}."
    )
    missing = [
        f"- {code(part.path)} line {part.lines.first}: {prose(part.reason, 300)}"
        for part in analysis.unread[:_MOST_UNREAD]
    ]
    if len(analysis.unread) > _MOST_UNREAD:
        missing.append(f"- and {len(analysis.unread) - _MOST_UNREAD} more")
    return said + (" Not read:\n\n" + "\n".join(missing) if missing else "")


def checklist_table(items: Sequence[ChecklistItem], reader: Reader) -> str:
    """The checklist with the ids that `/migsafe acknowledge` takes; "" where there is none."""
    if not items:
        return ""
    rows = ((code(item.id), prose(item.text), _STATES[item.state], _reason(item, reader)) for item in items)
    shown = f"### Checklist\n\n{table(('Item', 'Meaning', 'State', 'Because'), rows)}"
    if any(item.state is State.OPEN for item in items):
        shown += f"\n\nIf you know the answer to an open item, say so: {code('/migsafe acknowledge ITEM REASON')}."
    return shown


def _reason(item: ChecklistItem, reader: Reader) -> str:
    said = markdown(item.reason, reader, 1_000)
    if item.by == "migsafe":
        return said
    when = f", {prose(item.at)}" if item.at else ""
    return f"{said} ({code(item.by)}{when})"


def _rests_on(analysis: Analysis, reader: Reader) -> Iterator[str]:
    catalog = analysis.catalog
    if catalog is not None:
        what = "a replica" if catalog.standby else "a primary"
        lag = f", {duration(catalog.replay_lag)} behind its primary" if catalog.replay_lag is not None else ""
        yield f"The catalog of {what}{f' at {prose(catalog.at)}' if catalog.at else ''}{lag}."
    elif analysis.catalog_trouble is None:
        yield "No replica: the size and the schema of the tables are not known."
    rests = dict.fromkeys(one.estimate.rests_on for one in analysis.timeline if one.estimate and one.estimate.rests_on)
    for parts in list(rests)[:8]:
        yield f"Times are estimated from {markdown(joined('; ', parts), reader, 500)}."
    assumed = dict.fromkeys(
        (
            *(assumption for finding in analysis.findings for assumption in finding.assumptions),
            *(assumption for timed in analysis.timeline for assumption in timed.effects.assumptions),
        )
    )
    for line in [one for one in assumed if one not in analysis.notes][:20]:
        yield f"Assumptions: {markdown(line, reader, 500)}."
    yield f"Thresholds and rules: {prose(analysis.policy.source)}."


def _accepted(analysis: Analysis) -> Iterator[str]:
    for finding in analysis.findings:
        if finding.allowed is not None:
            yield f"{code(finding.rule)} at {place(finding.statement, analysis)}: {_allowed(finding)}"


def _allowed(finding: Finding) -> str:
    allowed = finding.allowed
    if allowed is None:
        return ""
    line = f", line {allowed.line}" if allowed.line is not None else ""
    return f"{prose(sentence(allowed.reason), 500)} ({code(allowed.by)}{line})"


def _unused(analysis: Analysis) -> Iterator[str]:
    for one in analysis.uncounted:
        at = f"{code(one.path)} line {one.line}, {code(cut(one.rule, 80))}"
        why = f", and {prose(one.why, 500)}" if one.why else ""
        if one.final:
            yield f"{at}: {prose(one.why, 500)}."
        else:
            asked = cut(" ".join(f"/migsafe allow {one.rule} {one.reason or 'REASON'}".split()), 200)
            yield f"{at}: a danger{why}: somebody with write permission must confirm: {code(asked)}"
    for path, allow in analysis.unused_allows:
        why = "it silenced nothing" if allow.reason.strip() else "it has no reason"
        yield f"{code(path)} line {allow.line}, {code(cut(allow.rule, 80))}: {why}."


def _section(heading: str, lines: Iterator[str] | Sequence[str]) -> str:
    listed = [f"- {line}" for line in lines if line]
    return f"### {heading}\n\n" + "\n".join(listed) if listed else ""
