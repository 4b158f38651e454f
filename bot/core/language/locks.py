"""PostgreSQL's table-level lock modes and which of them conflict."""

from enum import Enum
from typing import LiteralString


class LockMode(Enum):
    """The eight modes, weakest first; values are the names that `pg_locks.mode` shows.

    Source: "Table-Level Lock Modes" of the manual; all 64 pairs are measured in the truth table.
    """

    ACCESS_SHARE = "AccessShareLock"
    ROW_SHARE = "RowShareLock"
    ROW_EXCLUSIVE = "RowExclusiveLock"
    SHARE_UPDATE_EXCLUSIVE = "ShareUpdateExclusiveLock"
    SHARE = "ShareLock"
    SHARE_ROW_EXCLUSIVE = "ShareRowExclusiveLock"
    EXCLUSIVE = "ExclusiveLock"
    ACCESS_EXCLUSIVE = "AccessExclusiveLock"

    @property
    def strength(self) -> int:
        """1 for AccessShareLock up to 8 for AccessExclusiveLock."""
        return _ORDER[self]

    @property
    def sql(self) -> str:
        """The mode as `LOCK TABLE ... IN ... MODE` spells it."""
        return self.name.replace("_", " ")

    def conflicts(self, other: "LockMode") -> bool:
        """Whether two transactions cannot hold `self` and `other` on one relation at a time."""
        return other in _CONFLICTS[self]

    @property
    def blocks_reads(self) -> bool:
        return self.conflicts(LockMode.ACCESS_SHARE)

    @property
    def blocks_writes(self) -> bool:
        return self.conflicts(LockMode.ROW_EXCLUSIVE)

    @property
    def blocks(self) -> LiteralString:
        """Whose work waits for it: "reads and writes", "writes" or "nothing"."""
        if self.blocks_reads:
            return "reads and writes"
        return "writes" if self.blocks_writes else "nothing"


_ORDER = {mode: position for position, mode in enumerate(LockMode, start=1)}

_AS, _RS, _RX, _SUE, _S, _SRX, _X, _AX = LockMode
_CONFLICTS: dict[LockMode, frozenset[LockMode]] = {
    _AS: frozenset({_AX}),
    _RS: frozenset({_X, _AX}),
    _RX: frozenset({_S, _SRX, _X, _AX}),
    _SUE: frozenset({_SUE, _S, _SRX, _X, _AX}),
    _S: frozenset({_RX, _SUE, _SRX, _X, _AX}),
    _SRX: frozenset({_RX, _SUE, _S, _SRX, _X, _AX}),
    _X: frozenset({_RS, _RX, _SUE, _S, _SRX, _X, _AX}),
    _AX: frozenset(LockMode),
}


def stronger(one: LockMode, other: LockMode) -> LockMode:
    return one if one.strength >= other.strength else other
