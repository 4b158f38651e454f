"""Revisions and their order: `revision`, `down_revision`, and the graph of the changed files."""

import ast
from collections.abc import Iterator, Sequence

from bot.core.judging.framework import SourceFile
from bot.core.judging.history import Unit
from bot.core.record import record
from bot.frameworks.python.file import NotPython, parse


@record
class Revision:
    """A changed file as Alembic sees it. `tree` None: it cannot be parsed, `trouble` says why."""

    source: SourceFile
    id: str
    down: tuple[str, ...]
    tree: ast.Module | None
    trouble: str = ""
    labelled: bool = False


def revision_of(source: SourceFile) -> Revision:
    """The file's revision. Never raises."""
    try:
        tree = parse(source.text)
    except NotPython as trouble:
        return Revision(source, source.path, (), None, str(trouble))
    assigned: dict[str, object] = {}
    for node in tree.body:
        match node:
            case ast.Assign(
                targets=[ast.Name(id=("revision" | "down_revision" | "branch_labels") as name)], value=value
            ):
                assigned[name] = _literal(value)
            case ast.AnnAssign(
                target=ast.Name(id=("revision" | "down_revision" | "branch_labels") as name), value=value
            ) if value:
                assigned[name] = _literal(value)
            case _:
                pass
    revision, down = assigned.get("revision"), assigned.get("down_revision")
    downs = (
        (down,)
        if isinstance(down, str)
        else tuple(one for one in down if isinstance(one, str))
        if isinstance(down, tuple | list)
        else ()
    )
    return Revision(
        source,
        revision if isinstance(revision, str) else source.path,
        downs,
        tree,
        labelled=bool(assigned.get("branch_labels")),
    )


def unit_of(path: str, text: str) -> Sequence[Unit]:
    """What Alembic has one entry for. Never raises."""
    found = revision_of(SourceFile(path, text))
    if found.id == path:
        return ()
    folder = path.rpartition("/")[0]
    return (Unit(found.id, folder, what="revision", after=found.down, apart=found.labelled),)


def in_order(revisions: Sequence[Revision]) -> list[Revision]:
    """Each after those it depends on; otherwise by path. A cycle is broken at the first file reached."""
    by_id = {revision.id: revision for revision in revisions}
    placed: dict[str, Revision] = {}
    for first in sorted(revisions, key=lambda revision: revision.source.path):
        pending = [first]
        entered: set[str] = set()
        while pending:
            revision = pending[-1]
            open_downs = [
                by_id[down] for down in revision.down if down in by_id and down not in placed and down not in entered
            ]
            entered.add(revision.id)
            if open_downs:
                pending += open_downs
                continue
            pending.pop()
            placed.setdefault(revision.id, revision)
    rest = [revision for revision in revisions if revision not in placed.values()]
    return [*placed.values(), *rest]


def notes_on(revision: Revision, revisions: Sequence[Revision]) -> Iterator[str]:
    """Remarks on the graph, as far as the changed files show it."""
    yield "downgrade() was not judged"
    twins = [one for one in revisions if one is not revision and one.id == revision.id]
    if twins:
        yield f"revision {revision.id} is also that of {twins[0].source.path}"
    rivals = [one for one in revisions if one is not revision and set(one.down) & set(revision.down)]
    if rivals:
        yield f"{rivals[0].source.path} builds on the same revision: there will be several heads"


def _literal(node: ast.expr) -> object:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
