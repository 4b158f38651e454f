"""A YAML file as nodes with their lines: limited in size and depth, without aliases or tags."""

from collections.abc import Iterator
from typing import Any, TypeAlias

from bot.core.record import record
from bot.review.errors import ConfigError, Problem

LARGEST = 64 * 1024
"""Bytes; a longer file is refused unread."""


@record
class ScalarNode:
    line: int
    text: str
    tag: str


@record
class ListNode:
    line: int
    items: "tuple[Node, ...]"


@record
class MappingNode:
    line: int
    items: "tuple[tuple[ScalarNode, Node], ...]"


Node: TypeAlias = ScalarNode | ListNode | MappingNode


def compose(content: bytes | str) -> Node | None:
    """The only document of the file; None if it is empty; raises ConfigError."""
    return _Composer(_events(_decoded(content))).document()


_DEEPEST = 8


def _events(text: str) -> Iterator[Any]:
    """One event at a time: the scanner takes a minute over 20,000 brackets, and a limit on depth must stop it first."""
    from ruamel.yaml import YAML  # here, because a check without a file should not pay for it
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise ConfigError((Problem(line, f"this is not YAML: {error.problem or 'it cannot be read'}"),)) from None
    except (YAMLError, ValueError) as error:
        raise ConfigError((Problem(1, f"this is not YAML: {' '.join(str(error).split())[:120]}"),)) from None


def _decoded(content: bytes | str) -> str:
    size = len(content.encode("utf-8", "replace") if isinstance(content, str) else content)
    if size > LARGEST:
        raise ConfigError((Problem(1, f"the file has {size:,} bytes; at most {LARGEST:,} are read"),))
    if isinstance(content, str):
        return content
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError((Problem(line, "the file is not UTF-8"),)) from None


class _Composer:
    """Composes nodes from events: no aliases (a few lines of them can expand to gigabytes), no tags, little depth."""

    def __init__(self, events: Iterator[Any]) -> None:
        self.events = events

    def document(self) -> Node | None:
        found: list[Node] = []
        for event in self.events:
            match type(event).__name__:
                case "StreamStartEvent" | "StreamEndEvent" | "DocumentEndEvent" | "CommentEvent":
                    continue
                case "DocumentStartEvent":
                    self.refuse_if(event, "a second document begins here; the file must be one", when=bool(found))
                case _:
                    found.append(self.node(event, 1))
        root = found[0] if found else None
        return None if isinstance(root, ScalarNode) and root.tag == "null" else root

    def node(self, event: Any, depth: int) -> Node:
        line = event.start_mark.line + 1
        kind = type(event).__name__
        self.refuse_if(event, "aliases (`*name`) are not read", when=kind == "AliasEvent")
        self.refuse_if(event, "anchors (`&name`) are not read", when=event.anchor is not None)
        self.refuse_if(event, f"tags (`{shown(str(event.tag))}`) are not read", when=event.tag is not None)
        self.refuse_if(event, "this is nested too deep", when=depth > _DEEPEST)
        if kind == "ScalarEvent":
            return ScalarNode(line, event.value, _tag(event))
        children = tuple(self.children(depth + 1))
        if kind == "SequenceStartEvent":
            return ListNode(line, children)
        return MappingNode(line, tuple(self.pairs(children)))

    def children(self, depth: int) -> Iterator[Node]:
        for event in self.events:
            if type(event).__name__ in ("SequenceEndEvent", "MappingEndEvent"):
                return
            yield self.node(event, depth)

    def pairs(self, children: tuple[Node, ...]) -> Iterator[tuple[ScalarNode, Node]]:
        for key, value in zip(children[::2], children[1::2], strict=True):
            if not isinstance(key, ScalarNode):
                raise ConfigError((Problem(key.line, "a key must be a word"),))
            yield key, value

    def refuse_if(self, event: Any, message: str, *, when: bool) -> None:
        if when:
            raise ConfigError((Problem(event.start_mark.line + 1, message),))


def _tag(event: Any) -> str:
    plain = event.style in (None, "")
    return "null" if plain and event.value in ("", "~", "null", "Null", "NULL") else "text"


def shown(written: str) -> str:
    """A word of the file, made safe for a code span."""
    plain = "".join(letter if letter.isprintable() and letter != "`" else "'" for letter in written)
    return plain if len(plain) <= 60 else plain[:59] + "…"
