"""`sa.Column` and its constraints as columns and constraints, the way Alembic's PostgreSQL dialect spells them."""

from collections.abc import Iterator, Mapping, Sequence

from bot.core.language import operations as op
from bot.core.language.names import Name, quote, truncate
from bot.core.language.types import SERIALS, Type
from bot.core.record import record
from bot.frameworks.alembic.expressions import default_of, literal, sql_of
from bot.frameworks.alembic.types import enum_labels, type_of
from bot.frameworks.python.values import Attribute, Call
from bot.frameworks.static.values import RUN_TIME, NotStatic, Unknown, Value
from bot.sql import read_expression

_TABLE_ITEMS = {
    "PrimaryKeyConstraint",
    "UniqueConstraint",
    "ForeignKeyConstraint",
    "CheckConstraint",
    "ExcludeConstraint",
    "Index",
    "Column",
}
_SERIAL_OF = {"int4": "serial", "int8": "bigserial", "int2": "smallserial"}


@record
class Extra:
    """What `Column(...)` creates besides the column: separate constraints and indexes."""

    foreign_keys: tuple[op.ForeignKey, ...] = ()
    unique: bool = False
    index: bool = False
    comment: str | None = None
    checks: tuple[op.Check, ...] = ()
    """The CHECK of an enum that is stored as a string."""


def text_of(value: Value, what: str) -> str:
    """A name that must be known; raises NotStatic."""
    match value:
        case str() if RUN_TIME in value:
            raise NotStatic(f"the {what} is put together at run time")
        case str():
            return truncate(value)
        case Call(short="f" | "quoted_name" | "conv", args=(str() as name, *_)):
            return truncate(name)
        case Unknown(reason=reason):
            raise NotStatic(f"the {what} is not known: {reason}")
        case _:
            raise NotStatic(f"the {what} is computed at run time")


def optional_text(value: Value, what: str) -> str | None:
    return None if value is None else text_of(value, what)


def name_of(table: Value, schema: Value) -> Name:
    """A table's name; a dot in it is part of the name, as in Alembic."""
    return Name(text_of(table, "table's name"), optional_text(schema, "schema"))


def columns_of(value: Value, what: str = "list of columns") -> tuple[str, ...]:
    """Names of columns: a list of strings, or of columns."""
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list | tuple):
        raise NotStatic(f"the {what} is computed at run time")
    return tuple(_column_name(item, what) for item in value)


def _column_name(value: Value, what: str) -> str:
    match value:
        case Call(short="column" | "Column", args=(str() as name, *_)):
            return truncate(name)
        case Attribute(name=name, of=of) if of is not None:
            return truncate(name)
        case _:
            return text_of(value, what)


def column_of(value: Value, table: Name, *, only_key: bool = False) -> tuple[op.Column, Extra]:
    """A `Column(...)` as the column and what comes with it. Raises NotStatic.

    `only_key`: it is the table's only primary key column, so that an integer becomes serial.
    """
    if not isinstance(value, Call) or value.short not in ("Column", "column"):
        raise NotStatic(value.reason if isinstance(value, Unknown) else "a column is computed at run time")
    name, rest = _name_and_rest(value)
    column_type = next((type_of(item) for item in rest if _is_type(item)), None)
    if column_type is None and "type_" in value.kwargs:
        column_type = type_of(value.kwargs["type_"])
    if value.kwargs.get("**") is not None:
        raise NotStatic(f"the options of column {name} are built at run time")
    generated, identity, default = _computed(rest), _identity(rest), default_of(value.kwargs.get("server_default"))
    generated = generated or _computed([value.kwargs.get("server_default")])
    identity = identity or _identity([value.kwargs.get("server_default")])
    key = value.kwargs.get("primary_key") is True
    serial = _serial(column_type, value, default, identity, only_key=only_key)
    constraints = tuple(_column_constraints(name, value, rest, identity, key=key))
    keys = tuple(_foreign_keys(name, rest, table))
    return (
        op.Column(
            name=name,
            type=serial or column_type,
            default=None if generated is not None or identity is not None else default,
            generated=generated,
            identity=identity,
            constraints=constraints,
            collation=next((made for item in rest if (made := _collation(item)) is not None), None),
        ),
        Extra(
            foreign_keys=keys,
            unique=value.kwargs.get("unique") is True,
            index=value.kwargs.get("index") is True,
            checks=tuple(check for item in rest if (check := _enum_check(name, item)) is not None),
            comment=comment if isinstance(comment := value.kwargs.get("comment"), str) else None,
        ),
    )


