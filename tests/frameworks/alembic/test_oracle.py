"""What Alembic itself sends for our migrations, against what we read: operation by operation, in its order."""

import importlib.util
import io
import re
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations

from bot.core.judging.framework import Files, SourceFile
from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.frameworks.alembic import FRAMEWORK
from bot.sql import read_script

MIGRATIONS = sorted((Path(__file__).parent / "migrations").glob("*.py"))


def sent_by_alembic(path: Path) -> str:
    """The SQL of the migration's `upgrade()`, as `alembic upgrade --sql` prints it."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    printed = io.StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql", opts={"as_sql": True, "output_buffer": printed, "literal_binds": True}
    )
    with Operations.context(context):
        module.upgrade()
    return printed.getvalue()


def normal(value: Any) -> Any:
    """Without differences in the spelling of the same operation: spaces and brackets of expressions, verbatim rows."""
    if isinstance(value, Expression):
        return re.sub(r"[\s()]+|\bnotes\.", "", value.text).replace("%%", "%").casefold()
    if isinstance(value, op.Update):
        return ("update", value.table, value.columns, normal(value.where))
    if isinstance(value, op.Insert):
        return ("insert", value.table, value.columns, value.rows)
    if isinstance(value, op.Select):
        return ("select", value.query.relations)
    if isinstance(value, op.Delete):
        return ("delete", value.table, normal(value.where))
    if isinstance(value, op.DropIndex):
        return ("drop index", value.indexes, value.concurrently, value.if_exists)
    if isinstance(value, tuple | list):
        return tuple(normal(item) for item in value)
    if is_dataclass(value):
        return (type(value).__name__, *(normal(getattr(value, field.name)) for field in fields(value)))
    return value


def in_order(statements: Sequence[tuple[op.Operation, ...]]) -> list[tuple[op.Operation, ...]]:
    """Sorts consecutive indexes by name: SQLAlchemy keeps those of a table in a set."""
    ordered: list[tuple[op.Operation, ...]] = []
    for indexes, group in groupby(statements, key=lambda one: isinstance(one[0], op.CreateIndex)):
        several = list(group)
        ordered += sorted(several, key=repr) if indexes else several
    return ordered


def read(path: Path) -> Sequence[tuple[op.Operation, ...]]:
    run = FRAMEWORK.read(Files(changed=[SourceFile(path.name, path.read_text(encoding="utf-8"))]))
    return [statement.operations for statement in run.statements]


@pytest.mark.parametrize("path", MIGRATIONS, ids=[path.stem for path in MIGRATIONS])
def test_what_alembic_sends_is_what_is_read(path: Path) -> None:
    expected = [statement.operations for statement in read_script(sent_by_alembic(path)).statements]
    found = read(path)
    expected, found = in_order(expected), in_order(found)
    for position, (ours, theirs) in enumerate(zip(found, expected, strict=False)):
        assert normal(ours) == normal(theirs), f"statement {position + 1}"
    assert len(found) == len(expected)
