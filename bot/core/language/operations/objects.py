"""Views, types, domains, sequences, functions, schemas, extensions and what else a schema holds."""

from bot.core.language.expression import Expression
from bot.core.language.names import Name
from bot.core.language.operations.columns import Column
from bot.core.language.operations.constraints import Check
from bot.core.language.operations.queries import Query
from bot.core.language.types import Type
from bot.core.record import record


@record
class CreateView:
    view: Name
    query: Query
    or_replace: bool = False
    temporary: bool = False
    recursive: bool = False


@record
class CreateMaterializedView:
    view: Name
    query: Query
    with_data: bool = True
    if_not_exists: bool = False


@record
class RefreshMaterializedView:
    view: Name
    concurrently: bool = False
    with_data: bool = True


@record
class DropView:
    """Also materialized views, where `materialized` is true."""

    views: tuple[Name, ...]
    materialized: bool = False
    if_exists: bool = False
    cascade: bool = False


@record
class AlterViewColumnDefault:
    view: Name
    column: str
    default: Expression | None = None


@record
class CreateEnum:
    type: Name
    labels: tuple[str, ...]


@record
class CreateComposite:
    type: Name
    attributes: tuple[Column, ...] = ()


@record
class CreateRange:
    type: Name


@record
class AddEnumValue:
    type: Name
    value: str
    before: str | None = None
    after: str | None = None
    if_not_exists: bool = False


@record
class RenameEnumValue:
    type: Name
    value: str
    to: str


@record
class AlterComposite:
    """One action of ALTER TYPE on a composite type: `action` is ADD, DROP or ALTER (an attribute)."""

    type: Name
    action: str
    attribute: str
    data_type: Type | None = None
    cascade: bool = False


@record
class CreateDomain:
    domain: Name
    type: Type
    default: Expression | None = None
    not_null: bool = False
    checks: tuple[Check, ...] = ()
    collation: Name | None = None


@record
class AlterDomain:
    """`action` is SET DEFAULT, DROP DEFAULT, SET NOT NULL, DROP NOT NULL, ADD CONSTRAINT, ADD NOT NULL,
    DROP CONSTRAINT or VALIDATE CONSTRAINT."""

    domain: Name
    action: str
    constraint: str | None = None
    check: Check | None = None
    default: Expression | None = None
    cascade: bool = False
    missing_ok: bool = False


@record
class DropType:
    """DROP TYPE or DROP DOMAIN (`domain`)."""

    types: tuple[Name, ...]
    domain: bool = False
    if_exists: bool = False
    cascade: bool = False


@record
class CreateSequence:
    sequence: Name
    owned_by: tuple[Name, str] | None = None
    if_not_exists: bool = False
    temporary: bool = False
    options: str = ""


@record
class AlterSequence:
    """`options` verbatim."""

    sequence: Name
    options: str = ""
    owned_by: tuple[Name, str] | None = None
    if_exists: bool = False


@record
class DropSequence:
    sequences: tuple[Name, ...]
    if_exists: bool = False
    cascade: bool = False


@record
class CreateFunction:
    """A function or procedure; its body is apart: not run by creating it.

    `volatility` is IMMUTABLE, STABLE or VOLATILE; `body` the text between the quotes, "" where none was read.
    """

    function: Name
    arguments: int = 0
    language: str = "sql"
    volatility: str = "VOLATILE"
    body: str = ""
    or_replace: bool = False
    procedure: bool = False
    returns: str = ""
    settings: tuple[tuple[str, str], ...] = ()
    definition: str = ""
    """The whole statement verbatim, for writing it back."""


@record
class DropFunction:
    functions: tuple[Name, ...]
    if_exists: bool = False
    cascade: bool = False
    kind: str = "FUNCTION"


@record
class CreateSchema:
    schema: str
    if_not_exists: bool = False


@record
class DropSchema:
    schemas: tuple[str, ...]
    if_exists: bool = False
    cascade: bool = False


@record
class CreateExtension:
    extension: str
    if_not_exists: bool = False
    schema: str | None = None


@record
class DropExtension:
    extensions: tuple[str, ...]
    if_exists: bool = False
    cascade: bool = False


@record
class CreateStatistics:
    statistics: Name | None
    table: Name
    columns: tuple[str, ...] = ()
    if_not_exists: bool = False


@record
class AlterPublication:
    """CREATE or ALTER PUBLICATION; `action` is CREATE, ADD, SET, DROP, OPTIONS or OTHER."""

    publication: str
    action: str
    tables: tuple[Name, ...] = ()
    all_tables: bool = False


@record
class CommentOn:
    """`kind` is TABLE, COLUMN, INDEX, CONSTRAINT, ...; `relation` the table it concerns, where there is one."""

    kind: str
    name: str
    relation: Name | None = None
    text: str | None = None


@record
class Grant:
    """GRANT and REVOKE; `relations` only for tables; `columns` where single columns are granted."""

    revoke: bool
    relations: tuple[Name, ...] = ()
    all_in_schema: tuple[str, ...] = ()
    columns: bool = False
    kind: str = "TABLE"


@record
class RenameObject:
    """RENAME of what is no relation: TYPE, DOMAIN, SCHEMA, FUNCTION, ROLE, ..."""

    kind: str
    name: Name
    to: str


@record
class DropObject:
    """DROP of what has no operation of its own: OPERATOR, CAST, COLLATION, STATISTICS, PUBLICATION, ..."""

    kind: str
    names: tuple[str, ...] = ()
    if_exists: bool = False
    cascade: bool = False


@record
class OwnedBy:
    """DROP OWNED BY and REASSIGN OWNED BY: `action` is DROP or REASSIGN."""

    action: str
    roles: tuple[str, ...]
    cascade: bool = False


ObjectOperation = (
    CreateView
    | CreateMaterializedView
    | RefreshMaterializedView
    | DropView
    | AlterViewColumnDefault
    | CreateEnum
    | CreateComposite
    | CreateRange
    | AddEnumValue
    | RenameEnumValue
    | AlterComposite
    | CreateDomain
    | AlterDomain
    | DropType
    | CreateSequence
    | AlterSequence
    | DropSequence
    | CreateFunction
    | DropFunction
    | CreateSchema
    | DropSchema
    | CreateExtension
    | DropExtension
    | CreateStatistics
    | AlterPublication
    | CommentOn
    | Grant
    | RenameObject
    | DropObject
    | OwnedBy
)
