"""`migsafe: allow RULE REASON` and `migsafe: released REASON` in comments: why, and on which statement."""

import re
from collections.abc import Iterable, Sequence

from bot.core.language.migrations import RELEASED, Allow, Lines, Statement
from bot.core.record import record

_DIRECTIVE = re.compile(
    r"migsafe\s*:\s*(?:allow\b[ \t]*+[:,-]?[ \t]*+(?P<rule>[A-Za-z][A-Za-z0-9_-]*)|released\b[ \t]*+[:,-]?)"
    r"(?P<rest>.*?)(?=\bmigsafe\s*:\s*(?:allow|released)\b|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_SEPARATORS = " \t\r\n,;:.–—-"


@record
class CommentLines:
    """A comment of any language, its marks (`--`, `#`, `/*`) included or not, with its lines in the file."""

    text: str
    lines: Lines


def read_allows(
    comments: Iterable[CommentLines], statements: Sequence[Statement], blank: Iterable[int] = ()
) -> tuple[Allow, ...]:
    """Every directive in the comments, with the statement it concerns.

    That is the statement whose lines the comment touches, else the next one below it with only comments and blank
    lines in between. `blank` are the lines of the file with neither code nor comment.
    """
    ordered = sorted(comments, key=lambda comment: comment.lines.first)
    touched = _touched(statements)
    first_lines = {statement.lines.first for statement in statements}
    next_line = _next_lines([*blank, *(line for comment in ordered for line in _every(comment.lines))])
    allows: list[Allow] = []
    for comment in ordered:
        found = list(_directives(comment))
        if found:
            below = next_line.get(comment.lines.last + 1, comment.lines.last + 1)
            beside = max((touched[line] for line in _every(comment.lines) if line in touched), default=None)
            line = beside if beside is not None else below if below in first_lines else None
            allows += (Allow(rule, reason, at, line) for rule, reason, at in found)
    return tuple(allows)


def blank_lines(text: str) -> tuple[int, ...]:
    """The numbers of the empty lines."""
    return tuple(number for number, line in enumerate(text.split("\n"), start=1) if not line.strip())


def _directives(comment: CommentLines) -> Iterable[tuple[str, str, int]]:
    line, position = comment.lines.first, 0
    for match in _DIRECTIVE.finditer(comment.text):
        line += comment.text.count("\n", position, match.start())
        position = match.start()
        yield (match["rule"] or RELEASED).lower().replace("_", "-").rstrip("-"), _reason(match["rest"]), line


def _reason(rest: str) -> str:
    """The words after the rule up to the next blank line, without separators and the marks of the comment."""
    kept: list[str] = []
    for number, line in enumerate(rest.split("\n")):
        bare = line.strip().removesuffix("*/").strip()
        words = bare if number == 0 else bare.lstrip("-*# ")
        if not words and number:
            break
        kept.append(words)
    return " ".join(kept).strip(_SEPARATORS)


def _touched(statements: Sequence[Statement]) -> dict[int, int]:
    """For each line with a statement, the first line of the last to begin there: also of one in a DO body."""
    touched: dict[int, int] = {}
    for statement in statements:
        for line in _every(statement.lines):
            touched[line] = max(statement.lines.first, touched.get(line, 0))
    return touched


def _next_lines(passable: Iterable[int]) -> dict[int, int]:
    """For each line of blanks or comments, the next line below that is neither."""
    next_line: dict[int, int] = {}
    for line in sorted(passable, reverse=True):
        next_line[line] = next_line.get(line + 1, line + 1)
    return next_line


def _every(lines: Lines) -> range:
    return range(lines.first, lines.last + 1)
