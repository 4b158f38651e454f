"""Changes of type that keep the rows: only what reads the column, or checks it, has to make room for a moment."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.core.judging.findings import SafeRewrite
from bot.core.judging.rule import Moment
from bot.core.language import operations as op
from bot.core.language.messages import say
from bot.core.language.names import Name
from bot.core.rewrites import constraints
from bot.core.rewrites.again import create_trigger, create_views, drop_views, not_made_again, views_over
from bot.core.rewrites.steps import migration
from bot.core.schema.catalog import CatalogPolicy, Relation
from bot.core.schema.dependents import constraint_uses, index_uses

_AT_UTC = re.compile(r"""\(?\s*[\w".]+\s+AT\s+TIME\s+ZONE\s+'(?:UTC|Etc/UTC|GMT)'\s*\)?""", re.IGNORECASE)


def in_place(changes: Sequence[op.AlterColumnType], moment: Moment, *, rewrites: bool) -> SafeRewrite | None:
    """The unchanged ALTER COLUMN TYPE, with what stands in its way dropped and made again in the same transaction.

    `rewrites`: the change alone rewrites the table or an index; then only timestamps that are UTC keep their rows.
    """
    relation = moment.relation(changes[0].table)
    if relation is None or relation.partial:
        return None
    if rewrites:
        return _as_utc(changes, relation, moment)
    return _around(changes, relation, moment)


def _as_utc(changes: Sequence[op.AlterColumnType], relation: Relation, moment: Moment) -> SafeRewrite | None:
    """timestamp to timestamptz: in a session whose TimeZone is UTC the rows are kept; USING rewrites them."""
    if not all(_is_utc(change, relation, moment) for change in changes):
        return None
    planned = _around([replace(change, using=None) for change in changes], relation, moment)
    if planned is None:
        return None
    first = replace(
        planned.steps[0],
        note=say("Instant: under TimeZone UTC the stored values are the same. USING would rewrite them all."),
        settings=(*planned.steps[0].settings, ("timezone", "UTC")),
    )
    return SafeRewrite((first, *planned.steps[1:]))


def _is_utc(change: op.AlterColumnType, relation: Relation, moment: Moment) -> bool:
    known = relation.column(change.column)
    if known is None or (known.type.name, change.type.name) != ("timestamp", "timestamptz"):
        return False
    if known.type.modifiers != change.type.modifiers or known.type.dimensions or change.type.dimensions:
        return False
    if change.using is None or not _AT_UTC.fullmatch(change.using.text.strip()):
        return False
    if [reference.column for reference in change.using.columns] != [change.column]:
        return False
    return not any(index_uses(index, change.column) for index in moment.session.catalog.indexes_of(relation.name))


def _around(changes: Sequence[op.AlterColumnType], relation: Relation, moment: Moment) -> SafeRewrite | None:
    table, names = changes[0].table, [change.column for change in changes]
    views = views_over(relation.name, names, moment)
    triggers = [one for one in relation.triggers if set(one.columns) & set(names)]
    policies = [one for one in relation.policies if set(one.columns) & set(names)]
    if not_made_again(views) is not None or any(not trigger.definition for trigger in triggers):
        return None
    if any(policy.using is None and policy.with_check is None for policy in policies):
        return None
    checks = [
        constraint
        for constraint in relation.constraints
        if isinstance(constraint.definition, op.Check)
        and constraint.valid
        and not constraint.inherited
        and any(constraint_uses(constraint.definition, name) for name in names)
    ]
    again = [
        op.AddCheck(table, replace(check.definition, name=check.name, not_valid=True))
        for check in checks
        if isinstance(check.definition, op.Check)
    ]
    before: list[op.Operation] = [*drop_views(views, moment)]
    before += [op.DropTrigger(trigger.name, table) for trigger in triggers]
    before += [op.DropPolicy(policy.name, table) for policy in policies]
    before += [op.DropConstraint(table, check.name) for check in checks]
    after: list[op.Operation] = [*again]
    after += [_policy(policy, table) for policy in policies]
    for trigger in triggers:
        after += create_trigger(trigger, table, moment)
    after += create_views(views, moment)
    note = say("Instant: new rows are always checked, the old ones again below.") if checks else say("Instant.")
    if views:
        note = say("Instant: the views are dropped and created again in the same transaction, as they were.")
    step = migration(f"alter_{table.name}_{'_'.join(names)}", *before, *changes, *after, note=note)
    validated = (replace(constraints.validate(table, check.name), down=()) for check in checks)
    down = (*before, *_changed_back(changes, relation), *map(_valid, after))
    return SafeRewrite((replace(step, down=down), *validated))


def _valid(operation: op.Operation) -> op.Operation:
    """On the way down nothing comes later that could validate a check."""
    if isinstance(operation, op.AddCheck):
        return replace(operation, constraint=replace(operation.constraint, not_valid=False))
    return operation


def _changed_back(changes: Sequence[op.AlterColumnType], relation: Relation) -> Iterator[op.AlterColumnType]:
    for change in reversed(changes):
        known = relation.column(change.column)
        if known is not None:
            yield op.AlterColumnType(change.table, change.column, known.type, collation=known.collation)


def _policy(policy: CatalogPolicy, table: Name) -> op.CreatePolicy:
    return op.CreatePolicy(
        policy.name,
        table,
        using=policy.using,
        with_check=policy.with_check,
        command=policy.command,
        permissive=policy.permissive,
        roles=policy.roles,
    )
