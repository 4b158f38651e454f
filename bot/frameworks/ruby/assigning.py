"""Assignments: names, lists of names, and elements of hashes that are known."""

from tree_sitter import Node

from bot.frameworks.ruby.evaluate import Reader, text_of
from bot.frameworks.ruby.sums import added
from bot.frameworks.static.values import Names, Unknown, Value


def assign(reader: Reader, left: Node, value: Value, scope: Names) -> None:
    """Sets what stands on the left."""
    if left.type in ("identifier", "constant", "instance_variable"):
        scope.set(text_of(left), value)
    elif left.type == "left_assignment_list":
        items = value if isinstance(value, list) else [value]
        for position, name in enumerate(left.named_children):
            scope.set(text_of(name), items[position] if position < len(items) else None)
    elif left.type == "element_reference":
        _element(reader, left, value, scope)


def reassign(reader: Reader, node: Node, scope: Names) -> None:
    """`||=` sets what is not there; `+=` and `<<` add to what is known."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = text_of(node.child_by_field_name("operator"))
    if left is None:
        return
    value = reader.value(right, scope)
    if left.type == "element_reference":
        if operator == "||=" and reader.value(left, scope) is None:
            _element(reader, left, value, scope)
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


def _element(reader: Reader, node: Node, value: Value, scope: Names) -> None:
    """`options[:name] = value`, where the hash is known."""
    names = node.named_children
    of = reader.value(names[0] if names else None, scope)
    key = reader.value(names[1], scope) if len(names) == 2 else None
    if isinstance(of, dict) and isinstance(key, str) and names[0].type == "identifier":
        scope.set(text_of(names[0]), {**of, key: value})
