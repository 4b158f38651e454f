"""`.github/migsafe.yml`: what a repository may set, and the messages for its mistakes."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.judging.findings import Severity
from bot.core.judging.policy import AcceptPolicy, Thresholds
from bot.review import config, config_values
from bot.review.config import Policy, read
from bot.review.errors import ConfigError, Problem

RULES = ("drop-column", "set-not-null", "index-without-concurrently")
SCHEMA = Path(config.__file__).with_name("config_schema.json")


def refused(content: str | bytes) -> list[tuple[int, str]]:
    with pytest.raises(ConfigError) as caught:
        read(content, rules=RULES)
    return [(problem.line, problem.message) for problem in caught.value.problems]


@pytest.mark.parametrize("content", ["", "# nothing yet\n", "---\n", "~", "enabled:\n"])
def test_nothing_said_is_the_default(content: str) -> None:
    assert read(content, rules=RULES, source="x") == Policy(source="x")


def test_the_example_shows_every_option_with_its_default() -> None:
    assert read(config.example(), rules=RULES, source="x") == Policy(source="x")
    for option in (*config.OPTIONS, *config.THRESHOLDS, *config.ACCEPT):
        assert f"{option.key}:" in config.example()


@pytest.mark.parametrize(
    ("written", "meant"),
    [("action_required", "action_required"), ("neutral", "neutral"), ("fail", "fail"), ("failure", "fail")],
)
def test_what_an_error_concludes_is_said_in_one_word(written: str, meant: str) -> None:
    assert read(f"on_error: {written}\n", rules=RULES).on_error == meant


def test_everything_that_can_be_said() -> None:
    written = """
