"""Which lock an ALTER TABLE action takes on its table.

Sources: AlterTableGetLockLevel in tablecmds.c, and reloptions.c for storage parameters;
https://www.postgresql.org/docs/current/explicit-locking.html has which lock conflicts with which.
"""

from collections.abc import Mapping

from bot.core.language import operations as op
from bot.core.language.locks import LockMode

_SUE = LockMode.SHARE_UPDATE_EXCLUSIVE

# What only the planner and VACUUM use may change while rows are written: ShareUpdateExclusiveLock keeps out VACUUM
# and a second ALTER TABLE, no more. Triggers and foreign keys concern writing, so writers wait and readers do not.
_LEVELS: Mapping[type, LockMode] = {
    op.SetStatistics: _SUE,
    op.SetColumnOptions: _SUE,
    op.SetCluster: _SUE,
    op.ValidateConstraint: _SUE,
    op.AttachPartition: _SUE,
    op.AddForeignKey: LockMode.SHARE_ROW_EXCLUSIVE,
    op.SetTrigger: LockMode.SHARE_ROW_EXCLUSIVE,
}

# Storage parameters that can be set while the table is written to (reloptions.c); `toast.` ones are the same.
_LIGHT_OPTIONS = frozenset(
    """
    fillfactor toast_tuple_target parallel_workers vacuum_index_cleanup vacuum_truncate
    vacuum_max_eager_freeze_failure_rate autovacuum_enabled autovacuum_vacuum_threshold
    autovacuum_vacuum_max_threshold autovacuum_vacuum_insert_threshold autovacuum_analyze_threshold
    autovacuum_vacuum_cost_delay autovacuum_vacuum_cost_limit autovacuum_vacuum_scale_factor
    autovacuum_vacuum_insert_scale_factor autovacuum_analyze_scale_factor autovacuum_freeze_min_age
    autovacuum_freeze_max_age autovacuum_freeze_table_age autovacuum_multixact_freeze_min_age
    autovacuum_multixact_freeze_max_age autovacuum_multixact_freeze_table_age log_autovacuum_min_duration
    n_distinct n_distinct_inherited deduplicate_items
    """.split()
)


def lock_level(operation: op.Operation) -> LockMode:
    """The weakest lock under which the action may run; AccessExclusiveLock for most."""
    match operation:
        case op.SetOptions(options=options):
            light = all(name.lower().removeprefix("toast.") in _LIGHT_OPTIONS for name, _ in options)
            return _SUE if light else LockMode.ACCESS_EXCLUSIVE
        # CONCURRENTLY waits between two transactions until nobody else sees the partition; FINALIZE is the second.
        case op.DetachPartition(concurrently=concurrently, finalize=finalize) if concurrently or finalize:
            return _SUE
        case _:
            return _LEVELS.get(type(operation), LockMode.ACCESS_EXCLUSIVE)
