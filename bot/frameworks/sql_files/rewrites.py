"""All rewrites of a file at once: the author's file with every suggestion, and the statements that must leave it."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from bot.core.judging.findings import Step, StepKind, Suggestion, WrittenFile
from bot.core.judging.framework import Files, PlanSoFar, Rewritten, SourceFile
from bot.core.judging.order import START, Reach, Unfinished, held_by_gone, in_order, place_of, staged
from bot.core.language import operations as op
from bot.core.language.messages import paragraphs, verbatim
from bot.core.language.migrations import Migration
from bot.core.rewrites.undo.matching import with_authors_way_back
from bot.frameworks.sql_files.blocks import TakenApart, guarded_steps, statements_in
from bot.frameworks.sql_files.changes import as_edit, as_suggestions
from bot.frameworks.sql_files.convention import CannotRunOutside, Convention, Edit, Layout
from bot.frameworks.sql_files.down_side import DownSide, WrittenSql
from bot.frameworks.sql_files.naming import Paths
from bot.frameworks.sql_files.one_transaction import in_runs
from bot.frameworks.sql_files.steps import (
    body_of,
    by_hand,
    cannot_run_outside,
    composed,
    down_of,
    slug_of,
    statements_of,
    with_line_ends,
    write_step,
)
from bot.frameworks.sql_files.suggestions import apply, deletion_of, is_essential, overlap, suggest, with_comments


def rewrite(
    convention: Convention, like: Migration, replacements: Mapping[int, Sequence[Step]], so_far: PlanSoFar
) -> Rewritten:
    """The author's file with every suggestion; statements that cannot stay move to further files in deploy order."""
    replaced = {
        index: in_runs(convention, like, steps)
        for index, steps in replacements.items()
        if steps and 0 <= index < len(like.statements)
    }
    gone = {index for index, steps in replacements.items() if not steps}
    down = DownSide(WrittenSql(convention, like), like, replaced)
    ordered = _Ordered(
        convention, like, down.with_authors_way_back(), _suggestions(convention, like, replaced), down, gone
    )
    ordered.follow(so_far.unfinished)
    moved = [*ordered.moved, *ordered.left]
    empty = bool(moved) and not _something_left(like, [*moved, *ordered.emptied])
    edits, undone = _edits(ordered) if not empty else ({}, {})
    suggestions = as_suggestions(like.text, edits, ordered.held, moved)
    text = apply(like.text, list(dict.fromkeys(suggestions.values())))
    first = like.path if empty and not ordered.waits else None
    versions = (like.version, *so_far.versions)
    paths = Paths(like.path, versions, first=first, ending=convention.ending, taken=so_far.paths)
    files = _write_in_order(convention, like, ordered, paths)
    so_far.versions += paths.given
    if empty:
        replaces_it = first is not None and paths.first is None
        return Rewritten(None, suggestions, files if replaces_it else _without_file(like, files))
    for index, written in _down_file(like, undone).items():
        files[index] = (written, *files.get(index, ()))
    layout, before = _laid_out(convention, like, text), _laid_out(convention, like, like.text)
    as_before = layout.transactional == before.transactional
    notes = (
        _guarded_note(_first_lines(like, ordered.guarded)),
        _staying_note(_first_lines(like, ordered.stuck)),
    )
    note = "; ".join(note for note in notes if note)
    return Rewritten(text, suggestions, files, like.transactional if as_before else layout.transactional, note)


