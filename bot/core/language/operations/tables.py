"""Tables: created, dropped, renamed, emptied, locked, and the ALTER TABLE actions on a whole table."""

from bot.core.language.expression import Expression
from bot.core.language.locks import LockMode
from bot.core.language.names import FunctionName, Name, NewRelationName, RelationName, TablespaceName, TypeName
from bot.core.language.operations.columns import Column
from bot.core.language.operations.constraints import Constraint
from bot.core.language.operations.operation import Created, Dropped, Guard, IfExists, Operation, Renamed, Subject
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
class CreateTable(Operation):
    """`persistence` is "permanent", "temporary" or "unlogged"."""

    table: Created[RelationName]
    columns: tuple[Column, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    likes: tuple[Like, ...] = ()
    inherits: tuple[RelationName, ...] = ()
    partition_of: RelationName | None = None
    bound: Bound | None = None
    partition_by: PartitionKey | None = None
    of_type: TypeName | None = None
    persistence: str = "permanent"
    if_not_exists: Guard = False
    options: tuple[tuple[str, str | None], ...] = ()
    tablespace: str | None = None
    access_method: str | None = None
    on_commit: str | None = None

    @property
    def is_temporary(self) -> bool:
        return self.persistence == "temporary"


@record
class CreateTableAs(Operation):
    """CREATE TABLE ... AS and SELECT ... INTO."""

    table: Created[RelationName]
    query: Query
    columns: tuple[str, ...] = ()
    with_data: bool = True
    persistence: str = "permanent"
    if_not_exists: Guard = False

    @property
    def is_temporary(self) -> bool:
        return self.persistence == "temporary"


@record
class DropTable(Operation):
    tables: Dropped[tuple[RelationName, ...]]
    if_exists: Guard = False
    cascade: bool = False


@record
class RenameRelation(Operation):
    """ALTER kind ... RENAME TO; `kind` is the word written (TABLE, INDEX, VIEW, MATERIALIZED VIEW, SEQUENCE,
    FOREIGN TABLE), which may not be what the relation is: ALTER TABLE some_index RENAME works, and locks
    differently."""

    relation: Renamed[RelationName]
    to: NewRelationName
    kind: str = "TABLE"
    if_exists: Guard = False


@record
class SetSchema(Operation):
    """ALTER kind ... SET SCHEMA, for relations."""

    relation: Renamed[RelationName]
    schema: str
    kind: str = "TABLE"
    if_exists: Guard = False


@record
class Truncate(Operation):
    tables: Subject[tuple[RelationName, ...]]
    only: tuple[RelationName, ...] = ()
    """Those of `tables` that were written with ONLY."""
    restart_identity: bool = False
    cascade: bool = False


@record
class LockTable(Operation):
    no_change = "it only locks"

    tables: Subject[tuple[RelationName, ...]]
    mode: LockMode = LockMode.ACCESS_EXCLUSIVE
    nowait: bool = False
    only: tuple[RelationName, ...] = ()


@record
class SetTrigger(Operation):
    """ENABLE | DISABLE | ENABLE REPLICA | ENABLE ALWAYS TRIGGER; `trigger` may be ALL or USER."""

    table: Subject[RelationName]
    trigger: str
    state: str = "ENABLE"
    only: bool = False
    if_exists: IfExists = False


@record
class SetRule(Operation):
    no_change = "the catalog does not hold it"

    table: Subject[RelationName]
    rule: str
    state: str = "ENABLE"
    only: bool = False
    if_exists: IfExists = False


@record
class SetRowSecurity(Operation):
    """`state` is ENABLE, DISABLE, FORCE or NO FORCE."""

    table: Subject[RelationName]
    state: str
    only: bool = False
    if_exists: IfExists = False


@record
class SetReplicaIdentity(Operation):
    """`identity` is DEFAULT, FULL, NOTHING or USING INDEX (then `index` is set)."""

    table: Subject[RelationName]
    identity: str
    index: NewRelationName | None = None
    only: bool = False
    if_exists: IfExists = False


@record
class SetCluster(Operation):
    """CLUSTER ON index, or SET WITHOUT CLUSTER where `index` is None."""

    table: Subject[RelationName]
    index: NewRelationName | None
    only: bool = False
    if_exists: IfExists = False


@record
class SetLogged(Operation):
    """SET LOGGED or, where `logged` is false, SET UNLOGGED."""

    table: Subject[RelationName]
    logged: bool
    kind: str = "TABLE"
    only: bool = False
    if_exists: IfExists = False


@record
class SetTablespace(Operation):
    """On a table, index or materialized view (`kind` is the word written)."""

    relation: Subject[RelationName]
    tablespace: str
    kind: str = "TABLE"
    only: bool = False
    if_exists: IfExists = False


@record
class MoveTablespace(Operation):
    """ALTER kind ALL IN TABLESPACE source SET TABLESPACE: every table, index or materialized view in it."""

    source: TablespaceName
    tablespace: str
    kind: str = "TABLE"


@record
class SetAccessMethod(Operation):
    """`method` is None for SET ACCESS METHOD DEFAULT."""

    table: Subject[RelationName]
    method: str | None
    only: bool = False
    if_exists: IfExists = False


@record
class SetOptions(Operation):
    """Storage parameters: SET (fillfactor = 70) or, with `reset`, RESET (fillfactor); also of indexes and views."""

    relation: Subject[RelationName]
    options: tuple[tuple[str, str | None], ...]
    reset: bool = False
    kind: str = "TABLE"
    only: bool = False
    if_exists: IfExists = False


@record
class SetWithoutOids(Operation):
    no_change = "the catalog does not hold it"

    table: Subject[RelationName]
    only: bool = False
    if_exists: IfExists = False


@record
class SetInherit(Operation):
    """INHERIT parent or, where `inherit` is false, NO INHERIT parent."""

    table: Subject[RelationName]
    parent: RelationName
    inherit: bool = True
    only: bool = False
    if_exists: IfExists = False

    @property
    def is_repeatable(self) -> bool:
        return False


@record
class SetOfType(Operation):
    """OF type, or NOT OF where `type` is None."""

    table: Subject[RelationName]
    type: TypeName | None
    only: bool = False
    if_exists: IfExists = False


@record
class SetOwner(Operation):
    """OWNER TO of a relation; `kind` is the word written."""

    relation: Subject[RelationName]
    owner: str
    kind: str = "TABLE"
    only: bool = False
    if_exists: IfExists = False


@record
class SetForeignOptions(Operation):
    """OPTIONS (...) of a foreign table or one of its columns."""

    no_writer = "the options are not kept"

    no_change = "the catalog does not hold it"

    table: Subject[RelationName]
    column: str | None = None
    only: bool = False
    if_exists: IfExists = False


@record
class CreateForeignTable(Operation):
    no_writer = "its options are not kept"

    table: Created[RelationName]
    columns: tuple[Column, ...] = ()
    server: str = ""
    partition_of: RelationName | None = None
    bound: Bound | None = None
    if_not_exists: Guard = False


@record
class CreateTrigger(Operation):
    """`timing` BEFORE, AFTER, INSTEAD OF; `events` INSERT, UPDATE, DELETE, TRUNCATE."""

    trigger: Created[str]
    table: Subject[RelationName]
    timing: str
    events: tuple[str, ...]
    function: FunctionName
    columns: tuple[str, ...] = ()
    """Of UPDATE OF."""
    for_each_row: bool = False
    constraint: bool = False
    from_table: RelationName | None = None
    when: Expression | None = None
    or_replace: Guard = False
    arguments: tuple[str, ...] = ()
    definition: str = ""
    """The whole statement verbatim, for writing it back."""


@record
class DropTrigger(Operation):
    trigger: Dropped[str]
    table: Subject[RelationName]
    if_exists: Guard = False
    cascade: bool = False


@record
class RenameTrigger(Operation):
    trigger: Renamed[str]
    table: Subject[RelationName]
    to: str


@record
class CreatePolicy(Operation):
    policy: Created[str]
    table: Subject[RelationName]
    using: Expression | None = None
    with_check: Expression | None = None
    command: str = "ALL"
    permissive: bool = True
    roles: tuple[str, ...] = ()


@record
class AlterPolicy(Operation):
    policy: str
    table: Subject[RelationName]
    rename_to: str | None = None
    using: Expression | None = None
    with_check: Expression | None = None

    @property
    def is_repeatable(self) -> bool:
        return self.rename_to is None


@record
class DropPolicy(Operation):
    policy: Dropped[str]
    table: Subject[RelationName]
    if_exists: Guard = False


@record
class CreateRule(Operation):
    no_writer = "what it does is not kept"

    rule: Created[str]
    table: Subject[RelationName]
    event: str
    or_replace: Guard = False
    instead: bool = False


@record
class RenameRule(Operation):
    rule: Renamed[str]
    table: Subject[RelationName]
    to: str


@record
class DropRule(Operation):
    rule: Dropped[str]
    table: Subject[RelationName]
    if_exists: Guard = False
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
