"""The straight line for a pull request: from a changed head to one review and one concluded check run."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from bot.core.judging.analysis import Analysis
from bot.core.judging.findings import Allowed
from bot.core.judging.fingerprint import run_fingerprint
from bot.core.judging.framework import SourceFile
from bot.core.judging.policy import Policy
from bot.core.language.migrations import Lines, Run
from bot.report import check_run
from bot.report.comment import Commentable, review
from bot.report.disclosure import Disclosure
from bot.report.markdown import code, fingerprints_in
from bot.report.shapes import CheckOutput
from bot.review import config
from bot.review.databases import other_database
from bot.review.deploy import wants_evidence
from bot.review.diff import hunks
from bot.review.fetching import Missing, fetched, files_at, is_candidate, wanted
from bot.review.job import Checked, Job
from bot.review.judge import Case, Changed, Complete, Group, judge, read_run, sort
from bot.review.ports import (
    Acknowledgement,
    ChangedFile,
    Comment,
    Hub,
    HubError,
    PostedComment,
    PullRequest,
    Replica,
    ReplicaError,
    State,
    TreeEntry,
)
from bot.review.runs import names_in
from bot.rules import RULES

__all__ = [
    "Acknowledgement",
    "ChangedFile",
    "Comment",
    "Confine",
    "Hub",
    "HubError",
    "Job",
    "Line",
    "NotPostgres",
    "PostedComment",
    "PullRequest",
    "Replica",
    "ReplicaError",
    "State",
    "TreeEntry",
    "review_group",
    "review_pull_request",
]

CONFIGURATION_PATHS = (".github/migsafe.yml", ".migsafe.yml")
_ORGANISATION_PATHS = (".github/migsafe.yml", "migsafe.yml")
_WRITERS = frozenset({"admin", "maintain", "write"})
NO_LONGER = "<!-- migsafe:gone -->"
_MOVES = 3
"""How often a head may move while it is looked at before the line gives up; the next push starts it again."""
_TRIES = 3
"""How often the files are read within the limits, each time without the largest; then none is."""
_ANY_AGE = -3600.0
"""Seconds; GitHub's clock may be ahead of ours."""

Argument = TypeVar("Argument")
Result = TypeVar("Result")


class Confine(Protocol):
    """Runs a pure function on hostile text in a child process with limits of time and memory.

    Raises `Confined`, whose message says which limit it met.
    """

    async def __call__(self, function: Callable[[Argument], Result], argument: Argument) -> Result: ...


class NotPostgres(Exception):
    """The migrations are another database's; the message says how that is known."""


class OutOfLimits(Exception):
    """Reading these files took too long, or too much memory, or crashed the child; the message says which."""


@dataclass(frozen=True, slots=True)
class Line:
    """What the line works with for one job: the repository's hub and the operator's databases and state."""

    hub: Hub
    replica: Replica
    state: State
    confine: Confine
    still_newest: Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Commits:
    """What is compared, and where configuration comes from."""

    base_sha: str
    merge_base_sha: str
    head_sha: str


async def review_pull_request(line: Line, job: Job) -> str:
    """Looks at the head as it is now, and leaves one concluded check and one review. Returns what it did."""
    assert job.number is not None
    pull = await line.hub.pull_request(job.number)
    for _ in range(_MOVES):
        if not pull.open:
            return await closed(line.hub, pull.head_sha)
        check = await line.hub.start_check(pull.head_sha, _external_id(pull))
        try:
            changed = await line.hub.changed_files(pull)
            output, analysis, disclosure = await _looked_at(line, pull, changed)
        except HubError as refused:
            if refused.retry_after is not None:
                raise
            # For good: the same question would be refused again, so the check says it now.
            await line.hub.conclude_check(check, check_run.trouble(f"GitHub refused: {refused}"))
            return "refused"
        now = await line.hub.pull_request(job.number)
        if not await line.still_newest():
            await line.hub.conclude_check(check, check_run.superseded(now.head_sha))
            return "superseded"
        if now.head_sha == pull.head_sha:
            if not pull.draft and now.open:
                try:
                    output = await _told(line, pull, changed, analysis, disclosure, output)
                except Exception:
                    # The verdict stands whatever becomes of the review; a next attempt begins a new check run.
                    await line.hub.conclude_check(check, output)
                    raise
            await line.hub.conclude_check(check, output)
            return output.conclusion.value
        await line.hub.conclude_check(check, check_run.superseded(now.head_sha))
        pull = now
    raise HubError("the head keeps moving", retry_after=30)


async def closed(hub: Hub, head_sha: str) -> str:
    """Concludes what a job of a pull request that is open no more has begun: nobody else will."""
    for check in await hub.stale_checks(head_sha, _ANY_AGE):
        await hub.conclude_check(check, check_run.closed())
    return "closed"


