"""How bad a hazard is: a pure function of its harms, the known sizes and the repository's policy.

| what | warning | danger |
| --- | --- | --- |
| reads and writes blocked, by the `likely` estimate | over 1 s | over 5 s |
| writes blocked, or rows locked | over 5 s | over 30 s |
| a statement's `high` estimate (`withheld.compared`) above its statement_timeout | | always |
| instant work under a lock that blocks reads | avoidable, or lock_timeout is off or over 10 s | |
| certain failure, lost data, broken running code | assumed | proven |

The rest is a note. Avoidable: PostgreSQL has a form without such a lock. Blocking a table below 10,000
rows and 10 MB is a note; nobody uses a table created in the same run. Where no size is known, it is judged as 10
million rows. What a fresh snapshot lacks, and what rests on an unknown fact of the schema, is one level lower, never
below a warning. The figures are `policy.Thresholds`, which a repository sets.
"""

from bot.core.judging.findings import Severity
from bot.core.judging.policy import Thresholds
from bot.core.judging.rule import Blocks, Breaks, Exceeds, Harm, Hazard, LocksRows, Moment, Queues, Remark
from bot.core.language.names import Name
from bot.core.schema.catalog import Size

_OFF, _NOTE, _WARNING, _DANGER = Severity


def severity(hazard: Hazard, moment: Moment, rule: str) -> Severity:
    """The severity of the worst harm, or the one that the repository's configuration sets for the rule.

    `OFF` where nobody is harmed: the relation was created in the same run.
    """
    worst = max((of(harm, moment) for harm in hazard.harms), key=lambda one: one.rank, default=_OFF)
    return worst if worst is _OFF else moment.policy.rules.get(rule, worst)


def of(harm: Harm, moment: Moment) -> Severity:
    """The severity of one harm by the defaults and the repository's thresholds."""
    thresholds = moment.policy.thresholds
    match harm:
        case Blocks(relation=relation) | Queues(relation=relation) | LocksRows(relation=relation) if moment.is_new(
            relation
        ):
            return _OFF
        case Blocks(relation=relation):
            if not harm.behind and _is_small(_size(relation, moment), thresholds):
                return _NOTE
            level = _blocked(harm, thresholds)
            unsure = harm.doubtful or (not harm.behind and _is_missing(relation, moment))
            return _one_lower(level) if unsure else level
        case Queues(relation=relation, mode=mode):
            if not mode.blocks_reads or _is_small(_size(relation, moment), thresholds):
                return _NOTE
            return _WARNING if harm.avoidable or _waits_without_end(moment) else _NOTE
        case LocksRows(relation=relation, seconds=seconds, judged=judged):
            if _is_small(_size(relation, moment), thresholds):
                return _NOTE
            level = _by_time(judged.likely, thresholds.writes_blocked_warning, thresholds.writes_blocked_danger)
            # Only writers of the same rows wait: without a size that is no reason to stop a deploy.
            return _one_lower(level) if seconds is None else level
        case Exceeds(seconds=seconds, timeout=timeout):
            return _DANGER if 0 < timeout < seconds.high else _OFF
        case Breaks(proven=proven):
            return _DANGER if proven else _WARNING
        case Remark():
            return _NOTE


def _blocked(harm: Blocks, thresholds: Thresholds) -> Severity:
    if harm.mode.blocks_reads:
        warning, danger = thresholds.reads_blocked_warning, thresholds.reads_blocked_danger
    elif harm.mode.blocks_writes:
        warning, danger = thresholds.writes_blocked_warning, thresholds.writes_blocked_danger
    else:
        return _NOTE
    return _by_time(harm.judged.likely, warning, danger)


def _by_time(likely: float, warning: float, danger: float) -> Severity:
    return _DANGER if likely > danger else _WARNING if likely > warning else _NOTE


def _one_lower(level: Severity) -> Severity:
    return _WARNING if level is _DANGER else level


def _is_small(size: Size | None, thresholds: Thresholds) -> bool:
    if size is None or size.rows is None or size.heap_bytes is None:
        return False
    return size.rows < thresholds.small_rows and size.heap_bytes + size.toast_bytes < thresholds.small_bytes


def _size(relation: Name, moment: Moment) -> Size | None:
    known = moment.relation(relation)
    return known.size if known is not None else None


def _is_missing(relation: Name, moment: Moment) -> bool:
    """A fresh snapshot without the relation, though it was looked up: merged, but not deployed yet."""
    known = moment.relation(relation)
    if known is not None:
        return moment.session.snapshot and known.partial and known.size is None
    return moment.session.snapshot and moment.session.catalog.complete


def _waits_without_end(moment: Moment) -> bool:
    """Whether lock_timeout is known to be off, or so long that it protects nobody; False where it is unknown."""
    seconds = moment.session.seconds("lock_timeout")
    return seconds is not None and (seconds == 0 or seconds > moment.policy.thresholds.long_lock_timeout)
