"""The doctor names what is set up wrong, and how to fix it."""

import asyncio
import io
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.cli import doctor
from bot.cli.doctor import Diagnosis, Level, examine, permissions
from bot.github.app import AppInfo, InstallationInfo
from bot.runtime.settings import ReplicaDatabase, Settings
from bot.server.events import EVENTS
from bot.server.events.declaration import Events, event
from bot.server.pages.manifest import PERMISSIONS, manifest
from tests.support.at_github import app_of, stand_in
from tests.support.places import ROOT


def examined(
    tmp_path: Path,
    *,
    databases: Sequence[ReplicaDatabase] = (),
    app_id: int = 0,
    repository: bool = True,
    config: str = "",
    required: str = "",
) -> str:
    async def story() -> Sequence[Diagnosis]:
        async with stand_in() as github:
            if repository:
                shop = github.add_repository("acme/shop", files={".github/migsafe.yml": config} if config else None)
                if required:
                    github.require_check(shop, required)
            settings = Settings(
                app_id or github.app_id,
                github.private_key,
                ("s",),
                github.url,
                f"sqlite:///{tmp_path}/m.db",
                databases=tuple(databases),
            )
            return await examine(settings, None if app_id else app_of(github))

    findings = asyncio.run(asyncio.wait_for(story(), 20))
    return "\n".join(f"{finding.level.value}: {finding.what}" for finding in findings)


def test_an_app_that_is_set_up_well_is_said_to_be(tmp_path: Path) -> None:
    found = examined(tmp_path)
    assert "ok: the state can be opened" in found
    assert "ok: GitHub knows the App" in found
    assert "ok: the clock agrees" in found
    assert "warning: no replica is configured" in found
    assert "the child that reads migrations" in found
    assert "does not answer" not in found


def test_credentials_that_do_not_belong_together(tmp_path: Path) -> None:
    assert "trouble: GitHub does not accept the App's id and private key" in examined(tmp_path, app_id=987654)


def test_a_team_whose_members_cannot_be_read(tmp_path: Path) -> None:
    found = examined(tmp_path, config="accept:\n  teams: [acme/dba]\n")
    assert "warning: accept.teams of acme/shop: GitHub does not show the members of acme/dba" in found


@pytest.mark.parametrize(
    ("required", "said"),
    [
        ("migsafe", "ok: the check migsafe is required on main of acme/shop"),
        ("build", "warning: the check migsafe is not required on main of acme/shop: a pull request can be merged"),
    ],
)
def test_whether_the_check_is_required_on_the_default_branch(tmp_path: Path, required: str, said: str) -> None:
    assert said in examined(tmp_path, required=required)


def test_an_app_that_is_not_installed_anywhere(tmp_path: Path) -> None:
    assert "not installed anywhere" in examined(tmp_path, repository=False)


def test_a_replica_that_cannot_be_reached(tmp_path: Path) -> None:
    found = examined(tmp_path, databases=[ReplicaDatabase("shop", "postgresql://reader:hunter2@127.0.0.1:1/shop")])
    assert "trouble: replica shop" in found
    assert "hunter2" not in found


def test_a_replica_that_answers(tmp_path: Path, database: str) -> None:
    assert "ok: replica shop: PostgreSQL 18, not a standby" in examined(
        tmp_path, databases=[ReplicaDatabase("shop", database)]
    )


def test_permissions_too_few_and_too_many() -> None:
    granted = {**PERMISSIONS, "checks": "read", "administration": "write"}
    del granted["issues"]
    found = [(finding.level, finding.what) for finding in permissions(granted, "here")]
    assert (Level.TROUBLE, "permission checks: write is missing") in found
    assert (Level.TROUBLE, "permission issues: read is missing") in found
    assert (Level.WARNING, "permission administration: write is granted and not needed") in found


def test_what_is_missing_in_the_environment_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("MIGSAFE_APP_ID", "MIGSAFE_PRIVATE_KEY", "MIGSAFE_WEBHOOK_SECRET"):
        monkeypatch.delenv(name, raising=False)
    out = io.StringIO()
    assert doctor.main(out) == 1
    assert out.getvalue().count("is not set") == 3


def test_what_is_not_subscribed_to_is_named() -> None:
    (found,) = doctor.events(app_info(*EVENTS.names[1:]))
    assert found.what == f"not subscribed to {EVENTS.names[0]}"
    assert [told.level for told in doctor.events(app_info(*EVENTS.names))] == [Level.WELL]


def test_an_event_is_declared_once_and_the_manifest_and_the_doctor_know_it() -> None:
    events = Events((*EVENTS.declared, event("deployment", actions=("created",))(lambda _: None)))
    assert manifest("https://x", "x", events)["default_events"] == sorted((*EVENTS.names, "deployment"))
    (found,) = doctor.events(app_info(*EVENTS.names), events)
    assert found.what == "not subscribed to deployment"


def app_info(*events: str) -> AppInfo:
    return AppInfo(1, "migsafe", "migsafe", "migsafe[bot]", "acme", {}, events, "")


def test_the_app_subscribes_to_what_it_reads() -> None:
    yaml = pytest.importorskip("ruamel.yaml")
    written = yaml.YAML(typ="safe").load((ROOT / "app.yml").read_text())
    assert sorted(written["default_events"]) == list(EVENTS.names)
    assert written["default_permissions"] == dict(PERMISSIONS)
    assert written["hook_attributes"]["url"] == written["url"] + "/webhook"
    assert written["redirect_url"] == written["url"] + "/setup/done"


@pytest.mark.parametrize(
    ("missing", "level"), [("contents", Level.TROUBLE), ("checks", Level.TROUBLE), ("issues", Level.WARNING)]
)
def test_an_installation_without_a_verdict_is_trouble(missing: str, level: Level) -> None:
    granted = {name: needed for name, needed in PERMISSIONS.items() if name != missing}
    found = doctor.installed(InstallationInfo(1, "acme", granted, (), suspended=False))
    assert max((one.level for one in found), key=[Level.WELL, Level.WARNING, Level.TROUBLE].index) is level
    assert f"permission {missing}: {PERMISSIONS[missing]} is missing" in {one.what for one in found}
