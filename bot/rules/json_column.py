"""The rule about columns of type json."""

from collections.abc import Sequence

from bot.core.judging.rule import Breaks, Harm, Hazard, Hazards, Moment, Remark, rule
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import listing, plural, say
from bot.core.rewrites import json_as_jsonb


@rule(rank=48)
def json_column(change: op.AddColumn | op.CreateTable, moment: Moment) -> Hazards:
    """A json column cannot be compared, so SELECT DISTINCT and GROUP BY over its table fail.

    `json` has no equality operator: queries that select every column with DISTINCT, as ORMs do, stop working.

    ```sql flagged
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    ALTER TABLE users ADD COLUMN settings json;
    ```

    `jsonb` can be compared and indexed.

    ```sql rewritten
    -- 1. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE users ADD COLUMN settings jsonb;
    ```

    ```sql allowed
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    ALTER TABLE users ADD COLUMN settings jsonb;
    ```
    """
    columns: Sequence[op.Column] = (change.column,) if isinstance(change, op.AddColumn) else change.columns
    without_equality = [
        column.name for column in columns if column.type is not None and column.type.element.name == "json"
    ]
    if not without_equality:
        return
    yield Hazard(
        harms=(_harm(change, moment),),
        title=say(
            "{} {} json, which cannot be compared",
            listing(named.column(column, change.table) for column in without_equality),
            plural(without_equality, "is", "are"),
        ),
        message=say(
            "SELECT DISTINCT and GROUP BY over all columns of {} fail with a json column, since json has no "
            "equality. jsonb has, and it can be indexed.",
            change.table,
        ),
        rewrite=json_as_jsonb(moment),
    )


def _harm(change: op.AddColumn | op.CreateTable, moment: Moment) -> Harm:
    """Running code may select DISTINCT from a table that is in use and has no json column yet."""
    relation = moment.relation(change.table)
    has_one = relation is not None and any(
        one.type is not None and one.type.element.name == "json" for one in relation.columns
    )
    if isinstance(change, op.CreateTable) or moment.is_new(change.table) or has_one:
        return Remark(change.table)
    return Breaks(change.table, proven=False)
