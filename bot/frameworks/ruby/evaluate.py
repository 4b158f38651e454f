"""Ruby read without running it: literals, names, strings of known parts, and calls whose parts are known.

Symbols are read as strings, since libraries mostly accept either.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tree_sitter import Node

from bot.core.record import record
from bot.frameworks.ruby.binding import bind_block, bind_method
from bot.frameworks.ruby.literals import literal_method
from bot.frameworks.ruby.operators import binary, bounded, concatenated
from bot.frameworks.ruby.strings import heredoc, string
from bot.frameworks.ruby.syntax import shown, text_of
from bot.frameworks.ruby.values import Call, Constant, Lambda
from bot.frameworks.static.values import Names, Template, Unknown, Value

_DEEPEST = 120
_LONGEST_RANGE = 2_000
_DEEPEST_METHOD = 8
_LONGEST_LIST = 1_000
_NO_VALUE = ("comment", "heredoc_body")


@record
class Extensions:
    """What a framework adds to Ruby.

    `method` returns the result of a method of a known value, NotImplemented where the framework does not have it;
    `in_string` the text of `#{call}`, None where that is known only at run time; `entries` are methods of a file
    that nothing in it calls for their value.
    """

    method: Callable[[Value, str, Sequence[Value]], Value] = lambda _receiver, _method, _args: NotImplemented
    in_string: Callable[[Call], str | None] = lambda _call: None
    entries: frozenset[str] = frozenset()


@dataclass(slots=True)
class Reader:
    """Evaluates expressions of one file; `bodies` are its heredocs."""

    bodies: Mapping[int, Node]
    methods: Mapping[str, Node] = field(default_factory=dict)
    """Methods of the file, for their return values."""
    extensions: Extensions = field(default_factory=Extensions)
    running: int = 0

    def value(self, node: Node | None, scope: Names, depth: int = 0) -> Value:
        """The value of an expression, as far as it can be known. Never raises."""
        if node is None:
            return None
        if depth > _DEEPEST:
            return Unknown("the expression is nested too deeply")
        literal = _LITERALS.get(node.type)
        if literal is not None:
            return literal(text_of(node))
        read = _READERS.get(node.type)
        return read(self, node, scope, depth) if read is not None else _waiting(node)

    def arguments(self, node: Node | None, scope: Names, depth: int = 0) -> tuple[list[Value], dict[str, Value]]:
        """Positional values and pairs of an argument list, array or hash."""
        items: list[Value] = []
        pairs: dict[str, Value] = {}
        for child in node.named_children if node is not None else ():
            match child.type:
                case "pair":
                    key, value = self._pair(child, scope, depth)
                    pairs[str(key) if isinstance(key, str | int) else "**"] = value
                case "splat_argument":
                    inner = self._first(child, scope, depth)
                    items += inner if isinstance(inner, list) else [Unknown("arguments built at run time")]
                case "hash_splat_argument":
                    inner = self._first(child, scope, depth)
                    pairs |= inner if isinstance(inner, dict) else {"**": Unknown("options built at run time")}
                case "comment" | "block_argument" | "heredoc_body":
                    continue
                case _:
                    items.append(self.value(child, scope, depth + 1))
        return items, pairs

    def call(self, node: Node, scope: Names, depth: int = 0) -> Value:
        """The result of a call: methods of literals are computed, everything else stays a call."""
        method = text_of(node.child_by_field_name("method"))
        receiver_node = node.child_by_field_name("receiver")
        args, options = self.arguments(node.child_by_field_name("arguments"), scope, depth + 1)
        if receiver_node is None or receiver_node.type == "self":
            return self._returned(method, args, options, scope)
        receiver = self.value(receiver_node, scope, depth + 1)
        if isinstance(receiver, Unknown):
            return receiver
        block = node.child_by_field_name("block")
        if method in ("map", "collect", "flat_map") and block is not None:
            return self._mapped(receiver, block, scope, depth)
        own = self.extensions.method(receiver, method, args)
        return literal_method(receiver, method, args, options) if own is NotImplemented else own

    def _pair(self, node: Node, scope: Names, depth: int) -> tuple[Value, Value]:
        key_node, value_node = node.child_by_field_name("key"), node.child_by_field_name("value")
        key = self.value(key_node, scope, depth + 1)
        if value_node is not None:
            return key, self.value(value_node, scope, depth + 1)
        name = str(key)  # `column:` alone is `column: column`
        return key, scope.find(name) if scope.has(name) else Unknown(f"`{key}` is set at run time")

    def _first(self, node: Node, scope: Names, depth: int) -> Value:
        return self.value(node.named_children[0] if node.named_children else None, scope, depth + 1)

    def _field(self, node: Node, name: str, scope: Names, depth: int) -> Value:
        return self.value(node.child_by_field_name(name), scope, depth + 1)

    def _returned(self, name: str, args: Sequence[Value], options: Mapping[str, Value], scope: Names) -> Value:
        """The return value of a method of the file where that is plain; else the call."""
        method = self.methods.get(name)
        call = Call(name, tuple(args), dict(options))
        if method is None or self.running >= _DEEPEST_METHOD or name in self.extensions.entries:
            return call
        inner = Names(outer=scope.outermost)
        bind_method(self.value, method, args, options, inner)
        body = method.child_by_field_name("body")
        children = body.named_children if body is not None and body.type == "body_statement" else [body]
        expressions = [child for child in children if child is not None and child.type not in _NO_VALUE]
        self.running += 1
        for child in expressions[:-1]:
            if child.type == "assignment":
                left = text_of(child.child_by_field_name("left"))
                inner.values[left] = self.value(child.child_by_field_name("right"), inner)
        made = self.value(expressions[-1], inner) if expressions else None
        self.running -= 1
        return made if isinstance(made, str | int | float | list | dict | Template | Constant) else call

    def _mapped(self, receiver: Value, block: Node, scope: Names, depth: int) -> Value:
        items = list(receiver) if isinstance(receiver, list | dict) else None
        if items is None or len(items) > _LONGEST_LIST:
            return Unknown("a list built at run time")
        made = []
        for item in items:
            inner = Names(outer=scope)
            bind_block(block, [item], inner)
            made.append(self.value(block.child_by_field_name("body") or block, inner, depth + 1))
        return made

    def _name(self, node: Node, scope: Names, _depth: int) -> Value:
        """A variable, a method without arguments, a constant."""
        name = text_of(node)
        if node.type == "scope_resolution":
            last = name.rpartition("::")[2]
            return scope.find(last) if scope.has(last) and "::" in name else Constant(name.removeprefix("::"))
        if scope.has(name):
            return scope.find(name)
        match node.type:
            case "identifier":
                return self._returned(name, [], {}, scope)
            case "constant":
                return Constant(name)
            case _:
                return Unknown(f"`{name}` is set at run time")

    def _text(self, node: Node, scope: Names, depth: int) -> Value:
        """A string, in one piece or several, a symbol in quotes, or a heredoc."""
        if node.type == "chained_string":
            return concatenated([self.value(part, scope, depth + 1) for part in node.named_children])

        def interpolated(child: Node) -> str | Template:
            return self._interpolated(child, scope, depth)

        if node.type != "heredoc_beginning":
            return string(node, interpolated)
        body = self.bodies.get(node.start_byte)
        return heredoc(body, interpolated) if body is not None else Unknown("a heredoc without a body")

    def _interpolated(self, node: Node, scope: Names, depth: int) -> str | Template:
        inner = self._first(node, scope, depth)
        match inner:
            case Template():
                return inner
            case bool() | None:
                return "" if inner is None else str(inner).lower()
            case str() | int() | float():
                return str(inner)
            case _:
                text = self.extensions.in_string(inner) if isinstance(inner, Call) else None
                return Template(("", ""), (text_of(node),)) if text is None else text

    def _container(self, node: Node, scope: Names, depth: int) -> Value:
        """A list, a hash, a range, or an element of one."""
        match node.type:
            case "hash":
                return self.arguments(node, scope, depth)[1]
            case "range":
                return self._range(node, scope, depth)
            case "element_reference":
                return self._element(node, scope, depth)
            case "symbol_array" | "string_array":
                return [self.value(item, scope, depth + 1) for item in node.named_children]
            case _:
                return self.arguments(node, scope, depth)[0]

    def _range(self, node: Node, scope: Names, depth: int) -> Value:
        begin, end = self._field(node, "begin", scope, depth), self._field(node, "end", scope, depth)
        both = isinstance(begin, int) and isinstance(end, int) and not isinstance(begin, bool)
        if not both or not 0 <= end - begin < _LONGEST_RANGE:
            return _waiting(node)
        return list(range(begin, end if "..." in text_of(node) else end + 1))

    def _element(self, node: Node, scope: Names, depth: int) -> Value:
        of = self._field(node, "object", scope, depth)
        children = node.named_children[1:]
        if len(children) != 1 or not isinstance(of, list | dict):
            return _waiting(node)
        key = self.value(children[0], scope, depth + 1)
        try:
            return of[key]
        except (KeyError, IndexError, TypeError):
            return None if isinstance(of, dict) else Unknown("an element that is not there")

    def _body(self, node: Node, scope: Names, depth: int) -> Value:
        """A construct with the value of its last, or only, part."""
        match node.type:
            case "lambda":
                body = node.child_by_field_name("body")
                inner = (body.child_by_field_name("body") or body) if body is not None else None
                return Lambda(self.value(inner, scope, depth + 1))
            case "splat_argument":
                return self._first(node, scope, depth)
            case "assignment":
                return self._field(node, "right", scope, depth)
            case "return" | "argument_list":
                parts = [child for child in node.named_children if child.type != "comment"]
                return self.value(parts[0], scope, depth + 1) if len(parts) == 1 else Unknown("several values")
            case _:
                parts = [child for child in node.named_children if child.type not in _NO_VALUE]
                return self.value(parts[-1], scope, depth + 1) if parts else None

    def _operation(self, node: Node, scope: Names, depth: int) -> Value:
        """An operator with its operands."""
        match node.type:
            case "binary":
                left, right = self._field(node, "left", scope, depth), self._field(node, "right", scope, depth)
                sign = text_of(node.child_by_field_name("operator"))
                return binary(sign, left, right, shown(node), shown(node.child_by_field_name("right")))
            case "conditional":
                chosen = self._field(node, "condition", scope, depth)
                if isinstance(chosen, bool) or chosen is None:
                    return self._field(node, "consequence" if chosen else "alternative", scope, depth)
                return Unknown("the value depends on a condition at run time")
            case _:
                return self._unary(node, scope, depth)

    def _unary(self, node: Node, scope: Names, depth: int) -> Value:
        inner, source = self._field(node, "operand", scope, depth), text_of(node)
        if source.startswith(("!", "not")) and (isinstance(inner, bool) or inner is None):
            return not inner
        negative = source.startswith("-") and isinstance(inner, int | float)
        return -inner if negative else _waiting(node)


def _waiting(node: Node) -> Unknown:
    return Unknown(f"`{shown(node)}` is computed at run time")


def _integer(text: str) -> Value:
    try:
        return bounded(int(text.replace("_", ""), 0))
    except ValueError:
        return Unknown(f"`{text}` is computed at run time")


def _float(text: str) -> Value:
    try:
        return float(text.replace("_", ""))
    except ValueError:
        return Unknown(f"`{text}` is computed at run time")


_LITERALS: Mapping[str, Callable[[str], Value]] = {
    "nil": lambda _text: None,
    "true": lambda _text: True,
    "false": lambda _text: False,
    "integer": _integer,
    "float": _float,
    "simple_symbol": lambda text: text[1:],
    "hash_key_symbol": str,
}
_KINDS = (
    (Reader._name, "identifier instance_variable class_variable global_variable constant scope_resolution"),
    (
        Reader._text,
        "string delimited_symbol bare_string bare_symbol string_content chained_string heredoc_beginning",
    ),
    (Reader._container, "array hash symbol_array string_array right_assignment_list range element_reference"),
    (
        Reader._body,
        "parenthesized_statements begin block_body body_statement then else lambda splat_argument assignment return "
        "argument_list",
    ),
    (Reader._operation, "unary binary conditional"),
    (Reader.call, "call"),
)
_READERS: Mapping[str, Callable[[Reader, Node, Names, int], Value]] = {
    kind: read for read, kinds in _KINDS for kind in kinds.split()
}
