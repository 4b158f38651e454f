"""Rewrites of migrations that are code: calls replaced by calls, what cannot stay moved to further files.

A framework says how operations are spelled in its language (`Spelling`); the order of things is the same for all.
What is suggested is read again by the framework and must mean what was meant.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from bot.core.judging.findings import Step, StepKind, Suggestion, WrittenFile
from bot.core.judging.framework import Files, Framework, Rewritten, SourceFile
from bot.core.language import operations as op
from bot.core.language.migrations import Lines, Migration, Statement
from bot.core.record import record
from bot.frameworks.sql_files.convention import Edit
from bot.frameworks.sql_files.steps import slug_of
from bot.frameworks.sql_files.suggestions import apply, indent_at, is_essential, overlap, whole_lines
from bot.sql import Unwritable, write_statement
from bot.sql.writing.batches import write_batches
from bot.sql.writing.inverse import inverse


@record
class Body:
    """What a new file holds, as calls; `down` None: it cannot be undone."""

    slug: str
    up: tuple[str, ...]
    down: tuple[str, ...] | None
    transactional: bool


class Paths(Protocol):
    """Names for new files, each later than all before it."""

    def written(self, body: Body) -> tuple[str, str]:
        """Path and text of a file that holds the body."""
        ...


class Spelling(Protocol):
    """A framework's language."""

    @property
    def framework(self) -> Framework:
        """Reads what is written."""
        ...

    def calls(self, operations: Sequence[op.Operation]) -> Sequence[str]:
        """One statement as calls, each perhaps of several lines, not indented. Raises Unwritable."""
        ...

    def outside(self, calls: Sequence[str]) -> Sequence[str] | None:
        """The calls as they run outside a transaction within a file that has one, None where they cannot."""
        ...

    def placed(self, calls: Sequence[str], text: str, start: int) -> Sequence[str]:
        """The calls as they may stand at that character of the author's file. Raises Unwritable."""
        ...

    def around(self, text: str, start: int, end: int) -> tuple[int, int] | None:
        """The call that sends just the SQL at these characters, None where it sends more or there is none."""
        ...

    def unwrap(self, text: str) -> Edit | None:
        """What makes the whole file run outside a transaction, None where nothing can."""
        ...

    def paths(self, like: Migration, after: Sequence[str], first: bool) -> Paths:
        """Names beside `like`; with `first`, the first file takes its path."""
        ...

    def script(self, like: Migration, slug: str) -> str:
        """The path of a script that is run by hand."""
        ...


def write_files(spelling: Spelling, steps: Sequence[Step], like: Migration, after: Sequence[str]) -> list[WrittenFile]:
    """Every step as complete files, in deploy order; the first migration takes `like`'s path."""
    return list(_written(spelling, steps, like, spelling.paths(like, after, first=True)))


def suggest(spelling: Spelling, step: Step, like: Migration, lines: Lines) -> Suggestion | None:
    """The suggestion for the statement that has these lines, None where there is none that holds."""
    there = [index for index, one in enumerate(like.statements) if one.lines == lines and not one.inside]
    if not there:
        return None
    return _Rewriting(spelling, like, {there[0]: (step,)}).suggestions().get(there[0])


def rewrite(
    spelling: Spelling, like: Migration, replacements: Mapping[int, Sequence[Step]], after: Sequence[str]
) -> Rewritten:
    """The author's file with every suggestion, what cannot stay in it moved to further files in deploy order."""
    wanted = {index: tuple(steps) for index, steps in replacements.items() if steps and index < len(like.statements)}
    rewriting = _Rewriting(spelling, like, wanted)
    suggestions = rewriting.suggestions()
    removed = rewriting.removed
    left = [one for index, one in enumerate(like.statements) if index not in removed and is_essential(one)]
    text = apply(like.text, [*dict.fromkeys(suggestions.values()), *rewriting.deletions]) if left else None
    paths = spelling.paths(like, after, first=text is None)
    files: dict[int, tuple[WrittenFile, ...]] = {}
    for index in sorted(wanted):
        further = wanted[index][1:] if index in rewriting.placed else wanted[index]
        files[index] = tuple(_written(spelling, further, like, paths))
    return Rewritten(text, suggestions, files, note=_stuck(rewriting) if text is not None else "")


def _stuck(rewriting: "_Rewriting") -> str:
    """Which statements no edit takes out of the file, though others replace them."""
    stuck = [index for index in sorted(rewriting.wanted) if index not in rewriting.placed | rewriting.removed]
    lines = sorted({rewriting.like.statements[index].lines.first for index in stuck})
    if not lines:
        return ""
    named = f"lines {', '.join(map(str, lines))}" if len(lines) > 1 else f"line {lines[0]}"
    return f"Take what stands at {named} out of this file by hand: the further files do it instead."


