"""Operations as Active Record's schema statements; an operation without one becomes `execute` with its SQL."""

import re
from collections.abc import Sequence

from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.names import Name, truncate
from bot.core.language.types import Type
from bot.frameworks.rails.inflections import singularized
from bot.frameworks.rails.naming import foreign_key_name, index_name
from bot.sql import write_statement

# pg_type's names as Active Record's types, where it has one.
_TYPES = {
    "varchar": "string",
    "text": "text",
    "int4": "integer",
    "int8": "bigint",
    "float8": "float",
    "numeric": "decimal",
    "timestamp": "datetime",
    "time": "time",
    "date": "date",
    "bytea": "binary",
    "bool": "boolean",
    "uuid": "uuid",
    "json": "json",
    "jsonb": "jsonb",
    "tsvector": "tsvector",
    "hstore": "hstore",
    "inet": "inet",
    "cidr": "cidr",
    "citext": "citext",
}


_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def calls(operations: Sequence[op.Operation], version: float = 8.0) -> Sequence[str]:
    """One statement as calls. Raises Unwritable."""
    if len(operations) == 1 and _is_sayable(operations[0]):
        call = _call(operations[0], version)
        if call is not None:
            return (call,)
    return (_execute(write_statement(operations)),)


def ruby_string(text: str) -> str:
    """A string literal that Ruby reads as exactly this text."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("#", "\\#").replace("\n", "\\n")
    return f'"{escaped}"'


def symbol(name: str) -> str:
    return f":{name}" if name.isidentifier() and name.isascii() else f":{ruby_string(name)}"


def table(name: Name) -> str:
    if name.schema is not None:
        return ruby_string(f"{name.schema}.{name.name}")
    return symbol(name.name)


def _is_sayable(operation: op.Operation) -> bool:
    """Whether Active Record uses its names unchanged: it interprets dots and quotes in a table's name."""
    relations, parts = list(operation.subjects), list(_parts(operation))
    if isinstance(operation, op.AddForeignKey):
        relations.append(operation.constraint.references)
    if isinstance(operation, op.DropIndex):
        relations += operation.indexes
    parts += [part for name in relations for part in (name.name, name.schema) if part is not None]
    return all(_PLAIN.fullmatch(part) for part in parts)


def _parts(operation: op.Operation) -> Sequence[str]:
    """The names of columns, indexes and constraints in it, and the new name of what is renamed."""
    match operation:
        case op.RenameColumn(column=column, to=to):
            return [column, to]
        case op.RenameRelation(to=to):
            return [to]
        case op.CreateIndex(index=str() as index):
            return [index]
        case op.AddForeignKey(constraint=key):
            return key.columns
        case op.ValidateConstraint(constraint=constraint) | op.DropConstraint(constraint=constraint):
            return [constraint]
        case _ if isinstance(operation, op.ColumnAction) and not isinstance(operation, op.AddColumn):
            return [operation.column]
        case _:
            return []


def _execute(sql: str) -> str:
    if "\n" not in sql and '"' not in sql and "\\" not in sql and "#" not in sql:
        return f'execute "{sql}"'
    body = "\n".join(f"  {line}" if line else line for line in sql.split("\n"))
    return f"execute <<~'SQL'\n{body}\nSQL"


def _call(operation: op.Operation, version: float) -> str | None:
    """The schema statement for an operation, None where none says exactly this."""
    return (
        _of_column(operation, version)
        or _of_default(operation)
        or _of_table(operation, version)
        or _of_constraint(operation, version)
    )


def _of_column(operation: op.Operation, version: float) -> str | None:
    match operation:
        case op.AddColumn(table=of, column=column, if_not_exists=guarded, only=False, if_exists=False):
            return _add_column(of, column, version, guarded=guarded)
        case op.DropColumn(table=of, column=name, cascade=False, missing_ok=missing_ok, only=False, if_exists=False):
            return f"remove_column {table(of)}, {symbol(name)}" + (", if_exists: true" if missing_ok else "")
        case op.RenameColumn(table=of, column=name, to=to, kind="TABLE"):
            return f"rename_column {table(of)}, {symbol(name)}, {symbol(to)}"
        case op.AlterColumnType(table=of, column=name, type=to, collation=None, only=False, if_exists=False):
            return _change_column(of, name, to, operation.using, version)
        case _:
            return None


def _of_default(operation: op.Operation) -> str | None:
    """The default and NULL of a column."""
    match operation:
        case op.SetNotNull(table=of, column=name, only=False, if_exists=False):
            return f"change_column_null {table(of)}, {symbol(name)}, false"
        case op.DropNotNull(table=of, column=name, only=False, if_exists=False):
            return f"change_column_null {table(of)}, {symbol(name)}, true"
        case op.SetDefault(table=of, column=name, default=default, only=False, if_exists=False):
            return f"change_column_default {table(of)}, {symbol(name)}, {_default(default)}"
        case op.DropDefault(table=of, column=name, only=False, if_exists=False):
            return f"change_column_default {table(of)}, {symbol(name)}, nil"
        case _:
            return None


