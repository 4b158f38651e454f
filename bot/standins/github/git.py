"""A small git: blobs, trees and commits with git's own SHAs, merge bases, and diffs as git prints them."""

import difflib
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

PATCH_LINES = 2000
"""Changed lines above which GitHub leaves a file's patch out (2,081 were measured without one)."""
FILE_MODE = "100644"
LINK_MODE = "120000"
SUBMODULE_MODE = "160000"
CONTEXT = 3


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link, as the value of a file."""

    target: str


@dataclass(frozen=True, slots=True)
class Submodule:
    """A commit of another repository, as the value of a file."""

    sha: str


Content = str | bytes | Link | Submodule
Snapshot = Mapping[str, tuple[str, str]]
"""path -> (mode, sha), every blob of a commit."""


@dataclass(frozen=True, slots=True)
class Commit:
    sha: str
    tree: str
    parents: tuple[str, ...]
    message: str
    author: str
    at: str
    login: str | None = None
    """The account that GitHub finds for the author, and `committer` that for the committer; None: a typed name."""
    committer: str | None = None


@dataclass(frozen=True, slots=True)
class Hunk:
    """Line numbers are 1-based; `lines` keep their first character: blank, plus or minus."""

    old_start: int
    new_start: int
    lines: tuple[str, ...]

    @property
    def right(self) -> range:
        """Lines of the new file that the hunk shows, context included."""
        return range(self.new_start, self.new_start + sum(line[0] in " +" for line in self.lines))

    @property
    def left(self) -> range:
        return range(self.old_start, self.old_start + sum(line[0] in " -" for line in self.lines))


@dataclass(frozen=True, slots=True)
class FileDiff:
    """One file of a comparison; `hunks` are known even if `patch` is left out, as on GitHub itself."""

    path: str
    status: str
    sha: str
    previous: str | None = None
    additions: int = 0
    deletions: int = 0
    hunks: tuple[Hunk, ...] = ()
    patch: str | None = None


@dataclass(slots=True)
class Objects:
    """All objects of the stand-in; forks share the store, as on GitHub."""

    blobs: dict[str, bytes] = field(default_factory=dict)
    trees: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)

    def blob(self, content: bytes) -> str:
        sha = _name("blob", content)
        self.blobs[sha] = content
        return sha

    def entry(self, content: Content) -> tuple[str, str]:
        """The mode and SHA of the content in a tree."""
        match content:
            case Link(target):
                return LINK_MODE, self.blob(target.encode())
            case Submodule(sha):
                return SUBMODULE_MODE, sha
            case bytes():
                return FILE_MODE, self.blob(content)
            case str():
                return FILE_MODE, self.blob(content.encode())

    def commit(
        self,
        files: Snapshot,
        parents: Sequence[str],
        message: str,
        author: str,
        at: str,
        *,
        login: str | None = None,
        committer: str | None = None,
    ) -> str:
        tree = self.tree(files)
        lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents), f"author {author} {at}", "", message]
        sha = _name("commit", "\n".join(lines).encode())
        self.commits[sha] = Commit(sha, tree, tuple(parents), message, author, at, login, committer)
        return sha

    def tree(self, files: Snapshot) -> str:
        """Stores the tree of these paths and all trees below it; returns its SHA."""
        here: dict[str, tuple[str, str]] = {}
        below: dict[str, dict[str, tuple[str, str]]] = {}
        for path, entry in files.items():
            first, slash, rest = path.partition("/")
            if slash:
                below.setdefault(first, {})[rest] = entry
            else:
                here[first] = entry
        for name, inner in below.items():
            here[name] = ("040000", self.tree(inner))
        ordered = dict(sorted(here.items(), key=lambda item: item[0] + ("/" if item[1][0] == "040000" else "")))
        content = b"".join(
            f"{mode.lstrip('0')} {name}\0".encode() + bytes.fromhex(sha) for name, (mode, sha) in ordered.items()
        )
        sha = _name("tree", content)
        self.trees[sha] = ordered
        return sha

    def files(self, commit: str) -> dict[str, tuple[str, str]]:
        return dict(self.walk(self.commits[commit].tree))

    def walk(self, tree: str, prefix: str = "") -> Iterator[tuple[str, tuple[str, str]]]:
        for name, (mode, sha) in self.trees[tree].items():
            if mode == "040000":
                yield from self.walk(sha, f"{prefix}{name}/")
            else:
                yield prefix + name, (mode, sha)

    def ancestors(self, commit: str) -> dict[str, int]:
        """The commit and all before it, with their distance."""
        distance = {commit: 0}
        queue = [commit]
        for current in queue:
            for parent in self.commits[current].parents:
                if parent not in distance:
                    distance[parent] = distance[current] + 1
                    queue.append(parent)
        return distance

    def touching(self, path: str, commit: str) -> list[str]:
        """The commits up to this one that changed the file or folder, newest first; merges that changed nothing not."""
        found = [sha for sha in self.ancestors(commit) if self._touches(path, sha)]
        return sorted(found, key=lambda sha: int(self.commits[sha].at.rpartition(" ")[2] or 0), reverse=True)

    def _touches(self, path: str, commit: str) -> bool:
        now = self._below(path, commit)
        parents = [self._below(path, parent) for parent in self.commits[commit].parents]
        return all(now != before for before in parents) if parents else bool(now)

    def _below(self, path: str, commit: str) -> dict[str, tuple[str, str]]:
        files = self.files(commit).items()
        return {name: entry for name, entry in files if name == path or name.startswith(f"{path}/") or not path}

    def merge_base(self, old: str, new: str) -> str | None:
        shared = self.ancestors(old).keys() & self.ancestors(new).keys()
        distance = self.ancestors(new)
        return min(shared, key=lambda sha: (distance[sha], sha), default=None)

    def diff(self, old: str | None, new: str) -> list[FileDiff]:
        """Changed files between two commits, in path order, renames found by content."""
        before = self.files(old) if old else {}
        after = self.files(new)
        added = {path: entry for path, entry in after.items() if path not in before}
        removed = {path: entry for path, entry in before.items() if path not in after}
        renames = self._renames(removed, added)
        changes = [
            self._change(path, before.get(path), entry, "added" if path not in before else "modified")
            for path, entry in after.items()
            if before.get(path) != entry and path not in renames
        ]
        changes += [self._change(path, removed[old], added[path], "renamed", old) for path, old in renames.items()]
        gone = [path for path in removed if path not in renames.values()]
        changes += [self._change(path, removed[path], None, "removed") for path in gone]
        return sorted(changes, key=lambda change: change.path)

    def _renames(self, removed: Snapshot, added: Snapshot) -> dict[str, str]:
        found: dict[str, str] = {}
        for path, (_, sha) in added.items():
            candidates = [old for old in removed if old not in found.values()]
            same = next((old for old in candidates if removed[old][1] == sha), None)
            alike = same or next((old for old in candidates if self._alike(removed[old][1], sha)), None)
            if alike:
                found[path] = alike
        return found

    def _alike(self, old: str, new: str) -> bool:
        left, right = self.blobs.get(old, b""), self.blobs.get(new, b"")
        if not left or not right or max(len(left), len(right)) > 50_000:
            return False
        return difflib.SequenceMatcher(None, left.split(b"\n"), right.split(b"\n"), autojunk=False).ratio() > 0.5

    def _change(
        self,
        path: str,
        old: tuple[str, str] | None,
        new: tuple[str, str] | None,
        status: str,
        previous: str | None = None,
    ) -> FileDiff:
        before, after = self._content(old), self._content(new)
        sha = (new or old or ("", ""))[1]
        if b"\0" in before or b"\0" in after:
            return FileDiff(path, status, sha, previous)
        changed = hunks(before.decode(errors="replace"), after.decode(errors="replace"))
        additions = sum(line[0] == "+" for hunk in changed for line in hunk.lines)
        deletions = sum(line[0] == "-" for hunk in changed for line in hunk.lines)
        shown = bool(changed) and additions + deletions <= PATCH_LINES
        return FileDiff(
            path,
            status,
            sha,
            previous,
            additions,
            deletions,
            changed,
            patch(changed) if shown else None,
        )

    def _content(self, entry: tuple[str, str] | None) -> bytes:
        """What a diff shows of the entry: a file's content, or a submodule's commit."""
        if entry is None:
            return b""
        mode, sha = entry
        return f"Subproject commit {sha}\n".encode() if mode == SUBMODULE_MODE else self.blobs[sha]


def hunks(old: str, new: str) -> tuple[Hunk, ...]:
    """The hunks of `git diff -U3`; lines end at newlines only, as git sees them."""
    before, after = _lines(old), _lines(new)
    if len(before) + len(after) > 60_000 and before and after:
        whole = tuple("-" + line for line in before) + tuple("+" + line for line in after)
        return (Hunk(1, 1, whole),)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    found: list[Hunk] = []
    for group in matcher.get_grouped_opcodes(CONTEXT):
        lines: list[str] = []
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                lines += [" " + line for line in before[i1:i2]]
                continue
            lines += ["-" + line for line in before[i1:i2]]
            lines += ["+" + line for line in after[j1:j2]]
        first = group[0]
        found.append(Hunk(first[1] + 1, first[3] + 1, tuple(lines)))
    return tuple(found)


def patch(shown: Sequence[Hunk]) -> str:
    """The hunks as text, without file headers, as GitHub's `patch` field shows them."""
    text: list[str] = []
    for hunk in shown:
        text.append(f"@@ -{_span(hunk.left)} +{_span(hunk.right)} @@")
        text += [
            line.removesuffix("\n") if line.endswith("\n") else f"{line}\n\\ No newline at end of file"
            for line in hunk.lines
        ]
    return "\n".join(text)


def _span(lines: range) -> str:
    start = lines.start if len(lines) else lines.start - 1
    return str(start) if len(lines) == 1 else f"{start},{len(lines)}"


def _lines(text: str) -> list[str]:
    """Lines with their newline; the last may have none."""
    parts = text.split("\n")
    return [part + "\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _name(kind: str, content: bytes) -> str:
    return hashlib.sha1(f"{kind} {len(content)}\0".encode() + content, usedforsecurity=False).hexdigest()
