"""Indexes."""

from bot.core.language.expression import Expression
from bot.core.language.names import Name
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
class CreateIndex:
    index: str | None
    table: Name
    elements: tuple[IndexElement, ...]
    unique: bool = False
    concurrently: bool = False
    if_not_exists: bool = False
    only: bool = False
    method: str = "btree"
    include: tuple[str, ...] = ()
    nulls_not_distinct: bool = False
    where: Expression | None = None
    options: tuple[tuple[str, str | None], ...] = ()
    tablespace: str | None = None


@record
class DropIndex:
    """`table` is the one it stands on, where the framework's call names it."""

    indexes: tuple[Name, ...]
    concurrently: bool = False
    if_exists: bool = False
    cascade: bool = False
    table: Name | None = None


@record
class Reindex:
    """`kind` is INDEX, TABLE, SCHEMA, DATABASE or SYSTEM; `target` None where DATABASE names none."""

    kind: str
    target: Name | None
    concurrently: bool = False
    tablespace: str | None = None


IndexOperation = CreateIndex | DropIndex | Reindex
