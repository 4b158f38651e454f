"""Files cut by comment lines such as `-- +goose Up`: what goose and sql-migrate have in common."""

import re
from collections.abc import Iterator, Sequence

from bot.core.record import record
from bot.frameworks.sql_files.convention import Body, CannotRunOutside, Edit, Layout, Refused, Section


@record
class Marker:
    """`-- +goose Up`: `command` is `up`, lower case; `start` and `end` are the line's offsets."""

    command: str
    options: tuple[str, ...]
    start: int
    end: int


def annotations(text: str, tool: str) -> list[Marker]:
    """Every line that is an annotation of the tool, in order."""
    pattern = re.compile(rf"(?m)^--[ \t]*\+{tool}[ \t]+([^\r\n]*)")
    found: list[Marker] = []
    for match in pattern.finditer(text):
        words = match[1].split()
        if words:
            found.append(Marker(words[0].lower(), tuple(words[1:]), match.start(), match.end()))
    return found


def lay_out_annotated(text: str, marks: Sequence[Marker], *, wrapped: bool, because: str, refusal: str) -> Layout:
    """The up sections: one where a transaction holds them all, else each StatementBegin block is a separate string."""
    ups = [mark for mark in marks if mark.command == "up"]
    if not ups:
        return Layout((), transactional=None, refused=(Refused(0, len(text), refusal),))
    start = ups[0].start
    down = next((mark.start for mark in marks if mark.command == "down" and mark.start > start), len(text))
    undone = ((down, len(text)),) if down < len(text) else ()
    notes = ("the down side was not judged",) if undone else ()
    if wrapped:
        section = Section(start, down, wrapped=True, split=True, because=because)
        return Layout((section,), transactional=True, notes=notes, down=undone)
    blocks = [
        mark for mark in marks if mark.command in ("statementbegin", "statementend") and start < mark.start < down
    ]
    return Layout(tuple(_pieces(start, down, blocks)), transactional=False, notes=notes, down=undone)


def compose_annotated(tool: str, body: Body, *, head: str = "", option: str = "") -> str:
    """A file as the tool creates it: `head` above, `option` after the markers that need it."""
    undone = "".join(_marked(tool, statement) for statement in body.down or ())
    if not body.down:
        undone = "-- There is nothing to undo.\n" if body.down is not None else "-- This cannot be undone.\n"
    done = "".join(_marked(tool, statement) for statement in body.up)
    return f"{head}-- +{tool} Up{option}\n{done}\n-- +{tool} Down{option if body.down else ''}\n{undone}"


def edit_at(marks: Sequence[Marker], side: str, *, above: str = "", after: str = "") -> Edit | CannotRunOutside:
    """The edit that makes the tool run that side, `up` or `down`, outside a transaction: a line above its marker, or an
    option after it."""
    found = [mark for mark in marks if mark.command == side]
    if len(found) != 1:
        return CannotRunOutside(f"the file has several {side} markers")
    at = found[0].start if above else found[0].end
    return Edit(at, at, above or after)


def _pieces(start: int, end: int, blocks: Sequence[Marker]) -> Iterator[Section]:
    position, inside = start, False
    for mark in blocks:
        if mark.command == "statementbegin" and not inside:
            yield Section(position, mark.start, wrapped=False, split=True)
        elif mark.command == "statementend" and inside:
            yield Section(position, mark.start, wrapped=False, split=False)
        else:
            continue
        position, inside = mark.start, not inside
    yield Section(position, end, wrapped=False, split=not inside)


def _marked(tool: str, statement: str) -> str:
    if ";" not in statement:
        return f"{statement};\n"
    return f"-- +{tool} StatementBegin\n{statement};\n-- +{tool} StatementEnd\n"
