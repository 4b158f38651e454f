"""What the base branch has beside the files to check, as Git knows it."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from bot.core.judging.policy import Policy
from bot.core.language.migrations import Run
from bot.review.clashes import Around, folders_of, is_beside, looks_like, texts_needed
from bot.review.deploy import might_be_migration
from bot.review.ordering import option_files, register_files

_MOST_REMOVED = 20

Git = Callable[..., str]
"""Git's answer to these arguments; raises CannotCheck."""


def around_in_git(git: Git, base: str, run: Run, shown: Callable[[str], str], policy: Policy) -> Around:
    """What the run is compared with; `shown` is a path as the user gave it, of one within the repository."""
    start = git("merge-base", base, "HEAD").strip()
    names = {shown(name): name for name in _listed(git, base)}
    before = {shown(name): name for name in _listed(git, start)}
    own = [migration.path for migration in run.migrations]
    folders = folders_of(own)
    paths = [path for path in names if is_beside(path, folders)]
    needed, whole = texts_needed(run, paths, before)
    old = {path: path for path in own if path in before}
    removed = _removed(git, start, policy)
    options = option_files(run, paths, old, names)
    registers = register_files(run)
    kept = [path for path in registers if path in names]
    texts = {path: git("show", f"{base}:{names[path]}") for path in (*needed, *options, *kept)}
    texts |= {path: git("show", f"{start}:{before[path]}") for path in old}
    texts |= {shown(name): git("show", f"{start}:{name}") for name in removed}
    return Around(
        base_paths=tuple(paths),
        base_texts=texts,
        whole=whole,
        old_paths=old,
        removed=tuple(shown(name) for name in removed),
        doubtful=looks_like({name.rpartition("/")[2] for name in names.values()}),
        options={path: texts[path] for path in options},
        registers={path: text for path in registers if (text := _on_disk(path)) is not None},
    )


def _on_disk(path: str) -> str | None:
    try:
        return Path(path).read_text("utf-8", "surrogateescape")
    except (OSError, ValueError):
        return None


def _listed(git: Git, commit: str) -> Iterable[str]:
    return (name for name in git("ls-tree", "-r", "-z", "--name-only", "--full-tree", commit).split("\0") if name)


def _removed(git: Git, start: str, policy: Policy) -> Sequence[str]:
    from bot.core.globs import matches

    gone = git("diff", "--name-only", "--diff-filter=D", "--no-renames", "-z", start, "--").split("\0")
    wanted = (
        name
        for name in gone
        if name and (any(matches(each, name) for each in policy.migrations) or not policy.migrations)
    )
    return [name for name in wanted if might_be_migration(name)][:_MOST_REMOVED]
