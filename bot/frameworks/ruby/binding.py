"""Binds names: by assignments, by the parameters of methods and blocks."""

from collections.abc import Callable, Mapping, Sequence

from tree_sitter import Node

from bot.frameworks.ruby.operators import added
from bot.frameworks.ruby.syntax import text_of
from bot.frameworks.static.values import Names, Unknown, Value

Evaluate = Callable[[Node | None, Names], Value]
"""The value of an expression; see `Reader.value`."""


def assign(evaluate: Evaluate, left: Node, value: Value, scope: Names) -> None:
    """Sets the left side."""
    if left.type in ("identifier", "constant", "instance_variable"):
        scope.set(text_of(left), value)
    elif left.type == "left_assignment_list":
        items = value if isinstance(value, list) else [value]
        for position, name in enumerate(left.named_children):
            scope.set(text_of(name), items[position] if position < len(items) else None)
    elif left.type == "element_reference":
        _element(evaluate, left, value, scope)


def reassign(evaluate: Evaluate, node: Node, scope: Names) -> None:
    """`||=` sets what is not set; `+=` and `<<` add to what is known."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = text_of(node.child_by_field_name("operator"))
    if left is None:
        return
    value = evaluate(right, scope)
    if left.type == "element_reference":
        if operator == "||=" and evaluate(left, scope) is None:
            _element(evaluate, left, value, scope)
        return
    name = text_of(left)
    before = scope.find(name) if scope.has(name) else None
    if operator == "||=":
        if not scope.has(name) or before is None or before is False:
            scope.set(name, value)
    elif operator == "+=":
        scope.set(name, added(before, value) if scope.has(name) else value)
    else:
        scope.set(name, Unknown(f"`{name}` is set at run time"))


def _element(evaluate: Evaluate, node: Node, value: Value, scope: Names) -> None:
    """`options[:name] = value`, where the hash is known."""
    names = node.named_children
    of = evaluate(names[0] if names else None, scope)
    key = evaluate(names[1], scope) if len(names) == 2 else None
    if isinstance(of, dict) and isinstance(key, str) and names[0].type == "identifier":
        scope.set(text_of(names[0]), {**of, key: value})


def bind_method(
    evaluate: Evaluate, method: Node, args: Sequence[Value], options: Mapping[str, Value], scope: Names
) -> None:
    """Sets a method's parameters to the arguments, or to their defaults."""
    parameters = method.child_by_field_name("parameters")
    children = parameters.named_children if parameters is not None else []
    keywords = any(child.type in ("keyword_parameter", "hash_splat_parameter") for child in children)
    given = [*args, dict(options)] if options and not keywords else list(args)
    position, taken = 0, set[str]()
    for child in children:
        name = text_of(child.child_by_field_name("name") or child).lstrip("*&").rstrip(":")
        if child.type == "keyword_parameter":
            default = evaluate(child.child_by_field_name("value"), scope)
            scope.values[name] = options.get(name, default)
            taken.add(name)
        elif child.type == "hash_splat_parameter":
            scope.values[name] = {key: value for key, value in options.items() if key not in taken}
        elif child.type == "splat_parameter":
            scope.values[name] = given[position:]
        elif child.type != "block_parameter":
            default_node = child.child_by_field_name("value")
            missing = evaluate(default_node, scope) if default_node is not None else Unknown(f"`{name}`")
            scope.values[name] = given[position] if position < len(given) else missing
            position += 1


def bind_block(block: Node | None, values: Sequence[Value], scope: Names) -> None:
    """Sets a block's parameters; a pair of a hash fills two."""
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
