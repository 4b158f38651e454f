"""SQLAlchemy's types as the PostgreSQL types of its dialect."""

import ast

from bot.core.language.types import ALIASES, Type
from bot.frameworks.python.values import Attribute, Call, Function
from bot.frameworks.static.values import RUN_TIME, Unknown, Value

# Generic types and PostgreSQL's own, by the class's name; measured with SQLAlchemy 2.1 in tests/test_alembic.py.
_PLAIN = {
    "Integer": "int4",
    "INTEGER": "int4",
    "INT": "int4",
    "SmallInteger": "int2",
    "SMALLINT": "int2",
    "BigInteger": "int8",
    "BIGINT": "int8",
    "Text": "text",
    "TEXT": "text",
    "UnicodeText": "text",
    "CLOB": "text",
    "Boolean": "bool",
    "BOOLEAN": "bool",
    "Date": "date",
    "DATE": "date",
    "Double": "float8",
    "DOUBLE": "float8",
    "DOUBLE_PRECISION": "float8",
    "REAL": "float4",
    "LargeBinary": "bytea",
    "BYTEA": "bytea",
    "BLOB": "bytea",
    "PickleType": "bytea",
    "JSON": "json",
    "JSONB": "jsonb",
    "UUID": "uuid",
    "Uuid": "uuid",
    "INET": "inet",
    "CIDR": "cidr",
    "MACADDR": "macaddr",
    "MACADDR8": "macaddr8",
    "MONEY": "money",
    "OID": "oid",
    "REGCLASS": "regclass",
    "REGCONFIG": "regconfig",
    "TSVECTOR": "tsvector",
    "TSQUERY": "tsquery",
    "HSTORE": "hstore",
    "CITEXT": "citext",
    "INT4RANGE": "int4range",
    "INT8RANGE": "int8range",
    "NUMRANGE": "numrange",
    "DATERANGE": "daterange",
    "TSRANGE": "tsrange",
    "TSTZRANGE": "tstzrange",
    "INT4MULTIRANGE": "int4multirange",
    "INT8MULTIRANGE": "int8multirange",
    "NUMMULTIRANGE": "nummultirange",
    "DATEMULTIRANGE": "datemultirange",
    "TSMULTIRANGE": "tsmultirange",
    "TSTZMULTIRANGE": "tstzmultirange",
}
_STRINGS = {
    "String": "varchar",
    "VARCHAR": "varchar",
    "Unicode": "varchar",
    "NVARCHAR": "varchar",
    "AutoString": "varchar",
}
_FIXED = {"CHAR": "bpchar", "NCHAR": "bpchar"}
_TIMES = {"DateTime": "timestamp", "TIMESTAMP": "timestamp", "DATETIME": "timestamp", "Time": "time", "TIME": "time"}
_THIRD_PARTY = {
    "GUID": "uuid",
    "UUIDType": "uuid",
    "EmailType": "varchar",
    "URLType": "text",
    "Geometry": "geometry",
    "Geography": "geography",
    "Vector": "vector",
    "HALFVEC": "halfvec",
    "VECTOR": "vector",
    "UtcDateTime": "timestamptz",
    "UTCDateTime": "timestamptz",
    "TZDateTime": "timestamptz",
    "TIMESTAMPTZ": "timestamptz",
    "JSONType": "json",
    "MutableJson": "json",
}


def type_of(value: Value) -> Type | None:
    """The type a column gets, None where that cannot be known: a type defined by the application."""
    match value:
        case Attribute():
            return _typed(value.short, Call(value.name))
        case Call(short="with_variant", on=on):
            return type_of(value.kwargs.get("postgresql", on)) if "postgresql" in value.kwargs else _variant(value)
        case Call():
            return _typed(value.short, value)
        case _:
            return None


def is_enum(value: Value) -> bool:
    """Whether it is a native enum type."""
    return isinstance(value, Call) and value.short in ("Enum", "ENUM") and value.kwargs.get("native_enum") is not False


def enum_name(value: Call) -> tuple[str, str | None] | None:
    """Name and schema of an enum type, None where it is nameless or computed; a Python class names it in lower case."""
    name, schema = value.kwargs.get("name"), value.kwargs.get("schema")
    if name is None and value.args and isinstance(value.args[0], Function | Attribute):
        first = value.args[0]
        name = first.node.name.lower() if isinstance(first, Function) else first.short.lower()
    if not isinstance(name, str) or RUN_TIME in name or isinstance(schema, Unknown):
        return None
    return name, schema


