"""`up` or `change` followed call by call without running it: what it would send, and what it would leave open."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tree_sitter import Node

from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.frameworks.rails.application import application_call
from bot.frameworks.rails.calling import (
    ACTIVE_RECORD,
    EXECUTES,
    LOOPS,
    PREFIXED_TABLES,
    SENDS,
    TABLES,
    branches_taken,
    helper_parts,
    is_connection,
    sql_of,
    symbol,
    trailing,
    turns_of,
)
from bot.frameworks.rails.columns import Sent, name_in
from bot.frameworks.rails.emitted import Direction, Emitted
from bot.frameworks.rails.environment import Environment
from bot.frameworks.rails.gitlab import gitlab_call, gitlab_only
from bot.frameworks.rails.helpers import asks_for_postgres, is_silent, is_wrapper, opens_transaction, plain_method
from bot.frameworks.rails.library import Library, Method
from bot.frameworks.rails.nandi import nandi_call
from bot.frameworks.rails.parts import Part, parts
from bot.frameworks.rails.reverting import inverted
from bot.frameworks.rails.rows import is_iteration, row_change, symbol_change
from bot.frameworks.rails.schema_statements import Given, is_schema_statement, schema_statement
from bot.frameworks.rails.tables import ChangedTable, NewTable, create_table, join_table, new_table
from bot.frameworks.rails.tools import as_run
from bot.frameworks.ruby.assigning import assign, reassign
from bot.frameworks.ruby.evaluate import Reader, bind_block, bind_method, shown, text_of
from bot.frameworks.ruby.values import Call, Constant, Text
from bot.frameworks.static.values import Names, NotStatic, Template, Unknown, Value
from bot.sql import Unreadable

_DEEPEST = 12
_MOST = 20_000
_TURNS = 5_000
_BODIES = frozenset("begin body_statement block_body then else ensure parenthesized_statements do".split())


@dataclass(slots=True)
class Walk:
    """The state of following one file."""

    reader: Reader
    version: float
    number: int
    """The migration's own, of its file's name."""
    methods: Mapping[str, Method]
    models: Mapping[str, str]
    library: Library
    environment: Environment
    dialect: str = ""
    """"gitlab" or "nandi", where its helpers mean something else than Active Record's."""
    emitted: list[Emitted] = field(default_factory=list)
    depth: int = 0
    block: int = 0
    blocks: int = 0
    reverting: bool = False
    origin: Node | None = None
    """In a method of another file: the call of it in this one."""
    running: list[tuple[str, Sequence[Value], Mapping[str, Value]]] = field(default_factory=list)
    """The methods that are being followed, for `super`."""
    created: set[Name] = field(default_factory=set)
    turns: int = 0

    def body(self, node: Node | None, scope: Names) -> None:
        """Every statement of a body, in order."""
        for child in node.named_children if node is not None else ():
            if len(self.emitted) >= _MOST:
                return
            self.statement(child, scope)

    def statement(self, node: Node, scope: Names) -> None:
        match node.type:
            case "call":
                self.call(node, scope)
            case "identifier":
                self.bare(node, scope)
            case "assignment":
                self.assignment(node, scope)
            case "operator_assignment":
                self.inner_calls(node.child_by_field_name("right"), scope)
                reassign(self.reader, node, scope)
            case "if" | "unless" | "elsif":
                self.branch(node, scope)
            case "if_modifier" | "unless_modifier":
                self.modified(node, scope)
            case "while" | "until" | "for" | "while_modifier" | "until_modifier":
                self.body(node.child_by_field_name("body"), scope)
            case "case":
                self.cases(node, scope)
            case "super":
                self.above(node)
            case kind if kind in _BODIES:
                self.body(node, scope)
            case "rescue_modifier":
                self.statement(node.named_children[0], scope)
            case "binary" | "unary" | "conditional" | "return" | "argument_list" | "array" | "hash":
                self.inner_calls(node, scope)
            case "ERROR":
                self.unread(node, f"`{shown(node)}` is not Ruby that can be read")
            case _:
                pass

    def assignment(self, node: Node, scope: Names) -> None:
        right = node.child_by_field_name("right")
        left = node.child_by_field_name("left")
        if right is not None and right.type == "call":
            self.call(right, scope, used=True)
        else:
            self.inner_calls(right, scope)
        if left is not None:
            assign(self.reader, left, self.reader.value(right, scope), scope)

    def inner_calls(self, node: Node | None, scope: Names) -> None:
        """Calls inside an expression, for what they send."""
        for child in node.named_children if node is not None else ():
            if child.type == "call":
                self.call(child, scope, used=True)
            elif child.type not in ("lambda", "do_block", "block"):
                self.inner_calls(child, scope)

    def branch(self, node: Node, scope: Names) -> None:
        """The branch that will be taken, or both where that is decided at run time."""
        condition = node.child_by_field_name("condition")
        self.inner_calls(condition, scope)
        value = self.condition(condition, scope)
        wanted = not isinstance(value, bool) and value is not None
        taken = bool(value) is (node.type != "unless")
        if wanted or taken:
            self.body(node.child_by_field_name("consequence"), scope)
        alternative = node.child_by_field_name("alternative")
        if alternative is not None and (wanted or not taken):
            self.statement(alternative, scope)

    def modified(self, node: Node, scope: Names) -> None:
        value = self.condition(node.child_by_field_name("condition"), scope)
        known = isinstance(value, bool) or value is None
        if not known or bool(value) is (node.type == "if_modifier"):
            body = node.child_by_field_name("body")
            if body is not None:
                self.statement(body, scope)

    def condition(self, node: Node | None, scope: Names) -> Value:
        """True, False or None where it is known; on the adapter, as it is on PostgreSQL."""
        asked = asks_for_postgres(text_of(node))
        return self.reader.value(node, scope) if asked is None else asked

    def cases(self, node: Node, scope: Names) -> None:
        """The branches of a `case`; on the adapter, those that PostgreSQL takes."""
        for child in branches_taken(node):
            self.body(child.child_by_field_name("body") or child, scope)

    def above(self, node: Node, scope: Names | None = None) -> None:
        """`super`: Active Record's method of that name."""
        if not self.running:
            return
        method, args, options = self.running[-1]
        given_node = node.child_by_field_name("arguments") if scope is not None else None
        if given_node is not None and scope is not None:
            args, options = self.reader.arguments(given_node, scope)
        self.schema_call(node, method, args, options)

    def bare(self, node: Node, scope: Names) -> None:
        """A name alone: a method of the file, or of Active Record without arguments."""
        name = text_of(node)
        if scope.has(name) or is_silent(name):
            return
        method = self.method(name)
        if method is not None:
            self.own_method(name, method, (), {}, scope, node)
        elif helper_parts(name, Given((), {}, self.version)) is None:
            self.unread(node, f"`{name}` is defined in another file")

    def method(self, name: str) -> Method | None:
        """A method of the file, or of another that the application has for its migrations."""
        own = self.methods.get(name)
        if own is not None or name in ACTIVE_RECORD:
            return own
        return self.library.method(name)

    def call(self, node: Node, scope: Names, *, used: bool = False) -> None:
        """Sends what a call sends. `used`: something uses its value, so an unknown one is taken as a question."""
        try:
            self.called(node, scope, used=used)
        except (NotStatic, Unreadable) as unclear:
            self.unread(node, str(unclear))

    def called(self, node: Node, scope: Names, *, used: bool) -> None:
        method_node = node.child_by_field_name("method")
        method = text_of(method_node)
        receiver_node = node.child_by_field_name("receiver")
        if method_node is not None and method_node.type == "super":
            self.above(node, scope)
            return
        arguments = node.child_by_field_name("arguments")
        args, options = trailing(*self.reader.arguments(arguments, scope), method)
        block = node.child_by_field_name("block")
        if receiver_node is None or text_of(receiver_node) == "self":
            self.own_call(node, method, args, options, block, scope, used=used)
            return
        receiver = self.reader.value(receiver_node, scope)
        match receiver:
            case NewTable() | ChangedTable():
                receiver.define(method, args, options)
            case Direction():
                if method == "up" and block is not None:
                    self.block_body(block, [], scope)
            case _ if is_connection(receiver):
                self.own_call(node, method, args, options, block, scope, used=used)
            case _ if method in LOOPS and block is not None and isinstance(receiver, list | dict | int):
                self.loop(receiver, method, block, scope)
            case _:
                self.on_something(node, receiver, receiver_node, method, block, scope, used=used)

    def own_call(
        self,
        node: Node,
        method: str,
        args: Sequence[Value],
        options: Mapping[str, Value],
        block: Node | None,
        scope: Names,
        *,
        used: bool,
    ) -> None:
        """A call on the migration itself, or on its connection."""
        defined = self.method(method) if method not in ("change", "up", "down") else None
        if defined is not None and self.depth < _DEEPEST and not self._is_running(method):
            self.own_method(method, defined, args, options, scope, node)
            return
        if self.reverting and block is None and is_schema_statement(method):
            method, args, options = inverted(method, args, options, block=False)
        if method in EXECUTES or (method in SENDS and args and isinstance(args[0], str | Template)):
            self.execute(node, args[0] if args else options.get("sql"))
        elif method in TABLES or method in PREFIXED_TABLES:
            self.table_call(node, PREFIXED_TABLES.get(method, method), args, options, block, scope)
        elif method == "reversible":
            self.block_body(block, [Direction()], scope)
        elif method == "revert":
            self.revert(node, block, scope)
        elif opens_transaction(method):
            self.transaction(block, scope)
        elif self.schema_call(node, method, args, options):
            return
        elif is_wrapper(method):
            self.block_body(block, [], scope)
        elif block is not None and not is_silent(method):
            self.unread(node, f"`{method}` is defined in another file")
            self.block_body(block, [], scope)
        elif not used and not is_silent(method):
            self.unread(node, f"`{method}` is defined in another file")

    def table_call(
        self,
        node: Node,
        method: str,
        args: Sequence[Value],
        options: Mapping[str, Value],
        block: Node | None,
        scope: Names,
    ) -> None:
        """The calls whose block defines a table."""
        first = name_in(args[0] if args else None, "table's name")
        if method == "change_table":
            changed = ChangedTable(first, self.version)
            self.block_body(block, [changed], scope)
            self.send(node, method, Given(tuple(args), options, self.version), changed.statements(options))
            return
        joined = method.endswith("join_table")
        if joined:
            made = join_table(first, name_in(args[1] if len(args) > 1 else None, "table's name"), options, self.version)
        else:
            made = new_table(first, options, self.version)
        drops = method.startswith("drop") is not self.reverting
        if drops:
            plain = Given(tuple(args), options, self.version)
            self.send(node, method, plain, schema_statement("drop_join_table" if joined else "drop_table", plain) or ())
            return
        self.block_body(block, [made], scope)
        self.send(node, method, Given(tuple(args), options, self.version), create_table(made, options))

    def schema_call(self, node: Node, method: str, args: Sequence[Value], options: Mapping[str, Value]) -> bool:
        """Whether the method is a schema statement or a helper that is known; then it is sent."""
        given = Given(tuple(args), options, self.version)
        own = None
        if self.dialect == "gitlab":
            own = gitlab_only(method, given) or gitlab_call(method, given)
        elif self.dialect == "nandi":
            own = nandi_call(method, given)
        if own is not None:
            self.emit(node, own)
            return True
        found = schema_statement(method, given)
        if found is not None:
            self.send(node, method, given, found)
            return True
        helper = helper_parts(method, given)
        if helper is not None:
            self.emit(node, helper)
            return True
        plain = plain_method(method)
        if plain in EXECUTES:
            self.execute(node, args[0] if args else None)
            return True
        found = schema_statement(plain, given) if plain is not None else None
        if found is not None and plain is not None:
            self.send(node, plain, given, found)
        return found is not None

    def send(self, node: Node, method: str, given: Given, found: Iterable[Sent]) -> None:
        """A schema statement, as the tools in use run it."""
        sent = parts(found)
        created = {one.table for part in sent for one in part.sent if isinstance(one, op.CreateTable)}
        self.created |= created
        self.emit(node, as_run(method, given, sent, self.environment, self.number, frozenset(self.created)))

    def revert(self, node: Node, block: Node | None, scope: Names) -> None:
        if block is None:
            self.unread(node, "reverts another migration, which is not read")
            return
        begin = len(self.emitted)
        self.reverting = not self.reverting
        self.block_body(block, [], scope)
        self.reverting = not self.reverting
        self.emitted[begin:] = reversed(self.emitted[begin:])

    def on_something(
        self,
        node: Node,
        receiver: Value,
        receiver_node: Node,
        method: str,
        block: Node | None,
        scope: Names,
        *,
        used: bool,
    ) -> None:
        """A call on a model, on something of a library, or on what is not known."""
        made = self.reader.value(node, scope)
        if isinstance(made, Call):
            change = row_change(made, self.models) or symbol_change(made, symbol(node), self.models)
            if change is not None:
                self.emit(node, [Part((change,))])
                return
            if block is not None:
                argument = made if is_iteration(made, self.models) else Unknown("a block's argument")
                if opens_transaction(method):
                    self.transaction(block, scope)
                else:
                    self.block_body(block, [argument, argument], scope)
                return
        if receiver_node.type == "call":
            self.call(receiver_node, scope, used=True)
        if block is not None:
            self.block_body(block, [Unknown("a block's argument")], scope)
        elif not used and not is_silent(method) and isinstance(made, Call):
            self.application(node, made)

    def application(self, node: Node, made: Call) -> None:
        """A call on a class of the application, or on one of its rows."""
        root: Value = made
        while isinstance(root, Call) and root.receiver is not None:
            root = root.receiver
        if isinstance(root, Constant):
            defined = self.library.method(made.method) if root is made.receiver else None
            if defined is not None and self.depth < _DEEPEST and not self._is_running(made.method):
                self.own_method(made.method, defined, made.args, made.options, Names(), node)
                return
            operation = application_call(made, self.models, shown(node))
            if operation is not None:
                self.emit(node, [Part((operation,))])

    def loop(self, receiver: Value, method: str, block: Node, scope: Names) -> None:
        """Each turn of a loop over something known."""
        for position, item in enumerate(turns_of(receiver, method, _TURNS)):
            self.turns += 1
            if self.turns > _TURNS or len(self.emitted) >= _MOST:
                return
            self.block_body(block, [item, position] if method.endswith("with_index") else [item], scope)

    def block_body(self, block: Node | None, values: Sequence[Value], scope: Names) -> None:
        inner = Names(outer=scope)
        bind_block(block, values, inner)
        body = block.child_by_field_name("body") if block is not None else None
        self.body(body, inner)

    def transaction(self, block: Node | None, scope: Names) -> None:
        outer = self.block
        if not outer:
            self.blocks += 1
            self.block = self.blocks
        self.block_body(block, [], scope)
        self.block = outer

    def execute(self, node: Node, value: Value) -> None:
        if self.reverting:
            raise NotStatic("what reverts `execute` is not known")
        sql = sql_of(value)
        start = sql.start if isinstance(sql, Text) and self.origin is None else None
        self.emitted.append(Emitted(self.origin or node, sql=sql, text_start=start, block=self.block))

    def own_method(
        self, name: str, method: Method, args: Sequence[Value], options: Mapping[str, Value], scope: Names, node: Node
    ) -> None:
        """A method of the file or of the application's helpers, read with the arguments it is given."""
        if self.depth >= _DEEPEST or self.turns > _TURNS:
            self.unread(node, f"`{name}` calls itself")
            return
        self.turns += 1
        inner = Names(outer=method.names if method.foreign else scope.outermost)
        outer, origin = self.reader, self.origin
        if method.foreign:
            self.reader, self.origin = method.reader, self.origin or node
        bind_method(self.reader, method.node, args, options, inner)
        self.depth += 1
        self.running.append((name, args, options))
        self.body(method.node.child_by_field_name("body"), inner)
        self.running.pop()
        self.depth -= 1
        self.reader, self.origin = outer, origin

    def _is_running(self, name: str) -> bool:
        return any(running == name for running, _, _ in self.running)

    def unread(self, node: Node, reason: str) -> None:
        self.emit(node, [Part((op.Unread(reason),))])

    def emit(self, node: Node, sent: Sequence[Part]) -> None:
        together = 0
        for part in sent:
            if part.together and not together:
                self.blocks += 1
                together = self.blocks
            elif not part.together:
                together = 0
            self.emitted.append(Emitted(self.origin or node, part.sent, block=self.block or together, ends=part.ends))
