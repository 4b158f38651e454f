"""The rules reference agrees with the rules."""

from bot.report.rules_reference import reference
from bot.rules import RULES
from tests.support.places import ROOT

_PAGE = ROOT / "bot" / "rules" / "README.md"


def test_the_rules_reference_is_up_to_date() -> None:
    assert _PAGE.read_text("utf-8") == reference(RULES), "`migsafe rules --write` writes it anew"


def test_every_rule_begins_with_a_sentence_and_goes_on_to_explain() -> None:
    for rule in RULES:
        title, _, body = rule.explanation.partition("\n")
        assert title.endswith("."), rule.id
        assert body.strip(), rule.id
