"""The rule about everything else that writes a whole table anew."""

from bot.core.judging.phrases import exceeds, names, paragraphs, told
from bot.core.judging.rule import Hazard, Hazards, Moment, rule
from bot.core.language import operations as op


@rule(rank=22, last=True)
def table_rewrite(operation: op.Operation, moment: Moment) -> Hazards:
    """VACUUM FULL, CLUSTER, SET LOGGED, SET TABLESPACE and the like write a table anew while nobody can use it.

    They hold an ACCESS EXCLUSIVE lock for as long as copying the whole table and building its indexes takes,
    and need as much disk space again.

    ```sql flagged
    -- given: CREATE TABLE events (id bigint PRIMARY KEY, body text);
    ALTER TABLE events SET UNLOGGED;
    ```

    PostgreSQL has no form of these that blocks nobody. pg_repack and pg_squeeze rebuild a table beside itself;
    else a maintenance window is needed.

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
        title=f"{_words(operation)} writes {names(rewritten)} anew",
        message=paragraphs(
            f"PostgreSQL copies all of {names(rewritten)} and builds the indexes again, and needs as much disk "
            "space for that.",
            told(moment, blocks),
            _instead(operation),
        ),
        assumptions=moment.effects.assumptions,
    )


def _words(operation: op.Operation) -> str:
    match operation:
        case op.Vacuum():
            return "VACUUM FULL"
        case op.Cluster():
            return "CLUSTER"
        case op.SetLogged(logged=logged):
            return "SET LOGGED" if logged else "SET UNLOGGED"
        case op.SetTablespace():
            return "SET TABLESPACE"
        case op.SetAccessMethod():
            return "SET ACCESS METHOD"
        case _:
            return "This statement"


def _instead(operation: op.Operation) -> str:
    if isinstance(operation, op.Vacuum | op.Cluster):
        return "pg_repack and pg_squeeze do the same beside the table while it is in use."
    return "PostgreSQL has no form of this that lets others work: it needs a maintenance window."