async def review_group(line: Line, job: Job) -> str:
    """The union of the migrations in a merge group: a check run, no review."""
    assert job.head_sha is not None
    assert job.base_sha is not None
    external = Checked(job.repository_id, job.head_sha, base_sha=job.base_sha).external_id
    check = await line.hub.start_check(job.head_sha, external)
    repository = await line.hub.repository()
    commits = Commits(job.base_sha, job.base_sha, job.head_sha)
    pull = PullRequest(
        repository_id=job.repository_id,
        repository=repository.full_name,
        owner=repository.owner,
        private=repository.private,
        number=0,
        author="",
        head_sha=job.head_sha,
        base_sha=job.base_sha,
        base_ref="",
        merge_base_sha=job.base_sha,
    )
    output, _, _ = await _looked_at(line, pull, await line.hub.compare(commits.base_sha, commits.head_sha))
    await line.hub.conclude_check(check, output)
    return output.conclusion.value


async def analyse_pull_request(line: Line, pull: PullRequest) -> Analysis | None:
    """The analysis alone, for commands; None where nothing is to be analysed. Raises as the parts do."""
    policy = await configuration(line.hub, pull.base_sha)
    changed = await line.hub.changed_files(pull)
    return await _analysed(line, pull, policy, changed)


async def configuration(hub: Hub, base_sha: str) -> Policy:
    """The repository's policy at the base commit, else the organisation's, else the defaults. Raises ConfigError."""
    rules = [rule.id for rule in RULES]
    for path in CONFIGURATION_PATHS:
        raw = await hub.file(path, base_sha)
        if raw is not None:
            return config.read(raw, source=path, rules=rules)
    for path in _ORGANISATION_PATHS:
        raw = await hub.organisation_file(path)
        if raw is not None:
            return config.read(raw, source=f"{path} of the organisation's .github repository", rules=rules)
    return Policy()


def disclosure_of(policy: Policy, private: bool) -> Disclosure:
    """Exact sizes only where outsiders cannot read them, unless the operator says otherwise."""
    return Disclosure.of(policy, trusted=private)


async def _looked_at(
    line: Line, pull: PullRequest, changed: Sequence[ChangedFile]
) -> tuple[CheckOutput, Analysis | None, Disclosure]:
    """The check run's conclusion, whatever happens to the parts; the analysis where there is one."""
    policy = Policy()
    try:
        policy = await configuration(line.hub, pull.base_sha)
        if not policy.enabled:
            return check_run.disabled(policy.source), None, Disclosure.NONE
        analysis = await _analysed(line, pull, policy, changed)
    except config.ConfigError as wrong:
        where = CONFIGURATION_PATHS[0]
        inside = any(file.path == where for file in changed)
        output = check_run.configuration_error(where, wrong.line, str(wrong), in_pull_request=inside)
        return output, None, Disclosure.NONE
    except OutOfLimits as stopped:
        return check_run.trouble(str(stopped), policy), None, Disclosure.NONE
    except NotPostgres as other:
        return check_run.not_postgresql(str(other)), None, Disclosure.NONE
    if analysis is None:
        return check_run.no_migrations(), None, Disclosure.NONE
    disclosure = disclosure_of(policy, pull.private)
    return check_run.check_output(analysis, disclosure, analysis.undone), analysis, disclosure


async def _analysed(line: Line, pull: PullRequest, policy: Policy, changed: Sequence[ChangedFile]) -> Analysis | None:
    candidates = [file for file in changed if is_candidate(file, policy)]
    if not candidates:
        return None
    files, missing = await fetched(line.hub, candidates)
    for _ in range(_TRIES):
        try:
            return await _judged(line, pull, policy, files, missing)
        except OutOfLimits as stopped:
            if not files:
                raise
            # One file that is too much must not hide what the others do.
            largest = max(files, key=lambda file: len(file.text))
            files = [file for file in files if file is not largest]
            missing = [*missing, Missing.of(largest.path, largest.text, str(stopped))]
    missing += (Missing.of(file.path, file.text, "the files before it took too long") for file in files)
    return await _judged(line, pull, policy, [], missing)


