"""One repository on GitHub, for reviews: implements `bot.review.hub.Hub` over HTTP."""

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from bot.github import checks, conversation, files, people, reviews, withdrawal
from bot.github.client import Client
from bot.github.errors import Gone, MissingPermission, NotInstalled, TooLarge, Unprocessable
from bot.github.kept import RepositoryMemory, is_commit
from bot.github.read import Json, dig, number, text
from bot.github.repository_api import RepositoryApi
from bot.github.requirements import Requirement, requirement
from bot.report.shapes import CheckOutput, Review
from bot.review.acceptance import NamedCommit
from bot.review.errors import HubError
from bot.review.hub import (
    ChangedFile,
    CommandComment,
    HeadChecks,
    HeadRun,
    PostedComment,
    PullRequest,
    RepositoryInfo,
    TreeEntry,
)
from bot.review.job import CommentKind, read_external_id

_SMALL = 50_000
"""KB of a repository, with its history, whose trees are small: GitHub says it with each pull request."""
OPEN_LIMIT = 2000
"""The most open pull requests of one repository that a sweep looks at."""


@dataclass(frozen=True, slots=True)
class ComparedHead:
    """The base branch's commit, the one where the head left it, and GitHub's whole answer, None if there is none."""

    base_sha: str
    merge_base_sha: str
    answer: Json | None = None


