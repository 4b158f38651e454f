"""Rewrites of migrations that are code: calls replaced by calls, the rest moved to further files.

The framework reads each suggestion again: it must mean what was intended.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from bot.core.judging.findings import Step, StepKind, Suggestion, WrittenFile
from bot.core.judging.framework import Files, PlanSoFar, Rewritten, SourceFile
from bot.core.judging.order import START, Reach, Unfinished, held_by_gone, in_order, place_of, staged
from bot.core.language import operations as op
from bot.core.language.messages import say
from bot.core.language.migrations import Lines, Migration, Statement
from bot.core.record import record
from bot.core.rewrites.undo import way_back
from bot.core.rewrites.undo.matching import with_authors_way_back
from bot.frameworks.code_files.down_side import WrittenCode
from bot.frameworks.code_files.spelling import Spelling
from bot.frameworks.code_files.writing import Reader, calls_of, write_step
from bot.frameworks.sql_files.changes import as_edit, as_suggestions
from bot.frameworks.sql_files.convention import Edit
from bot.frameworks.sql_files.down_side import DownSide
from bot.frameworks.sql_files.steps import by_hand
from bot.frameworks.sql_files.suggestions import apply, indent_at, is_essential, overlap, whole_lines
from bot.sql import Unwritable, write_statement


def suggest(spelling: Spelling, read: Reader, step: Step, like: Migration, lines: Lines) -> Suggestion | None:
    """The suggestion for the statement that has these lines, None where none is correct."""
    there = [index for index, one in enumerate(like.statements) if one.lines == lines and not one.inside]
    if not there:
        return None
    rewriting = _Rewriting(spelling, read, like, {there[0]: (step,)})
    rewriting.follow()
    return rewriting.suggestions().get(there[0]) if there[0] in rewriting.placed else None


def rewrite(
    spelling: Spelling, read: Reader, like: Migration, replacements: Mapping[int, Sequence[Step]], so_far: PlanSoFar
) -> Rewritten:
    """The author's file with every suggestion; statements that cannot stay move to further files in deploy order."""
    wanted = {index: tuple(steps) for index, steps in replacements.items() if steps and index < len(like.statements)}
    gone = {index for index, steps in replacements.items() if not steps}
    rewriting = _Rewriting(spelling, read, like, dict(wanted), unfinished=so_far.unfinished, gone=gone)
    rewriting.follow()
    removed = rewriting.removed
    left = any(is_essential(one) for index, one in enumerate(like.statements) if index not in removed)
    suggestions = rewriting.suggestions() if left else {}
    text = apply(like.text, list(dict.fromkeys(suggestions.values()))) if left else None
    paths = spelling.paths(so_far, first=text is None and not rewriting.waits)
    files: dict[int, list[WrittenFile]] = {index: [] for index in sorted(wanted)}
    for index, stage, step in in_order(rewriting.further):
        owner = index if index in wanted else max((one for one in wanted if one < index), default=min(wanted))
        if step is not None:
            files[owner].append(write_step(spelling, step, stage, paths))
    for index in rewriting.stuck:
        files[index if index in wanted else min(wanted)].append(
            by_hand(like.statements[index], rewriting.wanted[index])
        )
    note = _stuck(rewriting) if text is not None else ""
    return Rewritten(text, suggestions, {index: tuple(further) for index, further in files.items()}, note=note)


def _stuck(rewriting: "_Rewriting") -> str:
    """Statements that no edit removes from the file, though others replace them."""
    stuck = rewriting.stuck
    lines = sorted({rewriting.like.statements[index].lines.first for index in stuck})
    if not lines:
        return ""
    named = f"see to lines {', '.join(map(str, lines))}" if len(lines) > 1 else f"see to line {lines[0]}"
    return f"{named} of the old file: no edit takes apart what is sent there, so it must be done by hand"


