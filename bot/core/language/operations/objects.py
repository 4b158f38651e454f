"""Views, types, domains, sequences, functions, schemas, extensions and the other objects of a schema."""

from typing import Annotated

from bot.core.language.expression import Expression
from bot.core.language.names import (
    ExtensionName,
    FunctionName,
    NamedByKind,
    ObjectKind,
    OtherName,
    PublicationName,
    RelationName,
    RoleName,
    SchemaName,
    TypeName,
)
from bot.core.language.operations.columns import Column
from bot.core.language.operations.constraints import Check
from bot.core.language.operations.operation import (
    Created,
    Dropped,
    Guard,
    IfExists,
    Mention,
    Operation,
    Renamed,
    Subject,
)
from bot.core.language.operations.queries import Query
from bot.core.language.types import Type
from bot.core.record import record


@record
class CreateView(Operation):
    view: Created[RelationName]
    query: Query
    or_replace: Guard = False
    temporary: bool = False
    recursive: bool = False
    columns: tuple[str, ...] = ()
    options: tuple[tuple[str, str | None], ...] = ()
    check_option: str | None = None
    """LOCAL or CASCADED."""

    @property
    def is_temporary(self) -> bool:
        return self.temporary


@record
class CreateMaterializedView(Operation):
    view: Created[RelationName]
    query: Query
    with_data: bool = True
    if_not_exists: Guard = False


@record
class RefreshMaterializedView(Operation):
    view: Subject[RelationName]
    concurrently: bool = False
    with_data: bool = True


@record
class DropView(Operation):
    """Also materialized views, where `materialized` is true."""

    views: Dropped[tuple[RelationName, ...]]
    materialized: bool = False
    if_exists: Guard = False
    cascade: bool = False


@record
class AlterViewColumnDefault(Operation):
    no_change = "the catalog does not hold it"

    view: Subject[RelationName]
    column: str
    default: Expression | None = None


@record
class CreateEnum(Operation):
    no_effects = "nobody else sees what it creates, and it locks nothing that existed before"

    type: Created[TypeName]
    labels: tuple[str, ...]


@record
class CreateComposite(Operation):
    no_effects = "nobody else sees what it creates, and it locks nothing that existed before"

    type: Created[TypeName]
    attributes: tuple[Column, ...] = ()


@record
class CreateRange(Operation):
    no_writer = "its options are not kept"

    no_effects = "nobody else sees what it creates, and it locks nothing that existed before"

    type: Created[TypeName]


@record
class AddEnumValue(Operation):
    type: Subject[TypeName]
    value: Created[str]
    before: str | None = None
    after: str | None = None
    if_not_exists: Guard = False


@record
class RenameEnumValue(Operation):
    no_effects = "a label is not locked"

    type: Subject[TypeName]
    value: Renamed[str]
    to: str


@record
class AlterComposite(Operation):
    """One action of ALTER TYPE on a composite type: `action` is ADD, DROP or ALTER (an attribute)."""

    type: Subject[TypeName]
    action: str
    attribute: str
    data_type: Type | None = None
    cascade: bool = False

    @property
    def is_repeatable(self) -> bool:
        return self.action == "ALTER"


@record
class CreateDomain(Operation):
    no_effects = "nobody else sees what it creates, and it locks nothing that existed before"

    domain: Created[TypeName]
    type: Type
    default: Expression | None = None
    not_null: bool = False
    checks: tuple[Check, ...] = ()
    collation: OtherName | None = None


@record
class AlterDomain(Operation):
    """`action` is SET DEFAULT, DROP DEFAULT, SET NOT NULL, DROP NOT NULL, ADD CONSTRAINT, ADD NOT NULL,
    DROP CONSTRAINT or VALIDATE CONSTRAINT."""

    domain: Subject[TypeName]
    action: str
    constraint: str | None = None
    check: Check | None = None
    default: Expression | None = None
    cascade: bool = False
    missing_ok: Guard = False

    @property
    def is_repeatable(self) -> bool:
        return self.action not in ("ADD CONSTRAINT", "DROP CONSTRAINT") or self.missing_ok


@record
class RenameDomainConstraint(Operation):
    no_effects = "tables that use the domain are not locked"

    domain: Subject[TypeName]
    constraint: Renamed[str]
    to: str


@record
class DropType(Operation):
    """DROP TYPE or DROP DOMAIN (`domain`)."""

    types: Dropped[tuple[TypeName, ...]]
    domain: bool = False
    if_exists: Guard = False
    cascade: bool = False


@record
class CreateSequence(Operation):
    sequence: Created[RelationName]
    owned_by: tuple[RelationName, str] | None = None
    if_not_exists: Guard = False
    temporary: bool = False
    options: str = ""

    @property
    def is_temporary(self) -> bool:
        return self.temporary


