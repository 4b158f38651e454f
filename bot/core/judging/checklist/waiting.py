"""The items about waiting: how long others wait for locks, and whether the timeouts fit."""

from collections.abc import Iterable, Sequence

from bot.core.judging.analysis import Analysis
from bot.core.judging.checklist.answers import (
    Settled,
    done,
    failed,
    line_of,
    not_applicable,
    not_read,
    still_open,
)
from bot.core.judging.policy import Policy
from bot.core.judging.rule import Hold, Timed
from bot.core.judging.touched import blocking, is_big, size_of
from bot.core.judging.withheld import compared
from bot.core.language.messages import (
    NOTHING,
    Account,
    Given,
    Message,
    Number,
    Seconds,
    joined,
    listing,
    say,
)
from bot.core.language.names import Name


def locks(analysis: Analysis) -> Settled:
    """Whether anybody waits long for a lock."""
    holds = list(blocking(analysis))
    if not holds:
        return not_read(analysis, "lock") or not_applicable(
            say("nothing that existed before is locked against reads or writes")
        )
    worst = sorted(_longest(holds).values(), key=_weight, reverse=True)
    waits = [_wait(hold) for hold in worst[:3]]
    if len(worst) > 3:
        waits.append(say("and {} more", Number(len(worst) - 3)))
    reason = joined("; ", waits)
    levels = {_level(hold, analysis) for hold in holds}
    by = _accepted_by(analysis)
    if by and levels & {"danger", "warning"}:
        return not_read(analysis, "lock") or done(_accepted(reason, by))
    if "danger" in levels:
        return failed(reason)
    if "warning" in levels or any(hold.seconds is None for hold in holds):
        return still_open(reason)
    return not_read(analysis, "lock") or done(reason)


def timeouts(analysis: Analysis) -> Settled:
    """Whether statement_timeout lets each statement end, and lock_timeout lets others go on."""
    late = [timed for timed in analysis.timeline if _runs_out(timed, analysis.policy)]
    if late:
        timed = late[0]
        limit = timed.session.seconds("statement_timeout") or 0.0
        own = say("{}", timed.estimate) if timed.estimate is not None else say("unknown")
        reason = say(
            "{} takes {}, and statement_timeout ends it after {}", line_of(timed, analysis), own, Seconds(limit)
        )
        by = _accepted_by(analysis)
        return still_open(_accepted(reason, by)) if by else failed(reason)
    for timed in analysis.timeline:
        waits = timed.session.seconds("lock_timeout")
        if timed.effects.invalid_indexes and waits:
            return still_open(
                say(
                    "a lock_timeout of {} is in force at {}: if the wait is longer, the index is left INVALID",
                    Seconds(waits),
                    line_of(timed, analysis),
                )
            )
    strong = [timed for timed in analysis.timeline if any(hold.mode.blocks_reads for hold in timed.holds)]
    if not strong:
        return not_read(analysis, "wait for a lock") or not_applicable(
            say("no statement asks for a lock that stops everybody behind it")
        )
    return _lock_timeout(strong, analysis)


def _lock_timeout(strong: Sequence[Timed], analysis: Analysis) -> Settled:
    reason = NOTHING
    for timed in strong:
        waits, setting = timed.session.seconds("lock_timeout"), timed.session.setting("lock_timeout")
        where = line_of(timed, analysis)
        if waits is None:
            return still_open(
                say("the lock_timeout is not known at {}: unless it is set, everybody may wait behind it", where)
            )
        source = say(" (set by {})", Given(setting.source)) if setting is not None and setting.source else NOTHING
        if waits == 0:
            return still_open(
                say("the lock_timeout is off at {}{}: while it waits, everybody waits behind it", where, source)
            )
        reason = say("the lock_timeout is {}{}", Seconds(waits), source)
        if waits > analysis.policy.thresholds.long_lock_timeout:
            return still_open(say("{} at {}: everybody waits behind it as long", reason, where))
    return done(reason)


def _longest(holds: Iterable[Hold]) -> dict[Name, Hold]:
    worst: dict[Name, Hold] = {}
    for hold in holds:
        if hold.relation not in worst or _weight(hold) > _weight(worst[hold.relation]):
            worst[hold.relation] = hold
    return worst


def _weight(hold: Hold) -> tuple[float, int]:
    return hold.judged.likely, hold.mode.strength


def _wait(hold: Hold) -> Message:
    long = say("{}", hold.seconds) if hold.seconds is not None else say("for a time that is not known")
    return say("{} of {} wait {}", say(hold.mode.blocks), hold.relation, long)


def _level(hold: Hold, analysis: Analysis) -> str:
    thresholds = analysis.policy.thresholds
    known = size_of(hold.relation, analysis.timeline[hold.statement])
    small = known is not None and not is_big(known, analysis.policy.thresholds)
    if small and hold.last == hold.statement:
        return "note"
    danger = thresholds.reads_blocked_danger if hold.mode.blocks_reads else thresholds.writes_blocked_danger
    warning = thresholds.reads_blocked_warning if hold.mode.blocks_reads else thresholds.writes_blocked_warning
    return "danger" if hold.judged.likely > danger else "warning" if hold.judged.likely > warning else "note"


def _accepted_by(analysis: Analysis) -> list[str]:
    """Who accepted the long locks, where none is left to accept."""
    long = [finding for finding in analysis.findings if finding.estimate is not None and finding.severity.rank > 1]
    if any(finding.allowed is None for finding in long):
        return []
    return list(dict.fromkeys(finding.allowed.by for finding in long if finding.allowed is not None))


def _accepted(reason: Message, by: Sequence[str]) -> Message:
    return say("{}; accepted by {}", reason, listing(map(Account, by)))


def _runs_out(timed: Timed, policy: Policy) -> bool:
    limit = timed.session.seconds("statement_timeout")
    if not limit or timed.estimate is None:
        return False
    return compared(timed.estimate, timed.session, policy).high > limit
