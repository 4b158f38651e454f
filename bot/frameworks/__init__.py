"""The migration frameworks: one module each, found by looking in this folder.

A module registers by being here and having a `FRAMEWORK`. Importing it must be cheap: a framework whose files need a
parser imports it where it reads, so that checking a file of SQL does not load Ruby's grammar. A module may know the
core, `bot.sql` and the kits beside it (`sql_files`, `code_files` and what these use), and no other tool.
"""

import pkgutil
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module

from bot.core.judging.framework import Framework

__all__ = ["FRAMEWORKS", "UnknownFramework", "framework_named", "in_order", "recognise"]


class UnknownFramework(LookupError):
    """No framework has that name; the message lists all names."""


def in_order(frameworks: Iterable[Framework]) -> tuple[Framework, ...]:
    """Frameworks that recognise their files by content first; plain SQL, which accepts any, last."""
    return tuple(sorted(frameworks, key=lambda framework: (framework.known_by.value, framework.name)))


def _in_this_folder() -> Iterator[Framework]:
    modules = (import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__))
    return (module.FRAMEWORK for module in modules if hasattr(module, "FRAMEWORK"))


FRAMEWORKS: tuple[Framework, ...] = in_order(_in_this_folder())
"""Every framework that is read, the most specific first."""


def recognise(
    path: str, text: str, *, named: bool = False, among: Sequence[Framework] = FRAMEWORKS
) -> Framework | None:
    """The framework whose migration the file is; `named`: the user named this file, so any SQL is a migration."""
    found = next((framework for framework in among if framework.recognises(path, text)), None)
    return among[-1] if found is None and named and path.endswith(".sql") else found


def framework_named(name: str) -> Framework:
    """The framework of that name. Raises UnknownFramework."""
    for framework in FRAMEWORKS:
        if framework.name == name:
            return framework
    raise UnknownFramework(f"no framework is called {name}; there are {', '.join(one.name for one in FRAMEWORKS)}")
