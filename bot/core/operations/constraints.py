"""Constraints, and the ALTER TABLE actions that add, validate, change and drop them."""

from dataclasses import dataclass

from bot.core.expression import Expression
from bot.core.names import Name


@dataclass(frozen=True, slots=True)
class NotNull:
    column: str
    name: str | None = None
    not_valid: bool = False
    no_inherit: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    expression: Expression
    name: str | None = None
    not_valid: bool = False
    no_inherit: bool = False
    enforced: bool = True


@dataclass(frozen=True, slots=True)
class Unique:
    columns: tuple[str, ...]
    name: str | None = None
    include: tuple[str, ...] = ()
    nulls_not_distinct: bool = False
    without_overlaps: bool = False
    using_index: str | None = None
    deferrable: bool = False
    initially_deferred: bool = False
    tablespace: str | None = None
    options: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class PrimaryKey:
    columns: tuple[str, ...]
    name: str | None = None
    include: tuple[str, ...] = ()
    without_overlaps: bool = False
    using_index: str | None = None
    deferrable: bool = False
    initially_deferred: bool = False
    tablespace: str | None = None
    options: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class ExclusionElement:
    """A column or expression with the operator that excludes; `text` is the whole element verbatim."""

    text: str
    expression: Expression
    operator: str


@dataclass(frozen=True, slots=True)
class Exclusion:
    elements: tuple[ExclusionElement, ...]
    name: str | None = None
    method: str = "btree"
    include: tuple[str, ...] = ()
    where: Expression | None = None
    deferrable: bool = False
    initially_deferred: bool = False
    tablespace: str | None = None
    options: tuple[tuple[str, str | None], ...] = ()


Constraint = NotNull | Check | Unique | PrimaryKey | ForeignKey | Exclusion


@dataclass(frozen=True, slots=True)
class AddCheck:
    """ALTER TABLE ... ADD [CONSTRAINT ...] CHECK."""

    table: Name
    constraint: Check
    only: bool = False
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class AddNotNull:
    """ALTER TABLE ... ADD [CONSTRAINT ...] NOT NULL column: PostgreSQL 18 and later."""

    table: Name
    constraint: NotNull
    only: bool = False
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class AddUnique:
    table: Name
    constraint: Unique
    only: bool = False
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class AddPrimaryKey:
    table: Name
    constraint: PrimaryKey
    only: bool = False
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class AddForeignKey:
    table: Name
    constraint: ForeignKey
    only: bool = False
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class AddExclusion:
    table: Name
    constraint: Exclusion
    only: bool = False
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class ValidateConstraint:
    table: Name
    constraint: str
    only: bool = False
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class AlterConstraint:
    """ALTER TABLE ... ALTER CONSTRAINT: deferrability, enforcement, inheritance; None is "not said"."""

    table: Name
    constraint: str
    deferrable: bool | None = None
    initially_deferred: bool | None = None
    enforced: bool | None = None
    no_inherit: bool | None = None
    only: bool = False
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class RenameConstraint:
    """On a table, or on a domain where `domain` is true."""

    table: Name
    constraint: str
    to: str
    only: bool = False
    if_exists: bool = False
    domain: bool = False


@dataclass(frozen=True, slots=True)
class DropConstraint:
    table: Name
    constraint: str
    cascade: bool = False
    missing_ok: bool = False
    """DROP CONSTRAINT IF EXISTS; `if_exists` is that of ALTER TABLE IF EXISTS."""
    only: bool = False
    if_exists: bool = False


AddConstraint = AddCheck | AddNotNull | AddUnique | AddPrimaryKey | AddForeignKey | AddExclusion
ConstraintAction = AddConstraint | ValidateConstraint | AlterConstraint | RenameConstraint | DropConstraint
