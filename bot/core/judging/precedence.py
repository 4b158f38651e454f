"""Which rules report at a statement: a rule about one shape takes precedence over rules about any statement."""

from collections.abc import Iterable, Iterator, Sequence

from bot.core.judging.rule import Blocks, Breaks, Harm, Hazard, LocksRows, Moment, Queues, Rule, Speaks


def unsaid(found: Iterable[tuple[Moment, Rule, Hazard]]) -> Iterator[tuple[Moment, Rule, Hazard]]:
    """Without the harms that another rule names at the same statement, for a rule that reports only new harms."""
    heard = list(_but_repeated_waits(list(found)))
    named_by = {
        (moment.index, *_subject(harm)): rule.id
        for moment, rule, hazard in heard
        if rule.speaks is Speaks.ALWAYS
        for harm in hazard.harms
    }
    for moment, rule, hazard in heard:
        subjects = [(moment.index, *_subject(harm)) for harm in hazard.harms]
        if rule.speaks is Speaks.ALWAYS or any(named_by.get(subject, rule.id) == rule.id for subject in subjects):
            yield moment, rule, hazard
            named_by |= {subject: named_by.get(subject, rule.id) for subject in subjects}


def _but_repeated_waits(found: Sequence[tuple[Moment, Rule, Hazard]]) -> Iterator[tuple[Moment, Rule, Hazard]]:
    """Without the hazards of a rule that reports only if nobody waits, where another says that others wait as long."""
    blocked: dict[int, bool] = {}
    for moment, rule, hazard in found:
        for harm in hazard.harms:
            if isinstance(harm, Blocks) and rule.speaks is not Speaks.IF_NOBODY_WAITS:
                blocked[moment.index] = blocked.get(moment.index, False) or harm.mode.blocks_reads
    for moment, rule, hazard in found:
        reads = any(isinstance(harm, Blocks) and harm.mode.blocks_reads for harm in hazard.harms)
        if (
            rule.speaks is not Speaks.IF_NOBODY_WAITS
            or moment.index not in blocked
            or (reads and not blocked[moment.index])
        ):
            yield moment, rule, hazard


def _subject(harm: Harm) -> tuple[object, ...]:
    """The subject of a harm: a statement exceeds its timeout once, but may block several relations."""
    match harm:
        case Blocks(relation=relation, mode=mode):
            return Blocks, relation, mode.blocks_reads
        case Queues(relation=relation) | LocksRows(relation=relation):
            return type(harm), relation
        case Breaks(proven=proven):
            return Breaks, proven
        case _:
            return (type(harm),)
