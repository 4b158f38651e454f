"""What the calls in `upgrade()` send: directives, statements of SQLAlchemy, text, rows changed through a session."""

import ast
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.frameworks.alembic.arguments import Arguments
from bot.frameworks.alembic.core_statements import Tables, core_statement, is_query, query_statement
from bot.frameworks.alembic.directives import bulk_insert, create_enum, directive, drop_enum, schema_statement
from bot.frameworks.alembic.expressions import sql_of
from bot.frameworks.alembic.extensions import extension_directive
from bot.frameworks.alembic.types import is_enum
from bot.frameworks.python.evaluate import evaluate
from bot.frameworks.python.file import PythonFile
from bot.frameworks.python.values import Attribute, Call, unparsed
from bot.frameworks.python.walk import Handler
from bot.frameworks.statements.sending import Operations
from bot.frameworks.static.run_time import waits
from bot.frameworks.static.values import RUN_TIME, Names, NotStatic, Unknown, Value

# Calls of these packages change no table.
_HARMLESS_ROOTS = frozenset(
    """logging warnings datetime os sys re json uuid time typing pathlib itertools functools collections textwrap
    string random hashlib math decimal enum dataclasses builtins contextlib secrets copy inspect structlog tqdm
    zoneinfo pytz base64 csv traceback operator click loguru""".split()
)
_CONNECTION_METHODS = frozenset({"execute", "exec_driver_sql", "scalar", "scalars", "execute_if", "exec"})
_SESSION_WRITES = frozenset(
    {"delete", "add", "add_all", "bulk_save_objects", "bulk_insert_mappings", "merge", "bulk_update_mappings"}
)
_SCHEMA_ITEMS = frozenset(
    {"CreateSequence", "DropSequence", "CreateSchema", "DropSchema", "AddConstraint", "DropConstraint"}
)
_DRIVER_BIND = re.compile(r"(?<![%\w])%(?:\(\w+\))?s(?!\w)")
_SILENT_METHODS = frozenset(
    """commit flush close fetchall fetchone first all one scalar_one begin begin_nested rollback expunge_all refresh
    append extend discard update info debug warning error exception write get items keys values sort add_argument
    configure options bindparams filter filter_by join order_by limit offset count one_or_none yield_per mappings
    setdefault pop strip split format has_table get_columns get_indexes get_table_names get_foreign_keys
    get_unique_constraints get_pk_constraint get_enums get_schema_names connect reflect __enter__ invalidate
    fetchmany partitions unique tuples distinct group_by select_from subquery label""".split()
)