def constraint_of(value: Call) -> op.Constraint | None:
    """A table constraint of create_table; None for anything else. Raises NotStatic."""
    kwargs = value.kwargs
    name = optional_text(kwargs.get("name"), "constraint's name")
    deferrable = kwargs.get("deferrable") is True
    deferred = str(kwargs.get("initially") or "").upper() == "DEFERRED"
    match value.short:
        case "PrimaryKeyConstraint":
            return op.PrimaryKey(columns_of(value.args), name, deferrable=deferrable, initially_deferred=deferred)
        case "UniqueConstraint":
            return op.Unique(
                columns_of(value.args),
                name,
                nulls_not_distinct=kwargs.get("postgresql_nulls_not_distinct") is True,
                deferrable=deferrable,
                initially_deferred=deferred,
            )
        case "CheckConstraint":
            return op.Check(read_expression(sql_of(value.args[0] if value.args else kwargs.get("sqltext"))), name)
        case "ForeignKeyConstraint":
            columns = value.args[0] if value.args else kwargs.get("columns")
            targets = value.args[1] if len(value.args) > 1 else kwargs.get("refcolumns")
            return foreign_key(columns_of(columns), columns_of(targets), kwargs, name)
        case "ExcludeConstraint":
            return _exclusion(value, name)
        case _:
            return None


def foreign_key(
    columns: tuple[str, ...], targets: Sequence[str], options: Mapping[str, Value], name: str | None
) -> op.ForeignKey:
    """`targets` are "table.column" or "schema.table.column", as SQLAlchemy expects them."""
    tables = {target.rpartition(".")[0] for target in targets}
    if len(tables) != 1 or "" in tables:
        raise NotStatic("the referenced table is computed at run time")
    schema, _, table = tables.pop().rpartition(".")
    return op.ForeignKey(
        columns=columns,
        references=Name(truncate(table), schema or None),
        references_columns=tuple(target.rpartition(".")[2] for target in targets),
        name=name,
        on_delete=_action(options.get("ondelete")),
        on_update=_action(options.get("onupdate")),
        match_full=str(options.get("match") or "").upper() == "FULL",
        deferrable=options.get("deferrable") is True,
        initially_deferred=str(options.get("initially") or "").upper() == "DEFERRED",
        not_valid=options.get("postgresql_not_valid") is True,
    )


def identity_of(item: Call) -> op.Identity:
    """`sa.Identity(...)`."""
    always = item.kwargs.get("always", item.args[0] if item.args else False)
    return op.Identity(always is True, _sequence_options(item))


def is_item(value: Value) -> bool:
    """Whether create_table accepts it as a column or constraint."""
    return isinstance(value, Call) and value.short in _TABLE_ITEMS


def _action(value: Value) -> str:
    if value is None:
        return "NO ACTION"
    if not isinstance(value, str):
        raise NotStatic("the foreign key's action is computed at run time")
    return " ".join(value.upper().split())


def _name_and_rest(value: Call) -> tuple[str, list[Value]]:
    rest = list(value.args)
    if "name" in value.kwargs:
        return text_of(value.kwargs["name"], "column's name"), rest
    if not rest:
        raise NotStatic("a column's name is computed at run time")
    return text_of(rest[0], "column's name"), rest[1:]


def _is_type(value: Value) -> bool:
    others = {"ForeignKey", "Computed", "Identity", "CheckConstraint", "Sequence", "FetchedValue", "DefaultClause"}
    return isinstance(value, Call | Attribute) and value.short not in others


def _collation(value: Value) -> Name | None:
    named = value.kwargs.get("collation") if isinstance(value, Call) else None
    return Name(named) if isinstance(named, str) else None