@dataclass(slots=True)
class _Rewriting:
    """Which statements of a file keep their place, and what stands there then."""

    spelling: Spelling
    like: Migration
    wanted: Mapping[int, tuple[Step, ...]]
    placed: set[int] = field(default_factory=set)
    """Replaced statements whose first step takes their place."""
    removed: set[int] = field(default_factory=set)
    deletions: list[Suggestion] = field(default_factory=list)

    def suggestions(self) -> dict[int, Suggestion]:
        """For each replaced statement whose first step can stand in the file, what replaces its call."""
        found: dict[int, Suggestion] = {}
        taken: list[Lines] = []
        for group in self._groups():
            if not any(index in self.wanted for index in group):
                continue
            suggestion = self._suggestion(group)
            if suggestion is None or any(overlap(suggestion.lines, lines) for lines in taken):
                continue
            taken.append(suggestion.lines)
            placed = [index for index in group if index in self.placed]
            if not placed:
                self.deletions.append(suggestion)
            found |= dict.fromkeys(placed, suggestion)
        return found

    def _groups(self) -> list[list[int]]:
        """Statements by the call that sends them."""
        groups: dict[tuple[int, int], list[int]] = {}
        for index, one in enumerate(self.like.statements):
            groups.setdefault((one.start, one.end), []).append(index)
        return list(groups.values())

    def _suggestion(self, group: Sequence[int]) -> Suggestion | None:
        statements = [self.like.statements[index] for index in group]
        span = self._span(statements)
        if span is None:
            return None
        calls: list[str] = []
        settings: set[str] = set()
        expected: list[tuple[op.Operation, ...]] = []
        edits: list[Edit] = []
        placed: list[int] = []
        for index, one in zip(group, statements, strict=True):
            try:
                put = self._put(index, one, edits)
                spelled = self._spelled(index, one) if put else () if index in self.wanted else self._own(one)
            except Unwritable:
                return None
            calls += [call for call in spelled if call not in settings]
            settings |= self._settings(index) if put else set()
            if put:
                placed.append(index)
                expected += [(operation,) for operation in self.wanted[index][0].operations]
            elif index not in self.wanted:
                expected.append(one.operations)
        try:
            suggestion = self._lines(span, self.spelling.placed(calls, self.like.text, span[0]), edits)
        except Unwritable:
            return None
        if not self._holds(suggestion, group, expected):
            return None
        self.placed.update(placed)
        self.removed.update(index for index in group if index in self.wanted and index not in placed)
        return suggestion

    def _put(self, index: int, one: Statement, edits: list[Edit]) -> bool:
        """Whether the first step of a replaced statement can stand where the statement stood."""
        if index not in self.wanted:
            return False
        step = self.wanted[index][0]
        if step.kind is not StepKind.MIGRATION or not step.operations or isinstance(one.operations[0], op.Unread):
            return False
        alone = self._lonely(index)
        if step.apart and not alone:
            return False
        if step.transactional or one.transaction is None:
            return True
        if self.spelling.outside(("x",)) is not None:
            return True
        unwrapped = self.spelling.unwrap(self.like.text)
        if unwrapped is None or not alone:
            return False
        edits.append(unwrapped)
        return True

    def _lonely(self, index: int) -> bool:
        return not any(is_essential(one) for at, one in enumerate(self.like.statements) if at != index)

    def _spelled(self, index: int, one: Statement) -> tuple[str, ...]:
        step = self.wanted[index][0]
        calls = _calls(self.spelling, step, local=one.transaction is not None)
        if step.transactional or one.transaction is None:
            return calls
        return tuple(self.spelling.outside(calls) or calls)

    def _span(self, statements: Sequence[Statement]) -> tuple[int, int] | None:
        """The characters of the call that sends these statements and no others."""
        first = statements[0]
        if any(one.inside for one in statements):
            return None
        if all(one.generated for one in statements):
            return first.start, first.end
        return self.spelling.around(self.like.text, first.start, first.end) if len(statements) == 1 else None

    def _settings(self, index: int) -> set[str]:
        """The calls for what is set to the end of the transaction, which need not be said twice."""
        step = self.wanted[index][0]
        if not step.transactional or self.like.statements[index].transaction is None:
            return set()
        found = [op.SetSetting(name, value, local=True) for name, value in step.settings]
        return {call for setting in found for call in self.spelling.calls((setting,))}

    def _own(self, one: Statement) -> tuple[str, ...]:
        return tuple(self.spelling.calls(one.operations))

    def _lines(self, span: tuple[int, int], calls: Sequence[str], edits: Sequence[Edit]) -> Suggestion:
        text = self.like.text
        if calls:
            indent = indent_at(text, span[0])
            shifted = [_indented(call, indent) for call in calls]
            return whole_lines(text, [*edits, Edit(span[0], span[1], f"\n{indent}".join(shifted))])
        begin, end = text.rfind("\n", 0, span[0]) + 1, text.find("\n", span[1])
        return whole_lines(text, [*edits, Edit(begin, len(text) if end < 0 else end + 1, "")])

    def _holds(
        self, suggestion: Suggestion, group: Sequence[int], expected: Sequence[tuple[op.Operation, ...]]
    ) -> bool:
        """Whether the file with the suggestion in it means the same but for this group."""
        source = SourceFile(self.like.path, apply(self.like.text, [suggestion]))
        run = self.spelling.framework.read(Files(changed=[source]))
        statements = run.migrations[0].statements if run.migrations else ()
        before = [one.operations for one in self.like.statements[: group[0]]]
        behind = [one.operations for one in self.like.statements[group[-1] + 1 :]]
        found = [one.operations for one in statements if not isinstance(one.operations[0], op.SetSetting)]
        meant = [one for one in (*before, *expected, *behind) if not isinstance(one[0], op.SetSetting)]
        return [_meaning(one) for one in found] == [_meaning(one) for one in meant]


