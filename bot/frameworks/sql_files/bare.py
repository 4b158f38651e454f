"""Files with only statements: no marker, one section."""

from collections.abc import Sequence

from bot.core.judging.framework import Files, SourceFile
from bot.core.language.migrations import Migration
from bot.frameworks.sql_files.convention import NO_EDIT, Body, Edit, Layout, Section, Undo


def lay_out_whole(source: SourceFile, *, wrapped: bool, split: bool, because: str = "") -> Layout:
    """The whole file as one section."""
    section = Section(0, len(source.text), wrapped=wrapped, split=split, because=because)
    return Layout((section,), transactional=wrapped)


def lay_out_one_string(source: SourceFile, _files: Files) -> Layout:
    """The whole file as one string, without a transaction of the tool around it."""
    return lay_out_whole(source, wrapped=False, split=False)


def compose_bare(body: Body, _like: Migration) -> str:
    return terminated(body.up)


def down_path(path: str) -> str | None:
    """`x.down.sql` for `x.up.sql`, `down.sql` for `up.sql`, `x-down.sql` for `x-up.sql`; else none."""
    if not f"/{path}".endswith(("/up.sql", ".up.sql", "-up.sql")):
        return None
    return f"{path.removesuffix('up.sql')}down.sql"


def compose_bare_down(body: Body, _like: Migration) -> str:
    return terminated(body.down) if body.down else "-- There is nothing to undo.\n"


UNDONE_BESIDE = Undo(down_path, compose_bare_down)


def unwrap_nothing(_text: str) -> Edit:
    """Nothing to edit: a file with one statement runs it alone."""
    return NO_EDIT


def terminated(statements: Sequence[str]) -> str:
    """The statements with their semicolons, a blank line between two."""
    return "\n".join(f"{statement};\n" for statement in statements)


def in_transaction(statements: Sequence[str]) -> str:
    """The same in a transaction that the file itself opens and ends."""
    return f"BEGIN;\n\n{terminated(statements)}\nCOMMIT;\n"
