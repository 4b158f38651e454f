"""How an event is declared, and what follows from all the declarations together."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.review.job import Job
from bot.server.events.payload import Json, Payload

UNASKED = ("ping", "installation", "installation_repositories", "github_app_authorization")
"""What GitHub delivers to every App, and to which none can subscribe."""


@dataclass(frozen=True, slots=True)
class Event:
    """A GitHub event, and the job that its payload becomes.

    `read` is called only for `actions`; `ignored` are further actions, which are counted separately and need no job.
    """

    name: str
    actions: tuple[str, ...]
    ignored: tuple[str, ...]
    read: Callable[[Payload], Job | None]


def event(
    name: str, *, actions: tuple[str, ...], ignored: tuple[str, ...] = ()
) -> Callable[[Callable[[Payload], Job | None]], Event]:
    """Declares that the decorated function reads these actions of an event."""
    return lambda read: Event(name, actions, ignored, read)


class Events:
    """Events by name. Raises ValueError if two of them read the same action."""

    def __init__(self, declared: Iterable[Event]) -> None:
        self.declared = tuple(declared)
        self._readers: dict[tuple[str, str], Callable[[Payload], Job | None]] = {}
        for event in self.declared:
            for action in event.actions:
                if (event.name, action) in self._readers:
                    raise ValueError(f"{event.name}.{action} is declared twice")
                self._readers[event.name, action] = event.read

    @property
    def names(self) -> tuple[str, ...]:
        """What to subscribe to, in alphabetical order."""
        return tuple(sorted({event.name for event in self.declared if event.name not in UNASKED}))

    def read(self, name: str, body: Json, delivery: str) -> Job | None:
        """The job that this delivery asks for, or None. Never raises."""
        payload = Payload(body, delivery)
        reader = self._readers.get((name, payload.action))
        return reader(payload) if reader is not None else None

    def label(self, name: str) -> str:
        """The event's label in the metrics; unknown names share one, so an outsider cannot multiply the labels."""
        return name if name in UNASKED or name in self.names else "other"

    def action_label(self, action: str) -> str:
        """The same for an action."""
        known = {action for event in self.declared for action in (*event.actions, *event.ignored)}
        return action if action in known else "other"
