"""The rule about columns renamed under running code."""

import re

from bot.core.judging.rule import Breaks, Hazard, Hazards, Moment, rule
from bot.core.judging.sentences import still_used
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import NOTHING, paragraphs, say
from bot.core.language.names import quote
from bot.core.rewrites import safe


@rule(rank=15)
def column_renamed_in_use(change: op.RenameColumn, moment: Moment) -> Hazards:
    """Renaming a column breaks the code that still runs with the old name.

    There is no moment at which old and new code can both run: whichever is deployed first fails.

    ```sql flagged
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, name text);
    ALTER TABLE users RENAME COLUMN name TO full_name;
    ```

    Keep both names for a while, or keep the column's name and rename it only in the code.

    ```sql rewritten
    -- 1. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE users ADD COLUMN full_name text;
    CREATE FUNCTION users_full_name_sync() RETURNS trigger
    LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'INSERT' THEN
        NEW.full_name := coalesce(NEW.full_name, NEW.name);
        NEW.name := NEW.full_name;
      ELSIF NEW.full_name IS DISTINCT FROM OLD.full_name THEN
        NEW.name := NEW.full_name;
      ELSIF NEW.name IS DISTINCT FROM OLD.name THEN
        NEW.full_name := NEW.name;
      END IF;
      RETURN NEW;
    END
    $$;
    CREATE TRIGGER users_full_name_sync BEFORE INSERT OR UPDATE ON users
    FOR EACH ROW EXECUTE FUNCTION users_full_name_sync();
    -- 2. A script, in batches:
    UPDATE users SET full_name = name WHERE full_name IS NULL AND name IS NOT NULL;
    -- 3. Deploy: Release code that uses users.full_name only.
    -- 4. A migration:
    SET LOCAL lock_timeout = '1s';
    DROP TRIGGER users_full_name_sync ON users;
    DROP FUNCTION users_full_name_sync;
    ALTER TABLE users DROP COLUMN name;
    ```

    Where more hangs on the column than NOT NULL (an index, a key, a foreign key, a view, a policy, a default that may
    be overwritten by NULL), or where nothing is known of the table, a view in its place has both names:

    ```sql allowed
    -- given: CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);
    ALTER TABLE orders RENAME TO orders_base;
    ALTER TABLE orders_base RENAME COLUMN user_id TO buyer_id;
    CREATE VIEW orders AS SELECT id, buyer_id AS user_id, buyer_id FROM orders_base;
    ```

    ```sql allowed
    CREATE TABLE drafts (id bigint PRIMARY KEY, name text);
    ALTER TABLE drafts RENAME COLUMN name TO full_name;
    ```
    """
    if moment.is_new(change.table) or change.kind == "TYPE":
        return
    began = moment.timeline[0].session.catalog.relations.get(moment.session.resolve(change.table))
    if began is not None and began.columns and began.column(change.column) is None:
        return
    if _is_exchanged(change, moment) or _is_shown_by_a_view(change, moment):
        return
    old, new = named.column(change.column, change.table), named.column(change.to, change.table)
    places = moment.evidence.references.get((change.table.name, change.column), ())
    rewrite = safe(moment)
    yield Hazard(
        harms=(Breaks(change.table, proven=bool(places), code_only=True),),
        title=say("Renaming {} breaks code that uses the old name", old),
        message=paragraphs(
            say(
                "Code that uses {} fails from this statement on; code that uses {} fails until then. Both run "
                "while a deploy rolls out.",
                old,
                new,
            ),
            NOTHING
            if rewrite is not None
            else say(
                "No way is known here that hurts nobody: do not rename it in the database, give it another name in "
                "the code (an alias in the ORM)."
            ),
            still_used(places),
        ),
        rewrite=rewrite,
        assumptions=() if places else (say("running code may still use the old name"),),
    )


def _is_exchanged(change: op.RenameColumn, moment: Moment) -> bool:
    """Whether another column takes the old name in the same transaction."""
    number, table = moment.statement.transaction, moment.session.resolve(change.table)
    return number is not None and any(
        isinstance(operation, op.RenameColumn)
        and operation.to == change.column
        and moment.session.resolve(operation.table) == table
        for timed in moment.timeline[moment.index + 1 :]
        if timed.statement.transaction == number
        for operation in timed.statement.operations
    )


def _is_shown_by_a_view(change: op.RenameColumn, moment: Moment) -> bool:
    """Whether a view that takes the table's former name in the same transaction still has the old column name."""
    number, table = moment.statement.transaction, moment.session.resolve(change.table)
    if number is None:
        return False
    before, after = moment.timeline[: moment.index], moment.timeline[moment.index + 1 :]
    former = {
        timed.session.resolve(one.relation)
        for timed in before
        if timed.statement.transaction == number
        for one in timed.statement.operations
        if isinstance(one, op.RenameRelation) and one.to == table.name
    }
    alias = re.compile(rf"\bAS\s+{re.escape(quote(change.column))}(?![\w$])", re.IGNORECASE)
    return any(
        isinstance(one, op.CreateView)
        and timed.session.resolve(one.view) in former
        and table in map(timed.session.resolve, one.query.relations)
        and (alias.search(one.query.text) is not None or change.column in one.columns)
        for timed in after
        if timed.statement.transaction == number
        for one in timed.statement.operations
    )
