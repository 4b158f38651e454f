"""Files of a repository: changed files in any number, trees of any size, blobs by SHA."""

import base64
import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from bot.github.client import RAW, Reply
from bot.github.errors import Gone, TooLarge, Transient
from bot.github.read import Json, dig, items, text
from bot.github.repository_api import RepositoryApi
from bot.review.hub import ChangedFile, PullRequest, TreeEntry

FILES_LISTED = 3000
"""The most files of a pull request that GitHub lists."""
COMPARED = 300
"""The most files that a comparison lists."""
BLOB_LIMIT = 10 * 1024 * 1024
"""The most bytes of one file; no migration is larger, and a job's memory is limited."""
TREES = 500
"""The most requests for one tree that GitHub truncates."""
_SUBMODULE = re.compile(r"\A@@ [^\n]*\n(?:-[^\n]*\n)?\+Subproject commit [0-9a-f]{40,64}\Z")
_FILES = ("100644", "100755", "100664")
_LINK = "120000"


async def changed_files(api: RepositoryApi, pull: PullRequest, compared: Json | None = None) -> Sequence[ChangedFile]:
    """The changed files from GitHub's list; if that is not complete, from the two trees, without patches and renames.

    A submodule has no blob, so no `sha`. `compared` is GitHub's comparison of the base with the head, if that is known:
    it has the same list, up to 300 files, and may leave out patches that the pull request's own list still has.
    """
    listed = dig(compared, "files")
    if isinstance(listed, list) and len(listed) == pull.changed_files < COMPARED and all(map(_is_whole, listed)):
        return [_changed(each) for each in listed]
    if pull.changed_files <= FILES_LISTED:
        listed = await api.client.pages(api.path(f"pulls/{pull.number}/files"))
        if len(listed) < FILES_LISTED or pull.changed_files == FILES_LISTED:
            return [_changed(each) for each in listed]
    return await difference(api, pull.merge_base_sha, pull.head_sha)


async def ref_head(api: RepositoryApi, ref: str) -> str | None:
    """The commit of a ref such as `refs/heads/main`; None if there is no such ref."""
    try:
        found = await api.client.get(api.path(f"git/ref/{quote(ref.removeprefix('refs/'))}"))
    except Gone:
        return None
    return text(found, "object", "sha")


async def refs(api: RepositoryApi, prefix: str) -> Sequence[tuple[str, str]]:
    """The refs whose names begin with `prefix`, such as `refs/heads/`, and their commits."""
    found = await api.client.pages(api.path(f"git/matching-refs/{quote(prefix.removeprefix('refs/'))}"))
    return [(text(each, "ref"), text(each, "object", "sha")) for each in found]


async def compare(api: RepositoryApi, base_sha: str, head_sha: str) -> Sequence[ChangedFile]:
    """What the head changes since it left the base."""
    found = await comparison(api, base_sha, head_sha)
    listed = items(found, "files")
    if len(listed) < COMPARED:
        return [_changed(each) for each in listed]
    return await difference(api, text(found, "merge_base_commit", "sha"), head_sha)


async def comparison(api: RepositoryApi, base: str, head_sha: str) -> Json:
    """GitHub's comparison of a commit or branch with a commit."""
    path = api.path(f"compare/{quote(base, safe='')}...{head_sha}")
    found: Json = await api.client.get(path, {"per_page": "1"})
    return found


async def difference(api: RepositoryApi, base_sha: str, head_sha: str) -> Sequence[ChangedFile]:
    """Files that differ between two commits' trees."""
    before = {entry.path: entry.sha for entry in await tree(api, base_sha) if not entry.link}
    after = {entry.path: entry.sha for entry in await tree(api, head_sha) if not entry.link}
    changed = [
        ChangedFile(path, "modified" if path in before else "added", sha)
        for path, sha in after.items()
        if before.get(path) != sha
    ]
    removed = [ChangedFile(path, "removed", sha) for path, sha in before.items() if path not in after]
    return sorted([*changed, *removed], key=lambda file: file.path)


