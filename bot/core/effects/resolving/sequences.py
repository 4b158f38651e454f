"""Sequences: owned by a column, altered, their options within their limits.

Source: sequence.c (init_params, process_owned_by).
"""

import re

from bot.core.effects.resolving.asking import Asking
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import Given
from bot.core.language.names import Name
from bot.core.language.numbers import whole
from bot.core.schema.catalog import RelationKind


def check(asking: Asking, operation: op.CreateSequence | op.AlterSequence) -> None:
    relation = asking.relation(operation.sequence) if isinstance(operation, op.AlterSequence) else None
    if relation is not None and relation.kind is not RelationKind.SEQUENCE:
        asking.fail("42809", "cannot open relation {}", relation.name)
        return
    if operation.owned_by is not None:
        _check_owner(asking, operation.sequence, operation.owned_by)
    if not asking.failed:
        _check_options(asking, operation.options, created=isinstance(operation, op.CreateSequence))


def _check_owner(asking: Asking, sequence: Name, owner: tuple[Name, str]) -> None:
    table, column = owner
    relation = asking.relation(table)
    if relation is None:
        if asking.known and asking.database.find(table) is None:
            asking.fail("42P01", "relation {} does not exist", table)
        return
    existing = asking.relation(sequence)
    if (
        existing is not None
        and existing.owned_by is not None
        and _is_of_identity(asking, existing.name, *existing.owned_by)
    ):
        asking.fail("0A000", "cannot change ownership of identity sequence")
    elif sequence.schema is not None and relation.name.schema != sequence.schema and sequence.schema != "pg_temp":
        asking.fail("55000", "sequence must be in same schema as table it is linked to")
    elif not relation.partial and relation.column(column) is None:
        asking.fail(
            "42703", "column {} of relation {} does not exist", named.column(column, relation.name), relation.name
        )


def _is_of_identity(asking: Asking, sequence: Name, table: Name, column: str) -> bool:
    """Whether it is the sequence of an identity column, not one of those that it may own besides."""
    found = asking.database.column(table, column)
    own = asking.database.sequences_of(table, column)
    return found is not None and found.identity is not None and own == [sequence]


_OPTION = re.compile(r"\b(INCREMENT|MINVALUE|MAXVALUE|START|CACHE)\s+(?:BY\s+|WITH\s+)?(-?\d+)", re.IGNORECASE)


def _check_options(asking: Asking, text: str, *, created: bool) -> None:
    found = ((word.upper(), whole(number)) for word, number in _OPTION.findall(text))
    given = {word: number for word, number in found if number is not None}
    if given.get("INCREMENT") == 0:
        asking.fail("22023", "INCREMENT must not be zero")
    elif given.get("CACHE", 1) < 1:
        asking.fail("22023", "CACHE ({}) must be greater than zero", Given(str(given["CACHE"])))
    elif "MINVALUE" in given and "MAXVALUE" in given and given["MINVALUE"] >= given["MAXVALUE"]:
        asking.fail("22023", "MINVALUE ({}) must be less than MAXVALUE", Given(str(given["MINVALUE"])))
    elif created and "START" in given and given.get("MINVALUE", given["START"]) > given["START"]:
        asking.fail("22023", "START value ({}) cannot be less than MINVALUE", Given(str(given["START"])))
    elif created and "START" in given and given.get("MAXVALUE", given["START"]) < given["START"]:
        asking.fail("22023", "START value ({}) cannot be greater than MAXVALUE", Given(str(given["START"])))


def drop(asking: Asking, operation: op.DropSequence) -> None:
    for name in operation.sequences:
        relation = asking.relation(name)
        if (
            relation is not None
            and relation.owned_by is not None
            and _is_of_identity(asking, relation.name, *relation.owned_by)
        ):
            table, column = relation.owned_by
            asking.fail(
                "2BP01",
                "cannot drop sequence {} because column {} of table {} requires it",
                named.bare(named.relation(relation.name.name)),
                named.bare(named.column(column, table)),
                named.bare(named.relation(table.name)),
            )
            return
