"""What the tools around Active Record make of its statements while a migration runs."""

from collections.abc import Sequence
from dataclasses import replace

from bot.core.language.names import Name, quote
from bot.core.language.operations import (
    AddCheck,
    AddForeignKey,
    Analyze,
    Check,
    CreateIndex,
    DropConstraint,
    DropIndex,
    Operation,
    SetNotNull,
    SetSetting,
    Update,
    ValidateConstraint,
)
from bot.frameworks.rails.environment import Environment
from bot.frameworks.rails.naming import check_name
from bot.frameworks.rails.parts import Part
from bot.frameworks.rails.schema_statements import Given
from bot.sql import read_expression

_MADE_SAFE = frozenset(
    """add_index add_belongs_to add_reference remove_index add_foreign_key add_check_constraint
    change_column_null""".split()
)


def as_run(
    method: str, given: Given, sent: Sequence[Part], environment: Environment, version: int, created: frozenset[Name]
) -> list[Part]:
    """The parts of a call of a schema statement as the tools in use send them."""
    made = list(sent)
    if "safe-pg-migrations" in environment.gems:
        made = [part for one in made for part in _safe_pg(one, given, environment, created)]
    elif environment.safe_by_default and version > environment.start_after and method in _MADE_SAFE:
        made = [part for one in made for part in _safe_by_default(one, created)]
    if environment.auto_analyze and method == "add_index":
        made += [Part((Analyze((one.table,)),)) for part in sent for one in part.sent if isinstance(one, CreateIndex)]
    return made


def _safe_by_default(part: Part, created: frozenset[Name]) -> list[Part]:
    """strong_migrations commits the migration's transaction before what takes its time."""
    match part.sent:
        case (CreateIndex() as index,) if index.table not in created:
            return [Part((replace(index, concurrently=True),), ends=True)]
        case (DropIndex() as drop,):
            return [Part((replace(drop, concurrently=True),), ends=True)]
        case (AddForeignKey() | AddCheck() as added,) if added.table not in created and not added.constraint.not_valid:
            return _validated_later(added, ends=True)
        case (Update() as update,) if not update.by_application:
            return [Part((replace(update, batched=True, by_application=True),), ends=True)]
        case (SetNotNull() as change,) if change.table not in created:
            added, name = _not_null_check(change.table, change.column, "not_null")
            return [
                Part((added,)),
                Part((ValidateConstraint(change.table, name),), ends=True, together=True),
                Part((change,), together=True),
                Part((DropConstraint(change.table, name),), together=True),
            ]
        case _:
            return [part]


def _safe_pg(part: Part, given: Given, environment: Environment, created: frozenset[Name]) -> list[Part]:
    """safe-pg-migrations runs outside a transaction, and lifts its timeouts for what takes its time."""
    said, unsaid = "validate" in given.options, "algorithm" not in given.options
    match part.sent:
        case (CreateIndex() as index,) if index.table not in created:
            changed = replace(index, concurrently=unsaid or index.concurrently)
            return _patient((changed,), environment, index=True)
        case (DropIndex() as drop,):
            dropped = replace(drop, concurrently=unsaid or drop.concurrently)
            return _patient((dropped,), environment, index=True)
        case (AddForeignKey() | AddCheck() as added,) if not said and added.table not in created:
            first, second = _validated_later(added, ends=False)
            return [first, *_patient(second.sent, environment)]
        case (ValidateConstraint(),):
            return _patient(part.sent, environment)
        case (SetNotNull() as change,) if change.table not in created:
            added, name = _not_null_check(change.table, change.column, "not_null")
            validated = _patient((ValidateConstraint(change.table, name),), environment)
            return [Part((added,)), *validated, Part((change,)), Part((DropConstraint(change.table, name),))]
        case _:
            return [part]


def _validated_later(added: AddForeignKey | AddCheck, *, ends: bool) -> list[Part]:
    match added:
        case AddForeignKey(table=table, constraint=key):
            first: Operation = AddForeignKey(table, replace(key, not_valid=True))
        case AddCheck(table=table, constraint=check):
            first = AddCheck(table, replace(check, not_valid=True))
    return [Part((first,)), Part((ValidateConstraint(added.table, added.constraint.name or ""),), ends=ends)]


def _not_null_check(table: Name, column: str, kind: str) -> tuple[AddCheck, str]:
    name = check_name(str(table), f"{column}_{kind}")
    return AddCheck(table, Check(read_expression(f"{quote(column)} IS NOT NULL"), name, not_valid=True)), name


def _patient(sent: tuple[Operation, ...], environment: Environment, *, index: bool = False) -> list[Part]:
    """Without statement_timeout; for an index, without lock_timeout, too."""
    names = ("lock_timeout", "statement_timeout") if index else ("statement_timeout",)
    lifted = [Part((SetSetting(name, "0"),)) for name in names]
    again = [Part((SetSetting(name, environment.settings[name][0]),)) for name in names if name in environment.settings]
    return [*lifted, Part(sent), *again]
