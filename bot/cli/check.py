"""`migsafe check`: the review of files on disk."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TextIO

from bot.cli.errors import CannotCheck
from bot.cli.limits import SECONDS, OverLimit, limits
from bot.core.globs import matches
from bot.core.judging.analysis import Analysis, analyse
from bot.core.judging.beside import Surroundings
from bot.core.judging.findings import Verdict
from bot.core.judging.framework import Side, SourceFile, Want
from bot.core.judging.policy import Policy
from bot.core.judging.rule import Evidence
from bot.core.language.migrations import Run
from bot.core.record import record, replace
from bot.core.schema.asked import EVERYTHING, Asked, asked_by
from bot.core.schema.catalog import Catalog
from bot.review import config_paths
from bot.review.clashes import NOTHING_AROUND, Around, beside, placed
from bot.review.deploy import evidence, read, sort_by_framework, wants_evidence
from bot.review.errors import ConfigError, ReplicaError
from bot.review.judge import complete
from bot.review.runs import after, renamed, renumbered

_SKIPPED_FOLDERS = frozenset({".git", "node_modules", ".venv", "venv", "vendor", "__pycache__", ".tox", "target"})
_LARGEST_FILE = 20 * 1024 * 1024
"""Bytes; a larger file is not read."""

Snapshot = Callable[[str, Asked], Catalog]
"""Reads as much of a database's catalog as is asked; raises ReplicaError."""
Progress = Callable[[Sequence[Run]], Iterable[Run]]


@record
class Request:
    """What was asked for on the command line."""

    paths: Sequence[Path]
    base: str | None = None
    form: str = "text"
    postgres: int | None = None
    replica: str | None = None
    catalog: Path | None = None
    config: Path | None = None


@record
class Change:
    """A file to check: its text, its path within its repository, and the path as it was given."""

    file: SourceFile
    given: str


def run_check(request: Request, snapshot: Snapshot, out: TextIO, err: TextIO) -> int:
    """Analyses, prints to `out`, and returns the exit status; progress goes to `err`. Raises CannotCheck."""
    from bot.cli.terminal import progress, rendered

    over: dict[str, str] = {}
    analysis = check(request, snapshot, progress(err), over)
    out.write(rendered(analysis, request.form, colour=out.isatty()))
    for part in analysis.unread:
        if part.fault:
            err.write(f"{part.path}, line {part.lines.first}: internal error {part.fault}\n")
    for path, reason in over.items():
        err.write(f"{path} was not checked: {reason}\n")
    return 1 if analysis.verdict is Verdict.BLOCKED else 2 if over else 0


def check(
    request: Request, snapshot: Snapshot, progress: Progress = iter, over: dict[str, str] | None = None
) -> Analysis:
    """One analysis of everything in the request; `over` gets the files that hit a limit. Raises CannotCheck."""
    over = over if over is not None else {}
    if request.replica is not None and request.catalog is not None:
        raise CannotCheck("give --replica or --catalog, not both")
    root = _repository_root(request.paths[0] if request.paths else Path())
    policy = _policy(request.config, root)
    if request.postgres is not None:
        policy = replace(policy, postgres=request.postgres)
    changes = list(_changes_since(request.base, request.paths, root)) if request.base else None
    if changes is not None and request.base is not None:
        runs = [_read_within(changes, policy, root, request.base, over)]
        around = _around(request.base, runs[0], policy, root)
    else:
        named = _changes_named(request.paths, root, policy)
        runs = renumbered([_read_within([change], policy, root, None, over) for change in named])
        around = Around(whole=all(path.is_dir() for path in request.paths))
    runs = [run for run in runs if run.migrations]
    runs = [placed(run, around if changes is not None else NOTHING_AROUND, policy.framework) for run in runs or [Run()]]
    catalog = _catalog(request, runs, snapshot)
    found = beside(Run(tuple(migration for run in runs for migration in run.migrations)), around)
    models = _Models(root, request.base)
    return _judge([run for run in runs if run.migrations], policy, catalog, progress, models, found, over)


def _around(base: str, run: Run, policy: Policy, root: Path) -> Around:
    from bot.cli.base_branch import around_in_git

    return around_in_git(partial(_git, root), base, run, lambda name: _as_seen_from_here(root / name), policy)