def enum_labels(value: Call) -> tuple[str, ...] | None:
    """The labels as sent to the database: for a Python class, the names of its members."""
    match value.args:
        case [list() | tuple() as only]:
            labels = tuple(only)
        case [Function(node=ast.ClassDef(body=body))]:
            by_value = "values_callable" in value.kwargs
            labels = tuple(label for line in body if (label := _member(line, by_value=by_value)) is not None)
        case _:
            labels = value.args
    good = all(isinstance(label, str) and RUN_TIME not in label for label in labels)
    return tuple(labels) if good else None


def _member(line: ast.stmt, *, by_value: bool) -> str | None:
    match line:
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if not name.startswith("_"):
            if not by_value:
                return name
            return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else RUN_TIME
        case _:
            return None


def _variant(value: Call) -> Type | None:
    """`A().with_variant(B(), "postgresql")` is B here; a variant for another database leaves A."""
    if len(value.args) >= 2 and "postgresql" in value.args[1:]:
        return type_of(value.args[0])
    return type_of(value.on)


def _typed(name: str, value: Call) -> Type | None:
    """A type of SQLAlchemy by its name, generic or PostgreSQL's own."""
    if name in _PLAIN:
        return Type(_PLAIN[name])
    if name in _STRINGS:
        return Type(_STRINGS[name], modifiers=_length(value))
    if name in _FIXED:
        return Type(_FIXED[name], modifiers=_length(value) or ("1",))
    if name in _TIMES:
        return _time(_TIMES[name], value)
    return _made(name, value)


def _made(name: str, value: Call) -> Type | None:
    match name:
        case "Float" | "FLOAT":
            precision = _numbers(value, "precision")
            return Type("float4" if precision and int(precision[0]) <= 24 else "float8")
        case "Numeric" | "NUMERIC" | "DECIMAL":
            return Type("numeric", modifiers=_numbers(value, "precision", "scale"))
        case "Interval" | "INTERVAL":
            fields = value.kwargs.get("fields")
            precision = _numbers(value, "precision") if name == "INTERVAL" else _only(value, "second_precision")
            return Type("interval", modifiers=precision, fields=fields.lower() if isinstance(fields, str) else "")
        case "BIT":
            varying = value.kwargs.get("varying") is True
            return Type("varbit" if varying else "bit", modifiers=_length(value) or (() if varying else ("1",)))
        case "ARRAY":
            return _array(value)
        case "Enum" | "ENUM":
            return _enum(value)
        case "DOMAIN":
            return _domain(value)
        case "Variant" | "MutableType" if value.args:
            return type_of(value.args[0])
        case _:
            return _third_party(name, value)


def _domain(value: Call) -> Type | None:
    name = value.args[0] if value.args else value.kwargs.get("name")
    schema = value.kwargs.get("schema")
    return Type(name, schema if isinstance(schema, str) else None) if isinstance(name, str) else None


def _third_party(name: str, value: Call) -> Type | None:
    third = _THIRD_PARTY.get(name)
    if third is None:
        return None
    return Type(third, modifiers=_length(value) if third in ("varchar", "vector", "halfvec") else ())


def _length(value: Call) -> tuple[str, ...]:
    length = value.args[0] if value.args else value.kwargs.get("length", value.kwargs.get("dim"))
    return (str(length),) if isinstance(length, int) and not isinstance(length, bool) else ()


def _only(value: Call, name: str) -> tuple[str, ...]:
    number = value.kwargs.get(name)
    return (str(number),) if isinstance(number, int) else ()


def _numbers(value: Call, *names: str) -> tuple[str, ...]:
    found = [value.args[at] if at < len(value.args) else value.kwargs.get(name) for at, name in enumerate(names)]
    numbers = [str(number) for number in found if isinstance(number, int) and not isinstance(number, bool)]
    return tuple(numbers) if numbers and isinstance(found[0], int) else ()


def _time(name: str, value: Call) -> Type:
    zone = value.kwargs.get("timezone", value.args[0] if value.args else False)
    precision = _only(value, "precision")
    return Type(f"{name}tz" if zone is True else name, modifiers=precision)


def _array(value: Call) -> Type | None:
    element = type_of(value.args[0] if value.args else value.kwargs.get("item_type"))
    dimensions = value.kwargs.get("dimensions", 1)
    if element is None:
        return None
    return Type(
        element.name,
        element.schema,
        element.modifiers,
        dimensions if isinstance(dimensions, int) else 1,
        element.fields,
    )


def _enum(value: Call) -> Type | None:
    labels = enum_labels(value)
    if value.kwargs.get("native_enum") is False:
        length = value.kwargs.get("length") or max((len(label) for label in labels or ()), default=0)
        return Type("varchar", modifiers=(str(length),)) if isinstance(length, int) and length else Type("varchar")
    named = enum_name(value)
    return Type(ALIASES.get(named[0], named[0]), named[1]) if named is not None else None
