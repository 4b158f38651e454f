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

    Before PostgreSQL 19, which has `REPACK (CONCURRENTLY)`, no form of these blocks nobody. pg_repack and pg_squeeze
    rebuild a table beside itself; otherwise a maintenance window is needed. An index moves to another tablespace by
    `REINDEX (TABLESPACE ...) CONCURRENTLY` (14 and later).

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
            _instead(operation, moment),
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


def _instead(operation: op.Operation, moment: Moment) -> Message:
    """What does the same while others read and write, as far as there is anything."""
    match operation:
        case op.Vacuum() | op.Cluster() if _has_repack(moment):
            return say(
                "REPACK (CONCURRENTLY) does the same while others read and write. It needs a primary key that is not "
                "deferrable, runs outside a transaction, and waits at its end for everybody who uses the table, with "
                "everybody else behind it: give it a short lock_timeout."
            )
        case op.Vacuum() | op.Cluster():
            return say(
                "pg_repack and pg_squeeze do the same beside the table while it is in use. Each needs a primary key; "
                "for pg_repack a unique index on columns that are NOT NULL does, for pg_squeeze a replica identity."
            )
        case op.SetTablespace(kind="TABLE") | op.MoveTablespace(kind="TABLE"):
            return say(
                "pg_repack and pg_squeeze move a table while it is in use. Its indexes move by "
                "REINDEX (TABLESPACE ...) CONCURRENTLY."
            )
        case op.SetLogged(logged=True):
            return say(
                "PostgreSQL has no form of this that lets others work. A second, logged table, filled in batches and "
                "renamed to this one, does; else it needs a maintenance window."
            )
        case _:
            return say("PostgreSQL has no form of this that lets others work: it needs a maintenance window.")


def _has_repack(moment: Moment) -> bool:
    """REPACK (CONCURRENTLY) is new in 19."""
    found = moment.session.catalog.version.partition(".")[0]
    major = int(found) if found.isdigit() else moment.policy.postgres or 0
    return major >= _REPACK


_REPACK = 19
