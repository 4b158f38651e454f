"""Rows: inserted, updated, deleted, read; and what foreign keys do as a consequence.

Sources: https://www.postgresql.org/docs/current/sql-update.html and its neighbours,
https://www.postgresql.org/docs/current/explicit-locking.html; parse_relation.c and plancat.c (what planning
locks), ri_triggers.c (what a foreign key does for each row).
"""

from bot.core.effects.columns import sequences_called
from bot.core.effects.functions.predicates import All, Any, Comparison, Condition, Null, Opaque, read, rows_of
from bot.core.effects.partitions import destination, pruned
from bot.core.effects.work import Work
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.facts import RowChange
from bot.core.language.locks import LockMode
from bot.core.language.messages import clause, error
from bot.core.language.names import Name
from bot.core.schema.catalog import CatalogIndex, RelationKind

_RX = LockMode.ROW_EXCLUSIVE
_RS = LockMode.ROW_SHARE
_AS = LockMode.ACCESS_SHARE
_ROUTED_ROWS = 100


def select(work: Work, operation: op.Select) -> None:
    """FOR UPDATE, FOR SHARE and their KEY forms take RowShareLock; nothing else in a query blocks others."""
    work.reads(operation.query)
    enum_values(work, operation.query.text)
    work.lock_rows(operation.locked if operation.locking is not None else ())
    _scan_query(work, operation.query)
    for call in operation.query.calls:
        if call.function.name in ("nextval", "setval"):
            part = Expression(operation.query.text, calls=(call,))
            for name in sequences_called(work, part):
                work.lock(name, _RX)


def _scan_query(work: Work, query: op.Query) -> None:
    """Tables that are read in full because no index helps; a single table with a usable condition is not among them."""
    if len(query.relations) == 1 and (query.limit or uses_index(work, query.relations[0], query.where)):
        return
    work.scan_query(query)


def insert(work: Work, operation: op.Insert) -> None:
    table = operation.table
    if not work.find(table):
        return
    taken = _routed(work, operation)
    if taken is None:
        _write(work, table)
    for name in taken or ():
        work.lock(name, _RX)
    _draw(work, operation)
    work.change(RowChange(table, "INSERT"))
    if operation.query is not None:
        work.reads(operation.query)
        _scan_query(work, operation.query)
    for name in work.database.tree(table) if work.database.is_partitioned(table) else (table,):
        for constraint, key in work.database.foreign_keys(name):
            if key.enforced and not constraint.inherited:
                _look_up(work, key.references)
    _run_triggers(work, table, "INSERT")


def _draw(work: Work, operation: op.Insert) -> None:
    """Columns that are left out get their default: nextval holds RowExclusiveLock on its sequence."""
    relation = work.database.relation(operation.table)
    for column in relation.columns if relation is not None and operation.columns else ():
        if column.name in operation.columns:
            continue
        drawn = work.database.sequences_of(operation.table, column.name) if column.identity is not None else []
        if column.default is not None:
            drawn = sequences_called(work, column.default)
        for name in drawn:
            work.lock(name, _RX)


def _routed(work: Work, operation: op.Insert) -> set[Name] | None:
    """The partitions of rows of constants, with those above them; None where that cannot be decided.

    INSERT into an inheritance parent stays there.
    """
    table = operation.table
    relation = work.database.relation(table)
    if relation is None or relation.kind is not RelationKind.PARTITIONED_TABLE:
        return {table} if relation is not None and relation.kind is RelationKind.TABLE else None
    columns = operation.columns or tuple(column.name for column in relation.columns)
    rows = rows_of(operation.values, work.zone)
    if not rows or len(rows) > _ROUTED_ROWS:
        return None
    taken = {table}
    for row in rows:
        target: Name | None = table
        while target is not None and work.database.is_partitioned(target):
            target = destination(work, target, dict(zip(columns, row, strict=False)))
            if target is None:
                return None
            taken.add(target)
    return taken


def _look_up(work: Work, target: Name) -> None:
    """Checking that the referenced row exists takes RowShareLock."""
    for name in work.database.tree(target) if work.database.is_partitioned(target) else (target,):
        work.lock(name, _RS)


