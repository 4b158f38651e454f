"""Fetches files from GitHub, within limits: the changed migrations, and what their frameworks want."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from bot.core.globs import matches
from bot.core.judging.framework import Side, SourceFile, Want
from bot.core.judging.policy import Policy
from bot.report.words import code
from bot.review.deploy import might_be_migration
from bot.review.errors import HubError, TooLarge
from bot.review.hub import ChangedFile, Hub
from bot.review.together import WIDTH, ask_each, at_once

_FILE_BYTES = 8 * 1024 * 1024
_TOTAL_BYTES = 48 * 1024 * 1024
_SMALL_BYTES = 4 * 1024 * 1024
"""While the files are no more than this they are fetched several at once, then one by one: memory is limited."""
_WANTED_FILES = 400
_BEGINNING = 4_000
"""Characters that are enough to see whether an unread file is a migration."""


def is_candidate(file: ChangedFile, policy: Policy) -> bool:
    """Whether a changed file may be a migration, judging by its path and the repository's globs."""
    if file.status in ("removed", "unchanged") or file.sha is None:
        return False
    return may_be_migration(file.path, policy)


def may_be_migration(path: str, policy: Policy) -> bool:
    """Whether a file may be one, judging by its path and the repository's globs."""
    if policy.migrations:
        return any(matches(pattern, path) for pattern in policy.migrations)
    return might_be_migration(path)


@dataclass(frozen=True, slots=True)
class Missing:
    """A changed file that was not read, with the reason and, if known, its beginning."""

    file: SourceFile
    reason: str

    @property
    def note(self) -> str:
        return f"{code(self.file.path)} was not read: {self.reason}"

    @classmethod
    def of(cls, path: str, text: str, reason: str) -> "Missing":
        return cls(SourceFile(path, text[:_BEGINNING]), reason)


async def fetch_texts(hub: Hub, candidates: Sequence[ChangedFile]) -> tuple[list[SourceFile], list[Missing]]:
    """The texts at the head, several at once and up to a limit of bytes, and the files that were left out."""
    files: list[SourceFile] = []
    missing: list[Missing] = []
    total = 0
    waiting = list(candidates)
    while waiting and total <= _TOTAL_BYTES:
        width = WIDTH if total <= _SMALL_BYTES else 1
        batch, waiting = waiting[:width], waiting[width:]
        for candidate, raw in zip(batch, await ask_each(partial(_fetch_text, hub), batch), strict=True):
            text = (raw or b"").decode("utf-8", "surrogateescape")
            if raw is None or len(raw) > _FILE_BYTES:
                missing.append(Missing.of(candidate.path, text, f"it is larger than {_FILE_BYTES >> 20} MB"))
                continue
            total += len(raw)
            files.append(SourceFile(candidate.path, text))
    reason = f"the pull request's migrations exceed {_TOTAL_BYTES >> 20} MB"
    return files, [*missing, *(Missing.of(candidate.path, "", reason) for candidate in waiting)]


async def fetch_readable_texts(hub: Hub, candidates: Sequence[ChangedFile]) -> tuple[list[SourceFile], list[Missing]]:
    """The texts of those files that GitHub shows, and the others with its answer."""
    files: list[SourceFile] = []
    missing: list[Missing] = []
    for candidate in candidates:
        try:
            one, left_out = await fetch_texts(hub, [candidate])
        except HubError as trouble:
            missing.append(Missing.of(candidate.path, "", str(trouble)))
        else:
            files += one
            missing += left_out
    return files, missing


async def _fetch_text(hub: Hub, candidate: ChangedFile) -> bytes | None:
    """The file's bytes, None if they are too many."""
    assert candidate.sha is not None
    try:
        return await hub.blob(candidate.sha)
    except TooLarge:
        return None


@dataclass(frozen=True, slots=True)
class WantedFiles:
    """Path -> text at the merge base and at the head, and notes on what was left out."""

    base: Mapping[str, str]
    head: Mapping[str, str]
    notes: Sequence[str]


async def fetch_wanted(hub: Hub, merge_base_sha: str, head_sha: str, wants: Sequence[Want]) -> WantedFiles:
    """The files that the frameworks want besides the changed ones."""
    async with at_once() as asking:
        before = asking.create_task(fetch_files_at(hub, merge_base_sha, _on(Side.BASE, wants)))
        after = asking.create_task(fetch_files_at(hub, head_sha, _on(Side.HEAD, wants)))
    (base, base_notes), (head, head_notes) = before.result(), after.result()
    return WantedFiles(base, head, (*base_notes, *head_notes))


async def fetch_files_at(hub: Hub, sha: str, wants: Sequence[Want]) -> tuple[dict[str, str], list[str]]:
    """The wanted files of a commit, up to a limit, and notes on what was left out."""
    if not wants:
        return {}, []
    patterns = {want.pattern for want in wants}
    globs = [pattern for pattern in patterns if any(character in pattern for character in "*?{")]
    entries = [
        entry
        for entry in await hub.tree(sha)
        if entry.size <= _FILE_BYTES and (entry.path in patterns or any(matches(glob, entry.path) for glob in globs))
    ]
    notes = []
    if len(entries) > _WANTED_FILES:
        notes.append(f"only {_WANTED_FILES} of {len(entries)} related files were read")
    texts: dict[str, str] = {}
    waiting = entries[:_WANTED_FILES]
    while waiting:
        batch, waiting = waiting[:WIDTH], waiting[WIDTH:]
        for entry, raw in zip(batch, await ask_each(hub.blob, [entry.sha for entry in batch]), strict=True):
            texts[entry.path] = raw.decode("utf-8", "surrogateescape")
    return texts, notes


def _on(side: Side, wants: Sequence[Want]) -> list[Want]:
    return [want for want in wants if want.side is side]
