"""How the values of a column become those of another type, and back: by its USING, by an assignment, in a time zone."""

import re

from bot.core.judging.rule import Moment
from bot.core.language import operations as op
from bot.core.language.expression import Conjunct, Expression, FunctionCall
from bot.core.language.names import Name, quote
from bot.core.language.splice import column_expression
from bot.core.language.types import Type
from bot.core.record import record
from bot.core.rewrites.steps import literal
from bot.core.schema.catalog import CatalogColumn


@record
class Conversion:
    """`value` is the new value, of the columns of the row; `back` the old one, as SQL in which `{}` is the new.

    `back` None: nothing known leads back. `may_fail`: some old values have no new one. `alike`: code that reads and
    writes the old type works with the new.
    """

    value: Expression
    back: str | None
    may_fail: bool
    alike: bool


_INTEGERS = ("int2", "int4", "int8")
_STRINGS = ("varchar", "bpchar", "text")
_RANGES = {"int2": (-(2**15), 2**15 - 1), "int4": (-(2**31), 2**31 - 1)}
_DAYS = ("date", "timestamp", "timestamptz")
# Every value of the first type has one in the second.
_WIDER = {
    *((one, other) for at, one in enumerate(_INTEGERS) for other in _INTEGERS[at:]),
    *((one, "numeric") for one in (*_INTEGERS, "float4", "float8")),
    ("int2", "float4"),
    ("int2", "float8"),
    ("int4", "float8"),
    ("float4", "float8"),
    *((one, other) for one in _STRINGS for other in ("text", "varchar", "citext")),
    *((one, other) for one in _DAYS for other in _DAYS),
    ("cidr", "inet"),
    ("json", "jsonb"),
    ("jsonb", "json"),
}
_AT_ZONE = re.compile(r"""\(?\s*([\w"]+)\s+AT\s+TIME\s+ZONE\s+('(?:[^']|'')+')\s*\)?""", re.IGNORECASE)
_PLAIN_CAST = re.compile(r"""\(?\s*([\w"]+)\s*((?:::\s*[\w". ]+(?:\(\s*\d+(?:\s*,\s*\d+)?\s*\))?\s*)+)\)?""")
_CAST_CALL = re.compile(
    r"""CAST\s*\(\s*([\w"]+)\s+AS\s+[\w". ]+(?:\(\s*\d+(?:\s*,\s*\d+)?\s*\))?\s*\)""", re.IGNORECASE
)


def conversion(change: op.AlterColumnType, known: CatalogColumn, moment: Moment) -> Conversion | None:
    """None where the values depend on a TimeZone that is not known: each session would store its own."""
    database = moment.session.database()
    old, new = database.domain_base(known.type), database.resolve_type(change.type)
    alike = _is_alike(old, new)
    may_fail = not _always_fits(old, new, change.using, change.column)
    if change.using is not None and (zone := _zone_named(change)) is not None and _is_zoned(old, new):
        return Conversion(change.using, f"{{}} AT TIME ZONE {zone}", may_fail, alike)
    if _depends_on_zone(old, new) and (change.using is None or casts_only(change.using, change.column)):
        return _in_zone(change.column, old, new, moment, alike=alike, may_fail=may_fail)
    if change.using is None or casts_only(change.using, change.column):
        return Conversion(change.using or column_expression(change.column), _assigned_back(old, new), may_fail, alike)
    return Conversion(change.using, None, may_fail, alike)


def _zone_named(change: op.AlterColumnType) -> str | None:
    """The constant of a USING that is the column AT TIME ZONE that constant."""
    found = _AT_ZONE.fullmatch(change.using.text.strip()) if change.using is not None else None
    return found[2] if found is not None and found[1] in (change.column, quote(change.column)) else None


def _is_zoned(old: Type, new: Type) -> bool:
    return {old.name, new.name} == {"timestamp", "timestamptz"}


def casts_only(using: Expression, column: str) -> bool:
    """Whether it is the column itself, cast to one type after another."""
    text = using.text.strip()
    names = (column, quote(column))
    if text in names:
        return True
    found = _PLAIN_CAST.fullmatch(text) or _CAST_CALL.fullmatch(text)
    return found is not None and found[1] in names


def _is_alike(old: Type, new: Type) -> bool:
    if old.dimensions != new.dimensions or old.schema or new.schema:
        return (old.name, old.schema, old.dimensions) == (new.name, new.schema, new.dimensions)
    families = (_INTEGERS, _STRINGS)
    return old.name == new.name or any(old.name in one and new.name in one for one in families)


def _always_fits(old: Type, new: Type, using: Expression | None, column: str) -> bool:
    """Whether every value of the old type can be stored; of a USING that is more than a cast only its author knows."""
    if using is not None and not casts_only(using, column) and _AT_ZONE.fullmatch(using.text.strip()) is None:
        return False
    if new.name == "text" and not new.schema and not new.dimensions:
        return True
    if old.dimensions != new.dimensions or old.schema or new.schema:
        return False
    if new.modifiers and new.name not in _DAYS:
        longer = old.name == new.name and len(old.modifiers) == len(new.modifiers) == 1
        return longer and old.modifiers[0].isdigit() and int(old.modifiers[0]) <= int(new.modifiers[0])
    return old.name == new.name or (old.name, new.name) in _WIDER


def _depends_on_zone(old: Type, new: Type) -> bool:
    return old.name != new.name and "timestamptz" in (old.name, new.name)


def _in_zone(column: str, old: Type, new: Type, moment: Moment, *, alike: bool, may_fail: bool) -> Conversion | None:
    """The cast in the TimeZone of the migration's session, whatever the one of the session that writes is."""
    setting = moment.session.setting("timezone")
    pair = (old.name, new.name)
    if setting is None or setting.value is None or old.dimensions or not all(name in _DAYS for name in pair):
        return None
    zone = literal(setting.value)
    name = quote(column)
    there, back = {
        ("timestamp", "timestamptz"): ("{} AT TIME ZONE {zone}", "{} AT TIME ZONE {zone}"),
        ("timestamptz", "timestamp"): ("{} AT TIME ZONE {zone}", "{} AT TIME ZONE {zone}"),
        ("date", "timestamptz"): ("{}::timestamp AT TIME ZONE {zone}", "({} AT TIME ZONE {zone})::date"),
        ("timestamptz", "date"): ("({} AT TIME ZONE {zone})::date", "{}::timestamp AT TIME ZONE {zone}"),
    }[pair]
    text = there.replace("{zone}", zone).replace("{}", name)
    start = text.index(name)
    bare = column_expression(column)
    place = tuple(type(one)(one.column, one.qualifier, start, start + len(name)) for one in bare.columns)
    value = Expression(
        text,
        columns=place,
        calls=(FunctionCall(Name("timezone"), 2, 0, len(text)),),
        conjuncts=(Conjunct(0, len(text)),),
    )
    return Conversion(value, back.replace("{zone}", zone), may_fail, alike)


def _assigned_back(old: Type, new: Type) -> str:
    """What is assigned to the old column; a value that it cannot hold is left out, never an error."""
    if old.name in _RANGES and old.schema is None and not old.dimensions and new.name in (*_INTEGERS, "numeric"):
        low, high = _RANGES[old.name]
        return f"CASE WHEN {{}} BETWEEN {low} AND {high} THEN {{}} END"
    return "{}"


def may_lack(old: Type, back: str) -> bool:
    """Whether assigning `back` to a column of the old type can fail, so that it has to be caught."""
    return not (back.startswith("CASE WHEN") or (old.name in _STRINGS and not old.modifiers and old.schema is None))
