"""What following a migration leaves behind."""

from tree_sitter import Node

from bot.core.record import record
from bot.frameworks.rails.columns import Sent
from bot.frameworks.static.values import Template


@record
class Emitted:
    """What one place in the file sends: operations of one statement, or SQL as text. `block` is the number of an
    explicit transaction around it, 0 outside one; `ends`: the migration's own transaction is committed before it."""

    node: Node
    sent: Sent = ()
    sql: str | Template | None = None
    text_start: int | None = None
    block: int = 0
    ends: bool = False


@record
class Direction:
    """The argument of `reversible`."""