async def tree(api: RepositoryApi, sha: str) -> Sequence[TreeEntry]:
    """Every file and link below a commit or tree; a tree that GitHub truncates is read folder by folder."""
    found: list[TreeEntry] = []
    waiting = [("", sha)]
    for _ in range(TREES):
        if not waiting:
            return sorted(found, key=lambda entry: entry.path)
        prefix, name = waiting.pop()
        listed, whole = await _list_tree(api, name)
        found += _entries(listed, prefix)
        if not whole:
            waiting += [(f"{prefix}{text(each, 'path')}/", text(each, "sha")) for each in _folders(listed)]
    raise TooLarge(f"The tree of {sha} takes more than {TREES} requests to read")


async def blob(api: RepositoryApi, sha: str) -> bytes:
    """A file's content by its blob's SHA; raises TooLarge above BLOB_LIMIT."""
    reply = await api.client.read(api.path(f"git/blobs/{quote(sha, safe='')}"), accept=RAW, limit=BLOB_LIMIT)
    content = _content(reply)
    if content is None:
        raise Transient(f"GitHub's answer for blob {sha} has no content")
    return content


async def file(api: RepositoryApi, path: str, ref: str | None) -> bytes | None:
    """A file at a commit (without `ref` on the default branch); None if there is no such file.

    Raises Gone if there is no such commit.
    """
    address = api.path(f"contents/{quote(path)}")
    try:
        reply = await api.client.read(address, {"ref": ref} if ref else None, accept=RAW, limit=BLOB_LIMIT)
    except Gone as gone:
        if "no commit found" in str(gone).lower():
            raise
        return None
    return _content(reply)


def _content(reply: Reply) -> bytes | None:
    """The file's content, also if it is wrapped in JSON; None for a folder."""
    if not reply.media.startswith("application/json"):
        return reply.body
    try:
        found = json.loads(reply.body)
        content = dig(found, "content")
        match dig(found, "encoding"):
            case "base64" if isinstance(content, str):
                return base64.b64decode(content)
            case "utf-8" if isinstance(content, str):
                return content.encode()
            case _:
                return None
    except ValueError:
        raise Transient("GitHub's answer is neither a file nor JSON") from None


def _is_whole(found: Any) -> bool:
    """Whether a listed file has its patch, or has none to show: it is binary, or only moved."""
    return isinstance(found, dict) and (isinstance(found.get("patch"), str) or found.get("changes") == 0)


def _changed(found: Json) -> ChangedFile:
    patch, sha, previous = dig(found, "patch"), dig(found, "sha"), dig(found, "previous_filename")
    is_blob = isinstance(sha, str) and not (isinstance(patch, str) and _SUBMODULE.search(patch))
    return ChangedFile(
        text(found, "filename"),
        text(found, "status"),
        sha if is_blob else None,
        patch if isinstance(patch, str) else None,
        previous if isinstance(previous, str) else None,
    )


async def _list_tree(api: RepositoryApi, sha: str) -> tuple[Json, bool]:
    """A tree with everything below it (True), or only its own level if that is too much (False)."""
    path = api.path(f"git/trees/{quote(sha, safe='')}")
    found = await api.client.get(path, {"recursive": "1"})
    if not dig(found, "truncated"):
        return found, True
    level = await api.client.get(path)
    if dig(level, "truncated"):
        raise TooLarge(f"The folder {sha} has more files than GitHub lists")
    return level, False


def _entries(found: Json, prefix: str) -> list[TreeEntry]:
    return [
        TreeEntry(
            prefix + text(each, "path"),
            text(each, "sha"),
            int(dig(each, "size") or 0),
            link=dig(each, "mode") == _LINK,
        )
        for each in items(found, "tree")
        if dig(each, "type") == "blob" and dig(each, "mode") in (*_FILES, _LINK)
    ]


def _folders(found: Json) -> list[Json]:
    return [each for each in items(found, "tree") if dig(each, "type") == "tree"]
