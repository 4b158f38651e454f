"""Files with only statements: no marker, one section."""

from collections.abc import Sequence

from bot.core.judging.framework import Files, SourceFile
from bot.core.language.migrations import Migration
from bot.frameworks.sql_files.convention import NO_EDIT, Body, Companion, Edit, Layout, Section


def lay_out_whole(source: SourceFile, *, wrapped: bool, split: bool, because: str = "") -> Layout:
    """The whole file as one section."""
    section = Section(0, len(source.text), wrapped=wrapped, split=split, because=because)
    return Layout((section,), transactional=wrapped)


def lay_out_one_string(source: SourceFile, _files: Files) -> Layout:
    """The whole file as one string, without a transaction of the tool around it."""
    return lay_out_whole(source, wrapped=False, split=False)


def compose_bare(body: Body, _like: Migration) -> str:
    return terminated(body.up)


def down_file_beside(body: Body, _like: Migration) -> Companion | None:
    """`x.down.sql` beside `x.up.sql`, or `down.sql` beside `up.sql`."""
    if body.down is None or not body.path.endswith("up.sql"):
        return None
    text = terminated(body.down) if body.down else "-- There is nothing to undo.\n"
    return Companion(f"{body.path.removesuffix('up.sql')}down.sql", text)


def unwrap_nothing(_text: str) -> Edit:
    """Nothing to edit: a file with one statement runs it alone."""
    return NO_EDIT


def terminated(statements: Sequence[str]) -> str:
    """The statements with their semicolons, a blank line between two."""
    return "\n".join(f"{statement};\n" for statement in statements)


def in_transaction(statements: Sequence[str]) -> str:
    """The same in a transaction that the file itself opens and ends."""
    return f"BEGIN;\n\n{terminated(statements)}\nCOMMIT;\n"
