"""Data types as PostgreSQL names them."""

from bot.core.language.names import quote
from bot.core.record import record

# Spellings of the SQL standard -> the name in pg_type.
ALIASES = {
    "int": "int4",
    "integer": "int4",
    "smallint": "int2",
    "bigint": "int8",
    "real": "float4",
    "double precision": "float8",
    "float": "float8",
    "decimal": "numeric",
    "dec": "numeric",
    "boolean": "bool",
    "character varying": "varchar",
    "char varying": "varchar",
    "character": "bpchar",
    "char": "bpchar",
    "nchar": "bpchar",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamptz",
    "time without time zone": "time",
    "time with time zone": "timetz",
    "bit varying": "varbit",
}
SERIALS = {
    "serial": "int4",
    "serial4": "int4",
    "bigserial": "int8",
    "serial8": "int8",
    "smallserial": "int2",
    "serial2": "int2",
}

_SHOWN = {
    "int4": "integer",
    "int2": "smallint",
    "int8": "bigint",
    "float4": "real",
    "float8": "double precision",
    "bool": "boolean",
    "bpchar": "char",
    "varbit": "bit varying",
}


@record
class Type:
    """The type of a column: `varchar(50)[]` is Type("varchar", modifiers=("50",), dimensions=1).

    `name` is the one in pg_type (`int4`, `timestamptz`), or a pseudo-name of `SERIALS`; `modifiers` are the
    texts in parentheses; `fields` are those of an interval (`day to second`).
    """

    name: str
    schema: str | None = None
    modifiers: tuple[str, ...] = ()
    dimensions: int = 0
    fields: str = ""

    @property
    def is_serial(self) -> bool:
        return self.schema is None and self.name in SERIALS

    @property
    def element(self) -> "Type":
        """The type without its array dimensions."""
        return Type(self.name, self.schema, self.modifiers, 0, self.fields)

    def __str__(self) -> str:
        """As an author writes it: `varchar(50)`, `timestamptz(3)`, `integer[]`."""
        bare = self.schema in (None, "pg_catalog")
        text = _SHOWN.get(self.name, self.name) if bare and self.name in _SHOWN else quote(self.name)
        if not bare and self.schema is not None:
            text = f"{quote(self.schema)}.{quote(self.name)}"
        if self.fields:
            text += f" {self.fields}"
        if self.modifiers:
            text += f"({','.join(self.modifiers)})"
        return text + "[]" * self.dimensions
