"""Judges a proposal to the base branch: gathers what GitHub, the replica and people say, and hands it to `judge`.

It writes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from bot.core.judging.allowing import Acceptances, FileAuthors
from bot.core.judging.analysis import Analysis
from bot.core.judging.findings import Severity, Verdict
from bot.core.judging.framework import SourceFile
from bot.core.judging.owed import KeptPlan
from bot.core.judging.policy import Policy
from bot.core.language.migrations import Run
from bot.core.record import replace as replace_record
from bot.core.schema.asked import asked_by
from bot.review.acceptance import WRITERS, Accepter, Acknowledgement
from bot.review.accepting import deciding, fetch_file_authors, fetch_people, read_accepted
from bot.review.configuration import Configuration, fetch_configuration
from bot.review.databases import other_database
from bot.review.deploy import CandidateFiles, DeployFiles, read_migrations, recognise_migrations
from bot.review.errors import HubError, LimitError, OtherDatabaseError, ReplicaError
from bot.review.fetching import (
    Missing,
    fetch_files_at,
    fetch_readable_texts,
    fetch_texts,
    fetch_wanted,
    is_candidate,
)
from bot.review.hub import ChangedFile, Hub, PullRequest, RepositoryInfo
from bot.review.judge import Case, DatabaseGroup, judge
from bot.review.neighbours import Aim, fetch_around, removed_migrations
from bot.review.ports import Confine, Context, Replica
from bot.review.together import ask_each, at_once

log = structlog.get_logger(__name__)

_TRIES = 3
"""How often the files are read within the limits, each time without the largest; after that, none is read."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What may become of the base branch: a pull request's head, or a merge group, which has no number or author."""

    repository: RepositoryInfo
    base_sha: str
    merge_base_sha: str
    head_sha: str
    number: int | None = None
    author: str | None = None
    base_ref: str = ""

    @classmethod
    def of(cls, pull: PullRequest) -> "Proposal":
        return cls(
            pull.repository,
            pull.base_sha,
            pull.merge_base_sha,
            pull.head_sha,
            pull.number,
            pull.author,
            pull.base_ref,
        )


async def judge_pull_request(context: Context, pull: PullRequest) -> Analysis | None:
    """The analysis alone, for commands; None if there is nothing to analyse. Raises the errors of `review.errors`."""
    async with at_once() as asking:
        found = asking.create_task(fetch_base_configuration(context, Proposal.of(pull)))
        changed = asking.create_task(context.hub.changed_files(pull))
    return await judge_proposal(context, Proposal.of(pull), found.result().policy, changed.result())


async def fetch_base_configuration(context: Context, proposal: Proposal) -> Configuration:
    """The configuration that judges this proposal. Raises HubError."""
    repository, base_ref = proposal.repository, proposal.base_ref
    return await fetch_configuration(context.hub, context.configurations, repository, base_ref, proposal.base_sha)


async def judge_proposal(
    context: Context, proposal: Proposal, policy: Policy, changed: Sequence[ChangedFile]
) -> Analysis | None:
    """The analysis of what these files change, with its verdict; None if none of them is a migration."""
    candidates = [file for file in changed if is_candidate(file, policy)]
    if not candidates and not removed_migrations(changed, policy):
        return None
    async with at_once() as asking:
        texts = asking.create_task(fetch_texts(context.hub, candidates))
        # Whatever the migrations turn out to be, which files lie beside them is asked next.
        asking.create_task(context.hub.tree(proposal.merge_base_sha))
        if proposal.base_sha != proposal.merge_base_sha:
            asking.create_task(context.hub.tree(proposal.base_sha))
    blobs = {file.path: file.sha or "" for file in candidates}
    files, missing = _without_known(context, *texts.result(), blobs)
    dropped: Missing | None = None
    for _ in range(_TRIES):
        try:
            analysis = await _judge_files(context, proposal, policy, changed, files, missing)
        except LimitError as stopped:
            if not files:
                raise
            # One file that hits a limit must not hide what the others do.
            largest = max(files, key=lambda file: len(file.text))
            files = [file for file in files if file is not largest]
            dropped = Missing.of(largest.path, largest.text, str(stopped))
            missing = [*missing, dropped]
        else:
            if dropped is not None:
                # Without it the others are within the limits, so it is this one: another push need not try it again.
                context.confine.remember_limit(blobs[dropped.file.path], dropped.reason)
            return analysis
    missing += (Missing.of(file.path, file.text, "the files before it took too long") for file in files)
    return await _judge_files(context, proposal, policy, changed, [], missing)


