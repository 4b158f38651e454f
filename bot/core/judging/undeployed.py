"""Objects merged but not deployed yet are not in the snapshot: a statement on them is judged as if they were."""

from bot.core.effects import effects
from bot.core.language.facts import Effects, Failure
from bot.core.language.messages import names_in, say
from bot.core.language.migrations import Statement
from bot.core.record import replace
from bot.core.schema.catalog import Relation, RelationKind
from bot.core.schema.session import Session
from bot.core.schema.versions import Draft

_DOES_NOT_EXIST = frozenset({"42P01", "42703", "42704", "42883", "3F000"})
"""undefined_table, undefined_column, undefined_object, undefined_function, invalid_schema_name"""
_UNLESS = say("no migration that is merged but not deployed yet creates it")


def as_if_deployed(statement: Statement, session: Session, done: Effects, major: int) -> tuple[Effects, Session]:
    """The effects if what is missing came from a migration that is not deployed yet, and the session for them.

    Both unchanged where nothing is missing, where no snapshot shows that, or where this run itself dropped it. The
    failure stays, but is no longer certain.
    """
    missing = [one for one in done.failures if is_missing(one) and one.certain]
    if not missing or not session.snapshot or _is_dropped_here(session, missing):
        return done, session
    unsure = _partial(statement, session)
    again = effects(statement, unsure, major)
    if any(one.certain for one in again.failures):
        return done, session
    unlikely = tuple(replace(one, certain=False, condition=_UNLESS) for one in missing)
    return replace(again, failures=(*again.failures, *unlikely)), _known(unsure, again, session)


def is_missing(failure: Failure) -> bool:
    """Whether the failure is that something does not exist."""
    return failure.sqlstate in _DOES_NOT_EXIST


def _is_dropped_here(session: Session, missing: list[Failure]) -> bool:
    return any(name in session.dropped for failure in missing for name in names_in(failure.message))


def _partial(statement: Statement, session: Session) -> Session:
    """The session in which the relations of the statement may have further, unknown parts."""
    relations = Draft(session.catalog.relations)
    for operation in statement.operations:
        for name in map(session.resolve, operation.subjects):
            if (known := relations.get(name)) is not None:
                relations[name] = replace(known, partial=True)
    return replace(session, catalog=replace(session.catalog, relations=relations.freeze(), complete=False))


def _known(unsure: Session, done: Effects, session: Session) -> Session:
    """The session with the relations that the statement needs, of which nothing is known."""
    relations = Draft(unsure.catalog.relations)
    for lock in done.locks:
        if not lock.index and not lock.created and lock.relation not in relations:
            relations[lock.relation] = Relation(lock.relation, RelationKind.TABLE, partial=True)
    return replace(
        unsure, catalog=replace(unsure.catalog, relations=relations.freeze(), complete=session.catalog.complete)
    )
