"""The house: what import-linter cannot check. The plan itself is in pyproject.toml, the map in the README."""

import ast
import re
import sys
from collections.abc import Mapping, Set
from functools import cache
from pathlib import Path

import pytest

from tests.support.places import ROOT

BOT = ROOT / "bot"
FILES = sorted(path for path in BOT.rglob("*.py"))

ROOMS = sorted(
    path.parent for path in FILES if path.name == "__init__.py" and 2 <= len(path.relative_to(BOT).parts) <= 3
)
"""The packages that the README's map shows."""

GRAMMAR = "bot.sql.grammar"
"""The one circle: productions of one grammar, which need each other as gram.y's do. It says so at its top."""


def _module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {_module(path): path for path in FILES}


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def _imported(path: Path) -> frozenset[str]:
    """Every module that a file imports: at its top, in a function, or only for types."""
    names: set[str] = set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            inside = (f"{node.module}.{alias.name}" for alias in node.names)
            names |= {name if name in MODULES else node.module for name in inside}
    return frozenset(names)


@cache
def _arrows() -> dict[str, frozenset[str]]:
    return {module: _imported(path) & MODULES.keys() for module, path in MODULES.items()}


def _circles(arrows: Mapping[str, Set[str]]) -> list[set[str]]:
    """Groups of modules each of which reaches all the others."""

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            for name in arrows[waiting.pop()]:
                if name not in seen:
                    seen.add(name)
                    waiting.append(name)
        return seen

    reach = {module: reached(module) for module in arrows}
    circles: list[set[str]] = []
    for module in arrows:
        circle = {other for other in reach[module] if module in reach[other]}
        if module in circle and circle not in circles:
            circles.append(circle)
    return circles


def test_a_circle_is_seen() -> None:
    assert _circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [{"b", "c"}]
    assert _circles({"a": {"a"}}) == [{"a"}]


def test_no_files_need_each_other_but_those_of_the_grammar() -> None:
    circles = [circle for circle in _circles(_arrows()) if not all(name.startswith(f"{GRAMMAR}.") for name in circle)]
    assert circles == []


def test_the_one_circle_says_so() -> None:
    circles = _circles(_arrows())
    assert len(circles) == 1
    assert all(name.startswith(f"{GRAMMAR}.") for name in circles[0])
    assert "gram.y" in (ast.get_docstring(ast.parse(MODULES[GRAMMAR].read_text("utf-8"))) or "")


def test_the_top_of_the_house_is_its_doors_and_rooms() -> None:
    files = {path.name for path in BOT.iterdir() if path.is_file()}
    assert files == {"__init__.py", "__main__.py", "app.py"}


def _foreign(path: Path, *own: str) -> set[str]:
    return {
        name
        for name in _imported(path)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not f"{name}.".startswith(tuple(f"{room}." for room in own))
    }


@pytest.mark.parametrize("path", sorted((BOT / "core").rglob("*.py")), ids=_module)
def test_the_core_knows_only_the_standard_library(path: Path) -> None:
    assert not _foreign(path, "bot.core")


@pytest.mark.parametrize("room", ["rules", "report"])
def test_rules_and_reports_know_only_the_core(room: str) -> None:
    strangers = {
        path: names for path in (BOT / room).rglob("*.py") if (names := _foreign(path, "bot.core", f"bot.{room}"))
    }
    assert not strangers


def test_no_tool_knows_another() -> None:
    tools = {
        module
        for module, path in MODULES.items()
        if re.fullmatch(r"bot\.frameworks\.\w+", module) and re.search(r"^FRAMEWORK\b", path.read_text("utf-8"), re.M)
    }
    assert len(tools) >= 17
    for module, imported in _arrows().items():
        own = ".".join(module.split(".")[:3])
        known = {".".join(name.split(".")[:3]) for name in imported} & tools
        assert own not in tools or known <= {own}, module


@pytest.mark.parametrize(
    ("library", "rooms"),
    [
        ("sqlglot", ["bot/sql/"]),
        ("githubkit", ["bot/github/"]),
        ("httpx", ["bot/github/", "bot/standins/"]),
        ("psycopg", ["bot/replica/", "bot/standins/", "bot/server/"]),
        ("tree_sitter", ["bot/frameworks/"]),
        ("tree_sitter_ruby", ["bot/frameworks/"]),
        ("sqlalchemy", ["bot/server/", "bot/runtime/sqlite.py"]),
        ("starlette", ["bot/server/", "bot/standins/", "bot/app.py"]),
    ],
)
def test_a_library_stops_in_its_room(library: str, rooms: list[str]) -> None:
    users = [
        place
        for path in FILES
        if any(name.split(".")[0] == library for name in _imported(path))
        and not (place := path.relative_to(ROOT).as_posix()).startswith(tuple(rooms))
    ]
    assert not users


def test_every_file_opens_with_a_sentence_about_itself() -> None:
    silent = [path for path in FILES if not path.read_text("utf-8").startswith(('"""', 'r"""'))]
    assert not silent


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.relative_to(ROOT).as_posix())
def test_every_room_says_what_it_is_and_what_it_may_know(room: Path) -> None:
    says = ast.get_docstring(ast.parse((room / "__init__.py").read_text("utf-8"))) or ""
    assert len(says.splitlines()) >= 3, says
    assert re.search(r"\bknows?\b", says, re.IGNORECASE), says


def test_no_file_is_longer_than_two_ideas() -> None:
    long = {_module(path): lines for path in FILES if (lines := path.read_text("utf-8").count("\n")) > 450}
    assert not long


SHARED_NAMES = {
    # Each language has a reader of its own, and each tool of code a writer; no file imports two of them.
    "Call", "Environment", "Handler", "Model", "Places", "Reader", "Walk",
}  # fmt: skip
"""Public classes whose name stands in two modules all the same. The stand-ins have GitHub's nouns, and do not count."""


def test_a_name_means_one_thing() -> None:
    places: dict[str, list[str]] = {}
    for module, path in MODULES.items():
        if module.startswith("bot.standins"):
            continue
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(module)
    assert not {name: where for name, where in places.items() if len(where) > 1 and name not in SHARED_NAMES}


@pytest.mark.parametrize("room", ["review", "server", "github", "replica", "cli", "runtime", "report", "rules", "core"])
def test_a_module_makes_its_frozen_values_in_one_way(room: str) -> None:
    """`@record` where `migsafe check` imports it, because it starts faster; `@dataclass` elsewhere."""
    both = [
        path
        for path in (BOT / room).rglob("*.py")
        if "\n@record\n" in (text := path.read_text("utf-8")) and "\n@dataclass(frozen=True" in text
    ]
    assert not both