def _without_known(
    context: Context, files: Sequence[SourceFile], missing: Sequence[Missing], blobs: Mapping[str, str]
) -> tuple[list[SourceFile], list[Missing]]:
    """The files without those whose very text hit a limit before: they are missing, for that reason."""
    hit = {file.path: context.confine.limit_hit(blobs[file.path]) for file in files}
    known = (
        Missing.of(
            file.path, file.text, f"{reason}; the same text is tried again tomorrow, or by a re-run of the check"
        )
        for file in files
        if (reason := hit[file.path]) is not None
    )
    return [file for file in files if hit[file.path] is None], [*missing, *known]


async def find_danger(
    context: Context, proposal: Proposal, policy: Policy, changed: Sequence[ChangedFile]
) -> Analysis | None:
    """The analysis of the files that GitHub does show, if it blocks already; None if it does not, or cannot be made."""
    candidates = [file for file in changed if is_candidate(file, policy)]
    texts = await fetch_readable_texts(context.hub, candidates)
    files, missing = _without_known(context, *texts, {file.path: file.sha or "" for file in candidates})
    if not files or not missing:
        return None
    try:
        analysis = await _judge_files(context, proposal, policy, changed, files, missing)
    except (HubError, LimitError, OtherDatabaseError):
        return None
    return analysis if analysis is not None and analysis.verdict is Verdict.BLOCKED else None


async def may_write(hub: Hub, login: str) -> bool:
    """Whether this account has write permission, by any role."""
    return await hub.permission(login) in WRITERS


async def _judge_files(
    context: Context,
    proposal: Proposal,
    policy: Policy,
    changed: Sequence[ChangedFile],
    files: Sequence[SourceFile],
    missing: Sequence[Missing],
) -> Analysis | None:
    if policy.disclose_sizes is None and not proposal.repository.private:
        # What is found may tell no more of a size than the words do.
        policy = replace_record(policy, disclose_sizes="bucket")
    case = await _gather(context, proposal, policy, changed, files, missing)
    if case is None:
        return None
    analysis = await context.confine(judge, case)
    authors = await _find_authors(context.hub, proposal, analysis)
    if authors:
        case = replace_record(case, acceptances=replace_record(case.acceptances, authors=authors))
        analysis = await context.confine(judge, case)
    analysis = await _with_people_of_now(context, proposal, case, analysis)
    for part in analysis.unread:
        if part.fault:
            log.error("a statement could not be judged", path=part.path, line=part.lines.first, error=part.fault)
    return analysis


async def _gather(
    context: Context,
    proposal: Proposal,
    policy: Policy,
    changed: Sequence[ChangedFile],
    files: Sequence[SourceFile],
    missing: Sequence[Missing],
) -> Case | None:
    """Everything known about these files; a migration among the missing ones keeps the verdict open."""
    hub, confine = context.hub, context.confine
    recognised = await confine(recognise_migrations, CandidateFiles(tuple(files), policy))
    not_read, unknown = await _notes_on_missing(confine, policy, missing)
    if not (recognised.paths or not_read or unknown or removed_migrations(changed, policy)):
        return None
    wanted = await fetch_wanted(hub, proposal.merge_base_sha, proposal.head_sha, recognised.wants)
    served = context.replica.configured(proposal.repository, recognised.paths)
    other = other_database(recognised.paths, wanted.base) if not served else None
    if other is not None:
        raise OtherDatabaseError(other)
    read = await confine(read_migrations, DeployFiles(tuple(files), wanted.base, wanted.head, policy))
    run = read.run
    async with at_once() as asking:
        evidence = asking.create_task(fetch_files_at(hub, proposal.merge_base_sha, read.wants))
        groups = asking.create_task(_take_snapshots(context.replica, proposal.repository, run))
        accepted = asking.create_task(_read_accepted(context, proposal, policy, run))
        plans = asking.create_task(_kept_plans(context, proposal))
        around = asking.create_task(fetch_around(context, _target(proposal), policy, changed, run))
    models, notes = evidence.result()
    acceptances, acknowledged = accepted.result()
    return Case(
        run=run,
        groups=groups.result(),
        policy=policy,
        acceptances=acceptances,
        acknowledged=acknowledged,
        base=models,
        plans=plans.result(),
        around=around.result(),
        undone=(*not_read, *unknown, *wanted.notes, *notes),
        not_read=not_read,
    )


async def _kept_plans(context: Context, proposal: Proposal) -> tuple[KeptPlan, ...]:
    """Only a pull request has a plan, or brings the steps of another's."""
    return tuple(await context.plans.kept_plans(proposal.repository.id)) if proposal.number is not None else ()


