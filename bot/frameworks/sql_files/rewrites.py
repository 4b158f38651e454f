"""All rewrites of a file at once: the author's file with every suggestion, and the statements that must leave it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.core.judging.findings import Step, StepKind, Suggestion, WrittenFile
from bot.core.judging.framework import Files, Rewritten, SourceFile
from bot.core.language import operations as op
from bot.core.language.lines import lines_of
from bot.core.language.messages import paragraphs, verbatim
from bot.core.language.migrations import Lines, Migration, Statement
from bot.core.language.naming import constraint_named
from bot.frameworks.sql_files.convention import CannotRunOutside, Convention, Edit, Layout
from bot.frameworks.sql_files.naming import Paths
from bot.frameworks.sql_files.steps import body_of, cannot_run_outside, composed, slug_of, write_further
from bot.frameworks.sql_files.suggestions import apply, deletion_of, is_essential, overlap, suggest, whole_lines
from bot.sql import Unwritable, read_script, write_statement
from bot.sql.writing.inverse import inverse


def rewrite(
    convention: Convention, like: Migration, replacements: Mapping[int, Sequence[Step]], after: Sequence[str]
) -> Rewritten:
    """The author's file with every suggestion; statements that cannot stay move to further files in deploy order."""
    replaced = {index: steps for index, steps in replacements.items() if steps and 0 <= index < len(like.statements)}
    suggestions = _suggestions(convention, like, replaced)
    guarded = [index for index in sorted(replaced) if _stays_guarded(convention, replaced[index], like)]
    left = [index for index in sorted(replaced) if index not in suggestions and index not in guarded]
    moved = [index for index in left if _movable(like, index)]
    moved = _with_dependants(like, moved, suggestions)
    empty = bool(moved) and not _something_left(like, moved)
    text = apply(like.text, [*suggestions.values(), *_without(convention, like, moved)])
    first = like.path if empty else None
    paths = Paths(like.path, (like.version, *after), first=first, ending=convention.ending)
    files: dict[int, tuple[WrittenFile, ...]] = {}
    for index in sorted({*replaced, *moved}):
        if index not in replaced:
            before = max(other for other in moved if other < index and other in replaced)
            files[before] = (*files[before], *_carried(convention, like, index, paths))
            continue
        steps = replaced[index]
        further = steps[1:] if index in suggestions else steps
        files[index] = tuple(write_further(convention, further, like, paths))
    if empty:
        return Rewritten(None, suggestions, files if paths.first is None else _without_file(like, files))
    layout, before = _laid_out(convention, like, text), _laid_out(convention, like, like.text)
    as_before = layout.transactional == before.transactional
    taken = [(like.statements[at], replaced[at][0]) for at in sorted(suggestions)]
    notes = (
        _guarded_note(_first_lines(like, guarded)),
        _staying_note(_first_lines(like, [index for index in left if index not in moved])),
        _down_note(layout, text, taken),
    )
    note = "; ".join(note for note in notes if note)
    return Rewritten(text, suggestions, files, like.transactional if as_before else layout.transactional, note)


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
    deletion = f"Delete `{like.path}`: nothing in it is left to apply."
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


def _with_dependants(like: Migration, moved: Sequence[int], suggestions: dict[int, Suggestion]) -> list[int]:
    """The moved statements, and those after them that depend on them: these must follow.

    They name what a moved statement creates or drops (then a suggestion for them is withdrawn), or check the rows that
    a moved UPDATE or DELETE corrects (a suggestion does not check at once, so it stays).
    """
    result: list[int] = []
    named: set[str] = set()
    cleaned: set[str] = set()
    for index, statement in enumerate(like.statements):
        needs = _mentions(statement, named)
        needs = needs or (index not in suggestions and _mentions(statement, cleaned) and _checks_rows(statement))
        if index not in moved and not (needs and is_essential(statement) and _movable(like, index)):
            continue
        result.append(index)
        suggestions.pop(index, None)
        named.update(name for operation in statement.operations for name in _made(operation))
        cleaned.update(each.table.name for each in statement.operations if isinstance(each, op.Update | op.Delete))
    return result


def _checks_rows(statement: Statement) -> bool:
    """Whether it fails on rows that do not meet its condition."""
    return any(
        isinstance(operation, op.SetNotNull | op.ValidateConstraint | op.AlterColumnType | op.AddConstraint)
        or (isinstance(operation, op.CreateIndex) and operation.unique)
        for operation in statement.operations
    )


def _mentions(statement: Statement, named: set[str]) -> bool:
    if not named:
        return False
    words = {word.lower() for word in re.findall(r"[\w$]+", statement.sql)}
    return any(name.lower() in words for name in named)


def _made(operation: op.Operation) -> list[str]:
    """The names that a statement elsewhere would need to exist, without tables."""
    match operation:
        case op.CreateIndex(index=str() as index):
            return [index]
        case op.DropIndex(indexes=indexes):
            return [index.name for index in indexes]
        case op.AddColumn(column=column):
            return [column.name]
        case _:
            name = constraint_named(operation)
            return [name] if name is not None else []


