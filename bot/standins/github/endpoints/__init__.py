"""What GitHub answers at each address, one module an idea of its API; all of them together fill `ROUTES`.

An endpoint changes and reads the state through its `Call`, refuses with GitHub's words, and leaves who asks and what
they may to `bot.standins.github.server`.
"""

from bot.standins.github.endpoints import apps, checks, comments, graphql, objects, pulls, reviews
from bot.standins.github.routes import ROUTES

__all__ = ["ROUTES", "apps", "checks", "comments", "graphql", "objects", "pulls", "reviews"]
