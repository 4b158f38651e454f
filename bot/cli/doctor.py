"""`migsafe doctor`: what is set up wrong, and how to fix it."""

import asyncio
import email.utils
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from enum import Enum
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

from bot.core.schema.asked import Asked
from bot.github.app import AppInfo, GitHubApp, InstallationInfo
from bot.github.errors import BadCredentials
from bot.github.requirements import Requirement
from bot.replica.databases import Databases
from bot.review import config
from bot.review.config_paths import PATHS
from bot.review.confined import Confinement
from bot.review.confined_drops import kept
from bot.review.errors import ConfigError, HubError, LimitError, ReplicaError
from bot.rules import RULES
from bot.runtime.settings import Settings, SettingsError, environment
from bot.server.events import EVENTS
from bot.server.events.declaration import Events
from bot.server.jobs import Queue
from bot.server.pages.manifest import PERMISSIONS

_CLOCK_TOLERANCE = 30.0
"""Seconds."""
_MOST_REPOSITORIES = 50
"""Of each installation, those whose configurations are read."""
_LEVELS = ("none", "read", "write", "admin")


class Level(Enum):
    WELL = "ok"
    WARNING = "warning"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`what` is the state of one thing; `fix` says what to do, "" if nothing."""

    level: Level
    what: str
    fix: str = ""


def main(to: TextIO | None = None) -> int:
    """Prints the findings; returns 0 if none is trouble, otherwise 1."""
    out = to or sys.stdout
    try:
        settings = Settings.read(environment(os.environ, Path.cwd()))
    except SettingsError as error:
        findings = [
            Diagnosis(Level.TROUBLE, problem, "Set it; `migsafe setup` registers an App and writes all three to .env.")
            for problem in error.problems
        ]
    else:
        findings = asyncio.run(examine(settings))
    for finding in findings:
        print(f"{finding.level.value:8} {finding.what}", file=out)
        if finding.fix:
            print(f"{'':8} -> {finding.fix}", file=out)
    return 1 if any(finding.level is Level.TROUBLE for finding in findings) else 0


async def examine(settings: Settings, github: GitHubApp | None = None) -> Sequence[Diagnosis]:
    """Everything that can be seen from here, in the order in which to fix it."""
    app = github or GitHubApp(settings.app_id, settings.private_key, settings.github_url)
    try:
        return [
            *(Diagnosis(Level.WARNING, warning) for warning in settings.warnings),
            await _state(settings),
            *await asyncio.to_thread(_clock, settings.github_url),
            *await _github(app),
            *await _databases(Databases(settings.databases)),
            await _child(),
        ]
    finally:
        await app.close()


async def _state(settings: Settings) -> Diagnosis:
    queue = Queue(settings)
    try:
        await queue.open()
        depth = await queue.depth()
    except Exception as error:
        return Diagnosis(
            Level.TROUBLE,
            f"the state cannot be opened ({type(error).__name__})",
            "MIGSAFE_STATE must name a file that can be written, or a PostgreSQL database whose role may create tables"
            " in it.",
        )
    finally:
        await queue.close()
    if depth["oldest"] > 900:
        waited = f"a job has waited for {depth['oldest'] / 60:.0f} min"
        return Diagnosis(
            Level.TROUBLE, waited, "Is a worker running? `migsafe serve` without --no-worker, or `migsafe work`."
        )
    return Diagnosis(
        Level.WELL, f"the state can be opened: {depth['waiting']:.0f} jobs wait, {depth['running']:.0f} run"
    )


async def _github(app: GitHubApp) -> list[Diagnosis]:
    try:
        info = await app.app()
    except BadCredentials:
        return [
            Diagnosis(
                Level.TROUBLE,
                "GitHub does not accept the App's id and private key",
                "MIGSAFE_APP_ID and MIGSAFE_PRIVATE_KEY must be of one App: its settings page shows the id and "
                "makes keys. A clock that is wrong has the same effect.",
            )
        ]
    except HubError as error:
        fix = "Check MIGSAFE_GITHUB_URL, and that this machine may reach it."
        return [Diagnosis(Level.TROUBLE, f"GitHub does not answer: {error}", fix)]
    findings = [Diagnosis(Level.WELL, f"GitHub knows the App {info.slug}, owned by {info.owner}")]
    findings += permissions(info.permissions, f"{info.html_url or 'the App'}: Permissions & events")
    findings += events(info)
    for look in (_hook, _deliveries, _installations, _teams, _required):
        try:
            findings += await look(app)
        except HubError as error:
            findings.append(Diagnosis(Level.WARNING, f"a request to GitHub failed ({error})"))
    return [*findings, Diagnosis(Level.WELL, _NEUTRAL)]


_NEUTRAL = (
    "what could not be judged asks for action, unless a repository says `on_error: neutral`: "
    "GitHub lets a neutral check pass where it is required"
)
_INDISPENSABLE = ("contents", "checks")
"""Permissions without which an installation gets no verdict."""


def permissions(granted: Mapping[str, str], where: str, level: Level = Level.TROUBLE) -> list[Diagnosis]:
    """Permissions that are needed and not granted, and those that are granted and not needed."""
    found = []
    for name, needed in PERMISSIONS.items():
        if _rank(granted.get(name, "none")) < _rank(needed):
            fix = f"{where}: set {name.replace('_', ' ')} to {needed}; then accept it in each installation."
            found.append(Diagnosis(level, f"permission {name}: {needed} is missing", fix))
    for name in sorted(set(granted) - set(PERMISSIONS)):
        found.append(Diagnosis(Level.WARNING, f"permission {name}: {granted[name]} is granted and not needed", where))
    return found or [Diagnosis(Level.WELL, "permissions are those of app.yml")]


def events(info: AppInfo, wanted: Events = EVENTS) -> list[Diagnosis]:
    """Events that the App needs and is not subscribed to."""
    missing = [event for event in wanted.names if event not in info.events]
    if not missing:
        return [Diagnosis(Level.WELL, "events are those of app.yml")]
    where = f"{info.html_url or 'the App'}: Permissions & events"
    return [Diagnosis(Level.TROUBLE, f"not subscribed to {', '.join(missing)}", f"{where}: subscribe to them.")]


async def _hook(app: GitHubApp) -> list[Diagnosis]:
    url = await app.hook_url()
    fix = "The App's settings page: Webhook URL is this server's public address with /webhook at its end."
    if not url:
        return [Diagnosis(Level.TROUBLE, "the App has no webhook address", fix)]
    if not urlsplit(url).path.endswith("/webhook"):
        return [Diagnosis(Level.TROUBLE, f"GitHub delivers to {url}, which is not an address of migsafe", fix)]
    return [Diagnosis(Level.WELL, f"GitHub delivers to {url}")]


async def _deliveries(app: GitHubApp) -> list[Diagnosis]:
    from datetime import datetime, timedelta

    failed = await app.failed_deliveries(datetime.now(UTC) - timedelta(hours=24))
    if not failed:
        return [Diagnosis(Level.WELL, "no delivery of the last day failed")]
    codes = sorted({delivery.status_code for delivery in failed})
    return [
        Diagnosis(Level.WARNING, f"{len(failed)} deliveries of the last day failed ({codes})", _fix_delivery(codes))
    ]


def _fix_delivery(codes: Sequence[int]) -> str:
    if 401 in codes:
        return "401: MIGSAFE_WEBHOOK_SECRET is not the secret on the App's settings page."
    if 415 in codes:
        return "415: set the content type of the App's webhook to application/json."
    return "The running App asks GitHub for them again every five minutes; the App's Advanced page shows each."


async def _installations(app: GitHubApp) -> list[Diagnosis]:
    installations = await app.installations()
    if not installations:
        info = await app.app()
        return [
            Diagnosis(
                Level.WARNING, "the App is not installed anywhere", f"Install it: {info.html_url}/installations/new"
            )
        ]
    return [finding for installation in installations for finding in installed(installation)]


async def _teams(app: GitHubApp) -> list[Diagnosis]:
    """The teams of `accept.teams` whose members GitHub does not show: nobody of theirs can accept anything."""
    found: dict[str, str] = {}
    for installation in await app.installations():
        repositories = [] if installation.suspended else await app.repositories(installation.id)
        for repository in repositories[:_MOST_REPOSITORIES]:
            hub = await app.installation(installation.id, repository.id, repository.full_name)
            read = [await hub.file(path, repository.default_branch) for path in PATHS]
            try:
                teams = config.read(next(filter(None, read), b""), rules=[rule.id for rule in RULES]).accept.teams
            except ConfigError:
                continue
            for team in teams:
                if team not in found and await hub.is_member(team, repository.owner) is None:
                    found[team] = repository.full_name
    fix = "Grant the App the organisation permission members: read; until then nobody of the team can accept a danger."
    return [
        Diagnosis(Level.WARNING, f"accept.teams of {where}: GitHub does not show the members of {team}", fix)
        for team, where in found.items()
    ]


async def _required(app: GitHubApp) -> list[Diagnosis]:
    """Whether a pull request of each repository can be merged although its check fails, or before there is one."""
    found: dict[Requirement, list[str]] = {}
    for installation in await app.installations():
        repositories = [] if installation.suspended else await app.repositories(installation.id)
        for repository in repositories[:_MOST_REPOSITORIES]:
            hub = await app.installation(installation.id, repository.id, repository.full_name)
            branch = repository.default_branch
            found.setdefault(await hub.requirement(branch), []).append(f"{branch} of {repository.full_name}")
    return [
        Diagnosis(level, said.format(_some(found[kind])), fix) for kind, level, said, fix in _REQUIRED if kind in found
    ]


_REQUIRE = (
    "The repository's Settings, Rules, Rulesets: a branch ruleset for the default branch that requires status checks "
    "to pass, with the check migsafe of this App."
)
_REQUIRED = (
    (Requirement.OURS, Level.WELL, "the check migsafe is required on {}", ""),
    (
        Requirement.NONE,
        Level.WARNING,
        "the check migsafe is not required on {}: a pull request can be merged whatever it says",
        _REQUIRE,
    ),
    (
        Requirement.OTHER,
        Level.WARNING,
        "a check named migsafe is required on {}, but from another App: this one's does not count there",
        _REQUIRE,
    ),
    (Requirement.UNKNOWN, Level.WARNING, "GitHub does not show whether the check migsafe is required on {}", _REQUIRE),
)
_SHOWN = 5


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"


def installed(installation: InstallationInfo) -> list[Diagnosis]:
    """What one installation lacks: without some permissions it gets no verdict at all."""
    where = f"installation on {installation.account}"
    if installation.suspended:
        return [Diagnosis(Level.WARNING, f"the {where} is suspended", "Its owner can lift the suspension.")]
    wrong = [
        finding
        for finding in permissions(installation.permissions, where, Level.WARNING)
        if finding.level is not Level.WELL
    ]
    if any(_rank(installation.permissions.get(name, "none")) < _rank(PERMISSIONS[name]) for name in _INDISPENSABLE):
        why = "nothing can be judged there, and a check that is required never passes"
        wrong.append(
            Diagnosis(Level.TROUBLE, f"the {where}: {why}", f"Its owner accepts the new permissions: {where}.")
        )
    return wrong or [Diagnosis(Level.WELL, f"the {where} has what it needs")]


async def _databases(databases: Databases) -> list[Diagnosis]:
    if not databases.databases:
        fix = "Set MIGSAFE_REPLICA_URL; without it every table is treated as one of unknown size."
        return [Diagnosis(Level.WARNING, "no replica is configured", fix)]
    findings: list[Diagnosis] = []
    for database in databases.databases:
        started = time.perf_counter()
        try:
            catalog = await databases.snapshot(database.name, Asked())
        except ReplicaError as error:
            fix = "The role needs LOGIN and CONNECT and nothing else; this machine must reach the server."
            findings.append(Diagnosis(Level.TROUBLE, f"replica {database.name}: {error}", fix))
            continue
        took = time.perf_counter() - started
        kind = "a standby" if catalog.standby else "not a standby"
        findings.append(
            Diagnosis(
                Level.WELL, f"replica {database.name}: PostgreSQL {catalog.major}, {kind}, answered in {took:.2f} s"
            )
        )
    return findings


async def _child() -> Diagnosis:
    """What the process that reads hostile text could not give up on this host."""
    confinement = Confinement(preload=(), seconds=10.0)
    try:
        could = await confinement(kept, None)
    except LimitError as error:
        return Diagnosis(Level.TROUBLE, f"the child that reads migrations does not answer: {error}", "See the log.")
    finally:
        await confinement.close()
    if not could:
        return Diagnosis(Level.WELL, "the child that reads migrations has no network, no files and no processes")
    fix = "Linux 6.7 or later with user namespaces and Landlock, and a user that is not root; see SECURITY.md."
    return Diagnosis(Level.WARNING, f"the child that reads migrations is not closed in: {'; '.join(could)}", fix)


def _rank(level: str) -> int:
    return _LEVELS.index(level) if level in _LEVELS else 0


def _clock(github_url: str) -> list[Diagnosis]:
    """GitHub refuses the App's tokens when the clocks are more than a minute apart."""
    try:
        with urllib.request.urlopen(github_url, timeout=10) as answer:
            date = answer.headers.get("date", "")
    except urllib.error.HTTPError as refused:
        date = refused.headers.get("date", "")
    except (OSError, ValueError):
        return []
    try:
        difference = time.time() - email.utils.parsedate_to_datetime(date).timestamp()
    except (TypeError, ValueError):
        return []
    if abs(difference) <= _CLOCK_TOLERANCE:
        return [Diagnosis(Level.WELL, "the clock agrees with GitHub's")]
    direction = "ahead of" if difference > 0 else "behind"
    what = f"this machine's clock is {abs(difference):.0f} s {direction} GitHub's"
    return [Diagnosis(Level.TROUBLE, what, "Set it by NTP; GitHub refuses tokens that come from the future.")]
