"""How the values of a repository's configuration are read: each reader takes a node and refuses it with its line."""

import difflib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from bot.core.judging.checklist import ITEMS
from bot.core.record import record
from bot.review.config_yaml import ListNode, MappingNode, Node, ScalarNode, shown
from bot.review.errors import Problem


def seconds(written: str) -> float | None:
    """`5s`, `500ms`, `1.5 min`: PostgreSQL's units, in seconds; `0` and `off` are 0; None if it is no duration."""
    found = re.fullmatch(r"\s*([0-9]{1,9}(?:\.[0-9]{1,6})?)\s*(us|ms|s|min|h|d)\s*", written)
    if found:
        return float(found[1]) * _SECONDS[found[2]]
    return 0.0 if written.strip() in ("0", "off") else None


_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_BYTES = {"B": 1, "kB": 1024, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4}


class WrongValue(Exception):
    """A value that its option does not accept; `line` if the problem is on another line than the value."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


@record
class Option:
    """One key: how it is read, what the schema says of it, and how the example shows it."""

    key: str
    read: "Callable[[Reading, Node], Any]"
    schema: Mapping[str, Any]
    says: str
    shown: str
    inside: "tuple[Option, ...]" = ()


class Reading:
    """Collects what is wrong while it reads the values."""

    def __init__(self, rules: Collection[str]) -> None:
        self.rules = rules
        self.problems: list[Problem] = []

    def options(self, mapping: MappingNode, options: tuple[Option, ...]) -> Iterator[tuple[str, Any]]:
        known = {option.key: option for option in options}
        seen: dict[str, int] = {}
        for key, value in mapping.items:
            if key.text in seen:
                self.add(key.line, f"`{shown(key.text)}` is repeated here; it is already on line {seen[key.text]}")
                continue
            seen[key.text] = key.line
            option = known.get(key.text)
            if option is None:
                self.add(key.line, f"unknown option `{shown(key.text)}`{near(key.text, known)}")
                continue
            if isinstance(value, ScalarNode) and value.tag == "null":
                continue
            yield from self.value(key.text, option, value)

    def value(self, key: str, option: Option, value: Node) -> Iterator[tuple[str, Any]]:
        try:
            yield key, option.read(self, value)
        except WrongValue as wrong:
            self.add(wrong.line or value.line, f"`{key}` {wrong}")

    def add(self, line: int, message: str) -> None:
        self.problems.append(Problem(line, message))


def truth(_: Reading, value: Node) -> bool:
    written = text_of(value, "must be true or false")
    if written not in ("true", "false"):
        raise WrongValue("must be true or false")
    return written == "true"


def text(_: Reading, value: Node) -> str:
    written = text_of(value, "must be text").strip()
    if not written:
        raise WrongValue("must not be empty")
    return written


def texts(_: Reading, value: Node) -> tuple[str, ...]:
    if isinstance(value, ScalarNode):
        return (text(_, value),)
    if not isinstance(value, ListNode):
        raise WrongValue("must be a list")
    return tuple(text_of(item, "must be a list of text items") for item in value.items)


def items(reading: Reading, value: Node) -> tuple[str, ...]:
    for item in value.items if isinstance(value, ListNode) else (value,):
        name = text_of(item, "must be a list of checklist items")
        if name not in ITEMS:
            raise WrongValue(f"names `{shown(name)}`, which is not a checklist item{near(name, ITEMS)}", item.line)
    return texts(reading, value)


def one_of(*choices: str) -> Callable[[Reading, Node], str]:
    def read_choice(_: Reading, value: Node) -> str:
        written = text_of(value, f"must be {either(choices)}")
        if written not in choices:
            raise WrongValue(f"must be {either(choices)}, not `{shown(written)}`")
        return written

    return read_choice


def on_error(reading: Reading, value: Node) -> str:
    written = text_of(value, "must be action_required, neutral or fail")
    return "fail" if written == "failure" else one_of("action_required", "neutral", "fail")(reading, value)


def major(_: Reading, value: Node) -> int:
    written = text_of(value, "must be a PostgreSQL version, such as 16")
    found = re.fullmatch(r"([0-9]{1,2})(?:\.[0-9]{1,2})?", written)
    if found is None or int(found[1]) < 12:
        raise WrongValue("must be a PostgreSQL version from 12 on, such as 16")
    return int(found[1])


def timeout(_: Reading, value: Node) -> float:
    written = text_of(value, "must be a duration, such as 5s")
    found = seconds(written)
    if found is None:
        unit = ": a number alone would be milliseconds to PostgreSQL" if written.isdecimal() else ""
        raise WrongValue(f"must be a duration with its unit, such as 5s or 500ms (0 is off){unit}")
    return found


def lock_timeout(reading: Reading, value: Node) -> float:
    """One that ends a wait: PostgreSQL counts in milliseconds, and 0 would be none."""
    found = timeout(reading, value)
    if found < 0.001:
        raise WrongValue("must be a duration of at least 1ms, such as 1s: without one, everybody waits behind the step")
    return found


def duration(_: Reading, value: Node) -> float:
    written = text_of(value, "must be a duration, such as 5s")
    found = seconds(written)
    if found is None and re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,6})?", written):
        found = float(written)
    if found is None:
        raise WrongValue("must be a duration, such as 5s or 500ms")
    return found


def count(_: Reading, value: Node) -> int:
    written = text_of(value, "must be a number of rows")
    if not re.fullmatch(r"[0-9][0-9_]{0,17}", written):
        raise WrongValue("must be a number of rows, such as 10_000")
    return int(written.replace("_", ""))


def size(_: Reading, value: Node) -> int:
    written = text_of(value, "must be a size, such as 10MB")
    found = re.fullmatch(r"([0-9]{1,12})\s*(B|kB|MB|GB|TB)?", written)
    if found is None:
        raise WrongValue("must be a size in PostgreSQL's units, such as 512kB or 10MB")
    return int(found[1]) * _BYTES[found[2] or "B"]


TEXT: Mapping[str, Any] = {"type": "string", "minLength": 1}
DURATION: Mapping[str, Any] = {"type": ["string", "number"], "pattern": r"^\s*[0-9.]+\s*(us|ms|s|min|h|d)?\s*$"}
TIMEOUT: Mapping[str, Any] = {
    "anyOf": [{"type": "string", "pattern": r"^\s*([0-9.]+\s*(us|ms|s|min|h|d)|0|off)\s*$"}, {"const": 0}]
}
TIMEOUT_SET: Mapping[str, Any] = {"type": "string", "pattern": r"^\s*[0-9.]+\s*(us|ms|s|min|h|d)\s*$"}
SIZE: Mapping[str, Any] = {"type": ["string", "integer"], "pattern": r"^[0-9]+\s*(B|kB|MB|GB|TB)?$", "minimum": 0}
ROWS: Mapping[str, Any] = {"type": ["integer", "string"], "pattern": r"^[0-9][0-9_]*$", "minimum": 0}


def strings(*choices: str) -> Mapping[str, Any]:
    return {"type": "string", "enum": list(choices)}


def rule_ids(reading: Reading, value: Node) -> tuple[str, ...]:
    for item in value.items if isinstance(value, ListNode) else (value,):
        name = text_of(item, "must be a list of rules")
        if name not in reading.rules:
            raise WrongValue(f"names `{shown(name)}`, and there is no such rule{near(name, reading.rules)}", item.line)
    return texts(reading, value)


def accounts(reading: Reading, value: Node) -> tuple[str, ...]:
    return _names(reading, value, _ACCOUNT, "an account of GitHub, such as octocat")


def teams(reading: Reading, value: Node) -> tuple[str, ...]:
    return _names(reading, value, _TEAM, "a team with its organisation, such as acme/dba")


def lifetime(_: Reading, value: Node) -> float:
    written = text_of(value, "must be a duration, such as 14d")
    found = seconds(written)
    if not found:
        raise WrongValue("must be a duration with its unit, such as 14d or 12h")
    return found


def _names(reading: Reading, value: Node, form: re.Pattern[str], what: str) -> tuple[str, ...]:
    """Names of GitHub's, without the `@` that people put before them."""
    for item in value.items if isinstance(value, ListNode) else (value,):
        name = text_of(item, f"must be a list, each {what}")
        if not form.fullmatch(name.removeprefix("@")):
            raise WrongValue(f"must name {what}, not `{shown(name)}`", item.line)
    names = tuple(dict.fromkeys(name.removeprefix("@") for name in texts(reading, value)))
    if len(names) > _MOST_NAMES:
        raise WrongValue(f"names {len(names)}; at most {_MOST_NAMES} are read")
    return names


_ACCOUNT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98})(?:\[bot\])?")
_TEAM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,98}/[A-Za-z0-9][A-Za-z0-9_.-]{0,98}")
_MOST_NAMES = 50


def text_of(value: Node, otherwise: str) -> str:
    if not isinstance(value, ScalarNode):
        raise WrongValue(otherwise, value.line)
    return value.text


def near(written: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(written[:80], known, n=3, cutoff=0.6)
    return f"; did you mean {either(tuple(f'`{name}`' for name in close))}?" if close else ""


def either(choices: tuple[str, ...]) -> str:
    return choices[0] if len(choices) == 1 else f"{', '.join(choices[:-1])} or {choices[-1]}"
