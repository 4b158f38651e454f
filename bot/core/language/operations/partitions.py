"""Partitioned tables: keys, bounds, attaching and detaching."""

from bot.core.language.expression import Expression
from bot.core.language.names import RelationName
from bot.core.language.operations.operation import Concurrently, IfExists, Operation, Subject
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
class AttachPartition(Operation):
    table: Subject[RelationName]
    partition: RelationName
    bound: Bound
    if_exists: IfExists = False

    @property
    def is_repeatable(self) -> bool:
        return False


@record
class DetachPartition(Operation):
    table: Subject[RelationName]
    partition: RelationName
    concurrently: Concurrently = False
    finalize: bool = False
    if_exists: IfExists = False

    @property
    def is_repeatable(self) -> bool:
        return False


@record
class AttachIndexPartition(Operation):
    """ALTER INDEX parent_index ATTACH PARTITION child_index."""

    index: Subject[RelationName]
    partition: RelationName
    if_exists: IfExists = False
