"""What a review needs of GitHub: one repository as a protocol, and what it shows there.

Implemented in `bot.github`. The errors it raises are in `bot.review.errors`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.report.shapes import CheckOutput, Review
from bot.review.acceptance import NamedCommit
from bot.review.job import CommentKind


@dataclass(frozen=True, slots=True)
class RepositoryInfo:
    """A repository as GitHub shows it now. It is known by `id`: name, owner and visibility change."""

    id: int
    full_name: str
    """owner/name"""
    owner: str
    private: bool
    default_branch: str = ""


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request as GitHub shows it now. `merge_base_sha` is where the head left the base."""

    repository: RepositoryInfo
    number: int
    author: str
    head_sha: str
    base_sha: str
    base_ref: str
    merge_base_sha: str
    draft: bool = False
    open: bool = True
    changed_files: int = 0
    head_ref: str = ""
    """Its branch, "" if that is another repository's."""
    merged: bool = False
    from_fork: bool = False
    """Whether the head branch is another repository's, or that repository is gone."""
    review_comments: int | None = None
    """Inline comments, of anybody; None where GitHub does not say, as in lists."""


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """`status` is GitHub's: added, removed, modified, renamed, copied, changed, unchanged.

    `sha` is the head's blob; `patch` is None if GitHub leaves it out (large or binary).
    """

    path: str
    status: str
    sha: str | None
    patch: str | None = None
    previous: str | None = None
    """Where it was before, if it was renamed or copied."""


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """A blob of a commit's tree; submodules are left out, and symbolic links where it is not a `link`."""

    path: str
    sha: str
    size: int
    link: bool = False


@dataclass(frozen=True, slots=True)
class PostedComment:
    """An inline comment of ours on the pull request."""

    id: int
    path: str
    fingerprint: str
    body: str
    has_replies: bool
    node_id: str = ""


@dataclass(frozen=True, slots=True)
class CommandComment:
    """A comment with a command, re-read through the API. `in_reply_to` is the thread's first comment."""

    id: int
    author: str
    author_is_bot: bool
    body: str
    in_reply_to: int | None = None
    path: str | None = None
    thread_fingerprint: str | None = None
    """The marker in the thread's first comment, if that is ours."""


@dataclass(frozen=True, slots=True)
class HeadRun:
    """A check run of ours on a commit. `age` is in seconds; `conclusion` is GitHub's word, None while unfinished."""

    id: int
    external_id: str
    conclusion: str | None
    title: str
    age: float

    @property
    def concluded(self) -> bool:
        return self.conclusion is not None


@dataclass(frozen=True, slots=True)
class HeadChecks:
    """Our check runs on a commit, oldest first. GitHub shows, and requires, the newest."""

    runs: Sequence[HeadRun]

    @property
    def newest(self) -> HeadRun | None:
        return self.runs[-1] if self.runs else None

    @property
    def unfinished(self) -> Sequence[HeadRun]:
        return [run for run in self.runs if not run.concluded]

    @property
    def concluded(self) -> bool:
        """Whether the commit has a verdict, and nothing of ours on it is unfinished."""
        return self.newest is not None and not self.unfinished


