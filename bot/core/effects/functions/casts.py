"""PostgreSQL's own casts (pg_cast) and the operator classes that types share.

Source: https://www.postgresql.org/docs/current/catalog-pg-cast.html; pg_cast.dat, pg_opclass.dat.
"""

from bot.core.language.types import Type

_OID_ALIASES = (
    "regclass regcollation regconfig regdictionary regnamespace regoper regoperator"
    " regproc regprocedure regrole regtype"
).split()


def _pairs(text: str) -> frozenset[tuple[str, str]]:
    return frozenset(
        (source, target)
        for line in text.split()
        for source, targets in (line.split(">"),)
        for target in targets.split(",")
    )


# Read from pg_cast of PostgreSQL 15 and 18, where they agree; (source, target) by the names in pg_type.
BINARY = (
    _pairs(
        """
        bit>varbit varbit>bit cidr>inet text>varchar,bpchar varchar>text,bpchar int4>oid oid>int4
        xml>text,varchar,bpchar pg_node_tree>text
        """
    )
    | {(alias, other) for alias in _OID_ALIASES for other in ("oid", "int4")}
    | {(other, alias) for alias in _OID_ALIASES for other in ("oid", "int4")}
)
"""No work at all: the stored bytes stay (castmethod b)."""

ASSIGNED = _pairs(
    """
    bpchar>text,varchar,name,char char>text,bpchar,varchar name>text,varchar,bpchar text>name,regclass,char
    varchar>name,regclass,char
    int2>int4,int8,numeric,float4,float8,oid int4>int2,int8,numeric,float4,float8,money
    int8>int2,int4,numeric,float4,float8,money,oid oid>int8
    numeric>int2,int4,int8,float4,float8,money float4>int2,int4,int8,float8,numeric
    float8>int2,int4,int8,float4,numeric money>numeric
    date>timestamp,timestamptz time>interval,timetz timetz>time interval>time
    timestamp>timestamptz,date,time timestamptz>timestamp,date,time,timetz
    bool>text,varchar,bpchar cidr>text,varchar,bpchar inet>text,varchar,bpchar,cidr
    json>jsonb jsonb>json macaddr>macaddr8 macaddr8>macaddr
    box>polygon path>polygon point>box polygon>path
    """
)
"""Casts that run code and that an assignment (ALTER TYPE without USING) may use."""

TEMPORAL = frozenset({("timestamp", "timestamptz"), ("timestamptz", "timestamp")})
"""The casts that change nothing while the session's time zone is UTC."""

STRINGS = frozenset({"text", "varchar", "bpchar"})
"""Types that anything can be assigned to through its text form."""

BUILT_IN = frozenset(
    """
    bool bytea char name int8 int2 int4 text oid tid xid cid json xml jsonb jsonpath point lseg path box polygon line
    circle cidr inet macaddr macaddr8 float4 float8 money numeric bpchar varchar date time timestamp timestamptz
    interval timetz bit varbit uuid tsvector tsquery pg_lsn int4range int8range numrange tsrange tstzrange daterange
    int4multirange int8multirange nummultirange tsmultirange tstzmultirange datemultirange txid_snapshot pg_snapshot
    xid8
    """.split()
) | frozenset(_OID_ALIASES)

_SAME_CLASS = {"varchar": "text", "cidr": "inet"} | dict.fromkeys(_OID_ALIASES, "oid")


def operator_class(type: Type) -> tuple[str, int]:
    """What two types must share so that an index on one can be used for the other: the default operator class's type.

    Array, enum and range classes are polymorphic: there the type itself must stay.
    """
    if type.dimensions:
        return f"{type.schema}.{type.name}", 1
    if type.schema is None:
        return _SAME_CLASS.get(type.name, type.name), 0
    return f"{type.schema}.{type.name}", 0


_FAMILIES = (
    frozenset({"int2", "int4", "int8"}),
    frozenset({"float4", "float8"}),
    frozenset({"date", "timestamp", "timestamptz"}),
    frozenset({"text", "varchar", "bpchar", "name"}),
)
_TO_NUMERIC = {
    "numeric": frozenset({"int2", "int4", "int8"}),
    "float4": frozenset({"int2", "int4", "int8", "numeric"}),
    "float8": frozenset({"int2", "int4", "int8", "numeric"}),
}


def refers(referencing: Type, referenced: Type) -> bool:
    """Whether a foreign key between the types is allowed; for types that are not built in that is assumed."""
    known = all(one.schema is None and one.name in BUILT_IN for one in (referencing, referenced))
    if not known or operator_class(referencing) == operator_class(referenced):
        return True
    if referencing.dimensions or referenced.dimensions:
        return False
    one, other = operator_class(referencing)[0], operator_class(referenced)[0]
    together = any(one in family and other in family for family in _FAMILIES)
    return together or one in _TO_NUMERIC.get(other, frozenset())


def has_operator_class(type: Type) -> bool:
    """Whether an index on the type needs no operator class by name; only json and xml certainly do."""
    return type.schema is not None or bool(type.dimensions) or type.name not in ("json", "xml")
