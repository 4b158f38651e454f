"""What GitHub answers at each address, one module for each part of its API; together they fill `ROUTES`.

An endpoint changes and reads the state through its `Call` and refuses with GitHub's messages. Who the sender is, and
what it may do, is checked before, in `bot.standins.github.authentication`.
"""

from bot.standins.github.endpoints import apps, checks, comments, graphql, objects, pulls, reviews
from bot.standins.github.routes import ROUTES

__all__ = ["ROUTES", "apps", "checks", "comments", "graphql", "objects", "pulls", "reviews"]
