"""What PostgreSQL does with a statement: one pure model, asked by `effects`, that states facts (`language.facts`)."""

from bot.core.effects.model import effects

__all__ = ["effects"]
