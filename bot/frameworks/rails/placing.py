"""The places of calls in the author's file: the call that sends a piece of SQL, and what a `change` method allows."""

import re
from collections.abc import Sequence
from itertools import groupby

from tree_sitter import Node

from bot.frameworks.ruby.places import Places
from bot.frameworks.ruby.syntax import heredocs, parse, text_of

_SENDS = ("execute", "safe_execute", "unsafe_execute", "exec_query", "exec_update", "raw_execute")
_SETTING = re.compile(r'execute "(?:SET|RESET) ')
_IRREVERSIBLE = re.compile(
    r"(?:execute|change_column|validate_\w+|remove_check_constraint|remove_foreign_key|drop_table)\b"
    r'|add_index [^,]+, "'  # Active Record looks for it by the expression, which PostgreSQL writes in its own way
    r"|change_column_default(?!.*\bfrom:)|remove_column [^,]+, [^,]+(?:, if_exists: true)?$|remove_index [^,]+, name:"
)


def reversible(calls: Sequence[str], undo: Sequence[str] | None, text: str, start: int, version: float) -> list[str]:
    """The calls as written at that character: in `change`, with what undoes them where Active Record does not.

    `undo` None: nothing that is known does.
    """
    if not _in_change(text, start):
        return list(calls)
    own = [call for call in calls if not _SETTING.match(call)]
    if not any(_IRREVERSIBLE.match(call) for call in own) and not any("if_exists: true" in call for call in undo or ()):
        return _only_up_where_needed(calls, version)
    if undo is not None and not undo:
        return _only_up_where_needed(calls, version)
    back = undo or ("raise ActiveRecord::IrreversibleMigration",)
    body = ["reversible do |dir|"]
    for side, lines in (("up", calls), ("down", back)):
        body += [f"  dir.{side} do", *_moved("\n".join(lines), "    "), "  end"]
    return ["\n".join([*body, "end"])]


def _only_up_where_needed(calls: Sequence[str], version: float) -> list[str]:
    placed: list[str] = []
    for irreversible, group in groupby(calls, key=lambda call: _IRREVERSIBLE.match(call) is not None):
        together = list(group)
        placed += [_only_up(together, version)] if irreversible else together
    return placed


def call_around(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The call of `execute` whose string is the SQL at these characters and nothing else, with its heredoc."""
    places = Places.of(text)
    root = parse(places.raw)
    first, last = places.byte(start), places.byte(end)
    bodies = heredocs(root)
    for call in _calls(root):
        if text_of(call.child_by_field_name("method")) not in _SENDS:
            continue
        arguments = call.child_by_field_name("arguments")
        given = arguments.named_children if arguments is not None else []
        if len([one for one in given if one.type != "heredoc_body"]) != 1:
            continue
        string = bodies.get(given[0].start_byte, given[0])
        if string.start_byte <= first and last <= string.end_byte and _only(places.raw, string, first, last):
            over = max(call.end_byte, string.end_byte)
            return places.character(call.start_byte), places.character(over)
    return None


def _only(raw: bytes, string: Node, first: int, last: int) -> bool:
    """Whether only blanks, a semicolon and the ends of the string are around the SQL."""
    before = re.sub(rb"^[%qQ\"'({\[|\s]*", b"", raw[string.start_byte : first]).strip()
    after = raw[last : string.end_byte].strip().lstrip(b";").strip()
    return not before and re.fullmatch(rb"[\"')}\]|]?|\w+", after) is not None


def _calls(root: Node) -> list[Node]:
    found: list[Node] = []
    pending = [root]
    while pending:
        node = pending.pop()
        if node.type == "call":
            found.append(node)
        pending += node.named_children
    return found


def _in_change(text: str, start: int) -> bool:
    places = Places.of(text)
    at = places.byte(start)
    pending = [parse(places.raw)]
    while pending:
        node = pending.pop()
        if node.type == "method" and node.start_byte <= at < node.end_byte:
            return text_of(node.child_by_field_name("name")) == "change" and not _is_up_only(node, at)
        pending += node.named_children
    return False


def _is_up_only(node: Node, at: int) -> bool:
    """Whether the place is in the block of `up_only` or `dir.up` already."""
    return any(
        call.start_byte <= at < call.end_byte
        and text_of(call.child_by_field_name("method")) in ("up_only", "up")
        and call.child_by_field_name("block") is not None
        for call in _calls(node)
    )


def _only_up(calls: Sequence[str], version: float) -> str:
    before, after = ("up_only", "") if version >= 5.2 else ("reversible { |dir| dir.up", " }")
    if len(calls) == 1 and "\n" not in calls[0]:
        return f"{before} {{ {calls[0]} }}{after}"
    body = "\n".join(calls)
    if after:
        return "\n".join(["reversible do |dir|", "  dir.up do", *_moved(body, "    "), "  end", "end"])
    return "\n".join([f"{before} do", *_moved(body, "  "), "end"])


def _moved(call: str, indent: str) -> list[str]:
    return [f"{indent}{line}" if line else line for line in call.split("\n")]
