"""Follows Ruby call by call without running it: what it would send, and what it would leave open.

The control flow is Ruby's: branches, loops, blocks, the file's own methods. What a call does is
decided by the framework's `Handler`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tree_sitter import Node

from bot.core.language import operations as op
from bot.frameworks.ruby.binding import assign, bind_block, bind_method, reassign
from bot.frameworks.ruby.evaluate import Reader
from bot.frameworks.ruby.file import RubyFile
from bot.frameworks.ruby.library import Method
from bot.frameworks.ruby.syntax import shown, text_of
from bot.frameworks.ruby.values import Call
from bot.frameworks.static.values import DEEPEST_CALLS, Names, NotStatic, Value
from bot.sql import Unreadable

_TURNS = 5_000
"""The most iterations of all loops, and methods followed, in one file."""
_BODIES = frozenset("begin body_statement block_body then else ensure parenthesized_statements do".split())
_WHOLE = frozenset("binary unary conditional return argument_list array hash".split())
_LOOPS = frozenset("while until for while_modifier until_modifier".split())
_BRANCHES = frozenset("if unless elsif".split())
LOOP_METHODS = frozenset(
    """each each_with_index each_pair each_key each_value each_slice each_with_object times map collect flat_map
    each_entry reverse_each upto select reject sort_by inject reduce each_cons""".split()
)


class Handler(Protocol):
    """A framework's answer to each construct. A method may raise NotStatic: its message says why the call is unread."""

    file: RubyFile

    def called(self, walk: "Walk", call: Call, scope: Names, /, *, used: bool) -> None:
        """A call on self that the file does not define. `used`: its value is used, so it may be only a query."""
        ...

    def called_on(self, _walk: "Walk", call: Call, _scope: Names, /, *, used: bool) -> None:
        """A call on a receiver, which may be nil."""
        if not used:
            self.file.unread(call.node, f"`{shown(call.node)}` is not known")

    def named(self, walk: "Walk", name: str, node: Node, /) -> None:
        """A name alone that is not a variable: a call without arguments."""
        self.called(walk, Call(name, node=node), Names(), used=False)

    def inherited(self, _walk: "Walk", _call: Call, /) -> None:
        """`super`, with the name and the arguments of its method."""
        return

    def method(self, _name: str, /) -> Method | None:
        """A method of that name that can be followed, None where there is none."""
        return None

    def arranged(self, call: Call, /) -> Call:
        """The call with its arguments as the method receives them."""
        return call

    def decides(self, _condition: str, /) -> bool | None:
        """The value of a condition with this source, where the framework knows it."""
        return None


