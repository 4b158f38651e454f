"""Indexes."""

from bot.core.language.expression import Expression
from bot.core.language.names import Name, NamedByKind, NewRelationName, RelationName
from bot.core.language.operations.operation import Concurrently, Created, Dropped, Guard, Operation, Subject
from bot.core.record import record


@record
class IndexElement:
    """One key of an index: a column (then `column` is its name) or an expression; `text` is verbatim."""

    text: str
    expression: Expression
    column: str | None = None
    operator_class: Name | None = None
    collation: Name | None = None


@record
class CreateIndex(Operation):
    index: Created[NewRelationName | None]
    table: Subject[RelationName]
    elements: tuple[IndexElement, ...]
    unique: bool = False
    concurrently: Concurrently = False
    if_not_exists: Guard = False
    only: bool = False
    method: str = "btree"
    include: tuple[str, ...] = ()
    nulls_not_distinct: bool = False
    where: Expression | None = None
    options: tuple[tuple[str, str | None], ...] = ()
    tablespace: str | None = None


@record
class DropIndex(Operation):
    """`table` is the table it is on, where the framework's call names it."""

    indexes: Dropped[tuple[RelationName, ...]]
    concurrently: Concurrently = False
    if_exists: Guard = False
    cascade: bool = False
    table: Subject[RelationName | None] = None


@record
class Reindex(Operation):
    """`kind` is INDEX or TABLE, with its `target`, or SCHEMA, DATABASE or SYSTEM, with its `name` where it has one."""

    no_change = "the indexes stay as they are"

    kind: str
    target: Subject[RelationName | None] = None
    concurrently: Concurrently = False
    tablespace: str | None = None
    name: NamedByKind | None = None
