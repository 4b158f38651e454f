"""The syntax tree of Ruby: tree-sitter's nodes, their text, heredocs."""

from collections.abc import Iterator
from functools import cache

from tree_sitter import Language, Node, Parser


@cache
def _language() -> Language:
    import tree_sitter_ruby  # late: the grammar loads when there is Ruby to read

    return Language(tree_sitter_ruby.language())


def parse(source: bytes) -> Node:
    """The syntax tree; a broken file has error nodes in it."""
    return Parser(_language()).parse(source).root_node


def text_of(node: Node | None) -> str:
    """The source of a node, "" for none."""
    return node.text.decode("utf-8", "surrogateescape") if node is not None and node.text is not None else ""


def shown(node: Node | None, limit: int = 60) -> str:
    """The source of a node on one line, cut."""
    text = " ".join(text_of(node).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def of_type(root: Node, kind: str) -> Iterator[Node]:
    """Every node of that type below a node, in no particular order."""
    pending = [root]
    while pending:
        node = pending.pop()
        if node.type == kind:
            yield node
        pending += node.children


def heredocs(root: Node) -> dict[int, Node]:
    """For the start of each `<<~SQL`, the body that belongs to it: they come in the same order."""
    beginnings = sorted(of_type(root, "heredoc_beginning"), key=lambda node: node.start_byte)
    bodies = sorted(of_type(root, "heredoc_body"), key=lambda node: node.start_byte)
    return {begin.start_byte: body for begin, body in zip(beginnings, bodies, strict=False)}
