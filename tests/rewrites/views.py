"""How old and new code know a table: old code by what `shop` says, new code by what the author's file makes of it."""

from collections.abc import Mapping

from tests.rewrites.case import Case
from tests.rewrites.running_code import View
from tests.rewrites.schema import Columns
from tests.rewrites.shop import Table, Value


def old_view(table: Table, columns: Columns, *, later: bool = True) -> View:
    texts = frozenset(name for name, kind in columns.columns.values() if kind == "json")
    kept = table.serial, table.conflict, table.later if later else None, table.rows
    return View(table.name, table.key, table.values, table.required, *kept, texts)


def new_view(
    table: Table, before: Columns, end: Columns, written: Columns, name: str, present: Mapping[str, str], case: Case
) -> View:
    """What the author's file makes of the view of old code: by the numbers of columns, which a rename keeps."""
    numbers = {column: number for number, (column, _) in before.columns.items()}
    names = {old: end.columns[numbers[old]][0] for old in table.values if numbers[old] in end.columns}
    values: dict[str, Value] = {}
    for old, value in table.values.items():
        if old in names:
            values[names[old]] = case.writes.get(names[old], value)
    added = {number: column for number, column in written.columns.items() if number not in before.columns}
    for column, kind in added.values():
        fitting = case.writes.get(column, _FITTING.get(kind.split("(")[0]))
        if fitting is not None:
            values[column] = fitting
    values = {column: value for column, value in values.items() if column in present}
    wanted = [names[old] for old in table.required if old in names]
    wanted += [column for number, (column, _) in added.items() if number not in written.filled]
    key = tuple(names.get(old, old) for old in table.key)
    later = None if table.later is None else {names[old]: value for old, value in table.later.items() if old in names}
    texts = frozenset(column for column, kind in present.items() if kind == "json")
    required = tuple(column for column in wanted if column in values)
    conflict = table.conflict and not case.unkeyed
    return View(name, key, values, required, table.serial, conflict, later, table.rows, texts)


_FITTING: dict[str, Value] = {
    "text": lambda n: f"fresh {n}",
    "character varying": lambda n: f"v{n}"[:10],
    "integer": lambda n: str(n % 40 + 1),
    "bigint": lambda n: str(n % 40 + 1),
    "smallint": lambda n: str(n % 40 + 1),
    "numeric": lambda n: str(n % 40 + 1),
    "double precision": lambda n: str(n % 40 + 1),
    "boolean": lambda n: str(n % 2 == 0).lower(),
    "uuid": lambda n: f"10000000-0000-4000-8000-{n:012d}",
    "date": lambda n: f"2026-03-{n % 28 + 1:02d}",
    "timestamp without time zone": lambda n: f"2026-03-{n % 28 + 1:02d} 01:02:03",
    "timestamp with time zone": lambda n: f"2026-03-{n % 28 + 1:02d} 01:02:03+00",
    "json": lambda n: f'{{"n": {n}}}',
    "jsonb": lambda n: f'{{"n": {n}}}',
}
"""What new code writes into a column that the author adds, by its type."""
