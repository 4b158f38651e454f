"""Names as PostgreSQL stores them: folded, truncated, optionally with a schema."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Annotated

NAMEDATALEN = 64
"""PostgreSQL's limit: a name has at most 63 bytes; longer ones are cut."""

_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*\Z")

# Words that PostgreSQL 18 does not accept bare as a column or table name (pg_get_keywords, catcode R and T).
RESERVED = frozenset(
    """
    all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate
    collation column concurrently constraint create cross current_catalog current_date current_role
    current_schema current_time current_timestamp current_user default deferrable desc distinct do else end
    except false fetch for foreign freeze from full grant group having ilike in initially inner intersect into
    is isnull join lateral leading left like limit localtime localtimestamp natural not notnull null offset on
    only or order outer overlaps placing primary references returning right select session_user similar some
    symmetric system_user table tablesample then to trailing true union unique user using variadic verbose
    when where window with
    """.split()
)


def quote(identifier: str) -> str:
    """The identifier as SQL needs it: bare where it may be, else in double quotes."""
    if _PLAIN.match(identifier) and identifier not in RESERVED:
        return identifier
    return '"' + identifier.replace('"', '""') + '"'


def truncate(identifier: str) -> str:
    """Cut to 63 bytes without splitting a character, as PostgreSQL does."""
    raw = identifier.encode("utf-8", "surrogateescape")
    if len(raw) < NAMEDATALEN:
        return identifier
    return raw[: NAMEDATALEN - 1].decode("utf-8", "ignore")


@dataclass(frozen=True, slots=True, order=True)
class Name:
    """The name of a relation, type, function or the like; `schema` is None where none was written."""

    name: str
    schema: str | None = None

    def __str__(self) -> str:
        """As SQL needs it: `public.events`, `"Weird Name"`."""
        return quote(self.name) if self.schema is None else f"{quote(self.schema)}.{quote(self.name)}"

    def within(self, schema: str | None) -> "Name":
        """The same name, in `schema` where none was written."""
        return self if self.schema is not None else Name(self.name, schema)


class NameKind(Enum):
    """What a `Name` in a field names, and so where the search path looks for it."""

    RELATION = "a table, view, index or sequence"
    TYPE = "a type or domain"
    FUNCTION = "a function or procedure"
    OTHER = "a collation, schema, role or the like: kept as it was written"


RelationName = Annotated[Name, NameKind.RELATION]
TypeName = Annotated[Name, NameKind.TYPE]
FunctionName = Annotated[Name, NameKind.FUNCTION]
OtherName = Annotated[Name, NameKind.OTHER]


class ObjectKind(Enum):
    """What a `str` in a field names, as `NameKind` says it of a `Name`."""

    RELATION = "a table, view, index or sequence, or a name that one of them is to have"
    TYPE = "a type or domain"
    FUNCTION = "a function, procedure or aggregate"
    SCHEMA = "a schema"
    ROLE = "a role"
    EXTENSION = "an extension"
    PUBLICATION = "a publication"
    TABLESPACE = "a tablespace"
    SERVER = "a foreign server"
    STATISTICS = "extended statistics"
    BY_KIND = "what the field `kind` says"


NewRelationName = Annotated[str, ObjectKind.RELATION]
NamedByKind = Annotated[str, ObjectKind.BY_KIND]
SchemaName = Annotated[str, ObjectKind.SCHEMA]
RoleName = Annotated[str, ObjectKind.ROLE]
ExtensionName = Annotated[str, ObjectKind.EXTENSION]
PublicationName = Annotated[str, ObjectKind.PUBLICATION]
TablespaceName = Annotated[str, ObjectKind.TABLESPACE]
