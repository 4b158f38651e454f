"""The rules: one file each, found by being here.

A rule's file name is its id and the name of the bad pattern; its docstring is its page, its tests and its
explanation. It knows only the core. Absent on purpose: a list of rules, and facts about PostgreSQL: a rule reads
`moment.effects` and judges.
"""

from importlib import import_module
from pkgutil import iter_modules

from bot.core.judging.rule import Rule


def _found() -> tuple[Rule, ...]:
    rules = [getattr(import_module(f"{__name__}.{module.name}"), module.name) for module in iter_modules(__path__)]
    return tuple(sorted(rules, key=lambda rule: (rule.rank, rule.id)))


RULES: tuple[Rule, ...] = _found()
"""Every rule, in the order in which they report at a statement."""
