"""Columns, and the ALTER TABLE actions on them."""

from bot.core.language.expression import Expression
from bot.core.language.names import Name, OtherName, RelationName
from bot.core.language.operations.constraints import Constraint
from bot.core.language.operations.operation import Created, Dropped, Guard, IfExists, Operation, Renamed, Subject
from bot.core.language.types import Type
from bot.core.record import record


@record
class Generated:
    """GENERATED ALWAYS AS (expression) STORED | VIRTUAL; `stored` is None where neither word is written."""

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
class AddColumn(Operation):
    table: Subject[RelationName]
    column: Created[Column]
    if_not_exists: Guard = False
    only: bool = False
    if_exists: IfExists = False


@record
class DropColumn(Operation):
    table: Subject[RelationName]
    column: Dropped[str]
    cascade: bool = False
    missing_ok: Guard = False
    only: bool = False
    if_exists: IfExists = False


@record
class RenameColumn(Operation):
    """Also of a view, a foreign table or a composite type (`kind` is the word in the statement)."""

    table: Subject[RelationName]
    column: Renamed[str]
    to: str
    kind: str = "TABLE"
    only: bool = False
    if_exists: IfExists = False


@record
class AlterColumnType(Operation):
    table: Subject[RelationName]
    column: str
    type: Type
    using: Expression | None = None
    collation: OtherName | None = None
    only: bool = False
    if_exists: IfExists = False


@record
class SetDefault(Operation):
    table: Subject[RelationName]
    column: str
    default: Expression
    only: bool = False
    if_exists: IfExists = False


@record
class DropDefault(Operation):
    table: Subject[RelationName]
    column: str
    only: bool = False
    if_exists: IfExists = False


@record
class SetNotNull(Operation):
    table: Subject[RelationName]
    column: str
    only: bool = False
    if_exists: IfExists = False


@record
class DropNotNull(Operation):
    table: Subject[RelationName]
    column: str
    only: bool = False
    if_exists: IfExists = False


@record
class SetExpression(Operation):
    """SET EXPRESSION AS (...) of a generated column: PostgreSQL 17 and later."""

    table: Subject[RelationName]
    column: str
    expression: Expression
    only: bool = False
    if_exists: IfExists = False


@record
class DropExpression(Operation):
    table: Subject[RelationName]
    column: str
    missing_ok: Guard = False
    only: bool = False
    if_exists: IfExists = False

    @property
    def is_repeatable(self) -> bool:
        return self.missing_ok


@record
class AddIdentity(Operation):
    table: Subject[RelationName]
    column: str
    identity: Created[Identity]
    only: bool = False
    if_exists: IfExists = False


@record
class SetIdentity(Operation):
    """SET GENERATED ..., SET sequence_option, RESTART; `options` verbatim."""

    no_change = "the catalog does not hold it"

    table: Subject[RelationName]
    column: str
    options: str
    only: bool = False
    if_exists: IfExists = False


@record
class DropIdentity(Operation):
    table: Subject[RelationName]
    column: str
    missing_ok: Guard = False
    only: bool = False
    if_exists: IfExists = False

    @property
    def is_repeatable(self) -> bool:
        return self.missing_ok


@record
class SetStatistics(Operation):
    """`column` is a name, or a number for a column of an index."""

    no_change = "the catalog does not hold it"

    table: Subject[RelationName]
    column: str
    target: str
    only: bool = False
    if_exists: IfExists = False


@record
class SetColumnOptions(Operation):
    """SET (n_distinct = ...) or, with `reset`, RESET (...)."""

    no_change = "the catalog does not hold it"

    table: Subject[RelationName]
    column: str
    options: tuple[tuple[str, str | None], ...]
    reset: bool = False
    only: bool = False
    if_exists: IfExists = False


@record
class SetStorage(Operation):
    no_change = "the catalog does not hold it"

    table: Subject[RelationName]
    column: str
    storage: str
    only: bool = False
    if_exists: IfExists = False


@record
class SetCompression(Operation):
    no_change = "the catalog does not hold it"

    table: Subject[RelationName]
    column: str
    compression: str
    only: bool = False
    if_exists: IfExists = False


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
