"""Columns added, altered, dropped"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "a3_columns"
down_revision = "a2_types"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("t", sa.Column("plain", sa.Integer()))
    op.add_column("t", sa.Column("nn", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("t", sa.Column("txt", sa.Text(), server_default=sa.text("'it''s'"), nullable=True))
    op.add_column("t", sa.Column("quote_default", sa.Text(), server_default="it's"))
    op.add_column("t", sa.Column("owner_id", sa.Integer(), sa.ForeignKey("users.id", name="fk_owner"), index=True))
    op.add_column("t", sa.Column("ref", sa.Integer(), sa.ForeignKey("app.users.id", ondelete="SET NULL")), schema="app")
    op.add_column("t", sa.Column("u", sa.Integer(), unique=True))
    op.add_column("t", sa.Column("ui", sa.Integer(), unique=True, index=True, nullable=False))
    op.add_column("t", sa.Column("commented", sa.Integer(), comment="what it's for"))
    op.add_column("t", sa.Column("gen", sa.Integer(), sa.Computed("a + b", persisted=True)))
    op.add_column("t", sa.Column("ident", sa.BigInteger(), sa.Identity(start=5, increment=2, minvalue=1, maxvalue=99)))
    op.add_column("t", sa.Column("ident2", sa.BigInteger(), sa.Identity(always=True), nullable=True))
    op.add_column("t", sa.Column("e", sa.Enum("a", "b", name="e_type"), nullable=False, server_default="a"))
    op.add_column("t", sa.Column("maybe", sa.Integer()), if_not_exists=True)
    op.add_column("t", sa.Column("checked", sa.Integer(), sa.CheckConstraint("checked > 0", name="chk")))
    op.add_column("t", sa.Column("key", sa.Integer(), primary_key=True))
    op.add_column("t", sa.Column("at", sa.DateTime(), server_default=sa.func.current_timestamp()))
    op.add_column("t", sa.Column("uid", sa.Uuid(), server_default=sa.func.gen_random_uuid(), nullable=False))
    op.add_column("t", sa.Column("never", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("t", sa.Column("falsy", sa.Boolean(), server_default="f"))
    op.add_column("t", sa.Column("arr", postgresql.ARRAY(sa.Integer()), server_default="{}"))
    op.add_column("t", sa.Column("js", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb")))
    op.add_column("t", sa.Column("Mixed", sa.Integer(), index=True))
    op.add_column(
        "a_rather_long_table_name_for_an_index", sa.Column("a_rather_long_column_name", sa.Integer(), index=True)
    )
    op.drop_column("t", "plain")
    op.drop_column("t", "plain", schema="app", if_exists=True)
    op.alter_column("t", "a", nullable=False)
    op.alter_column("t", "a", nullable=True, existing_type=sa.Integer())
    op.alter_column("t", "a", server_default="5")
    op.alter_column("t", "a", server_default=sa.text("now()"))
    op.alter_column("t", "a", server_default=None)
    op.alter_column("t", "a", server_default=sa.func.now(), schema="app")
    op.alter_column("t", "a", type_=sa.BigInteger(), existing_type=sa.Integer())
    op.alter_column("t", "a", type_=sa.Integer(), postgresql_using="a::integer")
    op.alter_column("t", "a", new_column_name="b")
    op.alter_column("t", "a", comment="said")
    op.alter_column("t", "a", comment=None, existing_comment="said")
    op.alter_column(
        "t",
        "a",
        type_=sa.Text(),
        nullable=False,
        server_default="x",
        comment="all",
        new_column_name="z",
        existing_type=sa.String(5),
    )
    op.alter_column("t", "i", server_default=sa.Identity(always=True, start=3))
    op.alter_column("t", "i", server_default=sa.Identity(always=True), existing_server_default=sa.Identity())
    op.alter_column("t", "i", server_default=None, existing_server_default=sa.Identity())
    op.alter_column("Mixed Case", "Col", type_=sa.Enum("a", "b", name="Mood"), schema="app")
    op.alter_column("t", "a", type_=postgresql.ARRAY(sa.Text()), postgresql_using="string_to_array(a, ',')")
    op.alter_column("t", "a", type_=sa.String(length=80), existing_type=sa.VARCHAR(length=40), existing_nullable=False)
