"""From a statement to its effects: its operations are looked up in their chapters, and the facts collected."""

from collections.abc import Sequence

from bot.core.effects.facts import Effects
from bot.core.migrations import Statement
from bot.core.operations import Operation
from bot.core.session import Session


def effects(statement: Statement | Sequence[Operation], session: Session, major: int) -> Effects:
    """What `statement` does to the database as `session` finds it, on PostgreSQL `major` (12 to 18); never raises."""
    raise NotImplementedError
