"""What requests and answers are held to: `used`, which is ours and always there, and GitHub's description where given.

GitHub's own OpenAPI description is not ours to hand on, so it is not in this package: whoever has it loads it with
`Contract.load` and gives it to `server.running`. `StandIn.held_to` says which of the two counted.
"""

from bot.standins.github.contract.openapi import Contract
from bot.standins.github.contract.used import USED

__all__ = ["USED", "Contract"]
