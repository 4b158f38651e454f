"""The changes in an author's file as suggestions: each is right alone, and all together make the file of the plan."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.core.judging.findings import Suggestion
from bot.core.language.lines import lines_of
from bot.core.language.migrations import Lines
from bot.frameworks.sql_files.convention import Edit
from bot.frameworks.sql_files.suggestions import overlap, whole_lines


def as_suggestions(
    text: str,
    edits: Mapping[int, Sequence[Edit]],
    held: Mapping[int, Collection[int]],
    moved: Collection[int],
) -> dict[int, Suggestion]:
    """For each statement that changes, what changes with it.

    `edits` are the changes of each statement; `held` names those whose change makes a statement fail where it stands,
    so that both are one suggestion. What shares lines, or lies between, is one suggestion, too.
    """
    groups = _overlapping([_Group.of(text, owners, edits) for owners in _together(edits, held)])
    found: dict[int, Suggestion] = {}
    for group in groups:
        suggestion = whole_lines(text, group.edits)
        moves = not group.owners.isdisjoint(moved)
        found |= dict.fromkeys(sorted(group.owners), Suggestion(suggestion.lines, suggestion.text, moves=moves))
    return dict(sorted(found.items()))


def as_edit(text: str, suggestion: Suggestion) -> Edit:
    """The suggestion as characters; one without text takes the ends of its lines with it."""
    starts = [0, *(at + 1 for at, letter in enumerate(text) if letter == "\n")]
    start = starts[suggestion.lines.first - 1]
    behind = starts[suggestion.lines.last] if suggestion.lines.last < len(starts) else len(text)
    if not suggestion.text:
        return Edit(start, behind, "")
    end = behind - 1 if text[behind - 1 : behind] == "\n" else behind
    return Edit(start, end - 1 if text[end - 1 : end] == "\r" else end, suggestion.text)


@dataclass(frozen=True, slots=True)
class _Group:
    """Statements that change together, and the lines from the first of their changes to the last."""

    owners: frozenset[int]
    edits: tuple[Edit, ...]
    lines: Lines

    @classmethod
    def of(cls, text: str, owners: Iterable[int], edits: Mapping[int, Sequence[Edit]]) -> "_Group":
        owners = frozenset(owners)
        # One call may send several statements, which then share their edits.
        every = tuple(dict.fromkeys(edit for owner in sorted(owners) for edit in edits[owner]))
        found = [lines_of(text).lines(edit.start, edit.end) for edit in every]
        return cls(owners, every, Lines(min(one.first for one in found), max(one.last for one in found)))

    def with_other(self, other: "_Group") -> "_Group":
        lines = Lines(min(self.lines.first, other.lines.first), max(self.lines.last, other.lines.last))
        return _Group(self.owners | other.owners, tuple(dict.fromkeys((*self.edits, *other.edits))), lines)


def _together(edits: Mapping[int, Sequence[Edit]], held: Mapping[int, Collection[int]]) -> Iterator[set[int]]:
    """The statements that must change together."""
    groups: dict[int, set[int]] = {index: {index} for index in edits}
    for index in edits:
        for holder in held.get(index, ()):
            if holder in groups and groups[holder] is not groups[index]:
                groups[holder] |= groups[index]
                for member in groups[index]:
                    groups[member] = groups[holder]
    seen: set[int] = set()
    for group in groups.values():
        if seen.isdisjoint(group):
            seen |= group
            yield group


def _overlapping(groups: Iterable[_Group]) -> list[_Group]:
    merged: list[_Group] = []
    for group in sorted(groups, key=lambda group: group.lines.first):
        if merged and overlap(merged[-1].lines, group.lines):
            merged[-1] = merged[-1].with_other(group)
        else:
            merged.append(group)
    return merged
