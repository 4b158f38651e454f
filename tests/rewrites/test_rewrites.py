"""Every safe rewrite is proven: by the real tool, beside running code, undone, and compared with the original."""

import pytest

from bot.standins.postgres import Server
from tests.rewrites import sql_cases
from tests.rewrites.case import Case
from tests.rewrites.chains import ASPECTS, Outcome, prove
from tests.rewrites.clones import Clones
from tests.rewrites.known import KNOWN
from tests.rewrites.languages import Sql
from tests.rewrites.tools import dbmate


@pytest.fixture(scope="session")
def clones(postgres: Server) -> Clones:
    """The template, made once for each worker (1 s), to be cloned for each case."""
    return Clones(postgres, 18)


@pytest.fixture(scope="session")
def sql_files() -> Sql:
    """dbmate, from the cache or by npm (2 s, once for a machine)."""
    tool = dbmate()
    if isinstance(tool, str):
        pytest.skip(tool)
    return Sql(tool)


def _cases(cases: dict[str, Case]) -> list[object]:
    """All of them in a proof, the short ones in the plain suite."""
    return [
        pytest.param(name, case, id=name.replace(" ", "-"), marks=[] if case.short else [pytest.mark.proof])
        for name, case in cases.items()
    ]


@pytest.mark.parametrize(("name", "case"), _cases(sql_cases.CASES))
def test_a_rewrite_of_sql_hurts_nobody(
    name: str, case: Case, clones: Clones, sql_files: Sql, request: pytest.FixtureRequest
) -> None:
    in_full = "proof" in request.config.option.markexpr.replace("not proof", "")
    problems = prove(name, case, clones, sql_files, reader=in_full).unexpected(KNOWN.get(name, {}))
    assert not problems, "\n".join(problems)


def test_what_is_known_to_be_wrong_is_of_a_case_and_of_an_aspect() -> None:
    assert not KNOWN.keys() - sql_cases.CASES.keys()
    assert not {aspect for aspects in KNOWN.values() for aspect in aspects} - set(ASPECTS)


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
