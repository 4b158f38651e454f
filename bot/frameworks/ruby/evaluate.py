"""Ruby read without running it: literals, constants, strings of known parts, and calls whose parts are known.

What a migration computes at run time becomes `Unknown` with the reason an author can check. Symbols read as strings:
Active Record takes either.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from tree_sitter import Language, Node, Parser

from bot.frameworks.ruby.inflections import table_of_class
from bot.frameworks.ruby.literals import literal_method
from bot.frameworks.ruby.sums import added, bounded, concatenated, formatted, known
from bot.frameworks.ruby.values import Call, Constant, Lambda, Text
from bot.frameworks.static.values import Names, Template, Unknown, Value

_DEEPEST = 120
_LONGEST_RANGE = 2_000
_DEEPEST_METHOD = 8
_ESCAPES = {
    "n": "\n",
    "t": "\t",
    "s": " ",
    "r": "\r",
    "0": "\0",
    "e": "\x1b",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
}


@cache
def _language() -> Language:
    import tree_sitter_ruby

    return Language(tree_sitter_ruby.language())


def parse(source: bytes) -> Node:
    """The syntax tree; a broken file has error nodes in it."""
    return Parser(_language()).parse(source).root_node


def text_of(node: Node | None) -> str:
    return node.text.decode("utf-8", "surrogateescape") if node is not None and node.text is not None else ""


def shown(node: Node | None, limit: int = 60) -> str:
    """The source of a node on one line, cut."""
    text = " ".join(text_of(node).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def heredocs(root: Node) -> dict[int, Node]:
    """For the start of each `<<~SQL`, the body that belongs to it: they come in the same order."""
    beginnings = sorted(_of_type(root, "heredoc_beginning"), key=lambda node: node.start_byte)
    bodies = sorted(_of_type(root, "heredoc_body"), key=lambda node: node.start_byte)
    return {begin.start_byte: body for begin, body in zip(beginnings, bodies, strict=False)}


def _of_type(root: Node, kind: str) -> Iterator[Node]:
    pending = [root]
    while pending:
        node = pending.pop()
        if node.type == kind:
            yield node
        pending += node.children


@dataclass(slots=True)
class Reader:
    """Evaluates expressions of one file."""

    bodies: Mapping[int, Node]
    methods: Mapping[str, Node] = field(default_factory=dict)
    """Methods of the file, for what they return."""
    running: int = 0

    def value(self, node: Node | None, scope: Names, depth: int = 0) -> Value:
        """The value of an expression, as far as it can be known. Never raises."""
        if node is None:
            return None
        if depth > _DEEPEST:
            return Unknown("the expression is nested too deeply")
        match node.type:
            case "nil":
                return None
            case "true":
                return True
            case "false":
                return False
            case "integer":
                return _integer(text_of(node))
            case "float":
                return _float(text_of(node))
            case "simple_symbol":
                return text_of(node)[1:]
            case "hash_key_symbol":
                return text_of(node)
            case "string" | "delimited_symbol" | "bare_string" | "bare_symbol" | "string_content":
                return self._string(node, scope, depth)
            case "chained_string":
                return concatenated([self.value(part, scope, depth + 1) for part in node.named_children])
            case "heredoc_beginning":
                return self._heredoc(node, scope, depth)
            case "symbol_array" | "string_array":
                return [self.value(item, scope, depth + 1) for item in node.named_children]
            case "array":
                return self.arguments(node, scope, depth)[0]
            case "hash":
                return self.arguments(node, scope, depth)[1]
            case "identifier":
                name = text_of(node)
                return scope.find(name) if scope.has(name) else self._returned(name, [], {}, scope)
            case "instance_variable" | "class_variable" | "global_variable":
                name = text_of(node)
                return scope.find(name) if scope.has(name) else Unknown(f"`{name}` is set at run time")
            case "constant":
                name = text_of(node)
                return scope.find(name) if scope.has(name) else Constant(name)
            case "scope_resolution":
                name = text_of(node)
                last = name.rpartition("::")[2]
                return scope.find(last) if scope.has(last) and "::" in name else Constant(name.removeprefix("::"))
            case "parenthesized_statements" | "begin" | "block_body" | "body_statement" | "then" | "else":
                inner = [child for child in node.named_children if child.type not in ("comment", "heredoc_body")]
                return self.value(inner[-1], scope, depth + 1) if inner else None
            case "lambda":
                body = node.child_by_field_name("body")
                return Lambda(self._block_value(body, scope, depth))
            case "unary":
                inner = self.value(node.child_by_field_name("operand"), scope, depth + 1)
                said = text_of(node)
                if said.startswith(("!", "not")) and (isinstance(inner, bool) or inner is None):
                    return not inner
                negative = said.startswith("-") and isinstance(inner, int | float)
                return -inner if negative else Unknown(f"`{shown(node)}` is computed at run time")
            case "binary":
                return self._binary(node, scope, depth)
            case "conditional":
                chosen = self.value(node.child_by_field_name("condition"), scope, depth + 1)
                if isinstance(chosen, bool) or chosen is None:
                    branch = "consequence" if chosen else "alternative"
                    return self.value(node.child_by_field_name(branch), scope, depth + 1)
                return Unknown("the value depends on a condition at run time")
            case "range":
                return self._range(node, scope, depth)
            case "subshell" | "regex" | "super" | "yield":
                return Unknown(f"`{shown(node)}` is computed at run time")
            case "element_reference":
                return self._element(node, scope, depth)
            case "call":
                return self.call(node, scope, depth)
            case "right_assignment_list":
                return self.arguments(node, scope, depth)[0]
            case "splat_argument":
                return self.value(node.named_children[0] if node.named_children else None, scope, depth + 1)
            case "return" | "argument_list":
                inner = [child for child in node.named_children if child.type != "comment"]
                return self.value(inner[0], scope, depth + 1) if len(inner) == 1 else Unknown("several values")
            case "assignment":
                return self.value(node.child_by_field_name("right"), scope, depth + 1)
            case _:
                return Unknown(f"`{shown(node)}` is computed at run time")

    def arguments(self, node: Node | None, scope: Names, depth: int = 0) -> tuple[list[Value], dict[str, Value]]:
        """Positional values and pairs of an argument list, array or hash."""
        items: list[Value] = []
        pairs: dict[str, Value] = {}
        for child in node.named_children if node is not None else ():
            match child.type:
                case "pair":
                    key = self.value(child.child_by_field_name("key"), scope, depth + 1)
                    value_node = child.child_by_field_name("value")
                    if value_node is None:
                        value_node = child.child_by_field_name("key")
                        value = scope.find(str(key)) if scope.has(str(key)) else Unknown(f"`{key}` is set at run time")
                    else:
                        value = self.value(value_node, scope, depth + 1)
                    pairs[str(key) if isinstance(key, str | int) else "**"] = value
                case "splat_argument":
                    inner = self.value(child.named_children[0] if child.named_children else None, scope, depth + 1)
                    items += inner if isinstance(inner, list) else [Unknown("arguments built at run time")]
                case "hash_splat_argument":
                    inner = self.value(child.named_children[0] if child.named_children else None, scope, depth + 1)
                    pairs |= inner if isinstance(inner, dict) else {"**": Unknown("options built at run time")}
                case "comment" | "block_argument" | "heredoc_body":
                    continue
                case _:
                    items.append(self.value(child, scope, depth + 1))
        return items, pairs

    def call(self, node: Node, scope: Names, depth: int = 0) -> Value:
        """What a call makes: methods of literals are done, everything else stays a call."""
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
        return literal_method(receiver, method, args, options)

    def _returned(self, name: str, args: Sequence[Value], options: Mapping[str, Value], scope: Names) -> Value:
        """What a method of the file returns where that is plain; else the call."""
        method = self.methods.get(name)
        call = Call(name, tuple(args), dict(options))
        if method is None or self.running >= _DEEPEST_METHOD or name in ("up", "change", "down"):
            return call
        inner = Names(outer=scope.outermost)
        bind_method(self, method, args, options, inner)
        body = method.child_by_field_name("body")
        children = body.named_children if body is not None and body.type == "body_statement" else [body]
        said = [child for child in children if child is not None and child.type not in ("comment", "heredoc_body")]
        self.running += 1
        for child in said[:-1]:
            if child.type == "assignment":
                left = text_of(child.child_by_field_name("left"))
                inner.values[left] = self.value(child.child_by_field_name("right"), inner)
        made = self.value(said[-1], inner) if said else None
        self.running -= 1
        return made if isinstance(made, str | int | float | list | dict | Template | Constant) else call

    def _block_value(self, node: Node | None, scope: Names, depth: int) -> Value:
        if node is None:
            return None
        body = node.child_by_field_name("body") or node
        return self.value(body, scope, depth + 1)

    def _mapped(self, receiver: Value, block: Node, scope: Names, depth: int) -> Value:
        items = list(receiver) if isinstance(receiver, list | dict) else None
        if items is None or len(items) > 1_000:
            return Unknown("a list built at run time")
        made = []
        for item in items:
            inner = Names(outer=scope)
            bind_block(block, [item], inner)
            made.append(self._block_value(block, inner, depth))
        return made

    def _string(self, node: Node, scope: Names, depth: int) -> Value:
        if node.type == "string_content":
            return text_of(node)
        children = node.named_children
        start = children[0].start_byte if children else None
        said = text_of(node)
        if said.startswith(("'", "%q")) and "\\" in said:
            return re.sub(r"\\(['\\])", r"\1", "".join(text_of(child) for child in children))
        return self._joined(children, "string_content", start, scope, depth)

    def _heredoc(self, node: Node, scope: Names, depth: int) -> Value:
        body = self.bodies.get(node.start_byte)
        if body is None:
            return Unknown("a heredoc without a body")
        contents = [child for child in body.named_children if child.type == "heredoc_content"]
        start = contents[0].start_byte if contents else None
        return self._joined(body.named_children, "heredoc_content", start, scope, depth)

    def _joined(self, children: Sequence[Node], content: str, start: int | None, scope: Names, depth: int) -> Value:
        """The parts of a string: a text that knows its place, or one with gaps where values come at run time."""
        made: str | Template = ""
        exact = True
        for child in children:
            if child.type == content:
                made = made + text_of(child)
            elif child.type == "escape_sequence":
                exact = False
                made = made + _unescaped(text_of(child))
            elif child.type == "interpolation":
                exact = False
                made = bounded(made + self._interpolated(child, scope, depth))
                if isinstance(made, Unknown):
                    return made
            elif child.type not in ("heredoc_end", "comment"):
                exact = False
        if isinstance(made, Template):
            return made
        text = Text(made)
        if exact:
            text.start = start
        return text

    def _interpolated(self, node: Node, scope: Names, depth: int) -> str | Template:
        inner = self.value(node.named_children[0] if node.named_children else None, scope, depth + 1)
        match inner:
            case Template():
                return inner
            case bool() | None:
                return "" if inner is None else str(inner).lower()
            case str() | int() | float():
                return str(inner)
            case Call(method="quote_table_name" | "quote_column_name" | "quote_string", args=(str() as name,)):
                return str(name)
            case Call(method="quote", args=((str() | int()) as value,)):
                return f"'{value}'" if isinstance(value, str) else str(value)
            case Call(method="quoted_true" | "quoted_false" as method):
                return "TRUE" if method == "quoted_true" else "FALSE"
            case Call(method="table_name" | "quoted_table_name", receiver=Constant(name=name)):
                return table_of_class(name)
            case _:
                return Template(("", ""), (text_of(node),))

    def _binary(self, node: Node, scope: Names, depth: int) -> Value:
        left = self.value(node.child_by_field_name("left"), scope, depth + 1)
        right = self.value(node.child_by_field_name("right"), scope, depth + 1)
        operator = text_of(node.child_by_field_name("operator"))
        if operator in ("||", "or") and (left is None or left is False):
            return right
        if operator in ("||", "or") and not isinstance(left, Unknown | Call | Constant):
            return left
        match operator, left, right:
            case "+", (str() | Template() | list() | int() | float()), _ if known(right):
                return added(left, right)
            case "+", (str() | Template()), _:
                return left + Template(("", ""), (f"#{{{shown(node.child_by_field_name('right'))}}}",))
            case "%", str(), _:
                return formatted(left, right)
            case (("-" | "*"), int() | float(), int() | float()):
                return bounded(left - right if operator == "-" else left * right)
            case (("&&" | "and"), bool() | None, _) if not left:
                return left
            case (("&&" | "and"), _, bool() | None) if not right:
                return False
            case (("&&" | "and"), True, _):
                return right
            case "==", (str() | int() | None), (str() | int() | None):
                return left == right
            case "!=", (str() | int() | None), (str() | int() | None):
                return left != right
            case "**", int(), int() if 0 <= right <= 64 and abs(left) <= 1_000:
                return bounded(left**right)
            case _:
                return Unknown(f"`{shown(node)}` is computed at run time")

    def _range(self, node: Node, scope: Names, depth: int) -> Value:
        begin = self.value(node.child_by_field_name("begin"), scope, depth + 1)
        end = self.value(node.child_by_field_name("end"), scope, depth + 1)
        both = isinstance(begin, int) and isinstance(end, int) and not isinstance(begin, bool)
        if not both or not 0 <= end - begin < _LONGEST_RANGE:
            return Unknown(f"`{shown(node)}` is computed at run time")
        return list(range(begin, end if "..." in text_of(node) else end + 1))

    def _element(self, node: Node, scope: Names, depth: int) -> Value:
        of = self.value(node.child_by_field_name("object"), scope, depth + 1)
        children = node.named_children[1:]
        if len(children) == 1 and isinstance(of, list | dict):
            key = self.value(children[0], scope, depth + 1)
            try:
                return of[key]
            except (KeyError, IndexError, TypeError):
                return None if isinstance(of, dict) else Unknown("an element that is not there")
        return Unknown(f"`{shown(node)}` is computed at run time")


def bind_method(
    reader: Reader, method: Node, args: Sequence[Value], options: Mapping[str, Value], scope: Names
) -> None:
    """Sets a method's parameters to what it is given, or to their defaults."""
    parameters = method.child_by_field_name("parameters")
    children = parameters.named_children if parameters is not None else []
    keywords = any(child.type in ("keyword_parameter", "hash_splat_parameter") for child in children)
    given = [*args, dict(options)] if options and not keywords else list(args)
    position, taken = 0, set[str]()
    for child in children:
        name = text_of(child.child_by_field_name("name") or child).lstrip("*&").rstrip(":")
        if child.type == "keyword_parameter":
            default = reader.value(child.child_by_field_name("value"), scope)
            scope.values[name] = options.get(name, default)
            taken.add(name)
        elif child.type == "hash_splat_parameter":
            scope.values[name] = {key: value for key, value in options.items() if key not in taken}
        elif child.type == "splat_parameter":
            scope.values[name] = given[position:]
        elif child.type != "block_parameter":
            default_node = child.child_by_field_name("value")
            missing = reader.value(default_node, scope) if default_node is not None else Unknown(f"`{name}`")
            scope.values[name] = given[position] if position < len(given) else missing
            position += 1


def bind_block(block: Node | None, values: Sequence[Value], scope: Names) -> None:
    """Sets a block's parameters; a hash's pair goes to two of them."""
    parameters = block.child_by_field_name("parameters") if block is not None else None
    names = [child for child in parameters.named_children if child.type != "comment"] if parameters is not None else []
    if len(names) > 1 and len(values) == 1 and isinstance(values[0], list | tuple):
        values = list(values[0])
    for position, node in enumerate(names):
        value = values[position] if position < len(values) else Unknown("a block's argument")
        if node.type == "destructured_parameter":
            inner = list(value) if isinstance(value, list | tuple) else []
            for at, part in enumerate(node.named_children):
                scope.values[text_of(part)] = inner[at] if at < len(inner) else Unknown("a block's argument")
        else:
            scope.values[text_of(node).lstrip("*&")] = value


def _unescaped(sequence: str) -> str:
    return _ESCAPES.get(sequence[1:], sequence[1:])


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
