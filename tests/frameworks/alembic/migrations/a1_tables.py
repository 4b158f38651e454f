"""Tables: columns of every kind, keys, implicit names"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "a1_tables"
down_revision = None
branch_labels = None
depends_on = None


mood = sa.Enum("sad", "ok", "happy", name="mood")
rank = postgresql.ENUM("low", "high", name="rank", schema="app")


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("email", sa.String(length=255), nullable=False, unique=True),
        sa.Column("name", sa.String(50), index=True),
        sa.Column("slug", sa.Text(), unique=True, index=True),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("score", sa.Numeric(10, 2), server_default="0"),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("mood", mood, server_default="ok"),
        comment="who signs in",
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True, start=10, cycle=True), primary_key=True),
        sa.Column("account_id", sa.Integer(), sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("total", sa.Integer(), sa.CheckConstraint("total >= 0", name="total_positive")),
        sa.Column("doubled", sa.Integer(), sa.Computed("total * 2", persisted=True)),
        sa.Column("note", sa.Text(), comment="free text"),
        sa.Column("rank", rank),
        sa.UniqueConstraint("account_id", "total", name="uq_orders_account_total"),
        sa.Index("ix_orders_note", "note", postgresql_where=sa.text("note IS NOT NULL")),
        sa.Index("ix_orders_lower_note", sa.text("lower(note)")),
        schema="app",
    )
    op.create_table(
        "memberships",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_memberships_account"),
        sa.ForeignKeyConstraint(
            ["group_id"], ["app.groups.id"], onupdate="CASCADE", deferrable=True, initially="DEFERRED"
        ),
        sa.PrimaryKeyConstraint("account_id", "group_id", name="memberships_pk"),
        sa.CheckConstraint("since > '2000-01-01'", name="since_recent"),
    )
    op.create_table(
        "Quoted Table",
        sa.Column("Id", sa.SmallInteger(), primary_key=True),
        sa.Column("select", sa.LargeBinary()),
        sa.Column("With Space", sa.Float()),
        if_not_exists=True,
    )
    op.create_table(
        "no_serial",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("other", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "child",
        sa.Column("id", sa.Integer(), sa.ForeignKey("accounts.id"), primary_key=True),
        sa.Column("nn", sa.Integer(), nullable=False, index=True),
        schema="app",
    )
    op.create_table(
        "key_by_constraint",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("label"),
        prefixes=["UNLOGGED"],
    )
    op.create_table(
        "two_keys",
        sa.Column("a", sa.Integer(), primary_key=True),
        sa.Column("b", sa.Integer(), primary_key=True),
    )
    op.create_table(
        "booked",
        sa.Column("room", sa.Integer()),
        sa.Column("during", postgresql.TSRANGE()),
        postgresql.ExcludeConstraint(("room", "="), ("during", "&&"), name="no_overlap", using="gist"),
    )
    op.drop_table("memberships")
    op.drop_table("orders", schema="app", if_exists=True)
    op.rename_table("child", "children", schema="app")
    op.rename_table("accounts", "members")
    op.create_table_comment("members", "who signs in, ' too", existing_comment="old")
    op.drop_table_comment("members", schema="app")
