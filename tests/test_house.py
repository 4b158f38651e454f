"""The house: who may know whom, beyond what import-linter can say."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CORE = sorted((ROOT / "bot" / "core").rglob("*.py"))


def _imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.stem)
def test_the_core_knows_only_the_standard_library(path: Path) -> None:
    strangers = {
        name
        for name in _imported(path)
        if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith("bot.core")
    }
    assert not strangers


@pytest.mark.parametrize("folder", ["rules", "report"])
def test_rules_and_reports_know_only_the_core(folder: str) -> None:
    for path in sorted((ROOT / "bot" / folder).rglob("*.py")):
        strangers = {
            name
            for name in _imported(path)
            if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith(("bot.core", f"bot.{folder}"))
        }
        assert not strangers, path


@pytest.mark.parametrize(
    ("library", "rooms"),
    [
        ("sqlglot", ["bot/sql/"]),
        ("githubkit", ["bot/github/"]),
        ("psycopg", ["bot/replica/", "bot/standins/", "bot/server/", "bot/cli/doctor.py"]),
        ("tree_sitter", ["bot/frameworks/"]),
        ("dbos", ["bot/server/jobs/"]),
    ],
)
def test_a_library_stops_in_its_room(library: str, rooms: list[str]) -> None:
    for path in sorted((ROOT / "bot").rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        named = library in path.read_text("utf-8")  # where it is not, there is nothing to parse
        uses = named and any(name.split(".")[0] == library for name in _imported(path))
        assert not uses or any(place.startswith(room) for room in rooms), place


def test_every_file_opens_with_a_sentence_about_itself() -> None:
    silent = [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "bot").rglob("*.py"))
        if not path.read_text("utf-8").startswith(('"""', 'r"""'))
    ]
    assert not silent


def test_no_file_is_longer_than_two_ideas() -> None:
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for path in sorted((ROOT / "bot").rglob("*.py"))
        if (lines := path.read_text("utf-8").count("\n")) > 450
    }
    assert not long
