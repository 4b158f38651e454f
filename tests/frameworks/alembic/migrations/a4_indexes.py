"""Indexes and constraints"""

import sqlalchemy as sa
from alembic import op

revision = "a4_indexes"
down_revision = "a3_columns"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_plain", "t", ["a"])
    op.create_index("ix_two", "t", ["a", "b"], unique=True)
    op.create_index("ix_schema", "t", ["a"], schema="app")
    op.create_index(op.f("ix_f"), "t", ["a"], unique=False)
    op.create_index("ix_expr", "t", [sa.text("lower(name)")])
    op.create_index("ix_mixed", "t", ["a", sa.text("lower(name)")])
    op.create_index("ix_desc", "t", [sa.text("created_at DESC NULLS LAST")])
    op.create_index("ix_literal", "t", [sa.literal_column("created_at DESC"), "b"])
    op.create_index("ix_func", "t", [sa.func.lower(sa.column("name"))])
    op.create_index("ix_coldesc", "t", [sa.desc(sa.column("a"))])
    op.create_index("ix_col", "t", [sa.column("a").desc().nulls_last()])
    op.create_index("ix_where", "t", ["a"], postgresql_where=sa.text("deleted_at IS NULL"))
    op.create_index("ix_where2", "t", ["a"], postgresql_where="active")
    op.create_index("ix_where3", "t", ["a"], postgresql_where=sa.column("b") == 5)
    op.create_index("ix_gin", "t", ["doc"], postgresql_using="gin")
    op.create_index("ix_ops", "t", ["name"], postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"})
    op.create_index("ix_with", "t", ["a"], postgresql_with={"fillfactor": 50})
    op.create_index("ix_include", "t", ["a"], postgresql_include=["b", "c"])
    op.create_index("ix_nulls", "t", ["a"], unique=True, postgresql_nulls_not_distinct=True)
    op.create_index("ix_tablespace", "t", ["a"], postgresql_tablespace="fast")
    op.create_index("ix_maybe", "t", ["a"], if_not_exists=True)
    op.create_index("Ix Quoted", "Table", ["Col", "select"])
    op.drop_index("ix_plain", table_name="t")
    op.drop_index(op.f("ix_plain"), "t", schema="app")
    op.drop_index("ix_plain", if_exists=True)
    op.create_unique_constraint("uq_a", "t", ["a"])
    op.create_unique_constraint(None, "t", ["a", "b"], schema="app")
    op.create_unique_constraint("uq_d", "t", ["a"], deferrable=True, initially="DEFERRED")
    op.create_unique_constraint("uq_n", "t", ["a"], postgresql_nulls_not_distinct=True)
    op.create_check_constraint("ck_a", "t", "a > 0")
    op.create_check_constraint("ck_b", "t", sa.text("b IN ('x', 'y')"), schema="app")
    op.create_check_constraint("ck_c", "t", sa.column("c") > 5)
    op.create_check_constraint("ck_n", "t", "n > 0", postgresql_not_valid=True)
    op.create_check_constraint("ck_and", "t", sa.and_(sa.column("a") > 1, sa.column("b").is_not(None)))
    op.create_check_constraint("ck_in", "t", sa.column("a").in_(["x", "y"]))
    op.create_check_constraint("ck_len", "t", sa.func.length(sa.column("name")) >= 3)
    op.create_primary_key("pk_t", "t", ["id"])
    op.create_primary_key(None, "t", ["a", "b"], schema="app")
    op.create_foreign_key("fk_a", "t", "o", ["a"], ["id"])
    op.create_foreign_key(None, "t", "o", ["a"], ["id"], ondelete="CASCADE", onupdate="SET NULL")
    op.create_foreign_key("fk_s", "t", "o", ["a", "b"], ["x", "y"], source_schema="app", referent_schema="other")
    op.create_foreign_key("fk_d", "t", "o", ["a"], ["id"], deferrable=True, initially="DEFERRED", match="FULL")
    op.create_foreign_key("fk_nv", "t", "o", ["a"], ["id"], postgresql_not_valid=True)
    op.create_foreign_key("fk_self", "t", "t", ["parent_id"], ["id"], initially="IMMEDIATE", deferrable=True)
    op.create_exclude_constraint(
        "ex_a", "t", (sa.column("room"), "="), ("during", "&&"), using="gist", where="room > 0"
    )
    op.drop_constraint("fk_a", "t", type_="foreignkey")
    op.drop_constraint("uq_a", "t", "unique", schema="app")
    op.drop_constraint("pk_t", "t", if_exists=True)