async def _judged(
    line: Line, pull: PullRequest, policy: Policy, files: Sequence[SourceFile], missing: Sequence[Missing]
) -> Analysis | None:
    """What is known of these files; a migration among those that are missing keeps the verdict open."""
    sorted_files = await line.confine(sort, Changed(tuple(files), policy))
    left_out = await line.confine(sort, Changed(tuple(one.file for one in missing), policy))
    not_read = tuple(one.said for one in missing if one.file.path in left_out.paths)
    unknown = tuple(one.said for one in missing if not one.file.text and one.file.path not in left_out.paths)
    if not sorted_files.paths and not not_read and not unknown:
        return None
    base, head, more_notes = await wanted(line.hub, pull, sorted_files)
    served = line.replica.configured(pull.repository, pull.owner, pull.private, sorted_files.paths)
    other = other_database(sorted_files.paths, base) if not served else None
    if other is not None:
        raise NotPostgres(other)
    run = await line.confine(read_run, Complete(tuple(files), base, head, policy))
    models, models_notes = await files_at(line.hub, pull.merge_base_sha, await line.confine(wants_evidence, run))
    groups = await _groups(line.replica, pull, run)
    allowed, acknowledged = await _accepted(line.state, pull, run)
    return await line.confine(
        judge,
        Case(
            run=run,
            groups=groups,
            policy=policy,
            allowed=allowed,
            acknowledged=acknowledged,
            dangers_allowed_in_file=await _may_write(line.hub, pull.author),
            base=models,
            undone=(*not_read, *unknown, *more_notes, *models_notes),
            not_read=not_read,
        ),
    )


async def _groups(replica: Replica, pull: PullRequest, run: Run) -> tuple[Group, ...]:
    """The files by the database that serves them, each with its catalog or the reason why there is none."""
    by_database: dict[str | None, list[str]] = {}
    for migration in run.migrations:
        databases = replica.configured(pull.repository, pull.owner, pull.private, [migration.path])
        by_database.setdefault(databases[0] if databases else None, []).append(migration.path)
    groups = []
    for database, paths in by_database.items():
        group = Group(frozenset(paths))
        if database is not None:
            relations, functions = names_in(run)
            try:
                group = replace(group, catalog=await replica.snapshot(database, relations, functions))
            except ReplicaError as trouble:
                group = replace(group, trouble=str(trouble))
        groups.append(group)
    return tuple(groups)


async def _accepted(
    state: State, pull: PullRequest, run: Run
) -> tuple[Mapping[str, Allowed], tuple[Acknowledgement, ...]]:
    """What people allowed and acknowledged, as far as it still concerns these very statements."""
    standing = await state.acknowledgements(pull.repository_id, pull.number)
    now = run_fingerprint(run)
    allowed = {one.fingerprint: Allowed(one.by, one.reason) for one in standing if one.kind == "allow"}
    acknowledged = tuple(one for one in standing if one.kind == "acknowledge" and one.fingerprint == now)
    return allowed, acknowledged


async def _may_write(hub: Hub, login: str) -> bool:
    return bool(login) and await hub.permission(login) in _WRITERS


async def _told(
    line: Line,
    pull: PullRequest,
    changed: Sequence[ChangedFile],
    analysis: Analysis | None,
    disclosure: Disclosure,
    output: CheckOutput,
) -> CheckOutput:
    """Publishes the review; where GitHub refuses it for good, the check says so and keeps its conclusion."""
    try:
        await _publish(line, pull, changed, analysis, disclosure)
    except HubError as refused:
        if refused.retry_after is not None:
            raise
        reason = f"The review could not be posted: {code(str(refused))}"
        return replace(output, summary=f"{reason}\n\n{output.summary}")
    return output


async def _publish(
    line: Line,
    pull: PullRequest,
    changed: Sequence[ChangedFile],
    analysis: Analysis | None,
    disclosure: Disclosure,
) -> None:
    """Takes back what no longer holds, then posts what is new. Without an analysis everything is taken back."""
    posted = await line.hub.posted_comments(pull.number)
    findings = analysis.findings if analysis is not None else ()
    holding = {finding.fingerprint for finding in findings if finding.allowed is None}
    for comment in posted:
        if holding.isdisjoint(fingerprints_in(comment.body)):
            await _taken_back(line.hub, comment, pull.head_sha)
    if analysis is None:
        return
    already = {one for comment in posted for one in fingerprints_in(comment.body)} & holding
    explanations = {rule.id: rule.explanation for rule in RULES}
    new = review(analysis, already, disclosure, _commentable(changed), explanations)
    if new is not None:
        await line.hub.post_review(pull, new)


async def _taken_back(hub: Hub, comment: PostedComment, head_sha: str) -> None:
    """Deleted, or marked where somebody answered: a thread with an answer is not ours to delete."""
    if not comment.has_replies:
        await hub.delete_comment(comment)
    elif not comment.body.rstrip().endswith(NO_LONGER):
        await hub.edit_comment(comment, f"No longer reported at {head_sha[:7]}.\n\n{NO_LONGER}")


def _commentable(changed: Sequence[ChangedFile]) -> Commentable:
    """The lines that the diff shows of each file."""
    return {
        file.path: tuple(Lines(hunk.first, hunk.last) for hunk in hunks(file.patch))
        for file in changed
        if file.patch is not None
    }


def _external_id(pull: PullRequest) -> str:
    return Checked(pull.repository_id, pull.head_sha, number=pull.number).external_id
