"""`create_table`, `create_join_table` and `change_table`: a block that defines, and the statements it becomes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from bot.core.language import operations as op
from bot.core.language.names import truncate
from bot.core.language.types import Type
from bot.frameworks.rails.calls import SchemaCall
from bot.frameworks.rails.columns import (
    column_of,
    comment_on,
    default_of,
    flag,
    foreign_key_of,
    index_of,
    name_in,
    names_in,
    reference_of,
    timestamp_columns,
)
from bot.frameworks.rails.gems import gem_call
from bot.frameworks.rails.inflections import singularized
from bot.frameworks.rails.naming import check_name, join_table_name, table_name
from bot.frameworks.rails.schema_statements import schema_statement
from bot.frameworks.rails.types import ALIASES, COLUMN_TYPES, key_type
from bot.frameworks.ruby.values import Call
from bot.frameworks.statements.sending import Operations
from bot.frameworks.static.values import NotStatic, Unknown, Value
from bot.sql import read_expression, read_partition_key

# Methods of `t` whose names differ from the schema statement they become in change_table.
_IN_CHANGE = {
    "remove": "remove_columns",
    "rename": "rename_column",
    "change": "change_column",
    "change_default": "change_column_default",
    "change_null": "change_column_null",
    "index": "add_index",
    "remove_index": "remove_index",
    "rename_index": "rename_index",
    "timestamps": "add_timestamps",
    "remove_timestamps": "remove_timestamps",
    "references": "add_reference",
    "belongs_to": "add_reference",
    "remove_references": "remove_reference",
    "remove_belongs_to": "remove_reference",
    "foreign_key": "add_foreign_key",
    "remove_foreign_key": "remove_foreign_key",
    "check_constraint": "add_check_constraint",
    "remove_check_constraint": "remove_check_constraint",
    "validate_foreign_key": "validate_foreign_key",
    "validate_check_constraint": "validate_check_constraint",
    "exclusion_constraint": "add_exclusion_constraint",
    "remove_exclusion_constraint": "remove_exclusion_constraint",
    "unique_constraint": "add_unique_constraint",
    "unique_key": "add_unique_constraint",
    "remove_unique_constraint": "remove_unique_constraint",
    "column": "add_column",
}
_SILENT = frozenset({"column_exists?", "index_exists?", "foreign_key_exists?", "check_constraint_exists?", "name"})


@dataclass(slots=True)
class NewTable:
    """What the block of `create_table` has defined so far."""

    name: str
    version: float
    columns: list[op.Column] = field(default_factory=list)
    constraints: list[op.Constraint] = field(default_factory=list)
    indexes: list[op.CreateIndex] = field(default_factory=list)
    comments: list[Operations] = field(default_factory=list)

    def define(self, method: str, args: Sequence[Value], options: Mapping[str, Value]) -> None:
        """One call on `t`. Raises NotStatic."""
        if not (method in _SILENT or self._defines_column(method, args, options) or self._adds(method, args, options)):
            if method not in COLUMN_TYPES and not args:
                raise NotStatic(f"`t.{method}` is not one of Active Record's column types")
            for one in args:
                self._column(name_in(one, "column's name"), ALIASES.get(method, method), options)

    def _defines_column(self, method: str, args: Sequence[Value], options: Mapping[str, Value]) -> bool:
        """Whether the method defines columns with its own names or types; then they are added."""
        match method:
            case "column":
                self._column(
                    name_in(args[0] if args else None, "column's name"), args[1] if len(args) > 1 else None, options
                )
            case "timestamps":
                self.columns += timestamp_columns(options, self.version)
            case "timestamps_with_timezone":
                zoned = {"null": False, **options}
                for name in ("created_at", "updated_at"):
                    self._column(name, "timestamptz", zoned)
            case "attachment" | "monetize":
                made = gem_call(f"add_{method}", SchemaCall((self.name, *args), options, self.version)) or ()
                added = (one for part in made for one in part.sent)
                self.columns += (one.column for one in added if isinstance(one, op.AddColumn))
            case "primary_key":
                name = truncate(name_in(args[0] if args else "id", "column's name"))
                kind = key_type(args[1] if len(args) > 1 else None, self.version)
                self.columns.append(key_column(name, kind, options, self.version))
            case "references" | "belongs_to":
                for one in args:
                    self._reference(name_in(one, "reference"), options)
            case _:
                return False
        return True

    def _adds(self, method: str, args: Sequence[Value], options: Mapping[str, Value]) -> bool:
        """Whether the method adds an index or a constraint; then it is added."""
        match method:
            case "index":
                self.indexes.append(index_of(self.name, args[0] if args else None, options, self.version))
            case "foreign_key":
                target = name_in(args[0] if args else None, "referenced table")
                self._foreign_key(foreign_key_of(self.name, target, options))
            case "check_constraint":
                self._check(name_in(args[0] if args else None, "condition"), options)
            case "unique_constraint" | "unique_key":
                self._added("add_unique_constraint", args, options)
            case "exclusion_constraint":
                self._added("add_exclusion_constraint", args, options)
            case _:
                return False
        return True

    def _column(self, name: str, kind: Value, options: Mapping[str, Value]) -> None:
        column = column_of(name, kind, options, self.version)
        if options.get("primary_key") is True:
            not_null = () if column.type is not None and kind == "primary_key" else (op.NotNull(column.name),)
            column = replace(column, constraints=(*not_null, op.PrimaryKey((column.name,))))
        self.columns.append(column)
        self.comments += comment_on(table_name(self.name), name, options)
        index = options.get("index")
        if index not in (None, False):
            self.indexes.append(index_of(self.name, name, index if isinstance(index, dict) else {}, self.version))

    def _reference(self, name: str, options: Mapping[str, Value]) -> None:
        made = reference_of(self.name, name, options, self.version)
        self.columns += made.columns
        if made.index is not None:
            self.indexes.append(made.index)
        if made.foreign_key is not None:
            self._foreign_key(made.foreign_key)

    def _foreign_key(self, key: op.ForeignKey) -> None:
        """In CREATE TABLE there is no NOT VALID."""
        self.constraints.append(replace(key, not_valid=False))

    def _check(self, expression: str, options: Mapping[str, Value]) -> None:
        name = options.get("name")
        named = name_in(name, "constraint's name") if name is not None else check_name(self.name, expression)
        self.constraints.append(op.Check(read_expression(expression), truncate(named)))

    def _added(self, method: str, args: Sequence[Value], options: Mapping[str, Value]) -> None:
        for sent in schema_statement(method, SchemaCall((self.name, *args), options, self.version)) or ():
            for operation in sent:
                if isinstance(operation, op.AddUnique | op.AddExclusion):
                    self.constraints.append(operation.constraint)


@dataclass(slots=True)
class ChangedTable:
    """The calls in the block of `change_table` so far, each as its own schema statement."""

    name: str
    version: float
    sent: list[Operations] = field(default_factory=list)

    def define(self, method: str, args: Sequence[Value], options: Mapping[str, Value]) -> None:
        """One call on `t`. Raises NotStatic."""
        if method in _SILENT:
            return
        if method in ("references", "belongs_to", "remove_references", "remove_belongs_to"):
            for one in args:
                self._send(_IN_CHANGE[method], (one,), options)
        elif method in _IN_CHANGE:
            self._send(_IN_CHANGE[method], args, options)
        elif method in COLUMN_TYPES or args:
            for one in args:
                self._send("add_column", (one, ALIASES.get(method, method)), options)
                if options.get("index"):
                    details = options["index"] if isinstance(options["index"], dict) else {}
                    self._send("add_index", (one,), details)
        else:
            raise NotStatic(f"`t.{method}` is not one of Active Record's column types")

    def _send(self, statement: str, args: Sequence[Value], options: Mapping[str, Value]) -> None:
        self.sent += schema_statement(statement, SchemaCall((self.name, *args), options, self.version)) or ()

    def statements(self, options: Mapping[str, Value]) -> Iterator[Operations]:
        """With `bulk: true`, neighbouring actions of ALTER TABLE are sent as one statement."""
        if options.get("bulk") is not True:
            yield from self.sent
            return
        for joinable, group in groupby(self.sent, key=_is_action):
            sent = list(group)
            if joinable:
                yield tuple(operation for one in sent for operation in one)
            else:
                yield from sent


def new_table(name: str, options: Mapping[str, Value], version: float) -> NewTable:
    """The definition that the block fills, with the primary key of the options. Raises NotStatic."""
    made = NewTable(name, version)
    key, named = options.get("id", True), options.get("primary_key")
    if isinstance(named, Unknown):
        raise NotStatic("the primary key is computed at run time")
    if isinstance(key, Unknown | Call):
        # Of a new table: whatever the type in the application's setting, nothing is read or rewritten for it.
        key = True
    if isinstance(named, list):
        made.constraints.append(op.PrimaryKey(tuple(truncate(column) for column in names_in(named, "primary key"))))
    elif key is not False:
        kind = key.get("type") if isinstance(key, dict) else key
        column = truncate(name_in(named, "primary key")) if named is not None else "id"
        details = {**options, **key} if isinstance(key, dict) else options
        made.columns.append(key_column(column, key_type(kind, version), details, version))
    return made


def key_column(name: str, kind: Type, options: Mapping[str, Value], version: float) -> op.Column:
    """A primary key of one column, as Active Record writes it at the column. Raises NotStatic."""
    default: Value = options.get("default")
    if kind.name == "uuid" and "default" not in options:
        default = "gen_random_uuid()" if version >= 5.1 else "uuid_generate_v4()"
    made = default_of(default, kind.name) if not kind.is_serial else None
    not_null = () if kind.is_serial else (op.NotNull(name),)
    return op.Column(name, kind, made, constraints=(*not_null, op.PrimaryKey((name,))))


def create_table(made: NewTable, options: Mapping[str, Value]) -> Iterator[Operations]:
    """The statements of `create_table`: with `force`, an existing table is dropped first."""
    table = table_name(made.name)
    force = options.get("force")
    if force:
        yield (op.DropTable((table,), if_exists=True, cascade=force == "cascade"),)
    yield (
        op.CreateTable(
            table,
            columns=tuple(made.columns),
            constraints=tuple(made.constraints),
            persistence="temporary" if options.get("temporary") is True else "permanent",
            partition_by=_partition_key(options.get("options")),
            if_not_exists=flag(options, "if_not_exists"),
        ),
    )
    for index in made.indexes:
        yield (replace(index, if_not_exists=flag(options, "if_not_exists")),)
    if isinstance(options.get("comment"), str):
        yield (op.CommentOn("TABLE", str(table), table, str(options["comment"])),)
    yield from made.comments


def join_table(one: str, other: str, options: Mapping[str, Value], version: float) -> NewTable:
    """The definition of `create_join_table`, with its two columns."""
    name = options.get("table_name")
    made = NewTable(name_in(name, "table's name") if name is not None else join_table_name(one, other), version)
    own = options.get("column_options")
    details = {"null": False, "index": False, **(own if isinstance(own, dict) else {})}
    for table in (one, other):
        made.define("references", (singularized(table.rpartition(".")[2]),), details)
    return made


def _partition_key(text: Value) -> op.PartitionKey | None:
    """`options: "PARTITION BY RANGE (created_at)"`."""
    if not isinstance(text, str):
        return None
    found = re.match(r"\s*PARTITION\s+BY\s+(.+)", text, re.IGNORECASE | re.DOTALL)
    return read_partition_key(found[1].strip()) if found else None


def _is_action(sent: Operations) -> bool:
    """Whether it is an ALTER TABLE whose actions may be combined with others in one statement."""
    apart = (op.CreateIndex, op.CommentOn, op.AddForeignKey)
    return not isinstance(sent[0], apart) and type(sent[0]).__name__ in _ACTIONS


_ACTIONS = frozenset("AddColumn DropColumn AlterColumnType SetDefault DropDefault SetNotNull DropNotNull".split())
