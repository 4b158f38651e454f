"""A command as it is carried out: who wrote it where, what its author may know, and what it has changed."""

from dataclasses import dataclass
from typing import TypeAlias

from bot.core.judging.analysis import Analysis
from bot.core.judging.policy import Policy
from bot.report.disclosure import Disclosure, Reader
from bot.review.errors import HubError
from bot.review.hub import CommandComment, PullRequest
from bot.review.job import Job
from bot.review.ports import Context
from bot.review.proposal import may_write

Answer: TypeAlias = tuple[str, bool]
"""Markdown, and whether it was done: the reaction is a thumb up, otherwise a confused face."""

NO_MIGRATIONS = "This pull request changes no migration."


@dataclass(frozen=True, slots=True)
class Question:
    """A command's comment and its pull request."""

    context: Context
    job: Job
    pull: PullRequest
    comment: CommandComment

    async def reader(self, analysis: Analysis) -> Reader:
        """The author, as a reader of the analysis."""
        return Reader.of(analysis, await self.disclosure(analysis.policy))

    async def disclosure(self, policy: Policy) -> Disclosure:
        """How sizes are shown to the author: exactly only to those who may write to a private repository.

        GitHub is asked who that is only where it matters; if it refuses to say, the author is a stranger.
        """
        if policy.disclose_sizes is not None or not self.pull.repository.private:
            return Disclosure.of(policy, trusted=False)
        try:
            trusted = await may_write(self.context.hub, self.comment.author)
        except HubError as refused:
            if refused.retry_after is not None:
                raise
            trusted = False
        return Disclosure.of(policy, trusted=trusted)