def _enum_check(column: str, value: Value) -> op.Check | None:
    if not isinstance(value, Call) or value.short not in ("Enum", "ENUM"):
        return None
    labels = enum_labels(value)
    if value.kwargs.get("native_enum") is not False or value.kwargs.get("create_constraint") is not True or not labels:
        return None
    condition = f"{quote(column)} IN ({', '.join(literal(label) for label in labels)})"
    return op.Check(read_expression(condition), optional_text(value.kwargs.get("name"), "constraint's name"))


def _computed(rest: Sequence[Value]) -> op.Generated | None:
    for item in rest:
        if isinstance(item, Call) and item.short == "Computed":
            expression = item.args[0] if item.args else item.kwargs.get("sqltext")
            persisted = item.args[1] if len(item.args) > 1 else item.kwargs.get("persisted")
            stored = persisted if isinstance(persisted, bool) else None
            return op.Generated(read_expression(sql_of(expression)), stored)
    return None


def _identity(rest: Sequence[Value]) -> op.Identity | None:
    for item in rest:
        if isinstance(item, Call) and item.short == "Identity":
            return identity_of(item)
    return None


def _sequence_options(item: Call) -> str:
    words = (
        ("increment", "INCREMENT BY"),
        ("start", "START WITH"),
        ("minvalue", "MINVALUE"),
        ("maxvalue", "MAXVALUE"),
        ("cache", "CACHE"),
    )
    options = [f"{word} {item.kwargs[key]}" for key, word in words if isinstance(item.kwargs.get(key), int)]
    return " ".join([*options, *(["CYCLE"] if item.kwargs.get("cycle") is True else [])])


def _serial(
    column_type: Type | None, value: Call, default: Value, identity: op.Identity | None, *, only_key: bool
) -> Type | None:
    """In SQLAlchemy a table's only integer key becomes serial, and so does an integer key with autoincrement=True."""
    auto = value.kwargs.get("autoincrement", "auto")
    if column_type is None or column_type.dimensions or default is not None or identity is not None or not only_key:
        return None
    references = any(isinstance(item, Call) and item.short == "ForeignKey" for item in value.args)
    if auto is False or (references and auto != "ignore_fk" and auto is not True):
        return None
    serial = _SERIAL_OF.get(column_type.name)
    return Type(serial) if serial in SERIALS and serial is not None else None


def _column_constraints(
    name: str, value: Call, rest: Sequence[Value], identity: op.Identity | None, *, key: bool
) -> Iterator[op.Constraint]:
    nullable = value.kwargs.get("nullable")
    if identity is None and (nullable is False or (nullable is None and key)):
        yield op.NotNull(name)
    for item in rest:
        if isinstance(item, Call) and item.short == "CheckConstraint":
            check = constraint_of(item)
            if check is not None:
                yield check


def _foreign_keys(column: str, rest: Sequence[Value], table: Name) -> Iterator[op.ForeignKey]:
    for item in rest:
        if isinstance(item, Call) and item.short == "ForeignKey":
            target = item.args[0] if item.args else item.kwargs.get("column")
            if not isinstance(target, str):
                raise NotStatic(f"what {table}.{column} references is computed at run time")
            name = optional_text(item.kwargs.get("name"), "constraint's name")
            yield foreign_key((column,), (target,), dict(item.kwargs), name)


def _exclusion(value: Call, name: str | None) -> op.Exclusion:
    elements = []
    for pair in value.args:
        if not isinstance(pair, tuple | list) or len(pair) != 2 or not isinstance(pair[1], str):
            raise NotStatic("an exclusion constraint is computed at run time")
        text = _column_name(pair[0], "column") if not isinstance(pair[0], Call) else sql_of(pair[0])
        elements.append(op.ExclusionElement(f"{text} WITH {pair[1]}", read_expression(text), pair[1]))
    where = value.kwargs.get("where")
    using = value.kwargs.get("using", "gist")
    return op.Exclusion(
        tuple(elements),
        name,
        method=using if isinstance(using, str) else "gist",
        where=read_expression(sql_of(where)) if where is not None else None,
        deferrable=value.kwargs.get("deferrable") is True,
        initially_deferred=str(value.kwargs.get("initially") or "").upper() == "DEFERRED",
    )