def _write(work: Work, table: Name, *, only: bool = False) -> None:
    """RowExclusiveLock on the table and all below it; through a simple view, on its table."""
    relation = work.database.relation(table)
    for name in (table,) if only else work.database.tree(table):
        work.lock(name, _RX)
    if relation is not None and relation.kind is RelationKind.VIEW:
        for used in dict.fromkeys(used for used, _ in relation.depends_on):
            _write(work, used)


def update(work: Work, operation: op.Update) -> None:
    table = operation.table
    if not work.find(table):
        return
    moves = bool(_key_columns(work, table) & set(operation.columns))
    _change(work, operation, everywhere=moves)
    enum_values(work, operation.assignments)
    work.change(RowChange(table, "UPDATE"))
    for _, key in work.database.foreign_keys(table):
        if key.enforced and set(key.columns) & set(operation.columns):
            _look_up(work, key.references)
    _fan_out(work, table, "UPDATE", set(operation.columns), {table})
    _run_triggers(work, table, "UPDATE")


def delete(work: Work, operation: op.Delete) -> None:
    table = operation.table
    if not work.find(table):
        return
    _change(work, operation, everywhere=False)
    work.change(RowChange(table, "DELETE"))
    _fan_out(work, table, "DELETE", None, {table})
    _run_triggers(work, table, "DELETE")


def _change(work: Work, operation: op.Update | op.Delete, *, everywhere: bool) -> None:
    """Locks what may change, except partitions that the condition excludes, and reads in full where no index helps."""
    for name in operation.reads:
        work.read(name)
        work.scan_read(name)
    work.lock_rows(operation.locked)
    for table in _targets(work, operation.table):
        below = [table] if operation.only else work.database.tree(table)
        touched = below
        if operation.where is not None and not operation.only:
            touched = pruned(work, table, read(operation.where.text, work.zone))
        for name in below if everywhere else touched:
            work.lock(name, _RX)
        for name in touched:
            if not uses_index(work, name, operation.where):
                work.scan(name)


def _targets(work: Work, table: Name) -> list[Name]:
    """The table; of an updatable view, its table (the view itself is locked here)."""
    relation = work.database.relation(table)
    if relation is None or relation.kind is not RelationKind.VIEW:
        return [table]
    work.lock(table, _RX)
    return [name for used in dict.fromkeys(used for used, _ in relation.depends_on) for name in _targets(work, used)]


def _key_columns(work: Work, table: Name) -> set[str]:
    """Columns that decide which partition a row is in."""
    relations = [work.database.relation(name) for name in work.database.tree(table)]
    keys = [relation.partition_key for relation in relations if relation is not None and relation.partition_key]
    return {reference.column for key in keys for element in key.elements for reference in element.columns}


def _fan_out(work: Work, table: Name, action: str, columns: set[str] | None, seen: set[Name]) -> None:
    """What each deleted row (or row with a changed key) does to rows that refer to it, and these in turn to others."""
    above = [table]
    while (relation := work.database.relation(above[-1])) is not None and relation.partition_of is not None:
        above.append(relation.partition_of)
    for target in above:
        for other, constraint in work.database.referencing(target):
            key = constraint.definition
            if not isinstance(key, op.ForeignKey) or not key.enforced or constraint.inherited:
                continue
            if columns is not None and not columns & set(key.references_columns):
                continue
            _follow(work, table, other.name, constraint.name, key, action, seen)


def _follow(work: Work, table: Name, other: Name, name: str, key: op.ForeignKey, action: str, seen: set[Name]) -> None:
    rule = key.on_delete if action == "DELETE" else key.on_update
    writes = rule in ("CASCADE", "SET NULL", "SET DEFAULT")
    for one in work.database.tree(other) if work.database.is_partitioned(other) else (other,):
        work.lock(one, _RX if writes else _RS)
    indexed = _is_indexed(work, other, key)
    if not indexed:
        work.scan(other)
    done = {"CASCADE": "DELETE" if action == "DELETE" else "UPDATE"}.get(rule, rule) if writes else "CHECK"
    work.change(RowChange(other, done if done != "DELETE" else "CASCADE", name, table, key.columns, indexed))
    if not writes:
        work.may_fail(
            "23503",
            error("update or delete on table {} violates foreign key {}", table, named.foreign_key(name, table)),
            clause("a row of {} refers to one of these rows", other),
        )
        return
    if other in seen:
        return
    seen.add(other)
    if done == "DELETE":
        _fan_out(work, other, "DELETE", None, seen)
    else:
        _fan_out(work, other, "UPDATE", set(key.columns), seen)
    _run_triggers(work, other, "DELETE" if done == "DELETE" else "UPDATE")


