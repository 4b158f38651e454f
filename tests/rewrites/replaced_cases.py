"""The cases in which something new takes the place of something old: it is built before the old one goes."""

from tests.rewrites.case import Case

CASES = {
    # Foreign keys.
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
    # Unique constraints and primary keys.
    "primary key of other order, in two statements": Case(
        "ALTER TABLE app.members DROP CONSTRAINT members_pkey;\n"
        "ALTER TABLE app.members ADD PRIMARY KEY (member, tenant);",
        "ALTER TABLE app.members DROP CONSTRAINT members_pkey;\n"
        "ALTER TABLE app.members ADD PRIMARY KEY (tenant, member);",
        ("app.members",),
        short=True,
    ),
    "primary key of other columns, in two statements": Case(
        "ALTER TABLE event_tags DROP CONSTRAINT event_tags_pkey;\n"
        "ALTER TABLE event_tags ADD CONSTRAINT event_tags_pkey PRIMARY KEY (id, event_id);",
        "ALTER TABLE event_tags DROP CONSTRAINT event_tags_pkey;\n"
        "ALTER TABLE event_tags ADD CONSTRAINT event_tags_pkey PRIMARY KEY (id);",
        ("event_tags",),
        unkeyed=True,
    ),
    "unique constraint in the place of another": Case(
        "ALTER TABLE accounts DROP CONSTRAINT one, ADD CONSTRAINT one UNIQUE (email, id);",
        "ALTER TABLE accounts DROP CONSTRAINT one, ADD CONSTRAINT one UNIQUE (email);",
        ("accounts",),
        given=("ALTER TABLE accounts ADD CONSTRAINT one UNIQUE (email)",),
    ),
    "primary key of a partitioned table": Case(
        "ALTER TABLE metrics ADD PRIMARY KEY (id, day);",
        "ALTER TABLE metrics DROP CONSTRAINT metrics_pkey;",
        ("metrics",),
    ),
    # Indexes.
    "unique index in the place of another": Case(
        "DROP INDEX tagged;\nCREATE UNIQUE INDEX tagged ON event_tags (id, event_id);",
        "DROP INDEX tagged;\nCREATE UNIQUE INDEX tagged ON event_tags (id);",
        ("event_tags",),
        given=(
            "ALTER TABLE event_tags DROP CONSTRAINT event_tags_pkey",
            "CREATE UNIQUE INDEX tagged ON event_tags (id)",
        ),
        unkeyed=True,
    ),
    "unique index dropped": Case(
        "DROP INDEX tagged;",
        "CREATE UNIQUE INDEX tagged ON event_tags (id);",
        ("event_tags",),
        given=(
            "ALTER TABLE event_tags DROP CONSTRAINT event_tags_pkey",
            "CREATE UNIQUE INDEX tagged ON event_tags (id)",
        ),
        unkeyed=True,
    ),
    "index in the place of another": Case(
        "DROP INDEX orders_placed_idx;\nCREATE INDEX orders_by_placed ON orders (placed, id);",
        "DROP INDEX orders_by_placed;\nCREATE INDEX orders_placed_idx ON orders (placed);",
        ("orders",),
    ),
    "index built, old one dropped, new one renamed": Case(
        "CREATE INDEX o2 ON orders (placed DESC);\nDROP INDEX orders_placed_idx;\n"
        "ALTER INDEX o2 RENAME TO orders_placed_idx;",
        "CREATE INDEX o2 ON orders (placed);\nDROP INDEX orders_placed_idx;\n"
        "ALTER INDEX o2 RENAME TO orders_placed_idx;",
        ("orders",),
    ),
    # Checks.
    "check in the place of another": Case(
        "ALTER TABLE accounts DROP CONSTRAINT sized, ADD CONSTRAINT sized CHECK (size >= 0);",
        "ALTER TABLE accounts DROP CONSTRAINT sized, ADD CONSTRAINT sized CHECK (size > 0);",
        ("accounts",),
        given=("ALTER TABLE accounts ADD CONSTRAINT sized CHECK (size > 0)",),
    ),
}
