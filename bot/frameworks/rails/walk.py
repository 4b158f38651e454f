"""`up` or `change` followed call by call without running it: what it would send, and what it would leave open."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tree_sitter import Node

from bot.core.names import Name
from bot.core.operations import CreateTable, Unread
from bot.core.record import record
from bot.frameworks.rails.application import application_call
from bot.frameworks.rails.columns import NotStatic, Sent, name_in
from bot.frameworks.rails.environment import Environment
from bot.frameworks.rails.gems import gem_call
from bot.frameworks.rails.gitlab import gitlab_call, gitlab_only
from bot.frameworks.rails.helpers import asks_for_postgres, is_silent, is_wrapper, opens_transaction, plain_method
from bot.frameworks.rails.library import Library, Method
from bot.frameworks.rails.nandi import nandi_call
from bot.frameworks.rails.parts import Part, parts
from bot.frameworks.rails.reverting import inverted
from bot.frameworks.rails.rows import is_iteration, row_change, symbol_change
from bot.frameworks.rails.ruby import Reader, added, bind_block, bind_method, shown, text_of
from bot.frameworks.rails.schema_statements import Given, is_schema_statement, schema_statement
from bot.frameworks.rails.tables import ChangedTable, NewTable, create_table, join_table, new_table
from bot.frameworks.rails.tools import as_run
from bot.frameworks.rails.values import Call, Constant, Scope, Template, Text, Unknown, Value
from bot.sql import Unreadable

_DEEPEST = 12
_MOST = 20_000
_TURNS = 5_000
_TABLES = frozenset("create_table drop_table create_join_table drop_join_table change_table".split())
_PREFIXED_TABLES = {
    **{f"{prefix}_{name}": name for prefix in ("safe", "unsafe", "raw") for name in _TABLES},
    "safe_create_partitioned_table": "create_table",
    "create_table_with_constraints": "create_table",
    "create_or_replace_table": "create_table",
}
_ACTIVE_RECORD = frozenset("execute create_table change_table reversible revert transaction say".split())
_EXECUTES = frozenset(
    """execute exec_query exec_update exec_delete exec_insert select_all select_value select_values select_rows
    safe_execute unsafe_execute execute_unsafe raw_execute exec_batch update_sql insert_sql""".split()
)
_SENDS = frozenset("update delete insert".split())
_LOOPS = frozenset(
    """each each_with_index each_pair each_key each_value each_slice each_with_object times map collect flat_map
    each_entry reverse_each upto select reject sort_by inject reduce each_cons""".split()
)


@record
class Emitted:
    """What one place in the file sends: operations of one statement, or SQL as text. `block` is the number of an
    explicit transaction around it, 0 outside one; `ends`: the migration's own transaction is committed before it."""

    node: Node
    sent: Sent = ()
    sql: str | Template | None = None
    text_start: int | None = None
    block: int = 0
    ends: bool = False