@dataclass(slots=True)
class AlembicCalls(Handler):
    """Adds what a file's calls send to the file's outbox."""

    file: PythonFile
    tables: Tables

    def unknown(self, node: ast.Call, value: Unknown, names: Names, *, used: bool) -> None:
        """A call of something unknown, for its effect."""
        match node.func:
            case ast.Attribute(attr=attr) if attr in ("execute", "exec_driver_sql") and node.args:
                argument = evaluate(node.args[0], names)
                if isinstance(argument, str | Call):
                    self._execute(argument, node, names)
                elif not used:
                    self.file.unread(node, value.reason)
            case ast.Attribute(attr=attr) if attr in _SILENT_METHODS:
                return
            case _ if not used:
                self.file.unread(node, value.reason)
            case _:
                return

    @contextmanager
    def around(self, value: Value) -> Iterator[None]:
        """`autocommit_block()` runs its body outside a transaction."""
        outbox = self.file.outbox
        outer = outbox.block
        if isinstance(value, Call) and value.short == "autocommit_block":
            outbox.block = outbox.new_block()
        yield
        outbox.block = outer

    def called(self, made: Call, node: ast.Call, names: Names, *, used: bool) -> None:
        if made.on is None and made.name.startswith("alembic.op."):
            self._op(made, node, names)
        elif isinstance(made.on, Call) and made.on.short == "batch_alter_table":
            self._batch(made, made.on, node, names)
        elif made.short == "execute" and not made.args and not made.kwargs:
            self._bound(made, node, used=used)
        elif made.short in _CONNECTION_METHODS and self._executes(made):
            self._execute(made.args[0] if made.args else made.kwargs.get("statement"), node, names)
        elif made.short in ("create", "drop") and is_enum(made.on):
            checked = made.kwargs.get("checkfirst", made.args[1] if len(made.args) > 1 else True) is not False
            sent = create_enum(made.on) if made.short == "create" else drop_enum(made.on, if_exists=checked)
            self._send_all(node, sent)
        elif made.on is not None or "." in made.name:
            self._method(made, node, used=used)
        elif not used and made.name.split(".")[0] not in _HARMLESS_ROOTS:
            self.file.unread(node, f"`{unparsed(node.func)}` is defined in another file")

    def _executes(self, made: Call) -> bool:
        """Whether this sends a statement to a connection, and is not some other `execute`."""
        given = made.args[0] if made.args else made.kwargs.get("statement")
        return given is not None and (made.on is not None or isinstance(given, str | Call))

    def _bound(self, made: Call, node: ast.Call, *, used: bool) -> None:
        """`statement.execute()`, for a statement that knows its connection."""
        sent = core_statement(made.on, self.tables) if isinstance(made.on, Call) else None
        if sent is not None:
            self._send_all(node, sent)
        elif not used:
            self.file.unread(node, f"`{unparsed(node.func)}` runs code that is not in this file")

    def _batch(self, made: Call, around: Call, node: ast.Call, names: Names) -> None:
        if made.name == "execute":
            self._execute(made.args[0] if made.args else made.kwargs.get("sqltext"), node, names)
            return
        if made.name == "f":
            return
        schema = around.kwargs.get("schema", around.args[1] if len(around.args) > 1 else None)
        given = Arguments(made.args, made.kwargs, _first(around, "table_name"), schema)
        self._send(node, directive(made.name, given), made.name)

    def _op(self, made: Call, node: ast.Call, names: Names) -> None:
        name = made.name.removeprefix("alembic.op.")
        if name in ("execute", "invoke"):
            self._execute(made.args[0] if made.args else made.kwargs.get("sqltext"), node, names)
        elif name == "run_async":
            self.file.unread(node, "`op.run_async` runs a function")
        elif name in ("get_bind", "get_context", "batch_alter_table", "f", "inline_literal") or "." in name:
            return
        elif name == "bulk_insert":
            self._send_all(node, bulk_insert(Arguments(made.args, made.kwargs), self.tables))
        else:
            sent = directive(name, Arguments(made.args, made.kwargs))
            self._send(node, sent if sent is not None else extension_directive(name, made.args, made.kwargs), name)

    def _send(self, node: ast.Call, sent: Sequence[Operations] | None, name: str) -> None:
        if sent is None:
            self.file.unread(node, f"`{name}` is not one of Alembic's own directives")
        else:
            self._send_all(node, sent)

    def _send_all(self, node: ast.Call, sent: Sequence[Operations]) -> None:
        if any(waits(operations) for operations in sent):
            self.file.unread(node, "a name or text in it is put together at run time")
            return
        for operations in sent:
            self.file.send(node, operations)

    def _execute(self, value: Value, node: ast.Call, names: Names) -> None:
        """Text, or a statement of SQLAlchemy Core."""
        rows = evaluate(node.args[1], names) if len(node.args) > 1 else None
        if isinstance(value, Call) and (sent := core_statement(value, self.tables, rows)) is not None:
            self._send_all(node, sent)
            return
        if isinstance(value, Call) and value.short in _SCHEMA_ITEMS:
            self._send_all(node, schema_statement(value))
            return
        argument = node.args[0] if node.args else next((word.value for word in node.keywords), None)
        driver = isinstance(value, str) and len(node.args) > 1
        sql = value if isinstance(value, str) and _is_driver(node) else sql_of(value)
        self.file.send_text(node, _DRIVER_BIND.sub(RUN_TIME, sql) if driver else sql, argument, names)

    def _method(self, made: Call, node: ast.Call, *, used: bool) -> None:
        """Rows changed through a session; other methods matter only where nothing uses their value."""
        if made.short in ("update", "delete") and is_query(made.on):
            sent = query_statement(made, self.tables)
            if sent is None:
                raise NotStatic("the model's table is defined in another file")
            self._send_all(node, sent)
        elif _writes(made) and (written := self.tables.mentioned(made.args[0])):
            self.file.send(node, (_written(made, written[0]),))
        elif made.short in ("create_all", "drop_all"):
            self.file.unread(node, f"`{made.short}` creates whatever the models define")
        elif made.short in ("create", "drop") and (table := self.tables.named(made.on)) is not None:
            self._send_all(node, self._made_table(made.on, table, made.short))
        elif not used and made.short not in _SILENT_METHODS and _root(made) not in _HARMLESS_ROOTS:
            where = "is defined in another file" if made.on is None else "runs code that is not in this file"
            self.file.unread(node, f"`{unparsed(node.func)}` {where}")

    def _made_table(self, table: Call, name: Name, verb: str) -> Sequence[Operations]:
        if verb == "drop":
            return [(op.DropTable((name,)),)]
        made = directive("create_table", Arguments([table.args[0], *table.args[2:]], table.kwargs))
        return made if made is not None else []

    def assigned(self, target: ast.expr, node: ast.stmt, names: Names) -> None:
        """An attribute of a mapped object set: the session changes its row when it is flushed."""
        if not isinstance(target, ast.Attribute):
            return
        held = evaluate(target.value, names)
        if isinstance(held, Call) and (held.short == "row" or is_query(held)):
            mentioned = self.tables.mentioned(held)
            if mentioned and is_query(held.on if held.short == "row" else held):
                update = op.Update(mentioned[0], columns=(target.attr,), by_application=True)
                self.file.send(node, (update,))


def _written(made: Call, table: Name) -> op.Insert | op.Update | op.Delete:
    """What a session's call does to rows of the table."""
    match made.short:
        case "delete":
            return op.Delete(table, by_application=True)
        case "bulk_update_mappings":
            return op.Update(table, by_application=True)
        case _:
            many = made.args[0] if made.short in ("add_all", "bulk_save_objects") else made.args[1:2]
            rows = len(many) if isinstance(many, list) else 1 if made.short in ("add", "merge") else None
            return op.Insert(table, rows=rows)


def _writes(made: Call) -> bool:
    return made.short in _SESSION_WRITES and bool(made.args) and not made.name.startswith("sqlalchemy.")


def _is_driver(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and node.func.attr == "exec_driver_sql"


def _first(made: Call, name: str) -> Value:
    return made.args[0] if made.args else made.kwargs.get(name)


def _root(made: Call) -> str:
    current: Value = made
    while isinstance(current, Call | Attribute):
        inner = current.on if isinstance(current, Call) else current.of
        if inner is None:
            return current.name.split(".")[0]
        current = inner
    return ""
