"""Every safe rewrite is proven: by the real tool, beside running code, undone, and compared with the original."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace

import pytest

from bot.core.judging.rule import Rule
from bot.rules import RULES
from bot.standins.postgres import Server
from tests.rewrites.case import Case
from tests.rewrites.catalogue import CHAPTERS, Chapter
from tests.rewrites.chains import ASPECTS, Outcome, prove
from tests.rewrites.clones import Clones
from tests.rewrites.known import KNOWN
from tests.rewrites.languages import sql_source
from tests.rewrites.plans import judged
from tests.support.rule_pages import analysed, examples, finding, shown_rewrites


@pytest.fixture(scope="session")
def clones(postgres: Server) -> Clones:
    """The template, made once for each worker (1 s), to be cloned for each case."""
    return Clones(postgres, 18)


def _cases() -> Iterator[object]:
    """All of them in a proof, the short ones in the plain suite."""
    for chapter in CHAPTERS:
        for name, case in chapter.cases.items():
            marks = () if case.short else (pytest.mark.proof,)
            yield pytest.param(chapter, name, case, id=f"{chapter.name}-{name.replace(' ', '-')}", marks=marks)


@pytest.mark.parametrize(("chapter", "name", "case"), list(_cases()))
def test_a_rewrite_hurts_nobody(
    chapter: Chapter, name: str, case: Case, clones: Clones, request: pytest.FixtureRequest
) -> None:
    language = chapter.language()
    if isinstance(language, str):
        pytest.skip(language)
    in_full = "proof" in request.config.option.markexpr.replace("not proof", "")
    outcome = prove(name, case, clones, language, reader=in_full)
    problems = outcome.unexpected(KNOWN[chapter.name].get(name, {}))
    assert not problems, "\n".join(problems)


def test_every_rule_that_offers_a_rewrite_has_a_case(clones: Clones) -> None:
    missing = {rule.id for rule in RULES if _offers_one(rule)}
    (sql,) = (chapter for chapter in CHAPTERS if chapter.name == "sql")
    cases = sorted(sql.cases.values(), key=lambda case: (bool(case.given), not case.short))
    with clones.clone() as clone:
        whole = clone.catalog()
    for case in cases:
        if missing:
            path, text = sql_source(case)
            with clones.clone(case.given) if case.given else nullcontext() as other:
                catalog = other.catalog() if other is not None else whole
            catalog = replace(catalog, major=case.major or clones.major)
            found = judged(path, text, catalog, {}, catalog.major).findings
            missing -= {one.rule for one in found if one.rewrite is not None}
    assert not missing


def _offers_one(rule: Rule) -> bool:
    """By its page, or by what it finds in the examples of its page."""
    found = (finding(rule, analysed(one)) for one in examples(rule, "flagged"))
    return bool(shown_rewrites(rule)) or any(one is not None and one.rewrite is not None for one in found)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_what_is_known_to_be_wrong_is_of_a_case_and_of_an_aspect(chapter: Chapter) -> None:
    known = KNOWN[chapter.name]
    assert not known.keys() - chapter.cases.keys()
    assert not {aspect for aspects in known.values() for aspect in aspects} - set(ASPECTS)


@pytest.mark.parametrize(
    ("problems", "known", "expected"),
    [
        ({"waits": ["2 s"]}, {}, ["waits: 2 s"]),
        ({"waits": ["2 s"]}, {"waits": "B1"}, []),
        ({}, {"waits": "B1"}, ["waits: mended (B1); take it out of tests/rewrites/known.py"]),
    ],
)
def test_the_list_of_what_is_known_is_strict(
    problems: dict[str, list[str]], known: dict[str, str], expected: list[str]
) -> None:
    outcome = Outcome("x", asked={"waits"}, problems=problems)
    assert outcome.unexpected(known) == expected


def test_what_was_not_reached_may_stay_in_the_list() -> None:
    assert Outcome("x", asked={"applies"}).unexpected({"waits": "B1"}) == []
