"""Reads `.github/migsafe.yml` into a policy, or refuses it with the line of everything that is wrong.

The file comes from a repository: it is data, of limited size and depth, without aliases or tags. One table of
options defines how the file is read, the JSON schema and the example.
"""

import difflib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.core.judging.checklist import ITEMS
from bot.core.judging.findings import Severity
from bot.core.judging.policy import Policy, Thresholds
from bot.core.record import record
from bot.review.config_paths import PATHS
from bot.review.config_yaml import ListNode, MappingNode, Node, ScalarNode, compose, shown
from bot.review.errors import ConfigError, Problem


def read(content: bytes | str, *, rules: Collection[str], source: str = PATHS[0]) -> Policy:
    """The policy in the file; raises ConfigError. `rules` are the known ids; the check names `source`."""
    root = compose(content)
    if root is None:
        return replace(Policy(), source=source)
    if not isinstance(root, MappingNode):
        raise ConfigError((Problem(root.line, "the file must consist of `option: value` lines"),))
    reading = _Reading(rules)
    values = dict(reading.options(root, OPTIONS))
    if reading.problems:
        raise ConfigError(tuple(sorted(reading.problems, key=lambda problem: problem.line))[:_MOST_PROBLEMS])
    thresholds = replace(Thresholds(), **values.pop("thresholds", {}))
    return replace(Policy(), **values, thresholds=thresholds, source=source)


def schema(rules: Collection[str] = ()) -> dict[str, Any]:
    """The JSON schema of the file; a test keeps `bot/review/config_schema.json` equal to it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "migsafe",
        "description": "What a repository asks of migsafe: .github/migsafe.yml on the base branch.",
        "type": "object",
        "additionalProperties": False,
        "properties": {option.key: _schema_of(option, sorted(rules)) for option in OPTIONS},
    }


def example() -> str:
    """Every option with its default, as the README shows it."""
    return "\n".join(line for option in OPTIONS for line in _example_of(option)) + "\n"


def seconds(written: str) -> float | None:
    """`5s`, `500ms`, `1.5 min`: PostgreSQL's units, in seconds; `0` and `off` are 0; None if it is no duration."""
    found = re.fullmatch(r"\s*([0-9]{1,9}(?:\.[0-9]{1,6})?)\s*(us|ms|s|min|h|d)\s*", written)
    if found:
        return float(found[1]) * _SECONDS[found[2]]
    return 0.0 if written.strip() in ("0", "off") else None


_MOST_PROBLEMS = 20
_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_BYTES = {"B": 1, "kB": 1024, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4}


