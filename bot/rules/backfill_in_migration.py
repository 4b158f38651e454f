"""The rule about many rows changed in one statement."""

from bot.core.judging.rule import Hazard, Hazards, LocksRows, Moment, Remark, Speaks, rule
from bot.core.judging.sentences import exceeds, how_large, timeout
from bot.core.language import operations as op
from bot.core.language.messages import NOTHING, Rows, paragraphs, say
from bot.core.rewrites import safe


@rule(rank=40, speaks=Speaks.IF_UNSAID)
def backfill_in_migration(change: op.Update | op.Delete | op.Insert | op.Merge | op.Copy, moment: Moment) -> Hazards:
    """Changing many rows in one statement keeps them locked, and bloats the table, until the transaction ends.

    Every row that is changed stays locked until the commit: everyone who wants to write it waits. None of the old
    rows can be cleaned up until then, replicas fall behind, and if the statement is cancelled, all its work is
    lost.

    ```sql flagged
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, plan text);
    UPDATE users SET plan = 'free' WHERE plan IS NULL;
    ```

    Change the rows in batches of their own transactions, in a script outside the migration.

    ```sql rewritten
    -- 1. A script, in batches:
    UPDATE users SET plan = 'free' WHERE plan IS NULL;
    ```

    ```sql allowed
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, plan text);
    UPDATE users SET plan = 'free' WHERE id = 42;
    ```
    """
    table = change.table
    if table is None or moment.is_new(table) or table.name.startswith("pg_"):
        return
    if isinstance(change, op.Copy) or (isinstance(change, op.Update | op.Delete) and change.batched):
        return
    if isinstance(change, op.Insert):
        yield from _inserted(change, moment)
        return
    if moment.judged.likely <= moment.policy.thresholds.reads_blocked_warning:
        return
    verb = "updated" if isinstance(change, op.Update) else "deleted" if isinstance(change, op.Delete) else "merged"
    assumed = Rows(moment.policy.thresholds.assumed_rows, secret=False)
    time = (
        say("for {}", moment.estimate)
        if moment.estimate is not None
        else say("for an unknown time (judged as {})", assumed)
    )
    looped = isinstance(change, op.Update | op.Delete) and change.by_application
    end = "the transaction ends" if moment.transaction is not None else "the statement ends"
    yield Hazard(
        harms=(LocksRows(moment.session.resolve(table), moment.estimate, moment.judged), *exceeds(moment)),
        title=say("Rows of {} are {} {}", table, say(verb), say("by a loop" if looped else "in one statement")),
        message=paragraphs(
            say("The migration goes through them one by one, in application code.") if looped else NOTHING,
            say(
                "Every row of {} that it changes stays locked until {}, {}: everyone who wants to write one of them "
                "waits.",
                table,
                say(end),
                time,
            ),
            how_large(table, moment),
            timeout(moment),
        ),
        rewrite=safe(moment),
        assumptions=moment.effects.assumptions,
    )


def _inserted(insert: op.Insert, moment: Moment) -> Hazards:
    """Nobody waits for rows that were not there, but the transaction is as long."""
    rewrite = safe(moment)
    if (
        rewrite is None
        or moment.estimate is None
        or moment.judged.likely <= moment.policy.thresholds.reads_blocked_warning
    ):
        return
    yield Hazard(
        harms=(Remark(moment.session.resolve(insert.table)), *exceeds(moment)),
        title=say("Rows of {} are inserted in one statement", insert.table),
        message=paragraphs(
            say(
                "Until the transaction ends no row that changes meanwhile can be cleaned up, replicas fall behind, and "
                "if the statement is cancelled, all its work is lost."
            ),
            timeout(moment),
        ),
        rewrite=rewrite,
        assumptions=moment.effects.assumptions,
    )
