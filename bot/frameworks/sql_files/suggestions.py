"""A step in the place of a statement: whole lines of the author's file, and what replaces them."""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.core.judging.findings import Step, StepKind, Suggestion
from bot.core.judging.framework import Files, SourceFile
from bot.core.language import operations as op
from bot.core.language.lines import lines_of
from bot.core.language.migrations import Lines, Migration, Statement
from bot.frameworks.sql_files.convention import NO_EDIT, CannotRunOutside, Convention, Edit
from bot.frameworks.sql_files.reading import read_file
from bot.frameworks.sql_files.steps import statements_of
from bot.frameworks.statements.transactions import Transactions
from bot.sql import Unwritable, read_script, write_statement

_BLANK_LINE = re.compile(r"[ \t]*\r?\n")


def apply(text: str, suggestions: Sequence[Suggestion]) -> str:
    """The file with the suggestions in it, line ends as they were; of two that overlap the first given counts."""
    lines = text.split("\n")
    carriage = "\r" if "\r\n" in text else ""
    taken: list[Suggestion] = []
    for suggestion in suggestions:
        if not any(overlap(suggestion.lines, other.lines) for other in taken):
            taken.append(suggestion)
    for suggestion in sorted(taken, key=lambda suggestion: suggestion.lines.first, reverse=True):
        first, last = suggestion.lines.first - 1, min(suggestion.lines.last, len(lines))
        ends_file = last == len(lines)
        new = [line + carriage for line in suggestion.text.split("\n")] if suggestion.text else []
        if new and ends_file:
            new[-1] = new[-1].removesuffix(carriage)
        lines[first:last] = new
    return "\n".join(lines)


def suggest_at(convention: Convention, step: Step, like: Migration, lines: Lines) -> Suggestion | None:
    """The suggestion for the one statement that has these lines, None where they are not one statement's."""
    there = [
        index for index, statement in enumerate(like.statements) if statement.lines == lines and not statement.inside
    ]
    return suggest(convention, step, like, there[0]) if len(there) == 1 else None


def suggest(convention: Convention, step: Step, like: Migration, index: int) -> Suggestion | None:
    """Whole lines that make the file do `step` instead of the statement; None where that would make it worse.

    The suggestion is read again: it must be understood, and where the marker changes with it, a step that must
    not run in a transaction must not be in one.
    """
    if step.kind is not StepKind.MIGRATION or not step.operations or not like.statements:
        return None
    try:
        edits = _edits(convention, step, like, index)
    except Unwritable:
        return None
    if edits is None:
        return None
    suggestion = whole_lines(like.text, edits)
    if _touches_another(like, index, suggestion.lines):
        return None
    leaves = not step.transactional and like.statements[index].transaction is not None
    if len(edits) > 1 or leaves:
        holds = _holds(convention, step, like, suggestion)
    else:
        holds = _reads_well(step, convention.unescape(edits[0].text).text)
    return suggestion if holds else None


def _edits(convention: Convention, step: Step, like: Migration, index: int) -> list[Edit] | None:
    """The changes in the file, None where no change can express the step."""
    target = like.statements[index]
    others = [other for other in like.statements if other is not target]
    lonely = not any(is_essential(other) for other in others)
    replaceable = not isinstance(target.operations[0], op.Unread | op.Begin | op.Commit)
    if target.inside or target.generated or not replaceable or (step.apart and not lonely):
        return None
    if step.transactional:
        step = replace(step, settings=tuple(one for one in step.settings if not _is_set(like, index, one)))
        alone = target.transaction is None and not convention.alone
        statements = _bracketed(statements_of(step)) if alone else statements_of(step)
        return [_replacement(convention, like.text, target, statements)]
    if convention.alone and len(step.operations) != 1:
        return None
    edit = _replacement(convention, like.text, target, _outside(convention, step))
    if target.transaction is None:
        return [edit]
    unwrap = convention.unwrap(like.text)
    if isinstance(unwrap, CannotRunOutside) or not lonely:
        return None
    dropped = [other for other in others if convention.alone or _is_transaction_control(other)]
    marked = [] if unwrap == NO_EDIT else [unwrap]
    return [*marked, *(deletion_of(like.text, other) for other in dropped), edit]


def is_essential(statement: Statement) -> bool:
    """Whether it is what the file is for, and not a setting or the transaction around that."""
    return not isinstance(statement.operations[0], op.Begin | op.Commit | op.SetSetting)


def _is_transaction_control(statement: Statement) -> bool:
    first = statement.operations[0]
    return isinstance(first, op.Begin | op.Commit) or (isinstance(first, op.SetSetting) and first.local)


