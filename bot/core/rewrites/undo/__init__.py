"""The way back: what undoes each step of a plan, from the session as it is just before the step.

Each down undoes its own step, where the steps before it have run and no later one has; so the downs of all steps, from
the last to the first, undo the plan. Three things cannot be had in that way, because PostgreSQL drops them together:
an index with the constraint that it became, the indexes of the partitions with that of their parent, and what belongs
to a column or table with it. The later step's down then removes both, and the earlier one's passes (IF EXISTS).

`inverse` is about one operation, `with_downs` about a plan; `matching` is about what an author wrote as the way back,
and the other modules hold the operations by what they change. Absent on purpose: how a tool writes it.
"""

from collections.abc import Iterable, Mapping, Sequence

from bot.core.judging.findings import SafeRewrite, Step, StepKind
from bot.core.language import operations as op
from bot.core.language.messages import joined, say
from bot.core.language.names import Name
from bot.core.record import replace
from bot.core.rewrites.undo.columns import undo_column
from bot.core.rewrites.undo.constraints import undo_constraint
from bot.core.rewrites.undo.indexes import undo_index
from bot.core.rewrites.undo.objects import undo_object
from bot.core.rewrites.undo.prior import NOTHING_TO_UNDO, Inverse, Prior
from bot.core.schema.session import Session

CHANGES_NOTHING = (
    op.ValidateConstraint,
    op.Analyze,
    op.Vacuum,
    op.Cluster,
    op.Reindex,
    op.RefreshMaterializedView,
    op.LockTable,
    op.SetSetting,
    op.Begin,
    op.Commit,
    op.Harmless,
)
_CHANGES_ROWS = (op.Update, op.Delete, op.Insert, op.Merge, op.Copy, op.Truncate)
_UNDO = (undo_column, undo_constraint, undo_index, undo_object)


def with_downs(rewrite: SafeRewrite, session: Session, later: Iterable[op.Operation] = ()) -> SafeRewrite:
    """The plan with `Step.down` and `Step.lost`, where its planner has given none.

    `session` is the one before the statement that the plan replaces; `later` is what follows in the same file.
    """
    before = Prior.of(session)
    every = [operation for step in rewrite.steps for operation in step.operations]
    claims = _claims([*(step.operations for step in rewrite.steps), tuple(later)])
    steps: list[Step] = []
    for at, step in enumerate(rewrite.steps):
        inverses: list[Inverse] = []
        for operation in step.operations:
            inverses.append(inverse(operation, before.under(step.settings)))
            before = before.after(operation) if operation is not every[-1] else before
        given = step.kind is not StepKind.MIGRATION or step.down is not None
        steps.append(step if given else _undone(step, inverses, at, claims))
    return replace(rewrite, steps=tuple(steps))


def way_back(step: Step) -> Step:
    """The step with its down, as far as its operations themselves tell, where nobody has worked it out."""
    if step.down is not None or step.lost:
        return step
    return with_downs(SafeRewrite((step,)), Session.begin(None)).steps[0]


def inverse(operation: op.Operation, before: Prior | None = None) -> Inverse:
    """What undoes the operation; without `before`, as far as the operation itself tells."""
    if isinstance(operation, CHANGES_NOTHING):
        return NOTHING_TO_UNDO
    if isinstance(operation, _CHANGES_ROWS):
        return Inverse(None, say("the rows as they were"))
    known = before or Prior.of(Session.begin(None))
    found = next((one for undo in _UNDO if (one := undo(operation, known)) is not None), None)
    return found or Inverse(None, say("what was there before"))


