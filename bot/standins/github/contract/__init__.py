"""Contracts for requests and answers: `used`, which is ours and always applies, and GitHub's description if given.

GitHub's own OpenAPI description is not ours to publish, so it is not in this package: load it with `Contract.load`
and pass it to `server.running`. `StandIn.held_to` says which of the two applied.
"""

from bot.standins.github.contract.openapi import Contract
from bot.standins.github.contract.used import USED

__all__ = ["USED", "Contract"]
