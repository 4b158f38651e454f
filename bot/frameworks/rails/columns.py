"""Columns, references and indexes from Active Record's options."""

import json
from collections.abc import Iterator, Mapping, Sequence

from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.names import Name, quote, truncate
from bot.core.language.types import Type
from bot.core.record import record
from bot.frameworks.rails.inflections import pluralized, singularized, table_of_class
from bot.frameworks.rails.naming import foreign_key_name, index_name, table_name
from bot.frameworks.rails.types import reference_type, type_of
from bot.frameworks.ruby.values import Call, Constant, Lambda
from bot.frameworks.statements.sending import Operations
from bot.frameworks.static.values import NotStatic, Unknown, Value
from bot.sql import Unreadable, read_expression, read_index_element

_ACTIONS = {"cascade": "CASCADE", "nullify": "SET NULL", "restrict": "RESTRICT", "no_action": "NO ACTION"}


@record
class Reference:
    """What `references` creates: one or two columns, then an index, then a foreign key."""

    columns: tuple[op.Column, ...]
    """Each is added by a statement of its own."""
    index: op.CreateIndex | None = None
    foreign_key: op.ForeignKey | None = None


def name_in(value: Value, what: str) -> str:
    """A name that must be known; raises NotStatic."""
    match value:
        case str():
            return str(value)
        case Unknown(reason=reason):
            raise NotStatic(f"the {what} is not known: {reason}")
        case Call(method="table_name" | "quoted_table_name", receiver=receiver) if receiver is not None:
            if isinstance(receiver, Constant):
                return table_of_class(receiver.name)
            raise NotStatic(f"the {what} is computed at run time")
        case Call(method="tags_table" | "taggings_table" as method, receiver=Constant(name="ActsAsTaggableOn")):
            return method.removesuffix("_table")
        case _:
            raise NotStatic(f"the {what} is computed at run time")


def names_in(value: Value, what: str) -> list[str]:
    """One name or several."""
    return [name_in(item, what) for item in value] if isinstance(value, list) else [name_in(value, what)]


def flag(options: Mapping[str, Value], name: str, *, default: bool = False) -> bool:
    """An option that must be known to be true or false; raises NotStatic."""
    value = options.get(name, default)
    if isinstance(value, Unknown | Call):
        raise NotStatic(f"`{name}:` is computed at run time")
    return bool(value) if not isinstance(value, dict | str | list) else True


def column_of(name: str, type_name: Value, options: Mapping[str, Value], version: float) -> op.Column:
    """A column with its default and NOT NULL. Raises NotStatic."""
    kind = name_in(type_name, "column's type")
    if "**" in options:
        raise NotStatic(f"the options of column {name} are built at run time")
    generated = None
    if kind == "virtual":
        expression = options.get("as")
        if not isinstance(expression, str):
            raise NotStatic(f"the expression of column {name} is computed at run time")
        generated = op.Generated(read_expression(expression), options.get("stored") is True)
    default = (
        default_of(options.get("default"), kind, array=options.get("array") is True) if generated is None else None
    )
    nullable = options.get("null", True)
    if isinstance(nullable, Unknown | Call):
        raise NotStatic(f"whether {name} is nullable is computed at run time")
    collation = options.get("collation")
    return op.Column(
        name=truncate(name),
        type=type_of(kind, options, version),
        default=default,
        generated=generated,
        constraints=(op.NotNull(truncate(name)),) if nullable is False else (),
        collation=Name(collation) if isinstance(collation, str) else None,
    )


def default_of(value: Value, kind: str = "", *, array: bool = False) -> Expression | None:
    """A default as SQL: a lambda's text verbatim, everything else a literal. Raises NotStatic."""
    match value:
        case None:
            return None
        case Lambda(value=str() as sql):
            return read_expression(str(sql))
        case Call(method="sql", args=(str() as sql, *_)):
            return read_expression(str(sql))
        case str() if kind in ("uuid",) and value.endswith("()"):
            return read_expression(str(value))
        case bool() | int() | float() | str() | list() | dict():
            return read_expression(literal(value, array=array))
        case Lambda():
            raise NotStatic("the SQL of the default is computed when the migration runs")
        case _:
            # Active Record quotes the value that Ruby computes: a constant, so its text does not change the work.
            return read_expression(placeholder(kind))


