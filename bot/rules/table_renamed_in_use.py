"""The rule about tables renamed or moved under running code."""

from bot.core.judging.rule import Breaks, Hazard, Hazards, Moment, rule
from bot.core.judging.sentences import still_used
from bot.core.language import operations as op
from bot.core.language.messages import paragraphs, say
from bot.core.language.names import Name
from bot.core.rewrites import safe

_NAMED_BY_CODE = ("TABLE", "VIEW", "MATERIALIZED VIEW", "FOREIGN TABLE")


@rule(rank=15)
def table_renamed_in_use(change: op.RenameRelation | op.SetSchema, moment: Moment) -> Hazards:
    """Renaming a table, or moving it to another schema, breaks the code that uses the old name.

    ```sql flagged
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, name text);
    ALTER TABLE users RENAME TO people;
    ```

    Leave a view under the old name in the same transaction: reads and writes go through it until no code uses
    it.

    ```sql rewritten
    -- 1. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE users RENAME TO people;
    CREATE VIEW users AS
    SELECT * FROM people;
    -- 2. Deploy: Release code that uses people.
    -- 3. A migration:
    SET LOCAL lock_timeout = '1s';
    DROP VIEW users;
    ```

    ```sql allowed
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, name text);
    ALTER TABLE users RENAME TO people;
    CREATE VIEW users AS SELECT * FROM people;
    ```
    """
    name = change.relation
    if change.kind not in _NAMED_BY_CODE or moment.is_new(name) or _keeps_its_name(name, moment):
        return
    if moment.session.resolve(name) in moment.session.catalog.indexes:
        return
    places = moment.evidence.references.get((name.name, None), ())
    to = Name(change.to) if isinstance(change, op.RenameRelation) else Name(name.name, change.schema)
    yield Hazard(
        harms=(Breaks(name, proven=bool(places), code_only=True),),
        title=say("Renaming {} breaks code that uses the old name", name),
        message=paragraphs(
            say(
                "Code that uses {} fails from this statement on; code that uses {} fails until then. Both run "
                "while a deploy rolls out.",
                name,
                to,
            ),
            still_used(places),
        ),
        rewrite=safe(moment),
        assumptions=() if places else (say("running code may still use the old name"),),
    )


def _keeps_its_name(name: Name, moment: Moment) -> bool:
    """Whether a view, or another table, takes the old name in the same transaction."""
    number, table = moment.statement.transaction, moment.session.resolve(name)
    return any(
        _takes(operation, name, table, moment)
        for timed in moment.timeline[moment.index + 1 :]
        if number is not None and timed.statement.transaction == number
        for operation in timed.statement.operations
    )


def _takes(operation: op.Operation, name: Name, table: Name, moment: Moment) -> bool:
    match operation:
        case op.CreateView(view=view):
            return moment.session.resolve(view) == table
        case op.RenameRelation(relation=relation, to=to):
            return to == name.name and moment.session.resolve(relation).schema == table.schema
        case _:
            return False
