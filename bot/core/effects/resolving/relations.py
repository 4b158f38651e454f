"""Tables, views, sequences and indexes: of the right kind, their names free, and what hangs on them.

Sources: tablecmds.c, heap.c (heap_create_with_catalog), sequence.c, trigger.c, policy.c, matview.c, lockcmds.c.
"""

from bot.core.effects.resolving import needs
from bot.core.effects.resolving.asking import Asking
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import Given, say
from bot.core.language.names import Name
from bot.core.schema.catalog import Relation, RelationKind

_STORED = (RelationKind.TABLE, RelationKind.PARTITIONED_TABLE)
_VIEWS = (RelationKind.VIEW, RelationKind.MATERIALIZED_VIEW)
_RENAMED = {
    "VIEW": (RelationKind.VIEW,),
    "MATERIALIZED VIEW": (RelationKind.MATERIALIZED_VIEW,),
    "SEQUENCE": (RelationKind.SEQUENCE,),
    "FOREIGN TABLE": (RelationKind.FOREIGN_TABLE,),
}


def make(
    asking: Asking,
    operation: op.CreateTable
    | op.CreateTableAs
    | op.CreateForeignTable
    | op.CreateView
    | op.CreateMaterializedView
    | op.CreateSequence,
) -> None:
    """Its schema exists, and its name is free, also as a type: every relation but a sequence has a row type."""
    name = operation.subjects[0]
    if name.schema is not None and name.schema != "pg_temp":
        if operation.is_temporary:
            asking.fail("42P16", "cannot create temporary relation in non-temporary schema")
            return
        needs.need_schema(asking, name.schema)
    if asking.failed or isinstance(operation, op.CreateSequence) or name not in asking.database.types:
        return
    if not (operation.is_guarded and asking.database.exists(name)):
        asking.fail("42710", "type {} already exists", named.type_called(name))


def check_kind(asking: Asking, operation: op.RenameRelation | op.SetSchema | op.SetOwner) -> None:
    """ALTER VIEW of a table and the like; ALTER TABLE takes most kinds."""
    kinds = _RENAMED.get(operation.kind)
    relation = asking.relation(operation.relation)
    if kinds is not None and relation is not None and relation.kind not in kinds:
        word = operation.kind.lower()
        asking.fail("42809", "{} is not {} {}", relation.name, say("a"), Given(word))


def check_written(asking: Asking, operation: op.Insert | op.Update | op.Delete | op.Merge) -> None:
    for name in operation.reads if isinstance(operation, op.Update | op.Delete) else ():
        if asking.known and asking.database.find(name) is None and not needs.is_system(name):
            asking.fail("42P01", "relation {} does not exist", name)
            return
    relation = asking.relation(operation.table)
    if relation is None:
        return
    if relation.kind is RelationKind.MATERIALIZED_VIEW:
        asking.fail("42809", "cannot change materialized view {}", relation.name)
    elif relation.kind is RelationKind.SEQUENCE:
        asking.fail("42809", "cannot change sequence {}", relation.name)
    elif isinstance(operation, op.Update | op.Delete | op.Merge):
        _needs_identity(asking, relation, operation)


def _needs_identity(asking: Asking, relation: Relation, operation: op.Update | op.Delete | op.Merge) -> None:
    """A published table without a replica identity takes no UPDATE or DELETE (CheckCmdReplicaIdentity)."""
    if relation.partial or relation.kind is not RelationKind.TABLE or relation.persistence != "permanent":
        return
    published = relation.publications
    if not published or relation.replica_identity in ("FULL",):
        return
    if relation.replica_identity == "DEFAULT" and asking.database.primary_key(relation.name) is not None:
        return
    if any(index.replica_identity for index in asking.database.indexes_of(relation.name)):
        return
    if any("publish" in one for one in published):
        return
    if isinstance(operation, op.Delete):
        asking.fail(
            "55000",
            "cannot delete from table {} because it does not have a replica identity and publishes deletes",
            relation.name,
        )
    elif isinstance(operation, op.Update):
        asking.fail(
            "55000",
            "cannot update table {} because it does not have a replica identity and publishes updates",
            relation.name,
        )


def check_refresh(asking: Asking, operation: op.RefreshMaterializedView) -> None:
    relation = asking.relation(operation.view)
    if operation.concurrently and not operation.with_data:
        asking.fail("42601", "CONCURRENTLY and WITH NO DATA options cannot be used together")
    elif relation is None:
        return
    elif relation.kind is not RelationKind.MATERIALIZED_VIEW:
        asking.fail("42809", "{} is not a table or materialized view", relation.name)
    elif operation.concurrently and not relation.populated:
        asking.fail("0A000", "CONCURRENTLY cannot be used when the materialized view is not populated")
    elif operation.concurrently and not any(
        index.unique and index.valid and index.where is None and all(one.column for one in index.elements)
        for index in asking.database.indexes_of(relation.name)
    ):
        asking.fail("55000", "cannot refresh materialized view {} concurrently", relation.name)


