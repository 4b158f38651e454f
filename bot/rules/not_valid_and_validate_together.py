"""The rule about NOT VALID and VALIDATE in one transaction."""

from collections.abc import Iterator

from bot.core.judging.rule import Blocks, Hazard, Hazards, Moment, rule
from bot.core.judging.sentences import exceeds, kept, locks, timeout, waits
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.locks import LockMode
from bot.core.language.messages import paragraphs, say
from bot.core.language.names import Name
from bot.core.rewrites import safe


@rule(rank=28)
def not_valid_and_validate_together(validation: op.ValidateConstraint, moment: Moment) -> Hazards:
    """NOT VALID and VALIDATE in one transaction block others as long as a plain constraint would.

    The lock of ADD CONSTRAINT ... NOT VALID is kept until the transaction ends, so it is held while VALIDATE
    reads the table. A file whose statements are sent as one string is one transaction as well.

    ```sql flagged
    -- given: CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
    ALTER TABLE orders ADD CONSTRAINT total_is_positive CHECK (total >= 0) NOT VALID;
    ALTER TABLE orders VALIDATE CONSTRAINT total_is_positive;
    ```

    Validate in a migration of its own.

    ```sql rewritten
    -- 1. A migration:
    SET LOCAL statement_timeout = 0;
    ALTER TABLE orders VALIDATE CONSTRAINT total_is_positive;
    ```

    ```sql allowed
    -- given: CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
    -- given: ALTER TABLE orders ADD CONSTRAINT total_is_positive CHECK (total >= 0) NOT VALID;
    ALTER TABLE orders VALIDATE CONSTRAINT total_is_positive;
    ```
    """
    table = moment.session.resolve(validation.table)
    if moment.is_new(table) or not moment.effects.scans:
        return
    if not any(_declares(operation, validation, moment) for operation in _before(moment)):
        return
    blocks = _blocked(moment, table)
    yield Hazard(
        harms=(*blocks, *exceeds(moment)),
        title=say(
            "{} is validated under the lock that declared it", named.constraint(validation.constraint, validation.table)
        ),
        message=paragraphs(
            say(
                "NOT VALID saves nothing here: its lock on {} is kept {}, so VALIDATE reads every row under it.",
                validation.table,
                kept(moment),
            ),
            waits(blocks, moment),
            timeout(moment),
            locks(blocks, moment),
        ),
        rewrite=safe(moment),
        assumptions=moment.effects.assumptions,
    )


def _before(moment: Moment) -> Iterator[op.Operation]:
    """What the transaction has done so far, other actions of the same ALTER TABLE included."""
    number = moment.statement.transaction
    for timed in moment.timeline[: moment.index]:
        if number is not None and timed.statement.transaction == number:
            yield from timed.statement.operations
    yield from moment.statement.operations


def _declares(operation: op.Operation, validation: op.ValidateConstraint, moment: Moment) -> bool:
    if not isinstance(operation, op.AddCheck | op.AddForeignKey | op.AddNotNull) or not operation.constraint.not_valid:
        return False
    same = moment.session.resolve(operation.table) == moment.session.resolve(validation.table)
    return same and operation.constraint.name in (None, validation.constraint)


def _blocked(moment: Moment, table: Name) -> tuple[Blocks, ...]:
    """Who waits while VALIDATE reads: everybody behind the locks that the transaction holds already, or takes here."""
    strongest: dict[Name, LockMode] = {block.relation: block.mode for block in moment.blocks}
    for held in moment.held:
        standing = strongest.get(held.relation)
        if held.mode.blocks_writes and (standing is None or held.mode.strength > standing.strength):
            strongest[held.relation] = held.mode
    relevant = {
        name: mode for name, mode in strongest.items() if name in moment.session.catalog.relations or name == table
    }
    return tuple(
        Blocks(name, mode, moment.estimate, moment.judged) for name, mode in relevant.items() if not moment.is_new(name)
    )
