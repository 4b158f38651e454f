"""Cases of SQL about indexes, whole tables, rows, and files of several statements, beyond those of `sql_cases`."""

from tests.rewrites.case import Case

ACCOUNTS, ITEMS, ORDERS = ("accounts",), ("items",), ("orders",)
QUOTED = ('app."Orders"',)


def _setting(name: str, value: str) -> str:
    """What the role that runs migrations has in this database."""
    change = f"'ALTER ROLE shop_owner IN DATABASE %I SET {name} = %L', current_database(), '{value}'"
    return f"DO $$ BEGIN EXECUTE format({change}); END $$"


INDEXES = {
    "concurrently behind a short lock_timeout": Case(
        "CREATE INDEX CONCURRENTLY accounts_score_idx ON accounts (score);",
        "DROP INDEX accounts_score_idx;",
        ACCOUNTS,
        outside=True,
        given=(_setting("lock_timeout", "1s"),),
    ),
    "validation that takes longer than the statement_timeout": Case(
        "ALTER TABLE accounts VALIDATE CONSTRAINT sized;",
        "",
        ACCOUNTS,
        given=(
            "ALTER TABLE accounts ADD CONSTRAINT sized CHECK (size > 0) NOT VALID",
            _setting("statement_timeout", "1s"),
        ),
    ),
    "unique index over an expression": Case(
        "CREATE UNIQUE INDEX accounts_email_lower ON accounts (lower(email));",
        "DROP INDEX accounts_email_lower;",
        ACCOUNTS,
    ),
    "partial index": Case(
        "CREATE INDEX accounts_on_idx ON accounts (name DESC NULLS LAST) WHERE status = 'on';",
        "DROP INDEX accounts_on_idx;",
        ACCOUNTS,
    ),
    "index with an operator class": Case(
        "CREATE INDEX accounts_like_idx ON accounts (name text_pattern_ops);", "DROP INDEX accounts_like_idx;", ACCOUNTS
    ),
    "index with more columns": Case(
        "CREATE UNIQUE INDEX items_sku_idx ON items (sku) INCLUDE (price);", "DROP INDEX items_sku_idx;", ITEMS
    ),
    "index without a name": Case("CREATE INDEX ON accounts (score);", "DROP INDEX accounts_score_idx;", ACCOUNTS),
    "index, quoted": Case('CREATE INDEX "Ix" ON app."Orders" ("User", "order");', 'DROP INDEX app."Ix";', QUOTED),
    "gin index": Case("CREATE INDEX items_tags_idx ON items USING gin (tags);", "DROP INDEX items_tags_idx;", ITEMS),
    "hash index": Case(
        "CREATE INDEX accounts_note_hash ON accounts USING hash (note);", "DROP INDEX accounts_note_hash;", ACCOUNTS
    ),
    "brin index": Case(
        "CREATE INDEX audit_at_idx ON audit_log USING brin (at);", "DROP INDEX audit_at_idx;", ("audit_log",)
    ),
    "unique index of a partitioned table": Case(
        "CREATE UNIQUE INDEX metrics_one ON metrics (id, day);", "DROP INDEX metrics_one;", ("metrics",)
    ),
    "index of a partitioned table without a name": Case(
        "CREATE INDEX ON metrics (val);", "DROP INDEX metrics_val_idx;", ("metrics",)
    ),
    "index of partitions of partitions": Case(
        "CREATE INDEX deep_idx ON deep (body);",
        "DROP INDEX deep_idx;",
        ("plans",),
        given=(
            "CREATE TABLE deep (id bigint NOT NULL, body text) PARTITION BY RANGE (id)",
            "CREATE TABLE deep_1 PARTITION OF deep FOR VALUES FROM (1) TO (5000)",
            "CREATE TABLE deep_2 PARTITION OF deep FOR VALUES FROM (5000) TO (9000) PARTITION BY RANGE (id)",
            "CREATE TABLE deep_2a PARTITION OF deep_2 FOR VALUES FROM (5000) TO (9000)",
            "INSERT INTO deep SELECT n, 'b' FROM generate_series(1, 8000) AS n",
            "ANALYZE deep",
        ),
    ),
    "two indexes dropped": Case(
        "DROP INDEX orders_old_idx, orders_placed_idx;",
        "CREATE INDEX orders_old_idx ON orders (total);\nCREATE INDEX orders_placed_idx ON orders (placed);",
        ORDERS,
    ),
    "quoted index dropped": Case(
        'DROP INDEX app."Old";',
        'CREATE INDEX "Old" ON app."Orders" ("User");',
        QUOTED,
        given=('CREATE INDEX "Old" ON app."Orders" ("User")',),
    ),
    "index dropped and created again": Case(
        "DROP INDEX orders_placed_idx;\nCREATE INDEX orders_placed_idx ON orders (placed DESC);",
        "DROP INDEX orders_placed_idx;\nCREATE INDEX orders_placed_idx ON orders (placed);",
        ORDERS,
    ),
    "index built over an invalid one": Case(
        "CREATE INDEX CONCURRENTLY items_bad_idx ON items (price);", "DROP INDEX items_bad_idx;", ITEMS, outside=True
    ),
    "concurrently in a transaction": Case(
        "CREATE INDEX CONCURRENTLY accounts_score_idx ON accounts (score);", "DROP INDEX accounts_score_idx;", ACCOUNTS
    ),
    "reindex of a table": Case("REINDEX TABLE orders;", "", ORDERS),
    "reindex, quoted": Case('REINDEX TABLE app."Orders";', "", QUOTED),
    "refresh of a materialized view": Case("REFRESH MATERIALIZED VIEW mv_keyed;", "", ORDERS),
    "refresh of a materialized view without a key": Case("REFRESH MATERIALIZED VIEW mv_plain;", "", ORDERS),
    "index renamed as a table": Case(
        "ALTER TABLE counters_hits_idx RENAME TO counters_clicks_idx;",
        "ALTER TABLE counters_clicks_idx RENAME TO counters_hits_idx;",
        ("counters",),
    ),
}

