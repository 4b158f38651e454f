"""What statements ask for: the changes of type that are no instant, and which statements have to be one plan."""

from collections.abc import Iterator, Sequence

from bot.core.effects import effects
from bot.core.judging.rule import Moment
from bot.core.language import operations as op
from bot.core.language.facts import Effects
from bot.core.language.names import Name
from bot.core.record import replace
from bot.core.rewrites.again import views_over
from bot.core.rewrites.retyping.in_place import in_place
from bot.core.schema.catalog import CatalogColumn, Relation
from bot.core.schema.session import Session

_MOST_TABLES = 20
"""More would be too many to be locked at the same time."""
_BESIDE = 500
"""Statements before and after the one in question that are looked at."""
OF_THE_COLUMN = op.SetDefault | op.DropDefault | op.SetNotNull | op.DropNotNull


def heavy(moment: Moment) -> tuple[op.AlterColumnType, ...]:
    """The changes of type that rewrite, scan, rebuild, or are refused only because of what can be made again."""
    if "heavy types" not in moment.once:
        found = [
            one for one in moment.statement.operations if isinstance(one, op.AlterColumnType) and _is_heavy(one, moment)
        ]
        moment.once["heavy types"] = tuple(found)
    heavy: tuple[op.AlterColumnType, ...] = moment.once["heavy types"]
    return heavy


def _is_heavy(change: op.AlterColumnType, moment: Moment) -> bool:
    done = _alone(change, moment.session, moment)
    if any(one.certain for one in done.failures):
        bare = _alone(change, _without_readers(change, moment), moment)
        return not any(one.certain for one in bare.failures)
    return bool(done.rewrites or done.scans or done.index_rebuilds)


def rewrites_rows(changes: Sequence[op.AlterColumnType], moment: Moment) -> bool:
    for change in changes:
        done = _alone(change, moment.session, moment)
        if any(one.certain for one in done.failures):
            done = _alone(change, _without_readers(change, moment), moment)
        if done.rewrites or done.index_rebuilds:
            return True
    return False


def _alone(change: op.AlterColumnType, session: Session, moment: Moment) -> Effects:
    """The effects with what the statement does to the column besides: DROP DEFAULT may make a cast possible."""
    if "dropped defaults" not in moment.once:
        moment.once["dropped defaults"] = {
            one.column: one for one in moment.statement.operations if isinstance(one, op.DropDefault)
        }
    beside = moment.once["dropped defaults"].get(change.column)
    return effects((change,) if beside is None else (beside, change), session, moment.major)


def _without_readers(change: op.AlterColumnType, moment: Moment) -> Session:
    """The session without what makes PostgreSQL refuse the change: views, triggers, policies and the like."""
    session = moment.session
    table = session.resolve(change.table)
    relation = session.catalog.relations.get(table)
    if relation is None:
        return session
    gone = {view.name for view in views_over(table, (change.column,), moment)}
    relations: dict[Name, Relation] = {name: one for name, one in session.catalog.relations.items() if name not in gone}
    relations[table] = replace(
        relation,
        triggers=tuple(one for one in relation.triggers if change.column not in one.columns),
        policies=tuple(one for one in relation.policies if change.column not in one.columns),
        columns=tuple(one for one in relation.columns if not _is_computed_from(one, change.column)),
        published_columns=(),
    )
    return replace(session, catalog=replace(session.catalog, relations=relations), links=None)


def as_left(moment: Moment) -> dict[tuple[Name, str], CatalogColumn]:
    """The columns with the defaults and NOT NULL that the statement gives them besides."""
    found: dict[tuple[Name, str], CatalogColumn] = {}
    for one in moment.statement.operations:
        if not isinstance(one, OF_THE_COLUMN):
            continue
        place = moment.session.resolve(one.table), one.column
        known = found.get(place) or moment.column(one.table, one.column)
        if known is None:
            continue
        match one:
            case op.SetDefault():
                known = replace(known, default=one.default)
            case op.DropDefault():
                known = replace(known, default=None)
            case op.SetNotNull() | op.DropNotNull():
                known = replace(known, not_null=isinstance(one, op.SetNotNull))
        found[place] = known
    return found


def linked(moment: Moment) -> list[Moment]:
    """The statements of the file that retype what foreign keys tie to these columns, itself included, in their order.

    Only statements that do nothing besides: they leave the file.
    """
    if "linked" not in moment.once:
        moment.once["linked"] = _follow_keys(moment)
    several: list[Moment] = moment.once["linked"]
    return several


def _follow_keys(moment: Moment) -> list[Moment]:
    tied = {moment.session.resolve(one.table) for one in heavy(moment)}
    others = _beside(moment) if _only_retypes(moment) else []
    found = [moment]
    queue = [moment]
    while queue and others:
        columns = {(moment.session.resolve(one.table), one.column) for one in heavy(queue.pop(0))}
        near = {place for place in _over_keys(columns, moment) if place not in columns}
        for other in list(others):
            places = {(moment.session.resolve(one.table), one.column) for one in heavy(other)}
            if places & near and len(tied | {table for table, _ in places}) <= _MOST_TABLES:
                tied |= {table for table, _ in places}
                others.remove(other)
                found.append(other)
                queue.append(other)
    return sorted(found, key=lambda one: one.index)


def _over_keys(columns: set[tuple[Name, str]], moment: Moment) -> Iterator[tuple[Name, str]]:
    """The columns at the other end of each foreign key from or to one of these."""
    database = moment.session.database()
    for table in {table for table, _ in columns}:
        keys = [(table, key) for _, key in database.foreign_keys(table)]
        keys += [
            (owner.name, one.definition)
            for owner, one in database.referencing(table)
            if isinstance(one.definition, op.ForeignKey)
        ]
        for owner, key in keys:
            to = database.resolve(key.references)
            primary = database.primary_key(to)
            elements = primary.elements if primary is not None else ()
            names = key.references_columns or tuple(str(one.column) for one in elements)
            for pair in zip(((owner, one) for one in key.columns), ((to, one) for one in names), strict=False):
                if not columns.isdisjoint(pair):
                    yield from pair


def _beside(moment: Moment) -> list[Moment]:
    """The other statements of the file that only retype columns, and cannot do so in place."""
    found: list[Moment] = []
    timeline = moment.timeline
    for index in range(max(0, moment.index - _BESIDE), min(len(timeline), moment.index + _BESIDE)):
        statement = timeline[index].statement
        if index == moment.index or statement.path != moment.statement.path or statement.inside is not None:
            continue
        if isinstance(statement.operations[0], op.AlterColumnType | OF_THE_COLUMN):
            other = replace(moment, index=index, operation=statement.operations[0], once={})
            if _only_retypes(other):
                found.append(other)
    return found


def _only_retypes(moment: Moment) -> bool:
    changes = heavy(moment)
    if not changes or moment.is_new(changes[0].table) or moment.statement.inside is not None:
        return False
    columns = {one.column for one in changes}
    whole = all(
        one in changes or (isinstance(one, OF_THE_COLUMN) and one.column in columns)
        for one in moment.statement.operations
    )
    return whole and in_place(changes, moment, rewrites=rewrites_rows(changes, moment)) is None


def _is_computed_from(column: CatalogColumn, other: str) -> bool:
    return column.name != other and column.generated is not None and column.generated.expression.mentions(other)
