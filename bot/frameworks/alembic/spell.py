"""Operations as Alembic's directives; an operation without one becomes `op.execute` with its SQL."""

from collections.abc import Sequence

from bot.core.language import operations as op
from bot.core.language.names import Name, quote
from bot.core.language.types import Type
from bot.sql import write_statement

# pg_type's names as SQLAlchemy's types: generic where there is one, else PostgreSQL's own.
_TYPES = {
    "int4": "sa.Integer()",
    "int2": "sa.SmallInteger()",
    "int8": "sa.BigInteger()",
    "varchar": "sa.String({})",
    "text": "sa.Text()",
    "bool": "sa.Boolean()",
    "date": "sa.Date()",
    "timestamp": "sa.DateTime()",
    "timestamptz": "sa.DateTime(timezone=True)",
    "float8": "sa.Float()",
    "numeric": "sa.Numeric({})",
    "bytea": "sa.LargeBinary()",
    "json": "sa.JSON()",
}
_POSTGRESQL = {
    "jsonb": "JSONB",
    "uuid": "UUID",
    "tsvector": "TSVECTOR",
    "inet": "INET",
    "cidr": "CIDR",
    "hstore": "HSTORE",
    "citext": "CITEXT",
}


def calls(operations: Sequence[op.Operation]) -> Sequence[str]:
    """One statement as calls. Raises Unwritable."""
    if len(operations) == 1:
        call = _call(operations[0])
        if call is not None:
            return (call,)
    return (executed(write_statement(operations)),)


def python_string(text: str) -> str:
    """A string literal that Python reads as exactly this text, in double quotes where that needs no escapes."""
    if '"' not in text and "\\" not in text and text.isprintable():
        return f'"{text}"'
    return repr(text)


def executed(sql: str) -> str:
    """`op.execute` with this SQL. `:name` would be a bind parameter, so a lone colon is escaped."""
    escaped = without_binds(sql)
    if "\n" not in escaped:
        return f"op.execute({python_string(escaped)})"
    if '"""' not in escaped and "\\" not in escaped and not _breaks_inside_quotes(escaped):
        body = "\n".join(f"    {line}" if line else line for line in escaped.split("\n"))
        return f'op.execute(\n    """\n{body}\n    """\n)'
    return f"op.execute({escaped!r})"


def _breaks_inside_quotes(sql: str) -> bool:
    """Whether a line may end inside a literal or a quoted name, which indenting would change."""
    return any(line.count("'") % 2 or line.count('"') % 2 for line in sql.split("\n"))


def without_binds(sql: str) -> str:
    from bot.frameworks.alembic.expressions import BIND

    return BIND.sub(lambda found: "\\" + found[0], sql)


def _text(sql: str) -> str:
    return f"sa.text({python_string(without_binds(sql))})"


def _schema(name: Name, keyword: str = "schema") -> list[str]:
    return [f"{keyword}={python_string(name.schema)}"] if name.schema is not None else []


def _call(operation: op.Operation) -> str | None:
    """The directive for an operation, None where none says exactly this."""
    return _of_column(operation) or _of_index(operation) or _of_constraint(operation)


def _of_column(operation: op.Operation) -> str | None:
    match operation:
        case op.AddColumn(table=of, column=column, if_not_exists=False, only=False, if_exists=False):
            made = _column(column)
            return None if made is None else _directive("add_column", [_s(of.name), made], _schema(of))
        case op.DropColumn(table=of, column=name, cascade=False, missing_ok=False, only=False, if_exists=False):
            return _directive("drop_column", [_s(of.name), _s(name)], _schema(of))
        case op.SetNotNull(table=of, column=name, only=False, if_exists=False):
            return _directive("alter_column", [_s(of.name), _s(name)], ["nullable=False", *_schema(of)])
        case op.DropNotNull(table=of, column=name, only=False, if_exists=False):
            return _directive("alter_column", [_s(of.name), _s(name)], ["nullable=True", *_schema(of)])
        case op.SetDefault(table=of, column=name, default=default, only=False, if_exists=False):
            options = [f"server_default={_text(default.text)}", *_schema(of)]
            return _directive("alter_column", [_s(of.name), _s(name)], options)
        case op.DropDefault(table=of, column=name, only=False, if_exists=False):
            return _directive("alter_column", [_s(of.name), _s(name)], ["server_default=None", *_schema(of)])
        case op.RenameColumn(table=of, column=name, to=to, kind="TABLE", only=False, if_exists=False):
            return _directive("alter_column", [_s(of.name), _s(name)], [f"new_column_name={_s(to)}", *_schema(of)])
        case op.AlterColumnType(table=of, column=name, type=kind, collation=None, only=False, if_exists=False):
            target = _type(kind)
            if target is None:
                return None
            using = [f"postgresql_using={_s(operation.using.text)}"] if operation.using is not None else []
            return _directive("alter_column", [_s(of.name), _s(name)], [f"type_={target}", *using, *_schema(of)])
        case _:
            return None


