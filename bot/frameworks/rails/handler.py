"""What the calls in `up` or `change` send: schema statements as the tools run them, SQL, rows changed by models."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tree_sitter import Node

from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.frameworks.rails.application import application_call
from bot.frameworks.rails.calling import (
    ACTIVE_RECORD,
    EXECUTES,
    PREFIXED_TABLES,
    SENDS,
    TABLES,
    helper_parts,
    is_connection,
    sql_of,
    symbol,
    trailing,
)
from bot.frameworks.rails.calls import Direction, SchemaCall, SentPart, parts
from bot.frameworks.rails.columns import name_in
from bot.frameworks.rails.environment import Environment
from bot.frameworks.rails.gitlab import gitlab_call, gitlab_only
from bot.frameworks.rails.helpers import asks_for_postgres, is_silent, is_wrapper, opens_transaction, plain_method
from bot.frameworks.rails.nandi import nandi_call
from bot.frameworks.rails.reverting import inverted
from bot.frameworks.rails.rows import is_iteration, row_change, symbol_change
from bot.frameworks.rails.schema_statements import is_schema_statement, schema_statement
from bot.frameworks.rails.tables import ChangedTable, NewTable, create_table, join_table, new_table
from bot.frameworks.rails.tools import as_run
from bot.frameworks.ruby.file import RubyFile
from bot.frameworks.ruby.library import Library, Method
from bot.frameworks.ruby.syntax import shown
from bot.frameworks.ruby.values import Call, Constant
from bot.frameworks.ruby.walk import Handler, Walk
from bot.frameworks.static.values import Names, NotStatic, Template, Unknown, Value

_BLOCK = "a transaction block in the file opens it"


@dataclass(slots=True)
class RailsCalls(Handler):
    """Adds what a file's calls send to the file's outbox."""

    file: RubyFile
    version: float
    number: int
    """The migration's own, of its file's name."""
    methods: Mapping[str, Method]
    models: Mapping[str, str]
    library: Library
    environment: Environment
    dialect: str = ""
    """"gitlab" or "nandi", where its helpers differ from Active Record's."""
    _reverting: bool = False
    _created: set[Name] = field(default_factory=set)

    def method(self, name: str) -> Method | None:
        """A method of the file, or of another file that the application has for its migrations."""
        if name in ("change", "up", "down"):
            return None
        own = self.methods.get(name)
        return own if own is not None or name in ACTIVE_RECORD else self.library.method(name)

    def arranged(self, call: Call) -> Call:
        """A hash in braces at the end is options."""
        return trailing(call)

    def decides(self, condition: str) -> bool | None:
        """A condition on the adapter is decided as on PostgreSQL."""
        return asks_for_postgres(condition)

    def inherited(self, _walk: Walk, call: Call) -> None:
        """`super`: Active Record's method of that name."""
        self._schema_call(call)

    def named(self, _walk: Walk, name: str, node: Node) -> None:
        """A name alone: a method of Active Record without arguments, of a gem, or of another file."""
        if not is_silent(name) and helper_parts(name, SchemaCall((), {}, self.version)) is None:
            self.file.unread(node, f"`{name}` is defined in another file")

    def called(self, walk: Walk, call: Call, scope: Names, /, *, used: bool) -> None:
        """A call on the migration itself, or on its connection."""
        if self._reverting and call.block is None and is_schema_statement(call.method):
            call = inverted(call)
        if not (self._sends(call) or self._runs_block(walk, call, scope) or self._schema_call(call)):
            self._unknown(walk, call, scope, used=used)

    def called_on(self, walk: Walk, call: Call, scope: Names, /, *, used: bool) -> None:
        """A call on a table's definition, on a direction, on the connection, or on something of the application."""
        match call.receiver:
            case NewTable() | ChangedTable() as table:
                table.define(call.method, call.args, call.options)
            case Direction():
                if call.method == "up" and call.block is not None:
                    walk.block(call.block, [], scope)
            case receiver if is_connection(receiver):
                walk.on_self(call, scope, used=used)
            case _:
                self._on_something(walk, call, scope, used=used)

    def _sends(self, call: Call) -> bool:
        """Whether the call sends SQL as text; then it is sent."""
        method, args = call.method, call.args
        sends = method in EXECUTES or (method in SENDS and args and isinstance(args[0], str | Template))
        if sends:
            self._execute(call, args[0] if args else call.options.get("sql"))
        return bool(sends)

    def _runs_block(self, walk: Walk, call: Call, scope: Names) -> bool:
        """Whether Active Record runs the call's block in a special way; then it is followed."""
        match call.method:
            case method if method in TABLES or method in PREFIXED_TABLES:
                self._table_call(walk, call, scope)
            case "reversible":
                walk.block(call.block, [Direction()], scope)
            case "revert":
                self._revert(walk, call, scope)
            case method if opens_transaction(method):
                self._transaction(walk, call.block, scope)
            case _:
                return False
        return True

    def _unknown(self, walk: Walk, call: Call, scope: Names, *, used: bool) -> None:
        """A call that is not Active Record's: it may wrap a block, or not matter."""
        method, block = call.method, call.block
        if is_wrapper(method):
            walk.block(block, [], scope)
            return
        if not is_silent(method) and (block is not None or not used):
            self.file.unread(call.node, f"`{method}` is defined in another file")
            walk.block(block, [], scope)

    def _table_call(self, walk: Walk, call: Call, scope: Names) -> None:
        """The calls whose block defines a table."""
        method, args, options = PREFIXED_TABLES.get(call.method, call.method), call.args, call.options
        given = SchemaCall(args, options, self.version)
        first = name_in(args[0] if args else None, "table's name")
        if method == "change_table":
            changed = ChangedTable(first, self.version)
            walk.block(call.block, [changed], scope)
            self._send(call, method, given, changed.statements(options))
            return
        joined = method.endswith("join_table")
        if joined:
            made = join_table(first, name_in(args[1] if len(args) > 1 else None, "table's name"), options, self.version)
        else:
            made = new_table(first, options, self.version)
        if method.startswith("drop") is not self._reverting:
            drop = "drop_join_table" if joined else "drop_table"
            self._send(call, method, given, schema_statement(drop, given) or ())
            return
        walk.block(call.block, [made], scope)
        self._send(call, method, given, create_table(made, options))

    def _schema_call(self, call: Call) -> bool:
        """Whether the method is a schema statement or a known helper; then it is sent."""
        given = SchemaCall(call.args, call.options, self.version)
        own = self._of_dialect(call.method, given)
        if own is not None:
            self._emit(call, own)
            return True
        found = schema_statement(call.method, given)
        if found is not None:
            self._send(call, call.method, given, found)
            return True
        helper = helper_parts(call.method, given)
        if helper is not None:
            self._emit(call, helper)
            return True
        return self._prefixed_call(call, given)

    def _of_dialect(self, method: str, given: SchemaCall) -> list[SentPart] | None:
        if self.dialect == "gitlab":
            return gitlab_only(method, given) or gitlab_call(method, given)
        return nandi_call(method, given) if self.dialect == "nandi" else None

    def _prefixed_call(self, call: Call, given: SchemaCall) -> bool:
        """Whether it is `safe_add_column` and the like; then it is sent."""
        plain = plain_method(call.method)
        if plain is None:
            return False
        if plain in EXECUTES:
            self._execute(call, call.args[0] if call.args else None)
            return True
        found = schema_statement(plain, given)
        if found is not None:
            self._send(call, plain, given, found)
        return found is not None

    def _send(self, call: Call, method: str, given: SchemaCall, found: Iterable[tuple[op.Operation, ...]]) -> None:
        """A schema statement, as the tools in use run it."""
        sent = parts(found)
        self._created |= {one.table for part in sent for one in part.sent if isinstance(one, op.CreateTable)}
        self._emit(call, as_run(method, given, sent, self.environment, self.number, frozenset(self._created)))

    def _revert(self, walk: Walk, call: Call, scope: Names) -> None:
        if call.block is None:
            self.file.unread(call.node, "reverts another migration, which is not read")
            return
        sent = self.file.outbox.sent
        begin = len(sent)
        self._reverting = not self._reverting
        walk.block(call.block, [], scope)
        self._reverting = not self._reverting
        sent[begin:] = reversed(sent[begin:])

    def _on_something(self, walk: Walk, call: Call, scope: Names, *, used: bool) -> None:
        """A call on a model, on something of a library, or on something unknown."""
        made = walk.reader.value(call.node, scope)
        if isinstance(made, Call):
            change = row_change(made, self.models) or symbol_change(made, symbol(call.node), self.models)
            if change is not None:
                self.file.send(call.node, (change,))
                return
            if call.block is not None and opens_transaction(call.method):
                self._transaction(walk, call.block, scope)
                return
            if call.block is not None:
                argument = made if is_iteration(made, self.models) else Unknown("a block's argument")
                walk.block(call.block, [argument, argument], scope)
                return
        receiver = call.node.child_by_field_name("receiver") if call.node is not None else None
        if receiver is not None and receiver.type == "call":
            walk.call(receiver, scope, used=True)
        if call.block is not None:
            walk.block(call.block, [Unknown("a block's argument")], scope)
        elif not used and not is_silent(call.method) and isinstance(made, Call):
            self._application(walk, call, made)

    def _application(self, walk: Walk, call: Call, made: Call) -> None:
        """A call on a class of the application, or on one of its rows."""
        root: Value = made
        while isinstance(root, Call) and root.receiver is not None:
            root = root.receiver
        if not isinstance(root, Constant):
            return
        defined = self.library.method(made.method) if root is made.receiver else None
        if defined is not None and walk.follows(made.method):
            walk.own_method(Call(made.method, made.args, made.options, node=call.node), defined, Names())
            return
        operation = application_call(made, self.models, shown(call.node))
        if operation is not None:
            self.file.send(call.node, (operation,))

    def _transaction(self, walk: Walk, block: Node | None, scope: Names) -> None:
        """The outermost `transaction` opens one; inner ones join it."""
        outbox = self.file.outbox
        outer = outbox.block
        outbox.block = outer or outbox.new_block(_BLOCK)
        walk.block(block, [], scope)
        outbox.block = outer

    def _execute(self, call: Call, value: Value) -> None:
        if self._reverting:
            raise NotStatic("what reverts `execute` is not known")
        self.file.send_text(call.node, sql_of(value))

    def _emit(self, call: Call, sent: Sequence[SentPart]) -> None:
        together = None
        for part in sent:
            together = (together or self.file.outbox.new_block(_BLOCK)) if part.together else None
            self.file.send(call.node, part.sent, together, commits=part.ends)
