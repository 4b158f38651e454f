"""The cases of Alembic, a line each."""

from tests.rewrites.case import Case

CASES = {
    "index": Case(
        "op.create_index('accounts_name_idx', 'accounts', ['name'])",
        "op.drop_index('accounts_name_idx', table_name='accounts')",
        ("accounts",),
    ),
    "dropped index": Case(
        "op.drop_index('orders_old_idx', table_name='orders')",
        "op.create_index('orders_old_idx', 'orders', ['total'])",
        ("orders",),
    ),
    "expression index": Case(
        "op.create_index('accounts_email_lower', 'accounts', [sa.text('lower(email)')], unique=True)",
        "op.drop_index('accounts_email_lower', table_name='accounts')",
        ("accounts",),
    ),
    "not null": Case(
        "op.alter_column('accounts', 'name', existing_type=sa.Text(), nullable=False)",
        "op.alter_column('accounts', 'name', existing_type=sa.Text(), nullable=True)",
        ("accounts",),
    ),
    "not null behind a backfill": Case(
        "op.add_column('accounts', sa.Column('slug', sa.Text()))\n"
        "op.execute('UPDATE accounts SET slug = lower(name)')\n"
        "op.alter_column('accounts', 'slug', nullable=False)",
        "op.drop_column('accounts', 'slug')",
        ("accounts",),
        free=("slug",),
        short=True,
    ),
    "check": Case(
        "op.create_check_constraint('sized', 'accounts', 'size > 0')",
        "op.drop_constraint('sized', 'accounts', type_='check')",
        ("accounts",),
    ),
    "foreign key": Case(
        "op.create_foreign_key('a_plan', 'accounts', 'plans', ['plan_id'], ['id'])",
        "op.drop_constraint('a_plan', 'accounts', type_='foreignkey')",
        ("accounts", "plans"),
        differs=True,
    ),
    "foreign key that fans out": Case(
        "op.create_foreign_key('o_u', 'orders', 'accounts', ['user_id'], ['id'], ondelete='CASCADE')",
        "op.drop_constraint('o_u', 'orders', type_='foreignkey')",
        ("orders", "accounts"),
        differs=True,
    ),
    "unique constraint": Case(
        "op.create_unique_constraint('accounts_email_key', 'accounts', ['email'])",
        "op.drop_constraint('accounts_email_key', 'accounts', type_='unique')",
        ("accounts",),
        short=True,
    ),
    "primary key": Case(
        "op.create_primary_key('audit_log_pkey', 'audit_log', ['n'])",
        "op.drop_constraint('audit_log_pkey', 'audit_log', type_='primary')\n"
        "op.alter_column('audit_log', 'n', nullable=True)",
        ("audit_log",),
    ),
    "dropped column": Case(
        "op.drop_column('accounts', 'opt')",
        "op.add_column('accounts', sa.Column('opt', sa.Text()))",
        ("accounts",),
        short=True,
    ),
    "type of a column": Case(
        "op.alter_column('counters', 'hits', existing_type=sa.Integer(), type_=sa.BigInteger())",
        "op.alter_column('counters', 'hits', existing_type=sa.BigInteger(), type_=sa.Integer())",
        ("counters",),
        differs=True,
        short=True,
    ),
    "rename of a column": Case(
        "op.alter_column('accounts', 'note', new_column_name='remark')",
        "op.alter_column('accounts', 'remark', new_column_name='note')",
        ("accounts",),
        differs=True,
    ),
    "rename of a table": Case(
        "op.rename_table('items', 'products')",
        "op.rename_table('products', 'items')",
        ("items",),
    ),
    "column with a volatile default": Case(
        "op.add_column('accounts', sa.Column('token', postgresql.UUID(), "
        "server_default=sa.text('gen_random_uuid()'), nullable=False))",
        "op.drop_column('accounts', 'token')",
        ("accounts",),
        free=("token",),
    ),
    "column with a foreign key": Case(
        "op.add_column('orders', sa.Column('plan', sa.BigInteger(), sa.ForeignKey('plans.id'), server_default='1'))",
        "op.drop_column('orders', 'plan')",
        ("orders",),
        differs=True,
        writes={"plan": lambda n: str(n % 20 + 1)},
    ),
    "generated column": Case(
        "op.add_column('accounts', sa.Column('shout', sa.Text(), sa.Computed('upper(name)', persisted=True)))",
        "op.drop_column('accounts', 'shout')",
        ("accounts",),
        differs=True,
    ),
    "backfill": Case(
        """op.execute("UPDATE accounts SET status = 'on' WHERE status IS NULL")""",
        "",
        ("accounts",),
        short=True,
    ),
    "backfill by an expression": Case(
        """op.execute("UPDATE accounts SET note = 'a:b {c} 5%'::text || lower(name) WHERE id > 10")""",
        "",
        ("accounts",),
        free=("note",),
    ),
    "deletion": Case("op.execute('DELETE FROM audit_log WHERE n > 5900')", "", ("accounts",)),
    "deletion along a key": Case(
        """op.execute('DELETE FROM app."Orders" WHERE "Total Amount" > 290')""", "", ("accounts",)
    ),
    "backfill along a uuid": Case(
        "op.execute(\"UPDATE items SET old_ref = 'none' WHERE old_ref LIKE 'ref 1%'\")", "", ("accounts",)
    ),
    "table, then a unique index": Case(
        "op.create_table('n1', sa.Column('id', sa.BigInteger(), primary_key=True))\n"
        "op.create_index('uq_sku', 'items', ['sku'], unique=True)",
        "op.drop_index('uq_sku', table_name='items')\nop.drop_table('n1')",
        ("items",),
    ),
    "batch_alter_table": Case(
        "with op.batch_alter_table('accounts') as batch:\n"
        "    batch.create_index('accounts_score_idx', ['score'])\n"
        "    batch.alter_column('email', existing_type=sa.Text(), nullable=False)",
        "with op.batch_alter_table('accounts') as batch:\n"
        "    batch.alter_column('email', existing_type=sa.Text(), nullable=True)\n"
        "    batch.drop_index('accounts_score_idx')",
        ("accounts",),
    ),
    "indexes in a loop": Case(
        "for table in ('accounts', 'counters'):\n"
        "    op.create_index(f'{table}_loop_idx', table, ['score' if table == 'accounts' else 'label'])",
        "for table in ('accounts', 'counters'):\n    op.drop_index(f'{table}_loop_idx', table_name=table)",
        ("accounts", "counters"),
    ),
    "partition attached": Case(
        'op.execute("ALTER TABLE readings ATTACH PARTITION readings_2026 '
        "FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')\")",
        "op.execute('ALTER TABLE readings DETACH PARTITION readings_2026')",
        ("readings",),
    ),
    "column that refers to a table": Case(
        'op.add_column("orders", sa.Column("event", sa.Integer(), sa.ForeignKey("events.id")))',
        'op.drop_column("orders", "event")',
        ("orders",),
        writes={"event": lambda _: "1"},
        differs=True,
    ),
    "vacuum": Case('op.execute("VACUUM accounts")', "pass", ("accounts",)),
}
