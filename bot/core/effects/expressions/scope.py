"""The names that an expression may use: the items of FROM, and those of the queries around it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import LiteralString

from bot.core.language import named
from bot.core.language.messages import Value
from bot.core.language.names import Name

SYSTEM = {"ctid": "tid", "xmin": "xid", "xmax": "xid", "cmin": "cid", "cmax": "cid", "tableoid": "oid"}


class Refusal(Exception):
    """PostgreSQL refuses the text with this error."""

    def __init__(self, sqlstate: str, template: LiteralString, *values: Value) -> None:
        super().__init__(sqlstate)
        self.sqlstate, self.template, self.values = sqlstate, template, values


class NotKnown(Exception):
    """The text has something that is not followed here."""


@dataclass(frozen=True, slots=True)
class Source:
    """An item of FROM by the name used for it; `columns` with their types, None where they are not known."""

    alias: str
    columns: Mapping[str, str | None] | None
    table: Name | None = None
    hidden: frozenset[str] = frozenset()
    """Columns that a USING or NATURAL join has merged: an unqualified name means the merged one."""


@dataclass(slots=True)
class Namespace:
    """The items of one query's FROM, and the query around it."""

    sources: list[Source] = field(default_factory=list)
    outer: "Namespace | None" = None
    merged: dict[str, str | None] = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, str | None] | None] = field(default_factory=dict)
    """Common table expressions in force."""

    def column(self, name: str) -> str | None:
        """The type of an unqualified column."""
        scope: Namespace | None = self
        unsure = False
        while scope is not None:
            if name in scope.merged:
                return scope.merged[name]
            found = [one for one in scope.sources if one.columns is not None and name in one.columns]
            if any(one.columns is None for one in scope.sources):
                unsure = True
            if len(found) > 1 and not unsure:
                raise Refusal("42702", "column reference {} is ambiguous", named.column(name))
            if found:
                columns = found[0].columns
                return columns[name] if columns is not None and len(found) == 1 and not unsure else None
            if name in SYSTEM and any(one.table is not None for one in scope.sources):
                return SYSTEM[name]
            scope = scope.outer
        if unsure or self.source(name) is not None:
            return None
        raise Refusal("42703", "column {} does not exist", named.column(name))

    def source(self, alias: str) -> Source | None:
        scope: Namespace | None = self
        while scope is not None:
            for one in scope.sources:
                if one.alias == alias:
                    return one
            scope = scope.outer
        return None

    def qualified(self, alias: str, name: str) -> str | None:
        """The type of `alias.name`."""
        source = self.source(alias)
        if source is None:
            scope: Namespace | None = self
            while scope is not None:
                if any(one.table is not None and one.table.name == alias for one in scope.sources):
                    raise Refusal("42P01", "invalid reference to FROM-clause entry for table {}", Name(alias))
                scope = scope.outer
            raise Refusal("42P01", "missing FROM-clause entry for table {}", Name(alias))
        if source.columns is None:
            return None
        if name in source.columns:
            return source.columns[name]
        if source.table is not None and name in SYSTEM:
            return SYSTEM[name]
        raise Refusal("42703", "column {} does not exist", named.plain(named.column_of(Name(alias), name)))
