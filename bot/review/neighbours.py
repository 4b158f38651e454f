"""What lies beside a proposal: the base branch's migrations, and what other open pull requests bring.

Versions on the base branch come from its tree, of which only what must be read is fetched. What a pull request brings
is kept in the state when it is judged, so that the others need no call for it; when it changes what they meet, they
are judged again.
"""

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.core.judging.analysis import Analysis
from bot.core.judging.beside import NOTHING_BROUGHT, Brought
from bot.core.judging.meeting import meetings, outdates
from bot.core.judging.policy import Policy
from bot.core.language.migrations import Run
from bot.core.record import replace as renewed
from bot.review.brought import KeptBrought
from bot.review.clashes import MOST_TEXTS, Around, folders_of, is_beside, looks_like, texts_needed
from bot.review.errors import TooLarge
from bot.review.fetching import may_be_migration
from bot.review.hub import ChangedFile, Hub, PullRequest, TreeEntry
from bot.review.job import Job, JobKind
from bot.review.ordering import option_files, register_files
from bot.review.ports import Context
from bot.review.together import WIDTH, ask_each

_MOST_REMOVED = 20
_SCRIPT = re.compile(r"(?:\A|/)scripts/[^/]*\.sql\Z")
_MOST_PATHS = 5_000
_LARGEST = 1024 * 1024
"""Bytes; a larger old migration is not compared."""
_MOST_AGAIN = 50
"""Pull requests that are judged again because of one; the others at their next push, or in the merge queue."""
_STACK = 10
_CHANGED = ("modified", "renamed", "changed")


@dataclass(frozen=True, slots=True)
class Aim:
    """What is judged: a pull request's head, or a merge group (`group`: then `number` is that of its last one)."""

    repository_id: int
    base_sha: str
    merge_base_sha: str
    base_ref: str
    number: int | None = None
    group: bool = False


def removed_migrations(changed: Iterable[ChangedFile], policy: Policy) -> list[str]:
    """The files that are deleted and may have been migrations, judging by their paths."""
    gone = [file.path for file in changed if file.status == "removed" and may_be_migration(file.path, policy)]
    return gone[:_MOST_REMOVED]


async def fetch_around(
    context: Context, target: Aim, policy: Policy, changed: Sequence[ChangedFile], run: Run
) -> Around:
    """Everything that the run is compared with. Raises HubError."""
    kept = await context.brought.all_brought(target.repository_id)
    before = {entry.path: entry for entry in await context.hub.tree(target.merge_base_sha)}
    base = before
    if target.base_sha != target.merge_base_sha:
        base = {entry.path: entry for entry in await context.hub.tree(target.base_sha)}
    unmerged = _below(target, kept)
    own = {migration.path for migration in run.migrations}
    old_paths = {
        file.path: file.previous or file.path
        for file in changed
        if file.status in _CHANGED and file.path in own and (file.previous or file.path) not in unmerged
    }
    removed = [path for path in removed_migrations(changed, policy) if path not in unmerged]
    folders = folders_of(own)
    base_paths = [path for path in base if is_beside(path, folders)][:_MOST_PATHS]
    needed, whole = texts_needed(run, base_paths, before)
    changed_before = [before[path] for path in (*old_paths.values(), *removed) if path in before]
    options = option_files(run, base_paths, old_paths, base)
    registers = [path for path in register_files(run) if path in base]
    more = [base[path] for path in (*needed, *options, *registers)]
    texts = await _fetch_texts(context.hub, [*more, *changed_before[:MOST_TEXTS]])
    return Around(
        number=None if target.group else target.number,
        base_paths=tuple(base_paths),
        base_texts=texts,
        scripts=tuple(path for path in base if _SCRIPT.search(path))[:_MOST_PATHS],
        whole=whole and all(path in texts for path in needed),
        old_paths=old_paths,
        removed=tuple(removed),
        others=_of_group(target, kept, own, base) if target.group else _of_pull(target, kept),
        owners=_owners(kept, own) if target.group else {},
        doubtful=looks_like({path.rpartition("/")[2] for path in base}),
        options={path: texts[path] for path in options if path in texts},
        registers=await _fetch_registers(context.hub, run, changed, texts),
    )


