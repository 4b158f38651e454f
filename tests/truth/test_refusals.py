"""What a server refuses is foretold with its SQLSTATE, near misses are not; `refusals/silent.txt` lists the rest."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from bot.core.schema.session import Session
from bot.standins.postgres import start
from tests.truth.refusals.asked import Oracle, foretell, pairs
from tests.truth.refusals.kinds import Pair

SILENT = frozenset((Path(__file__).parent / "refusals" / "silent.txt").read_text().split())
"""Failures that are not foretold with the server's SQLSTATE."""
ALONE = [pair for pair in pairs() if not pair.given]
PREPARED = [pair for pair in pairs() if pair.given]


IN_TEXTS = (
    "UPDATE emp SET v = stable_fn()",
    "INSERT INTO emp (id) VALUES (stable_fn())",
    "INSERT INTO t (id, a, uqn, e) VALUES (1, 1, 1, 'ok'::mood)",
    "UPDATE t SET e = 'ok'::public.mood FROM parent WHERE parent.id = t.id",
    "INSERT INTO emp (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET v = stable_fn()",
    "SELECT CAST('ok' AS mood), stable_fn()",
    "DELETE FROM emp USING (SELECT stable_fn() AS a) s WHERE s.a = emp.id",
    "WITH x AS (SELECT 'ok'::mood AS m) SELECT m FROM x",
    "CREATE VIEW x9 AS SELECT 'ok'::mood AS m, immutable_fn() AS f",
)


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    """A server with the fixture's tables, and few rows (2 s, once a worker)."""
    with start({}) as server:
        oracle = Oracle(server.url())
        yield oracle
        oracle.close()


@pytest.fixture(scope="module")
def session(oracle: Oracle) -> Session:
    return oracle.start()


def wrong(oracle: Oracle, asked: Sequence[Pair], session: Session | None = None) -> list[str]:
    """Each pair that the server and the model see differently, in words."""
    found: list[str] = []
    for pair in asked:
        answer, before = oracle.ask(pair, session)
        told = foretell(before, pair)
        known = any(state == answer.fails[0] for state, _ in told.fails)
        if not answer.fails[0]:
            found.append(f"{pair.id}: the server does not refuse it")
        elif known is (pair.id in SILENT):
            found.append(f"{pair.id}: {answer.fails}, foretold {told.fails}")
        if told.works and not answer.works[0]:
            found.append(f"{pair.id}: said to fail: {pair.works}: {told.works}")
    return found


def test_what_fails_in_the_database_as_it_is_is_foretold(oracle: Oracle, session: Session) -> None:
    assert wrong(oracle, ALONE, session) == []


@pytest.mark.parametrize("part", range(8))
@pytest.mark.proof
def test_what_fails_after_other_statements_is_foretold(oracle: Oracle, part: int) -> None:
    assert wrong(oracle, PREPARED[part::8]) == []


def test_a_few_of_those_after_other_statements(oracle: Oracle) -> None:
    assert wrong(oracle, PREPARED[::20]) == []


def test_asked_by_name_a_near_miss_is_not_said_to_fail(oracle: Oracle) -> None:
    chosen = [pair for pair in ALONE if any(word in pair.works for word in ("sq", "_fn(", "mood", "::"))]
    texts = [Pair("text", "SELECT 1", sql) for sql in IN_TEXTS]
    told = {pair.works: foretell(oracle.named(pair), pair).works for pair in (*ALONE[::12], *chosen, *texts)}
    assert not {sql: found for sql, found in told.items() if found}


def test_is_silent_on_no_more_than_a_few() -> None:
    assert {pair.id for pair in pairs()} >= SILENT
    assert len(SILENT) < 0.08 * len(pairs())