enabled: false
migrations: ["db/migrations/*.sql", other/**]
start_after: 20240101000000
framework: dbmate
transaction: true
postgres: 16.4
statement_timeout: 1min
lock_timeout: 500 ms
rewrite_lock_timeout: 1500ms
thresholds: {reads_blocked_danger: 10s, writes_blocked_danger: 90, small_rows: 5_000, small_bytes: 512kB}
rules:
  drop-column: off
  set-not-null: "warning"
require: [statements-read, timed]
accept:
  permission: maintain
  users: [ada, "@grace-h"]
  teams: acme/dba
  author: false
  never: [drop-column]
  expires: 14d
disclose_sizes: none
on_error: fail
mode: observe
"""
    assert read(written.encode(), rules=RULES, source="x") == Policy(
        enabled=False,
        migrations=("db/migrations/*.sql", "other/**"),
        start_after="20240101000000",
        framework="dbmate",
        transaction=True,
        postgres=16,
        statement_timeout=60.0,
        lock_timeout=0.5,
        rewrite_lock_timeout=1.5,
        thresholds=Thresholds(
            reads_blocked_danger=10.0, writes_blocked_danger=90.0, small_rows=5000, small_bytes=512 * 1024
        ),
        rules={"drop-column": Severity.OFF, "set-not-null": Severity.WARNING},
        require=("statements-read", "timed"),
        accept=AcceptPolicy(
            permission="maintain",
            users=("ada", "grace-h"),
            teams=("acme/dba",),
            author=False,
            never=("drop-column",),
            expires=14 * 86400.0,
        ),
        disclose_sizes="none",
        on_error="fail",
        mode="observe",
        source="x",
    )


def test_every_mistake_is_named_with_its_line() -> None:
    found = refused("mode: loose\n\nrules:\n  drop-colum: off\n  set-not-null: fatal\nrequire: [timd]\nenbled: true\n")
    assert [line for line, _ in found] == [1, 4, 5, 6, 7]
    assert "did you mean `drop-column`" in found[1][1]
    assert "did you mean `timed`" in found[3][1]
    assert "did you mean `enabled`" in found[4][1]


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        ("statement_timeout: 60", 1, "unit"),
        ("lock_timeout: soon", 1, "500ms"),
        ("enabled: yes", 1, "true or false"),
        ("enabled: [true]", 1, "true or false"),
        ("postgres: 9.6", 1, "from 12"),
        ("postgres: new", 1, "version"),
        ("migrations: {a: b}", 1, "list"),
        ("migrations: [[a]]", 1, "text items"),
        ("rules: off", 1, "rule: severity"),
        ("thresholds: 5s", 1, "threshold: value"),
        ("rewrite_lock_timeout: 0", 1, "at least 1ms"),
        ("rewrite_lock_timeout: off", 1, "at least 1ms"),
        ("thresholds:\n  small_bytes: 5 parsecs", 2, "size"),
        ("thresholds:\n  small: 5", 2, "unknown option"),
        ("mode: enforce\nmode: observe", 2, "already on line 1"),
        ("- enabled", 1, "option: value"),
        ("just words", 1, "option: value"),
        ("enabled: true\n\tmode: observe", 2, "not YAML"),
        ("a: b: c", 1, "not YAML"),
        ("enabled: true\n---\nenabled: false", 2, "second document"),
        ("? [a]\n: b", 1, "key"),
        ("framework: ''", 1, "empty"),
        ("accept: maintain", 1, "option: value"),
        ("accept:\n  permission: read", 2, "write, maintain or admin"),
        ("accept:\n  users:\n    - ada\n    - ada lovelace", 4, "an account of GitHub"),
        ("accept:\n  teams: [dba]", 2, "acme/dba"),
        ("accept:\n  never: [drop-colum]", 2, "did you mean `drop-column`"),
        ("accept:\n  expires: 14", 2, "14d"),
        ("accept:\n  expires: 0", 2, "14d"),
        ("accept:\n  expire: 14d", 2, "did you mean `expires`"),
        (f"accept:\n  users: [{', '.join(f'u{number}' for number in range(60))}]", 2, "at most 50"),
    ],
)
def test_a_mistake(content: str, line: int, says: str) -> None:
    (found,) = refused(content)
    assert found[0] == line
    assert says in found[1]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", id="aliases"),
        pytest.param("mode: !!python/object/apply:os.system [true]", id="tag"),
        pytest.param("migrations: " + "[" * 5000 + "]" * 5000, id="depth"),
        pytest.param("migrations: " + "[" * 20000, id="depth never closed"),
        pytest.param("x" * 70_000, id="size"),
        pytest.param("{" * 60_000, id="depth of mappings"),
        pytest.param("a: [" + "x, " * 20_000, id="a long list never closed"),
        pytest.param("".join(f"k{number}: 1\n" for number in range(6_000)), id="many unknown options"),
        pytest.param("accept:\n  users: [" + ", ".join(["x y"] * 12_000) + "]", id="many wrong names"),
        pytest.param(b"mode: \xff\xfe", id="not UTF-8"),
        pytest.param("mode: \x07", id="control character"),
    ],
)
def test_a_hostile_file_is_refused(content: str | bytes) -> None:
    assert refused(content)


def test_words_of_the_file_do_not_break_out_of_the_message() -> None:
    ((_, message),) = refused('"a`b\\nc": 1')
    assert message.count("`") == 2
    assert "\n" not in message


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("5s", 5.0),
        ("500ms", 0.5),
        ("1.5min", 90.0),
        ("2h", 7200.0),
        ("1d", 86400.0),
        ("0", 0.0),
        ("off", 0.0),
        ("5", None),
        ("5 sec", None),
        ("-5s", None),
        ("", None),
    ],
)
def test_durations_are_in_postgresqls_units(written: str, found: float | None) -> None:
    assert config_values.seconds(written) == found


def test_the_schema_is_the_one_in_the_repository() -> None:
    assert json.loads(SCHEMA.read_text()) == config.schema()


def test_the_schema_knows_every_option() -> None:
    schema = config.schema(RULES)
    assert set(schema["properties"]) == {option.key for option in config.OPTIONS}
    thresholds = schema["properties"]["thresholds"]["properties"]
    assert set(thresholds) == set(Thresholds.__dataclass_fields__)
    assert schema["properties"]["rules"]["propertyNames"] == {"enum": sorted(RULES)}


def test_every_field_of_a_policy_can_be_set() -> None:
    assert {option.key for option in config.OPTIONS} == set(Policy.__dataclass_fields__) - {"source"}


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(content: str) -> None:
    assert_read_or_refused(content)


@given(st.sampled_from([option.key for option in config.OPTIONS]), st.text("[]{}:,'\"*&!| \n-0as", max_size=20))
def test_any_value_is_read_or_refused(key: str, value: Any) -> None:
    assert_read_or_refused(f"{key}: {value}")


def assert_read_or_refused(content: str) -> None:
    problems: tuple[Problem, ...] = ()
    try:
        assert isinstance(read(content, rules=RULES), Policy)
    except ConfigError as error:
        problems = error.problems
    assert all(problem.line >= 1 and problem.message for problem in problems)
