"""What people accepted on a pull request, and who may: items of its checklist, and findings of a rule."""

import contextlib
from collections.abc import Iterable
from dataclasses import field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.judging.policy import AcceptPolicy
from bot.core.record import record
from bot.report.words import code, listing, sentence

WRITERS = frozenset({"admin", "maintain", "write"})
"""The roles with which GitHub lets an account push."""
_CLOCKS_DIFFER = timedelta(hours=1)
_RANKS = ("none", "read", "write", "maintain", "admin")


class AcceptKind(StrEnum):
    """What a person accepted. The values are stored in the state, so an upgrade must not change them."""

    ITEM = "acknowledge"
    """An item of the checklist."""
    RULE = "allow"
    """The findings of a rule."""


@record
class Accepter:
    """Who a person was to the repository when they accepted: as GitHub said it then."""

    role: str = "write"
    """admin, maintain, write, read or none."""
    teams: tuple[str, ...] = ()
    """Those of `accept.teams` that they belong to."""
    hidden: tuple[str, ...] = ()
    """Those whose members GitHub does not show to the App."""
    author: bool = False
    """Whether they opened the pull request, or wrote what they accept."""


@record
class NamedCommit:
    """A commit with the accounts that GitHub finds for its author and committer; None where a name was only typed.

    `at` is the committer's time, ISO 8601: whoever commits may write any.
    """

    sha: str
    author: str | None
    committer: str | None
    at: str


@record
class Acknowledgement:
    """What a person accepted: `item` is a checklist id or a rule's id. Void once the `fingerprint` changes."""

    item: str
    by: str
    at: str
    """ISO 8601, UTC."""
    reason: str
    fingerprint: str = ""
    kind: AcceptKind = AcceptKind.ITEM
    standing: Accepter = field(default_factory=Accepter)


def why_not(accept: AcceptPolicy, login: str, who: Accepter) -> str:
    """Which rule of `accept:` keeps this person from accepting, a clause that may hold `code`; "" if they may."""
    if who.role not in WRITERS:
        return f"{code(login)} has no write permission on this repository"
    if _rank(who.role) < _rank(accept.permission):
        return f"{code('accept.permission')} asks for {accept.permission} permission, and {code(login)} has {who.role}"
    if not _is_named(accept, login, who):
        keys = [code(f"accept.{key}") for key, named in (("users", accept.users), ("teams", accept.teams)) if named]
        return f"{listing(keys)} {'name' if len(keys) > 1 else 'names'} others than {code(login)}{_hidden(who)}"
    if who.author and not accept.author:
        return f"{code('accept.author: false')} asks for somebody other than the author, and {code(login)} is one"
    return ""


def who_may(accept: AcceptPolicy) -> str:
    """Who may accept a danger, as a sentence: `ada` or a member of `acme/dba` with maintain permission may."""
    named = [
        *(code(user) for user in accept.users),
        *(f"a member of {code(team)}" for team in accept.teams),
    ]
    people = listing(named, "or") if named else "anybody"
    other = "" if accept.author else ", but nobody who wrote it"
    return sentence(f"{people} with {accept.permission} permission may{other}")


def expired(accept: AcceptPolicy, at: str, now: datetime) -> str:
    """Why an acceptance of that time (ISO 8601) counts no more, a clause; "" while it lasts."""
    if accept.expires is None:
        return ""
    try:
        began = datetime.fromisoformat(at)
        # Whoever commits may write any time: one to come would never end.
        if began > now + _CLOCKS_DIFFER:
            return f"it is dated {began:%Y-%m-%d %H:%M}, which is to come, and {code('accept.expires')} limits it"
        end = began + timedelta(seconds=accept.expires)
    except (ValueError, TypeError, OverflowError):
        return f"it is not known when it was given, and {code('accept.expires')} limits it"
    if end >= now:
        return ""
    return f"it ended on {end:%Y-%m-%d %H:%M} UTC ({code('accept.expires')})"


def next_end(accept: AcceptPolicy, given: Iterable[str], now: datetime) -> float | None:
    """When the first of those given at these times ends, in seconds since 1970; None if none does, or all have."""
    ends: list[float] = []
    for at in given if accept.expires is not None else ():
        with contextlib.suppress(ValueError, TypeError, OverflowError):
            end = (datetime.fromisoformat(at) + timedelta(seconds=accept.expires or 0.0)).timestamp()
            ends += [end] if end >= now.timestamp() else []
    return min(ends, default=None)


@record
class Ending:
    """An open pull request of which something accepted ends, at `at` (seconds since 1970): then it is judged again."""

    installation: int
    repository_id: int
    repository: str
    number: int
    head_sha: str
    at: float


def lasts(accept: AcceptPolicy) -> str:
    """`, and at most 14 days`: how long an acceptance lasts whatever else happens; "" where nothing limits it."""
    if accept.expires is None:
        return ""
    days = accept.expires / 86_400
    if days < 1:
        return f", and at most {days * 24:.3g} hours"
    return f", and at most {days:.3g} day{'' if days == 1 else 's'}"


def _rank(role: str) -> int:
    return _RANKS.index(role) if role in _RANKS else 0


def _is_named(accept: AcceptPolicy, login: str, who: Accepter) -> bool:
    if not accept.users and not accept.teams:
        return True
    teams = {team.lower() for team in accept.teams}
    return login.lower() in {user.lower() for user in accept.users} or any(team.lower() in teams for team in who.teams)


def _hidden(who: Accepter) -> str:
    if not who.hidden:
        return ""
    teams = listing([code(team) for team in who.hidden])
    return (
        f"; GitHub does not show the members of {teams} to the App, "
        f"which needs the organisation's permission {code('members: read')} for that"
    )
