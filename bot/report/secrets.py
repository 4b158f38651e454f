"""What the catalog holds that the migrations do not name: its names, and whether a text is made of them.

Code is searched for tokens, not for whole names: `users_zq_idx_new`, `BuildZqIdx` and "build zq idx" are all made from
`zq_idx`. Words that the migrations hold, and PostgreSQL's own, are no secret.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum

from bot.core.effects.functions.builtin_functions import FUNCTIONS
from bot.core.effects.functions.casts import BUILT_IN
from bot.core.language.messages import Message
from bot.core.language.migrations import Run
from bot.core.language.names import RESERVED, Name
from bot.core.language.types import ALIASES, SERIALS
from bot.core.schema.catalog import Catalog, Size

WORD = re.compile(r"[\w$]+")
_QUOTED = re.compile(r"\"((?:[^\"\n]|\"\"){1,200})\"|'((?:[^'\n]|''){1,200})'")
_PART = re.compile(r"\"((?:[^\"]|\"\")+)\"|'((?:[^']|'')*)'|([\w$]+)")
_TOKEN = re.compile(r"[^\W\d_]+|\d+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LONGEST = 40
"""Characters of a word that may be a name cut at 63 bytes: longer ones are shown only if the migrations hold them."""

_WORDS_OF_TOOLS = frozenset("change class def down execute index migration name op revision type up version".split())
"""Words that are common in files of frameworks: as columns they are not secret, and would hide every file."""

_WELL_KNOWN = frozenset(
    """
    action after always array_ops before bpchar_pattern_ops brin btree by c cascade character citext concurrently
    create data day default deferrable deferred delete double each enum excluded expression extension first for full
    function generated geography geometry gin gin_trgm_ops gist gist_trgm_ops hash heap hour hstore identity if
    immediate index inet_ops insert instead internal interval jsonb_ops jsonb_path_ops key last list local ltree
    maxvalue minute minvalue modulus month name no nothing nulls on only operator option partial pg_catalog plpgsql
    precision public range references remainder replace restrict row schema second sequence set simple spgist sql
    statement stored text_pattern_ops time tsvector_ops type update using valid value values varchar_pattern_ops
    varying vector view with without year zone
    """.split()
)
"""Words of SQL that are not reserved, and names of methods, operator classes and types that everybody has."""


def is_built_in(word: str) -> bool:
    """Whether the word is a part of SQL, or PostgreSQL's own name for something, or a short number."""
    lower = word.lower()
    return (
        lower in RESERVED
        or lower in _WELL_KNOWN
        or lower in FUNCTIONS
        or lower in BUILT_IN
        or lower in ALIASES
        or lower in SERIALS
        or (word.isdigit() and len(word) < 4)
    )


def words_of(run: Run) -> frozenset[str]:
    """What the migrations, and the SQL that a framework turns them into, name: words as written and folded to lower
    case as PostgreSQL does, and what stands between quotes as a whole."""
    texts = [migration.text for migration in run.migrations]
    texts += [statement.sql for statement in run.statements if statement.generated]
    text = "\n".join(texts)
    written = WORD.findall(text)
    quoted = (double.replace('""', '"') or single.replace("''", "'") for double, single in _QUOTED.findall(text))
    return frozenset((*written, *(word.lower() for word in written), *quoted))


def parts_of(sql: str) -> Iterator[str]:
    """The words of a piece of SQL; quoted names and strings as wholes."""
    for name, string, word in _PART.findall(sql):
        yield name.replace('""', '"') or string.replace("''", "'") or word


def names_in(catalog: Catalog) -> frozenset[str]:
    """Every name in the catalog: of relations and what belongs to them, columns, types, functions, schemas."""
    names = _objects_of(catalog)
    names |= {column.name for relation in catalog.relations.values() for column in relation.columns}
    names |= {attribute.name for type in catalog.types.values() for attribute in type.attributes}
    return frozenset(names)


def held_in_code(catalog: Catalog, words: frozenset[str]) -> frozenset[str]:
    """What a rewrite could take from the catalog that the migrations do not hold: names of objects, columns of the
    tables that they name, and the words of those tables' expressions."""
    named = [relation for name, relation in catalog.relations.items() if name.name in words]
    columns = {column.name for relation in named for column in relation.columns} - _WORDS_OF_TOOLS
    indexes = [index for index in catalog.indexes.values() if index.table.name in words]
    texts = _texts((named, indexes, tuple(catalog.types.values())))
    expressions = {word for text in texts for word in WORD.findall(text) if not is_built_in(word)}
    return frozenset((_objects_of(catalog) | columns | (expressions - _WORDS_OF_TOOLS)) - words)


def holds_secret(text: str, secrets: Iterable[str], words: frozenset[str]) -> bool:
    """Whether a part of the text that the migrations do not hold is one of the secrets, or made from one."""
    foreign = [word for word in WORD.findall(text) if word not in words and word.lower() not in words]
    if any(len(word) > _LONGEST for word in foreign):
        return True
    tokens = [token for word in foreign for token in _tokens(word)]
    by_first: dict[str, list[tuple[str, ...]]] = {}
    for secret in secrets:
        parts = tuple(_tokens(secret))
        if not parts and secret in text:
            return True
        if parts:
            by_first.setdefault(parts[0], []).append(parts)
    return any(
        tuple(tokens[at : at + len(parts)]) == parts
        for at, token in enumerate(tokens)
        for parts in by_first.get(token, ())
    )


def _tokens(name: str) -> Iterator[str]:
    """`zq_idx17` and `ZqIdx17` -> zq, idx, 17."""
    for token in _TOKEN.findall(name):
        yield from (part.lower() for part in _HUMP.split(token))


def _objects_of(catalog: Catalog) -> set[str]:
    names = {name.name for name in (*catalog.relations, *catalog.indexes, *catalog.types)}
    names |= {name.schema for name in (*catalog.relations, *catalog.indexes, *catalog.types) if name.schema}
    names |= {function.name.name for function in catalog.functions}
    names |= {*catalog.schemas, *catalog.extensions, catalog.database}
    for relation in catalog.relations.values():
        names |= {one.name for one in (*relation.constraints, *relation.triggers, *relation.policies)}
        names |= {*relation.rules, *relation.publications, *(name.name for name in relation.statistics)}
    for type in catalog.types.values():
        names |= {*type.labels, *(check.name for check in type.checks)}
    return names - {"", "public", "plpgsql", "pg_catalog"}


_NO_NAMES = frozenset(
    "kind persistence replica_identity volatility language size notes definition events settings source".split()
)
"""Fields that hold words of PostgreSQL or of migsafe."""


def _texts(value: object) -> Iterator[str]:
    """Every name and every text of an expression in a value of the catalog."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Name):
        yield from (part for part in (value.schema, value.name) if part)
    elif isinstance(value, Mapping):
        yield from _texts((*value.keys(), *value.values()))
    elif isinstance(value, list | tuple | frozenset):
        for item in value:
            yield from _texts(item)
    elif not isinstance(value, Enum | Message | Size):
        for field in getattr(value, "__dataclass_fields__", ()):
            if field not in _NO_NAMES:
                yield from _texts(getattr(value, field))