@dataclass(slots=True)
class _Ordered:
    """Where each statement of a file goes, in the author's order."""

    convention: Convention
    like: Migration
    replaced: Mapping[int, Sequence[Step]]
    suggestions: dict[int, Suggestion]
    """Of what keeps its place."""
    down: DownSide
    gone: Set[int] = frozenset()
    """What the steps of another statement do as well."""
    moved: list[int] = field(default_factory=list)
    guarded: list[int] = field(default_factory=list)
    stuck: list[int] = field(default_factory=list)
    """What neither keeps its place nor can be moved, such as a part of a DO block."""
    held: dict[int, list[int]] = field(default_factory=dict)
    """Which statements of the file hold others back."""
    blocks: list[TakenApart] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    """What leaves a DO block for a further file."""
    waits: bool = False
    """Whether something waits for another file of the plan."""
    further: list[tuple[int, int, Step | None]] = field(default_factory=list)
    """What further files do, each with its pull request and its statement: None for the statement itself."""

    def follow(self, unfinished: Unfinished) -> None:
        places = {place_of(statement): index for index, statement in enumerate(self.like.statements)}
        self.held = held_by_gone(self.like.statements, self.gone, self.replaced)
        apart: set[int] = set()
        for index, statement in enumerate(self.like.statements):
            steps = self.replaced.get(index)
            fixed = not (is_essential(statement) and _movable(self.like, index))
            apart.update(self._taken_apart(index, unfinished))
            if index in apart:
                continue
            if index in self.gone:
                (self.stuck if fixed else self.moved).append(index)
                continue
            waiting = None if fixed else unfinished.holds_back(statement)
            reach = waiting.reach if waiting is not None else None
            if waiting is not None:
                self.held.setdefault(index, []).extend(places[one] for one in waiting.holders if one in places)
            if reach is None and steps is not None and index in self.suggestions:
                staged_steps, end = staged(steps)
                self.further += ((index, stage, step) for stage, step in staged_steps[1:])
                unfinished.begin(statement, steps[1:], end)
            elif steps is not None:
                self.suggestions.pop(index, None)
                staged_steps, end = staged(steps, reach or START)
                if fixed:
                    # A further file would do again what the file still does.
                    self.stuck.append(index)
                    continue
                self.further += ((index, stage, step) for stage, step in staged_steps)
                if reach is None and _stays_guarded(self.convention, steps, self.like):
                    self.guarded.append(index)
                else:
                    self._move(index, reach)
                    unfinished.leave(statement, end)
            elif reach is not None and self.replaced:
                stage = reach.stage + reach.waits
                self.further.append((index, stage, None))
                self._move(index, reach)
                unfinished.leave(statement, Reach(stage))

    @property
    def emptied(self) -> list[int]:
        """The DO blocks of which nothing stays."""
        return [block.index for block in self.blocks if not block.kept]

    def _taken_apart(self, index: int, unfinished: Unfinished) -> Sequence[int]:
        """The statements of a DO block each by itself, in its place as far as they can stay: the block and they."""
        members, replaced = statements_in(self.like, index), self.replaced
        if not members and (steps := guarded_steps(self.like, index, replaced.get(index + 1, ()))):
            members, replaced = (index + 1,), {index + 1: steps}
        if not any(member in replaced or member in self.gone for member in members):
            return ()
        kept: list[str] = []
        for member in members:
            statement, steps = self.like.statements[member], replaced.get(member)
            waiting = unfinished.holds_back(statement)
            start = waiting.reach if waiting is not None else START
            if member in self.gone:
                self.left.append(member)
            elif steps is not None and waiting is None and _stays_in_place(steps[0]):
                kept += (one for one in statements_of(steps[0]) if one not in kept)
                found, end = staged(steps)
                self.further += ((member, stage, step) for stage, step in found[1:])
                unfinished.begin(statement, steps[1:], end)
            elif steps is not None or waiting is not None:
                found, end = staged(steps or (), start)
                self.further += ((member, stage, step) for stage, step in found)
                if steps is None:
                    end = Reach(start.stage + start.waits)
                    self.further.append((member, end.stage, None))
                self.left.append(member)
                unfinished.leave(statement, end)
            else:
                kept.append(statement.sql)
        self.blocks.append(TakenApart(index, members, tuple(kept)))
        return (index, *members)

    def _move(self, index: int, reach: Reach | None) -> None:
        self.waits = self.waits or (reach is not None and not self.moved)
        self.moved.append(index)


def _write_in_order(
    convention: Convention, like: Migration, ordered: _Ordered, paths: Paths
) -> dict[int, tuple[WrittenFile, ...]]:
    """The further files by the statement that has a rewrite, named in the order in which they are applied."""
    files: dict[int, list[WrittenFile]] = {index: [] for index in sorted(ordered.replaced)}
    for index, stage, step in in_order(ordered.further):
        if step is None:
            written = _carried(convention, like, index, ordered.down.of_carried(index), paths)
            index = max((one for one in files if one < index), default=min(files))
        else:
            written = write_step(convention, step, stage, like, paths)
        files[index] += (replace(file, stage=stage) for file in written)
    for index in ordered.stuck:
        files.setdefault(index, []).append(by_hand(like.statements[index], ordered.replaced.get(index, ())))
    return {index: tuple(further) for index, further in files.items()}


def _stays_in_place(step: Step) -> bool:
    return step.kind is StepKind.MIGRATION and step.transactional and not step.apart and bool(step.operations)


def _laid_out(convention: Convention, like: Migration, text: str) -> Layout:
    return convention.lay_out(SourceFile(like.path, text), Files((), transaction=like.transactional))


def _first_lines(like: Migration, indexes: Sequence[int]) -> list[int]:
    return [like.statements[index].lines.first for index in indexes]


def _stays_guarded(convention: Convention, steps: Sequence[Step], like: Migration) -> bool:
    """Whether the statement is best left in its file: no file of the tool can do the step, and once a script has
    done it by hand, IF [NOT] EXISTS makes the statement do nothing but in a new database."""
    match [operation for step in steps for operation in step.operations]:
        case [op.CreateIndex() | op.DropIndex()]:
            return any(cannot_run_outside(convention, step, like) is not None for step in steps)
        case _:
            return False


