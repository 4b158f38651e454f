"""`up` or `change` followed call by call without running it: what it would send, and what it would leave open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tree_sitter import Node

from bot.core.operations import Unread
from bot.core.record import record
from bot.frameworks.rails.columns import NotStatic, Sent, name_in
from bot.frameworks.rails.helpers import helper_call, is_silent, is_wrapper
from bot.frameworks.rails.rows import is_iteration, row_change
from bot.frameworks.rails.ruby import Reader, bind_block, shown, text_of
from bot.frameworks.rails.schema_statements import Given, schema_statement
from bot.frameworks.rails.tables import ChangedTable, NewTable, create_table, join_table, new_table
from bot.frameworks.rails.values import Call, Constant, Scope, Text, Unknown, Value
from bot.sql import Unreadable

_DEEPEST = 12
_MOST = 20_000
_EXECUTES = frozenset(
    """execute exec_query exec_update exec_delete exec_insert select_all select_value select_values select_rows
    safe_execute unsafe_execute execute_unsafe raw_execute exec_batch update_sql insert_sql""".split()
)
_LOOPS = frozenset(
    """each each_with_index each_pair each_key each_value each_slice each_with_object times map collect flat_map
    each_entry reverse_each upto select reject sort_by inject reduce each_cons""".split()
)


@record
class Emitted:
    """What one place in the file sends: operations by statement, or SQL as text. `block` is the number of an
    explicit transaction around it, 0 outside one."""

    node: Node
    sent: tuple[Sent, ...] = ()
    sql: str | None = None
    text_start: int | None = None
    block: int = 0


@record
class Direction:
    """The argument of `reversible`."""


@dataclass(slots=True)
class Walk:
    """The state of following one file."""

    reader: Reader
    version: float
    methods: Mapping[str, Node]
    models: Mapping[str, str]
    emitted: list[Emitted] = field(default_factory=list)
    depth: int = 0
    block: int = 0
    blocks: int = 0

    def body(self, node: Node | None, scope: Scope) -> None:
        """Every statement of a body, in order."""
        for child in node.named_children if node is not None else ():
            if len(self.emitted) >= _MOST:
                return
            self.statement(child, scope)

    def statement(self, node: Node, scope: Scope) -> None:
        match node.type:
            case "call":
                self.call(node, scope)
            case "identifier":
                self.bare(node, scope)
            case "assignment":
                self.assignment(node, scope)
            case "operator_assignment":
                right = node.child_by_field_name("right")
                self.inner_calls(right, scope)
                left = text_of(node.child_by_field_name("left"))
                if not scope.has(left) or "||" in text_of(node.child_by_field_name("operator")):
                    scope.set(left, self.reader.value(right, scope))
            case "if" | "unless" | "elsif":
                self.branch(node, scope)
            case "if_modifier" | "unless_modifier":
                self.modified(node, scope)
            case "while" | "until" | "for" | "while_modifier" | "until_modifier":
                self.body(node.child_by_field_name("body"), scope)
            case "case":
                for child in node.named_children:
                    if child.type in ("when", "else"):
                        self.body(child.child_by_field_name("body") or child, scope)
            case (
                "begin"
                | "body_statement"
                | "block_body"
                | "then"
                | "else"
                | "ensure"
                | "parenthesized_statements"
                | "do"
            ):
                self.body(node, scope)
            case "rescue_modifier":
                self.statement(node.named_children[0], scope)
            case "binary" | "unary" | "conditional" | "return" | "argument_list" | "array" | "hash":
                self.inner_calls(node, scope)
            case "ERROR":
                self.unread(node, f"`{shown(node)}` is not Ruby that can be read")
            case _:
                pass

    def assignment(self, node: Node, scope: Scope) -> None:
        right = node.child_by_field_name("right")
        left = node.child_by_field_name("left")
        if right is not None and right.type == "call":
            self.call(right, scope, used=True)
        else:
            self.inner_calls(right, scope)
        if left is not None and left.type in ("identifier", "constant", "instance_variable"):
            scope.set(text_of(left), self.reader.value(right, scope))

    def inner_calls(self, node: Node | None, scope: Scope) -> None:
        """Calls inside an expression, for what they send."""
        for child in node.named_children if node is not None else ():
            if child.type == "call":
                self.call(child, scope, used=True)
            elif child.type not in ("lambda", "do_block", "block"):
                self.inner_calls(child, scope)

    def branch(self, node: Node, scope: Scope) -> None:
        """The branch that will be taken, or both where that is decided at run time."""
        condition = node.child_by_field_name("condition")
        self.inner_calls(condition, scope)
        value = self.reader.value(condition, scope)
        wanted = not isinstance(value, bool) and value is not None
        taken = bool(value) is (node.type != "unless")
        if wanted or taken:
            self.body(node.child_by_field_name("consequence"), scope)
        alternative = node.child_by_field_name("alternative")
        if alternative is not None and (wanted or not taken):
            self.statement(alternative, scope)

    def modified(self, node: Node, scope: Scope) -> None:
        value = self.reader.value(node.child_by_field_name("condition"), scope)
        known = isinstance(value, bool) or value is None
        if not known or bool(value) is (node.type == "if_modifier"):
            body = node.child_by_field_name("body")
            if body is not None:
                self.statement(body, scope)

    def bare(self, node: Node, scope: Scope) -> None:
        """A name alone: a method of the file, or of Active Record without arguments."""
        name = text_of(node)
        if scope.has(name):
            return
        if name in self.methods:
            self.own_method(name, (), {}, scope, node)
        elif not is_silent(name):
            self.unread(node, f"`{name}` is defined in another file")

    def call(self, node: Node, scope: Scope, *, used: bool = False) -> None:
        """Sends what a call sends. `used`: something uses its value, so an unknown one is taken as a question."""
        try:
            self.called(node, scope, used=used)
        except (NotStatic, Unreadable) as unclear:
            self.unread(node, str(unclear))

    def called(self, node: Node, scope: Scope, *, used: bool) -> None:
        method = text_of(node.child_by_field_name("method"))
        receiver_node = node.child_by_field_name("receiver")
        args, options = self.reader.arguments(node.child_by_field_name("arguments"), scope)
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
            case _ if _is_connection(receiver):
                self.own_call(node, method, args, options, block, scope, used=used)
            case _ if method in _LOOPS and block is not None and isinstance(receiver, list | dict | int):
                self.loop(receiver, block, scope)
            case _:
                self.on_something(node, receiver, receiver_node, method, block, scope, used=used)

    def own_call(
        self,
        node: Node,
        method: str,
        args: Sequence[Value],
        options: Mapping[str, Value],
        block: Node | None,
        scope: Scope,
        *,
        used: bool,
    ) -> None:
        """A call on the migration itself, or on its connection."""
        if method in self.methods and method not in ("change", "up", "down"):
            self.own_method(method, args, options, scope, node)
        elif method in _EXECUTES:
            self.execute(node, args[0] if args else options.get("sql"))
        elif method == "create_table":
            made = new_table(name_in(args[0] if args else None, "table's name"), options, self.version)
            self.block_body(block, [made], scope)
            self.emit(node, tuple(create_table(made, options)))
        elif method == "create_join_table":
            names = [name_in(one, "table's name") for one in args[:2]]
            if len(names) < 2:
                raise NotStatic("a table's name is missing")
            made = join_table(names[0], names[1], options, self.version)
            self.block_body(block, [made], scope)
            self.emit(node, tuple(create_table(made, options)))
        elif method == "change_table":
            changed = ChangedTable(name_in(args[0] if args else None, "table's name"), self.version)
            self.block_body(block, [changed], scope)
            self.emit(node, tuple(changed.statements(options.get("bulk") is True)))
        elif method == "reversible":
            self.block_body(block, [Direction()], scope)
        elif method == "transaction":
            self.transaction(block, scope)
        elif (sent := schema_statement(method, Given(tuple(args), options, self.version))) is not None or (
            sent := helper_call(method, Given(tuple(args), options, self.version))
        ) is not None:
            self.emit(node, tuple(sent))
        elif is_wrapper(method) and block is not None:
            self.block_body(block, [], scope)
        elif block is not None and not is_silent(method):
            self.unread(node, f"`{method}` is defined in another file")
            self.block_body(block, [], scope)
        elif not used and not is_silent(method):
            self.unread(node, f"`{method}` is defined in another file")

    def on_something(
        self,
        node: Node,
        receiver: Value,
        receiver_node: Node,
        method: str,
        block: Node | None,
        scope: Scope,
        *,
        used: bool,
    ) -> None:
        """A call on a model, on something of a library, or on what is not known."""
        made = self.reader.value(node, scope)
        if isinstance(made, Call):
            change = row_change(made, self.models)
            if change is not None:
                self.emit(node, ((change,),))
                return
            if block is not None:
                argument = receiver if is_iteration(made, self.models) else Unknown("a block's argument")
                if method == "transaction":
                    self.transaction(block, scope)
                else:
                    self.block_body(block, [argument, argument], scope)
                return
        if receiver_node.type == "call":
            self.call(receiver_node, scope, used=True)
        if block is not None:
            self.block_body(block, [Unknown("a block's argument")], scope)
        elif not used and not is_silent(method) and isinstance(made, Call) and _is_foreign(made):
            self.unread(node, f"`{shown(node)}` is defined in another file")

    def loop(self, receiver: Value, block: Node, scope: Scope) -> None:
        """Each turn of a loop over something known."""
        items: list[Value] = list(range(receiver)) if isinstance(receiver, int) else list(receiver)
        if isinstance(receiver, dict):
            items = [[key, value] for key, value in receiver.items()]
        for item in items[:2_000]:
            self.block_body(block, [item], scope)

    def block_body(self, block: Node | None, values: Sequence[Value], scope: Scope) -> None:
        inner = Scope(outer=scope)
        bind_block(block, values, inner)
        body = block.child_by_field_name("body") if block is not None else None
        self.body(body, inner)

    def transaction(self, block: Node | None, scope: Scope) -> None:
        outer = self.block
        if not outer:
            self.blocks += 1
            self.block = self.blocks
        self.block_body(block, [], scope)
        self.block = outer

    def execute(self, node: Node, value: Value) -> None:
        match value:
            case str():
                start = value.start if isinstance(value, Text) else None
                self.emitted.append(Emitted(node, sql=str(value), text_start=start, block=self.block))
            case Unknown(reason=reason):
                raise NotStatic(f"builds SQL at run time: {reason}")
            case _:
                raise NotStatic("builds SQL at run time")

    def own_method(
        self, name: str, args: Sequence[Value], options: Mapping[str, Value], scope: Scope, node: Node
    ) -> None:
        """A method of the file, read with the arguments it is given."""
        if self.depth >= _DEEPEST:
            self.unread(node, f"`{name}` calls itself")
            return
        method = self.methods[name]
        inner = Scope(outer=_outermost(scope))
        self._bind(method, args, options, inner)
        self.depth += 1
        self.body(method.child_by_field_name("body"), inner)
        self.depth -= 1

    def _bind(self, method: Node, args: Sequence[Value], options: Mapping[str, Value], scope: Scope) -> None:
        parameters = method.child_by_field_name("parameters")
        given = [*args, dict(options)] if options else list(args)
        position = 0
        for child in parameters.named_children if parameters is not None else ():
            name = text_of(child.child_by_field_name("name") or child).lstrip("*&").rstrip(":")
            if child.type == "keyword_parameter":
                default = self.reader.value(child.child_by_field_name("value"), scope)
                scope.names[name] = options.get(name, default)
            elif child.type == "splat_parameter":
                scope.names[name] = given[position:]
            else:
                default_node = child.child_by_field_name("value")
                missing = self.reader.value(default_node, scope) if default_node is not None else Unknown(f"`{name}`")
                scope.names[name] = given[position] if position < len(given) else missing
                position += 1

    def unread(self, node: Node, reason: str) -> None:
        self.emit(node, ((Unread(reason),),))

    def emit(self, node: Node, sent: tuple[Sent, ...]) -> None:
        if sent:
            self.emitted.append(Emitted(node, sent, block=self.block))


def _is_connection(value: Value) -> bool:
    """`connection`, `ActiveRecord::Base.connection`, `User.connection`, `@connection`."""
    return isinstance(value, Call) and value.method in ("connection", "lease_connection", "base_connection")


def _is_foreign(call: Call) -> bool:
    """Whether a chain begins with a constant of the application, whose code is not here."""
    current: Value = call
    while isinstance(current, Call) and current.receiver is not None:
        current = current.receiver
    return isinstance(current, Constant) and current.name.split("::")[0] not in _HARMLESS


_HARMLESS = frozenset(
    """Rails ActiveRecord Time Date DateTime ENV Set Logger Kernel YAML JSON SecureRandom Digest Benchmark Math String
    Array Hash Integer Float File Dir I18n ActionController Process GC ActiveSupport Etc Bundler""".split()
)


def _outermost(scope: Scope) -> Scope:
    while scope.outer is not None:
        scope = scope.outer
    return scope
