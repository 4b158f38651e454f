"""Reads `.github/migsafe.yml` into a policy, or refuses it with the line of everything that is wrong.

The file comes from a repository: it is data, of limited size and depth, without aliases or tags. One table of
options defines how the file is read, the JSON schema and the example.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from bot.core.judging.checklist import ITEMS
from bot.core.judging.findings import Severity
from bot.core.judging.policy import AcceptPolicy, Policy, Thresholds
from bot.review.config_paths import PATHS
from bot.review.config_values import (
    DURATION,
    ROWS,
    SIZE,
    TEXT,
    TIMEOUT,
    TIMEOUT_SET,
    Option,
    Reading,
    WrongValue,
    accounts,
    count,
    duration,
    either,
    items,
    lifetime,
    lock_timeout,
    major,
    near,
    on_error,
    one_of,
    rule_ids,
    size,
    strings,
    teams,
    text,
    texts,
    timeout,
    truth,
)
from bot.review.config_yaml import MappingNode, Node, ScalarNode, compose, shown
from bot.review.errors import ConfigError, Problem


def read(content: bytes | str, *, rules: Collection[str], source: str = PATHS[0]) -> Policy:
    """The policy in the file; raises ConfigError. `rules` are the known ids; the check names `source`."""
    root = compose(content)
    if root is None:
        return replace(Policy(), source=source)
    if not isinstance(root, MappingNode):
        raise ConfigError((Problem(root.line, "the file must consist of `option: value` lines"),))
    reading = Reading(rules)
    values = dict(reading.options(root, OPTIONS))
    if reading.problems:
        raise ConfigError(tuple(sorted(reading.problems, key=lambda problem: problem.line))[:_MOST_PROBLEMS])
    thresholds = replace(Thresholds(), **values.pop("thresholds", {}))
    accept = replace(AcceptPolicy(), **values.pop("accept", {}))
    return replace(Policy(), **values, thresholds=thresholds, accept=accept, source=source)


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


_MOST_PROBLEMS = 20


def _accept(reading: Reading, value: Node) -> dict[str, Any]:
    if not isinstance(value, MappingNode):
        raise WrongValue("must consist of `option: value` lines")
    return dict(reading.options(value, ACCEPT))


def _thresholds(reading: Reading, value: Node) -> dict[str, Any]:
    if not isinstance(value, MappingNode):
        raise WrongValue("must consist of `threshold: value` lines")
    return dict(reading.options(value, THRESHOLDS))


def _severities(reading: Reading, value: Node) -> dict[str, Severity]:
    if not isinstance(value, MappingNode):
        raise WrongValue("must consist of `rule: severity` lines")
    severities: dict[str, Severity] = {}
    for rule, written in value.items:
        if rule.text not in reading.rules:
            reading.add(rule.line, f"there is no rule `{shown(rule.text)}`{near(rule.text, reading.rules)}")
            continue
        severity = written.text if isinstance(written, ScalarNode) else ""
        severity = "off" if severity == "false" else severity
        if rule.text in severities:
            reading.add(rule.line, f"`{rule.text}` is repeated here")
        elif severity not in _SEVERITIES:
            reading.add(written.line, f"`{rule.text}` must be {either(_SEVERITIES)}")
        else:
            severities[rule.text] = Severity(severity)
    return severities


_SEVERITIES = tuple(severity.value for severity in Severity)
THRESHOLDS = (
    Option("reads_blocked_warning", duration, DURATION, "reads and writes blocked this long: a warning", "1s"),
    Option("reads_blocked_danger", duration, DURATION, "reads and writes blocked this long: a danger", "5s"),
    Option("writes_blocked_warning", duration, DURATION, "writes blocked this long: a warning", "5s"),
    Option("writes_blocked_danger", duration, DURATION, "writes blocked this long: a danger", "30s"),
    Option("small_rows", count, ROWS, "below this and small_bytes, blocking is a note", "10_000"),
    Option("small_bytes", size, SIZE, "below this and small_rows, blocking is a note", "10MB"),
    Option("assumed_rows", count, ROWS, "what a table of unknown size is judged as", "10_000_000"),
    Option("long_lock_timeout", duration, DURATION, "a lock_timeout above this protects nobody", "10s"),
)

_LIST: dict[str, Any] = {"type": "array", "items": TEXT, "uniqueItems": True}
ACCEPT = (
    Option(
        "permission",
        one_of("write", "maintain", "admin"),
        strings("write", "maintain", "admin"),
        "the permission that accepting a danger or a required item needs: write, maintain or admin",
        "write",
    ),
    Option("users", accounts, _LIST, "only these accounts may, beside `teams`; none of both: everybody", "[]"),
    Option(
        "teams", teams, _LIST, "only members of these teams may, such as acme/dba; the App needs to read members", "[]"
    ),
    Option("author", truth, {"type": "boolean"}, "false: somebody other than the author must accept", "true"),
    Option("never", rule_ids, _LIST, "rules whose dangers nobody may accept", "[]"),
    Option(
        "expires",
        lifetime,
        {"type": "string", "pattern": r"^\s*[0-9.]+\s*(s|min|h|d)\s*$"},
        "how long an acceptance lasts; none: until the statement changes",
        "# 14d",
    ),
)

OPTIONS = (
    Option("enabled", truth, {"type": "boolean"}, "false: the check says so and passes", "true"),
    Option(
        "migrations",
        texts,
        {"type": "array", "items": TEXT},
        "globs of the migration files; none: they are recognised",
        "[]",
    ),
    Option(
        "start_after",
        text,
        {"type": ["string", "integer"]},
        "leave migrations up to this version alone",
        "# 20240101000000",
    ),
    Option("framework", text, TEXT, "the migration tool; none: it is recognised", "# dbmate"),
    Option(
        "transaction",
        truth,
        {"type": "boolean"},
        "whether the tool wraps a file in one transaction, where the file does not say",
        "# true",
    ),
    Option(
        "postgres",
        major,
        {"type": ["integer", "number", "string"]},
        "the server's major version, where no replica says it",
        "# 16",
    ),
    Option("statement_timeout", timeout, TIMEOUT, "what the migration role runs under; 0 is off", "# 60s"),
    Option("lock_timeout", timeout, TIMEOUT, "what the migration role runs under; 0 is off", "# 5s"),
    Option(
        "rewrite_lock_timeout",
        lock_timeout,
        TIMEOUT_SET,
        "what a step of a safe rewrite waits for a lock that others queue behind; a shorter lock_timeout wins",
        "1s",
    ),
    Option(
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
    Option(
        "rules",
        _severities,
        {"type": "object", "additionalProperties": strings(*_SEVERITIES)},
        "off, note, warning or danger, by rule",
        "{}",
    ),
    Option(
        "require",
        items,
        {"type": "array", "items": strings(*ITEMS), "uniqueItems": True},
        "checklist items that must not be open",
        "[statements-read]",
    ),
    Option(
        "accept",
        _accept,
        {
            "type": "object",
            "additionalProperties": False,
            "properties": {option.key: {"description": option.says, **option.schema} for option in ACCEPT},
        },
        "who may accept a danger, and for how long",
        "",
        inside=ACCEPT,
    ),
    Option(
        "disclose_sizes",
        one_of("exact", "bucket", "none"),
        strings("exact", "bucket", "none"),
        "how sizes are shown; none given: exact in private repositories, bucket in public ones",
        "# bucket",
    ),
    Option(
        "on_error",
        on_error,
        strings("action_required", "neutral", "fail", "failure"),
        "what the check concludes where something could not be judged: action_required, neutral (which passes) or fail",
        "action_required",
    ),
    Option(
        "mode",
        one_of("enforce", "observe"),
        strings("enforce", "observe"),
        "observe: say everything, block nothing",
        "enforce",
    ),
)


def _schema_of(option: Option, rules: list[str]) -> dict[str, Any]:
    described = {"description": option.says, **option.schema}
    if option.key == "rules" and rules:
        described["propertyNames"] = {"enum": rules}
    return described


def _example_of(option: Option, indent: str = "") -> Iterator[str]:
    yield f"{indent}# {option.says}"
    if option.inside:
        yield f"{indent}{option.key}:"
        for inner in option.inside:
            yield from _example_of(inner, indent + "  ")
    elif option.shown.startswith("# "):
        yield f"{indent}# {option.key}: {option.shown[2:]}"
    else:
        yield f"{indent}{option.key}: {option.shown}"
