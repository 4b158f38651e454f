"""What goes wrong with the next requests, as the user of the stand-in has ordered."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."


@dataclass(slots=True)
class Fault:
    """What goes wrong with `times` requests of `method` whose path contains `where`.

    With `after_effect` the request is carried out first. `delay` is in seconds; `body` is bytes or JSON.
    """

    method: str
    where: str
    status: int
    after_effect: bool = field(default=False, kw_only=True)
    times: int = 1
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    delay: float = 0.0


class Faults:
    """The faults that are still to come, oldest first."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append(fault)

    def take(self, method: str, path: str) -> Fault | None:
        """Removes and returns the fault for this request, or None."""
        with self._lock:
            fault = next((each for each in self._waiting if each.method == method and each.where in path), None)
            if fault:
                fault.times -= 1
                if fault.times <= 0:
                    self._waiting.remove(fault)
            return fault


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
