"""Cases of SQL about constraints and partitions, beyond those of `sql_cases`."""

from tests.rewrites.case import Case

ACCOUNTS, ORDERS, READINGS = ("accounts",), ("orders",), ("readings",)
QUOTED = ('app."Orders"',)

CONSTRAINTS = {
    "primary key over a nullable column, before 18": Case(
        "ALTER TABLE audit_log ADD CONSTRAINT audit_key PRIMARY KEY (n);",
        "ALTER TABLE audit_log DROP CONSTRAINT audit_key, ALTER COLUMN n DROP NOT NULL;",
        ("audit_log",),
        major=15,
    ),
    "not null where rows have none": Case(
        "ALTER TABLE accounts ALTER COLUMN status SET NOT NULL;",
        "ALTER TABLE accounts ALTER COLUMN status DROP NOT NULL;",
        ACCOUNTS,
        knows="UPDATE accounts SET status = 'on' WHERE status IS NULL",
    ),
    "not null, quoted": Case(
        'ALTER TABLE app."Orders" ALTER COLUMN "order" SET NOT NULL;',
        'ALTER TABLE app."Orders" ALTER COLUMN "order" DROP NOT NULL;',
        QUOTED,
    ),
    "not null, partitioned": Case(
        "ALTER TABLE readings ALTER COLUMN device SET NOT NULL;",
        "ALTER TABLE readings ALTER COLUMN device DROP NOT NULL;",
        READINGS,
    ),
    "not null of two columns": Case(
        "ALTER TABLE accounts ALTER COLUMN plan_id SET NOT NULL, ALTER COLUMN score SET NOT NULL;",
        "ALTER TABLE accounts ALTER COLUMN plan_id DROP NOT NULL, ALTER COLUMN score DROP NOT NULL;",
        ACCOUNTS,
    ),
    "not null, second schema": Case(
        "ALTER TABLE app.members ALTER COLUMN role SET NOT NULL;",
        "ALTER TABLE app.members ALTER COLUMN role DROP NOT NULL;",
        ("app.members",),
    ),
    "not null, no key": Case(
        "ALTER TABLE audit_log ALTER COLUMN who SET NOT NULL;",
        "ALTER TABLE audit_log ALTER COLUMN who DROP NOT NULL;",
        ("audit_log",),
    ),
    "not null behind an update": Case(
        "UPDATE accounts SET status = 'on' WHERE status IS NULL;\nALTER TABLE accounts ALTER COLUMN status SET NOT NULL;",
        "ALTER TABLE accounts ALTER COLUMN status DROP NOT NULL;",
        ACCOUNTS,
    ),
    "not null and an index, lines with carriage returns": Case(
        "ALTER TABLE accounts ALTER COLUMN name SET NOT NULL;\nCREATE INDEX accounts_name_idx ON accounts (name);",
        "DROP INDEX accounts_name_idx;\nALTER TABLE accounts ALTER COLUMN name DROP NOT NULL;",
        ACCOUNTS,
        carriage=True,
    ),
    "check without a name": Case(
        "ALTER TABLE accounts ADD CHECK (size > 0 AND length(name) < 100);",
        "ALTER TABLE accounts DROP CONSTRAINT accounts_check;",
        ACCOUNTS,
    ),
    "check, quoted": Case(
        'ALTER TABLE app."Orders" ADD CONSTRAINT "Not Free" CHECK ("Total Amount" >= 0);',
        'ALTER TABLE app."Orders" DROP CONSTRAINT "Not Free";',
        QUOTED,
    ),
    "check, partitioned": Case(
        "ALTER TABLE readings ADD CONSTRAINT positive CHECK (value >= 0);",
        "ALTER TABLE readings DROP CONSTRAINT positive;",
        READINGS,
    ),
    "two checks in one statement": Case(
        "ALTER TABLE accounts ADD CONSTRAINT sized CHECK (size > 0), ADD CONSTRAINT scored CHECK (score >= 0);",
        "ALTER TABLE accounts DROP CONSTRAINT scored, DROP CONSTRAINT sized;",
        ACCOUNTS,
    ),
    "check of a domain": Case(
        "ALTER DOMAIN short_text ADD CONSTRAINT st_len CHECK (length(VALUE) < 500);",
        "ALTER DOMAIN short_text DROP CONSTRAINT st_len;",
        ACCOUNTS,
        given=("ALTER TABLE accounts ADD COLUMN nick short_text DEFAULT 'x'",),
        none=True,
    ),
    "column, then check of a domain": Case(
        "ALTER TABLE accounts ADD COLUMN extra text;\nALTER DOMAIN short_text ADD CONSTRAINT st_len CHECK (length(VALUE) < 500);",
        "ALTER DOMAIN short_text DROP CONSTRAINT st_len;\nALTER TABLE accounts DROP COLUMN extra;",
        ACCOUNTS,
        given=("ALTER TABLE accounts ADD COLUMN nick short_text DEFAULT 'x'",),
        none=True,
    ),
    "foreign key without a name": Case(
        "ALTER TABLE accounts ADD FOREIGN KEY (plan_id) REFERENCES plans ON DELETE CASCADE;",
        "ALTER TABLE accounts DROP CONSTRAINT accounts_plan_id_fkey;",
        ("accounts", "plans"),
        differs=True,
    ),
    "foreign key, quoted": Case(
        'ALTER TABLE app."Orders" ADD CONSTRAINT "o u" FOREIGN KEY ("User") REFERENCES accounts (id);',
        'ALTER TABLE app."Orders" DROP CONSTRAINT "o u";',
        ('app."Orders"', "accounts"),
        differs=True,
    ),
    "foreign key of a partitioned table": Case(
        "ALTER TABLE readings ADD CONSTRAINT rd FOREIGN KEY (device) REFERENCES plans (id);",
        "ALTER TABLE readings DROP CONSTRAINT rd;",
        ("readings", "plans"),
        differs=True,
    ),
    "foreign key of a partitioned table, not valid": Case(
        "ALTER TABLE readings ADD CONSTRAINT rd FOREIGN KEY (device) REFERENCES plans (id) NOT VALID;",
        "ALTER TABLE readings DROP CONSTRAINT rd;",
        ("readings", "plans"),
        differs=True,
    ),
    "index, then foreign key": Case(
        "CREATE INDEX orders_item_idx ON orders (item_id);\nALTER TABLE orders ADD CONSTRAINT o_i FOREIGN KEY (item_id) REFERENCES items ON DELETE SET NULL;",
        "ALTER TABLE orders DROP CONSTRAINT o_i;\nDROP INDEX orders_item_idx;",
        ("orders", "items"),
    ),
    "foreign key, not valid and validate": Case(
        "ALTER TABLE orders ADD CONSTRAINT o_s FOREIGN KEY (seller_id) REFERENCES accounts NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT o_s;",
        "ALTER TABLE orders DROP CONSTRAINT o_s;",
        ORDERS,
        given=("CREATE INDEX ON orders (seller_id)",),
    ),
    "foreign key over an index": Case(
        "ALTER TABLE orders ADD CONSTRAINT o_s FOREIGN KEY (seller_id) REFERENCES accounts ON DELETE CASCADE;",
        "ALTER TABLE orders DROP CONSTRAINT o_s;",
        ORDERS,
        given=("CREATE INDEX ON orders (seller_id)",),
    ),
    "foreign key of another type": Case(
        "ALTER TABLE events ADD CONSTRAINT e_a FOREIGN KEY (account_id) REFERENCES accounts (id);",
        "ALTER TABLE events DROP CONSTRAINT e_a;",
        ("events", "accounts"),
        differs=True,
    ),
    "two foreign keys in one statement": Case(
        "ALTER TABLE orders ADD CONSTRAINT o_u FOREIGN KEY (user_id) REFERENCES accounts, ADD CONSTRAINT o_s FOREIGN KEY (seller_id) REFERENCES accounts;",
        "ALTER TABLE orders DROP CONSTRAINT o_u, DROP CONSTRAINT o_s;",
        ORDERS,
        differs=True,
    ),
    "unique constraint, deferrable with more": Case(
        "ALTER TABLE accounts ADD CONSTRAINT one UNIQUE (email) INCLUDE (size) DEFERRABLE INITIALLY DEFERRED;",
        "ALTER TABLE accounts DROP CONSTRAINT one;",
        ACCOUNTS,
    ),
    "unique constraint, quoted": Case(
        'ALTER TABLE app."Orders" ADD CONSTRAINT "u Q" UNIQUE ("order");',
        'ALTER TABLE app."Orders" DROP CONSTRAINT "u Q";',
        QUOTED,
    ),
    "unique constraint, partitioned": Case(
        "ALTER TABLE metrics ADD UNIQUE (id, day);",
        "ALTER TABLE metrics DROP CONSTRAINT metrics_id_day_key;",
        ("metrics",),
    ),
    "unique constraint, nulls not distinct": Case(
        "ALTER TABLE items ADD CONSTRAINT one_sku UNIQUE NULLS NOT DISTINCT (sku);",
        "ALTER TABLE items DROP CONSTRAINT one_sku;",
        ("items",),
    ),
    "primary key over a nullable column": Case(
        "ALTER TABLE audit_log ADD PRIMARY KEY (n);",
        "ALTER TABLE audit_log DROP CONSTRAINT audit_log_pkey, ALTER COLUMN n DROP NOT NULL;",
        ("audit_log",),
    ),
    "unique index and its constraint in one file": Case(
        "CREATE UNIQUE INDEX audit_n ON audit_log (n);\nALTER TABLE audit_log ADD CONSTRAINT audit_n UNIQUE USING INDEX audit_n;",
        "ALTER TABLE audit_log DROP CONSTRAINT audit_n;",
        ("audit_log",),
    ),
    "exclusion constraint": Case(
        "ALTER TABLE orders ADD CONSTRAINT apart EXCLUDE USING btree (id WITH =);",
        "ALTER TABLE orders DROP CONSTRAINT apart;",
        ORDERS,
        none=True,
    ),
    "many constraints in one statement, one without a plan": Case(
        "ALTER TABLE counters ALTER COLUMN small SET NOT NULL, ADD CONSTRAINT hit CHECK (hits >= 0), ADD CONSTRAINT apart EXCLUDE USING btree (id WITH =);",
        "ALTER TABLE counters DROP CONSTRAINT apart, DROP CONSTRAINT hit, ALTER COLUMN small DROP NOT NULL;",
        ("counters",),
    ),
    "dropped foreign key": Case(
        "ALTER TABLE event_tags DROP CONSTRAINT event_tags_event_id_fkey;",
        "ALTER TABLE event_tags ADD CONSTRAINT event_tags_event_id_fkey FOREIGN KEY (event_id) REFERENCES events ON DELETE CASCADE;",
        ("event_tags", "events"),
        none=True,
    ),
}

