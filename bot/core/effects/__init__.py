"""What PostgreSQL does with a statement: one pure model; `effects` returns its facts (`language.facts`).

A chapter for each kind of statement: locks on every relation touched, rewrites, scans, index builds, refusals, certain
failures; for every supported major. Measured, not remembered (`tests/truth`). It knows `language` and `schema`.
Absent on purpose: sizes, seconds and judgement.
"""

from bot.core.effects.model import effects, is_stated

__all__ = ["effects", "is_stated"]
