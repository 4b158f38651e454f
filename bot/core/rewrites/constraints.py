"""Constraints added without a long lock: declared NOT VALID, then validated; unique ones on an index built before."""

from collections.abc import Sequence
from dataclasses import replace

from bot.core.effects import effects
from bot.core.judging.findings import SafeRewrite, Step
from bot.core.judging.rule import Moment
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import Share, say
from bot.core.language.names import Name
from bot.core.language.naming import free_name, joined
from bot.core.language.splice import column_element
from bot.core.rewrites.filling import is_filled
from bot.core.rewrites.indexes import partitioned_index
from bot.core.rewrites.steps import beside, deploy, is_not_null, migration, outside, unhurried
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
    return SafeRewrite((_declare(declared), validate(change.table, str(declared.constraint.name))))


def add_unique(change: op.AddUnique, moment: Moment) -> SafeRewrite | None:
    constraint = change.constraint
    if moment.is_new(change.table) or constraint.using_index or constraint.without_overlaps:
        return None
    if is_partitioned(change.table, moment):
        return _unique_index_of_partitions(change, moment)
    return SafeRewrite(unique(change, moment))


def add_primary_key(change: op.AddPrimaryKey, moment: Moment) -> SafeRewrite | None:
    constraint = change.constraint
    if moment.is_new(change.table) or constraint.without_overlaps or is_partitioned(change.table, moment):
        return None
    proofs = [step for column in _nullable(change, moment) for step in not_null(change.table, column, moment)]
    if constraint.using_index:
        if not proofs:
            return None
        return SafeRewrite((*proofs, migration(f"add_{constraint.name or constraint.using_index}", change)))
    name = constraint.name or free(change.table, None, "pkey", moment)
    index = op.CreateIndex(
        name,
        change.table,
        tuple(column_element(column) for column in constraint.columns),
        unique=True,
        concurrently=True,
        include=constraint.include,
        options=constraint.options,
        tablespace=constraint.tablespace,
    )
    key = op.PrimaryKey(
        (),
        name,
        using_index=name,
        deferrable=constraint.deferrable,
        initially_deferred=constraint.initially_deferred,
    )
    return SafeRewrite(
        (
            *proofs,
            outside(f"build_{name}", index, moment, say("Build the index of the key without blocking writes.")),
            migration(f"add_{name}", replace(change, constraint=key), note=say("Make the index the primary key.")),
        )
    )


def not_null(table: Name, column: str, moment: Moment, name: str | None = None) -> tuple[Step, ...]:
    """NOT NULL in steps that scan the table without blocking anybody."""
    if moment.major >= _NOT_VALID_NOT_NULL and _is_major_known(moment):
        label = name or free(table, column, "not_null", moment)
        declared = op.AddNotNull(table, op.NotNull(column, label, not_valid=True))
        return (
            migration(
                f"declare_{label}", declared, note=say("From now on no new row may lack a value; nothing is read.")
            ),
            validate(table, label),
        )
    label = free(table, column, "is_not_null", moment)
    proof = op.AddCheck(table, op.Check(is_not_null(column), label, not_valid=True))
    return (
        migration(f"declare_{label}", proof, note=say("From now on no new row may lack a value; nothing is read.")),
        validate(table, label),
        migration(
            f"set_{table.name}_{column}_not_null",
            op.SetNotNull(table, column),
            op.DropConstraint(table, label),
            note=say("PostgreSQL takes the validated check as proof and reads nothing; then the check is dropped."),
        ),
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


def unique(change: op.AddUnique, moment: Moment) -> tuple[Step, ...]:
    constraint = change.constraint
    name = constraint.name or free(change.table, joined(constraint.columns), "key", moment)
    index = op.CreateIndex(
        name,
        change.table,
        tuple(column_element(column) for column in constraint.columns),
        unique=True,
        concurrently=True,
        include=constraint.include,
        nulls_not_distinct=constraint.nulls_not_distinct,
        options=constraint.options,
        tablespace=constraint.tablespace,
    )
    key = op.Unique(
        (),
        name,
        using_index=name,
        deferrable=constraint.deferrable,
        initially_deferred=constraint.initially_deferred,
    )
    return (
        outside(
            f"build_{name}",
            index,
            moment,
            say("Build the unique index without blocking writes; duplicates make it fail."),
        ),
        migration(f"add_{name}", replace(change, constraint=key), note=say("Make the index the constraint: instant.")),
    )


def proves_not_null(constraint: CatalogConstraint, column: str) -> bool:
    definition = constraint.definition
    if not constraint.valid or not isinstance(definition, op.Check):
        return False
    return any(one.column == column and one.operator == "IS NOT NULL" for one in definition.expression.conjuncts)


def _declare(declared: op.AddCheck) -> Step:
    return migration(
        f"add_{declared.constraint.name}", declared, note=say("Checked for new rows from now on; nothing is read.")
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


def _nullable(change: op.AddPrimaryKey, moment: Moment) -> list[str]:
    relation = moment.relation(change.table)
    columns = change.constraint.columns
    if change.constraint.using_index:
        name = moment.session.resolve(beside(Name(change.constraint.using_index), change.table))
        index = moment.session.catalog.indexes.get(name)
        columns = tuple(one.column for one in index.elements if one.column) if index is not None else ()
    if relation is None or not relation.columns:
        return list(columns)

    def may_be_null(column: str) -> bool:
        known = relation.column(column)
        proven = any(proves_not_null(constraint, column) for constraint in relation.constraints)
        return known is None or not (known.not_null or proven)

    return [column for column in columns if may_be_null(column)]


def _unique_index_of_partitions(change: op.AddUnique, moment: Moment) -> SafeRewrite | None:
    """A partitioned table cannot take an index for its constraint, but a unique index does the same for rows."""
    constraint = change.constraint
    if constraint.deferrable:
        return None
    name = constraint.name or free(change.table, joined(constraint.columns), "key", moment)
    index = op.CreateIndex(
        name,
        change.table,
        tuple(column_element(column) for column in constraint.columns),
        unique=True,
        include=constraint.include,
        nulls_not_distinct=constraint.nulls_not_distinct,
    )
    steps = partitioned_index(index, moment)
    return (
        SafeRewrite(
            steps,
            say(
                "{} is a unique index, not a constraint: no foreign key can refer to it", named.plain(named.index(name))
            ),
        )
        if steps
        else None
    )


def is_partitioned(table: Name, moment: Moment) -> bool:
    relation = moment.relation(table)
    return relation is not None and relation.kind is RelationKind.PARTITIONED_TABLE


def free(table: Name, second: str | None, label: str, moment: Moment) -> str:
    """The name PostgreSQL would choose for a constraint of this table without a name."""
    relation = moment.relation(table)
    taken = {constraint.name for constraint in relation.constraints} if relation is not None else set()
    return free_name(table.name, second, label, taken.__contains__)
