"""Whole comments, check runs and answers as a user reads them: `MIGSAFE_GOLDEN=write` writes them again."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.core.judging.allowing import IN_FILE
from bot.core.judging.analysis import Analysis
from bot.core.language.locks import LockMode
from bot.core.language.migrations import Lines
from bot.report import check_run, configuration, explain, plan, text
from bot.report.comment import review
from bot.report.configuration import BrokenFile
from bot.report.disclosure import OWNER, Disclosure
from bot.report.phrases import lines
from bot.report.shapes import CheckOutput
from bot.review.judge import complete
from bot.rules import RULES
from tests.support import analyses, rule_pages

_FOLDER = Path(__file__).parent / "golden"


def _review(analysis: Analysis, disclosure: Disclosure = Disclosure.EXACT) -> str:
    found = review(analysis, (), disclosure, {analyses.PATH: [Lines(1, 10)]}, analyses.EXPLANATIONS)
    assert found is not None
    parts = [found.body]
    parts += [
        f"#### {comment.path}, {lines(Lines(comment.first_line, comment.last_line))}\n\n{comment.body}"
        for comment in found.comments
    ]
    return "\n\n---\n\n".join(parts)


def _check(output: CheckOutput) -> str:
    marks = "\n".join(
        f"- {mark.level} {mark.path}:{mark.first_line}-{mark.last_line}: {mark.title}" for mark in output.annotations
    )
    parts = [f"{output.conclusion.value}: {output.title}", output.summary, output.text, marks]
    return "\n\n---\n\n".join(part for part in parts if part)


def _checked(analysis: Analysis, disclosure: Disclosure = Disclosure.EXACT) -> str:
    return _check(check_run.check_output(analysis, disclosure))


_BROKEN = BrokenFile(".github/migsafe.yml", [(7, "unknown option `require_`; did you mean `require`?")])


def _clash(rule: str, example: int = 0) -> Analysis:
    """A flagged example of the rule's page."""
    page = next(one for one in RULES if one.id == rule)
    return complete([rule_pages.analysed(rule_pages.examples(page, "flagged")[example])])


_GOLDENS: dict[str, Callable[[], str]] = {
    "review of the incident": lambda: _review(analyses.incident()),
    "review of the incident, sizes in buckets": lambda: _review(analyses.incident(), Disclosure.BUCKET),
    "check run of the incident": lambda: _checked(analyses.incident()),
    "check run of a concurrent build": lambda: _checked(analyses.safe()),
    "check run of what could not be read": lambda: _checked(analyses.unread()),
    "check run with everything accepted": lambda: _checked(analyses.allowed()),
    "check run, configuration error": lambda: _check(
        configuration.broken_by_proposal(check_run.no_migrations(), [_BROKEN], observed=False)
    ),
    "check run, configuration error on the base": lambda: _check(
        configuration.with_notes(
            check_run.no_migrations(),
            [
                configuration.broken_on_base(
                    _BROKEN, configuration.last_valid(_BROKEN.path, "a" * 40, "2026-05-16T10:00:00Z")
                )
            ],
        )
    ),
    "check run with a danger accepted and one open": lambda: _checked(analyses.partly_allowed()),
    "check run with an item acknowledged": lambda: _checked(analyses.acknowledged()),
    "check run with acceptances that do not count": lambda: _checked(analyses.uncounted()),
    "text with everything accepted in the file": lambda: text.render(analyses.allowed(IN_FILE)),
    "check run, internal error": lambda: _check(check_run.internal_error("9f2c41")),
    "explain a finding": lambda: explain.explain_finding(
        analyses.incident().findings[0], analyses.incident(), OWNER, analyses.EXPLANATIONS["generated-column-rewrite"]
    ),
    "explain a lock": lambda: explain.explain_lock(LockMode.ACCESS_EXCLUSIVE),
    "explain SQL": lambda: explain.explain_statement(analyses.safe(), OWNER),
    "explain unsafe SQL": lambda: explain.explain_statement(analyses.incident(), OWNER),
    "check run of two of one version": lambda: _checked(_clash("duplicate-version", 1)),
    "check run of what another drops": lambda: _checked(_clash("dropped-elsewhere")),
    "check run of what another needs": lambda: _checked(_clash("needed-elsewhere")),
    "check run of opposite lock orders": lambda: _checked(_clash("opposite-lock-order")),
    "check run of a merged migration that is edited": lambda: _checked(_clash("merged-migration-changed")),
    "check run of a second head": lambda: _checked(_clash("second-head")),
    "review of two of one version": lambda: _review(_clash("duplicate-version", 1)),
    "plan of the incident": lambda: plan.plan(analyses.incident(), OWNER),
    "text of the incident": lambda: text.render(analyses.incident()),
}


@pytest.mark.parametrize("name", _GOLDENS)
def test_reads_as_agreed(name: str) -> None:
    path = _FOLDER / f"{name.replace(',', '').replace(' ', '_')}.md"
    written = _GOLDENS[name]().rstrip("\n") + "\n"
    if os.environ.get("MIGSAFE_GOLDEN") == "write":
        path.write_text(written, "utf-8")
    assert written == path.read_text("utf-8"), (
        "MIGSAFE_GOLDEN=write writes it again: read it aloud before you commit it"
    )


def test_no_golden_is_left_over() -> None:
    assert {path.stem for path in _FOLDER.glob("*.md")} >= {
        name.replace(",", "").replace(" ", "_") for name in _GOLDENS
    }
