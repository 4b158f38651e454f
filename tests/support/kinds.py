"""Three kinds of tests, told apart by rule: the quick ones, the plain suite, and the proofs.

A test is quick unless it stands at the edge of the house (`EDGE`) or uses a fixture that starts something (`STARTERS`);
a quick test that starts a process, opens a connection or sleeps fails. A proof is marked where a table of cases is
longer than the plain suite can run, or is a test for which hypothesis makes up examples: some there, many in a proof.
"""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

from tests.support.places import ROOT

Kind = Literal["quick", "suite", "proof"]

EDGE = re.compile(
    r"tests/(?:(?:bounds|cli|github|harness|replica|rewrites|server|standins|truth)(?:/|$)"
    r"|(?:test_app|test_papers|review/test_(?:whole_review|confined\w*|\w+_at_github)|frameworks/test_battery|runtime/test_(?:settings|own_loop))\.py)"
)
"""Where tests start servers and processes, listen, wait, or try every tool with every rule."""

STARTERS = frozenset({"postgres", "elder", "fresh_python"})
"""Fixtures, for the tests of other rooms, that start something."""


def kind_asked_for(config: pytest.Config) -> Kind:
    """By the expression of -m."""
    expression: str = config.option.markexpr
    if expression == "quick":
        return "quick"
    return "proof" if "proof" in expression.replace("not proof", "") else "suite"


def load_profile(kind: Kind) -> None:
    """How many examples hypothesis makes up, and whether the same ones in every run.

    A stranger's first run is not red by chance: on somebody's machine the plain suite tries the same examples every
    time. CI tries new ones in every run, as proofs do, and prints what it takes to try a failure again.
    """
    same = kind == "quick" or (kind == "suite" and "CI" not in os.environ)
    settings.register_profile(
        "migsafe",
        max_examples={"quick": 10, "suite": 100, "proof": 2000}[kind],
        derandomize=same,
        database=None,
        print_blob=not same,
        deadline=None,  # a busy machine fails no test
        suppress_health_check=[HealthCheck.too_slow],
    )
    settings.load_profile("migsafe")


def examples(share: float) -> settings:
    """For a property whose examples take longer, or less long, than most: so much of the usual number of them."""
    return settings(max_examples=max(1, round(settings().max_examples * share)))


def seeds(count: int) -> list[object]:
    """For tests that draw by themselves: so many seeds in the plain suite, and ten times as many in a proof."""
    return [pytest.param(seed, marks=[pytest.mark.proof] if seed >= count else []) for seed in range(count * 10)]


def at_the_edge(path: Path) -> bool:
    return EDGE.match(path.relative_to(ROOT).as_posix()) is not None


def mark(item: pytest.Item, kind: Kind) -> None:
    fixtures = frozenset[str](getattr(item, "fixturenames", ()))
    proof = item.get_closest_marker("proof") is not None
    if not proof and not at_the_edge(item.path) and not fixtures & STARTERS:
        item.add_marker("quick")
    makes_up_examples = "effort" in fixtures or is_hypothesis_test(getattr(item, "obj", None))
    if kind == "proof" and makes_up_examples:
        item.add_marker("proof")


_STARTS = frozenset(
    {"subprocess.Popen", "os.fork", "socket.connect", "socket.bind", "socket.getaddrinfo", "time.sleep"}
)
_watched: list[str] = []


@contextmanager
def nothing_started(test: str) -> Iterator[None]:
    """Fails where, within it, a process is started, a connection opened, a port bound, or time slept away."""
    if not _watched:
        sys.addaudithook(_refuse)  # can never be taken away again
    _watched[:] = [test]
    try:
        yield
    finally:
        _watched[:] = [""]


def _refuse(event: str, _: tuple[object, ...]) -> None:
    if event in _STARTS and _watched[0]:
        raise AssertionError(f"{_watched[0]} is quick by the rule of tests/support/kinds.py, but does {event}")