def check_lock(asking: Asking, operation: op.LockTable) -> None:
    for name in operation.tables:
        relation = asking.relation(name)
        if relation is not None and relation.kind in (RelationKind.MATERIALIZED_VIEW, RelationKind.SEQUENCE):
            asking.fail("42809", "cannot lock relation {}", relation.name)
            return


def check_trigger_table(asking: Asking, operation: op.CreateTrigger) -> None:
    relation = asking.relation(operation.table)
    if relation is None:
        return
    instead = operation.timing == "INSTEAD OF"
    if relation.kind in (RelationKind.MATERIALIZED_VIEW, RelationKind.SEQUENCE):
        asking.fail("42809", "relation {} cannot have triggers", relation.name)
    elif relation.kind is not RelationKind.VIEW and instead:
        asking.fail("42809", "{} is a table", relation.name)
    elif (relation.kind is RelationKind.VIEW and not instead and operation.for_each_row) or (
        relation.kind is RelationKind.VIEW and "TRUNCATE" in operation.events
    ):
        asking.fail("42809", "{} is a view", relation.name)
    elif operation.when is not None:
        _check_when(asking, operation)
    for column in operation.columns:
        if not asking.failed and not relation.partial and relation.column(column) is None:
            asking.fail(
                "42703",
                "column {} of relation {} does not exist",
                named.column(column, relation.name),
                relation.name,
            )


def _check_when(asking: Asking, operation: op.CreateTrigger) -> None:
    qualifiers = {reference.qualifier for reference in operation.when.columns} if operation.when is not None else set()
    if "new" in qualifiers and operation.events == ("DELETE",):
        asking.fail("42P17", "DELETE trigger's WHEN condition cannot reference NEW values")
    elif "old" in qualifiers and operation.events == ("INSERT",):
        asking.fail("42P17", "INSERT trigger's WHEN condition cannot reference OLD values")
    elif qualifiers & {"new", "old"} and not operation.for_each_row:
        asking.fail("42P17", "statement trigger's WHEN condition cannot reference column values")


def check_renamed_part(
    asking: Asking, operation: op.RenameTrigger | op.AlterPolicy | op.RenameRule | op.SetRule
) -> None:
    """A trigger, policy or rule that is renamed or changed."""
    relation = asking.whole(operation.table)
    if relation is None:
        return
    table = relation.name
    match operation:
        case op.RenameTrigger(trigger=old, to=to):
            there = old in {trigger.name for trigger in relation.triggers}
            taken = to in {trigger.name for trigger in relation.triggers}
            one, other, what = named.trigger(old, table), named.trigger(to), say("trigger")
        case op.AlterPolicy(policy=old, rename_to=to):
            there = old in {policy.name for policy in relation.policies}
            taken = to in {policy.name for policy in relation.policies}
            one, other, what = named.policy(old, table), named.policy(to or ""), say("policy")
        case op.RenameRule(rule=old, to=to):
            there, taken = old in relation.rules, to in relation.rules
            one, other, what = named.thing(old), named.thing(to), say("rule")
        case op.SetRule(rule=old):
            there, taken = old in relation.rules, False
            one, other, what = named.thing(old), named.thing(old), say("rule")
    if not there:
        asking.fail("42704", "{} {} for table {} does not exist", what, one, table)
    elif taken:
        asking.fail("42710", "{} {} for relation {} already exists", what, other, table)


def check_rule(asking: Asking, operation: op.CreateRule) -> None:
    relation = asking.relation(operation.table)
    if relation is not None and operation.rule in relation.rules and not operation.or_replace:
        asking.fail("42710", "rule {} for relation {} already exists", named.thing(operation.rule), relation.name)


def check_policy(asking: Asking, operation: op.CreatePolicy) -> None:
    relation = asking.relation(operation.table)
    if relation is not None and relation.kind not in _STORED:
        asking.fail("42809", "{} is not a table", relation.name)
    for role in operation.roles:
        if not asking.failed:
            needs.need_role(asking, role)


def check_inherits(asking: Asking, operation: op.CreateTable) -> None:
    for name in operation.inherits:
        relation = asking.relation(name)
        if relation is not None and relation.kind in (*_VIEWS, RelationKind.SEQUENCE):
            asking.fail("42809", "inherited relation {} is not a table or foreign table", relation.name)
            return
    if operation.partition_of is not None and operation.bound is not None:
        _check_strategy(asking, operation.partition_of, operation.bound)


