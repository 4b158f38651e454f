"""What the README says about settings, configuration, commands and files is true."""

import re
from pathlib import Path

import pytest

from bot.core.judging.framework import KnownBy
from bot.frameworks import FRAMEWORKS
from bot.review import commands, config
from bot.runtime.settings import VARIABLES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize(("name", "default", "meaning"), VARIABLES, ids=[name for name, _, _ in VARIABLES])
def test_every_setting_is_in_the_table(name: str, default: str, meaning: str) -> None:
    assert f"| `{name}` | {meaning} | {f'`{default}`' if default else ''} |" in README


def test_every_option_of_the_configuration_is_shown() -> None:
    assert f"```yaml\n{config.example().strip()}\n```" in README


def test_the_configuration_shown_can_be_read() -> None:
    shown = re.search(r"```yaml\n(.*?)```", README, re.DOTALL)
    assert shown is not None
    config.read(shown[1], rules=[])


def test_every_command_is_in_the_table() -> None:
    for usage, _ in commands.USAGE:
        assert f"`/migsafe {usage.split(' ', 1)[0]}" in README


def test_the_two_commands_are_at_the_top() -> None:
    head = "\n".join(README.splitlines()[:8])
    assert "uv run migsafe demo" in head
    assert "uv run pytest" in head


def _drawn() -> set[str]:
    """The packages and files of the map in the README, from the indents of its lines."""
    picture = README[README.index("```\nbot/\n") + 4 : README.index("Every arrow points down")]
    drawn: set[str] = set()
    above: list[str] = []
    for line in picture.splitlines():
        names = re.match(r"( *)((?:\w+(?:/|\.py) *)+)", line)
        if names is None:
            continue
        depth = len(names[1]) // 2
        above[depth:] = [names[2].split()[0].rstrip("/")]
        drawn |= {"/".join([*above[:depth], name.rstrip("/")]) for name in names[2].split()}
    return drawn


def test_the_map_shows_every_room() -> None:
    rooms = {path.parent.relative_to(ROOT) for path in (ROOT / "bot").rglob("__init__.py")}
    expected = {room.as_posix() for room in rooms if len(room.parts) <= 3}
    assert _drawn() == expected | {"bot/__main__.py", "bot/app.py"}


def test_the_review_shown_is_one_that_is_posted() -> None:
    shown = "\n".join(line.removeprefix(">").removeprefix(" ") for line in README.splitlines() if line.startswith(">"))
    posted = (ROOT / "tests" / "report" / "golden" / "incident" / "review.md").read_text("utf-8")
    assert shown in posted


def test_links_lead_somewhere() -> None:
    for page in (ROOT / "README.md", *(ROOT / ".github").glob("*.md")):
        for target in re.findall(r"\]\((?!http|#)([^)#]+)[^)]*\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_framework_that_is_read_is_named_at_the_top() -> None:
    *named, plain = sorted(FRAMEWORKS, key=lambda one: (one.known_by is KnownBy.NOTHING, one.title.lower()))
    listed = f"({', '.join(one.title for one in named)} and {plain.title})"
    assert listed in " ".join(README.split())