@record
class Direction:
    """The argument of `reversible`."""


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
                self.changed(node, scope)
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
        if left is None:
            return
        value = self.reader.value(right, scope)
        if left.type in ("identifier", "constant", "instance_variable"):
            scope.set(text_of(left), value)
        elif left.type == "left_assignment_list":
            items = value if isinstance(value, list) else [value]
            for position, name in enumerate(left.named_children):
                scope.set(text_of(name), items[position] if position < len(items) else None)
        elif left.type == "element_reference":
            self.element(left, value, scope)

    def changed(self, node: Node, scope: Scope) -> None:
        """`||=` sets what is not there; `+=` and `<<` add to what is known."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        self.inner_calls(right, scope)
        operator = text_of(node.child_by_field_name("operator"))
        if left is None:
            return
        value = self.reader.value(right, scope)
        if left.type == "element_reference":
            if operator == "||=" and self.reader.value(left, scope) is None:
                self.element(left, value, scope)
            return
        name = text_of(left)
        before = scope.find(name)
        if operator == "||=":
            if not scope.has(name) or before is None or before is False:
                scope.set(name, value)
        elif operator == "+=":
            scope.set(name, added(before, value) if scope.has(name) else value)
        else:
            scope.set(name, Unknown(f"`{name}` is set at run time"))

    def element(self, node: Node, value: Value, scope: Scope) -> None:
        """`options[:name] = value`, where the hash is known."""
        names = node.named_children
        of = self.reader.value(names[0] if names else None, scope)
        key = self.reader.value(names[1], scope) if len(names) == 2 else None
        if isinstance(of, dict) and isinstance(key, str) and names[0].type == "identifier":
            scope.set(text_of(names[0]), {**of, key: value})

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
        value = self.condition(condition, scope)
        wanted = not isinstance(value, bool) and value is not None
        taken = bool(value) is (node.type != "unless")
        if wanted or taken:
            self.body(node.child_by_field_name("consequence"), scope)
        alternative = node.child_by_field_name("alternative")
        if alternative is not None and (wanted or not taken):
            self.statement(alternative, scope)

    def modified(self, node: Node, scope: Scope) -> None:
        value = self.condition(node.child_by_field_name("condition"), scope)
        known = isinstance(value, bool) or value is None
        if not known or bool(value) is (node.type == "if_modifier"):
            body = node.child_by_field_name("body")
            if body is not None:
                self.statement(body, scope)

    def condition(self, node: Node | None, scope: Scope) -> Value:
        """True, False or None where it is known; on the adapter, as it is on PostgreSQL."""
        asked = asks_for_postgres(text_of(node))
        return self.reader.value(node, scope) if asked is None else asked

    def cases(self, node: Node, scope: Scope) -> None:
        """The branches of a `case`; on the adapter, those that PostgreSQL takes."""
        branches = [child for child in node.named_children if child.type in ("when", "else")]
        asked = [asks_for_postgres(text_of(child.child_by_field_name("pattern"))) for child in branches]
        for child, holds in zip(branches, asked, strict=True):
            if holds is False or (holds is None and True in asked):
                continue
            self.body(child.child_by_field_name("body") or child, scope)

    def above(self, node: Node, scope: Scope | None = None) -> None:
        """`super`: Active Record's method of that name."""
        if not self.running:
            return
        method, args, options = self.running[-1]
        given_node = node.child_by_field_name("arguments") if scope is not None else None
        if given_node is not None and scope is not None:
            args, options = self.reader.arguments(given_node, scope)
        self.schema_call(node, method, args, options)

    def bare(self, node: Node, scope: Scope) -> None:
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
        if own is not None or name in _ACTIVE_RECORD:
            return own
        return self.library.method(name)

    def call(self, node: Node, scope: Scope, *, used: bool = False) -> None:
        """Sends what a call sends. `used`: something uses its value, so an unknown one is taken as a question."""
        try:
            self.called(node, scope, used=used)
        except (NotStatic, Unreadable) as unclear:
            self.unread(node, str(unclear))

    def called(self, node: Node, scope: Scope, *, used: bool) -> None:
        method_node = node.child_by_field_name("method")
        method = text_of(method_node)
        receiver_node = node.child_by_field_name("receiver")
        if method_node is not None and method_node.type == "super":
            self.above(node, scope)
            return
        arguments = node.child_by_field_name("arguments")
        args, options = _trailing(*self.reader.arguments(arguments, scope), method)
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
        scope: Scope,
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
        if method in _EXECUTES or (method in _SENDS and args and isinstance(args[0], str | Template)):
            self.execute(node, args[0] if args else options.get("sql"))
        elif method in _TABLES or method in _PREFIXED_TABLES:
            self.table_call(node, _PREFIXED_TABLES.get(method, method), args, options, block, scope)
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
        scope: Scope,
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
        if plain in _EXECUTES:
            self.execute(node, args[0] if args else None)
            return True
        found = schema_statement(plain, given) if plain is not None else None
        if found is not None and plain is not None:
            self.send(node, plain, given, found)
        return found is not None

    def send(self, node: Node, method: str, given: Given, found: Iterable[Sent]) -> None:
        """A schema statement, as the tools in use run it."""
        sent = parts(found)
        created = {one.table for part in sent for one in part.sent if isinstance(one, CreateTable)}
        self.created |= created
        self.emit(node, as_run(method, given, sent, self.environment, self.number, frozenset(self.created)))

    def revert(self, node: Node, block: Node | None, scope: Scope) -> None:
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
        scope: Scope,
        *,
        used: bool,
    ) -> None:
        """A call on a model, on something of a library, or on what is not known."""
        made = self.reader.value(node, scope)
        if isinstance(made, Call):
            change = row_change(made, self.models) or symbol_change(made, _symbol(node), self.models)
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
                self.own_method(made.method, defined, made.args, made.options, Scope(), node)
                return
            operation = application_call(made, self.models, shown(node))
            if operation is not None:
                self.emit(node, [Part((operation,))])

    def loop(self, receiver: Value, method: str, block: Node, scope: Scope) -> None:
        """Each turn of a loop over something known."""
        items: list[Value] = list(range(min(receiver, _TURNS))) if isinstance(receiver, int) else list(receiver)
        if isinstance(receiver, dict):
            items = [[key, value] for key, value in receiver.items()]
            if method in ("each_key", "each_value"):
                items = [pair[method == "each_value"] for pair in items]
        for position, item in enumerate(items):
            self.turns += 1
            if self.turns > _TURNS or len(self.emitted) >= _MOST:
                return
            self.block_body(block, [item, position] if method.endswith("with_index") else [item], scope)

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
        if self.reverting:
            raise NotStatic("what reverts `execute` is not known")
        match value:
            case Call(method="sanitize_sql_array" | "sanitize_sql" | "sanitize_sql_for_conditions", args=(inner, *_)):
                self.execute(node, inner)
            case [str() as sql, *_]:
                self.execute(node, Template(tuple(sql.split("?")), ("?",) * sql.count("?")))
            case str():
                start = value.start if isinstance(value, Text) and self.origin is None else None
                self.emitted.append(Emitted(self.origin or node, sql=str(value), text_start=start, block=self.block))
            case Template():
                self.emitted.append(Emitted(self.origin or node, sql=value, block=self.block))
            case Unknown(reason=reason):
                raise NotStatic(f"builds SQL at run time: {reason}")
            case _:
                raise NotStatic("builds SQL at run time")

    def own_method(
        self, name: str, method: Method, args: Sequence[Value], options: Mapping[str, Value], scope: Scope, node: Node
    ) -> None:
        """A method of the file or of the application's helpers, read with the arguments it is given."""
        if self.depth >= _DEEPEST or self.turns > _TURNS:
            self.unread(node, f"`{name}` calls itself")
            return
        self.turns += 1
        inner = Scope(outer=method.names if method.foreign else scope.outermost)
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
        self.emit(node, [Part((Unread(reason),))])

    def emit(self, node: Node, sent: Sequence[Part]) -> None:
        together = 0
        for part in sent:
            if part.together and not together:
                self.blocks += 1
                together = self.blocks
            elif not part.together:
                together = 0
            self.emitted.append(Emitted(self.origin or node, part.sent, block=self.block or together, ends=part.ends))


def helper_parts(method: str, given: Given) -> list[Part] | None:
    """The parts of a helper that some gem defines, None where none does. Raises NotStatic."""
    found = gem_call(method, given)
    return found if found is not None else gitlab_call(method, given)


def _trailing(args: list[Value], options: dict[str, Value], method: str) -> tuple[list[Value], dict[str, Value]]:
    """A hash in braces at the end is options, but where it may be a default."""
    if options or not args or not isinstance(args[-1], dict) or "default" in method:
        return args, options
    return args[:-1], args[-1]


def _symbol(node: Node) -> str | None:
    """The method of `each(&:destroy)`."""
    arguments = node.child_by_field_name("arguments")
    for child in arguments.named_children if arguments is not None else ():
        if child.type == "block_argument" and child.named_children and child.named_children[0].type == "simple_symbol":
            return text_of(child.named_children[0])[1:]
    return None


def _is_connection(value: Value) -> bool:
    """`connection`, `ActiveRecord::Base.connection`, `User.connection`, `@connection`."""
    return isinstance(value, Call) and value.method in ("connection", "lease_connection", "base_connection")
