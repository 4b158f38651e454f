"""Maintenance: VACUUM, ANALYZE, CLUSTER.

Sources: https://www.postgresql.org/docs/current/sql-vacuum.html,
https://www.postgresql.org/docs/current/sql-analyze.html, https://www.postgresql.org/docs/current/sql-cluster.html;
vacuum.c (vacuum_rel), vacuumlazy.c (lazy_truncate_heap), cluster.c.
"""

from bot.core.effects.indexes import READERS, WRITERS
from bot.core.effects.work import Work
from bot.core.language import operations as op
from bot.core.language.locks import LockMode
from bot.core.schema.catalog import RelationKind

_AX = LockMode.ACCESS_EXCLUSIVE
_SUE = LockMode.SHARE_UPDATE_EXCLUSIVE
_EVERYTHING = "every table of the database is processed, one after the other"


def vacuum(work: Work, operation: op.Vacuum) -> None:
    """Plain VACUUM may end with AccessExclusiveLock for a moment, to give back empty pages at the end."""
    work.refuse_in_transaction()
    if not operation.tables:
        work.assume(_EVERYTHING)
    for name in operation.tables:
        if not work.find(name):
            return
        for table in work.database.tree(name):
            if operation.full and work.database.has_heap(table):
                work.lock(table, _AX)
                work.rewrite(table)
                continue
            work.lock(table, _SUE)
            if operation.truncate and work.database.has_heap(table):
                work.lock(table, _AX, early=True)
                work.assume("{} may have empty pages at its end: cutting them off takes AccessExclusiveLock", table)
    if operation.full:
        work.wait(READERS, WRITERS)


def analyze(work: Work, operation: op.Analyze) -> None:
    if not operation.tables:
        work.assume(_EVERYTHING)
    for name in operation.tables:
        if not work.find(name):
            return
        for table in work.database.tree(name):
            relation = work.database.relation(name)
            inherits = relation is not None and relation.kind is not RelationKind.PARTITIONED_TABLE
            # Before 18 inheriting tables were only sampled for their parent; since then they are analysed as well.
            below = table != name and inherits and work.major < 18
            work.lock(table, LockMode.ACCESS_SHARE if below else _SUE)


def cluster(work: Work, operation: op.Cluster) -> None:
    """AccessExclusiveLock and a new heap in the index's order."""
    if operation.table is None:
        work.refuse_in_transaction()
        work.assume(_EVERYTHING)
        return
    if not work.find(operation.table):
        return
    if work.database.is_partitioned(operation.table):
        work.refuse_in_transaction()
        if work.major < 15:
            work.lock(operation.table, _AX)
            work.fail("0A000", "cannot cluster a partitioned table")
            return
    clustered = any(index.clustered for index in work.database.indexes_of(operation.table))
    if operation.index is None and not clustered and work.is_known(operation.table):
        work.lock(operation.table, _AX)
        work.fail("42704", "there is no previously clustered index for table {}", operation.table)
        return
    for table in work.database.tree(operation.table):
        work.lock(table, _AX)
        if work.database.has_heap(table):
            work.rewrite(table)
