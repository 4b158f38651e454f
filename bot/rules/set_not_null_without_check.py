"""The rule about SET NOT NULL without proof."""

from bot.core.judging.findings import SafeRewrite
from bot.core.judging.rule import Breaks, Hazard, Hazards, Moment, rule
from bot.core.judging.sentences import consequences, exceeds
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import NOTHING, Share, paragraphs, say
from bot.core.rewrites import safe
from bot.core.rewrites.finishing import finished
from bot.core.rewrites.steps import migration

_NOT_NULL_VIOLATION = "23502"


@rule(rank=30)
def set_not_null_without_check(change: op.SetNotNull | op.AddNotNull, moment: Moment) -> Hazards:
    """SET NOT NULL reads the whole table while nobody can use it.

    PostgreSQL looks for a row without a value, under an ACCESS EXCLUSIVE lock. It need not look where a
    validated CHECK proves that there is none; dropping that check in the same ALTER TABLE brings the scan back.

    ```sql flagged
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    -- postgres: 16
    -- rows: users 40000000
    ALTER TABLE users ALTER COLUMN email SET NOT NULL;
    ```

    ```sql rewritten
    -- 1. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE users ADD CONSTRAINT users_email_is_not_null CHECK (email IS NOT NULL) NOT VALID;
    -- 2. A migration:
    SET LOCAL statement_timeout = 0;
    ALTER TABLE users VALIDATE CONSTRAINT users_email_is_not_null;
    -- 3. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE users ALTER COLUMN email SET NOT NULL;
    ALTER TABLE users DROP CONSTRAINT users_email_is_not_null;
    ```

    With the proof in place it is instant:

    ```sql allowed
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text, CONSTRAINT filled CHECK (email IS NOT NULL));
    ALTER TABLE users ALTER COLUMN email SET NOT NULL;
    ```
    """
    column = change.column if isinstance(change, op.SetNotNull) else change.constraint.column
    done = moment.alone
    fails = any(failure.certain and failure.sqlstate == _NOT_NULL_VIOLATION for failure in done.failures)
    if not (done.scans or fails or _loses_its_proof(change, moment)) or moment.is_new(change.table):
        return
    blocks = moment.blocks
    known = moment.column(change.table, column)
    share = known.null_fraction if known is not None else None
    harms = (*blocks, *exceeds(moment))
    nulls = NOTHING
    what = named.column(column, change.table)
    if fails and share:
        harms = (*harms, Breaks(change.table, proven=True))
        nulls = say("It will fail: {} have no {} (pg_stats).", Share(share), what)
    yield Hazard(
        harms=harms,
        title=say("Making {} NOT NULL will fail: rows of {} have none", what, change.table)
        if nulls
        else say("Making {} NOT NULL reads all of {}", what, change.table),
        message=paragraphs(
            say(
                "PostgreSQL reads every row of {} to see that {} has a value.",
                change.table,
                what,
            ),
            nulls,
            consequences(moment, blocks),
        ),
        rewrite=safe(moment) or (_apart(moment) if not done.scans else None),
        assumptions=done.assumptions,
    )


def _loses_its_proof(change: op.SetNotNull | op.AddNotNull, moment: Moment) -> bool:
    """Whether another action of the same ALTER TABLE drops what would prove it: drops run first."""
    drops = any(isinstance(other, op.DropConstraint) for other in moment.statement.operations)
    return drops and moment.session.resolve(change.table) in moment.effects.scans and not moment.alone.scans


def _apart(moment: Moment) -> SafeRewrite:
    """The same actions as statements of their own, the proof dropped last."""
    actions = sorted(moment.statement.operations, key=lambda action: isinstance(action, op.DropConstraint))
    note = say("As statements of their own: the check is still there to prove that no value is missing.")
    return finished(SafeRewrite((migration("set_not_null", *actions, note=note),)), moment)
