"""Storage parameters: those that a kind of relation takes, and their limits.

Source: reloptions.c; https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-STORAGE-PARAMETERS.
"""

from bot.core.effects.resolving.asking import Asking
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import Given
from bot.core.schema.catalog import RelationKind

_TABLE = frozenset(
    """
    fillfactor toast_tuple_target parallel_workers user_catalog_table vacuum_truncate vacuum_index_cleanup
    vacuum_max_eager_freeze_failure_rate log_autovacuum_min_duration oids
    autovacuum_enabled autovacuum_vacuum_threshold autovacuum_vacuum_max_threshold autovacuum_vacuum_scale_factor
    autovacuum_vacuum_insert_threshold autovacuum_vacuum_insert_scale_factor autovacuum_analyze_threshold
    autovacuum_analyze_scale_factor autovacuum_vacuum_cost_delay autovacuum_vacuum_cost_limit autovacuum_freeze_min_age
    autovacuum_freeze_max_age autovacuum_freeze_table_age autovacuum_multixact_freeze_min_age
    autovacuum_multixact_freeze_max_age autovacuum_multixact_freeze_table_age
    """.split()
)
_VIEW = frozenset({"security_barrier", "security_invoker", "check_option"})
_INDEX = {
    "btree": frozenset({"fillfactor", "deduplicate_items", "vacuum_cleanup_index_scale_factor"}),
    "hash": frozenset({"fillfactor"}),
    "gist": frozenset({"fillfactor", "buffering"}),
    "spgist": frozenset({"fillfactor"}),
    "gin": frozenset({"fastupdate", "gin_pending_list_limit"}),
    "brin": frozenset({"pages_per_range", "autosummarize"}),
}
_Options = tuple[tuple[str, str | None], ...]


def check(asking: Asking, operation: op.SetOptions) -> None:
    name = asking.database.find(operation.relation)
    relation = asking.database.relation(name) if name is not None else None
    index = asking.database.indexes.get(name) if name is not None else None
    if index is not None:
        _limits(asking, operation.options, _INDEX.get(index.method))
    elif relation is None:
        return
    elif relation.kind is RelationKind.VIEW:
        _limits(asking, operation.options, _VIEW)
    elif relation.kind is RelationKind.PARTITIONED_TABLE:
        asking.fail(
            "42809" if asking.major >= 17 else "22023", "cannot specify storage parameters for a partitioned table"
        )
    elif relation.kind in (RelationKind.TABLE, RelationKind.MATERIALIZED_VIEW) and relation.access_method == "heap":
        _limits(asking, operation.options, _TABLE)


def check_created(asking: Asking, operation: op.CreateTable | op.CreateIndex | op.CreateView) -> None:
    match operation:
        case op.CreateIndex(method=method):
            _limits(asking, operation.options, _INDEX.get(method))
        case op.CreateView():
            _limits(asking, operation.options, _VIEW)
        case op.CreateTable(access_method=None, partition_by=None):
            _limits(asking, operation.options, _TABLE)


def _limits(asking: Asking, options: _Options, known: frozenset[str] | None) -> None:
    for name, value in options:
        plain = name.lower().removeprefix("toast.")
        if known is None or "." in plain:
            continue
        if plain not in known:
            asking.fail("22023", "unrecognized parameter {}", named.thing(name))
            return
        if plain == "fillfactor" and value is not None and value.isdigit() and not 10 <= int(value) <= 100:
            asking.fail("22023", 'value {} out of bounds for option "fillfactor"', Given(value))
            return
