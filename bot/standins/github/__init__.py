"""A strict, stateful GitHub on this machine, for the demo and the tests.

async with running() as github:
    repository = github.add_repository("acme/shop", files={"db/migrations/1.sql": "..."})
    pull = github.open_pull_request(repository, {"db/migrations/2.sql": "..."})
    await webhooks.deliver(github, hook, "pull_request", webhooks.pull_request(github, pull, "opened"))
    ... the App under test works against github.url ...
    github.check_runs_of(pull.head_sha), github.reviews_of(pull), github.review_comments_of(pull)

From the state outwards: `model` and `git` are the state, `hosting` and `stand_in` what people do to it; `as_json`
writes it; `webhooks` sends it to the App; `endpoints`, found by `routes`, answer the App; `server` opens it to HTTP,
after `authentication` and `contract`. Unkind only when asked: `faults` (troubles, and moments within a request), `lag`
(an API behind its webhooks), `limits` (on writing). `protection` says which check run counts, `merge_queue` moves by
that, and `suggestions` are what people apply. It has only what the App needs: no search, no issues that are not pull
requests, no GraphQL except hiding a comment, no pages for people. It knows HTTP and GitHub, and nothing of the App.
"""

from bot.standins.github.git import Link, Submodule
from bot.standins.github.hosting import PERMISSIONS, SECRET
from bot.standins.github.server import running, start
from bot.standins.github.stand_in import StandIn

__all__ = ["PERMISSIONS", "SECRET", "Link", "StandIn", "Submodule", "running", "start"]
