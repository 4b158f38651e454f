"""The stand-in for GitHub that the demo and the tests use: strict, stateful, over HTTP."""

from bot.demo.github.git import Link, Submodule
from bot.demo.github.stand_in import PERMISSIONS, SECRET, StandIn

__all__ = ["PERMISSIONS", "SECRET", "Link", "StandIn", "Submodule"]
