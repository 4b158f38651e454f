"""Turns deliveries from GitHub into the jobs they ask for, or into none. Pure: it knows payloads and jobs.

GitHub adds fields, events and actions at any time, and real payloads do not match its own published schema. So only
what a job needs is read from a payload, and anything that is missing or has another shape means "no job", never an
error. Event and delivery headers are outside the signature: a job has ids only, and the review reads the rest again
through the API.

An event is one function, declared by `@event` in any module of this folder; that alone subscribes the App to it. The
manifest, the doctor and the labels of the metrics follow from the declarations, and a test holds `app.yml` to them.
"""

import importlib
import pkgutil

from bot.server.events.declaration import Event, Events


def declared() -> list[Event]:
    """Every event that a module of this folder declares."""
    modules = [importlib.import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__)]
    return [value for module in modules for value in vars(module).values() if isinstance(value, Event)]


EVENTS = Events(declared())
"""What the App subscribes to."""
