"""The rule about two transactions that lock the same tables in opposite orders."""

from collections.abc import Iterator, Mapping, Sequence

from bot.core.judging.beside import Locking, Taken
from bot.core.judging.brought import locks
from bot.core.judging.clashes import Locked, locked_before, noted, pull
from bot.core.judging.rule import Breaks, Hazard, Hazards, Moment, rule
from bot.core.language import operations as op
from bot.core.language.locks import LockMode
from bot.core.language.messages import File, Line, Message, paragraphs, say
from bot.core.language.names import Name
from bot.core.record import record


@rule(rank=45)
def opposite_lock_order(operation: op.Operation, moment: Moment) -> Hazards:
    """Two migrations lock the same big tables in opposite orders.

    If both run at once, each waits for the other, and PostgreSQL ends one of them as a deadlock. Transactions of the
    application, which take the tables in one order, meet at least one of the two the wrong way round.

    ```sql flagged
    -- given: CREATE TABLE orders (id bigint PRIMARY KEY);
    -- given: CREATE TABLE users (id bigint PRIMARY KEY);
    -- file: 20260516101500_notes.sql
    ALTER TABLE orders ADD COLUMN note text;
    ALTER TABLE users ADD COLUMN note text;
    -- pull request 12: 20260515000000_remarks.sql
    ALTER TABLE users ADD COLUMN remark text;
    ALTER TABLE orders ADD COLUMN remark text;
    ```

    Take them in one order, or one table in each transaction.

    ```sql allowed
    -- given: CREATE TABLE orders (id bigint PRIMARY KEY);
    -- given: CREATE TABLE users (id bigint PRIMARY KEY);
    -- file: 20260516101500_notes.sql
    ALTER TABLE users ADD COLUMN note text;
    ALTER TABLE orders ADD COLUMN note text;
    -- pull request 12: 20260515000000_remarks.sql
    ALTER TABLE users ADD COLUMN remark text;
    ALTER TABLE orders ADD COLUMN remark text;
    ```
    """
    beside = moment.evidence.beside
    if not beside.locked or not moment.first or moment.transaction is None:
        return
    held = None
    for second, mode in locks(moment.timeline[moment.index], moment.policy.thresholds):
        if second not in beside.locked:
            continue
        held = held if held is not None else locked_before(moment)
        if second in held or not held:
            continue
        found = next(_opposite(held, second, mode, beside.locked[second], moment.statement.path), None)
        if found is not None:
            yield _hazard(found, moment)
            return


def _hazard(found: "_Opposite", moment: Moment) -> Hazard:
    other, number = found.locking.brought, moment.evidence.beside.number
    title = say("{} and {} are locked in the opposite order in {}", found.first, found.second, pull(other.number))
    if not other.queued and number is not None and other.number > number:
        return Hazard((noted(),), title, say("{} was opened later, so it is reported there.", pull(other.number)))
    return Hazard((Breaks(None, proven=False),), title, _message(found, moment))


@record
class _Opposite:
    """Here `first` is locked before `second`; there it is the other way round."""

    first: Name
    second: Name
    here: int
    there: tuple[Taken, Taken]
    locking: Locking


def _opposite(
    held: Mapping[str, Locked], second: str, mode: LockMode, others: Sequence[Locking], path: str
) -> Iterator[_Opposite]:
    for locking in others:
        theirs = locking.taken
        if theirs[0].path == path:
            continue
        position = next(index for index, one in enumerate(theirs) if one.name == second)
        if not theirs[position].mode.conflicts(mode):
            continue
        for later in theirs[position + 1 :]:
            kept = held.get(later.name)
            if kept is not None and kept.mode.conflicts(later.mode):
                there = theirs[position], later
                yield _Opposite(_name(later.name), _name(second), kept.line, there, locking)


def _name(full: str) -> Name:
    schema, _, name = full.rpartition(".")
    return Name(name.strip('"'), schema.strip('"') or None)


def _message(found: _Opposite, moment: Moment) -> Message:
    before, after = found.there
    first, second = found.first, found.second
    here, there = Line(found.here), Line(moment.statement.lines.first)
    return paragraphs(
        say("This transaction locks {} in line {} and then {} in line {}.", first, here, second, there),
        say(
            "That of {} locks {} in line {} of {} and then {} in line {}.",
            pull(found.locking.brought.number),
            second,
            Line(before.line),
            File(before.path),
            first,
            Line(after.line),
        ),
        say("If both run at once, each waits for the other, and PostgreSQL ends one as a deadlock."),
        say("Let both take the tables in one order, or each table in a transaction of its own."),
    )
