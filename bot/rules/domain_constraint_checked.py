"""The rule about constraints of domains in use."""

from bot.core.judging.rule import Hazard, Hazards, Moment, rule
from bot.core.judging.sentences import consequences, exceeds, names
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import Given, paragraphs, say


@rule(rank=30)
def domain_constraint_checked(change: op.AlterDomain, moment: Moment) -> Hazards:
    """A constraint on a domain reads every table that uses it, and blocks writes to all of them.

    Validating it later does the same: unlike on a table, VALIDATE CONSTRAINT on a domain makes writers wait.

    ```sql flagged
    -- given: CREATE DOMAIN amount AS numeric;
    -- given: CREATE TABLE orders (id bigint PRIMARY KEY, total amount);
    ALTER DOMAIN amount ADD CONSTRAINT positive CHECK (VALUE >= 0);
    ```

    NOT VALID checks new values only and reads nothing. To have old rows checked without blocking, put the check
    on the tables.

    ```sql allowed
    -- given: CREATE DOMAIN amount AS numeric;
    -- given: CREATE TABLE orders (id bigint PRIMARY KEY, total amount);
    ALTER DOMAIN amount ADD CONSTRAINT positive CHECK (VALUE >= 0) NOT VALID;
    ```
    """
    read = tuple(name for name in moment.effects.scans if not moment.is_new(name))
    if not read:
        return
    blocks, domain = moment.blocks, named.type_called(change.domain)
    yield Hazard(
        harms=(*blocks, *exceeds(moment)),
        title=say("{} on {} reads {} and blocks writes", Given(change.action), domain, names(read)),
        message=paragraphs(
            say("PostgreSQL checks every row of every table that uses {}: {}.", domain, names(read)),
            consequences(moment, blocks),
            say("A check on the table itself, NOT VALID and then validated, blocks nobody."),
        ),
        assumptions=moment.effects.assumptions,
    )
