"""The pre-commit hook, the Action, CI, the changelog and the other papers agree with the code."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.support.places import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PAPERS = sorted((ROOT / ".github").glob("*.md"))
UNSAFE = "ALTER TABLE orders ALTER COLUMN total TYPE bigint;\n"


def _yaml(path: str) -> Any:
    return YAML(typ="safe").load((ROOT / path).read_text("utf-8"))


def _hook() -> dict[str, Any]:
    [hook] = _yaml(".pre-commit-hooks.yaml")
    return hook


def test_the_hook_runs_a_command_that_is_installed() -> None:
    command, *arguments = _hook()["entry"].split()
    assert command in PROJECT["scripts"]
    assert arguments == ["check"]


@pytest.mark.parametrize(
    "path",
    [
        "db/migrations/20260516_events.sql",
        "db/migrate/20260516_add_x.rb",
        "alembic/versions/1a2b_add_x.py",
        "src/main/resources/db/migration/V1__x.sql",
        "prisma/migrations/20260516_x/migration.sql",
        "migrations/2026-05-16_x/up.sql",
    ],
)
def test_the_hook_is_given_migrations(path: str) -> None:
    assert re.search(_hook()["files"], path)
    assert not re.search(_hook()["exclude"], path)


@pytest.mark.parametrize(
    "path", ["app/models.py", "db/structure.sql", "migrations/x/down.sql", "migrations/1_x.down.sql"]
)
def test_the_hook_is_not_given_what_is_not_deployed(path: str) -> None:
    assert not re.search(_hook()["files"], path) or re.search(_hook()["exclude"], path)


def test_ci_runs_what_a_developer_runs() -> None:
    steps = _yaml(".github/workflows/ci.yml")["jobs"]["test"]["steps"]
    assert [step["run"] for step in steps if "run" in step] == [".ci/run"]
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


@pytest.mark.skipif(shutil.which("bash") is None, reason="the Action's steps are written for bash")
@pytest.mark.parametrize(("severity", "status"), [("danger", 1), ("warning", 0)])
def test_the_action_checks_what_changed_since_its_base(severity: str, status: int, tmp_path: Path) -> None:
    """Runs its last step unchanged, with this installation in place of the one it would make."""
    action = _yaml(".github/actions/migsafe/action.yml")
    step = action["runs"]["steps"][-1]
    assert {name.lower(): f"${{{{ inputs.{name.lower()} }}}}" for name in step["env"]} == {
        name: f"${{{{ inputs.{name} }}}}" for name in action["inputs"]
    }
    command = tmp_path / "migsafe" / "bin" / "migsafe"
    command.parent.mkdir(parents=True)
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m bot "$@"\n')
    command.chmod(0o755)
    repository = tmp_path / "repository"
    (repository / "db" / "migrations").mkdir(parents=True)
    git = ["git", "-C", str(repository), "-c", "user.name=a", "-c", "user.email=a@example.com"]
    for arguments in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "Begin"]):
        subprocess.run([*git, *arguments], check=True)
    (repository / "db" / "migrations" / "20260516_orders.sql").write_text(UNSAFE)
    (repository / "migsafe.yml").write_text(f"rules:\n  column-type-rewrite: {severity}\n")
    given = {"BASE": "HEAD", "PATHS": "db\n", "POSTGRES": "16", "CONFIG": "migsafe.yml", "REPLICA": "", "CATALOG": ""}
    assert given.keys() == step["env"].keys()
    environment = {**os.environ, **given, "RUNNER_TEMP": str(tmp_path), "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", step["run"]], cwd=repository, env=environment, capture_output=True, text=True
    )
    assert ended.returncode == status, ended.stderr
    level = {"danger": "error", "warning": "warning"}[severity]
    assert f"::{level} file=db/migrations/20260516_orders.sql,line=1" in ended.stdout


def test_the_changelog_has_the_version_that_is_released() -> None:
    versions = re.findall(r"^## (\S+)", (ROOT / ".github" / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert versions[:2] == ["Unreleased", PROJECT["version"]]


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.stem)
def test_links_of_the_papers_lead_somewhere(paper: Path) -> None:
    for target in re.findall(r"\]\((?!http|#)([^)#]+)", paper.read_text("utf-8")):
        assert (paper.parent / target).exists(), target
