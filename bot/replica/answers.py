"""What the catalog queries return, and how the parts that all of them share are read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.types import Type
from bot.core.schema.catalog_json import Readers
from bot.replica.sizes import Row


@dataclass(frozen=True, slots=True)
class Answers:
    """What the queries returned; `lag` is in seconds, None if unknown or on a primary."""

    relations: Sequence[Row]
    columns: Sequence[Row]
    statistics: Sequence[Row]
    constraints: Sequence[Row]
    indexes: Sequence[Row]
    attachments: Sequence[Row]
    types: Sequence[Row]
    functions: Sequence[Row]
    lag: float | None = None
    standby: bool = False


class RememberingReaders:
    """Readers that read each text once: many tables have the same defaults, keys and conditions."""

    def __init__(self, readers: Readers) -> None:
        self.readers = readers
        self.expressions: dict[str, Expression] = {}

    def read_expression(self, text: str) -> Expression:
        known = self.expressions.get(text)
        if known is None:
            known = self.expressions[text] = self.readers.read_expression(text)
        return known

    def read_type(self, text: str) -> Type:
        return self.readers.read_type(text)

    def read_bound(self, text: str) -> op.Bound:
        return self.readers.read_bound(text)

    def read_partition_key(self, text: str) -> op.PartitionKey:
        return self.readers.read_partition_key(text)


def visible_schema(schema: str | None) -> str | None:
    """The schema to write; None for what PostgreSQL has built in."""
    return None if schema == "pg_catalog" else schema


def type_of(row: Row) -> Type:
    """The type: pg_type's name, with what format_type writes in parentheses and after INTERVAL."""
    text = _QUOTED.sub("", row["modified"] or "")
    inside = re.search(r"\(([^()]*)\)", text)
    modifiers = tuple(part.strip() for part in inside[1].split(",")) if inside else ()
    fields = re.match(r"interval ([a-z ]+)", text)
    return Type(
        row["type"],
        visible_schema(row["type_schema"]),
        modifiers,
        1 if row["is_array"] else 0,
        fields[1].strip() if fields else "",
    )


_QUOTED = re.compile(r'"(?:[^"]|"")*"')

UNREAD = Expression("", understood=False)
"""What could not be read because the table is locked: assume the worst."""
