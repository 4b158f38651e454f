"""Constraints, and the ALTER TABLE actions that add, validate, change and drop them."""

from bot.core.language.expression import Expression
from bot.core.language.names import Name, NewRelationName, RelationName
from bot.core.language.operations.operation import Created, Dropped, Guard, IfExists, Operation, Renamed, Subject
from bot.core.record import record


@record
class NotNull:
    column: str
    name: str | None = None
    not_valid: bool = False
    no_inherit: bool = False


@record
class Check:
    expression: Expression
    name: str | None = None
    not_valid: bool = False
    no_inherit: bool = False
    enforced: bool = True


@record
class Unique:
    columns: tuple[str, ...]
    name: NewRelationName | None = None
    include: tuple[str, ...] = ()
    nulls_not_distinct: bool = False
    without_overlaps: bool = False
    using_index: NewRelationName | None = None
    deferrable: bool = False
    initially_deferred: bool = False
    tablespace: str | None = None
    options: tuple[tuple[str, str | None], ...] = ()


@record
class PrimaryKey:
    columns: tuple[str, ...]
    name: NewRelationName | None = None
    include: tuple[str, ...] = ()
    without_overlaps: bool = False
    using_index: NewRelationName | None = None
    deferrable: bool = False
    initially_deferred: bool = False
    tablespace: str | None = None
    options: tuple[tuple[str, str | None], ...] = ()


@record
class ForeignKey:
    """`references_columns` is empty where the primary key of `references` is meant.

    `on_delete` and `on_update` are NO ACTION, RESTRICT, CASCADE, SET NULL or SET DEFAULT.
    """

    columns: tuple[str, ...]
    references: Name
    references_columns: tuple[str, ...] = ()
    name: str | None = None
    on_delete: str = "NO ACTION"
    on_update: str = "NO ACTION"
    on_delete_columns: tuple[str, ...] = ()
    match_full: bool = False
    deferrable: bool = False
    initially_deferred: bool = False
    not_valid: bool = False
    enforced: bool = True
    period: bool = False


@record
class ExclusionElement:
    """A column or expression with the operator that excludes; `text` is the whole element verbatim."""

    text: str
    expression: Expression
    operator: str


@record
class Exclusion:
    elements: tuple[ExclusionElement, ...]
    name: NewRelationName | None = None
    method: str = "btree"
    include: tuple[str, ...] = ()
    where: Expression | None = None
    deferrable: bool = False
    initially_deferred: bool = False
    tablespace: str | None = None
    options: tuple[tuple[str, str | None], ...] = ()


Constraint = NotNull | Check | Unique | PrimaryKey | ForeignKey | Exclusion


@record
class AddCheck(Operation):
    """ALTER TABLE ... ADD [CONSTRAINT ...] CHECK."""

    table: Subject[RelationName]
    constraint: Created[Check]
    only: bool = False
    if_exists: IfExists = False


@record
class AddNotNull(Operation):
    """ALTER TABLE ... ADD [CONSTRAINT ...] NOT NULL column: PostgreSQL 18 and later."""

    table: Subject[RelationName]
    constraint: Created[NotNull]
    only: bool = False
    if_exists: IfExists = False


@record
class AddUnique(Operation):
    table: Subject[RelationName]
    constraint: Created[Unique]
    only: bool = False
    if_exists: IfExists = False


@record
class AddPrimaryKey(Operation):
    table: Subject[RelationName]
    constraint: Created[PrimaryKey]
    only: bool = False
    if_exists: IfExists = False


@record
class AddForeignKey(Operation):
    table: Subject[RelationName]
    constraint: Created[ForeignKey]
    only: bool = False
    if_exists: IfExists = False


@record
class AddExclusion(Operation):
    table: Subject[RelationName]
    constraint: Created[Exclusion]
    only: bool = False
    if_exists: IfExists = False


@record
class ValidateConstraint(Operation):
    table: Subject[RelationName]
    constraint: str
    only: bool = False
    if_exists: IfExists = False


@record
class AlterConstraint(Operation):
    """ALTER TABLE ... ALTER CONSTRAINT: deferrability, enforcement, inheritance; None is "not mentioned"."""

    table: Subject[RelationName]
    constraint: str
    deferrable: bool | None = None
    initially_deferred: bool | None = None
    enforced: bool | None = None
    no_inherit: bool | None = None
    only: bool = False
    if_exists: IfExists = False


@record
class RenameConstraint(Operation):
    table: Subject[RelationName]
    constraint: Renamed[str]
    to: NewRelationName
    only: bool = False
    if_exists: IfExists = False


@record
class DropConstraint(Operation):
    table: Subject[RelationName]
    constraint: Dropped[str]
    cascade: bool = False
    missing_ok: Guard = False
    """DROP CONSTRAINT IF EXISTS; `if_exists` is that of ALTER TABLE IF EXISTS."""
    only: bool = False
    if_exists: IfExists = False


AddConstraint = AddCheck | AddNotNull | AddUnique | AddPrimaryKey | AddForeignKey | AddExclusion
