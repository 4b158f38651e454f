"""A relation under two names at once: a view has the old name, or the old names of columns, until no code uses them."""

from collections.abc import Iterator
from dataclasses import replace

from bot.core.judging.findings import SafeRewrite, Step
from bot.core.judging.rule import Moment
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import Message, joined, say
from bot.core.language.names import Name, quote
from bot.core.language.naming import free_name
from bot.core.rewrites.steps import deploy, migration
from bot.core.rewrites.undo.views import rights_of
from bot.core.schema.catalog import Relation, RelationKind

_SECURITY_INVOKER = 15
"""From this major on a view can check privileges and row security as the role that asks."""
_NAMED_BY_CODE = ("TABLE", "VIEW", "MATERIALIZED VIEW", "FOREIGN TABLE")
_NOT_NAMED_BY_CODE = (RelationKind.SEQUENCE, RelationKind.INDEX)


def rename_relation(change: op.RenameRelation | op.SetSchema, moment: Moment) -> SafeRewrite | None:
    """The old name stays as a view, through which old code reads and writes, until it is gone.

    None where the view would read with other rights than running code: under row security before PostgreSQL 15.
    """
    name = change.relation
    relation = moment.relation(name)
    if moment.is_new(name) or change.kind not in _NAMED_BY_CODE or not _can_stand_in(name, moment):
        return None
    renamed = Name(name.name, change.schema) if isinstance(change, op.SetSchema) else Name(change.to, name.schema)
    first = migration(
        f"rename_{name.name}",
        change,
        *stand_in(name, f"SELECT * FROM {renamed}", renamed, moment),
        note=say("In one transaction: running code goes on through the view."),
    )
    last = migration(
        f"drop_view_{name.name}",
        op.DropView((name,)),
        note=say("When no old code runs any more; functions whose text names {}, too.", named.plain(name)),
    )
    if relation is not None and relation.columns and not relation.partial:
        # A column that the table got since was never in the view, and must not depend on it.
        listed = ", ".join(quote(column.name) for column in relation.columns)
        last = replace(last, down=tuple(stand_in(name, f"SELECT {listed} FROM {renamed}", renamed, moment)))
    release = deploy(say("Release code that uses {}.", named.plain(renamed)))
    return SafeRewrite((_cautious(first, *_said_of_views(name, relation, moment)), release, last))


def rename_column_behind(change: op.RenameColumn, moment: Moment) -> SafeRewrite | None:
    """The table itself gets the new column name and another name; a view in its place has both names of the column.

    Keys, indexes, foreign keys, views and policies follow by themselves, and no row is touched. At the end the table
    takes its name back.
    """
    relation = moment.relation(change.table)
    if not _can_stand_in(change.table, moment) or _is_touched_besides(change.table, moment):
        return None
    if relation is not None and (_is_inherited(relation, moment) or relation.kind not in _WITH_COLUMNS):
        return None
    return SafeRewrite(tuple(_behind(change, relation, moment)))


_WITH_COLUMNS = (
    RelationKind.TABLE,
    RelationKind.PARTITIONED_TABLE,
    RelationKind.FOREIGN_TABLE,
    RelationKind.VIEW,
    RelationKind.MATERIALIZED_VIEW,
)
_KIND = {
    RelationKind.VIEW: "VIEW",
    RelationKind.MATERIALIZED_VIEW: "MATERIALIZED VIEW",
    RelationKind.FOREIGN_TABLE: "FOREIGN TABLE",
}


def _behind(change: op.RenameColumn, relation: Relation | None, moment: Moment) -> Iterator[Step]:
    table, old, new = change.table, change.column, change.to
    kind = _KIND.get(relation.kind, "TABLE") if relation is not None else "TABLE"
    base = Name(
        free_name(table.name, None, "base", lambda one: _is_taken(Name(one, table.schema), moment)), table.schema
    )
    query = f"SELECT {_both_names(relation, old, new)} FROM {base}"
    if moment.migration.framework == "rails":
        yield deploy(
            say(
                "Rails reads the columns and the key of {} when it starts, and would write both columns and find no "
                "key: first release code whose model sets `self.primary_key` and ignores {} (`ignored_columns`).",
                named.plain(table),
                named.plain(named.column(new)),
            )
        )
    first = migration(
        f"rename_{table.name}_{old}",
        op.RenameRelation(table, base.name, kind),
        op.RenameColumn(base, old, new, change.kind),
        *stand_in(table, query, base, moment, renamed=(old, new)),
        note=say("In one transaction, and no row is touched: running code goes on through the view."),
    )
    yield _cautious(
        first,
        say(
            "The view has {} and {}, and one statement cannot write both. Until the last step migrations of the table "
            "name {}.",
            named.plain(named.column(old)),
            named.plain(named.column(new)),
            named.plain(base),
        ),
        *_said_of_views(table, relation, moment),
        *_said_of_triggers(relation, old),
    )
    yield deploy(say("Release code that uses {} only.", named.plain(named.column_of(table, new))))
    yield migration(
        f"end_rename_of_{table.name}_{old}",
        op.DropView((table,)),
        op.RenameRelation(base, table.name, kind),
        note=say("When no old code runs any more: the table takes its name back."),
    )


