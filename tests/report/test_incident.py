"""The incident from file to words, as users read it: `MIGSAFE_GOLDEN=write` writes the goldens again."""

import os
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.core.judging.analysis import Analysis, analyse, with_checklist
from bot.core.judging.checklist import checklist
from bot.core.judging.framework import Files, SourceFile
from bot.core.judging.policy import Policy
from bot.core.language.migrations import Lines
from bot.core.language.types import Type
from bot.core.schema.catalog import Catalog, CatalogColumn
from bot.frameworks import framework_named
from bot.report import check_run, plan, runbook
from bot.report.comment import review
from bot.report.disclosure import OWNER, Disclosure
from bot.report.markdown import clean, fingerprints_in
from bot.report.phrases import lines
from bot.review.rewriting import with_files
from bot.rules import RULES
from tests.support import analyses

_FOLDER = Path(__file__).parent / "golden" / "incident"
_EXPLANATIONS = {rule.id: rule.explanation for rule in RULES}


def _catalog() -> Catalog:
    known = analyses.catalog()
    columns = (CatalogColumn("id", Type("int8"), not_null=True), CatalogColumn("body", Type("text")))
    events = replace(known.relations[analyses.EVENTS], columns=columns)
    return replace(known, relations={**known.relations, analyses.EVENTS: events})


@cache
def _incident() -> Analysis:
    run = framework_named("dbmate").read(Files(changed=[SourceFile(analyses.PATH, analyses.TEXT)]))
    analysis = with_files(analyse(run, _catalog(), Policy(), RULES))
    return with_checklist(analysis, checklist(analysis))


def _review() -> str:
    found = review(_incident(), (), Disclosure.EXACT, {analyses.PATH: [Lines(1, 10)]}, _EXPLANATIONS)
    assert found is not None
    places = (
        f"#### {lines(Lines(comment.first_line, comment.last_line))}\n\n{comment.body}" for comment in found.comments
    )
    return "\n\n---\n\n".join((found.body, *places))


def _check() -> str:
    output = check_run.check_output(_incident(), Disclosure.EXACT)
    return f"{output.conclusion.value}: {output.title}\n\n---\n\n{output.summary}"


_GOLDENS: dict[str, Callable[[], str]] = {
    "review": _review,
    "check_run": _check,
    "plan": lambda: plan.plan(_incident(), OWNER),
    "runbook": lambda: runbook.page(_incident(), OWNER),
}


@pytest.mark.parametrize("name", _GOLDENS)
def test_the_incident_reads_as_agreed(name: str) -> None:
    path = _FOLDER / f"{name}.md"
    written = clean(_GOLDENS[name]()).rstrip("\n") + "\n"
    if os.environ.get("MIGSAFE_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(written, "utf-8")
    assert written == path.read_text("utf-8"), (
        "MIGSAFE_GOLDEN=write writes it again: read it aloud before you commit it"
    )


_HOSTILE = [
    "a` @octocat `b",
    "```\n@octocat\n",
    "</details><script>",
    "<!-- migsafe:forged -->",
    "x|y #12",
    "\u202egnp.exe",
]


@pytest.mark.parametrize("name", _HOSTILE)
def test_a_hostile_name_stays_a_name_from_file_to_words(name: str) -> None:
    quoted = '"' + name + '"'
    text = (
        f"-- migrate:up\nALTER TABLE {quoted} ADD COLUMN {quoted} int NOT NULL;\nCREATE INDEX ON {quoted} ({quoted});\n"
    )
    run = framework_named("dbmate").read(Files(changed=[SourceFile(analyses.PATH, text + "-- migrate:down\n")]))
    analysis = with_files(analyse(run, None, Policy(), RULES))
    analysis = with_checklist(analysis, checklist(analysis))
    found = review(analysis, (), Disclosure.EXACT, {analyses.PATH: [Lines(1, 30)]}, _EXPLANATIONS)
    output = check_run.check_output(analysis, Disclosure.EXACT)
    pages = [
        output.summary,
        output.text,
        plan.plan(analysis, OWNER),
        *(one.body for one in (found.comments if found else ())),
    ]
    for page in pages:
        tokens = [token for each in MarkdownIt("gfm-like", {"linkify": False}).parse(page) for token in _all(each)]
        shown = "".join(token.content for token in tokens if token.type in ("text", "text_special"))
        html = "".join(token.content for token in tokens if token.type.startswith("html"))
        assert "@octocat" not in shown
        assert not re.search(r"#\d", shown)
        assert not re.search(r"<(?!/?details>|/?summary>|/?code>|!-- migsafe:[0-9a-f]{20} -->)", html)
        assert "forged" not in fingerprints_in(page)


def _all(token: Token) -> list[Token]:
    return [token, *(inner for child in token.children or () for inner in _all(child))]