TABLES = {
    "rename of a table with keys": Case(
        "ALTER TABLE orders RENAME TO purchases;", "ALTER TABLE purchases RENAME TO orders;", ORDERS
    ),
    "rename of a table that gets a column": Case(
        "ALTER TABLE items RENAME TO products;\nALTER TABLE products ADD COLUMN brand text;",
        "ALTER TABLE products DROP COLUMN brand;\nALTER TABLE products RENAME TO items;",
        ITEMS,
    ),
    "rename of a table that loses a column": Case(
        "ALTER TABLE items RENAME TO products;\nALTER TABLE products DROP COLUMN old_ref;",
        "ALTER TABLE products ADD COLUMN old_ref text;\nALTER TABLE products RENAME TO items;",
        ITEMS,
    ),
    "rename of a table with a wider column": Case(
        "ALTER TABLE items RENAME TO products;\nALTER TABLE products ALTER COLUMN price TYPE bigint;",
        "ALTER TABLE products ALTER COLUMN price TYPE integer;\nALTER TABLE products RENAME TO items;",
        ITEMS,
        differs=True,
    ),
    "rename of a table under row security": Case(
        "ALTER TABLE documents RENAME TO papers;", "ALTER TABLE papers RENAME TO documents;", ("documents",)
    ),
    "rename of a quoted table": Case(
        'ALTER TABLE app."Orders" RENAME TO "Purchases";', 'ALTER TABLE app."Purchases" RENAME TO "Orders";', QUOTED
    ),
    "rename of a partitioned table": Case(
        "ALTER TABLE readings RENAME TO samples;", "ALTER TABLE samples RENAME TO readings;", ("readings",)
    ),
    "rename of a view": Case(
        "ALTER VIEW accounts_view RENAME TO people;", "ALTER VIEW people RENAME TO accounts_view;", ACCOUNTS
    ),
    "table to another schema": Case(
        "ALTER TABLE items SET SCHEMA app;", "ALTER TABLE app.items SET SCHEMA public;", ITEMS
    ),
    "dropped table": Case(
        "DROP TABLE event_tags;",
        "CREATE TABLE event_tags (id bigint PRIMARY KEY, event_id integer REFERENCES events ON DELETE CASCADE, tag text);\nGRANT SELECT, INSERT, UPDATE, DELETE ON event_tags TO shop_app;",
        ("event_tags", "events"),
    ),
    "dropped table with cascade": Case("DROP TABLE events CASCADE;", "", ("event_tags",)),
    "dropped view": Case(
        "DROP VIEW accounts_view;",
        "CREATE VIEW accounts_view AS SELECT id, name FROM accounts;\nGRANT SELECT, INSERT, UPDATE, DELETE ON accounts_view TO shop_app;",
        ACCOUNTS,
    ),
    "enum value renamed": Case(
        "ALTER TYPE order_state RENAME VALUE 'void' TO 'gone';",
        "ALTER TYPE order_state RENAME VALUE 'gone' TO 'void';",
        ORDERS,
        differs=True,
    ),
    "enum value added and used": Case(
        "ALTER TYPE order_state ADD VALUE 'lost';\nALTER TABLE orders ADD COLUMN phase order_state DEFAULT 'lost';",
        "ALTER TABLE orders DROP COLUMN phase;",
        ORDERS,
        writes={"phase": lambda _: "new"},
    ),
    "type renamed": Case(
        "ALTER TYPE order_state RENAME TO state_of_order;", "ALTER TYPE state_of_order RENAME TO order_state;", ORDERS
    ),
    "domain renamed": Case("ALTER DOMAIN percent RENAME TO share;", "ALTER DOMAIN share RENAME TO percent;", ORDERS),
    "function renamed": Case(
        "ALTER FUNCTION worth(integer, text[]) RENAME TO value_of;",
        "ALTER FUNCTION value_of(integer, text[]) RENAME TO worth;",
        ORDERS,
        given=(
            "CREATE FUNCTION worth(number integer, words text[]) RETURNS SETOF text LANGUAGE sql STABLE "
            "AS $$ SELECT number::text FROM unnest(words) $$",
            "CREATE VIEW worths AS SELECT worth(1, '{a}')",
        ),
    ),
    "procedure renamed": Case(
        "ALTER PROCEDURE tidy(integer) RENAME TO tidy_up;",
        "ALTER PROCEDURE tidy_up(integer) RENAME TO tidy;",
        ORDERS,
        given=("CREATE PROCEDURE tidy(integer) LANGUAGE sql AS $$ SELECT $1 $$",),
    ),
    "schema renamed": Case(
        "ALTER SCHEMA later RENAME TO sooner;",
        "ALTER SCHEMA sooner RENAME TO later;",
        ORDERS,
        given=("CREATE SCHEMA later",),
        none=True,
    ),
    "truncate": Case("TRUNCATE readings_2026;", "", ("plans",), none=True),
    "lock of a table": Case(
        "LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE;\nALTER TABLE accounts ADD COLUMN extra text;",
        "ALTER TABLE accounts DROP COLUMN extra;",
        ACCOUNTS,
    ),
    "vacuum full": Case("VACUUM FULL audit_log;", "", ("audit_log",), outside=True, none=True),
    "vacuum in a transaction": Case("VACUUM accounts;", "", ACCOUNTS),
    "cluster": Case("CLUSTER counters USING counters_hits_idx;", "", ("counters",), none=True),
    "unlogged": Case(
        "ALTER TABLE event_tags SET UNLOGGED;", "ALTER TABLE event_tags SET LOGGED;", ("event_tags",), none=True
    ),
    "row security without a policy": Case(
        "ALTER TABLE items ENABLE ROW LEVEL SECURITY;",
        "ALTER TABLE items DISABLE ROW LEVEL SECURITY;",
        ("plans",),
        none=True,
    ),
}

