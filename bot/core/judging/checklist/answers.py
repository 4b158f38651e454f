"""The answer to one item of the checklist, and how a place is named in it."""

from typing import LiteralString

from bot.core.judging.analysis import Analysis
from bot.core.judging.findings import State
from bot.core.judging.rule import Timed
from bot.core.language.messages import File, Line, Message, say
from bot.core.record import record


@record
class Settled:
    """How an item stands, and why."""

    state: State
    reason: Message


def done(reason: Message) -> Settled:
    return Settled(State.DONE, reason)


def still_open(reason: Message) -> Settled:
    return Settled(State.OPEN, reason)


def failed(reason: Message) -> Settled:
    return Settled(State.FAILED, reason)


def not_applicable(reason: Message) -> Settled:
    return Settled(State.NOT_APPLICABLE, reason)


def not_read(analysis: Analysis, may: LiteralString) -> Settled | None:
    """That what was not read may do so; None if all was read."""
    if not analysis.unread and not analysis.not_read:
        return None
    return still_open(say("what was not read may {}", say(may)))


def place(path: str, line: int, analysis: Analysis) -> Message:
    """The line, with its file where there are several."""
    at = say("line {}", Line(line))
    return at if len(analysis.run.migrations) == 1 else say("{} {}", File(path), at)


def line_of(timed: Timed, analysis: Analysis) -> Message:
    return place(timed.statement.path, timed.statement.lines.first, analysis)