def _judge(
    runs: Sequence[Run],
    policy: Policy,
    catalog: Catalog | None,
    progress: Progress,
    models: "_Models",
    around: Surroundings,
    over: dict[str, str],
) -> Analysis:
    from bot.rules import RULES

    def known(run: Run) -> Evidence:
        return replace(models.evidence(run), beside=around)

    analyses: list[Analysis] = []
    for run in progress(runs):
        try:
            with limits():
                analyses.append(analyse(run, catalog, policy, RULES, evidence=known(run)))
        except OverLimit as hit:
            over |= {migration.path: str(hit) for migration in run.migrations}
    undone = tuple(f"{path} was not checked: {reason}" for path, reason in over.items())
    try:
        with limits(SECONDS * max(1, len(analyses))):
            return complete(analyses or [analyse(Run(), catalog, policy, RULES)], undone=undone, not_read=undone)
    except OverLimit as hit:
        raise CannotCheck(f"the safe steps could not be written out: {hit}") from hit


def _read_within(changes: Sequence[Change], policy: Policy, root: Path, base: str | None, over: dict[str, str]) -> Run:
    """As `_read`; nothing where the files hit a limit: then `over` says so."""
    try:
        with limits():
            return _read(changes, policy, root, base)
    except OverLimit as hit:
        over |= {change.given: str(hit) for change in changes}
        return Run()


def _read(changes: Sequence[Change], policy: Policy, root: Path, base: str | None) -> Run:
    """The changed files as one run, under the paths that the user gave."""
    deploys = sort_by_framework([change.file for change in changes], policy.framework, named=base is None)
    wants = [want for deploy in deploys for want in deploy.wants()]
    head = _wanted_on_disk([want for want in wants if base is None or want.side is Side.HEAD], root)
    old = _wanted_at(base, [want for want in wants if want.side is Side.BASE], root) if base is not None else head
    run = after(read(deploys, old, head, transaction=policy.transaction), policy.start_after)
    return renamed(run, {change.file.path: change.given for change in changes})


@record
class _Models:
    """What running code uses, according to the repository: at the base, or in the working tree without one."""

    root: Path
    base: str | None

    def evidence(self, run: Run) -> Evidence:
        run = renamed(run, {migration.path: _within(migration.path, self.root) for migration in run.migrations})
        wants = wants_evidence(run)
        if not wants:
            return Evidence()
        found = _wanted_on_disk(wants, self.root) if self.base is None else _wanted_at(self.base, wants, self.root)
        return evidence(run, found)


def _changes_named(paths: Sequence[Path], root: Path, policy: Policy) -> Iterator[Change]:
    """Every named file, and the migrations below every named folder; without names, below this folder."""
    for path in paths or (Path(),):
        if path.is_dir():
            for found in _below(path):
                change = _change(found, root)
                if change is not None and _wanted_migration(change.file, policy):
                    yield change
        elif path.is_file():
            change = _change(path, root)
            if change is None:
                raise CannotCheck(f"{path}: cannot be read")
            yield change
        else:
            raise CannotCheck(f"{path}: no such file or folder")


def _wanted_migration(file: SourceFile, policy: Policy) -> bool:
    if policy.migrations and not any(matches(pattern, file.path) for pattern in policy.migrations):
        return False
    return bool(sort_by_framework([file], policy.framework))


def _below(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED_FOLDERS)
        for name in sorted(files):
            if name.endswith((".sql", ".rb", ".py")):
                yield Path(parent, name)


def _change(path: Path, root: Path) -> Change | None:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return None
        if status.st_size > _LARGEST_FILE:
            raise CannotCheck(f"{path}: larger than {_LARGEST_FILE // 1024**2} MB, too large for a migration")
        text = path.read_bytes().decode("utf-8", "surrogateescape")
        whole = path.parent.resolve() / path.name
    except OSError:
        return None
    within = whole.relative_to(root) if whole.is_relative_to(root) else path
    return Change(SourceFile(PurePosixPath(within).as_posix(), text), path.as_posix())


def _changes_since(base: str, paths: Sequence[Path], root: Path) -> Iterator[Change]:
    """The files that changed since this branch left `base`, with uncommitted and untracked ones."""
    changed = _git(root, "diff", "--name-only", "--diff-filter=d", "-z", "--merge-base", base, "--")
    untracked = _git(root, "ls-files", "--others", "--exclude-standard", "-z")
    wanted = [path.resolve() for path in paths]
    for name in dict.fromkeys([*changed.split("\0"), *untracked.split("\0")]):
        path = root / name
        if not name.endswith((".sql", ".rb", ".py")) or not path.is_file():
            continue
        if wanted and not any(path == folder or folder in path.parents for folder in wanted):
            continue
        change = _change(path, root)
        if change is not None:
            yield Change(change.file, _as_seen_from_here(path))


