"""Writes the stand-in's state as GitHub does: the JSON of answers and of webhooks."""

from bot.standins.github.as_json.accounts import app, delivery, full_repository, installation, repository, user
from bot.standins.github.as_json.checks import check_run, check_suite
from bot.standins.github.as_json.conversation import (
    REACTIONS,
    association,
    issue_comment,
    reactions,
    review,
    review_comment,
)
from bot.standins.github.as_json.links import node, unnode, web
from bot.standins.github.as_json.pulls import changed_file, commit, git_commit, pull_full, pull_simple

__all__ = [
    "REACTIONS",
    "app",
    "association",
    "changed_file",
    "check_run",
    "check_suite",
    "commit",
    "delivery",
    "full_repository",
    "git_commit",
    "installation",
    "issue_comment",
    "node",
    "pull_full",
    "pull_simple",
    "reactions",
    "repository",
    "review",
    "review_comment",
    "unnode",
    "user",
    "web",
]