def _of_table(operation: op.Operation, version: float) -> str | None:
    """A table or an index as a whole."""
    match operation:
        case op.CreateIndex():
            return _add_index(operation, version)
        case op.DropIndex(indexes=(index,), table=Name() as of, cascade=False):
            options = [f"name: {ruby_string(index.name)}"]
            options += ["algorithm: :concurrently"] if operation.concurrently else []
            options += ["if_exists: true"] if operation.if_exists else []
            return f"remove_index {table(of)}, {', '.join(options)}"
        case op.RenameRelation(relation=of, to=to, kind="TABLE", if_exists=False):
            return f"rename_table {table(of)}, {symbol(to)}" if of.schema is None else None
        case op.DropTable(tables=(of,), cascade=False):
            return f"drop_table {table(of)}" + (", if_exists: true" if operation.if_exists else "")
        case _:
            return None


def _of_constraint(operation: op.Operation, version: float) -> str | None:
    match operation:
        case op.AddForeignKey(only=False, if_exists=False):
            return _add_foreign_key(operation, version)
        case op.AddCheck(table=of, constraint=check, only=False, if_exists=False) if version >= 6.1:
            return _add_check(of, check)
        case op.ValidateConstraint(table=of, constraint=name, only=False, if_exists=False) if version >= 5.2:
            return _validate(of, name)
        case op.AddUnique(table=of, constraint=unique, only=False, if_exists=False) if version >= 7.1:
            return _add_unique(of, unique)
        case op.DropConstraint(table=of, constraint=name, cascade=False, missing_ok=False, only=False, if_exists=False):
            return _drop_constraint(of, name, version)
        case _:
            return None


def _add_check(of: Name, check: op.Check) -> str | None:
    if check.name is None or check.no_inherit or not check.enforced:
        return None
    validate = ", validate: false" if check.not_valid else ""
    text = ruby_string(check.expression.text)
    return f"add_check_constraint {table(of)}, {text}, name: {ruby_string(check.name)}{validate}"


def _validate(of: Name, name: str) -> str:
    """For any kind of constraint: the operation does not have it, and `validate_check_constraint` finds only checks."""
    if name.startswith("fk_rails_"):
        return f"validate_foreign_key {table(of)}, name: {ruby_string(name)}"
    return f"validate_constraint {table(of)}, {ruby_string(name)}"


def _add_unique(of: Name, unique: op.Unique) -> str | None:
    if unique.name is None or unique.include or unique.nulls_not_distinct or unique.deferrable:
        return None
    name = f"name: {ruby_string(unique.name)}"
    if unique.using_index is not None:
        return f"add_unique_constraint {table(of)}, {name}, using_index: {ruby_string(unique.using_index)}"
    return f"add_unique_constraint {table(of)}, {_symbols(unique.columns)}, {name}"


def _drop_constraint(of: Name, name: str, version: float) -> str | None:
    kind = "foreign_key" if name.startswith("fk_rails_") else "check_constraint"
    if not name.startswith(("fk_rails_", "chk_rails_")) or (version < 6.1 and kind == "check_constraint"):
        return None
    return f"remove_{kind} {table(of)}, name: {ruby_string(name)}"


def _default(default: Expression) -> str:
    """A literal as Ruby's own, everything else as SQL in a lambda."""
    text = default.text
    if re.fullmatch(r"-?\d{1,18}|true|false", text):
        return text
    if re.fullmatch(r"'[^'\\]*'", text) and not text.endswith("()'"):
        return ruby_string(text[1:-1])
    return f"-> {{ {ruby_string(text)} }}"


def _change_column(of: Name, name: str, to: Type, using: Expression | None, version: float) -> str | None:
    kind = _type(to, version)
    if kind is None or version < 5.2:
        return None
    options = [*kind[1], *([f"using: {ruby_string(using.text)}"] if using is not None else [])]
    return ", ".join([f"change_column {table(of)}, {symbol(name)}, {kind[0]}", *options])


def _add_column(of: Name, column: op.Column, version: float, *, guarded: bool) -> str | None:
    plain = all(isinstance(one, op.NotNull) and one.name is None for one in column.constraints)
    if column.type is None or not plain or column.generated or column.identity or column.storage or column.compression:
        return None
    kind = _type(column.type, version)
    if kind is None or column.collation is not None:
        return None
    options = list(kind[1])
    if column.default is not None:
        options.append(f"default: {_default(column.default)}")
    options += ["null: false"] if column.constraints else []
    options += ["if_not_exists: true"] if guarded else []
    return ", ".join([f"add_column {table(of)}, {symbol(column.name)}, {kind[0]}", *options])


