"""A DO block that does its statements one after the other: they can stand in the file without it, and leave it."""

import re
from collections.abc import Sequence

from bot.core.language import operations as op
from bot.core.language.migrations import Migration, Statement
from bot.core.record import record
from bot.frameworks.sql_files.convention import Convention, Edit
from bot.frameworks.sql_files.suggestions import deletion_of, indent_at
from bot.sql import read_script

_BODY = re.compile(r"\s*BEGIN\b(?P<body>.*)\bEND\b\s*;?\s*", re.IGNORECASE | re.DOTALL)


@record
class TakenApart:
    """The block at `index`, its statements `members`, and those that stay in its place, as SQL."""

    index: int
    members: tuple[int, ...]
    kept: tuple[str, ...]

    def edit(self, convention: Convention, like: Migration) -> Edit:
        block = like.statements[self.index]
        gone = deletion_of(like.text, block)
        if not self.kept:
            return gone
        indent = indent_at(like.text, block.start)
        text = f";\n{indent}".join(convention.escape(one) for one in self.kept)
        behind = re.compile(r"\s*;").match(like.text, block.end)
        return Edit(block.start, behind.end() if behind else block.end, f"{text};")


def statements_in(like: Migration, index: int) -> tuple[int, ...]:
    """The statements of the DO block, none where it decides, repeats, or does anything that was not read."""
    match like.statements[index].operations:
        case (op.Do(language="plpgsql", body=body, commits=False),):
            found = _BODY.fullmatch(body)
        case _:
            found = None
    if found is None or like.statements[index].inside is not None:
        return ()
    members: list[int] = []
    for at in range(index + 1, len(like.statements)):
        if like.statements[at].inside is None:
            break
        members.append(at)
    inside = [like.statements[at] for at in members]
    return tuple(members) if _is_all(found["body"], inside) else ()


def _is_all(body: str, inside: Sequence[Statement]) -> bool:
    """Whether the body says these statements, and nothing besides."""
    alone = read_script(body).statements
    return len(alone) == len(inside) and all(
        one.operations == other.operations and not isinstance(one.operations[0], op.Unread)
        for one, other in zip(alone, inside, strict=True)
    )