async def _fetch_registers(
    hub: Hub, run: Run, changed: Sequence[ChangedFile], base_texts: Mapping[str, str]
) -> dict[str, str]:
    """The tools' registers of migrations as they are with the change."""
    wanted = register_files(run)
    new = [TreeEntry(file.path, file.sha, 0) for file in changed if file.path in wanted and file.sha is not None]
    return {path: base_texts[path] for path in wanted if path in base_texts} | await _fetch_texts(hub, new)


async def remember_brought(context: Context, job: Job, pull: PullRequest, analysis: Analysis | None) -> None:
    """Keeps what the pull request brings, and has those judged again that meet something else in it now.

    So is this one, if another was judged at the same time and kept what it brings meanwhile.
    """
    brings = analysis.brought if analysis is not None else None
    before = await context.brought.brought_by(pull.repository.id, pull.number)
    if brings is None and before is None:
        return
    brings = renewed(brings or NOTHING_BROUGHT, number=pull.number)
    now = KeptBrought(pull.number, pull.base_ref, pull.head_ref, pull.head_sha, brings)
    if now != before:
        await context.brought.keep_brought(pull.repository.id, now)
    kept = await context.brought.all_brought(pull.repository.id)
    await _judge_again(context, job, kept, before, now)
    if analysis is not None:
        target = Aim(pull.repository.id, pull.base_sha, pull.merge_base_sha, pull.base_ref, pull.number)
        if await asyncio.to_thread(met_by_pull, target, brings, kept) != analysis.met:
            await context.store(_again(job, now))


async def forget_brought(context: Context, job: Job, pull: PullRequest) -> None:
    """What a closed pull request brought is gone, or, if it was merged, a part of the base branch."""
    before = await context.brought.brought_by(pull.repository.id, pull.number)
    if before is None or before.brought.merged:
        return
    now = replace(before, brought=renewed(before.brought, merged=True)) if pull.merged else None
    if now is not None:
        await context.brought.keep_brought(pull.repository.id, now)
    else:
        await context.brought.forget_brought(pull.repository.id, pull.number)
    await _judge_again(context, job, await context.brought.all_brought(pull.repository.id), before, now)


async def _judge_again(
    context: Context, job: Job, kept: Sequence[KeptBrought], before: KeptBrought | None, now: KeptBrought | None
) -> None:
    """Stores a job for each open pull request that meets something else in this one than before, newest first."""
    # Many large pull requests are a second's work, and the event loop has deliveries to answer.
    for other in await asyncio.to_thread(affected, kept, before, now):
        await context.store(_again(job, other))


def affected(kept: Sequence[KeptBrought], before: KeptBrought | None, now: KeptBrought | None) -> list[KeptBrought]:
    """The open pull requests that meet something else in this one than before, newest first."""
    this = now or before
    others = [one for one in kept if this is not None and one.number != this.number and not one.brought.merged]
    changed = [one for one in others if _met(one, before, kept) != _met(one, now, kept)]
    return sorted(changed, key=lambda one: -one.number)[:_MOST_AGAIN]


def met_by_pull(target: Aim, brings: Brought, kept: Sequence[KeptBrought]) -> frozenset[str]:
    """What the pull request meets in the others, in words that stay the same while nothing changes."""
    return frozenset(found for other in _of_pull(target, kept) for found in meetings(brings, other))


def _again(job: Job, other: KeptBrought) -> Job:
    """The job that judges it again.

    Its name is that of the delivery which this began with, so that no pull request is judged twice because of one.
    """
    delivery = f"{job.delivery.removesuffix('-clash')}-clash"
    again = replace(job, kind=JobKind.RERUN, number=other.number, head_sha=other.head_sha, delivery=delivery)
    return replace(again, base_sha=None, comment=None, comment_kind=None, extra={})