ROWS = {
    # Old code goes on writing NULL after the script as it would after the author's file.
    "backfill, no key": Case(
        "UPDATE audit_log SET what = 'done' WHERE what IS NULL;", "", ("audit_log",), free=("what",)
    ),
    "deletion, no key": Case("DELETE FROM audit_log WHERE n BETWEEN 5000 AND 5900;", "", ("audit_log",)),
    "backfill from another table": Case(
        "UPDATE orders SET state = a.status FROM accounts a WHERE a.id = orders.account_id AND orders.id > 5000;",
        "",
        ("plans",),
    ),
    "two backfills of one column": Case(
        "UPDATE accounts SET note = 'a' WHERE id > 5990;\nUPDATE accounts SET note = 'b' WHERE id BETWEEN 5900 AND 5950;",
        "",
        ACCOUNTS,
        free=("note",),
    ),
    "backfill, composite key": Case(
        "UPDATE app.members SET team = 0 WHERE member > 5000 AND team IS NULL;", "", ("app.members",), free=("team",)
    ),
    "new column filled, then required": Case(
        'ALTER TABLE app."Orders" ADD COLUMN "Net" integer;\n'
        'UPDATE app."Orders" SET "Net" = COALESCE("Total Amount", 0);\n'
        'ALTER TABLE app."Orders" ALTER COLUMN "Net" SET NOT NULL;',
        'ALTER TABLE app."Orders" DROP COLUMN "Net";',
        QUOTED,
    ),
    "new column filled from another table, then required": Case(
        "ALTER TABLE orders ADD COLUMN plan_id bigint;\n"
        "UPDATE orders SET plan_id = a.plan_id FROM accounts a WHERE a.id = orders.account_id;\n"
        "ALTER TABLE orders ALTER COLUMN plan_id SET NOT NULL;",
        "ALTER TABLE orders DROP COLUMN plan_id;",
        ORDERS,
        writes={"plan_id": lambda _: "1"},
    ),
    "backfill, quoted": Case('UPDATE app."Orders" SET "Total Amount" = 0 WHERE "Total Amount" IS NULL;', "", QUOTED),
    "backfill by a subquery": Case(
        "UPDATE orders SET seller_id = (SELECT min(id) FROM accounts) WHERE orders.id > 5000;", "", ("plans",)
    ),
    "backfill, partitioned": Case(
        "UPDATE readings SET value = 0 WHERE value IS NULL;", "", ("readings",), free=("value",)
    ),
    "rows copied": Case(
        "INSERT INTO audit_log (at, who, what, n) SELECT now(), 'copy', name, id + 900000 FROM accounts WHERE id > 5000;",
        "",
        ("plans",),
        free=("at",),
    ),
}