class _Wrong(Exception):
    """A value that its option does not accept; `line` if the problem is on another line than the value."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


@record
class _Option:
    """One key: how it is read, what the schema says of it, and how the example shows it."""

    key: str
    read: "Callable[[_Reading, Node], Any]"
    schema: Mapping[str, Any]
    says: str
    shown: str
    inside: "tuple[_Option, ...]" = ()


class _Reading:
    """Collects what is wrong while it reads the values."""

    def __init__(self, rules: Collection[str]) -> None:
        self.rules = rules
        self.problems: list[Problem] = []

    def options(self, mapping: MappingNode, options: tuple[_Option, ...]) -> Iterator[tuple[str, Any]]:
        known = {option.key: option for option in options}
        seen: dict[str, int] = {}
        for key, value in mapping.items:
            if key.text in seen:
                self.add(key.line, f"`{shown(key.text)}` is repeated here; it is already on line {seen[key.text]}")
                continue
            seen[key.text] = key.line
            option = known.get(key.text)
            if option is None:
                self.add(key.line, f"unknown option `{shown(key.text)}`{_near(key.text, known)}")
                continue
            if isinstance(value, ScalarNode) and value.tag == "null":
                continue
            yield from self.value(key.text, option, value)

    def value(self, key: str, option: _Option, value: Node) -> Iterator[tuple[str, Any]]:
        try:
            yield key, option.read(self, value)
        except _Wrong as wrong:
            self.add(wrong.line or value.line, f"`{key}` {wrong}")

    def add(self, line: int, message: str) -> None:
        self.problems.append(Problem(line, message))


def _truth(_: _Reading, value: Node) -> bool:
    written = _text_of(value, "must be true or false")
    if written not in ("true", "false"):
        raise _Wrong("must be true or false")
    return written == "true"


def _text(_: _Reading, value: Node) -> str:
    written = _text_of(value, "must be text").strip()
    if not written:
        raise _Wrong("must not be empty")
    return written


def _texts(_: _Reading, value: Node) -> tuple[str, ...]:
    if isinstance(value, ScalarNode):
        return (_text(_, value),)
    if not isinstance(value, ListNode):
        raise _Wrong("must be a list")
    return tuple(_text_of(item, "must be a list of text items") for item in value.items)


def _items(reading: _Reading, value: Node) -> tuple[str, ...]:
    for item in value.items if isinstance(value, ListNode) else (value,):
        name = _text_of(item, "must be a list of checklist items")
        if name not in ITEMS:
            raise _Wrong(f"names `{shown(name)}`, which is not a checklist item{_near(name, ITEMS)}", item.line)
    return _texts(reading, value)


def _one_of(*choices: str) -> Callable[[_Reading, Node], str]:
    def read_choice(_: _Reading, value: Node) -> str:
        written = _text_of(value, f"must be {_or(choices)}")
        if written not in choices:
            raise _Wrong(f"must be {_or(choices)}, not `{shown(written)}`")
        return written

    return read_choice


def _on_error(reading: _Reading, value: Node) -> str:
    written = _text_of(value, "must be action_required, neutral or fail")
    return "fail" if written == "failure" else _one_of("action_required", "neutral", "fail")(reading, value)


def _major(_: _Reading, value: Node) -> int:
    written = _text_of(value, "must be a PostgreSQL version, such as 16")
    found = re.fullmatch(r"([0-9]{1,2})(?:\.[0-9]{1,2})?", written)
    if found is None or int(found[1]) < 12:
        raise _Wrong("must be a PostgreSQL version from 12 on, such as 16")
    return int(found[1])


def _timeout(_: _Reading, value: Node) -> float:
    written = _text_of(value, "must be a duration, such as 5s")
    found = seconds(written)
    if found is None:
        unit = ": a number alone would be milliseconds to PostgreSQL" if written.isdecimal() else ""
        raise _Wrong(f"must be a duration with its unit, such as 5s or 500ms (0 is off){unit}")
    return found


def _duration(_: _Reading, value: Node) -> float:
    written = _text_of(value, "must be a duration, such as 5s")
    found = seconds(written)
    if found is None and re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,6})?", written):
        found = float(written)
    if found is None:
        raise _Wrong("must be a duration, such as 5s or 500ms")
    return found


def _count(_: _Reading, value: Node) -> int:
    written = _text_of(value, "must be a number of rows")
    if not re.fullmatch(r"[0-9][0-9_]{0,17}", written):
        raise _Wrong("must be a number of rows, such as 10_000")
    return int(written.replace("_", ""))


def _size(_: _Reading, value: Node) -> int:
    written = _text_of(value, "must be a size, such as 10MB")
    found = re.fullmatch(r"([0-9]{1,12})\s*(B|kB|MB|GB|TB)?", written)
    if found is None:
        raise _Wrong("must be a size in PostgreSQL's units, such as 512kB or 10MB")
    return int(found[1]) * _BYTES[found[2] or "B"]


def _thresholds(reading: _Reading, value: Node) -> dict[str, Any]:
    if not isinstance(value, MappingNode):
        raise _Wrong("must consist of `threshold: value` lines")
    return dict(reading.options(value, THRESHOLDS))


def _severities(reading: _Reading, value: Node) -> dict[str, Severity]:
    if not isinstance(value, MappingNode):
        raise _Wrong("must consist of `rule: severity` lines")
    severities: dict[str, Severity] = {}
    for rule, written in value.items:
        if rule.text not in reading.rules:
            reading.add(rule.line, f"there is no rule `{shown(rule.text)}`{_near(rule.text, reading.rules)}")
            continue
        severity = written.text if isinstance(written, ScalarNode) else ""
        severity = "off" if severity == "false" else severity
        if rule.text in severities:
            reading.add(rule.line, f"`{rule.text}` is repeated here")
        elif severity not in _SEVERITIES:
            reading.add(written.line, f"`{rule.text}` must be {_or(_SEVERITIES)}")
        else:
            severities[rule.text] = Severity(severity)
    return severities


_SEVERITIES = tuple(severity.value for severity in Severity)
_TEXT: Mapping[str, Any] = {"type": "string", "minLength": 1}
_DURATION: Mapping[str, Any] = {"type": ["string", "number"], "pattern": r"^\s*[0-9.]+\s*(us|ms|s|min|h|d)?\s*$"}
_TIMEOUT: Mapping[str, Any] = {
    "anyOf": [{"type": "string", "pattern": r"^\s*([0-9.]+\s*(us|ms|s|min|h|d)|0|off)\s*$"}, {"const": 0}]
}
_SIZE: Mapping[str, Any] = {"type": ["string", "integer"], "pattern": r"^[0-9]+\s*(B|kB|MB|GB|TB)?$", "minimum": 0}
_ROWS: Mapping[str, Any] = {"type": ["integer", "string"], "pattern": r"^[0-9][0-9_]*$", "minimum": 0}


def _strings(*choices: str) -> Mapping[str, Any]:
    return {"type": "string", "enum": list(choices)}


THRESHOLDS = (
    _Option("reads_blocked_warning", _duration, _DURATION, "reads and writes blocked this long: a warning", "1s"),
    _Option("reads_blocked_danger", _duration, _DURATION, "reads and writes blocked this long: a danger", "5s"),
    _Option("writes_blocked_warning", _duration, _DURATION, "writes blocked this long: a warning", "5s"),
    _Option("writes_blocked_danger", _duration, _DURATION, "writes blocked this long: a danger", "30s"),
    _Option("small_rows", _count, _ROWS, "below this and small_bytes, blocking is a note", "10_000"),
    _Option("small_bytes", _size, _SIZE, "below this and small_rows, blocking is a note", "10MB"),
    _Option("assumed_rows", _count, _ROWS, "what a table of unknown size is judged as", "10_000_000"),
    _Option("long_lock_timeout", _duration, _DURATION, "a lock_timeout above this protects nobody", "10s"),
)

OPTIONS = (
    _Option("enabled", _truth, {"type": "boolean"}, "false: the check says so and passes", "true"),
    _Option(
        "migrations",
        _texts,
        {"type": "array", "items": _TEXT},
        "globs of the migration files; none: they are recognised",
        "[]",
    ),
    _Option(
        "start_after",
        _text,
        {"type": ["string", "integer"]},
        "leave migrations up to this version alone",
        "# 20240101000000",
    ),
    _Option("framework", _text, _TEXT, "the migration tool; none: it is recognised", "# dbmate"),
    _Option(
        "transaction",
        _truth,
        {"type": "boolean"},
        "whether the tool wraps a file in one transaction, where the file does not say",
        "# true",
    ),
    _Option(
        "postgres",
        _major,
        {"type": ["integer", "number", "string"]},
        "the server's major version, where no replica says it",
        "# 16",
    ),
    _Option("statement_timeout", _timeout, _TIMEOUT, "what the migration role runs under; 0 is off", "# 60s"),
    _Option("lock_timeout", _timeout, _TIMEOUT, "what the migration role runs under; 0 is off", "# 5s"),
    _Option(
        "thresholds",
        _thresholds,
        {
            "type": "object",
            "additionalProperties": False,
            "properties": {option.key: dict(option.schema) for option in THRESHOLDS},
        },
        "what counts as long, and as small",
        "",
        inside=THRESHOLDS,
    ),
    _Option(
        "rules",
        _severities,
        {"type": "object", "additionalProperties": _strings(*_SEVERITIES)},
        "off, note, warning or danger, by rule",
        "{}",
    ),
    _Option(
        "require",
        _items,
        {"type": "array", "items": _strings(*ITEMS), "uniqueItems": True},
        "checklist items that must not be open",
        "[statements-read]",
    ),
    _Option(
        "disclose_sizes",
        _one_of("exact", "bucket", "none"),
        _strings("exact", "bucket", "none"),
        "how sizes are shown; none given: exact in private repositories, bucket in public ones",
        "# bucket",
    ),
    _Option(
        "on_error",
        _on_error,
        _strings("action_required", "neutral", "fail", "failure"),
        "what the check concludes where something could not be judged: action_required, neutral (which passes) or fail",
        "action_required",
    ),
    _Option(
        "mode",
        _one_of("enforce", "observe"),
        _strings("enforce", "observe"),
        "observe: say everything, block nothing",
        "enforce",
    ),
)


def _schema_of(option: _Option, rules: list[str]) -> dict[str, Any]:
    described = {"description": option.says, **option.schema}
    if option.key == "rules" and rules:
        described["propertyNames"] = {"enum": rules}
    return described


def _example_of(option: _Option, indent: str = "") -> Iterator[str]:
    yield f"{indent}# {option.says}"
    if option.inside:
        yield f"{indent}{option.key}:"
        for inner in option.inside:
            yield from _example_of(inner, indent + "  ")
    elif option.shown.startswith("# "):
        yield f"{indent}# {option.key}: {option.shown[2:]}"
    else:
        yield f"{indent}{option.key}: {option.shown}"


def _text_of(value: Node, otherwise: str) -> str:
    if not isinstance(value, ScalarNode):
        raise _Wrong(otherwise, value.line)
    return value.text


def _near(written: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(written[:80], known, n=3, cutoff=0.6)
    return f"; did you mean {_or(tuple(f'`{name}`' for name in close))}?" if close else ""


def _or(choices: tuple[str, ...]) -> str:
    return choices[0] if len(choices) == 1 else f"{', '.join(choices[:-1])} or {choices[-1]}"
