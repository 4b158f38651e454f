"""Partitioned tables: keys, bounds, attaching and detaching."""

from bot.core.language.expression import Expression
from bot.core.language.names import Name
from bot.core.record import record


@record
class PartitionKey:
    """PARTITION BY strategy (elements); `strategy` is RANGE, LIST or HASH."""

    strategy: str
    elements: tuple[Expression, ...]


@record
class Bound:
    """FOR VALUES ... or DEFAULT, `text` verbatim.

    RANGE fills `lower` and `upper` (texts, MINVALUE and MAXVALUE among them), LIST fills `values`, HASH
    fills `modulus` and `remainder`.
    """

    text: str
    default: bool = False
    lower: tuple[str, ...] = ()
    upper: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    modulus: int | None = None
    remainder: int | None = None


@record
class AttachPartition:
    table: Name
    partition: Name
    bound: Bound
    if_exists: bool = False


@record
class DetachPartition:
    table: Name
    partition: Name
    concurrently: bool = False
    finalize: bool = False
    if_exists: bool = False


@record
class AttachIndexPartition:
    """ALTER INDEX parent_index ATTACH PARTITION child_index."""

    index: Name
    partition: Name
    if_exists: bool = False


PartitionOperation = AttachPartition | DetachPartition | AttachIndexPartition
