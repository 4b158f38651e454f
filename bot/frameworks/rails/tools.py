"""How tools around Active Record change its statements when a migration runs."""

from collections.abc import Sequence
from dataclasses import replace

from bot.core.language import operations as op
from bot.core.language.names import Name, quote
from bot.frameworks.rails.calls import SchemaCall, SentPart
from bot.frameworks.rails.environment import Environment
from bot.frameworks.rails.naming import check_name
from bot.sql import read_expression

_MADE_SAFE = frozenset(
    """add_index add_belongs_to add_reference remove_index add_foreign_key add_check_constraint
    change_column_null""".split()
)


def as_run(
    method: str,
    given: SchemaCall,
    sent: Sequence[SentPart],
    environment: Environment,
    version: int,
    created: frozenset[Name],
) -> list[SentPart]:
    """The parts of a call of a schema statement as the tools in use send them."""
    made = list(sent)
    if "safe-pg-migrations" in environment.gems:
        made = [part for one in made for part in _safe_pg(one, given, environment, created)]
    elif environment.safe_by_default and version > environment.start_after and method in _MADE_SAFE:
        made = [part for one in made for part in _safe_by_default(one, created)]
    if environment.auto_analyze and method == "add_index":
        made += [
            SentPart((op.Analyze((one.table,)),))
            for part in sent
            for one in part.sent
            if isinstance(one, op.CreateIndex)
        ]
    return made


def _safe_by_default(part: SentPart, created: frozenset[Name]) -> list[SentPart]:
    """strong_migrations commits the migration's transaction before slow statements."""
    match part.sent:
        case (op.CreateIndex() as index,) if index.table not in created:
            return [SentPart((replace(index, concurrently=True),), ends=True)]
        case (op.DropIndex() as drop,):
            return [SentPart((replace(drop, concurrently=True),), ends=True)]
        case (op.AddForeignKey() | op.AddCheck() as added,) if (
            added.table not in created and not added.constraint.not_valid
        ):
            return _validated_later(added, ends=True)
        case (op.Update() as update,) if not update.by_application:
            return [SentPart((replace(update, batched=True, by_application=True),), ends=True)]
        case (op.SetNotNull() as change,) if change.table not in created:
            added, name = _not_null_check(change.table, change.column, "not_null")
            return [
                SentPart((added,)),
                SentPart((op.ValidateConstraint(change.table, name),), ends=True, together=True),
                SentPart((change,), together=True),
                SentPart((op.DropConstraint(change.table, name),), together=True),
            ]
        case _:
            return [part]


def _safe_pg(part: SentPart, given: SchemaCall, environment: Environment, created: frozenset[Name]) -> list[SentPart]:
    """safe-pg-migrations runs outside a transaction, and lifts its timeouts for slow statements."""
    validate, default_algorithm = "validate" in given.options, "algorithm" not in given.options
    match part.sent:
        case (op.CreateIndex() as index,) if index.table not in created:
            changed = replace(index, concurrently=default_algorithm or index.concurrently)
            return _patient((changed,), environment, index=True)
        case (op.DropIndex() as drop,):
            dropped = replace(drop, concurrently=default_algorithm or drop.concurrently)
            return _patient((dropped,), environment, index=True)
        case (op.AddForeignKey() | op.AddCheck() as added,) if not validate and added.table not in created:
            first, second = _validated_later(added, ends=False)
            return [first, *_patient(second.sent, environment)]
        case (op.ValidateConstraint(),):
            return _patient(part.sent, environment)
        case (op.SetNotNull() as change,) if change.table not in created:
            added, name = _not_null_check(change.table, change.column, "not_null")
            validated = _patient((op.ValidateConstraint(change.table, name),), environment)
            return [
                SentPart((added,)),
                *validated,
                SentPart((change,)),
                SentPart((op.DropConstraint(change.table, name),)),
            ]
        case _:
            return [part]


def _validated_later(added: op.AddForeignKey | op.AddCheck, *, ends: bool) -> list[SentPart]:
    match added:
        case op.AddForeignKey(table=table, constraint=key):
            first: op.Operation = op.AddForeignKey(table, replace(key, not_valid=True))
        case op.AddCheck(table=table, constraint=check):
            first = op.AddCheck(table, replace(check, not_valid=True))
    return [SentPart((first,)), SentPart((op.ValidateConstraint(added.table, added.constraint.name or ""),), ends=ends)]


def _not_null_check(table: Name, column: str, kind: str) -> tuple[op.AddCheck, str]:
    name = check_name(str(table), f"{column}_{kind}")
    return op.AddCheck(table, op.Check(read_expression(f"{quote(column)} IS NOT NULL"), name, not_valid=True)), name


def _patient(sent: tuple[op.Operation, ...], environment: Environment, *, index: bool = False) -> list[SentPart]:
    """Without statement_timeout; for an index, without lock_timeout, too."""
    names = ("lock_timeout", "statement_timeout") if index else ("statement_timeout",)
    lifted = [SentPart((op.SetSetting(name, "0"),)) for name in names]
    again = [
        SentPart((op.SetSetting(name, environment.settings[name][0]),))
        for name in names
        if name in environment.settings
    ]
    return [*lifted, SentPart(sent), *again]
