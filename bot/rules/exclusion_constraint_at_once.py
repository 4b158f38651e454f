"""The rule about exclusion constraints on tables in use."""

from bot.core.judging.phrases import exceeds, paragraphs, told
from bot.core.judging.rule import Hazard, Hazards, Moment, rule
from bot.core.language import operations as op
from bot.core.words import code


@rule(rank=30)
def exclusion_constraint_at_once(change: op.AddExclusion, moment: Moment) -> Hazards:
    """Adding an exclusion constraint builds its index while nobody can use the table, and there is no other way.

    PostgreSQL can neither build it CONCURRENTLY nor declare it NOT VALID. On a large table, make a new table
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
        title=f"The exclusion constraint on {code(change.table)} builds its index under lock",
        message=paragraphs(
            f"PostgreSQL reads all of {code(change.table)} and builds the index under the lock; it knows no way to "
            "do that while others work. On a large table: a new table with the constraint, rows copied in batches, "
            "then exchanged.",
            told(moment, blocks),
        ),
        assumptions=done.assumptions,
    )
