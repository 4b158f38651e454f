"""A strict GitHub on this machine: people and time change it through Python here, an App changes it over HTTP."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from bot.standins.github.faults import Fault, Faults, Moment, limited
from bot.standins.github.git import Content, FileDiff
from bot.standins.github.hosting import Hosting
from bot.standins.github.lag import Lag
from bot.standins.github.limits import WriteLimits
from bot.standins.github.model import (
    CheckRun,
    Delivery,
    IssueComment,
    Json,
    Pull,
    Repository,
    Review,
    ReviewComment,
    Seen,
)
from bot.standins.github.protection import Gate, gate

TREE_LIMIT = 100_000
"""The most entries of a recursive tree before GitHub truncates it."""


class StandIn(Hosting):
    """GitHub as one App sees it: pull requests with their conversation and checks, and the App's requests.

    It has state and does nothing by itself: `server.running` serves it over HTTP, `webhooks.deliver` sends webhooks.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.pulls: list[Pull] = []
        self.reviews: list[Review] = []
        self.review_comments: list[ReviewComment] = []
        self.issue_comments: list[IssueComment] = []
        self.check_runs: list[CheckRun] = []
        self.deliveries: list[Delivery] = []
        self.hook_url = ""
        """The address for redeliveries, which is that of the last delivery."""
        self.manifest_codes: dict[str, Json] = {}
        self.tree_limit = TREE_LIMIT
        self.requests: list[Seen] = []
        """The requests received, oldest first."""
        self.held_to: tuple[str, ...] = ()
        """The names of the contracts that requests and answers are checked against, once it is served."""
        self.rejected: list[str] = []
        """Descriptions of requests that were refused because a contract does not allow them."""
        self.violations: list[str] = []
        """Descriptions of the stand-in's own answers that a contract does not allow."""
        self.faults = Faults()
        self.latency = 0.0
        """Seconds that every answer waits."""
        self.down = False
        self.spent: dict[str, tuple[float, int]] = {}
        """For each installation, and for the App itself: since when requests are counted, and how many there were."""
        self.lag = Lag()
        """How far the API is behind what was pushed."""
        self.limits: WriteLimits | None = None
        """GitHub's limits on writing; without them an installation may write as fast as it can."""
        self.queue_refs: dict[str, str] = {}
        """head of a merge group -> its ref"""

    def spend(self, authorization: str) -> tuple[int, float]:
        """Counts a request: how many there were in this hour of its installation, and when that hour ends."""
        token = self.tokens.get(authorization.partition(" ")[2])
        who = f"installation {token.installation}" if token is not None else "the App"
        since, used = self.spent.get(who, (self.now(), 0))
        if self.now() >= since + 3600:
            since, used = self.now(), 0
        self.spent[who] = since, used + 1
        return used + 1, since + 3600

    # Trouble

    def fail_next(self, method: str, where: str | re.Pattern[str], status: int = 502, **how: Any) -> None:
        """The next requests whose path contains `where` fail; `how` are the other fields of `Fault`."""
        self.faults.add(Fault(method, where, status, **how))

    def before(self, method: str, where: str, do: Callable[[], Awaitable[object] | object], *, nth: int = 1) -> None:
        """Does it once, when the n-th request from now whose path contains `where` is about to have its effect.

        `method` is as in `Fault`. The request waits for what `do` returns, if that is awaitable.
        """
        self.faults.plan(Moment(method, where, do, nth, after_effect=False))

    def after(self, method: str, where: str, do: Callable[[], Awaitable[object] | object], *, nth: int = 1) -> None:
        """Does it once, when the n-th request has had its effect, but no answer yet."""
        self.faults.plan(Moment(method, where, do, nth, after_effect=True))

    def limit_next(self, method: str, where: str, form: str, *, seconds: int = 60, times: int = 1) -> None:
        """The next requests meet a rate limit in one of GitHub's three forms: primary, retry-after, message."""
        self.faults.add(limited(method, where, form, int(self.now()) + seconds, seconds, times))

    # Commits and pull requests

    def commit(
        self,
        repository: Repository,
        branch: str,
        files: Mapping[str, Content | None],
        *,
        message: str = "Change",
        author: str = "dev",
        **by: Any,
    ) -> str:
        """A commit on the branch (a new one starts at the default branch); None as content removes a file.

        `by` is `committer` and `named` of `store`.
        """
        parent = repository.branches.get(branch) or repository.branches[repository.default_branch]
        repository.branches[branch] = self.store(parent, files, message, author, **by)
        self._follow(repository, branch)
        return repository.branches[branch]

    def open_pull_request(
        self,
        repository: Repository,
        files: Mapping[str, Content | None],
        *,
        title: str = "Change the schema",
        body: str = "",
        head: str = "feature",
        base: str | None = None,
        author: str = "dev",
        draft: bool = False,
        fork: bool = False,
        same_head: Pull | None = None,
        **by: Any,
    ) -> Pull:
        """A pull request that changes `files` on a new branch, optionally of a fork.

        With `same_head` it has that one's head branch, and must have another base. `by` is `committer` and `named`
        of `store`.
        """
        base = base or repository.default_branch
        account = self.account(author)
        numbers = [pull.number for pull in self.pulls if pull.repository is repository]
        number = max(numbers, default=0) + 1
        branch = head if head not in repository.branches else f"{head}-{number}"
        source = self.fork(repository, account) if fork else repository
        if not fork:
            repository.roles.setdefault(author, "write")
        known = self._known()
        if same_head:
            source, branch = same_head.head_repository, same_head.head
        else:
            source.branches[branch] = self.store(repository.branches[base], files, title, author, **by)
        at = self.stamp()
        pull = Pull(
            self.next_id(),
            number,
            repository,
            source,
            branch,
            base,
            source.branches[branch],
            title,
            body,
            account,
            repository.branches[base],
            draft=draft,
            created_at=at,
            updated_at=at,
        )
        self.pulls.append(pull)
        self.lag.pushed(pull, self._known() - known, None, self.now())
        return pull

    def push(
        self,
        pull: Pull,
        files: Mapping[str, Content | None],
        *,
        force: bool = False,
        message: str = "Change again",
        author: str | None = None,
        **by: Any,
    ) -> str:
        """A new head; with `force` a single commit on the base replaces the branch.

        It is the pull request's author's if none is named; `by` is `committer` and `named` of `store`.
        """
        branches = pull.head_repository.branches
        known, before = self._known(), pull.head_sha
        parent = pull.repository.branches[pull.base] if force else branches[pull.head]
        branches[pull.head] = self.store(parent, files, message, author or pull.author.login, **by)
        self._follow(pull.head_repository, pull.head)
        self.lag.pushed(pull, self._known() - known, before, self.now())
        if force:
            for review in self.reviews:
                if review.pull is pull:
                    review.commit_id = pull.head_sha
        return pull.head_sha

    def close(self, pull: Pull) -> None:
        pull.state, pull.updated_at = "closed", self.stamp()

    def merge(self, pull: Pull) -> str:
        """Squashes it into its base branch; returns the commit."""
        changed = self.changed_by(pull)
        self.close(pull)
        pull.merged = True
        return self.commit(pull.repository, pull.base, changed, message=pull.title, author=pull.author.login)

    def merge_group(self, repository: Repository, pulls: Sequence[Pull]) -> tuple[str, str]:
        """The base and head commit of one group of these pull requests; GitHub's own groups are in `merge_queue`."""
        base = repository.branches[repository.default_branch]
        changed = {path: content for pull in pulls for path, content in self.changed_by(pull).items()}
        last = pulls[-1].number if pulls else 0
        branch = f"gh-readonly-queue/{repository.default_branch}/pr-{last}-{base}"
        head = self.commit(repository, branch, changed, message="Merge the group")
        self.queue_refs[head] = f"refs/heads/{branch}"
        return base, head

    def files_of(self, pull: Pull) -> list[FileDiff]:
        """The files that the pull request changes, compared with its merge base."""
        return self.objects.diff(self.merge_base(pull), pull.head_sha)

    def merge_base(self, pull: Pull) -> str | None:
        return self.objects.merge_base(pull.repository.branches[pull.base], pull.head_sha)

    # What people say

    def comment(self, pull: Pull, body: str, author: str = "dev") -> IssueComment:
        at = self.stamp()
        comment = IssueComment(self.next_id(), pull, self.account(author), body, at, at)
        self.issue_comments.append(comment)
        return comment

    def reply(self, to: ReviewComment, body: str, author: str = "dev") -> ReviewComment:
        """An answer in the thread of a review comment."""
        first = to.in_reply_to or to.id
        comment = ReviewComment(
            self.next_id(),
            to.pull,
            self.next_id(),
            self.account(author),
            body,
            to.path,
            to.pull.head_sha,
            to.line,
            to.start_line,
            in_reply_to=first,
            diff_hunk=to.diff_hunk,
            created_at=self.stamp(),
        )
        self.review_comments.append(comment)
        return comment

    def review(self, pull: Pull, body: str, author: str = "dev", state: str = "COMMENTED") -> Review:
        review = Review(self.next_id(), pull, self.account(author), body, state, pull.head_sha, self.stamp())
        self.reviews.append(review)
        return review

    # What a user sees

    def reviews_of(self, pull: Pull) -> list[Review]:
        return [review for review in self.reviews if review.pull is pull]

    def review_comments_of(self, pull: Pull) -> list[ReviewComment]:
        return [comment for comment in self.review_comments if comment.pull.id == pull.id]

    def comments_of(self, pull: Pull) -> list[IssueComment]:
        return [comment for comment in self.issue_comments if comment.pull.id == pull.id]

    def check_runs_of(self, sha: str, name: str | None = None) -> list[CheckRun]:
        return [run for run in self.check_runs if run.head_sha == sha and name in (None, run.name)]

    def required_check(self, sha: str, name: str = "migsafe") -> Gate:
        """What this check does to the commit where it is required: passes, blocks or waits."""
        return gate(self.check_runs_of(sha, name))

    def changed_by(self, pull: Pull) -> dict[str, Content | None]:
        """The pull request's changes to its base, in the form for `commit`."""
        return self.changes(self.files_of(pull))

    def changes(self, diff: Sequence[FileDiff]) -> dict[str, Content | None]:
        """A diff in the form for `commit`."""
        changed: dict[str, Content | None] = {}
        for change in diff:
            if change.previous:
                changed[change.previous] = None
            changed[change.path] = None if change.status == "removed" else self.objects.blobs[change.sha]
        return changed

    def _known(self) -> set[str]:
        """The names of all objects that there are, if some are to be late."""
        return {*self.objects.commits, *self.objects.trees, *self.objects.blobs} if self.lag.asked_for else set()

    def _follow(self, repository: Repository, branch: str) -> None:
        """Moves the head of open pull requests with their branch; comments on changed lines become outdated."""
        for pull in self.pulls:
            if pull.head_repository is repository and pull.head == branch and pull.state == "open":
                old, pull.head_sha = pull.head_sha, repository.branches[branch]
                pull.base_sha, pull.updated_at = pull.repository.branches[pull.base], self.stamp()
                before, after = self.objects.files(old), self.objects.files(pull.head_sha)
                for comment in self.review_comments_of(pull):
                    comment.outdated |= before.get(comment.path) != after.get(comment.path)
