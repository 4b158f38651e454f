"""The rule about everything else that rewrites a whole table."""

from bot.core.judging.rule import Hazard, Hazards, Moment, Speaks, rule
from bot.core.judging.sentences import consequences, exceeds, names
from bot.core.language import operations as op
from bot.core.language.messages import Message, paragraphs, say


@rule(rank=22, speaks=Speaks.IF_UNSAID)
def table_rewrite(operation: op.Operation, moment: Moment) -> Hazards:
    """VACUUM FULL, CLUSTER, SET LOGGED, SET TABLESPACE and the like rewrite a table while nobody can use it.

    They hold an ACCESS EXCLUSIVE lock for as long as copying the whole table and building its indexes takes,
    and need as much disk space again.

    ```sql flagged
    -- given: CREATE TABLE events (id bigint PRIMARY KEY, body text);
    ALTER TABLE events SET UNLOGGED;
    ```

    PostgreSQL has no form of these that blocks nobody. pg_repack and pg_squeeze rebuild a table beside itself;
    otherwise a maintenance window is needed.

    ```sql allowed
    -- given: CREATE TABLE events (id bigint PRIMARY KEY, body text);
    ALTER TABLE events SET (autovacuum_vacuum_scale_factor = 0.01);
    ```
    """
    rewritten = tuple(name for name in moment.effects.rewrites if not moment.is_new(name))
    if not moment.first or not rewritten:
        return
    blocks = moment.blocks
    yield Hazard(
        harms=(*blocks, *exceeds(moment)),
        title=say("{} rewrites {}", _words(operation), names(rewritten)),
        message=paragraphs(
            say(
                "PostgreSQL copies all of {} and builds the indexes again, and needs as much disk space for that.",
                names(rewritten),
            ),
            consequences(moment, blocks),
            _instead(operation),
        ),
        assumptions=moment.effects.assumptions,
    )


def _words(operation: op.Operation) -> Message:
    match operation:
        case op.Vacuum():
            return say("VACUUM FULL")
        case op.Cluster():
            return say("CLUSTER")
        case op.SetLogged(logged=logged):
            return say("SET LOGGED") if logged else say("SET UNLOGGED")
        case op.SetTablespace():
            return say("SET TABLESPACE")
        case op.SetAccessMethod():
            return say("SET ACCESS METHOD")
        case _:
            return say("This statement")


def _instead(operation: op.Operation) -> Message:
    if isinstance(operation, op.Vacuum | op.Cluster):
        return say("pg_repack and pg_squeeze do the same beside the table while it is in use.")
    return say("PostgreSQL has no form of this that lets others work: it needs a maintenance window.")
