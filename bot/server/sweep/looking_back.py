"""What a state would have watched that was lost: GitHub still shows which of our checks nobody would end."""

import re
from collections.abc import AsyncIterator, Sequence

from bot.review.hub import Hub, PullRequest, RepositoryInfo
from bot.review.remembered import WatchedHead

_QUEUES = "refs/heads/gh-readonly-queue/"
_BASE = re.compile(r".*/pr-[0-9]{1,18}-([0-9a-f]{40}(?:[0-9a-f]{24})?)")
_COMMITS = 5
"""The newest commits of an open pull request that are looked at, for each of which GitHub is asked once."""
_LOOKS = 25
"""At most, of one repository, once: what a state has lost that long ago, GitHub has let go, too."""


async def unfinished_before(
    hub: Hub,
    installation: int,
    repository: RepositoryInfo,
    pulls: Sequence[PullRequest],
) -> AsyncIterator[WatchedHead]:
    """Merge groups without a concluded check, and commits of pull requests, not their heads, with one in progress.

    Raises HubError.
    """
    looks = 0
    for ref, head_sha in (await hub.refs(_QUEUES))[:_LOOKS]:
        base = _BASE.fullmatch(ref)
        if base is None:
            continue
        looks += 1
        if not (await hub.head_checks(head_sha)).concluded:
            about = (installation, repository.id, repository.full_name, head_sha, 0.0)
            yield WatchedHead(*about, base_sha=base[1], head_ref=ref)
    heads = {pull.head_sha for pull in pulls}
    for pull in sorted(pulls, key=lambda pull: -pull.number):
        if looks >= _LOOKS:
            return
        earlier = [commit for commit in await hub.pull_commits(pull.number) if commit.sha not in heads]
        looks += 1
        for commit in earlier[-_COMMITS:]:
            looks += 1
            if (await hub.head_checks(commit.sha)).unfinished:
                yield WatchedHead(installation, repository.id, repository.full_name, commit.sha, 0.0)
