"""Every safe rewrite is proven: by the real tool, beside running code, undone, and compared with the original."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace

import psycopg
import pytest

from bot.core.judging.rule import Rule
from bot.rules import RULES
from bot.standins.postgres import Server, start
from tests.rewrites.case import Case
from tests.rewrites.catalogue import CHAPTERS, SQL, Chapter
from tests.rewrites.chains import prove
from tests.rewrites.clones import APP, DEBIAN_15, Clones
from tests.rewrites.known import KNOWN, WITHHELD
from tests.rewrites.languages import sql_source
from tests.rewrites.originals import folder, save
from tests.rewrites.outcome import ASPECTS, Outcome
from tests.rewrites.plans import judged, plan_of
from tests.support.rule_pages import analysed, examples, finding, shown_rewrites


@pytest.fixture(scope="session")
def clones(postgres: Server) -> Clones:
    """The template, made once for each worker (1 s), to be cloned for each case."""
    return Clones(postgres, 18)


@pytest.fixture(scope="session")
def clones_15() -> Iterator[Clones]:
    """The same on Debian's PostgreSQL 15 (3 s, once for each worker)."""
    if not DEBIAN_15.is_dir():
        pytest.skip("Debian's PostgreSQL 15 is not installed")
    with start({"autovacuum": "off"}, installation=DEBIAN_15) as server:
        yield Clones(server, 15)


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
    cases = sorted(SQL.cases.values(), key=lambda case: (bool(case.given), not case.short))
    with clones.clone() as clone:
        whole = clone.catalog()
    for case in cases:
        if missing - WITHHELD:
            path, text = sql_source(case)
            with clones.clone(case.given) if case.given else nullcontext() as other:
                catalog = other.catalog() if other is not None else whole
            catalog = replace(catalog, major=case.major or clones.major)
            found = judged(path, text, catalog, {}, catalog.major).findings
            missing -= {one.rule for one in found if one.rewrite is not None}
    assert missing == WITHHELD


def _offers_one(rule: Rule) -> bool:
    """By its page, or by what it finds in the examples of its page."""
    found = (finding(rule, analysed(one)) for one in examples(rule, "flagged"))
    return bool(shown_rewrites(rule)) or any(one is not None and one.rewrite is not None for one in found)


@pytest.mark.proof
@pytest.mark.parametrize(("name", "case"), [(name, case) for name, case in SQL.cases.items() if case.short])
def test_a_rewrite_hurts_nobody_on_15(name: str, case: Case, clones_15: Clones) -> None:
    language = SQL.language()
    if isinstance(language, str):
        pytest.skip(language)
    problems = prove(name, case, clones_15, language, reader=True).unexpected(KNOWN["sql on 15"].get(name, {}))
    assert not problems, "\n".join(problems)


def test_a_generated_column_that_a_trigger_fills_takes_no_other_value(clones: Clones) -> None:
    language = SQL.language()
    if isinstance(language, str):
        pytest.skip(language)
    path, text = sql_source(SQL.cases["generated column"])
    with clones.clone() as clone, folder(language) as root:
        file = plan_of(path, text, clone, {}, clones.major).files[0]
        assert file.path is not None
        save(root, file.path, file.text)
        language.tool.up(root, clone, file.path)
        clone.run(
            "INSERT INTO accounts (id, name, shout) VALUES (90000, 'new', 'nonsense')",
            "UPDATE accounts SET shout = 'nonsense' WHERE id = 2",
            "UPDATE accounts SET name = 'changed' WHERE id = 3",
        )
        right = "SELECT shout IS NOT DISTINCT FROM upper(name) FROM accounts WHERE id IN (2, 3, 90000)"
        assert clone.query(right) == [(True,)] * 3


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        ("domain renamed", "SELECT 5::percent = 5::share, 5::share = ANY (ARRAY[5]::percent[])"),
        ("function renamed", "SELECT * FROM worth(words => '{a,b}', number => 2)"),
        ("function renamed", "SELECT value_of(1, '{}'), worth(1, '{a}')"),
        ("procedure renamed", "CALL tidy(1)"),
    ],
)
def test_code_goes_on_with_the_old_name(name: str, statement: str, clones: Clones) -> None:
    case, language = SQL.cases[name], SQL.language()
    if isinstance(language, str):
        pytest.skip(language)
    path, text = sql_source(case)
    with clones.clone(case.given) as clone, folder(language) as root:
        file = plan_of(path, text, clone, {}, clones.major).files[0]
        assert file.path is not None
        save(root, file.path, file.text)
        language.tool.up(root, clone, file.path)
        with psycopg.connect(clone.url(APP), autocommit=True) as connection:
            connection.execute(statement.encode())


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
