"""The cases of keys, indexes and partitions, and of an ALTER TABLE with several actions."""

from tests.rewrites.case import Case

CASES = {
    # Foreign keys.
    "foreign key with its index in the file": Case(
        "CREATE INDEX orders_item_id_idx ON orders (item_id);\n"
        "ALTER TABLE orders ADD FOREIGN KEY (item_id) REFERENCES items ON DELETE SET NULL;",
        "ALTER TABLE orders DROP CONSTRAINT orders_item_id_fkey;\nDROP INDEX orders_item_id_idx;",
        ("orders", "items"),
    ),
    "foreign key of another action, without an index": Case(
        "ALTER TABLE orders DROP CONSTRAINT orders_account_id_fkey, ADD CONSTRAINT orders_account_id_fkey "
        "FOREIGN KEY (account_id) REFERENCES accounts ON DELETE CASCADE;",
        "ALTER TABLE orders DROP CONSTRAINT orders_account_id_fkey, ADD CONSTRAINT orders_account_id_fkey "
        "FOREIGN KEY (account_id) REFERENCES accounts;",
        ("orders", "accounts"),
        differs=True,
    ),
    "foreign key of another action, in two statements": Case(
        "ALTER TABLE orders DROP CONSTRAINT orders_account_id_fkey;\n"
        "ALTER TABLE orders ADD FOREIGN KEY (account_id) REFERENCES accounts ON DELETE CASCADE;",
        "ALTER TABLE orders DROP CONSTRAINT orders_account_id_fkey;\n"
        "ALTER TABLE orders ADD FOREIGN KEY (account_id) REFERENCES accounts;",
        ("orders", "accounts"),
        differs=True,
    ),
    "foreign key of a partitioned table": Case(
        "ALTER TABLE readings ADD CONSTRAINT rd FOREIGN KEY (device) REFERENCES plans (id);",
        "ALTER TABLE readings DROP CONSTRAINT rd;",
        ("readings", "plans"),
        differs=True,
        short=True,
    ),
    # Unique constraints and primary keys.
    "primary key of other order, in two statements": Case(
        "ALTER TABLE app.members DROP CONSTRAINT members_pkey;\n"
        "ALTER TABLE app.members ADD PRIMARY KEY (member, tenant);",
        "ALTER TABLE app.members DROP CONSTRAINT members_pkey;\n"
        "ALTER TABLE app.members ADD PRIMARY KEY (tenant, member);",
        ("app.members",),
        short=True,
    ),
    "unique constraint in the place of another": Case(
        "ALTER TABLE accounts DROP CONSTRAINT one, ADD CONSTRAINT one UNIQUE (email, id);",
        "ALTER TABLE accounts DROP CONSTRAINT one, ADD CONSTRAINT one UNIQUE (email);",
        ("accounts",),
        given=("ALTER TABLE accounts ADD CONSTRAINT one UNIQUE (email)",),
    ),
    "unique constraint, deferrable, with more columns": Case(
        'ALTER TABLE app."Orders" ADD CONSTRAINT "One" UNIQUE ("Id", "User") INCLUDE ("order") '
        "DEFERRABLE INITIALLY DEFERRED;",
        'ALTER TABLE app."Orders" DROP CONSTRAINT "One";',
        ("plans",),
    ),
    "unique constraint of a partitioned table": Case(
        "ALTER TABLE metrics ADD UNIQUE (id, day);",
        "ALTER TABLE metrics DROP CONSTRAINT metrics_id_day_key;",
        ("metrics",),
        short=True,
    ),
    "primary key of a partitioned table": Case(
        "ALTER TABLE metrics ADD PRIMARY KEY (id, day);",
        "ALTER TABLE metrics DROP CONSTRAINT metrics_pkey;",
        ("metrics",),
    ),
    "primary key over nullable columns": Case(
        "ALTER TABLE audit_log ADD PRIMARY KEY (n);",
        "ALTER TABLE audit_log DROP CONSTRAINT audit_log_pkey;\nALTER TABLE audit_log ALTER COLUMN n DROP NOT NULL;",
        ("plans",),
    ),
    # Indexes.
    "index in the place of another of its name": Case(
        "DROP INDEX orders_placed_idx;\nCREATE INDEX orders_placed_idx ON orders (placed DESC);",
        "DROP INDEX orders_placed_idx;\nCREATE INDEX orders_placed_idx ON orders (placed);",
        ("orders",),
        short=True,
    ),
    "index in the place of another": Case(
        "DROP INDEX orders_placed_idx;\nCREATE INDEX orders_by_placed ON orders (placed, id);",
        "DROP INDEX orders_by_placed;\nCREATE INDEX orders_placed_idx ON orders (placed);",
        ("orders",),
    ),
    "index of an expression": Case(
        "CREATE INDEX accounts_lower_idx ON accounts (lower(email));",
        "DROP INDEX accounts_lower_idx;",
        ("accounts",),
    ),
    "index built, old one dropped, new one renamed": Case(
        "CREATE INDEX o2 ON orders (placed DESC);\nDROP INDEX orders_placed_idx;\n"
        "ALTER INDEX o2 RENAME TO orders_placed_idx;",
        "CREATE INDEX o2 ON orders (placed);\nDROP INDEX orders_placed_idx;\n"
        "ALTER INDEX o2 RENAME TO orders_placed_idx;",
        ("orders",),
    ),
    # NOT NULL below and beside.
    "not null of a partitioned table": Case(
        "ALTER TABLE readings ALTER COLUMN device SET NOT NULL;",
        "ALTER TABLE readings ALTER COLUMN device DROP NOT NULL;",
        ("readings",),
    ),
    # Several actions.
    "several actions, one without a way": Case(
        "ALTER TABLE accounts ADD COLUMN memo text, ALTER COLUMN plan_id SET NOT NULL, "
        "ADD CONSTRAINT apart EXCLUDE USING btree (id WITH =), ADD CONSTRAINT sized CHECK (size > 0);",
        "ALTER TABLE accounts DROP CONSTRAINT sized, DROP CONSTRAINT apart, ALTER COLUMN plan_id DROP NOT NULL, "
        "DROP COLUMN memo;",
        ("accounts",),
    ),
    "check in the place of another": Case(
        "ALTER TABLE accounts DROP CONSTRAINT sized, ADD CONSTRAINT sized CHECK (size >= 0);",
        "ALTER TABLE accounts DROP CONSTRAINT sized, ADD CONSTRAINT sized CHECK (size > 0);",
        ("accounts",),
        given=("ALTER TABLE accounts ADD CONSTRAINT sized CHECK (size > 0)",),
    ),
}
