"""What GitHub answers at each address, one module an idea of its API; importing them all fills `routes.ROUTES`.

An endpoint changes and reads the state through its `Call`, refuses with GitHub's words, and leaves who asks and what
they may to `bot.standins.github.server`.
"""

from bot.standins.github.endpoints import apps, checks, comments, graphql, objects, pulls, reviews

__all__ = ["apps", "checks", "comments", "graphql", "objects", "pulls", "reviews"]
