"""Every rule does what its page says: the examples of the pages are run through the whole analysis."""

from pathlib import Path

import pytest

from bot.core.judging.findings import StepKind
from bot.core.judging.framework import PlanSoFar
from bot.core.judging.rule import Rule
from bot.frameworks import framework_named
from bot.rules import RULES, MissingRule, rules_in
from tests.support.rule_pages import Example, analysed, examples, finding, loud, rewrite_of, shown_rewrites

BY_ID = {rule.id: rule for rule in RULES}


def _cases(kind: str) -> list[object]:
    return [
        pytest.param(rule, example, id=f"{rule.id}-{number}")
        for rule in RULES
        for number, example in enumerate(examples(rule, kind), start=1)
    ]


def test_a_file_whose_rule_has_another_name_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "some_rules"
    folder.mkdir()
    (folder / "table_dropped.py").write_text("def table_droped() -> None: ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(MissingRule, match=r"table_dropped\.py has no function table_dropped decorated"):
        rules_in("some_rules", [str(folder)])


@pytest.mark.parametrize(("rule", "example"), _cases("flagged"))
def test_the_flagged_example_is_flagged(rule: Rule, example: Example) -> None:
    analysis = analysed(example)
    assert not analysis.unread
    assert finding(rule, analysis) is not None


@pytest.mark.parametrize(("rule", "example"), _cases("allowed"))
def test_the_allowed_example_is_silent(rule: Rule, example: Example) -> None:
    analysis = analysed(example)
    assert not analysis.unread
    assert finding(rule, analysis) is None
    assert loud(analysis) == []


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if "```sql rewritten" in rule.explanation], ids=lambda one: one.id
)
def test_the_page_shows_the_rewrite_of_the_code(rule: Rule) -> None:
    assert shown_rewrites(rule) == [rewrite_of(rule)]


@pytest.mark.parametrize(("rule", "example"), _cases("flagged"))
def test_the_rewrite_is_clean_under_every_rule(rule: Rule, example: Example) -> None:
    found = finding(rule, analysed(example))
    assert found is not None
    if found.rewrite is None:
        return
    dbmate = framework_named("dbmate")
    like = analysed(example).run.migrations[0]
    rewritten = dbmate.rewritten_file(like, {like.statements.index(found.statement): found.rewrite.steps}, PlanSoFar())
    files = [file for files in rewritten.files.values() for file in files if file.kind is StepKind.MIGRATION]
    assert all(file.path for file in files)
    migrations = [(like.path, rewritten.text)] if rewritten.text is not None else []
    migrations += [(str(file.path), file.text) for file in files]
    before = Example("", example.given, example.rows, example.postgres, invalid=example.invalid, transactional=False)
    again = analysed(before, migrations) if migrations else analysed(before)
    # The example's other statements are unchanged; a column is dropped after a deploy.
    tolerated = {"ddl-without-lock-timeout", "column-dropped-in-use"}
    assert [one.title for one in loud(again) if one.rule not in tolerated] == []


def test_every_page_begins_with_one_sentence_and_shows_what_is_flagged_and_what_is_not() -> None:
    for rule in RULES:
        assert rule.title.endswith("."), rule.id
        assert examples(rule, "flagged"), rule.id
        assert examples(rule, "allowed"), rule.id
        assert len(examples(rule, "rewritten")) <= 1, rule.id


def test_a_rule_is_named_for_its_file() -> None:
    assert "generated-column-rewrite" in BY_ID
    assert all(rule.id == rule.check.__name__.replace("_", "-") for rule in RULES)
