"""What the parts of operations that are kept as text call, cast to and name: these are asked of the replica, too."""

import re
from collections.abc import Iterator

from bot.core.language import operations as op
from bot.core.language.names import Name, NameKind

TAKE_REGCLASS = frozenset({"nextval", "setval", "currval", "pg_get_serial_sequence", "to_regclass"})
"""Functions that take the name of a relation in a string."""

_LONGEST = 100_000
"""Characters of a text that are looked through; a longer one holds data."""
_NAME = r'(?:[\w$]+|"[^"]+")(?:\.(?:[\w$]+|"[^"]+"))?'
_STRING = re.compile(r"'([^']{1,200})'")
_CAST = re.compile(rf"(?:::|\bas\b)\s*({_NAME})", re.IGNORECASE)
_TYPED = re.compile(rf"({_NAME})\s*'")
_CALL = re.compile(rf"({_NAME})\s*\(")


def names_in_texts(value: object) -> Iterator[tuple[NameKind, Name]]:
    """The names, each with its kind; some of them are none of anything that exists."""
    for text in _texts_of(value):
        text = text[:_LONGEST]
        yield from ((NameKind.FUNCTION, _folded(word)) for word in _CALL.findall(text))
        yield from ((NameKind.TYPE, _folded(word)) for word in (*_CAST.findall(text), *_TYPED.findall(text)))
        if any(word in text for word in TAKE_REGCLASS):
            yield from ((NameKind.RELATION, _folded(word)) for word in _STRING.findall(text))
    for spelled in _types_of(value):
        yield NameKind.TYPE, _folded(spelled)


def _texts_of(value: object) -> tuple[str, ...]:
    match value:
        case op.Query(text=text):
            return (text,)
        case op.Insert(values=values, conflict=conflict):
            return values, conflict
        case op.Update(assignments=assignments, sources=sources, queries=queries):
            return assignments, sources, queries
        case op.Delete(sources=sources, queries=queries):
            return sources, queries
        case _:
            return ()


def _types_of(value: object) -> tuple[str, ...]:
    """Types by their names in pg_type."""
    match value:
        case op.CreateFunction(types=types, returns=returns):
            return (*(types or ()), *re.findall(_NAME, returns))
        case op.DropFunction(types=lists):
            return tuple(one for types in lists for one in types or ())
        case op.Mention(of=of) if of:
            return tuple(part for part in of.split(",") if part)
        case _:
            return ()


def _folded(text: str) -> Name:
    """A name as PostgreSQL folds it."""
    schema, _, name = text.removesuffix("[]").rpartition(".")
    parts = [part.strip('"') if part.startswith('"') else part.lower() for part in (schema, name)]
    return Name(parts[1], parts[0] or None)
