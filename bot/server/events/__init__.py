"""Deliveries from GitHub, read into the jobs they ask for, or into nothing. Pure.

GitHub adds fields, events and actions at any time, and real payloads do not match its own published schema. So a
payload is read by looking only at what a job needs, and whatever is missing or of another shape means "no job",
never an error. Event and delivery headers are outside the signature: a job holds ids, and the line reads the rest
again through the API.

An event is one function, declared by `@event` in any module of this folder; being there, it is subscribed to. The
manifest, the doctor and the labels of the metrics follow from the declarations, and a test holds `app.yml` to them.
"""

import importlib
import pkgutil

from bot.server.events.declaration import Event, Events


def declared() -> list[Event]:
    """Every event that a module of this folder declares."""
    modules = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    return [value for module in modules for value in vars(module).values() if isinstance(value, Event)]


EVENTS = Events(declared())
"""What the App subscribes to."""
