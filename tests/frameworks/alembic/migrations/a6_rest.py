"""What is rarer: inline constraints, enums of Python, checks of enums, names that must be shortened."""

import enum

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column, Integer, String
from sqlalchemy.dialects.postgresql import ENUM, JSONB

revision = "a6_rest"
down_revision = "a5_batches"


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Deep:
    SCHEMA = "app"
    SIZES = ["s", "m"]


TABLES = {"first": ["a", "b"], "second": ["c"]}
PREFIX = "ix_" + "_".join(["made", "up"])


def index_of(table, column, **options):
    name = f"{PREFIX}_{table}_{column}"
    op.create_index(name, table, [column], **options)


def columns():
    made = [Column("id", Integer, primary_key=True)]
    return made + [Column(name, String(10)) for name in ("one", "two")]


def upgrade():
    op.create_table("coloured", Column("id", Integer, primary_key=True), Column("colour", sa.Enum(Colour)))
    op.create_table("made", *columns(), schema=Deep.SCHEMA)
    op.create_table(
        "checked",
        Column("state", sa.Enum("on", "off", name="state_check", native_enum=False, create_constraint=True)),
        Column("size", ENUM(*Deep.SIZES, name="size")),
    )
    op.add_column("coloured", Column("state", sa.Enum("a", "bb", name="ck", native_enum=False, create_constraint=True)))
    op.add_column("coloured", Column("ref", Integer, sa.ForeignKey("made.id")), inline_references=True)
    op.add_column("coloured", Column("second_key", Integer, primary_key=True), inline_primary_key=True)
    op.add_column("coloured", Column("doc", JSONB, server_default=sa.text("'{}'"), nullable=False))
    op.add_column("coloured", Column("doc2", JSONB(none_as_null=True), server_default="{}"))
    for table, names in TABLES.items():
        for name in names:
            index_of(table, name, unique=table == "second")
    for number, name in enumerate(sorted(["y", "x"]), start=1):
        op.add_column("t", Column(f"{name}{number}", Integer))
    kinds = {kind.upper(): len(kind) for kind in ("ab", "cde") if kind != "ab"}
    for kind, size in kinds.items():
        op.alter_column("t", kind, type_=String(size), existing_type=sa.Text)
    flag = not kinds
    if flag:
        op.drop_table("never")
    elif "CDE" in kinds and len(kinds) < 2:
        op.drop_table("always")
    try:
        op.execute("SELECT 1")
    except ValueError:
        op.drop_table("in_a_handler")
    statement = sa.select(sa.column("a")).select_from(sa.table("t"))
    op.execute(statement)
    op.execute(
        """
        -- moved in two steps
        INSERT INTO t (a, b) SELECT a, b FROM s WHERE c = 'x';
        UPDATE t SET a = 1
        """
    )
    op.execute(sa.text("UPDATE t SET a = :a WHERE b = :b").bindparams(a=1, b="x"))
    op.execute(sa.schema.CreateSequence(sa.Sequence("numbers", schema="app")))
    op.execute(sa.schema.DropSequence(sa.Sequence("numbers")))
    op.execute(sa.schema.CreateSchema("extra"))
    op.execute(sa.DDL("DROP VIEW IF EXISTS v"))
