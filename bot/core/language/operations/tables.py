"""Tables: created, dropped, renamed, emptied, locked, and the ALTER TABLE actions on a whole table."""

from bot.core.language.expression import Expression
from bot.core.language.locks import LockMode
from bot.core.language.names import Name
from bot.core.language.operations.columns import Column
from bot.core.language.operations.constraints import Constraint
from bot.core.language.operations.partitions import Bound, PartitionKey
from bot.core.language.operations.queries import Query
from bot.core.record import record


@record
class Like:
    """LIKE table INCLUDING ... ; `including` holds upper-case words, ALL expanded to `ALL`."""

    table: Name
    including: tuple[str, ...] = ()
    excluding: tuple[str, ...] = ()


@record
class CreateTable:
    """`persistence` is "permanent", "temporary" or "unlogged"."""

    table: Name
    columns: tuple[Column, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    likes: tuple[Like, ...] = ()
    inherits: tuple[Name, ...] = ()
    partition_of: Name | None = None
    bound: Bound | None = None
    partition_by: PartitionKey | None = None
    of_type: Name | None = None
    persistence: str = "permanent"
    if_not_exists: bool = False
    options: tuple[tuple[str, str | None], ...] = ()
    tablespace: str | None = None
    access_method: str | None = None
    on_commit: str | None = None


@record
class CreateTableAs:
    """CREATE TABLE ... AS and SELECT ... INTO."""

    table: Name
    query: Query
    columns: tuple[str, ...] = ()
    with_data: bool = True
    persistence: str = "permanent"
    if_not_exists: bool = False


@record
class DropTable:
    tables: tuple[Name, ...]
    if_exists: bool = False
    cascade: bool = False


@record
class RenameRelation:
    """ALTER kind ... RENAME TO; `kind` is the word said (TABLE, INDEX, VIEW, MATERIALIZED VIEW, SEQUENCE,
    FOREIGN TABLE), which may not be what the relation is: ALTER TABLE some_index RENAME works, and locks
    differently."""

    relation: Name
    to: str
    kind: str = "TABLE"
    if_exists: bool = False


@record
class SetSchema:
    """ALTER kind ... SET SCHEMA, for relations."""

    relation: Name
    schema: str
    kind: str = "TABLE"
    if_exists: bool = False


@record
class Truncate:
    tables: tuple[Name, ...]
    only: tuple[Name, ...] = ()
    """Those of `tables` that were written with ONLY."""
    restart_identity: bool = False
    cascade: bool = False


@record
class LockTable:
    tables: tuple[Name, ...]
    mode: LockMode = LockMode.ACCESS_EXCLUSIVE
    nowait: bool = False
    only: tuple[Name, ...] = ()


@record
class SetTrigger:
    """ENABLE | DISABLE | ENABLE REPLICA | ENABLE ALWAYS TRIGGER; `trigger` may be ALL or USER."""

    table: Name
    trigger: str
    state: str = "ENABLE"
    only: bool = False
    if_exists: bool = False


@record
class SetRule:
    table: Name
    rule: str
    state: str = "ENABLE"
    only: bool = False
    if_exists: bool = False


@record
class SetRowSecurity:
    """`state` is ENABLE, DISABLE, FORCE or NO FORCE."""

    table: Name
    state: str
    only: bool = False
    if_exists: bool = False


@record
class SetReplicaIdentity:
    """`identity` is DEFAULT, FULL, NOTHING or USING INDEX (then `index` is set)."""

    table: Name
    identity: str
    index: str | None = None
    only: bool = False
    if_exists: bool = False


@record
class SetCluster:
    """CLUSTER ON index, or SET WITHOUT CLUSTER where `index` is None."""

    table: Name
    index: str | None
    only: bool = False
    if_exists: bool = False


@record
class SetLogged:
    """SET LOGGED or, where `logged` is false, SET UNLOGGED."""

    table: Name
    logged: bool
    kind: str = "TABLE"
    only: bool = False
    if_exists: bool = False


@record
class SetTablespace:
    """On a table, index or materialized view (`kind` is the word said).

    ALL IN TABLESPACE old: `all_in` is old and `relation` names nothing.
    """

    relation: Name
    tablespace: str
    kind: str = "TABLE"
    all_in: str | None = None
    only: bool = False
    if_exists: bool = False


@record
class SetAccessMethod:
    """`method` is None for SET ACCESS METHOD DEFAULT."""

    table: Name
    method: str | None
    only: bool = False
    if_exists: bool = False


@record
class SetOptions:
    """Storage parameters: SET (fillfactor = 70) or, with `reset`, RESET (fillfactor); also of indexes and views."""

    relation: Name
    options: tuple[tuple[str, str | None], ...]
    reset: bool = False
    kind: str = "TABLE"
    only: bool = False
    if_exists: bool = False


@record
class SetWithoutOids:
    table: Name
    only: bool = False
    if_exists: bool = False


@record
class SetInherit:
    """INHERIT parent or, where `inherit` is false, NO INHERIT parent."""

    table: Name
    parent: Name
    inherit: bool = True
    only: bool = False
    if_exists: bool = False


@record
class SetOfType:
    """OF type, or NOT OF where `type` is None."""

    table: Name
    type: Name | None
    only: bool = False
    if_exists: bool = False


@record
class SetOwner:
    """OWNER TO of a relation; `kind` is the word said."""

    relation: Name
    owner: str
    kind: str = "TABLE"
    only: bool = False
    if_exists: bool = False


@record
class SetForeignOptions:
    """OPTIONS (...) of a foreign table or one of its columns."""

    table: Name
    column: str | None = None
    only: bool = False
    if_exists: bool = False


@record
class CreateForeignTable:
    table: Name
    columns: tuple[Column, ...] = ()
    server: str = ""
    partition_of: Name | None = None
    bound: Bound | None = None
    if_not_exists: bool = False


@record
class CreateTrigger:
    """`timing` BEFORE, AFTER, INSTEAD OF; `events` INSERT, UPDATE, DELETE, TRUNCATE."""

    trigger: str
    table: Name
    timing: str
    events: tuple[str, ...]
    function: Name
    columns: tuple[str, ...] = ()
    """Of UPDATE OF."""
    for_each_row: bool = False
    constraint: bool = False
    from_table: Name | None = None
    when: Expression | None = None
    or_replace: bool = False
    arguments: tuple[str, ...] = ()
    definition: str = ""
    """The whole statement verbatim, for writing it back."""


@record
class DropTrigger:
    trigger: str
    table: Name
    if_exists: bool = False
    cascade: bool = False


@record
class RenameTrigger:
    trigger: str
    table: Name
    to: str


@record
class CreatePolicy:
    policy: str
    table: Name
    using: Expression | None = None
    with_check: Expression | None = None
    command: str = "ALL"
    permissive: bool = True
    roles: tuple[str, ...] = ()


@record
class AlterPolicy:
    policy: str
    table: Name
    rename_to: str | None = None
    using: Expression | None = None
    with_check: Expression | None = None


@record
class DropPolicy:
    policy: str
    table: Name
    if_exists: bool = False


@record
class CreateRule:
    rule: str
    table: Name
    event: str
    or_replace: bool = False
    instead: bool = False


@record
class DropRule:
    rule: str
    table: Name
    if_exists: bool = False
    cascade: bool = False


TableAction = (
    SetTrigger
    | SetRule
    | SetRowSecurity
    | SetReplicaIdentity
    | SetCluster
    | SetLogged
    | SetTablespace
    | SetAccessMethod
    | SetOptions
    | SetWithoutOids
    | SetInherit
    | SetOfType
    | SetOwner
    | SetForeignOptions
)
TableOperation = (
    TableAction
    | CreateTable
    | CreateTableAs
    | CreateForeignTable
    | DropTable
    | RenameRelation
    | SetSchema
    | Truncate
    | LockTable
    | CreateTrigger
    | DropTrigger
    | RenameTrigger
    | CreatePolicy
    | AlterPolicy
    | DropPolicy
    | CreateRule
    | DropRule
)
