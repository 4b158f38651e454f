"""`migsafe: allow RULE REASON` in comments: which rule, why, and on which statement."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.core.migrations import Allow, Lines, Statement

_DIRECTIVE = re.compile(
    r"migsafe\s*:\s*allow\b[ \t]*[:,-]?[ \t]*(?P<rule>[A-Za-z][A-Za-z0-9_-]*)"
    r"(?P<rest>.*?)(?=\bmigsafe\s*:\s*allow\b|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_SEPARATORS = " \t\r\n,;:.–—-"


@dataclass(frozen=True, slots=True)
class CommentLines:
    """A comment of any language, its marks (`--`, `#`, `/*`) included or not, with its lines in the file."""

    text: str
    lines: Lines


def read_allows(
    comments: Iterable[CommentLines], statements: Sequence[Statement], blank: Iterable[int] = ()
) -> tuple[Allow, ...]:
    """Every allow in the comments, with the statement it concerns.

    That is the one whose lines the comment touches, else the next one below it with nothing between them but
    comments and blank lines. `blank` are the lines of the file that hold neither code nor comment.
    """
    ordered = sorted(comments, key=lambda comment: comment.lines.first)
    passable = set(blank)
    for comment in ordered:
        passable.update(range(comment.lines.first, comment.lines.last + 1))
    return tuple(
        Allow(rule, reason, line, _statement_line(comment.lines, statements, passable))
        for comment in ordered
        for rule, reason, line in _directives(comment)
    )


def blank_lines(text: str) -> tuple[int, ...]:
    """The numbers of the lines that hold nothing."""
    return tuple(number for number, line in enumerate(text.split("\n"), start=1) if not line.strip())


def _directives(comment: CommentLines) -> Iterable[tuple[str, str, int]]:
    for match in _DIRECTIVE.finditer(comment.text):
        line = comment.lines.first + comment.text.count("\n", 0, match.start())
        yield match["rule"].lower().replace("_", "-").rstrip("-"), _reason(match["rest"]), line


def _reason(rest: str) -> str:
    """The words behind the rule up to the next blank line, without separators and the marks of the comment."""
    kept: list[str] = []
    for number, line in enumerate(rest.split("\n")):
        bare = line.strip().removesuffix("*/").strip()
        words = bare if number == 0 else bare.lstrip("-*# ")
        if not words and number:
            break
        kept.append(words)
    return " ".join(kept).strip(_SEPARATORS)


def _statement_line(comment: Lines, statements: Sequence[Statement], passable: set[int]) -> int | None:
    touched = [
        statement
        for statement in statements
        if statement.lines.first <= comment.last and comment.first <= statement.lines.last
    ]
    if touched:
        return _nearest(comment, touched)
    below = [statement.lines.first for statement in statements if statement.lines.first > comment.last]
    if not below:
        return None
    first = min(below)
    return first if all(line in passable for line in range(comment.last + 1, first)) else None


def _nearest(comment: Lines, touched: Sequence[Statement]) -> int:
    """Of several that share lines with the comment: the last to begin, so that one in a DO body is meant itself."""
    beginning = [statement.lines.first for statement in touched if statement.lines.first <= comment.last]
    return max(beginning)
