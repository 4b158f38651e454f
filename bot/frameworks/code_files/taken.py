"""What a run removes although running code may still name it."""

from collections.abc import Iterator

from bot.core.language import operations as op
from bot.core.language.migrations import Run

MOST_FILES = 2_000
"""Files of models that are read."""
MOST_PLACES = 3
"""Places that are named for one column."""


def taken(run: Run) -> Iterator[tuple[str, str | None]]:
    """(table, column) that the run drops, renames or retypes; column None for the table itself."""
    for statement in run.statements:
        for operation in statement.operations:
            match operation:
                case op.DropColumn() | op.RenameColumn() | op.AlterColumnType():
                    yield operation.table.name, operation.column
                case op.DropTable(tables=tables):
                    yield from ((table.name, None) for table in tables)
                case op.RenameRelation(relation=relation, kind="TABLE"):
                    yield relation.name, None
                case _:
                    continue
