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


def options_of(row: Row) -> tuple[tuple[str, str | None], ...]:
    """Storage parameters: `fillfactor=70`."""
    parts = (text.partition("=") for text in row["options"] or ())
    return tuple((name, value if separator else None) for name, separator, value in parts)


def sequence_options(row: Row) -> str:
    """The options of a sequence as in CREATE SEQUENCE, without those that it would have anyway."""
    options = row["sequence_options"]
    if options is None:
        return ""
    rising = options["increment"] > 0
    largest = _LARGEST[options["type"]]
    low, high = (1, largest) if rising else (-largest - 1, -1)
    said = [f"AS {options['type']}"]
    said += [f"INCREMENT BY {options['increment']}"] if options["increment"] != 1 else []
    said += [f"MINVALUE {options['min']}"] if options["min"] != low else []
    said += [f"MAXVALUE {options['max']}"] if options["max"] != high else []
    said += (
        [f"START WITH {options['start']}"] if options["start"] != (options["min"] if rising else options["max"]) else []
    )
    said += [f"CACHE {options['cache']}"] if options["cache"] != 1 else []
    said += ["CYCLE"] if options["cycle"] else []
    return " ".join(said)


_LARGEST = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}

_QUOTED = re.compile(r'"(?:[^"]|"")*"')

UNREAD = Expression("", understood=False)
"""What could not be read because the table is locked: assume the worst."""