def check_attached(asking: Asking, operation: op.AttachPartition) -> None:
    _check_strategy(asking, operation.table, operation.bound)


def _check_strategy(asking: Asking, parent: Name, bound: op.Bound) -> None:
    relation = asking.relation(parent)
    if relation is None or relation.partition_key is None or bound.default:
        return
    strategy = relation.partition_key.strategy.upper()
    given = "HASH" if bound.modulus is not None else "RANGE" if bound.lower else "LIST"
    if strategy != given:
        asking.fail("42P16", "invalid bound specification for a {} partition", Given(strategy.lower()))
    elif strategy == "RANGE" and len(bound.lower) != len(relation.partition_key.elements):
        asking.fail("42P16", "FROM must specify exactly one value per partitioning column")


def check_cluster(asking: Asking, operation: op.Cluster | op.SetCluster) -> None:
    table = operation.table
    relation = asking.relation(table) if table is not None else None
    if operation.index is None or relation is None or relation.partial:
        return
    name = Name(operation.index, relation.name.schema)
    index = asking.database.indexes.get(name)
    if index is None or index.table != relation.name:
        asking.fail("42704", "index {} for table {} does not exist", named.index(operation.index), relation.name)
    elif index.method not in ("btree", "gist") and index.method in ("gin", "brin", "hash", "spgist"):
        asking.fail(
            "0A000", "cannot cluster on index {} because access method does not support clustering", named.index(name)
        )
    elif index.where is not None:
        asking.fail("0A000", "cannot cluster on partial index {}", named.index(name))
    elif relation.kind is RelationKind.PARTITIONED_TABLE and isinstance(operation, op.SetCluster):
        asking.fail("0A000", "cannot mark index clustered in partitioned table")


def check_identity_index(asking: Asking, operation: op.SetReplicaIdentity) -> None:
    """REPLICA IDENTITY USING INDEX: unique, whole, of columns that are NOT NULL (ATExecReplicaIdentity)."""
    relation = asking.whole(operation.table)
    if operation.index is None or relation is None:
        return
    index = asking.database.indexes.get(Name(operation.index, relation.name.schema))
    label = named.index(operation.index, relation.name)
    if index is None:
        asking.fail("42704", "index {} for table {} does not exist", label, relation.name)
    elif index.table != relation.name:
        asking.fail("42809", "{} is not an index for table {}", label, relation.name)
    elif not index.unique:
        asking.fail("42809", "cannot use non-unique index {} as replica identity", label)
    elif any(element.column is None for element in index.elements):
        asking.fail("0A000", "cannot use expression index {} as replica identity", label)
    elif index.where is not None:
        asking.fail("0A000", "cannot use partial index {} as replica identity", label)
    elif not index.valid:
        asking.fail("0A000", "cannot use invalid index {} as replica identity", label)
    else:
        for element in index.elements:
            column = relation.column(element.column or "")
            if column is not None and not column.not_null:
                asking.fail(
                    "42809",
                    "index {} cannot be used as replica identity because column {} is nullable",
                    label,
                    named.column(column.name, relation.name),
                )
                return


def check_inherit(asking: Asking, operation: op.SetInherit) -> None:
    relation = asking.whole(operation.table)
    if relation is None or not operation.inherit:
        return
    parent = asking.database.find(operation.parent) or operation.parent
    if parent in relation.parents:
        asking.fail("42P07", "relation {} would be inherited from more than once", parent)
    elif parent == relation.name or parent in asking.database.descendants(relation.name):
        asking.fail("42P07", "circular inheritance not allowed")


def check_index_attached(asking: Asking, operation: op.AttachIndexPartition) -> None:
    parent, child = (asking.database.indexes.get(name) for name in (operation.index, operation.partition))
    if parent is None or child is None:
        return
    table = asking.database.relation(child.table)
    if table is not None and not table.partial and table.partition_of != parent.table:
        asking.fail(
            "55000",
            "cannot attach index {} as a partition of index {}",
            named.index(child.name),
            named.index(parent.name),
        )


def check_dropped_trigger(asking: Asking, operation: op.DropTrigger) -> None:
    """A partition's copy of its parent's trigger goes only with that."""
    relation = asking.relation(operation.table)
    parent = asking.database.relation(relation.partition_of) if relation is not None and relation.partition_of else None
    if parent is not None and any(
        trigger.name == operation.trigger and trigger.for_each_row for trigger in parent.triggers
    ):
        asking.fail(
            "2BP01",
            "cannot drop trigger {} on table {} because trigger {} on table {} requires it",
            named.bare(named.trigger(operation.trigger)),
            named.bare(named.relation(operation.table.name)),
            named.bare(named.trigger(operation.trigger)),
            named.bare(named.relation(parent.name.name)),
        )