@dataclass(slots=True)
class _Rewriting:
    """Which statements of a file keep their place, and what replaces them there."""

    spelling: Spelling
    read: Reader
    like: Migration
    wanted: dict[int, tuple[Step, ...]]
    unfinished: Unfinished = field(default_factory=Unfinished)
    gone: Set[int] = frozenset()
    """What the steps of another statement do as well."""
    placed: set[int] = field(default_factory=set)
    """Replaced statements whose first step takes their place."""
    removed: set[int] = field(default_factory=set)
    edits: dict[int, list[Edit]] = field(default_factory=dict)
    """What changes because of each statement."""
    holders: dict[int, list[int]] = field(default_factory=dict)
    """Which statements of the file hold others back."""
    held: dict[int, Reach] = field(default_factory=dict)
    """What may not stay in the file because something before it is not over, and when that is."""
    further: list[tuple[int, int, Step | None]] = field(default_factory=list)
    """What further files do: the statement, the pull request, the step."""
    stuck: list[int] = field(default_factory=list)
    waits: bool = False
    """Whether something waits for another file of the plan."""
    down: DownSide = field(init=False)

    def __post_init__(self) -> None:
        self.down = DownSide(WrittenCode.of(self.spelling, self.read, self.like), self.like, dict(self.wanted))
        self.wanted = {index: tuple(steps) for index, steps in self.down.with_authors_way_back().items()}

    def suggestions(self) -> dict[int, Suggestion]:
        """For each statement that changes, what replaces its call; nothing does where the call leaves the file."""
        edits = {index: list(changes) for index, changes in self.edits.items()}
        if self._edits_way_back():
            for index, changes in self.down.edits(self.placed, self.removed).items():
                edits.setdefault(index, []).extend(changes)
        return as_suggestions(self.like.text, edits, self.holders, self.removed)

    def _edits_way_back(self) -> bool:
        return isinstance(self.down.side, WrittenCode) and self.down.side.edited

    def follow(self) -> None:
        """Finds the place of each statement, in the author's order."""
        taken: list[Lines] = []
        self.holders = held_by_gone(self.like.statements, self.gone, self.wanted)
        for group in self._groups():
            self._hold_back(group)
            if not any(index in self.wanted or index in self.gone for index in group):
                continue
            suggestion = self._suggestion(group, taken)
            if suggestion is None and self._leaves_whole(group):
                suggestion = self._suggestion(group, taken)
            if suggestion is not None:
                taken.append(suggestion.lines)
                edit = as_edit(self.like.text, suggestion)
                self.edits |= {index: [edit] for index in group if index in self.wanted or index in self.gone}
            for index in group:
                if index in self.wanted:
                    self._follow(index)
                elif index in self.gone and index not in self.removed:
                    self.stuck.append(index)

    def _hold_back(self, group: Sequence[int]) -> None:
        """Notes what must come after something that is not over; the author's own statement is then a step."""
        for index in group:
            if index in self.gone:
                continue
            self._wait(index)
            steps = self.wanted.get(index, ())
            if steps and steps[0].kind is not StepKind.MIGRATION:
                # It leaves the call, and holds back what the same call sends after it.
                self.unfinished.leave(self.like.statements[index], staged(steps, self.held.get(index, START))[1])

    def _wait(self, index: int) -> None:
        statement = self.like.statements[index]
        waiting = self.unfinished.holds_back(statement) if is_essential(statement) else None
        if waiting is None or (index not in self.wanted and (not self.wanted or not _is_written(statement))):
            return
        self.held[index] = waiting.reach
        self.holders.setdefault(index, []).extend(
            at for at, one in enumerate(self.like.statements[:index]) if place_of(one) in waiting.holders
        )
        step = Step(
            StepKind.MIGRATION,
            statement.operations,
            say("It depends on the step before it, so it follows it."),
            transactional=statement.transaction is not None,
        )
        self.wanted.setdefault(index, (with_authors_way_back(step, self.down.of_carried(index)),))

    def _leaves_whole(self, group: Sequence[int]) -> bool:
        """Has the whole call leave the file where it cannot stay in part, as the call in a loop."""
        statements = [self.like.statements[index] for index in group]
        if not all(index in self.wanted or _is_written(one) for index, one in zip(group, statements, strict=True)):
            return False
        for index, statement in zip(group, statements, strict=True):
            if index in self.gone:
                continue
            self.held.setdefault(index, START)
            transactional = statement.transaction is not None
            own = Step(StepKind.MIGRATION, statement.operations, transactional=transactional)
            self.wanted.setdefault(index, (own,))
        return True

    def _follow(self, index: int) -> None:
        """The further steps of a statement, after what holds it back, and what it holds back itself."""
        statement, steps = self.like.statements[index], self.wanted[index]
        reach = self.held.get(index)
        found, end = staged(steps, reach or START)
        if index in self.placed:
            self.further += ((index, stage, step) for stage, step in found[1:])
            self.unfinished.begin(statement, steps[1:], end)
        elif index in self.removed:
            self.further += ((index, stage, step) for stage, step in found)
            self.unfinished.leave(statement, end)
            self.waits = self.waits or (index in self.holders and len(self.removed) == 1)
        else:
            # A further file would do again what the file still does.
            self.stuck.append(index)

    def _groups(self) -> list[list[int]]:
        """Statements by the call that sends them."""
        groups: dict[tuple[int, int], list[int]] = {}
        for index, one in enumerate(self.like.statements):
            groups.setdefault((one.start, one.end), []).append(index)
        return list(groups.values())

    def _suggestion(self, group: Sequence[int], taken: Sequence[Lines]) -> Suggestion | None:
        """What replaces the call that sends these statements; None where no correct replacement exists, or its lines
        are `taken` by another."""
        span = self._span([self.like.statements[index] for index in group])
        if span is None:
            return None
        try:
            places = [self._place(index) for index in group]
            calls = self.spelling.placed(_said_once(places), span[0], self._undo(places))
        except Unwritable:
            return None
        edits = [edit for place in places for edit in place.edits]
        tried = [self._lines(span, calls, edits)]
        if not calls and self.spelling.nothing:
            # It may be all that a function or a loop does.
            tried.append(self._lines(span, (self.spelling.nothing,), edits))
        meant = {place.index: place.meant for place in places}
        fitting = (one for one in tried if not any(overlap(one.lines, lines) for lines in taken))
        suggestion = next((one for one in fitting if self._holds(one, meant)), None)
        if suggestion is None:
            return None
        self.placed.update(place.index for place in places if place.stays and place.index in self.wanted)
        self.removed.update(place.index for place in places if not place.stays)
        return suggestion

    def _undo(self, places: Sequence["_Place"]) -> list[str] | None:
        """The calls that undo what stands in the place of one, the last first. Raises Unwritable."""
        calls: list[str] = []
        for place in reversed([place for place in places if place.stays]):
            statement = self.like.statements[place.index]
            own = Step(StepKind.MIGRATION, statement.operations)
            down = way_back(self.wanted[place.index][0] if place.index in self.wanted else own).down
            if down is None:
                return None
            calls += (call for operation in down for call in self.spelling.calls((operation,)))
        return calls

    def _place(self, index: int) -> "_Place":
        """What replaces a statement. Raises Unwritable."""
        statement = self.like.statements[index]
        if index in self.gone:
            return _Place(index, stays=False)
        if index not in self.wanted:
            return _Place(index, tuple(self.spelling.calls(statement.operations)), (statement.operations,))
        edits = self._edits(index, statement)
        if edits is None:
            return _Place(index, stays=False)
        meant = tuple((operation,) for operation in self.wanted[index][0].operations)
        return _Place(index, self._spelled(index, statement), meant, frozenset(self._settings(index)), edits)

    def _edits(self, index: int, one: Statement) -> tuple[Edit, ...] | None:
        """What else changes when the first step replaces the statement, None where it cannot."""
        step = self._first(index)
        if (
            index in self.held
            or step.kind is not StepKind.MIGRATION
            or not step.operations
            or isinstance(one.operations[0], op.Unread)
        ):
            return None
        alone = self._lonely(index)
        if step.apart and not alone:
            return None
        if step.transactional or one.transaction is None:
            return ()
        if not alone:
            # A failure behind it would leave a part of the file done, and nothing that says so.
            return None
        unwrapped = self.spelling.unwrap()
        if self.spelling.outside(("x",)) is not None:
            return ()
        return (unwrapped,) if unwrapped is not None else None

    def _first(self, index: int) -> Step:
        """The step that may take the statement's place, as it runs where nothing else is in the file."""
        step = self.wanted[index][0]
        return self.spelling.apart(step) if self._lonely(index) else step

    def _lonely(self, index: int) -> bool:
        return not any(is_essential(one) for at, one in enumerate(self.like.statements) if at != index)

    def _spelled(self, index: int, one: Statement) -> tuple[str, ...]:
        step = self._first(index)
        calls = calls_of(self.spelling, step, local=one.transaction is not None)
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
        return self.spelling.around(first.start, first.end) if len(statements) == 1 else None

    def _settings(self, index: int) -> set[str]:
        """The calls that set something to the end of the transaction, which need not be repeated."""
        step = self._first(index)
        if not step.transactional or self.like.statements[index].transaction is None:
            return set()
        found = [op.SetSetting(name, value, local=True) for name, value in step.settings]
        return {call for setting in found for call in self.spelling.calls((setting,))}

    def _lines(self, span: tuple[int, int], calls: Sequence[str], edits: Sequence[Edit]) -> Suggestion:
        text = self.like.text
        if calls:
            indent = indent_at(text, span[0])
            shifted = [_indented(call, indent) for call in calls]
            return whole_lines(text, [*edits, Edit(span[0], span[1], f"\n{indent}".join(shifted))])
        begin, end = text.rfind("\n", 0, span[0]) + 1, text.find("\n", span[1])
        return whole_lines(text, [*edits, Edit(_above(text, begin), len(text) if end < 0 else end + 1, "")])

    def _holds(self, suggestion: Suggestion, meant: Mapping[int, Sequence[tuple[op.Operation, ...]]]) -> bool:
        """Whether the file with the suggestion in it means the same except for what these statements then are."""
        source = SourceFile(self.like.path, apply(self.like.text, [suggestion]))
        run = self.read(Files(changed=[source]))
        statements = run.migrations[0].statements if run.migrations else ()
        expected: list[tuple[op.Operation, ...]] = []
        for index, statement in enumerate(self.like.statements):
            expected += meant.get(index, (statement.operations,))
        found = (one.operations for one in statements)
        return [_meaning(one) for one in found if _counts(one)] == [_meaning(one) for one in expected if _counts(one)]


