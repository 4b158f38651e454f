"""The rule about partitions that are read while they are attached."""

from bot.core.judging.rule import Hazard, Hazards, Moment, rule
from bot.core.judging.sentences import consequences, exceeds, names
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import Message, paragraphs, say
from bot.core.record import replace
from bot.core.rewrites import safe
from bot.core.schema.catalog import CatalogConstraint


@rule(rank=32)
def partition_attached_with_scan(attach: op.AttachPartition, moment: Moment) -> Hazards:
    """ATTACH PARTITION reads the new partition, and the DEFAULT partition, under lock.

    PostgreSQL has to see that every row fits the bounds, and that the DEFAULT partition holds none of them. It
    reads both under an ACCESS EXCLUSIVE lock, unless a validated CHECK proves it; missing indexes are built as
    well.

    ```sql flagged
    -- given: CREATE TABLE events (id bigint NOT NULL, body text) PARTITION BY RANGE (id);
    -- given: CREATE TABLE rest PARTITION OF events DEFAULT;
    -- given: CREATE TABLE second (id bigint NOT NULL, body text);
    -- rows: rest 40000000
    ALTER TABLE events ATTACH PARTITION second FOR VALUES FROM (10) TO (20);
    ```

    Prove the bounds first, by checks that are validated while everybody works.

    ```sql rewritten
    -- 1. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE second ADD CONSTRAINT second_bound CHECK (id IS NOT NULL AND id >= 10 AND id < 20) NOT VALID;
    -- 2. A migration:
    SET LOCAL statement_timeout = 0;
    ALTER TABLE second VALIDATE CONSTRAINT second_bound;
    -- 3. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE rest ADD CONSTRAINT rest_second_not CHECK (NOT (id IS NOT NULL AND id >= 10 AND id < 20)) NOT VALID;
    -- 4. A migration:
    SET LOCAL statement_timeout = 0;
    ALTER TABLE rest VALIDATE CONSTRAINT rest_second_not;
    -- 5. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE events ATTACH PARTITION second FOR VALUES FROM (10) TO (20);
    ALTER TABLE second DROP CONSTRAINT second_bound;
    ALTER TABLE rest DROP CONSTRAINT rest_second_not;
    ```

    ```sql allowed
    -- given: CREATE TABLE events (id bigint NOT NULL, body text) PARTITION BY RANGE (id);
    CREATE TABLE second (id bigint NOT NULL, body text);
    ALTER TABLE events ATTACH PARTITION second FOR VALUES FROM (10) TO (20);
    ```
    """
    read = tuple(name for name in moment.effects.scans if not moment.is_new(name))
    if moment.is_new(attach.table) or not read:
        return
    proof = _proof(attach, moment)
    blocks = tuple(replace(block, doubtful=block.doubtful or proof is not None) for block in moment.blocks)
    yield Hazard(
        harms=(*blocks, *exceeds(moment)),
        title=say("Attaching {} reads {} under lock", attach.partition, names(read)),
        message=paragraphs(
            say("PostgreSQL reads every row of {} to see that it lies on the right side of the bounds.", names(read)),
            consequences(moment, blocks),
        ),
        rewrite=safe(moment),
        assumptions=(*moment.effects.assumptions, *_assumed(proof, attach)),
    )


def _assumed(proof: CatalogConstraint | None, attach: op.AttachPartition) -> tuple[Message, ...]:
    if proof is None:
        return ()
    return (say("{} does not prove the bound", named.constraint(proof.name, attach.partition)),)


def _proof(attach: op.AttachPartition, moment: Moment) -> CatalogConstraint | None:
    """A validated check of the partition with the bound's constants, where the key that it bounds is not known."""
    parent, partition = moment.relation(attach.table), moment.relation(attach.partition)
    if partition is None or (parent is not None and parent.partition_key is not None):
        return None
    checks = (one for one in partition.constraints if one.valid and isinstance(one.definition, op.Check))
    return next((one for one in checks if _is_about(attach.bound, _text(one))), None)


def _is_about(bound: op.Bound, text: str) -> bool:
    """Whether the text of a check has what a proof of the bound has."""
    if bound.default or bound.modulus is not None:
        return text.startswith("NOT" if bound.default else "satisfies_hash_partition")
    ends = [one for one in (*bound.lower, *bound.upper, *bound.values) if one.upper() not in _NO_CONSTANTS]
    return bool(ends) and all(end in text for end in ends)


_NO_CONSTANTS = ("MINVALUE", "MAXVALUE", "NULL")


def _text(constraint: CatalogConstraint) -> str:
    return constraint.definition.expression.text if isinstance(constraint.definition, op.Check) else ""
