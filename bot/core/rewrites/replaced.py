"""What a new constraint takes the place of: dropped where it stands, it would be missing until the new one is there."""

from collections.abc import Callable, Sequence

from bot.core.judging.rule import Moment
from bot.core.language import operations as op
from bot.core.schema.catalog import CatalogConstraint

Drops = Sequence[tuple[int, op.DropConstraint]]
"""Each with the statement of the run that it is in."""
Fits = Callable[[op.DropConstraint, CatalogConstraint | None], bool]
"""Whether the new constraint takes its place; the catalog's form of it, where that is known."""


def replaced(change: op.AddConstraint, moment: Moment, fits: Fits) -> Drops:
    """The constraints of the table that the statement, or one before it in the file, drops for this one.

    A statement before it counts only if it does nothing else: then it can leave the file.
    """
    found: list[tuple[int, op.DropConstraint]] = []
    for at in range(moment.index, -1, -1):
        statement = moment.timeline[at].statement
        if statement.path != moment.statement.path:
            break
        drops = [one for one in statement.operations if isinstance(one, op.DropConstraint)]
        if statement.inside is None and (at == moment.index or len(drops) == len(statement.operations)):
            found += ((at, drop) for drop in reversed(drops) if _is_of(drop, change, at, moment, fits))
    return found[::-1]


def definition_of(drop: op.DropConstraint, at: int, moment: Moment) -> CatalogConstraint | None:
    """What is known of the constraint before the statement `at` drops it."""
    session = moment.timeline[at].session
    relation = session.catalog.relations.get(session.resolve(drop.table))
    constraints = relation.constraints if relation is not None else ()
    return next((one for one in constraints if one.name == drop.constraint), None)


def taken(drops: Drops, moment: Moment) -> tuple[int, ...]:
    """The other statements that the plan does as well."""
    return tuple(dict.fromkeys(at for at, _ in drops if at != moment.index))


def _is_of(drop: op.DropConstraint, change: op.AddConstraint, at: int, moment: Moment, fits: Fits) -> bool:
    session = moment.session
    if session.resolve(drop.table) != session.resolve(change.table) or not _is_first(change, moment):
        return False
    return drop.constraint == change.constraint.name or fits(drop, definition_of(drop, at, moment))


def _is_first(change: op.AddConstraint, moment: Moment) -> bool:
    """Whether no other action of the statement adds such a constraint first: that one takes the place."""
    same = (one for one in moment.statement.operations if isinstance(one, type(change)))
    return next(same, change) is change
