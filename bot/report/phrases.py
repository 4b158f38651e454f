"""Phrases that several reports share: places, blocking, the assumptions of a finding."""

from collections.abc import Iterable
from typing import LiteralString

from bot.core.cost.estimate import Estimate
from bot.core.judging.analysis import Analysis
from bot.core.judging.findings import Confidence, Finding, Severity
from bot.core.judging.rule import Timed
from bot.core.language.locks import LockMode
from bot.core.language.messages import NOTHING, Message, joined, paragraphs, say
from bot.core.language.migrations import Lines, Statement
from bot.report.markdown import code
from bot.report.words import count, listing

SEVERITIES = (Severity.DANGER, Severity.WARNING, Severity.NOTE)
"""Worst first, as every report lists them."""
_NOUNS = {
    Severity.DANGER: ("danger", "dangers"),
    Severity.WARNING: ("warning", "warnings"),
    Severity.NOTE: ("note", "notes"),
}


def lines(at: Lines) -> str:
    """`line 4`, `lines 4 to 6`."""
    return f"line {at.first}" if at.first == at.last else f"lines {at.first} to {at.last}"


def place(statement: Statement, analysis: Analysis) -> str:
    """The place of a statement; the file only where there are several. Markdown."""
    at = lines(statement.lines)
    return at if len(analysis.run.migrations) == 1 else f"{code(statement.path)} {at}"


def counted(findings: list[Finding]) -> str:
    """`1 danger and 2 warnings`; "" where there are none."""
    numbers = {one: sum(finding.severity is one for finding in findings) for one in SEVERITIES}
    return listing(count(number, *_NOUNS[one]) for one, number in numbers.items() if number)


def standing(analysis: Analysis) -> list[Finding]:
    """The findings that nobody allowed, worst first, then in the order of the run."""
    order = {migration.path: index for index, migration in enumerate(analysis.run.migrations)}
    left = [finding for finding in analysis.findings if finding.allowed is None]
    return sorted(left, key=lambda one: (-one.severity.rank, order.get(one.statement.path, 0), one.statement.start))


def timed_by_statement(analysis: Analysis) -> dict[int, Timed]:
    """What each statement does and takes, by the `id` of the statement: the timeline is in the run's order."""
    return {id(statement): timed for statement, timed in zip(analysis.run.statements, analysis.timeline, strict=False)}


def waiting(mode: LockMode) -> LiteralString:
    """Who waits for a lock of this mode: `reads and writes`, `writes`, `other schema changes`."""
    if mode.blocks_writes:
        return mode.blocks
    if mode is LockMode.SHARE_UPDATE_EXCLUSIVE:
        return "other schema changes"
    return "nobody"


def how_long(seconds: Estimate | None, judged: Estimate | None = None) -> Message:
    """A known time, or how it was judged where it is not known."""
    if seconds is not None:
        return say("{}", seconds)
    return say("unknown, judged as {}", judged) if judged is not None and judged.likely > 0 else say("unknown")


def try_again(findings: Iterable[Finding]) -> Message:
    """What to do when a step does not get its lock in time; empty where none of the rewrites has such a step."""
    steps = (step for finding in findings if finding.rewrite is not None for step in finding.rewrite.steps)
    if not any(value != "0" for step in steps for setting, value in step.settings if setting == "lock_timeout"):
        return NOTHING
    return say("A step that its lock_timeout ends has changed nothing: run it again until it gets its lock.")


def over_autovacuum(again: Message) -> Message:
    """The same with what never helps: an autovacuum gives way only when the deadlock check is made."""
    longer = say("An autovacuum of the table gives way only to a lock_timeout above deadlock_timeout (1 s by default).")
    return paragraphs(again, longer) if again else NOTHING


def confidence(finding: Finding, analysis: Analysis) -> Message:
    """What was assumed for this finding in particular, as a sentence; empty where every fact was read."""
    own = [assumption for assumption in finding.assumptions if assumption not in analysis.notes]
    if finding.confidence is Confidence.EXACT or not own:
        return NOTHING
    return say("Assumptions: {}.", joined("; ", own))
