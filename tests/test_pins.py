"""A new installation is what was tested: every package that it installs is pinned to the version here."""

import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8"))


def _pins() -> dict[str, str]:
    project, uv = PROJECT["project"], PROJECT["tool"]["uv"]
    listed = [*project["dependencies"], *project["optional-dependencies"]["demo"], *uv["constraint-dependencies"]]
    listed += [line for line in PROJECT["dependency-groups"]["dev"] if not line.startswith("migsafe-bot")]
    found = (Requirement(line) for line in listed)
    return {canonicalize_name(one.name): str(one.specifier).removeprefix("==") for one in found}


def _closure(lines: list[str]) -> Iterator[str]:
    """Every package that these requirements install on this machine."""
    pending = [Requirement(line) for line in lines]
    seen: set[tuple[str, frozenset[str]]] = set()
    while pending:
        one = pending.pop()
        name = canonicalize_name(one.name)
        if (name, frozenset(one.extras)) in seen:
            continue
        seen.add((name, frozenset(one.extras)))
        yield name
        for line in metadata.requires(name) or []:
            requirement = Requirement(line)
            extras = one.extras or {""}
            if requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in extras):
                pending.append(requirement)


def test_everything_that_is_installed_is_pinned_to_the_version_here() -> None:
    pins = _pins()
    direct = [*PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"]["demo"]]
    direct += [line for line in PROJECT["dependency-groups"]["dev"] if not line.startswith("migsafe-bot")]
    wrong = {name: pins.get(name) for name in _closure(direct) if pins.get(name) != metadata.version(name)}
    assert not wrong


def test_nothing_is_pinned_by_address() -> None:
    assert "://" not in "\n".join(f"{name} {version}" for name, version in _pins().items())
