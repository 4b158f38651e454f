"""The migration frameworks: one module each, found by looking in this folder.

A module registers by being here and having a `FRAMEWORK`. Importing it must be cheap: a framework whose files need a
parser imports that where it reads, so that checking a file of SQL loads no grammar of Ruby.
"""

import pkgutil
from importlib import import_module

from bot.core.judging.framework import Framework

__all__ = ["FRAMEWORKS", "UnknownFramework", "framework_named", "recognise"]


class UnknownFramework(LookupError):
    """No framework has that name; the message lists those there are."""


def _found() -> tuple[Framework, ...]:
    """Those that recognise files by what is in them first, plain SQL, which takes any, last."""
    modules = (import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__))
    found = [(getattr(module, "RANK", 0), module.FRAMEWORK) for module in modules if hasattr(module, "FRAMEWORK")]
    return tuple(framework for _, framework in sorted(found, key=lambda ranked: (ranked[0], ranked[1].name)))


FRAMEWORKS: tuple[Framework, ...] = _found()
"""Most specific first. A module's `RANK` is 0 where its files say whose they are, 1 where their path does, 9 for
what takes the rest."""


def recognise(path: str, text: str, *, named: bool = False) -> Framework | None:
    """The framework that the file is a migration of; `named`: somebody asked for this file, so any SQL is one."""
    found = next((framework for framework in FRAMEWORKS if framework.recognises(path, text)), None)
    return FRAMEWORKS[-1] if found is None and named and path.endswith(".sql") else found


def framework_named(name: str) -> Framework:
    """The framework of that name. Raises UnknownFramework."""
    for framework in FRAMEWORKS:
        if framework.name == name:
            return framework
    raise UnknownFramework(f"no framework is called {name}; there are {', '.join(one.name for one in FRAMEWORKS)}")
