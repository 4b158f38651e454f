"""Types and functions, from the rows that describe them."""

from collections.abc import Iterable

from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.core.schema.catalog import CatalogColumn, CatalogConstraint, CatalogFunction, CatalogType, TypeKind
from bot.core.schema.catalog_json import Readers
from bot.replica.answers import Answers, type_of
from bot.replica.sizes import Row


def assemble_types(answers: Answers, readers: Readers) -> dict[Name, CatalogType]:
    found = (_read_type(row, readers) for row in answers.types)
    return {type.name: type for type in found}


def assemble_functions(rows: Iterable[Row]) -> tuple[CatalogFunction, ...]:
    """The functions and procedures, each overload once."""
    kept: dict[tuple[str, str, tuple[str, ...]], CatalogFunction] = {}
    for row in rows:
        key = (row["schema"], row["name"], tuple(row["types"]))
        function = CatalogFunction(
            Name(row["name"], row["schema"]),
            row["arguments"],
            row["defaults"],
            _VOLATILITY[row["volatility"]],
            row["variadic"],
            row["language"],
            row["trigger"],
            tuple(row["types"]),
            row["returns"],
            _KINDS[row["kind"]],
            tuple(row["argument_names"]) if row["argument_names"] is not None else None,
            row["returns_set"],
            tuple(one for one in row["dependents"] or () if one),
            row["extension"],
        )
        kept[key] = function
    return tuple(kept.values())


_VOLATILITY = {"i": "IMMUTABLE", "s": "STABLE", "v": "VOLATILE"}

_KINDS = {"f": "FUNCTION", "p": "PROCEDURE", "a": "AGGREGATE", "w": "AGGREGATE"}

_TYPE_KINDS = {
    "b": TypeKind.BASE,
    "e": TypeKind.ENUM,
    "d": TypeKind.DOMAIN,
    "c": TypeKind.COMPOSITE,
    "r": TypeKind.RANGE,
    "m": TypeKind.RANGE,
}


def _read_type(row: Row, readers: Readers) -> CatalogType:
    kind = _TYPE_KINDS[row["kind"]]
    name = Name(row["name"], row["schema"])
    checks = row["checks"] or []
    return CatalogType(
        name=name,
        kind=kind,
        labels=tuple(row["labels"]),
        base=type_of(row) if kind is TypeKind.DOMAIN else None,
        not_null=row["not_null"],
        default=readers.read_expression(row["default"]) if row["default"] is not None else None,
        checks=tuple(
            CatalogConstraint(
                check["name"],
                op.Check(readers.read_expression(check["expression"]), check["name"], not check["valid"]),
                check["valid"],
            )
            for check in checks
            if check["kind"] == "c"
        ),
        attributes=tuple(CatalogColumn(attribute["name"], type_of(attribute)) for attribute in row["attributes"] or ()),
        extension=row["extension"],
        binary_coercible=tuple(row["coercible"]),
    )
