"""The analysis as text for a terminal."""

from collections.abc import Callable, Iterator
from textwrap import fill

from bot.core.judging.analysis import Analysis
from bot.core.judging.findings import Finding, Severity, State, StepKind, Verdict, WrittenFile
from bot.core.language import messages as ms
from bot.core.language import operations as op
from bot.report import timeline
from bot.report.accepted import accepted_in_words, is_unsettled
from bot.report.disclosure import OWNER
from bot.report.markdown import clean, plain
from bot.report.phrases import confidence, counted, over_autovacuum, standing, try_again
from bot.report.rendering import text as rendered
from bot.report.words import count, duration

Style = Callable[[str, str], str]
"""(role, text) -> text as it is shown. Roles: danger, warning, note, safe, attention, blocked, place, code, heading."""

_WIDTH = 100
_MOST_LINES = 30
"""The most lines of a file that are shown."""
_OBSERVED = "mode: observe is for the check of a pull request only: this command fails all the same."
_STATES = {State.DONE: "done", State.OPEN: "open", State.FAILED: "failed", State.NOT_APPLICABLE: "n/a"}


def render(analysis: Analysis, style: Style | None = None) -> str:
    """Findings first, then what was not read, the locks, the checklist, and the verdict last."""
    paint = style or _plainly
    shown: set[WrittenFile] = set()
    blocks = [
        *(_finding(finding, analysis, shown, paint) for finding in standing(analysis)),
        _wrapped(rendered(over_autovacuum(try_again(standing(analysis))), OWNER)),
        _accepted(analysis),
        _unread(analysis, paint),
        _section("Locks, in the order they are taken", timeline.as_text(analysis), paint),
        _section("Checklist", list(_checklist(analysis, paint)), paint),
        _section("Notes", [rendered(ms.sentence(note), OWNER) for note in analysis.notes], paint),
        _OBSERVED if analysis.policy.mode == "observe" else "",
        _verdict(analysis, paint),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _plainly(_role: str, text: str) -> str:
    return text


def _finding(finding: Finding, analysis: Analysis, shown: set[WrittenFile], paint: Style) -> str:
    at = f"{clean(finding.statement.path)}:{finding.statement.lines.first}"
    severity = finding.severity.value
    lines = [f"{paint('place', at)}: {paint(severity, severity)}: {rendered(finding.title, OWNER)} [{finding.rule}]"]
    lines += [_wrapped(rendered(part, OWNER)) for part in (finding.message, confidence(finding, analysis)) if part]
    lines += _steps(finding, shown, paint)
    return "\n".join(lines)


def _steps(finding: Finding, shown: set[WrittenFile], paint: Style) -> Iterator[str]:
    """The steps in order; a file that was shown before is only named."""
    if not finding.files:
        return
    yield "  Instead:"
    for number, file in enumerate(finding.files, start=1):
        kind = "" if file.kind is StepKind.MIGRATION else f" ({file.kind.value})"
        kind = " (in a later pull request)" if file.stage > 1 and not kind else kind
        name = f" {clean(file.path)}" if file.path is not None else ""
        note = f"{':' if name or kind else ''} {rendered(file.note, OWNER)}" if file.note else ""
        yield f"  {number}.{name}{kind}{note}"
        if file.text and file not in shown:
            yield from _code(file, paint)
        shown.add(file)
    if finding.rewrite is not None and finding.rewrite.differs:
        differs = ms.stopped(ms.say("What differs in the end: {}", finding.rewrite.differs))
        yield _wrapped(rendered(differs, OWNER))


def _code(file: WrittenFile, paint: Style) -> Iterator[str]:
    lines = clean(file.text).strip("\n").split("\n")
    yield from (paint("code", f"       {line}".rstrip()) for line in lines[:_MOST_LINES])
    if len(lines) > _MOST_LINES:
        yield f"       ({len(lines) - _MOST_LINES} more lines: --format json has them)"


def _wrapped(text: str) -> str:
    return fill(text, _WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)


def _accepted(analysis: Analysis) -> str:
    lines = [
        f"{clean(finding.statement.path)}:{finding.statement.lines.first}: accepted by {clean(finding.allowed.by)}: "
        f"{rendered(finding.title, OWNER)} [{finding.rule}]: {plain(finding.allowed.reason)}"
        for finding in analysis.findings
        if finding.allowed is not None
    ]
    lines += [
        f"{clean(path)}:{allow.line}: this allow of {clean(allow.rule)} "
        f"{'silenced nothing' if allow.reason.strip() else 'has no reason, so it does not count'}"
        for path, allow in analysis.unused_allows
    ]
    lines += [
        f"{clean(one.path)}:{one.line}: this acceptance of {clean(one.rule)} does not count: {plain(one.why)}"
        for one in analysis.uncounted
    ]
    return "\n".join(lines)


def _unread(analysis: Analysis, paint: Style) -> str:
    lines = ((f"{clean(part.path)}:{part.lines.first}", plain(part.reason)) for part in analysis.unread)
    return "\n".join(f"{paint('place', at)}: {paint('warning', 'not read')}: {reason}" for at, reason in lines)


def _checklist(analysis: Analysis, paint: Style) -> Iterator[str]:
    width = max((len(item.id) for item in analysis.checklist), default=0)
    for item in analysis.checklist:
        state = _STATES[item.state]
        role = {"open": "warning", "failed": "danger", "done": "safe"}.get(state, "note")
        by = "" if item.by == "migsafe" else f" ({clean(item.by)}{f', {clean(item.at)}' if item.at else ''})"
        yield f"{item.id:<{width}}  {paint(role, f'{state:<6}')}  {rendered(item.reason, OWNER)}{by}"


def _section(heading: str, lines: list[str], paint: Style) -> str:
    return "\n".join((paint("heading", heading), *(f"  {line}" for line in lines))) if lines else ""


def _verdict(analysis: Analysis, paint: Style) -> str:
    statements = analysis.run.statements
    unread = sum(any(isinstance(one, op.Unread) for one in statement.operations) for statement in statements)
    read = f"read {len(statements) - unread:,} of {count(len(statements), 'statement')}"
    migrations = count(len(analysis.run.migrations), "migration")
    if not analysis.run.migrations:
        return "No migrations found."
    found = counted([finding for finding in standing(analysis) if finding.severity is not Severity.OFF])
    word = {Verdict.SAFE: "Safe", Verdict.ATTENTION: "Attention", Verdict.BLOCKED: "Blocked"}[analysis.verdict]
    source = f"PostgreSQL {analysis.major}, {_catalog(analysis)}"
    counted_and_read = f"{found + '; ' if found else ''}{read} in {migrations} ({source})."
    accepted = accepted_in_words(analysis)
    if not accepted:
        return f"{paint(analysis.verdict.value, word)}: {counted_and_read}"
    begins, _, rest = accepted.partition(" ")
    first = f"{paint('attention', begins)} {rest}"
    warned = any(one.severity is Severity.WARNING for one in standing(analysis))
    if warned or analysis.verdict is Verdict.BLOCKED or is_unsettled(analysis):
        return f"{first}\n{paint(analysis.verdict.value, word)}: {counted_and_read}"
    return f"{first}\n{counted_and_read[0].upper()}{counted_and_read[1:]}"


def _catalog(analysis: Analysis) -> str:
    catalog = analysis.catalog
    if catalog is None:
        return "without a replica"
    lag = f", {duration(catalog.replay_lag)} behind" if catalog.replay_lag is not None else ""
    return (
        f"catalog of {'a replica' if catalog.standby else 'a primary'}{f' at {catalog.at}' if catalog.at else ''}{lag}"
    )