def _of_index(operation: op.Operation) -> str | None:
    match operation:
        case op.CreateIndex():
            return _create_index(operation)
        case op.DropIndex(indexes=(index,), cascade=False, table=of):
            options = [f"table_name={_s(of.name)}"] if of is not None else []
            options += _schema(index)
            options += ["postgresql_concurrently=True"] if operation.concurrently else []
            options += ["if_exists=True"] if operation.if_exists else []
            return _directive("drop_index", [_s(index.name)], options)
        case _:
            return None


def _of_constraint(operation: op.Operation) -> str | None:
    match operation:
        case op.AddForeignKey(only=False, if_exists=False):
            return _create_foreign_key(operation)
        case op.AddCheck(table=of, constraint=check, only=False, if_exists=False):
            if check.name is None or check.no_inherit or not check.enforced:
                return None
            options = [*_schema(of), *(["postgresql_not_valid=True"] if check.not_valid else [])]
            return _directive(
                "create_check_constraint", [_s(check.name), _s(of.name), _text(check.expression.text)], options
            )
        case op.AddUnique(table=of, constraint=unique, only=False, if_exists=False):
            odd = unique.using_index or unique.include or unique.deferrable or unique.nulls_not_distinct
            if unique.name is None or odd or unique.without_overlaps:
                return None
            return _directive(
                "create_unique_constraint", [_s(unique.name), _s(of.name), _list(unique.columns)], _schema(of)
            )
        case op.DropConstraint(table=of, constraint=name, cascade=False, missing_ok=False, only=False, if_exists=False):
            return _directive("drop_constraint", [_s(name), _s(of.name)], _schema(of))
        case _:
            return None


def _s(text: str) -> str:
    return python_string(text)


def _list(names: Sequence[str]) -> str:
    return "[" + ", ".join(_s(name) for name in names) + "]"


def _directive(name: str, args: Sequence[str], options: Sequence[str]) -> str:
    """On one line where that is short, else one argument per line."""
    parts = [*args, *options]
    flat = f"op.{name}({', '.join(parts)})"
    if len(flat) <= 92:
        return flat
    return "\n".join([f"op.{name}(", *(f"    {part}," for part in parts), ")"])


def _column(column: op.Column) -> str | None:
    plain = all(isinstance(one, op.NotNull) and one.name is None for one in column.constraints)
    odd = column.generated or column.identity or column.storage or column.compression or column.collation
    kind = _type(column.type) if column.type is not None else None
    if kind is None or not plain or odd:
        return None
    parts = [_s(column.name), kind]
    if column.default is not None:
        parts.append(f"server_default={_text(column.default.text)}")
    parts.append(f"nullable={not column.constraints}")
    return f"sa.Column({', '.join(parts)})"


def _type(kind: Type) -> str | None:
    if kind.schema is not None or kind.fields or kind.dimensions:
        return None
    if kind.name in _POSTGRESQL and not kind.modifiers:
        return f"sa.dialects.postgresql.{_POSTGRESQL[kind.name]}()"
    form = _TYPES.get(kind.name)
    if form is None or (kind.modifiers and "{}" not in form):
        return None
    return form.format(", ".join(kind.modifiers))


def _create_index(index: op.CreateIndex) -> str | None:
    if index.only or index.options or index.tablespace or index.index is None:
        return None
    keys = []
    for element in index.elements:
        plain = element.column is not None and element.text == quote(element.column)
        keys.append(_s(element.column) if plain and element.column is not None else _text(element.text))
    options = _schema(index.table)
    options += ["unique=True"] if index.unique else []
    options += [f"postgresql_using={_s(index.method)}"] if index.method != "btree" else []
    options += [f"postgresql_where={_text(index.where.text)}"] if index.where is not None else []
    options += [f"postgresql_include={_list(index.include)}"] if index.include else []
    options += ["postgresql_nulls_not_distinct=True"] if index.nulls_not_distinct else []
    options += ["postgresql_concurrently=True"] if index.concurrently else []
    options += ["if_not_exists=True"] if index.if_not_exists else []
    return _directive("create_index", [_s(index.index), _s(index.table.name), f"[{', '.join(keys)}]"], options)


def _create_foreign_key(operation: op.AddForeignKey) -> str | None:
    key = operation.constraint
    if key.name is None or not key.references_columns or key.on_delete_columns or not key.enforced or key.period:
        return None
    args = [_s(key.name), _s(operation.table.name), _s(key.references.name), _list(key.columns)]
    options = [*_schema(operation.table, "source_schema"), *_schema(key.references, "referent_schema")]
    options += [f"ondelete={_s(key.on_delete)}"] if key.on_delete != "NO ACTION" else []
    options += [f"onupdate={_s(key.on_update)}"] if key.on_update != "NO ACTION" else []
    options += ['match="FULL"'] if key.match_full else []
    options += ["deferrable=True"] if key.deferrable else []
    options += ['initially="DEFERRED"'] if key.initially_deferred else []
    options += ["postgresql_not_valid=True"] if key.not_valid else []
    return _directive("create_foreign_key", [*args, _list(key.references_columns)], options)
