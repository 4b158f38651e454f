"""What hangs on a table: triggers, policies and rules.

Sources: https://www.postgresql.org/docs/current/sql-createtrigger.html,
https://www.postgresql.org/docs/current/sql-createpolicy.html,
https://www.postgresql.org/docs/current/sql-createrule.html; trigger.c, policy.c, rewriteDefine.c.
"""

from bot.core.effects.work import Work
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.locks import LockMode
from bot.core.language.names import Name

_AX = LockMode.ACCESS_EXCLUSIVE
_SRX = LockMode.SHARE_ROW_EXCLUSIVE


def create_trigger(work: Work, operation: op.CreateTrigger) -> None:
    if not work.find(operation.table):
        return
    work.lock(operation.table, _SRX)
    if operation.from_table is not None:
        work.lock(operation.from_table, LockMode.ACCESS_SHARE)
    relation = work.database.relation(operation.table)
    names = [trigger.name for trigger in relation.triggers] if relation is not None else []
    if operation.trigger in names and not operation.or_replace:
        work.fail(
            "42710",
            "trigger {} for relation {} already exists",
            named.trigger(operation.trigger, operation.table),
            operation.table,
        )
        return
    if operation.for_each_row and work.database.is_partitioned(operation.table):
        for name in work.database.descendants(operation.table):
            work.lock(name, _SRX)


def drop_trigger(work: Work, operation: op.DropTrigger) -> None:
    relation = work.database.relation(operation.table)
    if not work.find(operation.table, missing_ok=operation.if_exists):
        return
    triggers = [trigger.name for trigger in relation.triggers] if relation is not None else []
    if relation is not None and not relation.partial and operation.trigger not in triggers:
        work.lock(operation.table, LockMode.ACCESS_SHARE, early=True)
        if not operation.if_exists:
            work.fail(
                "42704",
                "trigger {} for table {} does not exist",
                named.trigger(operation.trigger, operation.table),
                operation.table,
            )
        return
    work.lock(operation.table, _AX)
    for name in work.database.descendants(operation.table) if work.database.is_partitioned(operation.table) else ():
        below = work.database.relation(name)
        if below is not None and any(trigger.name == operation.trigger for trigger in below.triggers):
            work.lock(name, _AX)


def rename_trigger(work: Work, operation: op.RenameTrigger) -> None:
    if not work.find(operation.table):
        return
    work.lock(operation.table, _AX)
    if work.database.is_partitioned(operation.table) and work.major >= 15:
        for name in work.database.descendants(operation.table):
            work.lock(name, _AX)


def create_policy(work: Work, operation: op.CreatePolicy | op.AlterPolicy) -> None:
    if not work.find(operation.table):
        return
    work.lock(operation.table, _AX)
    relation = work.database.relation(operation.table)
    names = [policy.name for policy in relation.policies] if relation is not None else []
    if isinstance(operation, op.CreatePolicy) and operation.policy in names:
        work.fail(
            "42710",
            "policy {} for table {} already exists",
            named.policy(operation.policy, operation.table),
            operation.table,
        )
    for part in (operation.using, operation.with_check):
        if part is not None:
            _read_in(work, part, operation.table)


def _read_in(work: Work, expression: Expression, table: Name) -> None:
    for name in expression.relations:
        if (found := work.database.resolve(name)) != table:
            work.read(found)


def drop_policy(work: Work, operation: op.DropPolicy) -> None:
    table = operation.table
    if not work.find(table, missing_ok=operation.if_exists):
        return
    relation = work.database.relation(table)
    names = [policy.name for policy in relation.policies] if relation is not None else []
    if relation is not None and not relation.partial and operation.policy not in names:
        work.lock(table, LockMode.ACCESS_SHARE, early=True)
        if not operation.if_exists:
            work.fail("42704", "policy {} for table {} does not exist", named.policy(operation.policy, table), table)
        return
    work.lock(table, _AX)


def create_rule(work: Work, operation: op.CreateRule) -> None:
    if work.find(operation.table):
        work.lock(operation.table, _AX)


def rename_rule(work: Work, operation: op.RenameRule) -> None:
    if work.find(operation.table):
        work.lock(operation.table, _AX)


def drop_rule(work: Work, operation: op.DropRule) -> None:
    table = operation.table
    if not work.find(table, missing_ok=operation.if_exists):
        return
    relation = work.database.relation(table)
    if relation is not None and not relation.partial and operation.rule not in relation.rules:
        work.lock(table, LockMode.ACCESS_SHARE, early=True)
        if not operation.if_exists:
            work.fail("42704", "rule {} for relation {} does not exist", named.thing(operation.rule), table)
        return
    work.lock(table, _AX)
