"""The down side of the author's file: what stays, what leaves with the statement it undoes, and what is missing."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from bot.core.judging.findings import Step, StepKind
from bot.core.judging.framework import Files, SourceFile
from bot.core.language import operations as op
from bot.core.language.migrations import Migration
from bot.core.rewrites.undo import way_back
from bot.core.rewrites.undo.matching import is_instead_of, undoes, with_authors_way_back
from bot.frameworks.sql_files.convention import NO_EDIT, CannotRunOutside, Convention, Edit
from bot.frameworks.sql_files.suggestions import deletion_of, indent_at, is_essential, past_semicolon, with_comments
from bot.sql import Unwritable, read_script, write_statement

Part = tuple[int, int]
"""A statement of the down side, and one of its operations."""
Owner = tuple[int, int | None]
"""The statement of the file that a part undoes, and the step of it; None: no step alone is undone by it."""


@dataclass(slots=True)
class Undoing:
    """A statement of the down side by its characters in the file, and what is to stand before and after it."""

    start: int
    end: int
    operations: tuple[op.Operation, ...]
    before: list[op.Operation] = field(default_factory=list)
    after: list[op.Operation] = field(default_factory=list)
    changed_by: set[int] = field(default_factory=set)
    """The statements of the file because of which it changes."""


class WrittenDown(Protocol):
    """How a down side is written in its language."""

    @property
    def statements(self) -> Sequence[Undoing]: ...

    @property
    def text(self) -> str:
        """The file that it stands in."""
        ...

    @property
    def mark(self) -> str:
        """What begins each of its lines, "" for nothing."""
        ...

    @property
    def heads(self) -> Sequence[int]:
        """Where a statement may be inserted in a down side that has none."""
        ...

    @property
    def alone(self) -> bool:
        """Whether it holds exactly one statement outside a transaction."""
        ...

    def written(self, operations: Sequence[op.Operation], place: int, /, *, outside: bool) -> str:
        """One statement as it ends, for that place in the file. Raises Unwritable."""
        ...

    def span(self, statement: Undoing, /) -> tuple[int, int]:
        """Its characters, with what ends it."""
        ...

    def deletion(self, statement: Undoing, /, *, last: bool) -> Edit:
        """What takes it away; `last`: nothing else stays."""
        ...

    def unwrap(self) -> Edit | CannotRunOutside:
        """The edit that makes the tool run the down side outside a transaction, `NO_EDIT` where it does."""
        ...


@dataclass(slots=True)
class WrittenSql:
    """The down sections of a file of SQL, or the file that its tool has instead."""

    convention: Convention
    like: Migration
    statements: Sequence[Undoing] = field(init=False)
    heads: Sequence[int] = field(init=False)

    def __post_init__(self) -> None:
        text = self.text
        if self.like.down is not None:
            sections: Sequence[tuple[int, int]] = ((0, len(text)),)
            self.heads = [len(text.rstrip())]
        else:
            sections = self.convention.lay_out(SourceFile(self.like.path, text), Files(())).down
            self.heads = [end_of_line(text, start) for start, _ in sections]
        self.statements = [
            Undoing(start + read.start, start + read.end, read.operations)
            for start, end in sections
            for read in read_script(text[start:end]).statements
        ]

    @property
    def text(self) -> str:
        return self.like.down.text if self.like.down is not None else self.like.text

    @property
    def alone(self) -> bool:
        return self.convention.alone

    def written(self, operations: Sequence[op.Operation], _place: int, *, outside: bool) -> str:
        one = write_statement([each if outside else _at_once(each) for each in operations])
        if self.mark and "\n" in one:
            one = " ".join(one.split())
        return f"{self.convention.escape(one)};"

    @property
    def mark(self) -> str:
        return self.convention.undo_mark

    def span(self, statement: Undoing) -> tuple[int, int]:
        return statement.start, past_semicolon(self.text, statement.end)

    def deletion(self, statement: Undoing, *, last: bool) -> Edit:  # noqa: ARG002
        start, end = statement.start, statement.end
        if self.mark:
            return Edit(self.text.rfind("\n", 0, start) + 1, min(end_of_line(self.text, end) + 1, len(self.text)), "")
        place = replace(self.like.statements[0], start=start, end=end)
        return with_comments(self.convention, self.text, deletion_of(self.text, place))

    def unwrap(self) -> Edit | CannotRunOutside:
        return self.convention.unwrap_down(self.text)


@dataclass(slots=True)
class DownSide:
    """The author's down side, beside the steps of the statements that are rewritten."""

    side: WrittenDown
    like: Migration
    steps: Mapping[int, Sequence[Step]]
    owners: dict[Part, Owner] = field(init=False)

    def __post_init__(self) -> None:
        self.owners = dict(self._owned())

    @property
    def statements(self) -> Sequence[Undoing]:
        return self.side.statements

    def with_authors_way_back(self) -> dict[int, Sequence[Step]]:
        """The steps of each statement, with what the author wrote to undo them."""
        return {
            index: [with_authors_way_back(step, self._operations((index, number))) for number, step in enumerate(steps)]
            for index, steps in self.steps.items()
        }

    def of_carried(self, index: int) -> Sequence[op.Operation]:
        """What the author wrote to undo a statement that leaves the file as it is."""
        return [self._operation(part) for part, (owner, _) in self.owners.items() if owner == index]

    def edits(self, placed: Collection[int], moved: Collection[int]) -> dict[int, list[Edit]]:
        """What changes here because of each statement of the file.

        The first step of those `placed` stands in the place of the statement; those `moved` leave the file.
        """
        found: dict[int, list[Edit]] = {}
        kept = self._kept(placed, moved, outside=True)
        at_head = {index: missing for index in sorted(placed, reverse=True) if (missing := self._completed(index))}
        outside = self._outside(kept, at_head)
        if outside is None:
            kept = self._kept(placed, moved, outside=False)
        if at_head and self.side.heads and self._is_all(placed, moved):
            missing = [one for found_missing in at_head.values() for one in found_missing]
            place = self.side.heads[0]
            fitting = [one for one in missing if not (outside is not None and _is_local(one))]
            text = "".join(f"\n{self.side.written((one,), place, outside=outside is not None)}" for one in fitting)
            found |= {index: [Edit(place, place, text)] for index in at_head}
        last = not any(kept) and not any(one.before or one.after for one in self.statements)
        for at, statement in enumerate(self.statements):
            edit = self._edit(statement, kept[at], outside=outside is not None, last=last and at == 0)
            if edit is not None:
                for index in sorted(statement.changed_by):
                    found.setdefault(index, []).append(edit)
        if outside is not None and outside != NO_EDIT:
            for index in found:
                found[index].append(outside)
        return found

    def _owned(self) -> Iterator[tuple[Part, Owner]]:
        for at, statement in enumerate(self.statements):
            for number, back in enumerate(statement.operations):
                owner = self._owner(back)
                if owner is not None:
                    yield (at, number), owner

    def _owner(self, back: op.Operation) -> Owner | None:
        """The last statement of the file that it undoes."""
        for index in range(len(self.like.statements) - 1, -1, -1):
            by_step = [
                number
                for number, step in enumerate(self.steps.get(index, ()))
                if step.kind is StepKind.MIGRATION and any(undoes(back, one) for one in step.operations)
            ]
            if by_step:
                return index, by_step[-1]
            if any(undoes(back, one) for one in self.like.statements[index].operations):
                return index, None
        return None

    def _operation(self, part: Part) -> op.Operation:
        return self.statements[part[0]].operations[part[1]]

    def _operations(self, owner: Owner) -> list[op.Operation]:
        return [self._operation(part) for part, found in self.owners.items() if found == owner]

    def _kept(
        self, placed: Collection[int], moved: Collection[int], *, outside: bool
    ) -> list[tuple[op.Operation, ...]]:
        """The operations of each statement that stay here, in the form in which they undo what the file does now."""
        kept: list[tuple[op.Operation, ...]] = []
        for at, statement in enumerate(self.statements):
            stay: list[op.Operation] = []
            for number, operation in enumerate(statement.operations):
                index, step = self.owners.get((at, number), (-1, None))
                if index in moved or (index in placed and step != 0):
                    statement.changed_by.add(index)
                    continue
                stay.append(self._in_place(index, operation, outside=outside) if index in placed else operation)
                if stay[-1] is not operation:
                    statement.changed_by.add(index)
            kept.append(tuple(stay))
        return kept

    def _in_place(self, index: int, operation: op.Operation, *, outside: bool) -> op.Operation:
        """The author's operation as what undoes the first step: CONCURRENTLY where the down side can run so, and with
        IF EXISTS where a later step may have taken the index."""
        step = self.steps[index][0]
        own = next((one for one in way_back(step).down or () if is_instead_of(operation, one, step)), None)
        concurrently = outside and not step.transactional
        match operation:
            case op.DropIndex():
                gone = isinstance(own, op.DropIndex) and own.if_exists
                changed = replace(
                    operation,
                    concurrently=operation.concurrently or concurrently,
                    if_exists=operation.if_exists or gone,
                )
                return operation if changed == operation else changed
            case op.CreateIndex(concurrently=False) if concurrently:
                return replace(operation, concurrently=True)
            case _:
                return operation

    def _completed(self, index: int) -> list[op.Operation]:
        """Puts what undoes the first step, and the author did not write, beside what stands there.

        Returns what has no place beside anything.
        """
        step = self.steps[index][0]
        here = [self.statements[at] for (at, number), owner in self.owners.items() if owner == (index, 0)]
        back = way_back(step).down or ()
        # What only its author's statements undo waits for locks as its author wrote it.
        waiting: list[op.Operation] = []
        last: Undoing | None = None
        for own in (one for one in back if not isinstance(one, op.SetSetting)):
            beside = [one for one in here if any(is_instead_of(back, own, step) for back in one.operations)]
            if not beside:
                waiting.append(own)
                continue
            last = beside[-1]
            self._put(last.before, _hurried(waiting, back), last, index)
            waiting = []
        if not waiting:
            return []
        missing = _hurried(waiting, back)
        if last is not None:
            self._put(last.after, missing, last, index)
            return []
        return self._in_order(index, missing)

    def _in_order(self, index: int, missing: list[op.Operation]) -> list[op.Operation]:
        """Before what undoes the same statement or an earlier one, else at the end."""
        later = [at for (at, _), (owner, _) in self.owners.items() if owner <= index]
        if later:
            place = self.statements[min(later)]
            self._put(place.before, missing, place, index)
        elif self.statements:
            place = self.statements[-1]
            self._put(place.after, missing, place, index)
        else:
            return missing
        return []

    def _put(self, where: list[op.Operation], operations: Sequence[op.Operation], place: Undoing, index: int) -> None:
        if operations:
            where += operations
            place.changed_by.add(index)

    def _outside(
        self, kept: Sequence[tuple[op.Operation, ...]], at_head: Mapping[int, Sequence[op.Operation]]
    ) -> Edit | None:
        """The edit that makes the tool run the down side outside a transaction, None where it need or can not be."""
        mended: list[op.Operation] = []
        added = [one for missing in at_head.values() for one in missing]
        for statement, stay in zip(self.statements, kept, strict=True):
            added += (*statement.before, *statement.after)
            mended += (one for one in stay if one not in statement.operations)
        needing = (one for one in (*added, *mended) if isinstance(one, op.DropIndex | op.CreateIndex))
        if not any(one.concurrently for one in needing):
            return None
        number = len(added) + sum(bool(stay) for stay in kept)
        edit = self.side.unwrap()
        return None if isinstance(edit, CannotRunOutside) or (self.side.alone and number > 1) else edit

    def _is_all(self, placed: Collection[int], moved: Collection[int]) -> bool:
        """Whether nothing else is in the file that a down side, which its author left empty, would have to undo."""
        return all(
            index in placed or index in moved
            for index, statement in enumerate(self.like.statements)
            if is_essential(statement)
        )

    def _edit(self, statement: Undoing, kept: tuple[op.Operation, ...], *, outside: bool, last: bool) -> Edit | None:
        if not statement.changed_by:
            return None
        if not (kept or statement.before or statement.after):
            return self.side.deletion(statement, last=last)
        start, end = self.side.span(statement)
        own = [self.side.text[start:end]] if kept == statement.operations else None
        try:
            before, after = (
                [self.side.written((one,), start, outside=outside) for one in some if not (outside and _is_local(one))]
                for some in (statement.before, statement.after)
            )
            own = own or ([self.side.written(kept, start, outside=outside)] if kept else [])
        except Unwritable:
            return None
        indent = indent_at(self.side.text, start)
        return Edit(start, end, f"\n{indent}{self.side.mark}".join((*before, *own, *after)))


def _hurried(missing: list[op.Operation], back: Sequence[op.Operation]) -> list[op.Operation]:
    """What is missing, behind the settings with which the whole way back would run in a transaction."""
    return [*filter(_is_local, back), *missing] if missing else missing


def _is_local(operation: op.Operation) -> bool:
    return isinstance(operation, op.SetSetting) and operation.local


def _at_once(operation: op.Operation) -> op.Operation:
    """As it may run in a transaction."""
    match operation:
        case op.CreateIndex() | op.DropIndex():
            return replace(operation, concurrently=False)
        case _:
            return operation


def end_of_line(text: str, offset: int) -> int:
    """Where the text of the line ends, without its line end."""
    end = text.find("\n", offset)
    end = len(text) if end < 0 else end
    return end - 1 if text[end - 1 : end] == "\r" else end