def _something_left(like: Migration, moved: Sequence[int]) -> bool:
    return any(is_essential(statement) for index, statement in enumerate(like.statements) if index not in moved)


_BLANK_LINE = re.compile(r"[ \t]*\r?\n")


def _without(convention: Convention, like: Migration, moved: Sequence[int]) -> list[Suggestion]:
    """The edits that remove the moved statements, the comments on them, and what undoes them on the down side."""
    edits = [_with_comments(convention, like.text, deletion_of(like.text, like.statements[index])) for index in moved]
    edits += _down_side(convention, like, [like.statements[index] for index in moved])
    groups: list[list[Edit]] = []
    for edit in sorted(edits, key=lambda edit: edit.start):
        if groups and overlap(_lines(like.text, groups[-1][-1]), _lines(like.text, edit)):
            groups[-1].append(edit)
        else:
            groups.append([edit])
    return [whole_lines(like.text, group) for group in groups]


def _lines(text: str, edit: Edit) -> Lines:
    return lines_of(text).lines(edit.start, edit.end)


def _with_comments(convention: Convention, text: str, deletion: Edit) -> Edit:
    """With the lines of comment directly above, which describe it (a tool's marker does not), and one blank line."""
    start, end = deletion.start, deletion.end
    if text[start - 1 : start] not in ("", "\n"):
        return deletion
    while start > 0:
        above = text.rfind("\n", 0, start - 1) + 1
        line = text[above:start].strip()
        if not line.startswith("--") or any(mark in line for mark in convention.marks):
            break
        start = above
    below = _BLANK_LINE.match(text, end)
    before = text[text.rfind("\n", 0, max(start - 1, 0)) + 1 : start]
    if below and (not before.strip() or any(mark in before for mark in convention.marks)):
        end = below.end()
    return replace(deletion, start=start, end=end)


def _down_side(convention: Convention, like: Migration, moved: Sequence[Statement]) -> list[Edit]:
    """The statements of the down side that undo a moved statement: its new file has its own."""
    undone = {
        _bare(one) for statement in moved for operation in statement.operations for one in inverse(operation) or ()
    }
    layout = convention.lay_out(SourceFile(like.path, like.text), Files(()))
    found: list[Edit] = []
    for start, end in layout.down:
        for read in read_script(like.text[start:end]).statements:
            if len(read.operations) == 1 and (bare := _bare(read.operations[0])) is not None and bare in undone:
                place = replace(moved[0], start=start + read.start, end=start + read.end, operations=read.operations)
                found.append(_with_comments(convention, like.text, deletion_of(like.text, place)))
    return found


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


def _down_note(layout: Layout, text: str, taken: Sequence[tuple[Statement, Step]]) -> str:
    """What the replacing steps create in addition, which the author's down side does not undo."""
    if not layout.down:
        return ""
    written = [
        operation
        for start, end in layout.down
        for read in read_script(text[start:end]).statements
        for operation in read.operations
    ]
    undone = list(written)
    for statement, _ in taken:
        undone += (one for operation in statement.operations for one in inverse(operation) or ())
    bare = {_bare(one) for one in undone}
    left = [
        one
        for _, step in taken
        for operation in reversed(step.operations)
        for one in inverse(operation) or ()
        if _bare(one) is None or _bare(one) not in bare
    ]
    if not left:
        return ""
    statements = " ".join(f"{write_statement([one])};" for one in left)
    if not written:
        return f"its down side is empty; undoing it needs `{statements}`"
    return f"its down side still undoes the old statements, so let it begin with `{statements}`"


def _bare(operation: op.Operation) -> str | None:
    """The plain DROP of what it drops; None where it cannot be written."""
    try:
        return re.sub(r" (?:CONCURRENTLY|IF EXISTS|CASCADE)\b", "", write_statement([operation]))
    except Unwritable:
        return None


def _carried(convention: Convention, like: Migration, index: int, paths: Paths) -> tuple[WrittenFile, ...]:
    """A statement of the author, verbatim, that must come after a moved statement."""
    statement = like.statements[index]
    down: list[str] = []
    for operation in reversed(statement.operations):
        down += (write_statement([one]) for one in inverse(operation) or ())
    path = paths.next(slug_of(Step(StepKind.MIGRATION), statement.operations[0]))
    inside = statement.transaction is not None
    up = (statement.sql.replace("\r\n", "\n"),)
    body = body_of(convention, path, up, tuple(down) or None, transactional=inside)
    text = convention.compose(body, like)
    note = verbatim("It depends on the step before it, so it follows it.")
    if isinstance(text, CannotRunOutside):
        return (
            WrittenFile(StepKind.MIGRATION, None, "", paragraphs(note, verbatim(f"Write it by hand: {text.because}."))),
        )
    paths.take(path)
    return tuple(composed(convention, body, text, like, note))
