"""A catalog as JSON, so that a snapshot taken where the replica can be reached serves where it cannot."""

import re
import types
from collections.abc import Callable, Collection, Mapping, Set
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, Protocol, Union, get_args, get_origin, get_type_hints

from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.messages import NOTHING, Message, Piece, Told
from bot.core.language.names import Name
from bot.core.language.types import Type
from bot.core.schema.catalog import Catalog

FORMAT = 1
"""Incremented only when a reader of the old format would be misled; new fields with defaults do not count."""

Json = dict[str, Any]


class Readers(Protocol):
    """The functions that turn PostgreSQL's texts into values; `bot.sql` has them."""

    @property
    def read_expression(self) -> Callable[[str], Expression]: ...

    @property
    def read_type(self) -> Callable[[str], Type]: ...

    @property
    def read_bound(self) -> Callable[[str], op.Bound]: ...

    @property
    def read_partition_key(self) -> Callable[[str], op.PartitionKey]: ...


class CatalogFormatError(ValueError):
    """The JSON is not a catalog; the message says where."""


def catalog_to_json(catalog: Catalog) -> Json:
    """Plain data for `json.dumps`: fields at their defaults are left out, expressions are their SQL text."""
    return {"migsafe_catalog": FORMAT, **_encode_fields(catalog)}


def catalog_from_json(data: object, readers: Readers) -> Catalog:
    """The catalog that `catalog_to_json` wrote; raises CatalogFormatError."""
    if not isinstance(data, dict) or "migsafe_catalog" not in data:
        raise CatalogFormatError("This is not a catalog: `migsafe replica export` writes one.")
    if data["migsafe_catalog"] != FORMAT:
        raise CatalogFormatError(
            f"The catalog has format {data['migsafe_catalog']!r}, this migsafe reads {FORMAT}: export it again."
        )
    body = {key: value for key, value in data.items() if key != "migsafe_catalog"}
    catalog: Catalog = _Decoder(readers).dataclass(Catalog, body, "catalog")
    return catalog


def _encode_fields(value: Any) -> Json:
    return {
        field.name: _encode(getattr(value, field.name))
        for field in fields(value)
        if not _is_default(field, getattr(value, field.name))
    }


def _is_default(field: Field[Any], value: object) -> bool:
    if field.default is not MISSING:
        return type(value) is type(field.default) and value == field.default
    if field.default_factory is not MISSING:
        return bool(value == field.default_factory())
    return False


def _encode(value: Any) -> Any:
    match value:
        case Expression():
            return value.text
        case Message(pieces=pieces):
            return [_encode(piece) for piece in pieces]
        case Name():
            return str(value)
        case Enum():
            return value.value
        case tuple() | Set():
            return [_encode(item) for item in value]
        case Mapping():
            keyed_by_name = any(isinstance(key, Name) for key in value)
            return [_encode(item) for item in value.values()] if keyed_by_name else _encode_mapping(value)
    if isinstance(value, _TAGGED):
        return {"kind": type(value).__name__, **_encode_fields(value)}
    return _encode_fields(value) if is_dataclass(value) else value


def _encode_mapping(value: Mapping[str, Any]) -> Json:
    return {key: _encode(item) for key, item in value.items()}


_TAGGED = tuple(
    member for member in get_args(op.Constraint | Piece) if is_dataclass(member) and member not in (Name, Type)
)
"""Members of a union carry their kind."""


@lru_cache
def _hints(of: type) -> dict[str, Any]:
    return get_type_hints(of)


_PART = r'(?:"(?:[^"]|"")+"|[^".]+)'
_NAME = re.compile(rf"(?:({_PART})\.)?({_PART})\Z")


def _read_name(text: str) -> Name | None:
    match = _NAME.match(text)
    if match is None:
        return None
    schema = None if match[1] is None else _unquote(match[1])
    return Name(_unquote(match[2]), schema)


def _unquote(part: str) -> str:
    return part[1:-1].replace('""', '"') if part.startswith('"') else part