def _is_set(like: Migration, index: int, setting: tuple[str, str]) -> bool:
    """Whether the file has the same setting before it, in the same transaction."""
    name, value = setting
    values = [
        operation.value
        for statement in like.statements[:index]
        for operation in statement.operations
        if statement.transaction == like.statements[index].transaction
        and isinstance(operation, op.SetSetting)
        and operation.setting == name
    ]
    return bool(values) and values[-1] == value


def _bracketed(statements: tuple[str, ...]) -> tuple[str, ...]:
    return ("BEGIN", *statements, "COMMIT") if len(statements) > 1 else statements


def _outside(convention: Convention, step: Step) -> tuple[str, ...]:
    written = tuple(write_statement([operation]) for operation in step.operations)
    if convention.alone:
        return written
    before = (write_statement([op.SetSetting(name, value)]) for name, value in step.settings)
    after = (write_statement([op.SetSetting(name, None)]) for name, _ in step.settings)
    return (*before, *written, *after)


def _replacement(convention: Convention, text: str, target: Statement, statements: Sequence[str]) -> Edit:
    indent = indent_at(text, target.start)
    shifted = [convention.escape(_indented(statement, indent)) for statement in statements]
    between = f";{convention.between}\n{indent}"
    return Edit(target.start, past_semicolon(text, target.end), between.join(shifted) + ";")


def _indented(statement: str, indent: str) -> str:
    """The lines below the first indented, unless that might change a constant that spans lines."""
    return statement if "'" in statement or "$" in statement else statement.replace("\n", f"\n{indent}")


def indent_at(text: str, offset: int) -> str:
    """The white space before an offset, where nothing else is before it on its line."""
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    return line if not line.strip() else ""


def past_semicolon(text: str, end: int) -> int:
    match = re.compile(r"\s*;").match(text, end)
    return match.end() if match else end


def deletion_of(text: str, statement: Statement) -> Edit:
    """The statement and its semicolon, with the line where nothing else is on it."""
    start, end = statement.start, past_semicolon(text, statement.end)
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end + 1
    if text[line_start:start].strip() or text[end:line_end].strip():
        return Edit(start, end, "")
    return Edit(line_start, line_end, "")


def with_comments(convention: Convention, text: str, deletion: Edit) -> Edit:
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


def whole_lines(text: str, edits: Sequence[Edit]) -> Suggestion:
    """The edits as one replacement of whole lines."""
    ordered = sorted(edits, key=lambda edit: edit.start)
    lines = lines_of(text).lines(ordered[0].start, max(edit.end for edit in ordered))
    start = text.rfind("\n", 0, ordered[0].start) + 1
    last = max(edit.end for edit in ordered)
    end = last - 1 if text[last - 1 : last] == "\n" and last > start else text.find("\n", last)
    end = len(text) if end < 0 else end
    pieces: list[str] = []
    position = start
    for edit in ordered:
        pieces += (text[position : edit.start], edit.text)
        position = max(edit.end, position)
    pieces.append(text[position:end])
    return Suggestion(lines, "".join(pieces).replace("\r\n", "\n").rstrip("\r\n"))


def _reads_well(step: Step, text: str) -> bool:
    """Whether what replaces the statement is understood; around it nothing changes."""
    statements = read_script(text).statements
    found = {_normal(statement.sql) for statement in statements}
    understood = not any(isinstance(operation, op.Unread) for each in statements for operation in each.operations)
    return understood and all(_normal(write_statement([operation])) in found for operation in step.operations)


def _holds(convention: Convention, step: Step, like: Migration, suggestion: Suggestion) -> bool:
    """Whether the file with the suggestion in it is understood and does the step where it must."""
    source = SourceFile(like.path, apply(like.text, [suggestion]))
    files = Files((source,), transaction=like.transactional)
    migration = read_file(source, files, convention, Transactions())
    if _unread(migration) > _unread(like):
        return False
    for operation in step.operations:
        wanted = _normal(write_statement([operation]))
        found = [statement for statement in migration.statements if _normal(statement.sql) == wanted]
        if not found or (not step.transactional and any(one.transaction is not None for one in found)):
            return False
    return True


def _touches_another(like: Migration, index: int, lines: Lines) -> bool:
    """Whether another statement that matters shares these lines: it may have a suggestion of its own, or move."""
    return any(
        overlap(other.lines, lines) and is_essential(other) for at, other in enumerate(like.statements) if at != index
    )


def _unread(migration: Migration) -> int:
    return sum(isinstance(operation, op.Unread) for each in migration.statements for operation in each.operations)


def _normal(sql: str) -> str:
    return " ".join(sql.split())


def overlap(one: Lines, other: Lines) -> bool:
    return one.first <= other.last and other.first <= one.last