def placeholder(kind: str = "") -> str:
    """A literal for a value known only at run time, of the column's type as far as that matters."""
    match kind:
        case "integer" | "bigint" | "float" | "decimal" | "numeric":
            return "0"
        case "boolean":
            return "FALSE"
        case "json" | "jsonb" | "hstore":
            return "'{}'"
        case "datetime" | "timestamp" | "timestamptz" | "date" | "time":
            return "'epoch'"
        case _:
            return "'known at run time'"


def literal(value: Value, *, array: bool = False) -> str:
    """A Ruby value as an SQL literal. Raises NotStatic."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case str():
            return "'" + value.replace("'", "''") + "'"
        case list() if array:
            return "'{" + ",".join(str(item) for item in value) + "}'"
        case list() | dict():
            try:
                return "'" + json.dumps(value).replace("'", "''") + "'"
            except TypeError:
                raise NotStatic("a value computed at run time") from None
        case _:
            raise NotStatic("a value computed at run time")


def comment_on(table: Name, column: str, options: Mapping[str, Value]) -> Iterator[Operations]:
    comment = options.get("comment")
    if isinstance(comment, str):
        yield (op.CommentOn("COLUMN", truncate(column), table, str(comment)),)


def index_of(table: str, columns: Value, options: Mapping[str, Value], version: float) -> op.CreateIndex:
    """`add_index` and `t.index`. Raises NotStatic."""
    parts = names_in(columns, "index's columns")
    name = options.get("name")
    if name is not None and not isinstance(name, str):
        raise NotStatic("the name of the index is computed at run time")
    where, method, include = options.get("where"), options.get("using"), options.get("include")
    if where is not None and not isinstance(where, str):
        raise NotStatic("the condition of the index is computed at run time")
    expression = len(parts) == 1 and not isinstance(columns, list) and not parts[0].replace("_", "a").isalnum()
    elements = (
        _expressions(parts[0])
        if expression
        else tuple(
            _element(part, options.get("order"), options.get("opclass", options.get("operator_class")))
            for part in parts
        )
    )
    return op.CreateIndex(
        truncate(str(name) if name is not None else index_name(table, parts, version)),
        table_name(table),
        elements,
        unique=flag(options, "unique"),
        concurrently=str(options.get("algorithm") or "").lower() == "concurrently",
        if_not_exists=flag(options, "if_not_exists"),
        method=str(method).lower() if isinstance(method, str) else "btree",
        include=tuple(names_in(include, "included columns")) if include is not None else (),
        nulls_not_distinct=flag(options, "nulls_not_distinct"),
        where=read_expression(str(where)) if where is not None else None,
    )


def _expressions(text: str) -> tuple[op.IndexElement, ...]:
    """The keys of an index given as one string, split at its top-level commas."""
    depth, start = 0, 0
    parts: list[str] = []
    for position, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0:
            parts.append(text[start:position])
            start = position + 1
    parts.append(text[start:])
    try:
        return tuple(read_index_element(part.strip()) for part in parts)
    except Unreadable:
        try:
            return (read_index_element(f"({text})"),)
        except Unreadable:
            raise NotStatic("the expression of the index cannot be read") from None


def _element(column: str, order: Value, classes: Value) -> op.IndexElement:
    own_order = order.get(column) if isinstance(order, dict) else order
    own_class = classes.get(column) if isinstance(classes, dict) else classes
    text = quote(truncate(column)) if column.replace("_", "a").isalnum() else column
    if isinstance(own_class, str):
        text += f" {own_class}"
    if isinstance(own_order, str):
        text += f" {own_order.upper()}"
    try:
        return read_index_element(text)
    except Unreadable:
        raise NotStatic("a key of the index cannot be read") from None


def reference_of(table: str, name: str, options: Mapping[str, Value], version: float) -> Reference:
    """`add_reference` and `t.references`: it has an index by default from version 5.0 on. Raises NotStatic."""
    if "**" in options:
        raise NotStatic(f"the options of reference {name} are built at run time")
    polymorphic = options.get("polymorphic")
    own = {key: value for key, value in options.items() if key in ("null", "default", "comment", "collation", "array")}
    id_type = reference_type(options, version)
    columns = [_typed(f"{name}_id", id_type, own)]
    if polymorphic:
        more = polymorphic if isinstance(polymorphic, dict) else {}
        nullable = {key: value for key, value in own.items() if key == "null"}
        columns.insert(0, column_of(f"{name}_type", "string", {**more, **nullable}, version))
    index = options.get("index", version >= 5.0)
    made = None
    if index not in (False, None):
        details = index if isinstance(index, dict) else {}
        keys = [f"{name}_type", f"{name}_id"] if polymorphic else [f"{name}_id"]
        default_name = index_name(table, name, version) if polymorphic and version >= 6.1 else None
        named = {"name": default_name} if default_name and "name" not in details else {}
        made = index_of(table, keys if polymorphic else keys[0], {**named, **details}, version)
    key = options.get("foreign_key")
    if isinstance(key, Unknown | Call):
        raise NotStatic("`foreign_key:` is computed at run time")
    target = None
    if key:
        details = key if isinstance(key, dict) else {}
        to = details.get("to_table", pluralized(name))
        target = foreign_key_of(table, name_in(to, "referenced table"), {"column": f"{name}_id", **details})
    return Reference(tuple(columns), made, target)


def _typed(name: str, kind: object, options: Mapping[str, Value]) -> op.Column:
    default = default_of(options.get("default"))
    constraints = (op.NotNull(truncate(name)),) if options.get("null") is False else ()
    return op.Column(truncate(name), kind if isinstance(kind, Type) else None, default, constraints=constraints)


def foreign_key_of(table: str, to: str, options: Mapping[str, Value]) -> op.ForeignKey:
    """`add_foreign_key`. Raises NotStatic."""
    keys = names_in(options.get("primary_key") or "id", "referenced column")
    owner = singularized(to.rpartition(".")[2])
    several = isinstance(options.get("primary_key"), list)
    own = [f"{owner}_{key}" for key in keys] if several else [f"{owner}_id"]
    columns = names_in(options.get("column") or own, "foreign key's column")
    name = options.get("name")
    if name is not None and not isinstance(name, str):
        raise NotStatic("the foreign key's name is computed at run time")
    deferrable = options.get("deferrable")
    return op.ForeignKey(
        columns=tuple(truncate(column) for column in columns),
        references=table_name(to),
        references_columns=tuple(keys),
        name=truncate(str(name)) if name is not None else foreign_key_name(table, "_and_".join(columns)),
        on_delete=_action(options.get("on_delete")),
        on_update=_action(options.get("on_update")),
        deferrable=bool(deferrable),
        initially_deferred=deferrable == "deferred",
        not_valid=options.get("validate") is False,
    )


def _action(value: Value) -> str:
    if value is None:
        return "NO ACTION"
    if not isinstance(value, str) or value not in _ACTIONS:
        raise NotStatic("the foreign key's action is computed at run time")
    return _ACTIONS[value]


def after_column(table: Name, made: Reference, sent: Sequence[Operations] = ()) -> Iterator[Operations]:
    """What follows the columns of a reference."""
    yield from sent
    if made.index is not None:
        yield (made.index,)
    if made.foreign_key is not None:
        yield (op.AddForeignKey(table, made.foreign_key),)


def timestamp_columns(options: Mapping[str, Value], version: float) -> tuple[op.Column, op.Column]:
    """`timestamps`: NOT NULL from version 5.0 on, to the microsecond from 6.0 on, unless the options say otherwise."""
    fine = {"precision": 6} if version >= 6.0 else {}
    nullable = {"null": version < 5.0} if options.get("null") is None else {}
    own = {**fine, **options, **nullable}
    return column_of("created_at", "datetime", own, version), column_of("updated_at", "datetime", own, version)


def set_default(table: Name, column: str, value: Value, kind: str = "") -> Operations:
    made = default_of(value, kind)
    return (op.SetDefault(table, column, made) if made is not None else op.DropDefault(table, column),)