def _type(kind: Type, version: float) -> tuple[str, list[str]] | None:
    """The type and its options."""
    name = _TYPES.get(kind.name) if kind.schema is None and not kind.fields else None
    if name is None or kind.dimensions > 1:
        if kind.modifiers or kind.dimensions or kind.is_serial or kind.name == "int2":
            return None
        return ruby_string(str(kind)), []
    options: list[str] = []
    match name, kind.modifiers:
        case _, ():
            if name == "datetime" and version >= 7.0:
                options.append("precision: nil")
        case "string", (length,):
            options.append(f"limit: {length}")
        case "decimal", (precision,):
            options.append(f"precision: {precision}")
        case "decimal", (precision, scale):
            options += [f"precision: {precision}", f"scale: {scale}"]
        case (("datetime" | "time"), (precision,)):
            options.append(f"precision: {precision}")
        case _:
            return None
    options += ["array: true"] if kind.dimensions else []
    return f":{name}", options


def _add_index(index: op.CreateIndex, version: float) -> str | None:
    if index.only or index.options or index.tablespace or index.index is None:
        return None
    if _knows_too_little(index, version):
        return None
    if all(_is_plain(element) for element in index.elements):
        columns = [element.column for element in index.elements if element.column is not None]
        keys = _symbols(columns)
    else:
        columns = [", ".join(element.text for element in index.elements)]
        keys = ruby_string(columns[0])
    own_name = index.index == truncate(index_name(index.table.name, columns, version))
    options = [] if own_name else [f"name: {ruby_string(index.index)}"]
    options += ["unique: true"] if index.unique else []
    options += [f"using: :{index.method}"] if index.method != "btree" else []
    options += [f"where: {ruby_string(index.where.text)}"] if index.where is not None else []
    options += [f"include: {_symbols(index.include)}"] if index.include else []
    options += ["nulls_not_distinct: true"] if index.nulls_not_distinct else []
    options += ["algorithm: :concurrently"] if index.concurrently else []
    options += ["if_not_exists: true"] if index.if_not_exists else []
    return ", ".join([f"add_index {table(index.table)}, {keys}", *options])


def _knows_too_little(index: op.CreateIndex, version: float) -> bool:
    """Whether Active Record of this version has no option for it: it raises, or leaves it out."""
    expression = not all(_is_plain(element) for element in index.elements)
    return (
        (version < 5.0 and expression)
        or (version < 6.1 and index.if_not_exists)
        or (version < 7.1 and (bool(index.include) or index.nulls_not_distinct))
    )


def _is_plain(element: op.IndexElement) -> bool:
    """Whether the key is only a column with an ordinary name."""
    return element.column is not None and element.text == element.column and _PLAIN.fullmatch(element.text) is not None


def _add_foreign_key(operation: op.AddForeignKey, version: float) -> str | None:
    key = operation.constraint
    if len(key.columns) != 1 or len(key.references_columns) > 1 or key.match_full or key.on_delete_columns:
        return None
    if key.name is None or not key.enforced or key.period:
        return None  # PostgreSQL and Active Record generate different names
    if (key.not_valid and version < 5.2) or (key.deferrable and version < 7.0):
        return None  # Active Record of this version leaves the option out
    column = key.columns[0]
    own_column = f"{singularized(key.references.name)}_id"
    options = [f"column: {symbol(column)}"] if column != own_column else []
    if key.references_columns not in ((), ("id",)):
        options.append(f"primary_key: {symbol(key.references_columns[0])}")
    whole = f"{operation.table.schema}.{operation.table.name}" if operation.table.schema else operation.table.name
    if key.name != foreign_key_name(whole, column):
        options.append(f"name: {ruby_string(key.name)}")
    actions = {"CASCADE": ":cascade", "SET NULL": ":nullify", "RESTRICT": ":restrict"}
    for name, action in (("on_delete", key.on_delete), ("on_update", key.on_update)):
        if action in actions:
            options.append(f"{name}: {actions[action]}")
        elif action != "NO ACTION":
            return None
    if key.deferrable:
        options.append(f"deferrable: {':deferred' if key.initially_deferred else 'true'}")
    options += ["validate: false"] if key.not_valid else []
    return ", ".join([f"add_foreign_key {table(operation.table)}, {table(key.references)}", *options])


def _symbols(names: Sequence[str]) -> str:
    if len(names) == 1:
        return symbol(names[0])
    return "[" + ", ".join(symbol(name) for name in names) + "]"
