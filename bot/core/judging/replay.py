"""A run replayed statement by statement: session, effects, time, and how long each lock is held."""

from collections.abc import Iterator, Mapping, Sequence

from bot.core.cost.estimate import Estimate, estimate
from bot.core.cost.rates import Rates
from bot.core.effects import effects
from bot.core.judging.policy import Policy
from bot.core.judging.rule import Hold, Timed
from bot.core.judging.undeployed import as_if_deployed
from bot.core.language import operations as op
from bot.core.language.facts import Effects
from bot.core.language.messages import Number, say
from bot.core.language.migrations import Migration, Run, Statement
from bot.core.language.names import Name
from bot.core.record import replace
from bot.core.schema.catalog import Catalog, Relation, RelationKind, Size
from bot.core.schema.session import Session, Setting
from bot.core.schema.versions import Draft

OLDEST_MAJOR = 12
NEWEST_MAJOR = 18
_ASSUMED_ROW_BYTES = 200
_LONGEST_BASIS = 10
_NOTHING = Estimate(0.0, 0.0, 0.0)


def replay(
    run: Run, catalog: Catalog | None, policy: Policy, major: int, rates: Rates, start: Session | None = None
) -> tuple[Timed, ...]:
    """Every statement of the run in order, with what it does, how long it takes, and how long it holds which locks."""
    timed: list[Timed] = []
    session = start or Session.begin(catalog or Catalog(major=major, complete=False), snapshot=catalog is not None)
    for migration in run.migrations:
        session = _enter(session, migration, catalog, policy)
        for statement in migration.statements:
            try:
                one, after = _replayed(statement, session, len(timed), policy, major, rates)
            except MemoryError:
                raise
            except Exception as error:
                # It costs this statement: those beside it are judged, and the reader learns which was not.
                unread = replace(statement, operations=(op.Unread.of(error),))
                one, after = _replayed(unread, session, len(timed), policy, major, rates)
            timed.append(one)
            session = after
    return tuple(replace(one, holds=holds) for one, holds in zip(timed, _holds(timed), strict=True))


def _replayed(
    statement: Statement, session: Session, index: int, policy: Policy, major: int, rates: Rates
) -> tuple[Timed, Session]:
    """The statement in time, and the session after it."""
    done, session = as_if_deployed(statement, session, effects(statement, session, major), major)
    own = estimate(done, statement, session, rates)
    judged = own or estimate(done, statement, _assuming(session, done, policy), rates) or _NOTHING
    return Timed(statement, done, own, judged, session), session.after(statement, done, index)


def base_settings(migration: Migration, catalog: Catalog | None, policy: Policy) -> Mapping[str, Setting]:
    """The settings in force before the first statement, strongest last: role or server, repository, framework."""
    settings: dict[str, Setting] = {}
    if catalog is not None:
        settings |= {name: Setting(value, source) for name, (value, source) in catalog.settings.items()}
    for name, seconds in (("statement_timeout", policy.statement_timeout), ("lock_timeout", policy.lock_timeout)):
        if seconds is not None:
            settings[name] = Setting(f"{round(seconds * 1000)}ms", policy.source)
    return settings | {name: Setting(value, source) for name, (value, source) in migration.settings.items()}


def _enter(session: Session, migration: Migration, catalog: Catalog | None, policy: Policy) -> Session:
    """A file begins with the tool's settings, unless it continues in the transaction before it."""
    first = migration.statements[0].transaction if migration.statements else None
    if first is not None and first == session.transaction:
        return session
    return replace(session, settings=dict(base_settings(migration, catalog, policy)), local={})


def _assuming(session: Session, done: Effects, policy: Policy) -> Session:
    """The session with every table of unknown size at the size the policy assumes."""
    relations = Draft(session.catalog.relations)
    rows = policy.thresholds.assumed_rows
    size = Size(
        rows, rows * _ASSUMED_ROW_BYTES, source=say("assumed: {} rows, since the size is not known", Number(rows))
    )
    for name in _tables(done):
        standing = relations.get(name)
        if standing is None:
            relations[name] = Relation(name, RelationKind.TABLE, size=size)
        elif name not in session.created and (standing.size is None or standing.size.rows is None):
            relations[name] = replace(standing, size=size)
    return replace(session, catalog=replace(session.catalog, relations=relations.freeze()))


def _tables(done: Effects) -> Sequence[Name]:
    locked = [lock.relation for lock in done.locks if not lock.index and not lock.created]
    return [*done.rewrites, *done.scans, *(change.table for change in done.rows), *locked]


def _holds(timed: Sequence[Timed]) -> Iterator[tuple[Hold, ...]]:
    """For each statement, its locks on relations that existed before the run, each to the end of its transaction."""
    for index, (own, (last, seconds, judged)) in enumerate(zip(timed, _until_commit(timed), strict=True)):
        yield tuple(
            Hold(
                relation=lock.relation,
                mode=lock.mode,
                statement=index,
                last=index if lock.early else last,
                seconds=own.estimate if lock.early else seconds,
                judged=own.judged if lock.early else judged,
                early=lock.early,
                index=lock.index,
            )
            for lock in own.effects.locks
            if not lock.created and lock.relation not in own.session.created
        )


def _until_commit(timed: Sequence[Timed]) -> list[tuple[int, Estimate | None, Estimate]]:
    """For each statement: the last of its transaction, and the time from its start to the end of that last one."""
    ends: dict[int, tuple[int, Estimate | None, Estimate]] = {}
    found: list[tuple[int, Estimate | None, Estimate]] = []
    for index in range(len(timed) - 1, -1, -1):
        own, transaction = timed[index], timed[index].statement.transaction
        last, seconds, judged = index, own.estimate, own.judged
        if transaction is not None and transaction in ends:
            last, after, judged_after = ends[transaction]
            seconds = None if seconds is None or after is None else _followed(seconds, after)
            judged = _followed(judged, judged_after)
        found.append((last, seconds, judged))
        if transaction is not None:
            ends[transaction] = found[-1]
    return found[::-1]


def _followed(first: Estimate, rest: Estimate) -> Estimate:
    """Both together; the sources of a long transaction are not repeated endlessly."""
    return first + (rest if len(rest.rests_on) < _LONGEST_BASIS else replace(rest, rests_on=()))
