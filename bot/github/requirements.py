"""Whether a branch requires our check: by a ruleset of any level, or by the branch's own protection."""

from enum import Enum
from urllib.parse import quote

from bot.github.errors import Gone, MissingPermission, Unprocessable
from bot.github.read import Json, dig, items
from bot.github.repository_api import RepositoryApi


class Requirement(Enum):
    """`OTHER`: a check of that name is required, but of another App, so that ours does not count."""

    OURS = "required"
    OTHER = "required from another App"
    NONE = "not required"
    UNKNOWN = "not shown"


async def requirement(api: RepositoryApi, branch: str, name: str) -> Requirement:
    """What GitHub shows with the permissions metadata and contents, which every installation has. Raises HubError."""
    quoted = quote(branch, safe="")
    found: set[Requirement] = set()
    try:
        found |= _in_rules(api, await api.client.pages(api.path(f"rules/branches/{quoted}")), name)
        if Requirement.OURS not in found:
            found |= _in_branch(api, await api.client.get(api.path(f"branches/{quoted}")), name)
    except (Gone, MissingPermission, Unprocessable):
        found.add(Requirement.UNKNOWN)
    order = (Requirement.OURS, Requirement.OTHER, Requirement.UNKNOWN)
    return next((one for one in order if one in found), Requirement.NONE)


def _in_rules(api: RepositoryApi, rules: list[Json], name: str) -> set[Requirement]:
    return {
        _of(api, dig(check, "integration_id"))
        for rule in rules
        if dig(rule, "type") == "required_status_checks"
        for check in items(rule, "parameters", "required_status_checks")
        if dig(check, "context") == name
    }


def _in_branch(api: RepositoryApi, branch: Json, name: str) -> set[Requirement]:
    required = dig(branch, "protection", "required_status_checks")
    checks = [one for one in (dig(required, "checks") or ()) if dig(one, "context") == name]
    if not checks and name in (dig(required, "contexts") or ()):
        return {Requirement.OURS}
    return {_of(api, dig(one, "app_id")) for one in checks}


def _of(api: RepositoryApi, app: object) -> Requirement:
    """Any App's check counts where none is named; GitHub writes -1 for that, too."""
    return Requirement.OURS if app in (None, -1, api.app_id) else Requirement.OTHER