PARTITIONS = {
    "partition attached that lacks its keys": Case(
        "ALTER TABLE readings ATTACH PARTITION readings_2030 FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');",
        "ALTER TABLE readings DETACH PARTITION readings_2030;",
        READINGS,
        given=(
            "CREATE TABLE readings_2030 (id bigint NOT NULL, at date NOT NULL, device bigint, value double precision)",
            "INSERT INTO readings_2030 SELECT n, date '2030-01-01' + n % 300, 1, 1 FROM generate_series(1, 6000) AS n",
            "ANALYZE readings_2030",
        ),
    ),
    "partition attached, no default": Case(
        "ALTER TABLE metrics ATTACH PARTITION metrics_c FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');",
        "ALTER TABLE metrics DETACH PARTITION metrics_c;",
        ("metrics",),
        given=(
            "CREATE TABLE metrics_c (LIKE metrics INCLUDING ALL)",
            "INSERT INTO metrics_c SELECT n, date '2026-01-01' + n % 300, 1 FROM generate_series(1, 6000) AS n",
        ),
    ),
    "partition attached that lacks an index": Case(
        "ALTER TABLE metrics ATTACH PARTITION metrics_c FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');",
        "ALTER TABLE metrics DETACH PARTITION metrics_c;",
        ("metrics",),
        given=(
            "CREATE INDEX metrics_val_idx ON metrics (val)",
            "CREATE TABLE metrics_c (LIKE metrics)",
            "INSERT INTO metrics_c SELECT n, date '2026-01-01' + n % 300, 1 FROM generate_series(1, 6000) AS n",
        ),
    ),
    "partition attached as the default": Case(
        "ALTER TABLE metrics ATTACH PARTITION metrics_rest DEFAULT;",
        "ALTER TABLE metrics DETACH PARTITION metrics_rest;",
        ("metrics",),
        given=(
            "CREATE TABLE metrics_rest (LIKE metrics)",
            "INSERT INTO metrics_rest SELECT n, date '2027-01-01' + n % 300, 1 FROM generate_series(1, 6000) AS n",
        ),
    ),
    "list partition attached": Case(
        "ALTER TABLE places ATTACH PARTITION nordic FOR VALUES IN ('no', 'se');",
        "ALTER TABLE places DETACH PARTITION nordic;",
        ("plans",),
        given=(
            "CREATE TABLE places (country text, name text) PARTITION BY LIST (country)",
            "CREATE TABLE nordic (country text, name text)",
            "INSERT INTO nordic SELECT 'no', 'x' FROM generate_series(1, 6000)",
            "ANALYZE nordic",
        ),
    ),
    "partition created": Case(
        "CREATE TABLE metrics_c PARTITION OF metrics FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');",
        "DROP TABLE metrics_c;",
        ("metrics",),
    ),
    "partition detached beside a default": Case(
        "ALTER TABLE readings DETACH PARTITION readings_2024;",
        "ALTER TABLE readings ATTACH PARTITION readings_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');",
        ("plans",),
        none=True,
    ),
    "partition dropped": Case(
        "DROP TABLE metrics_a;",
        "CREATE TABLE metrics_a PARTITION OF metrics FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');",
        ("plans",),
    ),
}
