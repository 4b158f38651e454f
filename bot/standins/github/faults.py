"""What happens at the next requests, as the user of the stand-in has ordered: troubles, and moments to act in."""

import inspect
import re
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

_SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."


@dataclass(slots=True)
class Fault:
    """What goes wrong with `times` requests of `method` whose path contains `where`, or has a match of the pattern.

    `method` is GET, POST and so on, `write` for all that may change something, or `*`. Without `after_effect` the
    request is not carried out. `delay` is the seconds before the effect, `hold` those between effect and answer;
    `body` is bytes or JSON.
    """

    method: str
    where: str | re.Pattern[str]
    status: int
    after_effect: bool = field(default=False, kw_only=True)
    times: int = 1
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    delay: float = 0.0
    hold: float = 0.0


@dataclass(slots=True)
class Moment:
    """Something that is done once: at the `nth` matching request, before its effect or between effect and answer."""

    method: str
    where: str | re.Pattern[str]
    do: Callable[[], Awaitable[object] | object]
    nth: int
    after_effect: bool = field(kw_only=True)


class Faults:
    """The faults and moments that are still to come, oldest first."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._moments: list[Moment] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append(fault)

    def plan(self, moment: Moment) -> None:
        with self._lock:
            self._moments.append(moment)

    def forget(self) -> None:
        """Nothing more goes wrong."""
        with self._lock:
            self._waiting.clear()
            self._moments.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """Removes and returns the fault for this request, or None."""
        with self._lock:
            fault = next((each for each in self._waiting if matches(each, method, path)), None)
            if fault:
                fault.times -= 1
                if fault.times <= 0:
                    self._waiting.remove(fault)
            return fault

    async def reach(self, method: str, path: str, *, after_effect: bool) -> None:
        """Does what was planned for this moment of the request; the request waits for it."""
        for moment in self._due(method, path, after_effect=after_effect):
            done = moment.do()
            if inspect.isawaitable(done):
                await done

    def _due(self, method: str, path: str, *, after_effect: bool) -> list[Moment]:
        with self._lock:
            here = [each for each in self._moments if each.after_effect is after_effect and matches(each, method, path)]
            for each in here:
                each.nth -= 1
            due = [each for each in here if each.nth <= 0]
            self._moments = [each for each in self._moments if each not in due]
            return due


def matches(ordered: Fault | Moment, method: str, path: str) -> bool:
    """Whether it is meant for this request. A token is asked for with POST, but that changes nothing."""
    where = ordered.where
    if where not in path if isinstance(where, str) else not where.search(path):
        return False
    if ordered.method == "write":
        return method != "GET" and not path.endswith("/access_tokens")
    return ordered.method in ("*", method)


def limited(method: str, where: str, form: str, reset: int, seconds: int, times: int) -> Fault:
    """A rate limit: `primary` with nothing remaining, secondary with `retry-after`, or only the `message`."""
    match form:
        case "primary":
            headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset)}
            message = "API rate limit exceeded for installation ID 1."
        case "retry-after":
            headers, message = {"Retry-After": str(seconds)}, _SECONDARY
        case "message":
            headers, message = {"X-RateLimit-Remaining": "4000"}, _SECONDARY
        case _:
            raise ValueError(form)
    return Fault(method, where, 403, times=times, headers=headers, body={"message": message})
