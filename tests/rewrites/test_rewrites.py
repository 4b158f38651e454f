"""Every safe rewrite is proven: by the real tool, beside running code, undone, and compared with the original."""

from collections.abc import Iterator

import pytest

from bot.standins.postgres import Server
from tests.rewrites.case import Case
from tests.rewrites.catalogue import CHAPTERS, Chapter
from tests.rewrites.chains import ASPECTS, Outcome, prove
from tests.rewrites.clones import Clones
from tests.rewrites.known import KNOWN


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


@pytest.mark.parametrize(("chapter", "name", "case"), _cases())
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