def _met(other: KeptBrought, this: KeptBrought | None, kept: Sequence[KeptBrought]) -> frozenset[str]:
    if this is None or _root(other, kept) != _root(this, kept) or _are_stacked(other, this, kept):
        return frozenset()
    found = meetings(other.brought, this.brought)
    return found | outdates(other.brought, this.brought) if this.brought.merged else found


def _of_pull(target: Aim, kept: Sequence[KeptBrought]) -> tuple[Brought, ...]:
    """Those that may be merged into the same branch; a stack's own pull requests are its base, or build on it."""
    own = next((one for one in kept if one.number == target.number), None)
    this = own or KeptBrought(target.number or 0, target.base_ref, "", "", NOTHING_BROUGHT)
    this = replace(this, base_ref=target.base_ref)
    root = _root(this, kept)
    return tuple(
        one.brought
        for one in kept
        if one.number != target.number and _root(one, kept) == root and not _are_stacked(one, this, kept)
    )


def _of_group(
    target: Aim, kept: Sequence[KeptBrought], own: set[str], base: Mapping[str, TreeEntry]
) -> tuple[Brought, ...]:
    """Those that are merged, those ahead in the queue, and of those in the group itself the order of their locks."""
    found: list[Brought] = []
    for one in kept:
        brought = one.brought
        if brought.merged:
            if target.base_ref in ("", one.base_ref):
                found.append(brought)
        elif brought.added and all(path in base for path in brought.added):
            found.append(renewed(brought, queued=True))
        elif not own.isdisjoint(brought.paths):
            found.append(Brought(brought.number, queued=True, transactions=brought.transactions))
    return tuple(found)


def _owners(kept: Sequence[KeptBrought], own: set[str]) -> dict[str, int]:
    return {path: one.number for one in kept if not one.brought.merged for path in one.brought.paths & own}


def _below(target: Aim, kept: Sequence[KeptBrought]) -> frozenset[str]:
    """The files of the pull requests that this one is stacked on: nothing of them has run anywhere."""
    this = KeptBrought(target.number or 0, target.base_ref, "", "", NOTHING_BROUGHT)
    return frozenset(path for one in _chain(this, kept) for path in one.brought.added)


def _chain(this: KeptBrought, kept: Sequence[KeptBrought]) -> list[KeptBrought]:
    """The open pull requests that it is stacked on, nearest first."""
    found: list[KeptBrought] = []
    base = this.base_ref
    for _ in range(_STACK):
        below = next((one for one in kept if one.head_ref == base and one.head_ref and not one.brought.merged), None)
        if below is None or below in found or below.number == this.number:
            break
        found.append(below)
        base = below.base_ref
    return found


def _root(this: KeptBrought, kept: Sequence[KeptBrought]) -> str:
    """The branch that it is merged into in the end."""
    chain = _chain(this, kept)
    return chain[-1].base_ref if chain else this.base_ref


def _are_stacked(one: KeptBrought, other: KeptBrought, kept: Sequence[KeptBrought]) -> bool:
    below, above = _chain(one, kept), _chain(other, kept)
    return any(found.number == other.number for found in below) or any(found.number == one.number for found in above)


async def _fetch_texts(hub: Hub, entries: Sequence[TreeEntry]) -> dict[str, str]:
    small = list({entry.path: entry for entry in entries if entry.size <= _LARGEST}.values())
    texts: dict[str, str] = {}
    while small:
        batch, small = small[:WIDTH], small[WIDTH:]

        async def one(entry: TreeEntry) -> bytes | None:
            try:
                return await hub.blob(entry.sha)
            except TooLarge:
                return None

        for entry, raw in zip(batch, await ask_each(one, batch), strict=True):
            if raw is not None:
                texts[entry.path] = raw.decode("utf-8", "surrogateescape")
    return texts
