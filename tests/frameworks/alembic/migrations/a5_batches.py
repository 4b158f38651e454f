"""Batches, SQL, rows"""

import sqlalchemy as sa
from alembic import op

revision = "a5_batches"
down_revision = "a4_indexes"
branch_labels = None
depends_on = None


notes = sa.table("notes", sa.column("id", sa.Integer), sa.column("body", sa.Text), sa.column("done", sa.Boolean))
STATES = ("new", "old")


def add_flag(table: str, name: str) -> None:
    op.add_column(table, sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))


def upgrade() -> None:
    with op.batch_alter_table("t", schema="app") as batch_op:
        batch_op.add_column(sa.Column("x", sa.Integer(), nullable=True))
        batch_op.alter_column("x", nullable=False, existing_type=sa.Integer())
        batch_op.create_index("ix_x", ["x"], unique=True)
        batch_op.create_unique_constraint("uq_x", ["x"])
        batch_op.create_foreign_key("fk_x", "o", ["x"], ["id"], referent_schema="app")
        batch_op.create_check_constraint("ck_x", "x > 0")
        batch_op.drop_constraint("ck_x", type_="check")
        batch_op.drop_index("ix_x")
        batch_op.drop_column("x")
        batch_op.create_table_comment("said")
    with op.batch_alter_table("t2") as batch_op:
        batch_op.drop_index(batch_op.f("ix_y"))
        batch_op.alter_column("y", new_column_name="z")
        batch_op.create_primary_key("pk_t2", ["z"])
    op.execute("UPDATE notes SET done = false WHERE done IS NULL")
    op.execute(sa.text("DELETE FROM notes WHERE body = ''"))
    op.execute("SET lock_timeout = '5s'")
    op.execute("ALTER TABLE notes ADD COLUMN a integer; ALTER TABLE notes ADD COLUMN b text DEFAULT 'a;b'")
    for state in STATES:
        op.execute(f"UPDATE notes SET body = '{state}' WHERE id = 1")
        op.execute("UPDATE notes SET body = '%s'" % state)  # noqa: UP031
        op.execute(f"UPDATE notes SET body = '{state}'")
    for name in ["one", "two"]:
        add_flag("notes", name)
    op.execute(notes.update().where(notes.c.done.is_(None)).values(done=False))
    op.execute(sa.update(notes).where(notes.c.id == 5, notes.c.body != "x").values({"body": "y", "done": True}))
    op.execute(notes.delete().where(sa.or_(notes.c.id > 5, notes.c.body.like("a%"))))
    op.execute(sa.delete(notes).where(notes.c.id.in_([1, 2, 3])))
    op.execute(notes.insert().values(id=1, body="b"))
    op.bulk_insert(notes, [{"id": 1, "body": "a"}])
    op.execute("COMMENT ON COLUMN notes.body IS 'twelve o\\:clock'")
    if op.get_context().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    else:
        op.execute("nonsense")
