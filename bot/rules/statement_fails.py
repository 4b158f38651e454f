"""The rule about statements that PostgreSQL will refuse."""

from bot.core.judging.rule import Breaks, Hazard, Hazards, Moment, Remark, Speaks, rule
from bot.core.judging.undeployed import is_missing
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.facts import Failure
from bot.core.language.messages import NOTHING, Given, Message, Quotation, listing, paragraphs, say
from bot.core.rewrites import safe
from bot.core.rewrites.retyping import no_way
from bot.core.schema.dependents import DependentKind, Object, closure

_UNDEFINED_TABLE = "42P01"
_DEPENDED_ON = "2BP01"


@rule(rank=11, speaks=Speaks.IF_UNSAID)
def statement_fails(operation: op.Operation, moment: Moment) -> Hazards:
    """The statement fails on the database as it is.

    A view that uses the column, an index that backs a constraint, CONCURRENTLY on a partitioned table:
    PostgreSQL refuses, the migration stops, and the code runs without the schema it expects.

    ```sql flagged
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    -- given: CREATE VIEW mails AS SELECT email FROM users;
    ALTER TABLE users ALTER COLUMN email TYPE varchar(100);
    ```

    ```sql allowed
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    ALTER TABLE users ALTER COLUMN email SET DEFAULT '';
    ```
    """
    if not moment.first:
        return
    failures = [failure for failure in moment.effects.failures if failure.certain]
    if not failures:
        yield from _missing(moment)
        return
    failure = failures[0]
    proven = moment.session.snapshot and not moment.effects.assumptions
    yield Hazard(
        harms=(Breaks(None, proven=proven),),
        title=say("PostgreSQL refuses this statement"),
        message=paragraphs(
            say("It fails with {}, and the migration stops here.", _error(failure)),
            _in_the_way(operation, moment) if failure.sqlstate == _DEPENDED_ON else no_way(moment),
        ),
        rewrite=safe(moment),
        assumptions=moment.effects.assumptions,
    )


def _in_the_way(operation: op.Operation, moment: Moment) -> Message:
    """What depends on a column that is dropped without CASCADE."""
    relation = moment.relation(operation.table) if isinstance(operation, op.DropColumn) else None
    if relation is None or not isinstance(operation, op.DropColumn):
        return NOTHING
    if operation.column in relation.published_columns:
        return say("A publication names it: take it out of there first, and out of its subscribers.")
    column = Object(DependentKind.COLUMN, relation.name, operation.column)
    found = [_called(one) for one in closure(moment.session.database(), column).blockers]
    if not found:
        return NOTHING
    return say("What depends on it: {}. Where no code needs it any more, drop that first, by name.", listing(found))


def _called(thing: Object) -> Message:
    match thing.kind:
        case DependentKind.COLUMN:
            return say("{}", named.in_full(named.column(thing.part, thing.name)))
        case DependentKind.TRIGGER:
            return say("{}", named.in_full(named.trigger(thing.part, thing.name)))
        case DependentKind.POLICY:
            return say("{}", named.in_full(named.policy(thing.part, thing.name)))
        case DependentKind.CONSTRAINT:
            return say("{}", named.in_full(named.constraint(thing.part, thing.name)))
        case _:
            return say("{}", thing.name)


def _missing(moment: Moment) -> Hazards:
    """What the snapshot lacks may come from a migration that is merged but not deployed; a whole table often does."""
    failure = next((one for one in moment.effects.failures if is_missing(one) and moment.session.snapshot), None)
    if failure is None or not failure.condition:
        return
    harm = Remark(None) if failure.sqlstate == _UNDEFINED_TABLE else Breaks(None, proven=False)
    yield Hazard(
        harms=(harm,),
        title=say("The replica lacks what this statement needs"),
        message=say("It fails with {} if {}. It is judged as if one did.", _error(failure), failure.condition),
        assumptions=(say("a migration that is not deployed yet creates what is missing: {}", failure.message),),
    )


def _error(failure: Failure) -> Message:
    """`column "a" does not exist` (SQLSTATE 42703)."""
    return say("{} (SQLSTATE {})", Quotation(failure.message), Given(failure.sqlstate))