def _within(path: str, root: Path) -> str:
    """The path within the repository of a file that was given by another path."""
    whole = Path(path).resolve()
    return whole.relative_to(root).as_posix() if whole.is_relative_to(root) else path


def _as_seen_from_here(path: Path) -> str:
    return Path(os.path.relpath(path)).as_posix()


def _wanted_on_disk(wants: Sequence[Want], root: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for want in wants:
        exact = not any(character in want.pattern for character in "*?{")
        candidates = [root / want.pattern] if exact else _glob(root, want.pattern)
        for path in candidates:
            if path.is_file() and path.stat().st_size <= _LARGEST_FILE:
                name = path.relative_to(root).as_posix()
                found[name] = path.read_bytes().decode("utf-8", "surrogateescape")
    return found


def _glob(root: Path, pattern: str) -> Iterator[Path]:
    if root == root.parent and pattern.startswith("*"):
        return
    fixed = pattern[: next((index for index, character in enumerate(pattern) if character in "*?{"), len(pattern))]
    start = root / fixed.rpartition("/")[0]
    for path in _below(start) if start.is_dir() else ():
        if matches(pattern, path.relative_to(root).as_posix()):
            yield path


def _wanted_at(base: str, wants: Sequence[Want], root: Path) -> dict[str, str]:
    if not wants:
        return {}
    names = _git(root, "ls-tree", "-r", "-z", "--name-only", "--full-tree", base).split("\0")
    wanted = [name for name in names if any(matches(want.pattern, name) for want in wants)]
    return {name: _git(root, "show", f"{base}:{name}") for name in wanted}


def _git(root: Path, *arguments: str) -> str:
    import subprocess

    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, check=True)
    except FileNotFoundError:
        raise CannotCheck("--base needs git, which is not installed") from None
    except subprocess.CalledProcessError as failed:
        lines = failed.stderr.decode("utf-8", "replace").strip().splitlines()
        raise CannotCheck(f"git {arguments[0]}: {lines[0] if lines else 'failed'}") from failed
    return done.stdout.decode("utf-8", "surrogateescape")


def _repository_root(path: Path) -> Path:
    here = path.resolve()
    for folder in (here, *here.parents):
        if (folder / ".git").exists():
            return folder
    return Path(here.anchor)


def _policy(named: Path | None, root: Path) -> Policy:
    candidates = [named] if named is not None else [root / path for path in config_paths.PATHS]
    for path in candidates:
        if path.is_file():
            return _read_policy(path)
    if named is not None:
        raise CannotCheck(f"{named}: no such file")
    return Policy()


def _read_policy(path: Path) -> Policy:
    from bot.review import config
    from bot.rules import RULES

    try:
        return config.read(path.read_bytes(), source=path.name, rules=[rule.id for rule in RULES])
    except ConfigError as wrong:
        raise CannotCheck(f"{path}: {wrong}") from wrong


def _catalog(request: Request, runs: Sequence[Run], snapshot: Snapshot) -> Catalog | None:
    if request.catalog is not None:
        return _catalog_file(request.catalog)
    if request.replica is None:
        return None
    try:
        return snapshot(request.replica, Asked.together(map(asked_by, runs)))
    except ReplicaError as trouble:
        raise CannotCheck(f"the replica: {trouble}") from trouble


def _catalog_file(path: Path) -> Catalog:
    import json

    from bot import sql
    from bot.core.schema.catalog_json import catalog_from_json

    try:
        return catalog_from_json(json.loads(path.read_text("utf-8")), sql)
    except OSError as missing:
        raise CannotCheck(f"{path}: {(missing.strerror or 'cannot be read').lower()}") from missing
    except (ValueError, KeyError, TypeError) as wrong:
        raise CannotCheck(f"{path}: not a catalog that `migsafe replica export` wrote ({wrong})") from wrong


def export_catalog(url: str, snapshot: Snapshot) -> str:
    """The whole catalog of a database as JSON. Raises CannotCheck."""
    import json

    from bot.core.schema.catalog_json import catalog_to_json

    try:
        catalog = snapshot(url, EVERYTHING)
    except ReplicaError as trouble:
        raise CannotCheck(f"the replica: {trouble}") from trouble
    return json.dumps(catalog_to_json(catalog), indent=1, ensure_ascii=False)
