"""The rules: one file each, found by being here.

A rule's file name is its id and the name of the bad pattern; its docstring is its page, its tests and its
explanation. It knows only the core. Absent on purpose: a list of rules, and facts about PostgreSQL: a rule reads
`moment.effects` and judges.
"""

from collections.abc import Iterable
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from bot.core.judging.rule import Rule


class MissingRule(LookupError):
    """A file of this folder has no rule of its own name; the message says which."""


def rules_in(package: str, folders: Iterable[str]) -> tuple[Rule, ...]:
    """The rule of every file in the package, in the order in which they report. Raises MissingRule."""
    rules = [_rule_in(import_module(f"{package}.{module.name}"), module.name) for module in iter_modules(folders)]
    return tuple(sorted(rules, key=lambda rule: (rule.rank, rule.id)))


def _rule_in(module: ModuleType, name: str) -> Rule:
    found = getattr(module, name, None)
    if not isinstance(found, Rule):
        raise MissingRule(f"{module.__file__} has no function {name} decorated with @rule(): name it like its file")
    return found


RULES: tuple[Rule, ...] = rules_in(__name__, __path__)
"""Every rule, in the order in which they report at a statement."""