@dataclass(slots=True)
class Walk:
    """The state of following one file."""

    handler: Handler
    reader: Reader
    _running: list[Call] = field(default_factory=list)
    """The methods that are being followed, by their calls."""
    _turns: int = 0

    def method(self, node: Node, names: Names) -> None:
        """What a method called without arguments sends; `names` are those of the file."""
        self._body(node.child_by_field_name("body"), Names(outer=names))

    def assignments(self, nodes: Sequence[Node], names: Names) -> None:
        """Sets the constants of a file or class; anything that this sends does not count."""
        for node in nodes:
            if node.type == "assignment":
                self._assignment(node, names)
        self.handler.file.outbox.sent.clear()

    def block(self, block: Node | None, values: Sequence[Value], scope: Names) -> None:
        """What a block called with these values sends."""
        inner = Names(outer=scope)
        bind_block(block, values, inner)
        self._body(block.child_by_field_name("body") if block is not None else None, inner)

    def call(self, node: Node, scope: Names, *, used: bool = False) -> None:
        """Sends what a call sends. `used`: its value is used, so an unknown call is treated as a query."""
        try:
            self._called(node, scope, used=used)
        except (NotStatic, Unreadable) as unclear:
            self.handler.file.unread(node, str(unclear))

    def on_self(self, call: Call, scope: Names, *, used: bool) -> None:
        """A call of a method of the file where it has one, else the framework's."""
        defined = self.handler.method(call.method)
        if defined is not None and self.follows(call.method):
            self.own_method(call, defined, scope)
        else:
            self.handler.called(self, call, scope, used=used)

    def follows(self, name: str) -> bool:
        """Whether a method can be followed now: not within itself, and not too deep."""
        return len(self._running) < DEEPEST_CALLS and all(running.method != name for running in self._running)

    def own_method(self, call: Call, method: Method, scope: Names) -> None:
        """A method whose Ruby is available, read with its arguments."""
        file = self.handler.file
        if len(self._running) >= DEEPEST_CALLS or self._turns > _TURNS:
            file.unread(call.node, f"`{call.method}` calls itself")
            return
        self._turns += 1
        inner = Names(outer=method.names if method.foreign else scope.outermost)
        reader, origin = self.reader, file.origin
        if method.foreign:
            self.reader, file.origin = method.reader, file.origin or call.node
        bind_method(self.reader.value, method.node, call.args, call.options, inner)
        self._running.append(call)
        self._body(method.node.child_by_field_name("body"), inner)
        self._running.pop()
        self.reader, file.origin = reader, origin

    def _body(self, node: Node | None, scope: Names) -> None:
        """Every statement of a body, in order."""
        for child in node.named_children if node is not None else ():
            if self.handler.file.outbox.full:
                return
            try:
                self._statement(child, scope)
            except (NotStatic, RecursionError, MemoryError):
                raise
            except Exception as error:
                self.handler.file.send(child, (op.Unread.of(error),))

    def _statement(self, node: Node, scope: Names) -> None:
        match node.type:
            case kind if kind in _BODIES:
                self._body(node, scope)
            case kind if kind in _LOOPS:
                self._body(node.child_by_field_name("body"), scope)
            case kind if kind in _BRANCHES:
                self._branch(node, scope)
            case "if_modifier" | "unless_modifier":
                self._modified(node, scope)
            case "case":
                self._cases(node, scope)
            case "rescue_modifier":
                self._statement(node.named_children[0], scope)
            case _:
                self._simple(node, scope)

    def _simple(self, node: Node, scope: Names) -> None:
        """A statement without inner statements."""
        match node.type:
            case "call":
                self.call(node, scope)
            case "identifier":
                self._named(node, scope)
            case "assignment":
                self._assignment(node, scope)
            case "operator_assignment":
                self._inner_calls(node.child_by_field_name("right"), scope)
                reassign(self.reader.value, node, scope)
            case "super":
                self._super(node, None)
            case kind if kind in _WHOLE:
                self._inner_calls(node, scope)
            case "ERROR":
                self.handler.file.unread(node, f"`{shown(node)}` is not Ruby that can be read")
            case _:
                pass

    def _assignment(self, node: Node, scope: Names) -> None:
        right, left = node.child_by_field_name("right"), node.child_by_field_name("left")
        if right is not None and right.type == "call":
            self.call(right, scope, used=True)
        else:
            self._inner_calls(right, scope)
        if left is not None:
            assign(self.reader.value, left, self.reader.value(right, scope), scope)

    def _inner_calls(self, node: Node | None, scope: Names) -> None:
        """Calls inside an expression, for what they send."""
        for child in node.named_children if node is not None else ():
            if child.type == "call":
                self.call(child, scope, used=True)
            elif child.type not in ("lambda", "do_block", "block"):
                self._inner_calls(child, scope)

    def _branch(self, node: Node, scope: Names) -> None:
        """The branch that is taken, or both where that is decided at run time."""
        condition = node.child_by_field_name("condition")
        self._inner_calls(condition, scope)
        holds = self._condition(condition, scope)
        taken = None if holds is None else holds is (node.type != "unless")
        if taken is not False:
            self._body(node.child_by_field_name("consequence"), scope)
        alternative = node.child_by_field_name("alternative")
        if alternative is not None and taken is not True:
            self._statement(alternative, scope)

    def _modified(self, node: Node, scope: Names) -> None:
        holds = self._condition(node.child_by_field_name("condition"), scope)
        body = node.child_by_field_name("body")
        if body is not None and (holds is None or holds is (node.type == "if_modifier")):
            self._statement(body, scope)

    def _condition(self, node: Node | None, scope: Names) -> bool | None:
        """Whether a condition holds; None where that is decided at run time."""
        decided = self.handler.decides(text_of(node))
        value = self.reader.value(node, scope) if decided is None else decided
        return bool(value) if isinstance(value, bool) or value is None else None

    def _cases(self, node: Node, scope: Names) -> None:
        """The branches of a `case`; where the framework knows that one holds, those that hold."""
        branches = [child for child in node.named_children if child.type in ("when", "else")]
        decided = [self.handler.decides(text_of(child.child_by_field_name("pattern"))) for child in branches]
        for child, holds in zip(branches, decided, strict=True):
            if holds is True or (holds is None and True not in decided):
                self._body(child.child_by_field_name("body") or child, scope)

    def _named(self, node: Node, scope: Names) -> None:
        name = text_of(node)
        if scope.has(name):
            return
        method = self.handler.method(name)
        if method is not None:
            self.own_method(Call(name, node=node), method, scope)
        else:
            self.handler.named(self, name, node)

    def _super(self, node: Node, scope: Names | None) -> None:
        """`super`, with its own arguments where it has some."""
        if not self._running:
            return
        running = self._running[-1]
        args, options = running.args, running.options
        given = node.child_by_field_name("arguments") if scope is not None else None
        if given is not None and scope is not None:
            own, options = self.reader.arguments(given, scope)
            args = tuple(own)
        self.handler.inherited(self, Call(running.method, args, options, node=node))

    def _called(self, node: Node, scope: Names, *, used: bool) -> None:
        method_node = node.child_by_field_name("method")
        receiver_node = node.child_by_field_name("receiver")
        if method_node is not None and method_node.type == "super":
            self._super(node, scope)
            return
        args, options = self.reader.arguments(node.child_by_field_name("arguments"), scope)
        block = node.child_by_field_name("block")
        call = self.handler.arranged(Call(text_of(method_node), tuple(args), options, None, node, block))
        if receiver_node is None or text_of(receiver_node) == "self":
            self.on_self(call, scope, used=used)
            return
        receiver = self.reader.value(receiver_node, scope)
        if call.method in LOOP_METHODS and block is not None and isinstance(receiver, list | dict | int):
            self._loop(receiver, call.method, block, scope)
        else:
            on = Call(call.method, call.args, call.options, receiver, node, block)
            self.handler.called_on(self, on, scope, used=used)

    def _loop(self, receiver: Value, method: str, block: Node, scope: Names) -> None:
        """Each iteration of a loop over something known."""
        for position, item in enumerate(_turns_of(receiver, method)):
            self._turns += 1
            if self._turns > _TURNS or self.handler.file.outbox.full:
                return
            self.block(block, [item, position] if method.endswith("with_index") else [item], scope)


def _turns_of(receiver: list[Value] | Mapping[str, Value] | int, method: str) -> list[Value]:
    """The items of a loop over something known."""
    if isinstance(receiver, int):
        return list(range(min(receiver, _TURNS)))
    if not isinstance(receiver, Mapping):
        return list(receiver)
    if method in ("each_key", "each_value"):
        return list(receiver if method == "each_key" else receiver.values())
    return [[key, value] for key, value in receiver.items()]
