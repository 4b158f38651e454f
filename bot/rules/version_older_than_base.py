"""The rule about a migration that comes before one that the base branch has."""

from bot.core.judging.clashes import begun, harm, history, sentence_of, twin
from bot.core.judging.rule import Hazard, Hazards, Moment, rule
from bot.core.language import operations as op
from bot.core.language.messages import File, Given, paragraphs, say


@rule(rank=2)
def version_older_than_base(operation: op.Operation, moment: Moment) -> Hazards:
    """A new migration is older than the newest on the base branch.

    A branch that lives for a while has versions from when it began, and others are merged before it. Some tools apply
    the older one all the same (dbmate, Rails, sqlx), some refuse (Flyway, goose), and golang-migrate never runs it.

    ```sql flagged
    -- tool: golang-migrate
    -- file: 000007_orders_note.up.sql
    ALTER TABLE orders ADD COLUMN note text;
    -- base: 000008_users_note.up.sql
    ALTER TABLE users ADD COLUMN note text;
    ```

    Give it a version later than all others.

    ```sql allowed
    -- tool: golang-migrate
    -- file: 000009_orders_note.up.sql
    ALTER TABLE orders ADD COLUMN note text;
    -- base: 000008_users_note.up.sql
    ALTER TABLE users ADD COLUMN note text;
    ```

    ```sql allowed
    -- file: 20260516101500_orders_note.sql
    ALTER TABLE orders ADD COLUMN note text;
    -- base: 20260601000000_users_note.sql
    ALTER TABLE users ADD COLUMN note text;
    ```
    """
    beside = moment.evidence.beside
    if moment.migration.path in beside.edited:
        return
    for unit in begun(moment):
        worst = harm(history(moment).older)
        if worst is None or unit.order is None or twin(moment, unit) is not None:
            continue
        newest = beside.newest.get((moment.migration.framework, unit.scope, unit.what))
        if newest is None or (newest.unit.order or ()) <= unit.order:
            continue
        yield Hazard(
            (worst,),
            say("{} {} is older than the newest on the base branch", Given(unit.what.capitalize()), Given(unit.key)),
            paragraphs(
                say("The base branch already has {}.", File(newest.path)),
                sentence_of(history(moment).older),
                say("{}", Given(history(moment).mend)),
            ),
        )
