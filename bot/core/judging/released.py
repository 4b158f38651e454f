"""`migsafe: released REASON`: the author says that no running code needs what a statement takes away."""

from bot.core.judging.findings import Severity
from bot.core.judging.rule import Breaks, Hazard, Moment
from bot.core.language import operations as op
from bot.core.record import replace


def unreleased(hazard: Hazard, moment: Moment, rule: str) -> Hazard | None:
    """The hazard without what only running code could object to, where the file says that none does.

    What references in the repository prove stays, and so does what the repository's configuration makes a danger:
    that is accepted by who may.
    """
    objecting = [harm for harm in hazard.harms if isinstance(harm, Breaks) and harm.code_only and not harm.proven]
    if not objecting or moment.policy.rules.get(rule) is Severity.DANGER:
        return hazard
    if moment.migration.released(moment.statement) is None:
        return hazard
    left = tuple(harm for harm in hazard.harms if harm not in objecting)
    return replace(hazard, harms=left) if left else None


def taken_away(operation: op.Operation) -> str:
    """What old code may have used and is gone afterwards, by its old name; "" for nothing."""
    match operation:
        case op.DropColumn(table=table, column=column) | op.RenameColumn(table=table, column=column):
            return f"{table.name}.{column}"
        case op.DropDefault(table=table, column=column):
            return f"the default of {table.name}.{column}"
        case op.RenameRelation(relation=relation, kind=kind) if kind != "INDEX":
            return relation.name
        case op.SetSchema(relation=relation):
            return str(relation)
        case op.RenameEnumValue(type=kind, value=value):
            return f"{value} of {kind.name}"
        case op.RenameObject(name=name):
            return name.name
        case (
            op.DropTable(tables=names)
            | op.DropView(views=names)
            | op.DropSequence(sequences=names)
            | op.DropType(types=names)
            | op.DropFunction(functions=names)
        ):
            return ", ".join(name.name for name in names)
        case _:
            return ""
