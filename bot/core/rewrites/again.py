"""What hangs on a relation, made again from the catalog: views with their grants, triggers, policies, comments."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from bot.core.judging.rule import Moment
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import Message, say
from bot.core.language.names import Name, quote
from bot.core.rewrites.steps import literal
from bot.core.schema.catalog import CatalogGrant, CatalogTrigger, Relation, RelationKind

_LATER = 500
"""Statements after the one in question that are looked at: a view is created again soon after it was dropped."""


def written(name: Name, moment: Moment) -> Name:
    """The name as short as the session's search_path allows."""
    bare = Name(name.name)
    return bare if moment.session.resolve(bare) == name else name


def views_over(table: Name, columns: Sequence[str], moment: Moment) -> tuple[Relation, ...]:
    """The views that read one of the columns, and those that read these views, in the order in which to create them.

    Also those that a later statement of the run creates: they are there when the plan's further files run.
    """
    database = moment.session.database()
    wanted = {(table, column) for column in columns}
    found: dict[Name, Relation] = {}
    queue = [table]
    while queue:
        under = queue.pop(0)
        for view in database.views_on(under):
            uses = [of for used, of in view.depends_on if used == under]
            touched = any(under != table or of is None or (under, of) in wanted for of in uses)
            if touched and view.name not in found:
                found[view.name] = view
                queue.append(view.name)
    for view in _created_later(table, columns, moment):
        if any(used == table or used in found for used, _ in view.depends_on):
            found.setdefault(view.name, view)
    return tuple(in_order(found))


def _created_later(table: Name, columns: Sequence[str], moment: Moment) -> Iterator[Relation]:
    """What later statements create over the table, as far as their text may mean one of the columns."""
    for timed in islice(moment.timeline, moment.index + 1, moment.index + 1 + _LATER):
        for one in timed.statement.operations:
            if not isinstance(one, op.CreateView | op.CreateMaterializedView):
                continue
            uses = tuple((moment.session.resolve(name), None) for name in one.query.relations)
            words = set(re.findall(r"[\w$]+", one.query.text)) | set(re.findall(r'"([^"]+)"', one.query.text))
            star = re.search(r"(select|,|\.)\s*\*", one.query.text, re.IGNORECASE) is not None
            if (table, None) in uses and not (star or words & set(columns)):
                continue
            name = moment.session.resolve(one.view)
            if isinstance(one, op.CreateMaterializedView):
                yield Relation(name, RelationKind.MATERIALIZED_VIEW, depends_on=uses)
                continue
            checked = (("check_option", one.check_option),) if one.check_option is not None else ()
            options = (*one.options, *checked)
            text = "" if one.columns or one.recursive else one.query.text
            yield Relation(name, RelationKind.VIEW, depends_on=uses, options=options, definition=text)


def in_order(views: dict[Name, Relation]) -> Iterator[Relation]:
    """Each after those that it reads."""
    done: set[Name] = set()

    def visit(view: Relation) -> Iterator[Relation]:
        if view.name in done:
            return
        done.add(view.name)
        for used, _ in view.depends_on:
            if used in views:
                yield from visit(views[used])
        yield view

    for view in views.values():
        yield from visit(view)


def not_made_again(views: Iterable[Relation]) -> Message | None:
    """Why one of the views cannot be dropped and created again in an instant."""
    for view in views:
        if view.kind is RelationKind.MATERIALIZED_VIEW:
            return say(
                "the materialized view {} reads it, and would be empty or locked for as long as its query takes",
                named.plain(view.name),
            )
        if view.rules:
            return say("the view {} has rules, whose text is not in the snapshot", named.plain(view.name))
        if not view.definition:
            return say("the query of the view {}, which reads it, is not known", named.plain(view.name))
        if any(not trigger.definition for trigger in view.triggers):
            return say("the text of a trigger on the view {} is not known", named.plain(view.name))
    return None


def drop_views(views: Sequence[Relation], moment: Moment) -> Iterator[op.Operation]:
    for view in reversed(views):
        yield op.DropView((written(view.name, moment),))


def create_views(views: Sequence[Relation], moment: Moment) -> Iterator[op.Operation]:
    """The views with their options, owner, privileges, defaults, triggers and comments."""
    for view in views:
        name = written(view.name, moment)
        options = dict(view.options)
        check = options.pop("check_option", None)
        query = op.Query(view.definition, tuple(dict.fromkeys(used for used, _ in view.depends_on)))
        yield op.CreateView(
            name, query, options=tuple(options.items()), check_option=check.upper() if check is not None else None
        )
        for column in view.columns:
            if column.default is not None:
                yield op.AlterViewColumnDefault(name, column.name, column.default)
        for trigger in view.triggers:
            yield from create_trigger(trigger, name, moment)
        if view.comment is not None:
            yield op.CommentOn("VIEW", str(name), name, view.comment)
        for column in view.columns:
            if column.comment is not None:
                yield op.CommentOn("COLUMN", column.name, name, column.comment)
        if view.owner is not None:
            yield op.SetOwner(name, view.owner, kind="VIEW")
        yield from (grant(privileges, name) for privileges in view.grants or ())


def grant(privileges: CatalogGrant, relation: Name, *, kind: str = "TABLE", column: str | None = None) -> op.Grant:
    """The GRANT that gives these privileges on the relation; `column` in place of the catalog's column."""
    column = column or privileges.column
    of = f" ({quote(column)})" if column is not None else ""
    what = ", ".join(f"{privilege}{of}" for privilege in privileges.privileges)
    role = privileges.role if privileges.role == "PUBLIC" else quote(privileges.role)
    on = f"{kind} {relation}" if kind != "TABLE" else str(relation)
    option = " WITH GRANT OPTION" if privileges.grantable else ""
    text = f"GRANT {what} ON {on} TO {role}{option}"
    return op.Grant(revoke=False, relations=(relation,), columns=column is not None, kind=kind, definition=text)


def create_trigger(trigger: CatalogTrigger, table: Name, moment: Moment) -> Iterator[op.Operation]:
    """The trigger as the catalog has it, with its state and its comment."""
    function = trigger.function or Name("")
    yield op.CreateTrigger(
        trigger.name,
        table,
        trigger.timing,
        trigger.events,
        written(function, moment),
        columns=trigger.columns,
        for_each_row=trigger.for_each_row,
        definition=trigger.definition,
    )
    if trigger.state != "ENABLE":
        yield op.SetTrigger(table, trigger.name, trigger.state)
    if trigger.comment is not None:
        yield op.CommentOn("TRIGGER", trigger.name, table, trigger.comment)


def count_on(sequence: str, other: Name) -> op.Select:
    """The sequence, an expression, goes on where the other stands; one that nobody has called leaves it as it is."""
    last = f"pg_sequence_last_value({literal(str(other))})"
    return op.Select(op.Query(f"SELECT setval({sequence}, {last})"))
