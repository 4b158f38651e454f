"""What PostgreSQL does with a statement: the facts (`facts`), and the model that states them (`model`)."""

from bot.core.effects.facts import Effects, Failure, InTransaction, Lock, RowChange
from bot.core.effects.model import effects

__all__ = ["Effects", "Failure", "InTransaction", "Lock", "RowChange", "effects"]
