"""What PostgreSQL does with a statement: the facts (`facts`), and the model that states them (`model`)."""

from bot.core.effects.model import effects
from bot.core.language.facts import Effects, Failure, InTransaction, Lock, RowChange

__all__ = ["Effects", "Failure", "InTransaction", "Lock", "RowChange", "effects"]
