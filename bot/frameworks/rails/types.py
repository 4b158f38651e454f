"""Active Record's column types as the PostgreSQL types of its adapter, by migration version."""

from collections.abc import Mapping

from bot.core.language.types import Type
from bot.frameworks.static.values import Value

# ActiveRecord::ConnectionAdapters::PostgreSQLAdapter::NATIVE_DATABASE_TYPES, in pg_type's names.
_NATIVE = {
    "string": "varchar",
    "text": "text",
    "integer": "int4",
    "bigint": "int8",
    "float": "float8",
    "decimal": "numeric",
    "numeric": "numeric",
    "datetime": "timestamp",
    "timestamp": "timestamp",
    "timestamptz": "timestamptz",
    "time": "time",
    "date": "date",
    "binary": "bytea",
    "blob": "bytea",
    "boolean": "bool",
    "bit": "bit",
    "bit_varying": "varbit",
    "datetime_with_timezone": "timestamptz",
    "serial": "serial",
    "bigserial": "bigserial",
}
_AS_NAMED = frozenset(
    """uuid json jsonb xml tsvector hstore inet cidr macaddr ltree citext point line lseg box path polygon circle money
    interval oid int4range int8range numrange daterange tsrange tstzrange geometry geography vector halfvec sparsevec
    st_point st_polygon""".split()
)
ALIASES = {"numeric": "decimal", "blob": "binary"}
"""Methods of a table's definition that are named differently from the type of their column."""
COLUMN_TYPES = frozenset(_NATIVE) | _AS_NAMED | {"virtual", "enum", "primary_key"}


def type_of(name: str, options: Mapping[str, Value], version: float) -> Type | None:
    """The type of a column; None for an enum whose name is not known. Other names are treated as PostgreSQL's own."""
    found = _type(name, options, version)
    if found is None or options.get("array") is not True:
        return found
    return Type(found.name, found.schema, found.modifiers, 1, found.fields)


def key_type(name: Value, version: float) -> Type:
    """The type of a primary key: bigint from version 5.1 on, integer before."""
    if name in (None, True, "primary_key"):
        return Type("bigserial" if version >= 5.1 else "serial")
    match name:
        case "bigserial" | "bigint":
            return Type("bigserial")
        case "integer" | "serial":
            return Type("serial")
        case _:
            return _type(str(name), {}, version) or Type(str(name))


def reference_type(options: Mapping[str, Value], version: float) -> Type:
    """The type of a reference: that of a primary key of the same version, unless another is given."""
    name = options.get("type")
    if isinstance(name, str):
        return _type(name, {}, version) or Type(name)
    return Type("int8" if version >= 5.1 else "int4")


def _type(name: str, options: Mapping[str, Value], version: float) -> Type | None:
    """A type by Active Record's name, or as PostgreSQL writes it."""
    inner = options.get("type")
    match name:
        case "enum":
            kind = options.get("enum_type", options.get("enum_name"))
            return _named(kind) if isinstance(kind, str) else None
        case "virtual" if isinstance(inner, str):
            return _type(inner, {key: options[key] for key in options if key != "type"}, version)
        case "virtual":
            return None
        case "primary_key":
            return key_type(None, version)
        case _:
            return _sized(name, options, version) or _counted(name, options) or _native(name)


def _native(name: str) -> Type | None:
    return Type(_NATIVE[name]) if name in _NATIVE else _named(name)


def _sized(name: str, options: Mapping[str, Value], version: float) -> Type | None:
    """A text, a number or a time with its size, None where it is none of these."""
    limit, precision, scale = options.get("limit"), options.get("precision"), options.get("scale")
    match name:
        case "integer" | "bigint":
            return Type(_integer(name, limit))
        case "string":
            length = limit if isinstance(limit, int) else 255 if version < 4.2 and limit is None else None
            return Type("varchar", modifiers=(str(length),) if length else ())
        case "decimal":
            numbers = [str(number) for number in (precision, scale) if isinstance(number, int)]
            return Type("numeric", modifiers=tuple(numbers) if isinstance(precision, int) else ())
        case "datetime" | "timestamp" | "timestamptz" | "time" | "datetime_with_timezone":
            if isinstance(precision, int) and _NATIVE[name] != "timestamptz":
                return Type(_NATIVE[name], modifiers=(str(precision),))
            fine = version >= 7.0 and name in ("datetime", "timestamp") and "precision" not in options
            return Type(_NATIVE[name], modifiers=("6",) if fine else ())
        case "float":
            return Type("float4" if isinstance(limit, int) and limit <= 24 else "float8")
        case _:
            return None


def _counted(name: str, options: Mapping[str, Value]) -> Type | None:
    """Bits, vectors and intervals, None where it is none of these."""
    limit, precision = options.get("limit"), options.get("precision")
    match name:
        case "bit":
            return Type("bit", modifiers=(str(limit),) if isinstance(limit, int) else ("1",))
        case "bit_varying":
            return Type("varbit", modifiers=(str(limit),) if isinstance(limit, int) else ())
        case "vector" | "halfvec" | "sparsevec":
            return Type(name, modifiers=(str(limit),) if isinstance(limit, int) else ())
        case "interval":
            return Type("interval", modifiers=(str(precision),) if isinstance(precision, int) else ())
        case _:
            return None


def _integer(name: str, limit: Value) -> str:
    if not isinstance(limit, int):
        return _NATIVE[name]
    return "int2" if limit <= 2 else "int4" if limit <= 4 else "int8"


def _named(name: str) -> Type | None:
    """A type written as PostgreSQL has it: `public.mood`, `numeric(5,2)`, `character varying`."""
    from bot.sql import Unreadable, read_type

    try:
        return read_type(name)
    except Unreadable:
        return None
