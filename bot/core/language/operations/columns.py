"""Columns, and the ALTER TABLE actions on them."""

from bot.core.language.expression import Expression
from bot.core.language.names import Name
from bot.core.language.operations.constraints import Constraint
from bot.core.language.types import Type
from bot.core.record import record


@record
class Generated:
    """GENERATED ALWAYS AS (expression) STORED | VIRTUAL; `stored` is None where neither word stands."""

    expression: Expression
    stored: bool | None = True


@record
class Identity:
    always: bool = True
    options: str = ""
    """The sequence options in the parentheses, verbatim."""


@record
class Column:
    """A column definition, in CREATE TABLE and in ADD COLUMN.

    Constraints written at the column have that column in their `columns`; NOT NULL is a `NotNull` among
    them, a bare NULL is not kept.
    """

    name: str
    type: Type | None
    default: Expression | None = None
    generated: Generated | None = None
    identity: Identity | None = None
    constraints: tuple[Constraint, ...] = ()
    collation: Name | None = None
    storage: str | None = None
    compression: str | None = None


@record
class AddColumn:
    table: Name
    column: Column
    if_not_exists: bool = False
    only: bool = False
    if_exists: bool = False


@record
class DropColumn:
    table: Name
    column: str
    cascade: bool = False
    missing_ok: bool = False
    only: bool = False
    if_exists: bool = False


@record
class RenameColumn:
    """Also of a view, a foreign table or a composite type (`kind` is the word in the statement)."""

    table: Name
    column: str
    to: str
    kind: str = "TABLE"
    only: bool = False
    if_exists: bool = False


@record
class AlterColumnType:
    table: Name
    column: str
    type: Type
    using: Expression | None = None
    collation: Name | None = None
    only: bool = False
    if_exists: bool = False


@record
class SetDefault:
    table: Name
    column: str
    default: Expression
    only: bool = False
    if_exists: bool = False


@record
class DropDefault:
    table: Name
    column: str
    only: bool = False
    if_exists: bool = False


@record
class SetNotNull:
    table: Name
    column: str
    only: bool = False
    if_exists: bool = False


@record
class DropNotNull:
    table: Name
    column: str
    only: bool = False
    if_exists: bool = False


@record
class SetExpression:
    """SET EXPRESSION AS (...) of a generated column: PostgreSQL 17 and later."""

    table: Name
    column: str
    expression: Expression
    only: bool = False
    if_exists: bool = False


@record
class DropExpression:
    table: Name
    column: str
    missing_ok: bool = False
    only: bool = False
    if_exists: bool = False


@record
class AddIdentity:
    table: Name
    column: str
    identity: Identity
    only: bool = False
    if_exists: bool = False


@record
class SetIdentity:
    """SET GENERATED ..., SET sequence_option, RESTART; `options` verbatim."""

    table: Name
    column: str
    options: str
    only: bool = False
    if_exists: bool = False


@record
class DropIdentity:
    table: Name
    column: str
    missing_ok: bool = False
    only: bool = False
    if_exists: bool = False


@record
class SetStatistics:
    """`column` is a name, or a number for a column of an index."""

    table: Name
    column: str
    target: str
    only: bool = False
    if_exists: bool = False


@record
class SetColumnOptions:
    """SET (n_distinct = ...) or, with `reset`, RESET (...)."""

    table: Name
    column: str
    options: tuple[tuple[str, str | None], ...]
    reset: bool = False
    only: bool = False
    if_exists: bool = False


@record
class SetStorage:
    table: Name
    column: str
    storage: str
    only: bool = False
    if_exists: bool = False


@record
class SetCompression:
    table: Name
    column: str
    compression: str
    only: bool = False
    if_exists: bool = False


ColumnAction = (
    AddColumn
    | DropColumn
    | AlterColumnType
    | SetDefault
    | DropDefault
    | SetNotNull
    | DropNotNull
    | SetExpression
    | DropExpression
    | AddIdentity
    | SetIdentity
    | DropIdentity
    | SetStatistics
    | SetColumnOptions
    | SetStorage
    | SetCompression
)
