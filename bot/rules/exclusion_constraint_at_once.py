"""The rule about exclusion constraints on tables in use."""

from bot.core.judging.rule import Hazard, Hazards, Moment, rule
from bot.core.judging.sentences import consequences, exceeds
from bot.core.language import operations as op
from bot.core.language.messages import paragraphs, say


@rule(rank=30)
def exclusion_constraint_at_once(change: op.AddExclusion, moment: Moment) -> Hazards:
    """Adding an exclusion constraint builds its index while nobody can use the table, and there is no other way.

    PostgreSQL can neither build it CONCURRENTLY nor declare it NOT VALID. On a large table, create a new table
    that has the constraint from the start, copy the rows in batches, and exchange the two.

    ```sql flagged
    -- given: CREATE TABLE bookings (id bigint PRIMARY KEY, room int4range, during tsrange);
    ALTER TABLE bookings ADD CONSTRAINT no_overlap EXCLUDE USING gist (room WITH &&, during WITH &&);
    ```

    ```sql allowed
    CREATE TABLE bookings (room int4range, during tsrange, EXCLUDE USING gist (room WITH &&, during WITH &&));
    ```
    """
    done = moment.alone
    if moment.is_new(change.table) or not (done.index_builds or done.scans):
        return
    blocks = moment.blocks
    yield Hazard(
        harms=(*blocks, *exceeds(moment)),
        title=say("The exclusion constraint on {} builds its index under lock", change.table),
        message=paragraphs(
            say(
                "PostgreSQL reads all of {} and builds the index under the lock; it cannot do that while "
                "others work. On a large table: a new table with the constraint, rows copied in batches, then "
                "exchanged.",
                change.table,
            ),
            consequences(moment, blocks),
        ),
        assumptions=done.assumptions,
    )
