"""The rule about columns whose type is a constrained domain."""

from dataclasses import replace

from bot.core.effects import effects
from bot.core.judging.rule import Hazard, Hazards, Moment, rule
from bot.core.judging.sentences import consequences, exceeds
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import paragraphs, say
from bot.core.rewrites import safe


@rule(rank=20)
def domain_column_rewrite(change: op.AddColumn, moment: Moment) -> Hazards:
    """Adding a column of a constrained domain rewrites the table while nobody can use it.

    A domain with a CHECK or NOT NULL has to be checked for every row, and PostgreSQL does that by rewriting the
    table, even where the column may be null and has no default.

    ```sql flagged
    -- given: CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
    -- given: CREATE TABLE events (id bigint PRIMARY KEY, body text);
    ALTER TABLE events ADD COLUMN weight positive;
    ```

    The base type with the same check, declared NOT VALID and validated afterwards, costs nothing. To keep the domain as
    the type, its constraints can be dropped, and added again NOT VALID, around the ADD COLUMN, in one transaction.

    ```sql rewritten
    -- 1. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE events ADD COLUMN weight integer;
    ALTER TABLE events ADD CONSTRAINT events_weight_check CHECK (weight > 0) NOT VALID;
    -- 2. A migration:
    SET LOCAL statement_timeout = 0;
    ALTER TABLE events VALIDATE CONSTRAINT events_weight_check;
    ```

    A domain without constraints is free:

    ```sql allowed
    -- given: CREATE DOMAIN label AS text;
    -- given: CREATE TABLE events (id bigint PRIMARY KEY, body text);
    ALTER TABLE events ADD COLUMN title label;
    ```
    """
    column = change.column
    if (
        column.generated
        or column.identity
        or column.type is None
        or column.type.is_serial
        or moment.is_new(change.table)
    ):
        return
    bare = effects(
        (replace(change, column=replace(column, default=None, constraints=())),), moment.session, moment.major
    )
    if not bare.rewrites:
        return
    blocks = tuple(replace(block, doubtful=bool(bare.assumptions)) for block in moment.blocks)
    yield Hazard(
        harms=(*blocks, *exceeds(moment)),
        title=say("Adding {} rewrites {}", named.column(column.name, change.table), change.table),
        message=paragraphs(
            say(
                "The type {} is a domain with constraints, or with a default that differs from row to row: "
                "PostgreSQL rewrites {} and all of its indexes.",
                column.type,
                change.table,
            ),
            consequences(moment, blocks),
            say(
                "To keep {} as the type, drop its constraints, add the column, and add them to the domain again NOT "
                "VALID, in one transaction: then no row is read. Validating them later blocks writes to every table "
                "that uses it.",
                column.type,
            ),
        ),
        rewrite=safe(moment),
        assumptions=bare.assumptions,
    )