class Hub(Protocol):
    """One repository on GitHub, seen with a token that can see nothing else."""

    async def pull_request(self, number: int) -> PullRequest: ...

    async def changed_files(self, pull: PullRequest) -> Sequence[ChangedFile]:
        """All changed files, also beyond GitHub's limits of 300 and 3,000."""
        ...

    async def compare(self, base_sha: str, head_sha: str) -> Sequence[ChangedFile]:
        """What changed between two commits, for a merge group."""
        ...

    async def builds_on(self, later_sha: str, earlier_sha: str) -> bool:
        """Whether the later commit has the earlier one in its history; False also if GitHub does not tell."""
        ...

    async def blob(self, sha: str) -> bytes: ...

    async def tree(self, sha: str) -> Sequence[TreeEntry]:
        """Every blob below a commit."""
        ...

    async def file(self, path: str, ref: str) -> bytes | None:
        """A file at a commit, None if there is none; raises HubError if GitHub does not answer."""
        ...

    async def organisation_file(self, path: str) -> bytes | None:
        """A file in the owner's `.github` repository; None if that cannot be seen."""
        ...

    async def repository(self) -> RepositoryInfo: ...

    async def is_open_head(self, branch: str) -> bool:
        """Whether a branch of the repository is the head of an open pull request."""
        ...

    async def open_pull_requests(self) -> Sequence[PullRequest]: ...

    async def permission(self, login: str) -> str:
        """admin, maintain, write, read or none (custom roles by what they inherit). Remembered for the job."""
        ...

    async def is_member(self, team: str, login: str) -> bool | None:
        """Whether the account belongs to the team (`organisation/slug`); None if GitHub does not show that."""
        ...

    async def pull_commits(self, number: int) -> Sequence[NamedCommit]:
        """The pull request's commits, oldest first: at most 250."""
        ...

    async def commits_touching(self, path: str, sha: str) -> Sequence[NamedCommit]:
        """The commits up to this one that changed the file, newest first: at most 300. Renames are not followed."""
        ...

    async def renamed_from(self, sha: str, path: str) -> str | None:
        """The path that the file had before this commit, None if the commit did not rename it."""
        ...

    async def ref_head(self, ref: str) -> str | None:
        """The commit of a ref such as `refs/heads/main`; None if there is no such ref."""
        ...

    async def refs(self, prefix: str) -> Sequence[tuple[str, str]]:
        """The refs whose names begin so, and their commits."""
        ...

    async def head_checks(self, head_sha: str) -> HeadChecks:
        """Our check runs on this commit; none if GitHub does not know the commit."""
        ...

    async def start_check(self, head_sha: str, external_id: str) -> int:
        """The commit's check run in progress: the newest if it is unfinished, otherwise a new one. Returns its id.

        Older unfinished ones are cancelled.
        """
        ...

    async def pulls_met(self, head_sha: str) -> Sequence[int]:
        """The pull requests of this commit, asked for only if it had runs of ours before `start_check`."""
        ...

    async def conclude_head(
        self, head_sha: str, external_id: str, output: CheckOutput, known: int | None, *, untouched: bool = False
    ) -> int:
        """Writes the commit's verdict: the newest run carries it, and none of ours is left unfinished.

        `known` is the run that was started for it: it is concluded even if GitHub does not list the runs. `untouched`:
        only jobs of this process can have changed it since, so that the list need not be asked for if they have not.
        Returns the run that carries the verdict.
        """
        ...

    async def conclude_check(self, check_run: int, output: CheckOutput) -> None:
        """Concludes this one run."""
        ...

    async def describe_check(self, check_run: int, title: str, summary: str) -> None:
        """Says in a check run in progress what it waits for."""
        ...

    async def amend_check(self, check_run: int, output: CheckOutput) -> None:
        """Changes the words of a concluded check run, and never its conclusion."""
        ...

    async def posted_comments(self, number: int) -> Sequence[PostedComment]:
        """Our inline comments that carry a fingerprint marker."""
        ...

    async def post_review(self, pull: PullRequest, review: Review) -> None:
        """Posts one review; checks before it repeats, so that nothing is posted twice."""
        ...

    async def withdraw_texts(self, number: int, instead: str) -> None:
        """Replaces the bodies of our reviews and our answers to commands on this pull request."""
        ...

    async def delete_comment(self, comment: PostedComment) -> None: ...

    async def edit_comment(self, comment: PostedComment, body: str) -> None: ...

    async def reply(self, number: int, body: str, *, to_comment: int | None, marker: str) -> None:
        """An answer in the conversation, or in the thread of the review comment `to_comment`; once per marker."""
        ...

    async def answered(self, number: int, marker: str) -> bool:
        """Whether an answer of ours with this marker is there, in the conversation or in a thread."""
        ...

    async def react(self, comment: int, kind: CommentKind, content: str) -> None:
        """Best effort, never raises."""
        ...

    async def comment(self, comment: int, kind: CommentKind, number: int | None = None) -> CommandComment | None:
        """The comment as it is now; None if it is gone.

        GitHub finds a review only by the `number` of its pull request.
        """
        ...