def _is_indexed(work: Work, table: Name, key: op.ForeignKey) -> bool:
    """Whether an index finds the rows that refer to a given row, in every partition."""
    leaves = [name for name in work.database.tree(table) if work.database.has_heap(name)]
    return all(
        any(_leads(index) in key.columns and _serves(index) for index in work.database.indexes_of(leaf))
        for leaf in leaves
    )


def _leads(index: CatalogIndex) -> str | None:
    return index.elements[0].column if index.elements else None


def _serves(index: CatalogIndex) -> bool:
    return index.valid and index.where is None and index.method in ("btree", "hash")


def uses_index(work: Work, table: Name, where: Expression | None) -> bool:
    """Whether an index serves the condition: a comparison with a constant on the first key of some index.

    The planner may still prefer to read the whole table; this says that it need not.
    """
    if where is None or not work.database.has_heap(table):
        return where is not None and work.database.is_partitioned(table)
    leading = {_leads(index) for index in work.database.indexes_of(table) if _serves(index)}
    condition = read(where.text, work.zone)
    parts = condition.parts if isinstance(condition, All) else (condition,)
    return any(_can_look_up(part, leading) for part in parts)


def _can_look_up(part: Condition, leading: set[str | None]) -> bool:
    match part:
        case Comparison(column, operator, _):
            return operator != "<>" and column in leading
        case Null(column, negated):
            return not negated and column in leading
        case All(parts):
            return any(_can_look_up(one, leading) for one in parts)
        case Any(parts):
            return bool(parts) and all(_can_look_up(one, leading) for one in parts)
        case Opaque(text):
            word, _, rest = text.partition(" in ( ")
            return rest.startswith("select") and word in leading


def _run_triggers(work: Work, table: Name, event: str) -> None:
    """Row triggers run for each row; what their functions do is not analysed."""
    relation = work.database.relation(table)
    for trigger in relation.triggers if relation is not None else ():
        if trigger.enabled and trigger.function is not None and (not trigger.events or event in trigger.events):
            work.evaluate(trigger.function)
            work.assume("the trigger {} on {} touches no other table", named.trigger(trigger.name, table), table)


def enum_values(work: Work, text: str) -> None:
    for name, label in work.session.enum_values:
        if f"'{label}'" in text:
            work.fail(
                "55P04",
                "unsafe use of new value {} of enum type {}",
                named.thing(label),
                named.bare(named.type_called(name.name)),
            )


def merge(work: Work, operation: op.Merge) -> None:
    table = operation.table
    if not work.find(table):
        return
    _write(work, table)
    work.reads(operation.source)
    work.scan_query(operation.source)
    for action in operation.actions:
        if action in ("INSERT", "UPDATE", "DELETE"):
            work.change(RowChange(table, action))
            _run_triggers(work, table, action)
    if "DELETE" in operation.actions:
        _fan_out(work, table, "DELETE", None, {table})
    for _, key in work.database.foreign_keys(table):
        if {"INSERT", "UPDATE"} & set(operation.actions):
            _look_up(work, key.references)


def copy(work: Work, operation: op.Copy) -> None:
    if operation.query is not None:
        work.reads(operation.query)
        work.scan_query(operation.query)
    if operation.table is None or not work.find(operation.table):
        return
    if operation.to:
        work.lock(operation.table, _AS)
        work.scan(operation.table)
        return
    _write(work, operation.table)
    work.change(RowChange(operation.table, "INSERT"))
    for _, key in work.database.foreign_keys(operation.table):
        _look_up(work, key.references)
    _run_triggers(work, operation.table, "INSERT")