SEVERAL = {
    "do block": Case(
        "DO $$ BEGIN ALTER TABLE accounts ALTER COLUMN name SET NOT NULL; CREATE INDEX x1 ON accounts (email); END $$;",
        "DROP INDEX x1;\nALTER TABLE accounts ALTER COLUMN name DROP NOT NULL;",
        ACCOUNTS,
    ),
    "do block under a condition": Case(
        "DO $$\nBEGIN\n  IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'orders_user_fk') THEN\n"
        "    ALTER TABLE orders ADD CONSTRAINT orders_user_fk FOREIGN KEY (user_id) REFERENCES accounts (id);\n"
        "  END IF;\nEND $$;",
        "ALTER TABLE orders DROP CONSTRAINT orders_user_fk;",
        ORDERS,
        differs=True,
    ),
    "do block that passes over what is there": Case(
        "DO $$ BEGIN\n ALTER TABLE accounts ADD CONSTRAINT sized CHECK (size > 0);\n"
        "EXCEPTION\n WHEN duplicate_object THEN null;\nEND $$;",
        "ALTER TABLE accounts DROP CONSTRAINT sized;",
        ACCOUNTS,
    ),
    "do block with an index under a condition": Case(
        "ALTER TABLE accounts ADD COLUMN memo text;\n"
        "DO $$ BEGIN IF to_regclass('accounts_score_idx') IS NULL THEN CREATE INDEX accounts_score_idx ON accounts (score); END IF; END $$;",
        "DROP INDEX accounts_score_idx;\nALTER TABLE accounts DROP COLUMN memo;",
        ACCOUNTS,
    ),
    "six statements": Case(
        "ALTER TABLE accounts ADD COLUMN extra text;\nCREATE INDEX accounts_score_idx ON accounts (score);\nALTER TABLE accounts ADD CONSTRAINT sized CHECK (size > 0);\nALTER TABLE accounts ALTER COLUMN email SET NOT NULL;\nDROP INDEX orders_old_idx;\nCREATE INDEX items_sku_idx ON items (sku);",
        "DROP INDEX items_sku_idx;\nCREATE INDEX orders_old_idx ON orders (total);\nALTER TABLE accounts ALTER COLUMN email DROP NOT NULL;\nALTER TABLE accounts DROP CONSTRAINT sized;\nDROP INDEX accounts_score_idx;\nALTER TABLE accounts DROP COLUMN extra;",
        ("accounts", "items"),
    ),
    "not null and an index": Case(
        "ALTER TABLE accounts ALTER COLUMN name SET NOT NULL;\nCREATE INDEX accounts_name_idx ON accounts (name);",
        "DROP INDEX accounts_name_idx;\nALTER TABLE accounts ALTER COLUMN name DROP NOT NULL;",
        ACCOUNTS,
    ),
    "table, index and foreign key": Case(
        "CREATE TABLE memos (id bigint PRIMARY KEY, body text);\nCREATE INDEX orders_seller_idx ON orders (seller_id);\nALTER TABLE orders ADD CONSTRAINT o_s FOREIGN KEY (seller_id) REFERENCES accounts;",
        "ALTER TABLE orders DROP CONSTRAINT o_s;\nDROP INDEX orders_seller_idx;\nDROP TABLE memos;",
        ORDERS,
    ),
    "two tables, two checks": Case(
        "ALTER TABLE items ADD CONSTRAINT priced CHECK (price > 0);\nALTER TABLE orders ADD CONSTRAINT summed CHECK (total > 0);",
        "ALTER TABLE orders DROP CONSTRAINT summed;\nALTER TABLE items DROP CONSTRAINT priced;",
        ("items", "orders"),
    ),
    "index behind a strong lock": Case(
        "ALTER TABLE counters ADD COLUMN extra text;\nCREATE INDEX counters_label_idx ON counters (label);",
        "DROP INDEX counters_label_idx;\nALTER TABLE counters DROP COLUMN extra;",
        ("counters",),
    ),
}