def _undone(step: Step, inverses: Sequence[Inverse], at: int, claims: Mapping[str, int]) -> Step:
    if any(one.operations is None for one in inverses):
        return replace(step, down=None, lost=joined(", ", (one.lost for one in inverses if one.lost)))
    read = _read_anyway(inverses)
    inverses = [_proven(one, read) for one in inverses]
    down = [operation for one in reversed(inverses) for operation in one.operations or ()]
    needed = _needed(
        down, {one.sequence: one.owned_by for one in step.operations if isinstance(one, op.CreateSequence)}
    )
    used = set(map(id, needed))
    lost = [one.lost for one in inverses if one.lost and (not one.operations or used & set(map(id, one.operations)))]
    return replace(step, down=tuple(_may_be_gone(one, at, claims) for one in needed), lost=joined(", ", lost))


def _read_anyway(inverses: Iterable[Inverse]) -> set[Name]:
    """The tables that the way back reads in full under a strong lock, whatever it declares NOT VALID."""
    found: set[Name] = set()
    for operation in (operation for one in inverses for operation in one.operations or ()):
        match operation:
            case op.AlterColumnType() | op.Update() | op.AddPrimaryKey() | op.AddUnique():
                found.add(operation.table)
            case op.CreateIndex(concurrently=False):
                found.add(operation.table)
            case _:
                continue
    return found


def _proven(one: Inverse, read: set[Name]) -> Inverse:
    """Its constraints valid at once, where the table is read anyway; a key refuses a NOT NULL that is NOT VALID."""
    match one.operations:
        case (op.AddCheck() | op.AddNotNull() | op.AddForeignKey() as add,) if add.table in read:
            return Inverse((replace(add, constraint=replace(add.constraint, not_valid=False)),))
        case _:
            return one


def _needed(down: Sequence[op.Operation], owners: Mapping[Name, tuple[Name, str] | None]) -> list[op.Operation]:
    """Without what a later one takes with it: defaults, constraints and sequences go with their column or table."""
    kept: list[op.Operation] = []
    tables: set[Name] = set()
    columns: set[tuple[Name, str]] = set()
    for operation in reversed(down):
        match operation:
            case op.DropTable(tables=names):
                tables.update(names)
            case op.DropColumn(table=table, column=column) if table not in tables:
                columns.add((table, column))
            case op.DropSequence(sequences=(sequence,)) if _is_among(owners.get(sequence), tables, columns):
                continue
            case _ if _goes_with(operation, tables, columns):
                continue
        kept.append(operation)
    return kept[::-1]


def _is_among(column: tuple[Name, str] | None, tables: set[Name], columns: set[tuple[Name, str]]) -> bool:
    return column is not None and (column in columns or column[0] in tables)


def _goes_with(operation: op.Operation, tables: set[Name], columns: set[tuple[Name, str]]) -> bool:
    match operation:
        case op.DropDefault() | op.DropNotNull() | op.SetDefault() | op.DropIdentity():
            return _is_among((operation.table, operation.column), tables, columns)
        case op.DropConstraint(table=table) | op.DropTrigger(table=table):
            return table in tables
        case op.DropIndex(table=table):
            return table in tables
        case op.DetachPartition(partition=partition):
            return partition in tables
        case _:
            return False


def _may_be_gone(operation: op.Operation, at: int, claims: Mapping[str, int]) -> op.Operation:
    """IF EXISTS for an index that the down of a later step drops with its constraint or its parent."""
    match operation:
        case op.DropIndex(indexes=names) if any(claims.get(name.name, at) > at for name in names):
            return replace(operation, if_exists=True)
        case _:
            return operation


def _claims(parts: Sequence[Sequence[op.Operation]]) -> dict[str, int]:
    """The indexes that become a part of something else, with the last of the parts that makes them so."""
    found: dict[str, int] = {}
    for at, operations in enumerate(parts):
        for operation in operations:
            match operation:
                case op.AddUnique() | op.AddPrimaryKey() if operation.constraint.using_index is not None:
                    found[operation.constraint.using_index] = at
                case op.AttachIndexPartition(index=index, partition=partition):
                    found |= {index.name: at, partition.name: at}
                case _:
                    continue
    return found


__all__ = ["CHANGES_NOTHING", "Inverse", "Prior", "inverse", "way_back", "with_downs"]