class _Decoder:
    """Follows the type hints of the catalog's dataclasses; `place` is the position in the JSON."""

    def __init__(self, readers: Readers) -> None:
        self.read_expression = readers.read_expression

    def dataclass(self, of: type, data: Any, place: str) -> Any:
        if not isinstance(data, dict):
            raise CatalogFormatError(f"{place} must be an object.")
        hints = _hints(of)
        unknown = [key for key in data if key not in hints]
        if unknown:
            raise CatalogFormatError(f"{place} has an unknown field {unknown[0]!r}.")
        values = {key: self.value(hints[key], item, f"{place}.{key}") for key, item in data.items()}
        try:
            return of(**values)
        except TypeError as error:
            raise CatalogFormatError(f"{place} lacks a field: {error}.") from error

    def value(self, hint: Any, data: Any, place: str) -> Any:
        origin, arguments = get_origin(hint), get_args(hint)
        if origin in (Union, types.UnionType):
            return self.union(arguments, data, place)
        if origin is tuple:
            return self.sequence(arguments, data, place)
        if origin is Collection:
            return self.sequence((*arguments, ...), data, place)
        if origin is Mapping or (isinstance(origin, type) and issubclass(origin, Mapping)):
            return self.mapping(arguments, data, place)
        return self.scalar(hint, data, place)

    def union(self, members: tuple[Any, ...], data: Any, place: str) -> Any:
        if data is None and type(None) in members:
            return None
        if isinstance(data, str) and str in members:
            return data
        members = tuple(member for member in members if member is not type(None))
        if len(members) == 1:
            return self.value(members[0], data, place)
        kinds = {member.__name__: member for member in members if is_dataclass(member)}
        kind = data.get("kind") if isinstance(data, dict) else None
        if not isinstance(kind, str) or kind not in kinds:
            raise CatalogFormatError(f"{place}.kind must be one of {', '.join(sorted(kinds))}.")
        return self.dataclass(kinds[kind], {key: item for key, item in data.items() if key != "kind"}, place)

    def sequence(self, hints: tuple[Any, ...], data: Any, place: str) -> Any:
        if not isinstance(data, list):
            raise CatalogFormatError(f"{place} must be a list.")
        if len(hints) == 2 and hints[1] is ...:
            return tuple(self.value(hints[0], item, f"{place}[{at}]") for at, item in enumerate(data))
        if len(hints) != len(data):
            raise CatalogFormatError(f"{place} must have {len(hints)} members.")
        pairs = enumerate(zip(hints, data, strict=True))
        return tuple(self.value(hint, item, f"{place}[{at}]") for at, (hint, item) in pairs)

    def mapping(self, hints: tuple[Any, ...], data: Any, place: str) -> Any:
        if hints[0] is Name:
            return {item.name: item for item in self.sequence((hints[1], ...), data, place)}
        if not isinstance(data, dict):
            raise CatalogFormatError(f"{place} must be an object.")
        return {str(key): self.value(hints[1], item, f"{place}.{key}") for key, item in data.items()}

    def message(self, data: Any, place: str) -> Message:
        """A list of its pieces; an older migsafe wrote one text, which may hold any figure."""
        if isinstance(data, str):
            return Message((Told(data),)) if data else NOTHING
        return Message(self.sequence((Piece, ...), data, place))

    def scalar(self, hint: Any, data: Any, place: str) -> Any:
        if hint is Expression and isinstance(data, str):
            return self.read_expression(data)
        if hint is Message:
            return self.message(data, place)
        if hint is Name and isinstance(data, str) and (name := _read_name(data)) is not None:
            return name
        if isinstance(hint, type) and issubclass(hint, Enum):
            try:
                return hint(data)
            except ValueError as error:
                raise CatalogFormatError(f"{place} is {data!r}, which it cannot be.") from error
        if is_dataclass(hint) and isinstance(hint, type) and hint not in (Expression, Name):
            return self.dataclass(hint, data, place)
        if hint is float and type(data) is int:
            return float(data)
        if isinstance(hint, type) and type(data) is hint:
            return data
        raise CatalogFormatError(f"{place} is not what it should be: {data!r}.")
