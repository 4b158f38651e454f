"""The stand-in for GitHub that the demo and the tests use: strict, stateful, over HTTP.

async with StandIn.running() as github:
    repository = github.add_repository("acme/shop", files={"db/migrations/1.sql": "..."})
    pull = github.open_pull_request(repository, {"db/migrations/2.sql": "..."})
    await github.deliver(hook, "pull_request", webhooks.pull_request(github, pull, "opened"))
    ... the App under test works against github.url ...
    github.check_runs_of(pull.head_sha), github.reviews_of(pull), github.review_comments_of(pull)
"""

from bot.standins.github.git import Link, Submodule
from bot.standins.github.stand_in import PERMISSIONS, SECRET, StandIn

__all__ = ["PERMISSIONS", "SECRET", "Link", "StandIn", "Submodule"]