@record
class AlterSequence(Operation):
    """`options` verbatim."""

    sequence: Subject[RelationName]
    options: str = ""
    owned_by: tuple[RelationName, str] | None = None
    if_exists: IfExists = False


@record
class DropSequence(Operation):
    sequences: Dropped[tuple[RelationName, ...]]
    if_exists: Guard = False
    cascade: bool = False


@record
class CreateFunction(Operation):
    """A function or procedure; creating it does not run its body.

    `volatility` is IMMUTABLE, STABLE or VOLATILE; `body` the text between the quotes, "" where no body was read.
    """

    no_effects = "nobody else sees what it creates, and it locks nothing that existed before"

    function: Created[FunctionName]
    arguments: int = 0
    language: str = "sql"
    volatility: str = "VOLATILE"
    body: str = ""
    or_replace: Guard = False
    procedure: bool = False
    returns: str = ""
    settings: tuple[tuple[str, str], ...] = ()
    definition: str = ""
    """The whole statement verbatim, for writing it back."""
    types: tuple[str, ...] | None = None
    """Those of its arguments, which tell functions of one name apart (`int4`); None where they are not known."""


@record
class DropFunction(Operation):
    functions: Dropped[tuple[FunctionName, ...]]
    if_exists: Guard = False
    cascade: bool = False
    kind: str = "FUNCTION"
    types: tuple[tuple[str, ...] | None, ...] = ()
    """For each function those of its arguments, None where only its name is given; () where nothing is known of any."""


@record
class CreateSchema(Operation):
    no_effects = "nobody else sees what it creates, and it locks nothing that existed before"

    schema: Created[str]
    if_not_exists: Guard = False
    mentions: tuple[Mention, ...] = ()


@record
class DropSchema(Operation):
    schemas: Dropped[tuple[SchemaName, ...]]
    if_exists: Guard = False
    cascade: bool = False


@record
class CreateExtension(Operation):
    no_effects = "an extension's script creates objects of its own"

    extension: Created[str]
    if_not_exists: Guard = False
    schema: str | None = None


@record
class DropExtension(Operation):
    extensions: Dropped[tuple[ExtensionName, ...]]
    if_exists: Guard = False
    cascade: bool = False


@record
class CreateStatistics(Operation):
    statistics: Created[OtherName | None]
    table: Subject[RelationName]
    columns: tuple[str, ...] = ()
    if_not_exists: Guard = False


@record
class AlterPublication(Operation):
    """CREATE or ALTER PUBLICATION; `action` is CREATE, ADD, SET, DROP, OPTIONS or OTHER."""

    publication: PublicationName
    action: str
    tables: tuple[RelationName, ...] = ()
    all_tables: bool = False
    mentions: tuple[Mention, ...] = ()

    @property
    def is_repeatable(self) -> bool:
        return self.action not in ("CREATE", "ADD", "DROP")


@record
class CommentOn(Operation):
    """`kind` is TABLE, COLUMN, INDEX, CONSTRAINT, ...; `relation` the table it concerns, where there is one."""

    no_change = "the catalog does not hold it"

    kind: str
    name: NamedByKind
    relation: Subject[RelationName | None] = None
    text: str | None = None
    mentions: tuple[Mention, ...] = ()


@record
class Grant(Operation):
    """GRANT and REVOKE; `relations` only for tables; `columns` where single columns are granted."""

    revoke: bool
    relations: Subject[tuple[RelationName, ...]] = ()
    all_in_schema: tuple[SchemaName, ...] = ()
    columns: bool = False
    kind: str = "TABLE"
    definition: str = ""
    """The whole statement verbatim, for writing it back."""
    mentions: tuple[Mention, ...] = ()


@record
class RenameObject(Operation):
    """RENAME of an object that is not a relation: TYPE, DOMAIN, SCHEMA, FUNCTION, ROLE, ..."""

    no_effects = "types, schemas, functions and roles are not locked"

    kind: str
    name: Renamed[Annotated[OtherName, ObjectKind.BY_KIND]]
    to: NamedByKind
    mentions: tuple[Mention, ...] = ()


@record
class DropObject(Operation):
    """DROP of a kind that has no operation of its own: OPERATOR, CAST, COLLATION, STATISTICS, PUBLICATION, ..."""

    kind: str
    names: Dropped[tuple[NamedByKind, ...]] = ()
    if_exists: Guard = False
    cascade: bool = False
    mentions: tuple[Mention, ...] = ()


@record
class OwnedBy(Operation):
    """DROP OWNED BY and REASSIGN OWNED BY: `action` is DROP or REASSIGN."""

    action: str
    roles: tuple[RoleName, ...]
    cascade: bool = False
    mentions: tuple[Mention, ...] = ()