def _cautious(step: Step, *cautions: Message) -> Step:
    """With what running code meets from the step on."""
    return replace(step, note=joined(" ", (step.note, *cautions)))


def stand_in(
    name: Name, query: str, base: Name, moment: Moment, renamed: tuple[str, str] | None = None
) -> Iterator[op.Operation]:
    """A view called `name`, with the rights on the relation that had the name, as far as the catalog tells."""
    relation = moment.relation(name)
    options = (("security_invoker", "true"),) if _asks_as_invoker(relation, moment) else ()
    yield op.CreateView(name, op.Query(query, (base,)), options=options)
    if relation is not None:
        yield from rights_of(relation, name, renamed)


def _can_stand_in(name: Name, moment: Moment) -> bool:
    if moment.session.resolve(name) in moment.session.catalog.indexes:
        return False
    relation = moment.relation(name)
    if relation is None:
        return True
    if relation.kind in _NOT_NAMED_BY_CODE:
        return False
    return not relation.row_security or moment.session.catalog.major >= _SECURITY_INVOKER


def _asks_as_invoker(relation: Relation | None, moment: Moment) -> bool:
    """Under row security, and where it may be on: a view that asks as its owner would pass it by."""
    known = moment.session.snapshot or moment.policy.postgres is not None
    if moment.session.catalog.major < _SECURITY_INVOKER or not known:
        return False
    if relation is None or relation.partial:
        return True
    return relation.row_security or relation.kind is RelationKind.VIEW


def _said_of_views(name: Name, relation: Relation | None, moment: Moment) -> Iterator[Message]:
    yield say(
        "A view does not take TRUNCATE, COPY, ON CONFLICT ON CONSTRAINT, MERGE before PostgreSQL 17, GROUP BY the key "
        "alone, ctid, xmin or pg_get_serial_sequence, and an ORM that asks for its key finds none (Rails: set "
        "`self.primary_key` first)."
    )
    if relation is None or relation.grants is None:
        yield say(
            "The rights on {} are not known here: GRANT them on the view in the same transaction, or roles that do not "
            "own it are locked out.",
            named.plain(name),
        )
    if relation is None and not _asks_as_invoker(relation, moment):
        yield say(
            "If row security is on, the view passes it by: then it needs `security_invoker` (PostgreSQL 15), and "
            "before 15 keep the name in the database and change it only in the code."
        )
    if relation is not None and relation.kind is RelationKind.MATERIALIZED_VIEW:
        yield say("REFRESH needs the new name.")


def _said_of_triggers(relation: Relation | None, old: str) -> Iterator[Message]:
    functions = [one.function for one in relation.triggers if one.function is not None] if relation is not None else []
    if functions:
        yield say(
            "Where {} names NEW.{}, change it in the same transaction.",
            named.plain(named.function(functions[0].name)),
            named.plain(named.column(old)),
        )


def _both_names(relation: Relation | None, old: str, new: str) -> str:
    """Every column where it was, the renamed one by its old name; the new name is the last."""
    if relation is None or relation.partial or not relation.columns:
        return f"*, {quote(new)} AS {quote(old)}"
    columns = [f"{quote(new)} AS {quote(old)}" if one.name == old else quote(one.name) for one in relation.columns]
    return ", ".join([*columns, quote(new)])


def _is_inherited(relation: Relation, moment: Moment) -> bool:
    """Whether the column is that of a parent, too, or of tables that inherit it and have names of their own."""
    if relation.partition_of is not None or relation.parents:
        return True
    return any(relation.name in other.parents for other in moment.session.catalog.relations.values())


def _is_touched_besides(table: Name, moment: Moment) -> bool:
    """Whether another statement of the file needs the table itself under its name, which a view has then."""
    name = moment.session.resolve(table)
    return any(
        any(lock.relation == name and lock.mode.blocks_writes for lock in timed.effects.locks)
        for timed in moment.timeline
        if timed.statement is not moment.statement
    )


def _is_taken(name: Name, moment: Moment) -> bool:
    catalog = moment.session.catalog
    resolved = moment.session.resolve(name)
    return resolved in catalog.relations or resolved in catalog.indexes
