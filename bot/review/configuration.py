"""Which configuration judges: the base branch's, the last one of it that could be read, or the defaults.

A pull request is never judged by what it proposes itself, nor by what another open pull request proposes: one that
stands on another's branch is judged by the default branch's configuration.
"""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.core.judging.policy import Policy
from bot.report import configuration as words
from bot.report.configuration import BrokenFile
from bot.report.shapes import CheckOutput
from bot.review import config, config_paths
from bot.review.config_kept import StoredConfiguration
from bot.review.errors import ConfigError, TooLarge
from bot.review.hub import ChangedFile, Hub, RepositoryInfo
from bot.review.ports import ConfigurationStore
from bot.review.together import ask_each
from bot.rules import RULES


@dataclass(frozen=True, slots=True)
class Configuration:
    """The policy that judges, and what the check says about its source, each a paragraph of Markdown."""

    policy: Policy
    notes: Sequence[str] = ()


async def fetch_configuration(
    hub: Hub, store: ConfigurationStore, repository: RepositoryInfo, base_ref: str, base_sha: str
) -> Configuration:
    """The configuration for a proposal to this branch. Raises HubError, never ConfigError."""
    if await _is_proposed_itself(hub, repository, base_ref):
        found = await _fetch_policy(hub, store, repository, repository.default_branch, repository.default_branch)
        note = words.from_default_branch(base_ref, repository.default_branch)
        return Configuration(found.policy, (note, *found.notes))
    return await _fetch_policy(hub, store, repository, base_ref, base_sha)


async def last_valid_policy(store: ConfigurationStore, repository_id: int, branch: str) -> Policy:
    """The branch's last policy that could be read, without asking GitHub; the defaults if none is known."""
    known = await store.last_valid(repository_id, branch)
    try:
        return _read(known.source, known.text.encode()) if known is not None and known.source else Policy()
    except ConfigError:
        return Policy()


async def say_configuration(
    hub: Hub,
    configuration: Configuration,
    repository: RepositoryInfo,
    changed: Sequence[ChangedFile],
    output: CheckOutput,
) -> CheckOutput:
    """The check with what it must say of the configuration, and failed if the proposal breaks it. Raises HubError."""
    paths = {*config_paths.PATHS, *(config_paths.ORGANISATION_PATHS if _is_shared(repository) else ())}
    touched = [file for file in changed if file.path in paths and file.status != "unchanged"]
    broken = [found for file in touched if (found := await _broken(hub, file)) is not None]
    notes = [
        words.changes_with_merge(file.path, removed=file.sha is None or file.status == "removed")
        for file in touched
        if file.path not in {one.path for one in broken}
    ]
    said = words.with_notes(output, (*configuration.notes, *notes))
    if not broken:
        return said
    return words.broken_by_proposal(said, broken, observed=configuration.policy.mode == "observe")


async def _is_proposed_itself(hub: Hub, repository: RepositoryInfo, base_ref: str) -> bool:
    """Whether the base branch is the head of an open pull request."""
    if not repository.default_branch or base_ref in ("", repository.default_branch):
        return False
    return await hub.is_open_head(base_ref)


async def _fetch_policy(
    hub: Hub, store: ConfigurationStore, repository: RepositoryInfo, branch: str, ref: str
) -> Configuration:
    found = await _fetch_file(hub, ref)
    if isinstance(found, BrokenFile):
        return await _without(store, repository, branch, found)
    try:
        policy = _read(*found) if found is not None else Policy()
    except ConfigError as wrong:
        assert found is not None
        return await _without(store, repository, branch, _as_broken(found[0], wrong))
    known = await store.last_valid(repository.id, branch)
    source, text = (found[0], found[1].decode("utf-8-sig")) if found is not None else ("", "")
    if (known is not None or found is not None) and (known is None or (known.source, known.text) != (source, text)):
        at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        await store.keep_valid(repository.id, branch, StoredConfiguration(source, text, ref, at))
    return Configuration(policy)


async def _without(
    store: ConfigurationStore, repository: RepositoryInfo, branch: str, broken: BrokenFile
) -> Configuration:
    """What judges instead of a broken file."""
    known = await store.last_valid(repository.id, branch)
    if known is not None and known.source:
        try:
            policy = _read(known.source, known.text.encode())
        except ConfigError:
            # A rule that it names is gone since, for instance.
            known = None
        else:
            note = words.broken_on_base(broken, words.last_valid(known.source, known.commit, known.at))
            return Configuration(policy, (note,))
    return Configuration(Policy(), (words.broken_on_base(broken, words.DEFAULTS),))


async def _fetch_file(hub: Hub, ref: str) -> tuple[str, bytes] | BrokenFile | None:
    """The file that counts, with its source in words: the repository's own, or the organisation's."""

    async def own(path: str) -> tuple[str, bytes] | BrokenFile | None:
        return await _fetched(path, hub.file(path, ref))

    async def shared(path: str) -> tuple[str, bytes] | BrokenFile | None:
        source = f"{path} of the organisation's .github repository"
        return await _fetched(source, hub.organisation_file(path))

    for fetch, paths in ((own, config_paths.PATHS), (shared, config_paths.ORGANISATION_PATHS)):
        for found in await ask_each(fetch, paths):
            if found is not None:
                return found
    return None


async def _fetched(source: str, fetching: Awaitable[bytes | None]) -> tuple[str, bytes] | BrokenFile | None:
    try:
        raw = await fetching
    except TooLarge:
        return BrokenFile(source, ((1, _TOO_LARGE),))
    return (source, raw) if raw is not None else None


async def _broken(hub: Hub, file: ChangedFile) -> BrokenFile | None:
    """What is wrong with a file that the proposal brings; None if it can be read, or is removed."""
    if file.sha is None or file.status == "removed":
        return None
    try:
        _read(file.path, await hub.blob(file.sha))
    except TooLarge:
        return BrokenFile(file.path, ((1, _TOO_LARGE),))
    except ConfigError as wrong:
        return _as_broken(file.path, wrong)
    return None


_TOO_LARGE = "the file is far too large for a configuration"


def _read(source: str, raw: bytes) -> Policy:
    return config.read(raw, source=source, rules=[rule.id for rule in RULES])


def _as_broken(path: str, wrong: ConfigError) -> BrokenFile:
    return BrokenFile(path, [(problem.line, problem.message) for problem in wrong.problems])


def _is_shared(repository: RepositoryInfo) -> bool:
    """Whether it is the organisation's `.github` repository, whose configuration counts in others."""
    return repository.full_name.endswith("/.github")
