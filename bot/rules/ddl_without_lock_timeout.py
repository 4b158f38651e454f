"""The rule about strong locks that are requested without a lock_timeout."""

from collections.abc import Iterator, Sequence

from bot.core.judging.rule import Hazard, Hazards, Moment, Queues, Timed, rule
from bot.core.judging.sentences import names, set_by
from bot.core.language import operations as op
from bot.core.language.locks import LockMode
from bot.core.language.messages import NOTHING, Message, Seconds, count, paragraphs, plural, say
from bot.core.language.names import Name
from bot.core.rewrites import with_lock_timeout


@rule(rank=70)
def ddl_without_lock_timeout(operation: op.Operation, moment: Moment) -> Hazards:
    """Requesting a strong lock without a lock_timeout makes everybody queue behind the migration.

    Even an instant ALTER TABLE has to wait for every query that runs on its table, and every new query waits
    behind it: one long report is enough to stop the application. With a `lock_timeout` the migration gives up
    after a few seconds and can be tried again.

    ```sql flagged
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    -- setting: lock_timeout 0
    ALTER TABLE users ADD COLUMN plan text;
    ```

    ```sql rewritten
    -- 1. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE users ADD COLUMN plan text;
    ```

    ```sql allowed
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    -- setting: lock_timeout 0
    SET lock_timeout = '1s';
    ALTER TABLE users ADD COLUMN plan text;
    ```
    """
    here = moment.timeline[moment.index]
    tables = _locked(here)
    if not moment.first or not tables or not _is_unprotected(here, moment) or _was_said(moment):
        return
    asking = [timed for timed in _of_the_file(moment) if _locked(timed) and _is_unprotected(timed, moment)]
    every = tuple(dict.fromkeys(table for timed in asking for table in _locked(timed)))
    yield Hazard(
        harms=tuple(Queues(table, LockMode.ACCESS_EXCLUSIVE) for table in every),
        title=say("{} {} locked without a lock_timeout", names(every), plural(every, "is", "are")),
        message=paragraphs(
            say(
                "The statement has to wait for every query that runs on {}, and every later query, readers included, "
                "waits behind it.",
                names(tables),
            ),
            _further(asking[1:]),
            _in_force(moment),
            say("Lock: {} on {}.", LockMode.ACCESS_EXCLUSIVE, names(tables)),
        ),
        rewrite=with_lock_timeout(moment),
    )


def _was_said(moment: Moment) -> bool:
    """Whether an earlier statement of the file requests one, too; searched backwards, as it is usually close."""
    for index in range(moment.index - 1, -1, -1):
        timed = moment.timeline[index]
        if timed.statement.path != moment.statement.path:
            return False
        if _locked(timed) and _is_unprotected(timed, moment):
            return True
    return False


def _locked(timed: Timed) -> tuple[Name, ...]:
    """Tables that the statement locks against reads; a plain DROP INDEX has a rule of its own, VACUUM does not wait."""
    match timed.statement.operations[0]:
        case (
            op.DropIndex()
            | op.Vacuum(full=False)
            | op.Reindex(concurrently=True)
            | op.DetachPartition(concurrently=True)
        ):
            return ()
        case _:
            pass
    blocking = (hold.relation for hold in timed.holds if hold.mode.blocks_reads and not hold.index)
    return tuple(dict.fromkeys(table for table in blocking if table not in timed.session.created))


def _further(asking: Sequence[Timed]) -> Message:
    if not asking:
        return NOTHING
    return say("So {} {} of this file.", plural(asking, "does", "do"), count(len(asking), "further statement"))


def _is_unprotected(timed: Timed, moment: Moment) -> bool:
    seconds = timed.session.seconds("lock_timeout")
    return not seconds or seconds > moment.policy.thresholds.long_lock_timeout


def _of_the_file(moment: Moment) -> Iterator[Timed]:
    return (timed for timed in moment.timeline if timed.statement.path == moment.statement.path)


def _in_force(moment: Moment) -> Message:
    seconds, source = moment.session.seconds("lock_timeout"), set_by(moment, "lock_timeout")
    if seconds is None:
        return say("migsafe cannot tell whether the role or the tool sets a lock_timeout.")
    if seconds == 0:
        return say("lock_timeout is off{}.", source)
    return say("lock_timeout is {}{}: too long to protect anybody.", Seconds(seconds), source)
