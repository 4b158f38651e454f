"""Gathers what people accepted, for a proposal: in the pull request, and in files whose authors may accept it.

A merge group has the acceptances of its pull request, whose number its ref names: they hold by statement.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bot.core.judging.allowing import Acceptances, FileAuthors, Lapsed
from bot.core.judging.analysis import Analysis
from bot.core.judging.findings import Allowed, Severity, State
from bot.core.judging.fingerprint import run_fingerprint
from bot.core.judging.policy import AcceptPolicy, Policy
from bot.core.language.migrations import Run
from bot.core.record import replace
from bot.report.words import code
from bot.review.acceptance import (
    Accepter,
    AcceptKind,
    Acknowledgement,
    Ending,
    NamedCommit,
    expired,
    next_end,
    why_not,
)
from bot.review.errors import HubError
from bot.review.hub import Hub, PullRequest
from bot.review.job import Job
from bot.review.ports import AcknowledgementStore, Context
from bot.review.together import ask_each

_LISTED = 250
"""The most commits of a pull request that GitHub lists."""
_TOUCHING = 300
"""The most commits of one file that are asked for."""
_RENAMES = 5
_MOST_PATHS = 10
"""Files of one command whose commits are asked for."""
WEB_FLOW = "web-flow"
"""GitHub itself: the committer of what a person does on its pages, such as applying a suggestion."""


async def read_accepted(
    store: AcknowledgementStore,
    repository_id: int,
    number: int,
    author: str | None,
    policy: Policy,
    run: Run,
    people: Mapping[str, Accepter] | None = None,
) -> tuple[Acceptances, tuple[Acknowledgement, ...]]:
    """What people allowed and acknowledged on the pull request, as far as it still concerns these statements.

    `people` are who the accounts are now; of the others what GitHub said when they accepted counts.
    """
    confirmed: dict[str, Allowed] = {}
    lapsed: dict[str, Lapsed] = {}
    acknowledged: list[Acknowledgement] = []
    whole, now = run_fingerprint(run), datetime.now(UTC)
    for accepted in await store.acknowledgements(repository_id, number):
        accepted = replace(accepted, standing=(people or {}).get(accepted.by, accepted.standing))
        why = _why_void(accepted, policy, author, now)
        if accepted.kind is AcceptKind.RULE:
            allowed = Allowed(accepted.by, accepted.reason)
            if why:
                lapsed[accepted.fingerprint] = Lapsed(allowed, f"{code(accepted.by)} allowed it, but {why}")
            else:
                confirmed[accepted.fingerprint] = allowed
        elif accepted.fingerprint == whole and not why:
            acknowledged.append(accepted)
    return Acceptances(confirmed, lapsed, {}), tuple(acknowledged)


async def watch_end(context: Context, job: Job, pull: PullRequest, analysis: Analysis) -> None:
    """Notes when the first of what is accepted ends: a check that passed by it is judged again then."""
    accept = analysis.policy.accept
    if accept.expires is None:
        return
    given = [one.at for one in await context.acknowledgements.acknowledgements(pull.repository.id, pull.number)]
    given += [one.allowed.at for one in analysis.findings if one.allowed is not None and one.allowed.at]
    at = next_end(accept, given, datetime.now(UTC))
    if at is not None:
        of = pull.repository
        ending = Ending(job.installation, of.id, of.full_name, pull.number, pull.head_sha, at)
        await context.acknowledgements.watch_end(ending)


async def fetch_standing(hub: Hub, accept: AcceptPolicy, login: str, *, author: bool) -> Accepter:
    """Who this account is to the repository now. Raises HubError."""
    role = await hub.permission(login)
    if login.lower() in {user.lower() for user in accept.users}:
        return Accepter(role, author=author)
    answers = await ask_each(lambda team: hub.is_member(team, login), accept.teams)
    asked = list(zip(accept.teams, answers, strict=True))
    belongs = tuple(team for team, answer in asked if answer)
    hidden = tuple(team for team, answer in asked if answer is None)
    return Accepter(role, belongs, hidden, author)


async def fetch_accepter(
    hub: Hub, pull: PullRequest, accept: AcceptPolicy, login: str, paths: Sequence[str]
) -> Accepter:
    """Who somebody is now who accepts, or has accepted, something in these files. Raises HubError.

    Who wrote the files is asked only where `accept.author: false` makes a difference of it.
    """
    wrote = login == pull.author
    if not accept.author and not wrote:
        listed = await hub.pull_commits(pull.number)
        authorship = _Authorship(hub, pull, accept, listed)
        if len(listed) >= _LISTED or any(login in (commit.author, commit.committer) for commit in listed):
            more = len(paths) > _MOST_PATHS and len(listed) < _LISTED
            wrote = more or any([await authorship.is_by(login, path) for path in paths[:_MOST_PATHS]])
    return await fetch_standing(hub, accept, login, author=wrote)


def deciding(analysis: Analysis, acceptances: Acceptances) -> list[str]:
    """The people whose word the verdict owes something to: dangers that they allowed, required items."""
    confirmed = [
        accepted.by
        for finding in analysis.findings
        if (accepted := acceptances.confirmed.get(finding.fingerprint)) and finding.severity is Severity.DANGER
    ]
    items = [
        item.by
        for item in analysis.checklist
        if item.by != "migsafe" and item.state is State.DONE and item.id in analysis.policy.require
    ]
    return list(dict.fromkeys((*confirmed, *items)))


async def fetch_people(
    hub: Hub, pull: PullRequest, accept: AcceptPolicy, logins: Sequence[str], paths: Sequence[str]
) -> dict[str, Accepter]:
    """Who these accounts are now to a pull request with these migrations. Raises HubError."""

    async def one(login: str) -> Accepter:
        return await fetch_accepter(hub, pull, accept, login, paths)

    return dict(zip(logins, await ask_each(one, logins), strict=True))


async def fetch_file_authors(
    hub: Hub, pull: PullRequest, accept: AcceptPolicy, paths: Sequence[str]
) -> Mapping[str, FileAuthors]:
    """For each file, who wrote it, or why an allow of a danger in it does not count. Raises HubError."""
    if pull.from_fork:
        return dict.fromkeys(paths, FileAuthors(refused="the branch is not one of this repository"))
    listed = await hub.pull_commits(pull.number)
    if len(listed) < _LISTED and pull.head_sha not in {commit.sha for commit in listed}:
        raise HubError(f"GitHub does not show the newest commits of #{pull.number} yet", retry_after=2)
    authorship = _Authorship(hub, pull, accept, listed)
    return {path: await authorship.of(path) for path in paths}


def _why_void(accepted: Acknowledgement, policy: Policy, author: str | None, now: datetime) -> str:
    """Why what somebody accepted counts no more under the policy as it is now."""
    if accepted.kind is AcceptKind.ITEM and accepted.item not in policy.require:
        return ""
    who = accepted.standing
    if author is not None and accepted.by == author:
        who = Accepter(who.role, who.teams, who.hidden, author=True)
    return expired(policy.accept, accepted.at, now) or why_not(policy.accept, accepted.by, who)


class _Authorship:
    """Who wrote the files of one pull request. Each person is looked up once."""

    def __init__(self, hub: Hub, pull: PullRequest, accept: AcceptPolicy, listed: Sequence[NamedCommit]) -> None:
        self.hub = hub
        self.pull = pull
        self.accept = accept
        self.listed = listed
        self.people: dict[str, str] = {}
        """login -> why they may not accept, "" if they may."""

    async def of(self, path: str) -> FileAuthors:
        commits = await self._commits_of(path)
        if commits is None:
            return FileAuthors(refused=f"more than {_TOUCHING} commits change the file")
        if not commits:
            return FileAuthors(refused="GitHub shows no commit that changes the file")
        for commit in commits:
            if refused := await self._refused(commit):
                return FileAuthors(refused=refused)
        at = max(commit.at for commit in commits)
        if refused := expired(self.accept, at, datetime.now(UTC)):
            return FileAuthors(refused=refused)
        return FileAuthors(by=", ".join(dict.fromkeys(commit.author or "" for commit in commits)), at=at)

    async def is_by(self, login: str, path: str) -> bool:
        """Whether this account wrote a part of the file, or may have."""
        commits = await self._commits_of(path)
        return commits is None or any(login in (commit.author, commit.committer) for commit in commits)

    async def _commits_of(self, path: str) -> Sequence[NamedCommit] | None:
        """The pull request's commits that changed the file, also under the names it had before; None if too many."""
        found: dict[str, NamedCommit] = {}
        name: str | None = path
        for _ in range(_RENAMES):
            if name is None:
                break
            touching = await self.hub.commits_touching(name, self.pull.head_sha)
            if len(touching) >= _TOUCHING:
                return None
            own = await self._own(name, touching)
            found.update((commit.sha, commit) for commit in own)
            # Where everybody may accept, the file's earlier names change nothing.
            everybody = all([not await self._refused(commit) for commit in self.listed])
            complete = len(self.listed) < _LISTED
            name = None if not own or (everybody and complete) else await self.hub.renamed_from(own[-1].sha, name)
        return list(found.values())

    async def _own(self, path: str, touching: Sequence[NamedCommit]) -> Sequence[NamedCommit]:
        """Those that are the pull request's: the others are the base branch's."""
        if len(self.listed) < _LISTED:
            shown = {commit.sha for commit in self.listed}
            return [commit for commit in touching if commit.sha in shown]
        before = {commit.sha for commit in await self.hub.commits_touching(path, self.pull.merge_base_sha)}
        return [commit for commit in touching if commit.sha not in before]

    async def _refused(self, commit: NamedCommit) -> str:
        """Why an allow in this commit does not count: the author and the committer must both be people who may."""
        for part, login in (("author", commit.author), ("committer", commit.committer)):
            if login is None:
                return f"GitHub knows no account for the {part} of {code(commit.sha[:7])}"
            if part == "committer" and login == WEB_FLOW:
                continue
            if login not in self.people:
                who = await fetch_standing(self.hub, self.accept, login, author=True)
                self.people[login] = why_not(self.accept, login, who)
            if self.people[login]:
                return f"{self.people[login]} ({part} of {code(commit.sha[:7])})"
        return ""
