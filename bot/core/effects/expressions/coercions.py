"""Types as PostgreSQL converts them between operands, arguments and columns.

A type is spelled by its name in pg_type (`int4`, `int4[]`), with its schema where that is not pg_catalog; UNKNOWN is
that of an untyped literal, None that of what is not known.
"""

from bot.core.effects.functions.operators import casts, types
from bot.core.language.names import Name
from bot.core.language.types import SERIALS, Type
from bot.core.schema.catalog import TypeKind
from bot.core.schema.database import Database

UNKNOWN = "unknown"
_STRINGS = frozenset({"text", "varchar", "bpchar"})
_CONTEXTS = {"i": "iae", "a": "ae", "e": "e"}


def spelled(database: Database, type: Type) -> str | None:
    """The type below its domains; None where it is not known here, as a type of an extension is not."""
    base = database.domain_base(type)
    if base.is_serial:
        return SERIALS[base.name]
    found = database.find_type(base)
    if found is not None:
        if found.kind in (TypeKind.BASE, TypeKind.DOMAIN) or found.extension is not None:
            return None
        name = f"{found.name.schema}.{found.name.name}"
    elif base.schema in (None, "pg_catalog") and base.name in types():
        name = base.name
    else:
        return None
    return f"{name}[]" if base.dimensions else name


def kind_of(database: Database, type: str) -> TypeKind | None:
    """Of a type that is not built in."""
    schema, _, name = type.removesuffix("[]").rpartition(".")
    found = database.types.get(Name(name, schema)) if schema else None
    return found.kind if found is not None else None


def converts(database: Database, source: str | None, target: str | None, context: str = "i") -> bool | None:
    """Whether a value of `source` becomes one of `target`: implicitly (`i`), by assignment (`a`), by a cast (`e`)."""
    if source is None or target is None:
        return None
    if source in (target, UNKNOWN) or target == UNKNOWN:
        return True
    if (fits := _polymorphic(database, source, target)) is not None:
        return fits
    if source == "record":
        return None
    if target == "record":
        return False if "." not in source else None
    if source.endswith("[]") and target.endswith("[]"):
        return converts(database, source[:-2], target[:-2], context)
    if "." in source or "." in target:
        return _of_others(database, source, target, context)
    cast = casts().get((source, target))
    if cast is not None and context in _CONTEXTS[cast[0]]:
        return True
    # Everything can be written as text: by assignment to a string type, from one only by a cast.
    if target in _STRINGS and source not in _STRINGS:
        return context != "i"
    return context == "e" and source in _STRINGS


def _of_others(database: Database, source: str, target: str, context: str) -> bool | None:
    """Of types that are not built in."""
    if any(one.kind == "CAST" for one in database.objects):
        return None
    kinds = [kind_of(database, one) for one in (source, target) if "." in one]
    if any(kind not in (TypeKind.ENUM, TypeKind.RANGE) for kind in kinds):
        return None
    if target in _STRINGS:
        return context != "i"
    return context == "e" and source in _STRINGS


def _polymorphic(database: Database, source: str, target: str) -> bool | None:
    """Whether the type is one of a pseudo-type; None where that is none."""
    array = source.endswith("[]")
    match target:
        case "any" | "anyelement" | "anycompatible":
            return True
        case "anyarray" | "anycompatiblearray":
            return array or source in ("int2vector", "oidvector", "anyarray")
        case "anynonarray" | "anycompatiblenonarray":
            return not array
        case "anyenum":
            return "." in source and not array and kind_of(database, source) is TypeKind.ENUM
        case "anyrange" | "anycompatiblerange":
            return not array and (
                (source.endswith("range") and not source.endswith("multirange"))
                or ("." in source and kind_of(database, source) is TypeKind.RANGE)
            )
        case "anymultirange" | "anycompatiblemultirange":
            return source.endswith("multirange") or ("." in source and kind_of(database, source) is TypeKind.RANGE)
        case _:
            return None


def is_stable_cast(source: str | None, target: str | None) -> bool:
    """Whether the conversion depends on a setting: dates and times as text, and between their kinds."""
    if source is None or target is None or source == target:
        return False
    cast = casts().get((source, target))
    if cast is not None:
        return cast[2] != "i"
    dated = ("date", "timestamp", "timestamptz", "time", "timetz", "interval")
    if target in _STRINGS and source in (*dated, "money", "float4", "float8", "bytea"):
        return source in dated or source in ("money",)
    return source in _STRINGS and target in dated


def category(type: str) -> str:
    return "A" if type.endswith("[]") else types().get(type, "U").removesuffix("*")


def is_preferred(type: str) -> bool:
    return types().get(type, "").endswith("*")
