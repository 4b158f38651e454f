"""What can go wrong with GitHub, by what can be done about it.

HubError                  GitHub did not answer, or refused
├── BadCredentials        the App's own key or clock is wrong: the operator must fix it
├── NotInstalled          the App is not installed there any more; in `bot.review.errors`
├── Suspended             the installation is suspended
├── MissingPermission     a permission is lacking, or the repository is not included; in `bot.review.errors`
├── RateLimited           wait until a known time
├── Gone                  it does not exist
├── Unprocessable         GitHub understood and refuses
├── TooLarge              an answer over our limit; in `bot.review.errors`, because reviews catch it
├── Transient             trying again later may help
│   └── Uncertain         a write that may have been done: check before repeating it
└── OtherRefusal               any other refusal
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from bot.core import clock
from bot.review.errors import HubError, MissingPermission, NoAccess, NotInstalled, TooLarge

__all__ = [
    "BadCredentials",
    "Gone",
    "HubError",
    "MissingPermission",
    "NotInstalled",
    "OtherRefusal",
    "RateLimited",
    "Suspended",
    "TooLarge",
    "Transient",
    "Uncertain",
    "Unprocessable",
    "refusal",
]

SECONDARY_WAIT = 60.0
"""Seconds to wait if GitHub names a secondary limit without a time, as its documentation says."""


_HOUR = 3600.0


class BadCredentials(HubError):
    pass


class Suspended(NoAccess):
    pass


class RateLimited(HubError):
    """`until` by `bot.core.clock`, which no change of the machine's clock moves; `kind` is primary or secondary."""

    def __init__(self, message: str, until: float, kind: str) -> None:
        super().__init__(message, retry_after=max(until - clock.now(), 1.0))
        self.until = until
        self.kind = kind


class Gone(HubError):
    pass


class Unprocessable(HubError):
    """`details` are GitHub's own reasons."""

    def __init__(self, message: str, details: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.details = details


class Transient(HubError):
    def __init__(self, message: str, *, retry_after: float = 5.0) -> None:
        super().__init__(message, retry_after=retry_after)


class Uncertain(Transient):
    pass


class OtherRefusal(HubError):
    """`status` is the answer's HTTP status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def refusal(method: str, path: str, status: int, headers: Mapping[str, str], body: bytes) -> HubError:
    """The error for an answer of 400 and above; its text names the request and GitHub's message."""
    message, details = _words(body)
    text = f"GitHub answered {status} to {method} {path}" + (f": {message}" if message else "")
    limited = _limit(status, headers, message, text)
    if limited:
        return limited
    match status:
        case 401:
            return BadCredentials(text)
        case 403 if "suspended" in message.lower():
            return Suspended(text)
        case 403 if "not accessible" in message.lower() or "permission" in message.lower():
            return MissingPermission(text, headers.get("x-accepted-github-permissions", ""))
        case 404 | 410:
            return Gone(text)
        case 409 | 422:
            return Unprocessable("; ".join([text, *details]), details or (message,))
        case _ if status >= 500 and method == "GET":
            return Transient(text)
        case _ if status >= 500:
            return Uncertain(text)
        case _:
            return OtherRefusal(text, status)


def _limit(status: int, headers: Mapping[str, str], message: str, text: str) -> RateLimited | None:
    """A rate limit in any of its three forms: a time to wait, nothing remaining, or only a message."""
    if status not in (403, 429):
        return None
    secondary = "secondary rate" in message.lower() or "abuse detection" in message.lower()
    now = clock.now()
    if "retry-after" in headers:
        return RateLimited(text, now + _seconds(headers["retry-after"], SECONDARY_WAIT), "secondary")
    if headers.get("x-ratelimit-remaining") == "0":
        wait = until_reset(headers, SECONDARY_WAIT)
        return RateLimited(text, now + max(wait, 1.0), "secondary" if secondary else "primary")
    if secondary or status == 429:
        return RateLimited(text, now + SECONDARY_WAIT, "secondary")
    return None


def until_reset(headers: Mapping[str, str], otherwise: float) -> float:
    """Seconds until the hour of a rate limit is over, by GitHub's own clock if the answer is dated."""
    reset = headers.get("x-ratelimit-reset", "")
    if not (reset.isascii() and reset.isdigit()):
        return otherwise
    try:
        answered = parsedate_to_datetime(headers.get("date", "")).timestamp()
    except ValueError:
        answered = datetime.now(UTC).timestamp()
    return min(float(reset[:18]) - answered, _HOUR)


def _seconds(text: str, otherwise: float) -> float:
    return float(text) if text.isascii() and text.isdigit() else otherwise


def _words(body: bytes) -> tuple[str, tuple[str, ...]]:
    """GitHub's message and its list of errors, each of which may be a string or an object."""
    try:
        content: Any = json.loads(body)
    except ValueError:
        return "", ()
    if not isinstance(content, dict):
        return "", ()
    errors = content.get("errors")
    listed = errors if isinstance(errors, list) else [errors] if errors else []
    return str(content.get("message") or "")[:500], tuple(_detail(each)[:500] for each in listed[:20])


def _detail(error: Any) -> str:
    if not isinstance(error, dict):
        return str(error)
    parts = [str(error[name]) for name in ("resource", "field", "code", "message") if error.get(name)]
    return " ".join(parts)