def _written(spelling: Spelling, steps: Sequence[Step], like: Migration, paths: Paths) -> Iterator[WrittenFile]:
    for step in steps:
        match step.kind:
            case StepKind.DEPLOY:
                yield WrittenFile(StepKind.DEPLOY, None, "", step.note)
            case StepKind.SCRIPT:
                yield _script(spelling, step, like)
            case StepKind.MIGRATION:
                yield _file(spelling, step, paths)


def _file(spelling: Spelling, step: Step, paths: Paths) -> WrittenFile:
    try:
        body = Body(slug_of(step), _calls(spelling, step), _down(spelling, step.operations), step.transactional)
    except Unwritable as trouble:
        return WrittenFile(step.kind, None, "", " ".join((step.note, f"Write this step by hand: {trouble}.")).strip())
    path, text = paths.written(body)
    return WrittenFile(step.kind, path, text, step.note, step.transactional)


def _script(spelling: Spelling, step: Step, like: Migration) -> WrittenFile:
    path = spelling.script(like, slug_of(step))
    changes = [operation for operation in step.operations if isinstance(operation, op.Update | op.Delete)]
    try:
        if not changes or len(changes) != len(step.operations):
            raise Unwritable("it changes rows in a way that cannot be cut into batches")
        text = "\n".join(write_batches(change, step.settings, path) for change in changes)
    except Unwritable as trouble:
        return WrittenFile(step.kind, None, "", " ".join((step.note, f"Write this step by hand: {trouble}.")).strip())
    return WrittenFile(step.kind, path, text, step.note, False)


def _calls(spelling: Spelling, step: Step, *, local: bool = True) -> tuple[str, ...]:
    """A step's calls with its settings; a session's own settings are put back behind it.

    `local`: whether what is around them is a transaction: SET LOCAL does nothing outside one.
    """
    local = local and step.transactional
    before = [op.SetSetting(name, value, local=local) for name, value in step.settings]
    behind = [] if local else [op.SetSetting(name, None) for name, _ in step.settings]
    operations = [*before, *step.operations, *behind]
    return tuple(call for operation in operations for call in spelling.calls((operation,)))


def _down(spelling: Spelling, operations: Sequence[op.Operation]) -> tuple[str, ...] | None:
    undone: list[str] = []
    for operation in reversed(operations):
        inverses = inverse(operation)
        if inverses is None:
            return None
        undone += (call for one in inverses for call in spelling.calls((_on_table(one, operation),)))
    return tuple(undone)


def _on_table(undoing: op.Operation, operation: op.Operation) -> op.Operation:
    """The table of an index that is dropped again: frameworks name it."""
    match undoing, operation:
        case op.DropIndex(), op.CreateIndex():
            return replace(undoing, table=operation.table)
        case _:
            return undoing


def _indented(call: str, indent: str) -> str:
    """The lines below the first moved in, empty ones left empty."""
    first, *rest = call.split("\n")
    return "\n".join([first, *(f"{indent}{line}" if line else line for line in rest)])


def _meaning(operations: tuple[op.Operation, ...]) -> str:
    try:
        return " ".join(write_statement(operations).split())
    except Unwritable:
        return repr(operations)
