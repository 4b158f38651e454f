"""The options of a sequence, also of an identity column."""

from bot.core.language.names import Name
from bot.sql.grammar.types import simple_type
from bot.sql.text.cursor import Cursor
from bot.sql.text.tokens import NUMBER


def sequence_options(c: Cursor) -> tuple[str, tuple[Name, str] | None]:
    """The options of a sequence, verbatim, and the column that owns it."""
    first = c.at
    owner: tuple[Name, str] | None = None
    while True:
        if c.is_at("OWNED", "BY"):
            owner = _owner(c)
        elif not sequence_option(c):
            return c.text(first), owner


def _owner(c: Cursor) -> tuple[Name, str] | None:
    c.need("OWNED", "BY")
    parts = c.dotted()
    if len(parts) < 2:
        return None
    return Name(parts[-2], parts[-3] if len(parts) > 2 else None), parts[-1]


def sequence_option(c: Cursor) -> bool:
    """One option of a sequence, if present (SeqOptElem)."""
    if c.is_at("OWNED", "BY"):
        _owner(c)
    elif c.eat("AS"):
        simple_type(c)
    elif c.eat("NO"):
        c.need_any("CYCLE", "MAXVALUE", "MINVALUE")
    elif c.eat("SEQUENCE", "NAME"):
        c.qualified()
    elif not (c.eat_any("CYCLE", "LOGGED", "UNLOGGED") or _number(c)):
        return False
    return True


def _number(c: Cursor) -> bool:
    """An option with a number, if present."""
    if c.eat_any("CACHE", "MAXVALUE", "MINVALUE"):
        c.signed()
    elif c.eat("INCREMENT"):
        c.eat("BY")
        c.signed()
    elif c.eat("START"):
        c.eat("WITH")
        c.signed()
    else:
        return restart(c)
    return True


def restart(c: Cursor) -> bool:
    """RESTART [[WITH] number], if present."""
    if not c.eat("RESTART"):
        return False
    if c.eat("WITH") or c.kind == NUMBER or c.is_at_any("+", "-"):
        c.signed()
    return True
