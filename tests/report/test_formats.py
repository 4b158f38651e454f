"""The other ways to show an analysis: explanations, SARIF, workflow commands, text, plan, reference."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.judging.analysis import analyse
from bot.core.judging.findings import Allowed
from bot.core.judging.framework import Files, SourceFile
from bot.core.judging.policy import Policy
from bot.core.judging.rule import Rule
from bot.core.language import operations as op
from bot.core.language.facts import Effects, Failure, InTransaction, RowChange
from bot.core.language.locks import LockMode
from bot.core.language.messages import say, verbatim
from bot.core.language.names import Name
from bot.frameworks import framework_named
from bot.report import explain, github_annotations, plan, rules_reference, runbook, sarif, text, timeline
from bot.report.disclosure import OWNER
from bot.report.markdown import length
from bot.review.judge import Sql, judge_sql
from tests.support import analyses

RULES = tuple(
    Rule(id, explanation.strip(), (op.CreateIndex,), lambda *_: ())  # type: ignore[call-arg]
    for id, explanation in analyses.EXPLANATIONS.items()
)


@pytest.mark.parametrize(
    ("topic", "meaning"),
    [
        ("index-without-concurrently", RULES[1]),
        ("index_without_concurrently", RULES[1]),
        ("`Index-Without-Concurrently`", RULES[1]),
        ("AccessExclusiveLock", LockMode.ACCESS_EXCLUSIVE),
        ("access exclusive", LockMode.ACCESS_EXCLUSIVE),
        ("SHARE lock", LockMode.SHARE),
        ("share update exclusive mode", LockMode.SHARE_UPDATE_EXCLUSIVE),
        ("ALTER TABLE a\n  ADD b int", "ALTER TABLE a\n  ADD b int"),
    ],
)
def test_a_topic_is_a_rule_or_a_lock_mode_or_sql(topic: str, meaning: object) -> None:
    assert explain.resolve(topic, RULES) == meaning


def test_an_unknown_topic_is_answered_with_what_is_near() -> None:
    answer = explain.unknown_topic("index-concurrently", RULES)
    assert "`index-without-concurrently`" in answer
    assert "not SQL" in answer


@pytest.mark.parametrize("part", ["generated column", "Generated_Column", "`generated-column-rewrite`", "rewrite"])
def test_a_part_of_a_name_that_one_rule_has_means_that_rule(part: str) -> None:
    assert explain.rule_meant(part, RULES) == RULES[0]


@pytest.mark.parametrize("part", ["", "`", "column-rewritten", "generate"])
def test_what_is_no_part_of_a_name_means_no_rule(part: str) -> None:
    assert explain.rule_meant(part, RULES) is None


def test_what_an_example_rests_on_is_said_in_words() -> None:
    marks = "-- given: CREATE INDEX i ON t (a)\n-- invalid: i\n-- rows: t 10\n-- postgres: 16\n-- transaction: no\n"
    example = f"Title.\n\n```sql allowed\n{marks}-- setting: lock_timeout 5s\nDROP INDEX i;\n```"
    assert explain.why(example).splitlines() == [
        "```sql",
        "-- after CREATE INDEX i ON t (a)",
        "-- while i is INVALID",
        "-- outside a transaction",
        "-- while lock_timeout is 5s",
        "DROP INDEX i;",
        "```",
    ]


def test_a_runbook_that_is_too_long_says_what_is_left_out_and_keeps_its_frame() -> None:
    statements = "".join(f"COMMENT ON TABLE t IS '{'x' * 400} {number}';\n" for number in range(200))
    file = SourceFile("db/migrations/1_a.sql", f"-- migrate:up\n{statements}-- migrate:down\n")
    analysis = analyse(framework_named("dbmate").read(Files(changed=[file])), None, Policy(), ())
    page = runbook.page(analysis, OWNER)
    assert "/migsafe runbook" not in page
    assert "Its 200 statements are too long for this place: they stand in the file." in page
    assert "-- here the 200 statements of lines 2 to 201, as they stand in the file" in page
    assert page.index("BEGIN;") < page.index("-- here") < page.index("COMMIT;")


def test_an_explanation_says_how_much_of_a_statement_it_leaves_out() -> None:
    columns = ", ".join(f"column_number_{number} int" for number in range(400))
    analysis = judge_sql(Sql(f"CREATE TABLE wide ({columns})", None))
    assert analysis is not None
    assert re.search(r"\(The statement has [\d,]+ more characters\.\)", explain.explain_statement(analysis, OWNER))


def test_a_rules_page_shows_its_examples_without_what_the_tests_need() -> None:
    page = explain.explain_rule(RULES[0])
    assert "**Adding a stored generated column rewrites the table" in page
    assert "```sql\nALTER TABLE events ADD COLUMN" in page
    assert "given:" not in page
    assert "rewritten" not in page


@pytest.mark.parametrize("mode", LockMode, ids=lambda mode: mode.value)
def test_every_lock_mode_is_explained_by_whom_it_makes_wait(mode: LockMode) -> None:
    page = explain.explain_lock(mode)
    assert mode.value in page
    assert mode.sql in page
    waits = f"{mode.blocks} of that table wait" if mode.blocks_writes else "Reads and writes go on"
    assert waits in page


def test_a_finding_is_explained_with_what_its_statement_does() -> None:
    analysis = analyses.incident()
    page = explain.explain_finding(
        analysis.findings[0], analysis, OWNER, analyses.EXPLANATIONS["generated-column-rewrite"]
    )
    assert "Reads and writes of `events` wait until the transaction ends (`AccessExclusiveLock`)." in page
    assert "The time is estimated from 2.1 GB of heap" in page
    assert "stays locked until the transaction ends, after line 7" in page


def test_effects_are_sentences() -> None:
    timed = analyses.safe().timeline[0]
    effects = Effects(
        failures=(
            Failure("23502", say("column `a` contains null values"), certain=False, condition=say("`a` has NULLs")),
        ),
        rows=(RowChange(Name("child"), "SET NULL", "child_fk", Name("parent"), indexed=False),),
        in_transaction=InTransaction.REFUSED,
        assumptions=(say("the size is not known"),),
    )
    assert explain.effects_in_words(replace(timed, effects=effects, estimate=None), OWNER) == (
        "It fails if `a` has NULLs (23502).",
        "The foreign key `child_fk` carries it to `child` (SET NULL), reading the whole table for each row, since no "
        "index helps.",
        "PostgreSQL refuses it inside a transaction.",
        "Assumed: the size is not known.",
    )


def test_a_statement_that_touches_nothing_says_so() -> None:
    assert explain.effects_in_words(analyses.incident().timeline[0], OWNER) == ("It touches no table.",)


def test_the_terminal_shows_the_same_words() -> None:
    shown = explain.to_terminal("### `a`\n\n**Bold** and `code`, statement_timeout\n\n```sql\nSELECT `x`;\n```")
    assert shown == "a\n\nBold and code, statement_timeout\n\n    SELECT `x`;"


def test_the_timeline_leaves_out_what_is_held_already() -> None:
    entries = timeline.entries(analyses.incident())
    assert [(one.statement.lines.first, one.mode) for one in entries] == [(4, LockMode.ACCESS_EXCLUSIVE)]
    assert [later.lines.first for later in entries[0].through] == [6, 7]


def test_the_timeline_tells_of_an_index_only_where_that_alone_stops_reading() -> None:
    before = analyses.incident()
    timed = before.timeline[1]
    only_index = replace(timed, holds=timed.holds[1:])
    entries = timeline.entries(replace(before, timeline=(before.timeline[0], only_index, *before.timeline[2:])))
    assert entries[0].relation == analyses.EVENTS_PKEY


def test_what_runs_concurrently_locks_an_index_that_nobody_uses_any_more() -> None:
    before = analyses.safe()
    own = before.timeline[0]
    index = replace(own.holds[0], relation=analyses.BODY_INDEX, mode=LockMode.ACCESS_EXCLUSIVE, index=True)
    analysis = replace(before, timeline=(replace(own, holds=(*own.holds, index)),))
    assert [one.relation for one in timeline.entries(analysis)] == [analyses.EVENTS]


def test_a_long_transaction_is_described_shortly() -> None:
    before = analyses.incident()
    hold = replace(before.timeline[1].holds[0], last=9)
    more = tuple(replace(before.timeline[3], holds=()) for _ in range(6))
    first = replace(before.timeline[1], holds=(hold,))
    shown = timeline.as_table(replace(before, timeline=(before.timeline[0], first, *before.timeline[2:], *more)), OWNER)
    assert "until the transaction ends, after 8 more statements" in shown


def test_sarif_has_levels_places_and_suppressions() -> None:
    accepted = replace(analyses.incident().findings[1], allowed=Allowed("ada", "why", 3))
    analysis = replace(analyses.unread(), findings=(analyses.incident().findings[0], accepted))
    document = json.loads(sarif.render(analysis, RULES, "1.0"))
    (run,) = document["runs"]
    danger, warning, unread = run["results"]
    assert (danger["level"], warning["level"], unread["level"]) == ("error", "warning", "warning")
    assert danger["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": analyses.PATH},
        "region": {"startLine": 4, "endLine": 5},
    }
    assert warning["suppressions"] == [{"kind": "inSource", "status": "accepted", "justification": "why"}]
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} >= {one["ruleId"] for one in run["results"]}
    assert document["version"] == "2.1.0"


def test_workflow_commands_come_worst_first_and_tell_what_was_accepted_as_a_notice() -> None:
    commands = github_annotations.render(analyses.incident()).splitlines()
    assert [line.partition(" ")[0] for line in commands] == ["::error", "::warning", "::notice"]
    assert commands[0].startswith(
        f"::error file={analyses.PATH},line=4,endLine=5,title=Adding search rewrites events::"
    )
    accepted = github_annotations.render(analyses.allowed()).splitlines()
    assert [line.partition(" ")[0] for line in accepted] == ["::notice", "::notice"]
    assert "title=Accepted by ada%3A a danger::" in accepted[0]
    assert accepted[0].endswith("Reason: the table is locked for the night anyway")


@given(st.text(), st.text(min_size=1))
def test_a_workflow_command_is_one_line_that_nothing_breaks_out_of(message: str, path: str) -> None:
    danger = analyses.incident().findings[0]
    hostile = replace(
        danger, message=verbatim(message), title=verbatim(message), statement=replace(danger.statement, path=path)
    )
    rendered = github_annotations.render(replace(analyses.incident(), findings=(hostile,)))
    (line,) = rendered.split("\n")[:-1]
    assert "\r" not in line
    assert "::" not in line.removeprefix("::error ").partition("::")[0]


@given(st.text())
def test_the_terminal_gets_no_escape_codes_from_a_pull_request(hostile: str) -> None:
    danger = replace(
        analyses.incident().findings[0], title=verbatim(hostile + "\x1b]0;x\x07"), message=verbatim(hostile), files=()
    )
    shown = text.render(replace(analyses.incident(), findings=(danger,)))
    assert not {character for character in shown if ord(character) < 32} - {"\n"}


def test_the_text_can_be_coloured() -> None:
    shown = text.render(analyses.incident(), lambda role, words: f"<{role}>{words}</{role}>")
    assert "<danger>danger</danger>" in shown
    assert "<blocked>Blocked</blocked>" in shown


def test_the_plan_shows_each_step_once_in_order() -> None:
    shown = plan.plan(analyses.incident(), OWNER)
    assert shown.count(analyses.SCRIPT) == 1
    assert shown.index(analyses.PATH) < shown.index(analyses.NEXT) < shown.index(analyses.SCRIPT)
    assert "No safe rewrite is known for:" in shown
    assert plan.plan(analyses.safe(), OWNER) == "There is nothing to rewrite."


def test_a_long_plan_stays_within_a_comment() -> None:
    finding = analyses.incident().findings[0]
    files = tuple(
        replace(file, text="SELECT 1;\n" * 2_000, path=f"{number}.sql")
        for number in range(10)
        for file in finding.files[:1]
    )
    shown = plan.plan(replace(analyses.incident(), findings=(replace(finding, files=files),)), OWNER)
    assert length(shown) <= 65_536
    assert "too long for a comment" in shown


def test_the_reference_has_every_rule_with_its_title() -> None:
    page = rules_reference.reference(RULES)
    for rule in RULES:
        assert f"## {rule.id}\n\n**{rule.title}**" in page
    assert rules_reference.as_text(RULES).count("\n") == len(RULES)
    listed = json.loads(rules_reference.as_json(RULES))
    assert listed[0].keys() == {"id", "title", "explanation", "watches"}
    assert [one["id"] for one in listed] == sorted(one["id"] for one in listed)