class RepositoryHub:
    """Every method raises the errors of `bot.github.errors`, all of them HubError. Made for one job."""

    def __init__(self, api: RepositoryApi, shared: RepositoryApi, members: Client, known: RepositoryMemory) -> None:
        """`shared` is the owner's `.github` repository; `members` reads the organisation's teams, if it may."""
        self._api = api
        self._shared = shared
        self._members = members
        self._permissions: dict[str, str] = {}
        self._known = known
        self._size = 0
        self._trees: dict[str, Sequence[TreeEntry]] = {}
        self._compared: dict[tuple[str, str, str], ComparedHead] = {}
        self._met: dict[str, Sequence[HeadRun]] = {}
        self._changed: dict[tuple[int, str], Sequence[ChangedFile]] = {}
        self.on_start: Callable[[str], Awaitable[None]] | None = None
        """Called with a check's external id before it is started."""

    async def repository(self) -> RepositoryInfo:
        return read_repository(await self._api.client.get(self._api.path()))

    async def pull_request(self, number: int) -> PullRequest:
        """The pull request with its merge base and the current base branch, of which GitHub may show an old state."""
        shown = await self._api.client.get(self._api.path(f"pulls/{number}"))
        found = _pull(shown)
        self._size = dig(shown, "base", "repo", "size") or 0
        compared = await self._compare(found)
        return replace(found, base_sha=compared.base_sha, merge_base_sha=compared.merge_base_sha)

    async def changed_files(self, pull: PullRequest) -> Sequence[ChangedFile]:
        """All changed files; those beyond 3,000 come from the trees, without patches."""
        key = (pull.number, pull.head_sha)
        if key not in self._changed:
            compared = self._compared_with(pull.head_sha)
            self._changed[key] = await files.changed_files(self._api, pull, compared.answer if compared else None)
        return self._changed[key]

    async def compare(self, base_sha: str, head_sha: str) -> Sequence[ChangedFile]:
        return await files.compare(self._api, base_sha, head_sha)

    async def builds_on(self, later_sha: str, earlier_sha: str) -> bool:
        """Whether the later commit has the earlier one in its history; False also if GitHub does not tell."""
        try:
            found = await files.comparison(self._api, earlier_sha, later_sha)
        except HubError:
            return False
        return dig(found, "status") in ("ahead", "identical")

    async def blob(self, sha: str) -> bytes:
        """Raises TooLarge above 10 MB."""
        return await self._known.blob(sha, lambda: files.blob(self._api, sha))

    async def tree(self, sha: str) -> Sequence[TreeEntry]:
        if sha not in self._trees:
            self._trees[sha] = [entry for entry in await self._whole_tree(sha) if not entry.link]
        return self._trees[sha]

    async def file(self, path: str, ref: str) -> bytes | None:
        return await self._known.file(path, ref, lambda: self._file(path, ref))

    async def organisation_file(self, path: str) -> bytes | None:
        """None also if the App is not installed on the `.github` repository and it is not public; minutes old."""
        return await self._known.organisation_file(path, lambda: self._organisation_file(path))

    async def is_open_head(self, branch: str) -> bool:
        query = {"state": "open", "head": f"{self._api.owner}:{branch}", "per_page": "1"}
        return bool(await self._api.client.get(self._api.path("pulls"), query))

    async def open_pull_requests(self) -> Sequence[PullRequest]:
        """Newest first; their merge base is not requested and is ""."""
        listed = await self._api.client.pages(self._api.path("pulls"), {"state": "open"}, most=OPEN_LIMIT)
        return [_pull(each) for each in listed]

    async def permission(self, login: str) -> str:
        """admin, maintain, write, read or none; custom roles count as what they inherit. Remembered for the job."""
        if login not in self._permissions:
            self._permissions[login] = await people.permission(self._api, login)
        return self._permissions[login]

    async def is_member(self, team: str, login: str) -> bool | None:
        return await people.is_member(self._members, team, login)

    async def pull_commits(self, number: int) -> Sequence[NamedCommit]:
        return await people.pull_commits(self._api, number)

    async def commits_touching(self, path: str, sha: str) -> Sequence[NamedCommit]:
        return await people.commits_touching(self._api, path, sha)

    async def renamed_from(self, sha: str, path: str) -> str | None:
        return await people.renamed_from(self._api, sha, path)

    async def ref_head(self, ref: str) -> str | None:
        return await files.ref_head(self._api, ref)

    async def requirement(self, branch: str) -> Requirement:
        """Whether the branch requires our check before anything is merged into it."""
        return await requirement(self._api, branch, checks.NAME)

    async def refs(self, prefix: str) -> Sequence[tuple[str, str]]:
        return await files.refs(self._api, prefix)

    async def head_checks(self, head_sha: str) -> HeadChecks:
        return await checks.look(self._api, head_sha)

    async def start_check(self, head_sha: str, external_id: str) -> int:
        """Continues the newest check run if it is unfinished; otherwise creates one, also after a concluded one."""
        if self.on_start is not None:
            await self.on_start(external_id)
        started = await checks.start(self._api, head_sha, external_id)
        self._known.note_check(started.id, alone=started.alone)
        self._met[head_sha] = started.before
        return started.id

    async def pulls_met(self, head_sha: str) -> Sequence[int]:
        """The pull requests whose head is this commit, if it had runs of ours before one was started; () if not.

        Those that the runs name may be closed or have another head; GitHub's list leaves out those of forks.
        """
        runs = self._met.get(head_sha, ())
        if not runs:
            return ()
        found = {named.number for run in runs if (named := read_external_id(run.external_id)) is not None}
        with contextlib.suppress(HubError):
            listed = await self._api.client.pages(self._api.path(f"commits/{head_sha}/pulls"))
            shown = [pull for pull in listed if dig(pull, "head", "sha") == head_sha and dig(pull, "state") == "open"]
            found |= {number(pull, "number") for pull in shown}
        return sorted(each for each in found if each is not None)

    async def conclude_head(
        self, head_sha: str, external_id: str, output: CheckOutput, known: int | None, *, untouched: bool = False
    ) -> int:
        alone = known is not None and self._known.take_alone(known) and untouched
        if known is not None and alone and await checks.conclude_alone(self._api, known, output):
            return known
        return await checks.conclude(self._api, head_sha, external_id, output, known)

    async def conclude_check(self, check_run: int, output: CheckOutput) -> None:
        self._known.note_check(check_run, alone=False)
        await checks.conclude_run(self._api, check_run, output)

    async def describe_check(self, check_run: int, title: str, summary: str) -> None:
        await checks.describe(self._api, check_run, title, summary)

    async def amend_check(self, check_run: int, output: CheckOutput) -> None:
        await checks.amend(self._api, check_run, output)

    async def posted_comments(self, number: int) -> Sequence[PostedComment]:
        return await reviews.list_posted(self._api, number)

    async def post_review(self, pull: PullRequest, review: Review) -> None:
        changed = await self.changed_files(pull) if review.comments else []
        await reviews.post(self._api, pull, review, changed)

    async def withdraw_texts(self, number: int, instead: str) -> None:
        await withdrawal.withdraw_texts(self._api, number, instead)

    async def delete_comment(self, comment: PostedComment) -> None:
        await reviews.delete(self._api, comment)

    async def edit_comment(self, comment: PostedComment, body: str) -> None:
        """A body without a marker also hides the comment as outdated, if GitHub permits."""
        await reviews.edit(self._api, comment, body)

    async def reply(self, number: int, body: str, *, to_comment: int | None, marker: str) -> None:
        await conversation.reply(self._api, number, body, to_comment, marker)

    async def answered(self, number: int, marker: str) -> bool:
        return await conversation.answered(self._api, number, marker)

    async def react(self, comment: int, kind: CommentKind, content: str) -> None:
        await conversation.react(self._api, comment, kind, content)

    async def comment(self, comment: int, kind: CommentKind, number: int | None = None) -> CommandComment | None:
        """`number` is the pull request's; only a review needs it."""
        return await conversation.comment(self._api, comment, kind, number)

    async def _whole_tree(self, sha: str) -> Sequence[TreeEntry]:
        return await self._known.tree(sha, lambda: files.tree(self._api, sha))

    async def _file(self, path: str, ref: str) -> bytes | None:
        """By the tree of the commit, which says of every path at once that there is no such file, and is kept.

        The contents are asked for where the tree is large, refused, or has a link on the way.
        """
        if is_commit(ref) and self._size <= _SMALL:
            try:
                entries = {entry.path: entry for entry in await self._whole_tree(ref)}
                entry = entries.get(path)
                folders = path.split("/")
                above = ("/".join(folders[:count]) for count in range(1, len(folders) + 1))
                if not any(one in entries and entries[one].link for one in above):
                    return await self.blob(entry.sha) if entry is not None else None
            except (Gone, MissingPermission, TooLarge):
                pass
        return await files.file(self._api, path, ref)

    async def _organisation_file(self, path: str) -> bytes | None:
        public = replace(self._shared, client=self._api.client)
        for api in (self._shared, public):
            try:
                exists = await self._known.organisation_has(partial(_exists, api), public=api is public)
                found = await files.file(api, path, None) if exists else None
            except (NotInstalled, MissingPermission):
                continue
            if found is not None:
                return found
        return None

    async def _compare(self, pull: PullRequest) -> ComparedHead:
        """The head beside the base branch as it is now; beside its last known commit if the branch is gone."""
        ends = (pull.base_ref, pull.base_sha, pull.head_sha)
        if ends not in self._compared:
            self._compared[ends] = await self._compare_ends(*ends)
        return self._compared[ends]

    async def _compare_ends(self, base_ref: str, base_sha: str, head_sha: str) -> ComparedHead:
        for base in (base_ref, base_sha):
            try:
                compared = await files.comparison(self._api, base, head_sha)
            except (Gone, Unprocessable):
                continue
            tip = str(dig(compared, "base_commit", "sha") or base_sha)
            return ComparedHead(tip, str(dig(compared, "merge_base_commit", "sha") or tip), compared)
        return ComparedHead(base_sha, base_sha)

    def _compared_with(self, head_sha: str) -> ComparedHead | None:
        return next((known for ends, known in self._compared.items() if ends[2] == head_sha), None)


