"""The rule about two transactions that lock the same tables in opposite orders."""

from collections.abc import Iterator, Sequence

from bot.core.judging.beside import Taken
from bot.core.judging.brought import locks
from bot.core.judging.clashes import noted, pull
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
    if not moment.first or not any(one.transactions for one in beside.others) or moment.transaction is None:
        return
    mine = list(locks(moment.timeline[moment.index], moment.policy.thresholds))
    if not mine or not (held := _held(moment)):
        return
    for other in beside.others:
        if other.merged:
            continue
        theirs = [one for one in other.transactions if one[0].path != moment.statement.path]
        for found in _opposite(held, mine, theirs):
            title = say("{} locks {} and {} in the opposite order", pull(other.number), found.second, found.first)
            if not other.queued and beside.number is not None and other.number > beside.number:
                yield Hazard(
                    (noted(),), title, say("{} was opened later, so it is reported there.", pull(other.number))
                )
            else:
                yield Hazard((Breaks(None, proven=False),), title, _message(found, other.number, moment))
            return


@record
class _Opposite:
    """Here `first` is locked before `second`; there it is the other way round."""

    first: Name
    second: Name
    here: int
    there: tuple[Taken, Taken]


def _held(moment: Moment) -> list[tuple[str, LockMode, int]]:
    """What the transaction has locked before, with the line."""
    found: dict[str, tuple[LockMode, int]] = {}
    for timed in moment.timeline[max(0, moment.index - 500) : moment.index]:
        if timed.statement.transaction == moment.statement.transaction:
            for name, mode in locks(timed, moment.policy.thresholds):
                found.setdefault(name, (mode, timed.statement.lines.first))
    return [(name, mode, line) for name, (mode, line) in found.items()]


def _opposite(
    held: Sequence[tuple[str, LockMode, int]], mine: Sequence[tuple[str, LockMode]], others: Sequence[tuple[Taken, ...]]
) -> Iterator[_Opposite]:
    mode_of = {name: (mode, line) for name, mode, line in held}
    for second, second_mode in mine:
        if second in mode_of:
            continue
        for theirs in others:
            position = next((index for index, one in enumerate(theirs) if one.name == second), None)
            if position is None or not theirs[position].mode.conflicts(second_mode):
                continue
            for later in theirs[position + 1 :]:
                mode, line = mode_of.get(later.name, (None, 0))
                if mode is not None and mode.conflicts(later.mode):
                    yield _Opposite(_name(later.name), _name(second), line, (theirs[position], later))


def _name(full: str) -> Name:
    schema, _, name = full.rpartition(".")
    return Name(name.strip('"'), schema.strip('"') or None)


def _message(found: _Opposite, number: int, moment: Moment) -> Message:
    before, after = found.there
    return paragraphs(
        say(
            "This transaction locks {} in line {} and then {} in line {}.",
            found.first,
            Line(found.here),
            found.second,
            Line(moment.statement.lines.first),
        ),
        say(
            "That of {} locks {} in line {} of {} and then {} in line {}.",
            pull(number),
            found.second,
            Line(before.line),
            File(before.path),
            found.first,
            Line(after.line),
        ),
        say("If both run at once, each waits for the other, and PostgreSQL ends one as a deadlock."),
        say("Let both take the tables in one order, or each table in a transaction of its own."),
    )
