"""Whether a plan may be offered: the author's request is in its end, and no step of it hurts as the statement would.

Every plan is checked before it is offered, whoever made it: one that fails is none.
"""

from collections.abc import Collection, Iterator, Sequence

from bot.core.judging.findings import SafeRewrite, StepKind
from bot.core.language import operations as op
from bot.core.language.facts import Effects
from bot.core.language.names import Name
from bot.core.rewrites.undo.prior import Prior
from bot.core.schema.catalog import CatalogIndex, Relation, RelationKind
from bot.core.schema.session import Session

_INTEGRITY = "23"
"""The class of errors about rows, which a script or the author puts right before the step."""
_UNKNOWN = frozenset({"42703", "42704", "42P01", "42883"})
"""Errors about names that are not known: what a plan has made or read from the catalog is not always known by name."""


def trouble_with(rewrite: SafeRewrite, asked: Sequence[op.Operation], session: Session) -> str:
    """Why the plan may not be offered for the statement with the operations `asked`, "" where it may."""
    before = Prior.of(session)
    # What the statement fails with all the same is said of the statement.
    known = {failure.sqlstate for failure in before.effects_of(*asked).failures}
    planned = before
    for step in rewrite.steps:
        if step.kind is not StepKind.MIGRATION:
            continue
        for operation in step.operations:
            # An action without a plan is said to have none, and does not cost the others theirs.
            alone = len(asked) > 1 and operation in asked
            if not alone and (trouble := _hurts(operation, planned.under(step.settings), known)):
                return trouble
            planned = planned.after(operation)
    if rewrite.differs:
        return ""
    wanted = before
    for operation in asked:
        wanted = wanted.after(operation)
    return next(_missing(before, wanted, planned), "")


def _hurts(operation: op.Operation, before: Prior, known: Collection[str]) -> str:
    """Whether the step fails for certain, or works long under a lock that others wait for."""
    done = before.effects_of(operation)
    for failure in done.failures:
        if failure.sqlstate in known or failure.sqlstate in _UNKNOWN:
            continue
        if failure.certain and not failure.sqlstate.startswith(_INTEGRITY):
            return f"{type(operation).__name__} fails ({failure.sqlstate})"
    if getattr(operation, "concurrently", False) or not before.is_complete:
        return ""
    blocked = {
        lock.relation
        for lock in done.locks
        if lock.mode.blocks_writes and not (lock.created or lock.early or lock.index)
    }
    worked = _worked_on(done, before)
    if blocked and any(not before.is_small(name) and name not in before.session.created for name in worked):
        return f"{type(operation).__name__} works long under a lock"
    return ""


def _worked_on(done: Effects, before: Prior) -> set[Name]:
    found = {*done.rewrites, *done.scans}
    for index in (*done.index_rebuilds, *done.index_builds):
        known = before.session.catalog.indexes.get(index)
        if known is not None:
            found.add(known.table)
    return found


def _missing(before: Prior, wanted: Prior, planned: Prior) -> Iterator[str]:
    """What the statement makes and the plan does not, and what it takes away and the plan leaves."""
    names = wanted.session.catalog.relations.keys() | planned.session.catalog.relations.keys()
    for name in names:
        was, one, other = (each.session.catalog.relations.get(name) for each in (before, wanted, planned))
        if one is not other:
            yield from _differing(name, _shape(was), _shape(one), _shape(other))
    indexes = wanted.session.catalog.indexes.keys() | planned.session.catalog.indexes.keys()
    for name in indexes:
        was, one, other = (each.session.catalog.indexes.get(name) for each in (before, wanted, planned))
        if one is not other:
            yield from _differing(name, _index_shape(was), _index_shape(one), _index_shape(other))


def _differing(name: Name, before: frozenset[str], wanted: frozenset[str], planned: frozenset[str]) -> Iterator[str]:
    yield from (f"{name} lacks {part}" for part in sorted(wanted - planned))
    yield from (f"{name} still has {part}" for part in sorted((planned & before) - wanted))


def _shape(relation: Relation | None) -> frozenset[str]:
    if relation is None:
        return frozenset()
    if relation.kind in (RelationKind.VIEW, RelationKind.MATERIALIZED_VIEW):
        # Of a view made again the columns are known to the server alone: it takes them from what it reads.
        return frozenset(("been made",))
    columns = (f"the column {one.name} {one.type}" for one in relation.columns)
    full = (f"NOT NULL of {one.name}" for one in relation.columns if one.not_null)
    # NOT NULL has a name only since 18, and of partitions their parent's.
    named = (one for one in relation.constraints if not isinstance(one.definition, op.NotNull))
    constraints = (f"{type(one.definition).__name__} {one.name} {one.valid}" for one in named)
    return frozenset(("been made", *columns, *full, *constraints))


def _index_shape(index: CatalogIndex | None) -> frozenset[str]:
    if index is None:
        return frozenset()
    keys = ", ".join(one.column or (one.expression.text if one.expression else "") for one in index.elements)
    where = index.where.text if index.where is not None else ""
    valid = ("validity",) if index.valid else ()
    return frozenset(("been made", f"{index.table} ({keys}) {index.unique} {where}", *valid))