async def _exists(api: RepositoryApi) -> bool:
    try:
        await api.client.get(api.path())
    except Gone:
        return False
    return True


def read_repository(found: Json, *path: str) -> RepositoryInfo:
    """The repository under these keys; private unless GitHub says that it is public."""
    return RepositoryInfo(
        number(found, *path, "id"),
        text(found, *path, "full_name"),
        text(found, *path, "owner", "login"),
        private=dig(found, *path, "private") is not False,
        default_branch=str(dig(found, *path, "default_branch") or ""),
    )


def _pull(found: Json) -> PullRequest:
    """The pull request without its merge base, which this answer does not have."""
    base = dig(found, "base")
    own = dig(found, "head", "repo", "id") == dig(base, "repo", "id")
    changed, comments = dig(found, "changed_files"), dig(found, "review_comments")
    return PullRequest(
        repository=read_repository(base, "repo"),
        number=number(found, "number"),
        author=str(dig(found, "user", "login") or "ghost"),
        head_sha=text(found, "head", "sha"),
        base_sha=text(base, "sha"),
        base_ref=text(base, "ref"),
        merge_base_sha="",
        draft=dig(found, "draft") is True,
        open=dig(found, "state") == "open",
        changed_files=changed if isinstance(changed, int) else 0,
        head_ref=text(found, "head", "ref") if own else "",
        merged=dig(found, "merged") is True or dig(found, "merged_at") is not None,
        from_fork=not own,
        review_comments=comments if isinstance(comments, int) else None,
    )