def _counts(operations: tuple[op.Operation, ...]) -> bool:
    return not isinstance(operations[0], op.SetSetting)


@record
class _Place:
    """The replacement of a statement: the calls in its place, the operations they must mean, and what else changes."""

    index: int
    calls: tuple[str, ...] = ()
    meant: tuple[tuple[op.Operation, ...], ...] = ()
    settings: frozenset[str] = frozenset()
    """Those of the calls that hold to the end of the transaction."""
    edits: tuple[Edit, ...] = ()
    stays: bool = True
    """False: nothing replaces the statement."""


def _said_once(places: Sequence[_Place]) -> list[str]:
    """The calls one after the other; each setting to the end of the transaction only once."""
    calls: list[str] = []
    settings: set[str] = set()
    for place in places:
        calls += [call for call in place.calls if call not in settings]
        settings |= place.settings
    return calls


def _is_written(statement: Statement) -> bool:
    """Whether its operations are all that it is, so that writing them loses nothing."""
    try:
        return bool(write_statement(statement.operations))
    except Unwritable:
        return False


def _above(text: str, begin: int) -> int:
    """Where the comments begin that stand directly above a line: they describe it."""
    while begin > 0:
        above = text.rfind("\n", 0, begin - 1) + 1
        if not text[above:begin].strip().startswith("#"):
            break
        begin = above
    return begin


def _indented(call: str, indent: str) -> str:
    """The lines below the first moved in, empty ones left empty."""
    first, *rest = call.split("\n")
    return "\n".join([first, *(f"{indent}{line}" if line else line for line in rest)])


def _meaning(operations: tuple[op.Operation, ...]) -> str:
    try:
        return " ".join(write_statement(operations).split())
    except Unwritable:
        return repr(operations)