def _target(proposal: Proposal) -> Aim:
    return Aim(
        proposal.repository.id,
        proposal.base_sha,
        proposal.merge_base_sha,
        proposal.base_ref,
        proposal.number,
        group=proposal.author is None,
    )


async def _read_accepted(
    context: Context,
    proposal: Proposal,
    policy: Policy,
    run: Run,
    people: Mapping[str, Accepter] | None = None,
) -> tuple[Acceptances, tuple[Acknowledgement, ...]]:
    if proposal.number is None:
        return Acceptances({}, {}, {}), ()
    store, repository = context.acknowledgements, proposal.repository
    return await read_accepted(store, repository.id, proposal.number, proposal.author, policy, run, people)


async def _find_authors(hub: Hub, proposal: Proposal, analysis: Analysis) -> Mapping[str, FileAuthors]:
    """Who wrote the files whose allows of dangers wait for that; empty where none does. Raises HubError."""
    waiting = [one for one in analysis.uncounted if not one.why and not one.final]
    if proposal.number is None or not waiting:
        return {}
    paths = list(dict.fromkeys(one.path for one in waiting))
    try:
        pull = await hub.pull_request(proposal.number)
        if proposal.author is not None:
            pull = replace(pull, head_sha=proposal.head_sha)
        return await fetch_file_authors(hub, pull, analysis.policy.accept, paths)
    except HubError as refused:
        open_dangers = sum(one.severity is Severity.DANGER and one.allowed is None for one in analysis.findings)
        if refused.retry_after is not None and open_dangers <= len(waiting):
            raise
        # The verdict does not depend on it, or GitHub would refuse again.
        return dict.fromkeys(paths, FileAuthors(refused="GitHub did not show who wrote the file"))


async def _with_people_of_now(context: Context, proposal: Proposal, case: Case, analysis: Analysis) -> Analysis:
    """The analysis without what was accepted by accounts that may not any more, or have written of it since.

    Raises HubError if GitHub does not say who they are, may say so later, and the verdict depends on it.
    """
    logins = deciding(analysis, case.acceptances)
    if proposal.number is None or not logins:
        return analysis
    accept = analysis.policy.accept
    try:
        pull = await context.hub.pull_request(proposal.number) if not accept.author else _as_pull(proposal)
        if proposal.author is not None:
            pull = replace(pull, head_sha=proposal.head_sha)
        people = await fetch_people(context.hub, pull, accept, logins, [one.path for one in case.run.migrations])
    except HubError as refused:
        if refused.retry_after is not None and analysis.verdict is not Verdict.BLOCKED:
            raise
        return analysis
    acceptances, acknowledged = await _read_accepted(context, proposal, case.policy, case.run, people)
    acceptances = replace_record(acceptances, authors=case.acceptances.authors)
    if (acceptances, acknowledged) == (case.acceptances, case.acknowledged):
        return analysis
    return await context.confine(judge, replace_record(case, acceptances=acceptances, acknowledged=acknowledged))


def _as_pull(proposal: Proposal) -> PullRequest:
    """As much of the pull request as is asked of one whose authors do not matter."""
    return PullRequest(
        proposal.repository,
        proposal.number or 0,
        proposal.author or "",
        proposal.head_sha,
        proposal.base_sha,
        proposal.base_ref,
        proposal.merge_base_sha,
    )


async def _notes_on_missing(
    confine: Confine, policy: Policy, missing: Sequence[Missing]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What to say of the files that were not read: of those that are migrations, and of those that may be."""
    if not missing:
        return (), ()
    left_out = await confine(recognise_migrations, CandidateFiles(tuple(lost.file for lost in missing), policy))
    not_read = tuple(lost.note for lost in missing if lost.file.path in left_out.paths)
    unknown = tuple(lost.note for lost in missing if not lost.file.text and lost.file.path not in left_out.paths)
    return not_read, unknown


async def _take_snapshots(replica: Replica, repository: RepositoryInfo, run: Run) -> tuple[DatabaseGroup, ...]:
    """The files by the database that serves them, each with its catalog or the reason why there is none."""
    by_database: dict[str | None, list[str]] = {}
    for migration in run.migrations:
        databases = replica.configured(repository, [migration.path])
        by_database.setdefault(databases[0] if databases else None, []).append(migration.path)
    asked = asked_by(run)

    async def take(database: str | None) -> DatabaseGroup:
        group = DatabaseGroup(frozenset(by_database[database]))
        if database is None:
            return group
        try:
            return replace(group, catalog=await replica.snapshot(repository, database, asked))
        except ReplicaError as trouble:
            return replace(group, trouble=str(trouble))

    return tuple(await ask_each(take, list(by_database)))
