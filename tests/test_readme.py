"""What the README says of settings, configuration, commands and files is what there is."""

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
def test_every_setting_stands_in_the_table(name: str, default: str, meaning: str) -> None:
    assert f"| `{name}` | {meaning} | {f'`{default}`' if default else ''} |" in README


def test_every_option_of_the_configuration_is_shown() -> None:
    assert f"```yaml\n{config.example().strip()}\n```" in README


def test_the_configuration_shown_can_be_read() -> None:
    shown = re.search(r"```yaml\n(.*?)```", README, re.DOTALL)
    assert shown is not None
    config.read(shown[1], rules=[])


def test_every_command_stands_in_the_table() -> None:
    for usage, _ in commands.USAGE:
        assert f"`/migsafe {usage.split(' ', 1)[0]}" in README


def test_the_two_commands_stand_at_the_top() -> None:
    head = "\n".join(README.splitlines()[:8])
    assert "uv run migsafe demo" in head
    assert "uv run pytest" in head


def test_the_house_in_the_picture_is_the_house() -> None:
    picture = README[README.index("## Change the code") : README.index("Every arrow points down")]
    named = re.findall(r"[\w/]+(?:\.py|/)", picture)
    missing = [
        name
        for name in named
        if not (ROOT / "bot" / name).exists() and not (ROOT / "bot" / "core" / name).exists() and name != "bot/"
    ]
    assert not missing


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!http|#)([^)]+)\)", README):
        assert (ROOT / target).exists(), target


def test_every_framework_that_is_read_is_named_at_the_top() -> None:
    *named, plain = sorted(FRAMEWORKS, key=lambda one: (one.known_by is KnownBy.NOTHING, one.title.lower()))
    listed = f"({', '.join(one.title for one in named)} and {plain.title})"
    assert listed in " ".join(README.split())
