"""Triggers, policies, rules and extended statistics: what belongs to a table without being a column or constraint."""

from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.record import replace
from bot.core.schema.catalog import CatalogObject, CatalogPolicy, CatalogTrigger
from bot.core.schema.changes.drop import drop
from bot.core.schema.database import Database
from bot.core.schema.dependents import DependentKind, Object


def create_trigger(database: Database, operation: op.CreateTrigger) -> None:
    mentioned = _columns(operation.when) if operation.when is not None else ()
    columns = tuple(dict.fromkeys((*operation.columns, *mentioned)))
    trigger = CatalogTrigger(
        operation.trigger,
        columns,
        function=operation.function,
        events=operation.events,
        for_each_row=operation.for_each_row,
    )
    below = database.descendants(operation.table) if operation.for_each_row else []
    for name in (operation.table, *(below if database.is_partitioned(operation.table) else ())):
        if (relation := database.relation(name)) is not None:
            kept = tuple(one for one in relation.triggers if one.name != operation.trigger)
            database.put(replace(relation, triggers=(*kept, trigger)))


def _columns(when: Expression) -> tuple[str, ...]:
    return tuple(reference.column for reference in when.columns)


def drop_trigger(database: Database, operation: op.DropTrigger) -> None:
    for name in database.tree(operation.table):
        if (relation := database.relation(name)) is not None:
            kept = tuple(one for one in relation.triggers if one.name != operation.trigger)
            database.put(replace(relation, triggers=kept))


def rename_trigger(database: Database, operation: op.RenameTrigger) -> None:
    if (relation := database.relation(operation.table)) is not None:
        triggers = tuple(
            replace(one, name=operation.to) if one.name == operation.trigger else one for one in relation.triggers
        )
        database.put(replace(relation, triggers=triggers))


def create_policy(database: Database, operation: op.CreatePolicy) -> None:
    if (relation := database.relation(operation.table)) is not None:
        parts = [part for part in (operation.using, operation.with_check) if part is not None]
        columns = tuple(dict.fromkeys(reference.column for part in parts for reference in part.columns))
        relations = tuple(dict.fromkeys(database.resolve(name) for part in parts for name in part.relations))
        policy = CatalogPolicy(operation.policy, columns, relations)
        database.put(replace(relation, policies=(*relation.policies, policy)))


def alter_policy(database: Database, operation: op.AlterPolicy) -> None:
    """The policy under its new name; what an expression used stays, unless it is known that all of them are new."""
    relation = database.relation(operation.table)
    if relation is None:
        return
    parts = [part for part in (operation.using, operation.with_check) if part is not None]
    columns = [reference.column for part in parts for reference in part.columns]
    relations = [database.resolve(name) for part in parts for name in part.relations]
    policies = tuple(
        replace(
            policy,
            name=operation.rename_to or policy.name,
            columns=tuple(dict.fromkeys((*(() if _is_given(policy, operation) else policy.columns), *columns))),
            relations=tuple(dict.fromkeys((*(() if _is_given(policy, operation) else policy.relations), *relations))),
        )
        if policy.name == operation.policy
        else policy
        for policy in relation.policies
    )
    database.put(replace(relation, policies=policies))


def _is_given(policy: CatalogPolicy, operation: op.AlterPolicy) -> bool:
    """Whether every expression of the policy, as far as they are known, is replaced."""
    if policy.using is None and policy.with_check is None:
        return False
    return (operation.using is not None or policy.using is None) and (
        operation.with_check is not None or policy.with_check is None
    )


def add_part(database: Database, operation: op.CreateStatistics | op.CreateRule) -> None:
    relation = database.relation(operation.table)
    if relation is None:
        return
    if isinstance(operation, op.CreateRule):
        database.put(replace(relation, rules=(*relation.rules, operation.rule)))
    elif operation.statistics is not None:
        database.put(replace(relation, statistics=(*relation.statistics, operation.statistics)))
        database.add_object(CatalogObject("STATISTICS", operation.statistics.within(database.home)))


def rename_rule(database: Database, operation: op.RenameRule) -> None:
    if (relation := database.relation(operation.table)) is not None:
        rules = tuple(operation.to if rule == operation.rule else rule for rule in relation.rules)
        database.put(replace(relation, rules=rules))


def drop_rule(database: Database, operation: op.DropRule) -> None:
    if (relation := database.relation(operation.table)) is not None:
        database.put(replace(relation, rules=tuple(one for one in relation.rules if one != operation.rule)))


def drop_policy(database: Database, operation: op.DropPolicy) -> None:
    drop(database, Object(DependentKind.POLICY, operation.table, operation.policy))
