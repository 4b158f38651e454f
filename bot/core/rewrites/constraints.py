"""Constraints added without a long lock: declared NOT VALID, then validated; unique ones on an index built before."""

from collections.abc import Sequence
from dataclasses import replace

from bot.core.effects import effects
from bot.core.judging.findings import SafeRewrite, Step
from bot.core.judging.rule import Moment
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import Message, Share, say
from bot.core.language.names import Name
from bot.core.language.naming import free_name
from bot.core.rewrites.filling import is_filled
from bot.core.rewrites.steps import deploy, is_not_null, migration, unhurried
from bot.core.schema.catalog import CatalogConstraint, RelationKind

_NOT_VALID_NOT_NULL = 18
"""From this major on NOT NULL itself can be added NOT VALID."""


def set_not_null(change: op.SetNotNull, moment: Moment) -> SafeRewrite | None:
    done = effects((change,), moment.session, moment.major)
    if moment.is_new(change.table) or not (done.scans or done.failures):
        return None
    return SafeRewrite(
        (*_nulls_first(change.table, change.column, moment), *not_null(change.table, change.column, moment))
    )


def add_not_null(change: op.AddNotNull, moment: Moment) -> SafeRewrite | None:
    constraint = change.constraint
    if moment.is_new(change.table) or constraint.not_valid:
        return None
    steps = not_null(change.table, constraint.column, moment, constraint.name)
    return SafeRewrite((*_nulls_first(change.table, constraint.column, moment), *steps))


def add_check(change: op.AddCheck, moment: Moment) -> SafeRewrite | None:
    constraint = change.constraint
    if moment.is_new(change.table) or constraint.not_valid or not constraint.enforced:
        return None
    declared = check_not_valid(change, moment)
    demanded = (one.column for one in constraint.expression.conjuncts if one.operator == "IS NOT NULL" and one.column)
    first = [step for column in demanded for step in _nulls_first(change.table, column, moment)]
    return SafeRewrite((*first, _declare(declared), validate(change.table, str(declared.constraint.name))))


def not_null(table: Name, column: str, moment: Moment, name: str | None = None) -> tuple[Step, ...]:
    """NOT NULL in steps that scan the table without blocking anybody."""
    if moment.major >= _NOT_VALID_NOT_NULL and _is_major_known(moment):
        label = name or free(table, column, "not_null", moment)
        declared = op.AddNotNull(table, op.NotNull(column, label, not_valid=True))
        return (
            migration(f"declare_{label}", declared, note=_from_now_on(table, column)),
            validate(table, label),
        )
    label = free(table, column, "is_not_null", moment)
    proof = op.AddCheck(table, op.Check(is_not_null(column), label, not_valid=True))
    return (
        migration(f"declare_{label}", proof, note=_from_now_on(table, column)),
        validate(table, label),
        migration(
            f"set_{table.name}_{column}_not_null",
            op.SetNotNull(table, column),
            op.DropConstraint(table, label),
            note=say("PostgreSQL takes the validated check as proof and reads nothing; then the check is dropped."),
        ),
    )


def _from_now_on(table: Name, column: str) -> Message:
    return say(
        "Nothing is read. From now on a row without a value in {} can be neither added nor changed, old rows included.",
        named.column(column, table),
    )


def _is_major_known(moment: Moment) -> bool:
    """Where the version is not known, steps have to run on any."""
    return moment.session.snapshot or moment.policy.postgres is not None


def validate(table: Name, constraint: str, step: str = "") -> Step:
    """`step`: what the file is called, where tables share the constraint's name."""
    return unhurried(
        step or f"validate_{constraint}",
        op.ValidateConstraint(table, constraint),
        note=say("Reads the table while reads and writes go on."),
    )


def validate_apart(validation: op.ValidateConstraint, moment: Moment) -> SafeRewrite | None:
    """VALIDATE in a transaction of its own, where it is behind a lock that others wait for."""
    statement, locked = moment.statement, moment.session.resolve(validation.table)
    shares = len(statement.operations) > 1 or any(
        held.mode.blocks_writes and held.relation == locked for held in moment.held
    )
    if moment.is_new(validation.table) or not shares:
        return None
    return SafeRewrite((validate(validation.table, validation.constraint),))


def check_not_valid(change: op.AddCheck, moment: Moment) -> op.AddCheck:
    """The same check under the name PostgreSQL would give it, not yet validated."""
    constraint = change.constraint
    columns = list(dict.fromkeys(one.column for one in constraint.expression.columns))
    name = constraint.name or free(change.table, columns[0] if len(columns) == 1 else None, "check", moment)
    return replace(change, constraint=replace(constraint, name=name, not_valid=True))


def proves_not_null(constraint: CatalogConstraint, column: str) -> bool:
    definition = constraint.definition
    if not constraint.valid or not isinstance(definition, op.Check):
        return False
    return any(one.column == column and one.operator == "IS NOT NULL" for one in definition.expression.conjuncts)


def _declare(declared: op.AddCheck) -> Step:
    return migration(
        f"add_{declared.constraint.name}",
        declared,
        note=say(
            "Nothing is read. From now on a row that does not satisfy it can be neither added nor changed, old rows "
            "included."
        ),
    )


def _nulls_first(table: Name, column: str, moment: Moment) -> Sequence[Step]:
    known = moment.column(table, column)
    if known is None or not known.null_fraction or is_filled(table, column, moment):
        return ()
    return (
        deploy(
            say(
                "Give every row of {} a value in {} first, in batches, and let the code write it: {} have none "
                "(pg_stats).",
                named.bare(table),
                named.plain(named.column(column, table)),
                Share(known.null_fraction),
            )
        ),
    )


def is_partitioned(table: Name, moment: Moment) -> bool:
    relation = moment.relation(table)
    return relation is not None and relation.kind is RelationKind.PARTITIONED_TABLE


def free(table: Name, second: str | None, label: str, moment: Moment) -> str:
    """The name PostgreSQL would choose for a constraint of this table without a name."""
    relation = moment.relation(table)
    taken = {constraint.name for constraint in relation.constraints} if relation is not None else set()
    taken -= {one.constraint for one in moment.statement.operations if isinstance(one, op.DropConstraint)}
    return free_name(table.name, second, label, taken.__contains__)
