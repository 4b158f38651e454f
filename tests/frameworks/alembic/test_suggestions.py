"""Suggestions in Alembic's Python: in the author's names and indentation, and never worse than the original."""

import pytest

from bot.core.judging.findings import Step, StepKind, Suggestion
from bot.core.judging.framework import Files, SourceFile
from bot.core.language.migrations import Migration
from bot.frameworks.alembic import FRAMEWORK
from bot.sql import read_script

USUAL = "from alembic import op\nimport sqlalchemy as sa\n"
CONCURRENTLY = "CREATE INDEX CONCURRENTLY ix ON t (a)"


def migration(body: str, imports: str = USUAL) -> Migration:
    indented = "".join(f"    {line}\n" for line in body.split("\n"))
    text = f'{imports}\nrevision = "a"\ndown_revision = None\n\n\ndef upgrade():\n{indented}'
    return FRAMEWORK.read(Files(changed=[SourceFile("migrations/versions/a_x.py", text)])).migrations[0]


def suggested(body: str, sql: str, imports: str = USUAL) -> Suggestion | None:
    like = migration(body, imports)
    operations = tuple(one for statement in read_script(sql).statements for one in statement.operations)
    step = Step(StepKind.MIGRATION, operations, transactional="CONCURRENTLY" not in sql, name="x")
    return FRAMEWORK.suggestion(step, like, like.statements[0].lines)


CASES = {
    "in an autocommit block": (
        USUAL,
        'op.create_index("ix", "t", ["a"])',
        CONCURRENTLY,
        "    with op.get_context().autocommit_block():\n"
        '        op.create_index("ix", "t", ["a"], postgresql_concurrently=True)',
    ),
    "in one that is open": (
        USUAL,
        'with op.get_context().autocommit_block():\n    op.create_index("ix", "t", ["a"])',
        CONCURRENTLY,
        '        op.create_index("ix", "t", ["a"], postgresql_concurrently=True)',
    ),
    "op by another name": (
        "from alembic import op as o\n",
        'o.create_index("ix", "t", ["a"])',
        CONCURRENTLY,
        "    with o.get_context().autocommit_block():\n"
        '        o.create_index("ix", "t", ["a"], postgresql_concurrently=True)',
    ),
    "op by its full name": (
        "import alembic.op\n",
        'alembic.op.create_foreign_key("fk", "t", "o", ["a"], ["id"])',
        "ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES o (id) NOT VALID",
        '    alembic.op.create_foreign_key("fk", "t", "o", ["a"], ["id"], postgresql_not_valid=True)',
    ),
    "sqlalchemy by its full name": (
        "from alembic import op\nimport sqlalchemy\n",
        'op.add_column("t", sqlalchemy.Column("a", sqlalchemy.Integer, nullable=False))',
        "ALTER TABLE t ADD COLUMN a integer",
        '    op.add_column("t", sqlalchemy.Column("a", sqlalchemy.Integer(), nullable=True))',
    ),
    "without sqlalchemy": (
        "from alembic import op\nfrom sqlalchemy import Column, Integer\n",
        'op.add_column("t", Column("a", Integer, nullable=False))',
        "ALTER TABLE t ADD COLUMN a integer",
        '    op.execute("ALTER TABLE t ADD COLUMN a integer")',
    ),
    "without the dialect": (
        USUAL,
        'op.add_column("t", sa.Column("a", sa.JSON()))',
        "ALTER TABLE t ADD COLUMN a jsonb",
        '    op.execute("ALTER TABLE t ADD COLUMN a jsonb")',
    ),
    "with a type of the dialect": (
        f"{USUAL}from sqlalchemy.dialects.postgresql import JSONB\n",
        'op.add_column("t", sa.Column("a", sa.JSON()))',
        "ALTER TABLE t ADD COLUMN a jsonb",
        '    op.add_column("t", sa.Column("a", JSONB(), nullable=True))',
    ),
    "in a batch": (
        USUAL,
        'with op.batch_alter_table("t") as batch_op:\n    batch_op.create_foreign_key("fk", "o", ["a"], ["id"])',
        "ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES o (id) NOT VALID",
        '        op.create_foreign_key("fk", "t", "o", ["a"], ["id"], postgresql_not_valid=True)',
    ),
    "where the lock of what declared a constraint would be kept": (
        USUAL,
        'op.execute("ALTER TABLE t VALIDATE CONSTRAINT c")',
        "ALTER TABLE t VALIDATE CONSTRAINT c",
        '    with op.get_context().autocommit_block():\n        op.execute("ALTER TABLE t VALIDATE CONSTRAINT c")',
    ),
    "for SQL in a string": (
        USUAL,
        "op.execute('CREATE INDEX ix ON t (a)')",
        CONCURRENTLY,
        "    with op.get_context().autocommit_block():\n"
        '        op.create_index("ix", "t", ["a"], postgresql_concurrently=True)',
    ),
}


@pytest.mark.parametrize(("imports", "body", "sql", "expected"), CASES.values(), ids=CASES)
def test_the_safe_form_uses_the_authors_names(imports: str, body: str, sql: str, expected: str) -> None:
    suggestion = suggested(body, sql, imports)
    assert suggestion is not None
    assert suggestion.text.rstrip("\n") == expected


NONE = {
    "a loop": "for x in ['a', 'b']:\n    op.create_index('ix_' + x, 't', [x])",
    "a string of several statements": "op.execute('CREATE INDEX ix ON t (a); SELECT 1')",
    "a string put together": "op.execute('CREATE INDEX ix ' + 'ON t (a)')",
}


@pytest.mark.parametrize("body", NONE.values(), ids=NONE)
def test_what_lines_alone_cannot_express_is_not_suggested(body: str) -> None:
    assert suggested(body, CONCURRENTLY) is None
