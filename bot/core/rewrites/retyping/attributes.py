"""What a column has besides its values, its NOT NULL and its numbers: given to the new one, and back."""

from collections.abc import Iterator

from bot.core.language import operations as op
from bot.core.language.names import Name, quote
from bot.core.language.types import Type
from bot.core.rewrites.again import count_on, grant, written
from bot.core.rewrites.retyping.swap import Swap, Swapped
from bot.core.rewrites.steps import is_not_null, literal
from bot.core.schema.catalog import CatalogConstraint, Relation

NAMED_NOT_NULL = 18
"""From this major on NOT NULL is a constraint with a name, which can be added NOT VALID."""


def required(swap: Swap) -> list[Swapped]:
    return [column for column in swap.columns if column.not_null]


def proof(swap: Swap, column: Swapped) -> str:
    """The constraint that proves, before the exchange, that the new column holds no NULL."""
    return swap.spare(f"{swap.table.name}_{column.new}", "not_null")


def old_not_null(swap: Swap, column: Swapped) -> CatalogConstraint | None:
    for constraint in swap.relation.constraints:
        if isinstance(constraint.definition, op.NotNull) and constraint.definition.column == column.name:
            return constraint
    return None


def not_null_name(swap: Swap, column: Swapped) -> str:
    """The name that the constraint has, or would get."""
    old = old_not_null(swap, column)
    return old.name if old is not None else swap.spare(f"{swap.table.name}_{column.name}", "not_null")


def not_null_back(swap: Swap) -> Iterator[op.Operation]:
    table, keyed = swap.table, columns_of_primary_key(swap)
    if swap.moment.major < NAMED_NOT_NULL:
        keyed |= {column.name for column in swap.columns if column.known.identity is not None}
    for column in swap.columns:
        if swap.moment.major >= NAMED_NOT_NULL:
            name = not_null_name(swap, column)
            if column.not_null and name != proof(swap, column):
                yield op.RenameConstraint(table, name, proof(swap, column))
            if column.known.not_null:
                declared = op.NotNull(column.name, name, not_valid=column.name not in keyed)
                yield op.AddNotNull(table, declared)
            continue
        if column.known.not_null:
            if column.name in keyed:
                yield op.SetNotNull(table, column.name)
            yield op.AddCheck(table, op.Check(is_not_null(column.name), proof(swap, column), not_valid=True))
        elif column.not_null:
            yield op.AddCheck(table, op.Check(is_not_null(column.new), proof(swap, column), not_valid=True))


def columns_of_primary_key(swap: Swap) -> set[str]:
    return {
        column
        for key in swap.keys
        if isinstance(key.definition, op.PrimaryKey)
        for column in key.definition.columns
        if any(one.name == column for one in swap.columns)
    }


def numbers_there(swap: Swap, column: Swapped) -> Iterator[op.Operation]:
    """The sequence of a serial column goes over to the new one; an identity column gets one that goes on from it."""
    for sequence in _sequences(swap, column):
        name = written(sequence.name, swap.moment)
        if column.known.identity is not None:
            yield from _identity(swap, column, sequence, column.name, column.new)
            continue
        kind = column.change.type
        yield _owned(swap, name, column.new, kind if _counts_in(kind) else None)


def numbers_back(swap: Swap, column: Swapped) -> Iterator[op.Operation]:
    for sequence in _sequences(swap, column):
        name = written(sequence.name, swap.moment)
        if column.known.identity is not None:
            yield from _identity(swap, column, sequence, column.new, column.name)
            continue
        kind = column.known.type
        yield _owned(swap, name, column.name, kind if _counts_in(kind) and _counts_in(column.change.type) else None)


def _counts_in(kind: Type) -> bool:
    return kind.name in ("int2", "int4", "int8") and kind.schema is None and not kind.dimensions


def _sequences(swap: Swap, column: Swapped) -> list[Relation]:
    database = swap.moment.session.database()
    return [one for name in database.sequences_of(swap.name, column.name) if (one := database.relation(name))]


def _owned(swap: Swap, sequence: Name, column: str, kind: Type | None) -> op.AlterSequence:
    options = f"OWNED BY {swap.table}.{quote(column)}"
    if kind is not None:
        options = f"AS {kind} {options}"
    return op.AlterSequence(sequence, options, owned_by=(swap.table, column))


def _identity(swap: Swap, column: Swapped, sequence: Relation, old: str, new: str) -> Iterator[op.Operation]:
    """The new sequence has the old one's name, options and next value; renaming locks the old one meanwhile."""
    identity = column.known.identity
    if identity is None:
        return
    table, name = swap.table, written(sequence.name, swap.moment)
    aside = Name(swap.spare(sequence.name.name, "old"), name.schema)
    rest = sequence.definition.split(" ")
    options = " ".join(rest[2:] if rest[:1] == ["AS"] else rest)
    yield op.RenameRelation(name, aside.name, "SEQUENCE")
    yield op.AddIdentity(
        table, new, op.Identity(always=identity.always, options=f"SEQUENCE NAME {name} {options}".strip())
    )
    yield count_on(literal(str(name)), aside)
    yield op.DropIdentity(table, old)
    for privileges in sequence.grants or ():
        yield grant(privileges, name, kind="SEQUENCE")
    if sequence.comment is not None:
        yield op.CommentOn("SEQUENCE", str(name), name, sequence.comment)
