"""The rule about views dropped under running code."""

from bot.core.judging.rule import Breaks, Hazard, Hazards, Moment, rule
from bot.core.judging.sentences import still_used
from bot.core.language import operations as op
from bot.core.language.messages import paragraphs, say
from bot.core.language.names import Name
from bot.core.rewrites import safe


@rule(rank=15)
def view_dropped_in_use(drop: op.DropView, moment: Moment) -> Hazards:
    """Dropping a view breaks the code that still uses it.

    ```sql flagged
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    -- given: CREATE VIEW mails AS SELECT email FROM users;
    DROP VIEW mails;
    ```

    Drop it in a later deploy, when no code names it any more.

    ```sql rewritten
    -- 1. Deploy: Release code that uses mails no more.
    -- 2. A migration:
    SET LOCAL lock_timeout = '1s';
    DROP VIEW mails;
    ```

    Created again in the same transaction, it is never gone:

    ```sql allowed
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    -- given: CREATE VIEW mails AS SELECT email FROM users;
    DROP VIEW mails;
    CREATE VIEW mails AS SELECT id, email FROM users;
    ```

    Nor is it where a table takes its name in the same transaction:

    ```sql allowed
    -- given: CREATE TABLE users_base (id bigint PRIMARY KEY, email text);
    -- given: CREATE VIEW users AS SELECT id, email FROM users_base;
    DROP VIEW users;
    -- migsafe: released users_base is not used by any deployed code
    ALTER TABLE users_base RENAME TO users;
    ```
    """
    for name in drop.views:
        relation = moment.relation(name)
        missing = relation is None and moment.session.snapshot and moment.session.catalog.complete
        if moment.is_new(name) or (drop.if_exists and missing) or _is_made_again(name, moment):
            continue
        places = moment.evidence.references.get((name.name, None), ())
        yield Hazard(
            harms=(Breaks(name, proven=bool(places), code_only=True),),
            title=say("Dropping {} breaks code that still uses it", name),
            message=paragraphs(
                say("Code that runs while this is deployed may still read {}, and fails from then on.", name),
                still_used(places),
            ),
            rewrite=safe(moment),
            assumptions=() if places else (say("running code may still use the view"),),
        )


def _is_made_again(name: Name, moment: Moment) -> bool:
    number, view = moment.statement.transaction, moment.session.resolve(name)
    return number is not None and any(
        _takes(operation, view, moment)
        for timed in moment.timeline[moment.index + 1 :]
        if timed.statement.transaction == number
        for operation in timed.statement.operations
    )


def _takes(operation: op.Operation, view: Name, moment: Moment) -> bool:
    match operation:
        case op.CreateView(view=name) | op.CreateMaterializedView(view=name):
            return moment.session.resolve(name) == view
        case op.RenameRelation(relation=relation, to=to):
            return to == view.name and moment.session.resolve(relation).schema == view.schema
        case _:
            return False
