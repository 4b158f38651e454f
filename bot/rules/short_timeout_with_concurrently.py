"""The rule about timeouts that cancel CONCURRENTLY half-way."""

from bot.core.judging.findings import SafeRewrite
from bot.core.judging.rule import Breaks, Exceeds, Hazard, Hazards, Moment, Remark, rule
from bot.core.judging.sentences import exceeds, timeout
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import NOTHING, Given, Message, Seconds, listing, paragraphs, say
from bot.core.rewrites.finishing import finished
from bot.core.rewrites.steps import outside

_SHORT = {"lock_timeout": 300.0, "statement_timeout": 30.0}
"""Seconds: somebody's transaction may well be open for longer than that."""


@rule(rank=15)
def short_timeout_with_concurrently(
    change: op.CreateIndex | op.DropIndex | op.Reindex | op.DetachPartition | op.ValidateConstraint, moment: Moment
) -> Hazards:
    """A short timeout cancels CONCURRENTLY half-way and leaves an INVALID index.

    CREATE INDEX CONCURRENTLY waits for every transaction in the database that is older than it. These waits
    count as lock waits, so `lock_timeout` ends them, even on a table of six rows; `statement_timeout` counts
    waits and work together. What is left is an INVALID index that has to be dropped by hand.

    VALIDATE CONSTRAINT waits for other DDL and for VACUUM only, and leaves nothing behind; that is a note.

    ```sql flagged
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    -- transaction: no
    -- setting: lock_timeout 5s
    CREATE INDEX CONCURRENTLY users_email_idx ON users (email);
    ```

    CONCURRENTLY blocks nobody, so it needs no timeouts: switch both off for its session.

    ```sql rewritten
    -- 1. A migration outside a transaction:
    SET lock_timeout = 0;
    CREATE INDEX CONCURRENTLY users_email_idx ON users (email);
    ```

    ```sql allowed
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    -- transaction: no
    -- setting: lock_timeout 0
    -- setting: statement_timeout 0
    CREATE INDEX CONCURRENTLY users_email_idx ON users (email);
    ```
    """
    if isinstance(change, op.ValidateConstraint):
        yield from _validation(change, moment)
        return
    if not change.concurrently or moment.transaction is not None:
        return
    short = [name for name, limit in _SHORT.items() if 0 < (moment.session.seconds(name) or 0) < limit]
    over = exceeds(moment)
    if not short and not over:
        return
    left = NOTHING if isinstance(change, op.DetachPartition) else say(" and leaves an INVALID index")
    relation = change.table if isinstance(change, op.CreateIndex | op.DetachPartition) else None
    harms: tuple[Breaks | Exceeds, ...] = over
    if short:
        harms = (*over, Breaks(relation, proven=False))
    yield Hazard(
        harms=harms,
        title=say("{} may cancel it half-way{}", listing(map(Given, short or ["statement_timeout"])), left),
        message=paragraphs(
            say(
                "It waits for every transaction that is open when it starts, on {}; those waits and the work run "
                "into {}.",
                _where(change),
                listing(_said(name, moment) for name in short or ["statement_timeout"]),
            ),
            say("Cancelled, it leaves an INVALID index behind that must be dropped by hand.") if left else NOTHING,
            timeout(moment),
        ),
        rewrite=_freed(change, moment),
    )


def _validation(change: op.ValidateConstraint, moment: Moment) -> Hazards:
    seconds = moment.session.seconds("lock_timeout")
    if not seconds or seconds >= _SHORT["lock_timeout"] or not moment.effects.scans or moment.is_new(change.table):
        return
    yield Hazard(
        harms=(Remark(change.table),),
        title=say(
            "lock_timeout may cancel the validation of {} before it begins",
            named.constraint(change.constraint, change.table),
        ),
        message=say(
            "VALIDATE CONSTRAINT waits for other DDL and for VACUUM on {}, for at most {}. Cancelled, it "
            "leaves nothing behind and can be run again.",
            change.table,
            _said("lock_timeout", moment),
        ),
    )


def _where(change: op.CreateIndex | op.DropIndex | op.Reindex | op.DetachPartition) -> Message:
    if isinstance(change, op.CreateIndex | op.Reindex):
        return say("any table of the database")
    return say("{}", change.table) if isinstance(change, op.DetachPartition) else say("its table")


def _said(name: str, moment: Moment) -> Message:
    setting = moment.session.setting(name)
    seconds = moment.session.seconds(name) or 0
    source = say(", {}", Given(setting.source)) if setting is not None and setting.source else NOTHING
    return say("{} ({}{})", Given(name), Seconds(seconds), source)


def _freed(
    change: op.CreateIndex | op.DropIndex | op.Reindex | op.DetachPartition, moment: Moment
) -> SafeRewrite | None:
    step = outside(
        f"run_{moment.index}", change, moment, say("With both timeouts off: it blocks nobody while it waits.")
    )
    return finished(SafeRewrite((step,)), moment)