def _without_file(like: Migration, files: Mapping[int, tuple[WrittenFile, ...]]) -> dict[int, tuple[WrittenFile, ...]]:
    """The files where none takes the author's path: the first says that the author's file is to be deleted."""
    paths = [like.path, *([like.down.path] if like.down is not None else [])]
    named = " and ".join(f"`{path}`" for path in paths)
    deletion = f"Delete {named}: nothing in it is left to apply."
    noted = dict(files)
    for index, further in files.items():
        if further:
            noted[index] = (replace(further[0], note=paragraphs(verbatim(deletion), further[0].note)), *further[1:])
            break
    return noted


def _suggestions(
    convention: Convention, like: Migration, replaced: Mapping[int, Sequence[Step]]
) -> dict[int, Suggestion]:
    """Those that are correct one by one and also all together; of two on the same lines the first."""
    kept: dict[int, Suggestion] = {}
    for index in sorted(replaced):
        suggestion = suggest(convention, replaced[index][0], like, index)
        if suggestion is not None and not any(overlap(suggestion.lines, other.lines) for other in kept.values()):
            kept[index] = suggestion
    return kept


def _movable(like: Migration, index: int) -> bool:
    """Whether the statement can be removed from its file: not a part of a DO block, nor BEGIN or COMMIT."""
    statement = like.statements[index]
    holds_others = index + 1 < len(like.statements) and like.statements[index + 1].inside is not None
    fixed = isinstance(statement.operations[0], op.Unread | op.Begin | op.Commit)
    return not statement.inside and not holds_others and not fixed


def _something_left(like: Migration, moved: Sequence[int]) -> bool:
    return any(is_essential(statement) for index, statement in enumerate(like.statements) if index not in moved)


def _edits(ordered: _Ordered) -> tuple[dict[int, list[Edit]], dict[int, list[Edit]]]:
    """What changes in the file because of each statement: it is replaced, or it leaves with the comments on it and
    what undoes it on the down side. The second: what changes in the file that undoes it, where it has one."""
    convention, like = ordered.convention, ordered.like
    edits = {index: [as_edit(like.text, suggestion)] for index, suggestion in ordered.suggestions.items()}
    for block in ordered.blocks:
        edits |= {member: [block.edit(convention, like)] for member in (block.index, *block.members)}
    for index in ordered.moved:
        deletion = deletion_of(like.text, like.statements[index])
        edits[index] = [with_comments(convention, like.text, deletion)]
    leaving = [*ordered.moved, *ordered.left]
    undone = ordered.down.edits(ordered.suggestions, leaving)
    if like.down is not None:
        return edits, undone
    for index, changes in undone.items():
        edits.setdefault(index, []).extend(changes)
    return edits, {}


def _down_file(like: Migration, changes: Mapping[int, Sequence[Edit]]) -> dict[int, WrittenFile]:
    """The file that undoes the author's, as the plan leaves that: in full, for the first statement that changes it."""
    if like.down is None or not changes:
        return {}
    text = like.down.text
    every = dict.fromkeys(edit for edits in changes.values() for edit in edits)
    # What is inserted at a place comes before what replaces the characters there.
    ordered = sorted(every, key=lambda edit: (edit.start, edit.end))
    for edit in reversed(ordered):
        text = text[: edit.start] + edit.text + text[edit.end :]
    note = verbatim(f"It undoes `{like.path}` as that is with every suggestion applied.")
    return {
        min(changes): WrittenFile(
            StepKind.MIGRATION, like.down.path, with_line_ends(text.replace("\r\n", "\n"), like.down.text), note
        )
    }


def _staying_note(lines: Sequence[int]) -> str:
    """Statements that could neither be replaced nor moved, such as a part of a DO block."""
    if not lines:
        return ""
    numbers = ", ".join(str(line) for line in lines)
    return f"the statement on line {numbers} of the old file is still in it and must be removed by hand"


def _guarded_note(lines: Sequence[int]) -> str:
    """What has to be done by hand with a script before this file is applied."""
    if not lines:
        return ""
    numbers = ", ".join(str(line) for line in lines)
    return f"give the statement on line {numbers} IF EXISTS or IF NOT EXISTS, so that it does nothing after the script"


def _carried(
    convention: Convention, like: Migration, index: int, back: Sequence[op.Operation], paths: Paths
) -> tuple[WrittenFile, ...]:
    """A statement of the author, verbatim, that must come after a moved one; `back` is what they wrote to undo it."""
    statement = like.statements[index]
    step = with_authors_way_back(Step(StepKind.MIGRATION, statement.operations), back)
    down = down_of(step)
    path = paths.next(slug_of(Step(StepKind.MIGRATION), statement.operations[0]))
    inside = statement.transaction is not None
    up = (statement.sql.replace("\r\n", "\n"),)
    body = body_of(convention, path, up, down, transactional=inside)
    text = convention.compose(body, like)
    note = verbatim("It depends on the step before it, so it follows it.")
    if isinstance(text, CannotRunOutside):
        return (
            WrittenFile(StepKind.MIGRATION, None, "", paragraphs(note, verbatim(f"Write it by hand: {text.because}."))),
        )
    paths.take(path)
    return tuple(composed(convention, body, text, like, note))
