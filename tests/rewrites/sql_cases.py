"""The cases of SQL: one of each shape here, findings/rewrites.md's others and their near relatives in files beside."""

from tests.rewrites.case import Case
from tests.rewrites.replaced_cases import CASES as REPLACED
from tests.rewrites.sql_bounds import BOUNDS
from tests.rewrites.sql_columns import ADDED, CHANGED
from tests.rewrites.sql_constraints import CONSTRAINTS, PARTITIONS
from tests.rewrites.sql_hanging import HANGING
from tests.rewrites.sql_others import INDEXES, ROWS, SEVERAL, TABLES

_ONE_OF_EACH = {
    # Columns that are added.
    "column": Case(
        "ALTER TABLE accounts ADD COLUMN memo text;",
        "ALTER TABLE accounts DROP COLUMN memo;",
        ("accounts",),
        guarded=True,
        short=True,
    ),
    "not null behind a backfill": Case(
        "ALTER TABLE accounts ADD COLUMN slug text;\nUPDATE accounts SET slug = lower(name);\n"
        "ALTER TABLE accounts ALTER COLUMN slug SET NOT NULL;",
        "ALTER TABLE accounts DROP COLUMN slug;",
        ("accounts",),
        free=("slug",),
        short=True,
    ),
    "volatile default": Case(
        "ALTER TABLE accounts ADD COLUMN token uuid DEFAULT gen_random_uuid();",
        "ALTER TABLE accounts DROP COLUMN token;",
        ("accounts",),
        free=("token",),
    ),
    "volatile default, required": Case(
        "ALTER TABLE accounts ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid();",
        "ALTER TABLE accounts DROP COLUMN token;",
        ("accounts",),
        free=("token",),
        short=True,
    ),
    "bigserial": Case(
        "ALTER TABLE accounts ADD COLUMN number bigserial;",
        "ALTER TABLE accounts DROP COLUMN number;",
        ("accounts",),
        free=("number",),
    ),
    "serial primary key where there is no key": Case(
        "ALTER TABLE audit_log ADD COLUMN id bigserial PRIMARY KEY;",
        "ALTER TABLE audit_log DROP COLUMN id;",
        ("audit_log",),
        free=("id",),
        short=True,
    ),
    "generated column": Case(
        "ALTER TABLE accounts ADD COLUMN shout text GENERATED ALWAYS AS (upper(name)) STORED;",
        "ALTER TABLE accounts DROP COLUMN shout;",
        ("accounts",),
        differs=True,
        short=True,
    ),
    "column of a domain with a check": Case(
        "ALTER TABLE accounts ADD COLUMN rate percent;",
        "ALTER TABLE accounts DROP COLUMN rate;",
        ("accounts",),
        differs=True,
        short=True,
    ),
    "inline unique": Case(
        "ALTER TABLE accounts ADD COLUMN slug text UNIQUE;",
        "ALTER TABLE accounts DROP COLUMN slug;",
        ("accounts",),
        short=True,
    ),
    "inline check": Case(
        "ALTER TABLE accounts ADD COLUMN weight integer DEFAULT 1 CHECK (weight > 0);",
        "ALTER TABLE accounts DROP COLUMN weight;",
        ("accounts",),
    ),
    "inline foreign key": Case(
        "ALTER TABLE orders ADD COLUMN plan bigint DEFAULT 1 REFERENCES plans (id);",
        "ALTER TABLE orders DROP COLUMN plan;",
        ("orders",),
        writes={"plan": lambda n: str(n % 20 + 1)},
        differs=True,
    ),
    # Constraints.
    "not null": Case(
        "ALTER TABLE accounts ALTER COLUMN name SET NOT NULL;",
        "ALTER TABLE accounts ALTER COLUMN name DROP NOT NULL;",
        ("accounts",),
        short=True,
    ),
    "not null, before 18": Case(
        "ALTER TABLE accounts ALTER COLUMN name SET NOT NULL;",
        "ALTER TABLE accounts ALTER COLUMN name DROP NOT NULL;",
        ("accounts",),
        major=16,
        short=True,
    ),
    "check": Case(
        "ALTER TABLE accounts ADD CONSTRAINT sized CHECK (size > 0);",
        "ALTER TABLE accounts DROP CONSTRAINT sized;",
        ("accounts",),
        short=True,
    ),
    "not valid and validate in one statement": Case(
        "ALTER TABLE accounts ADD CONSTRAINT sized CHECK (size > 0) NOT VALID, VALIDATE CONSTRAINT sized;",
        "ALTER TABLE accounts DROP CONSTRAINT sized;",
        ("accounts",),
        short=True,
    ),
    "not valid and validate in two statements": Case(
        "ALTER TABLE accounts ADD CONSTRAINT sized CHECK (size > 0) NOT VALID;\n"
        "ALTER TABLE accounts VALIDATE CONSTRAINT sized;",
        "ALTER TABLE accounts DROP CONSTRAINT sized;",
        ("accounts",),
        short=True,
    ),
    "foreign key": Case(
        "ALTER TABLE accounts ADD CONSTRAINT a_plan FOREIGN KEY (plan_id) REFERENCES plans (id);",
        "ALTER TABLE accounts DROP CONSTRAINT a_plan;",
        ("accounts", "plans"),
        differs=True,
        short=True,
    ),
    "foreign key that fans out": Case(
        "ALTER TABLE orders ADD CONSTRAINT o_u FOREIGN KEY (user_id) REFERENCES accounts ON DELETE CASCADE NOT VALID;",
        "ALTER TABLE orders DROP CONSTRAINT o_u;",
        ("orders", "accounts"),
        differs=True,
        short=True,
    ),
    "unique constraint": Case(
        "ALTER TABLE accounts ADD UNIQUE (email);",
        "ALTER TABLE accounts DROP CONSTRAINT accounts_email_key;",
        ("accounts",),
        short=True,
    ),
    "primary key of other order": Case(
        "ALTER TABLE app.members DROP CONSTRAINT members_pkey, ADD PRIMARY KEY (member, tenant);",
        "ALTER TABLE app.members DROP CONSTRAINT members_pkey, ADD PRIMARY KEY (tenant, member);",
        ("app.members",),
        short=True,
    ),
    # Indexes.
    "index, before 18": Case(
        "CREATE INDEX accounts_name_idx ON accounts (name);", "DROP INDEX accounts_name_idx;", ("accounts",), major=14
    ),
    "index": Case(
        "CREATE INDEX accounts_name_idx ON accounts (name);",
        "DROP INDEX accounts_name_idx;",
        ("accounts",),
        short=True,
    ),
    "dropped index": Case(
        "DROP INDEX orders_old_idx;",
        "CREATE INDEX orders_old_idx ON orders (total);",
        ("orders",),
        short=True,
    ),
    "index of a partitioned table": Case(
        "CREATE INDEX readings_device_idx ON readings (device);",
        "DROP INDEX readings_device_idx;",
        ("readings",),
        short=True,
    ),
    "reindex": Case("REINDEX INDEX counters_hits_idx;", "", ("counters",), short=True),
    # Partitions.
    "partition attached": Case(
        "ALTER TABLE readings ATTACH PARTITION readings_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');",
        "ALTER TABLE readings DETACH PARTITION readings_2026;",
        ("readings",),
        short=True,
    ),
    "partition created beside a default": Case(
        "CREATE TABLE readings_2028 PARTITION OF readings FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');",
        "DROP TABLE readings_2028;",
        ("readings",),
    ),
    "partition created beside a default, for rows that come already": Case(
        "CREATE TABLE readings_2028 PARTITION OF readings FOR VALUES FROM ('2028-01-01') TO ('2029-01-01');",
        "DROP TABLE readings_2028;",
        ("readings",),
        refuses="refuse|reject|fail",
        short=True,
    ),
    "partition detached": Case(
        "ALTER TABLE metrics DETACH PARTITION metrics_a;",
        "ALTER TABLE metrics ATTACH PARTITION metrics_a FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');",
        ("plans",),
        differs=True,
        short=True,
    ),
    # Columns that change.
    "type of a column": Case(
        "ALTER TABLE items ALTER COLUMN price TYPE bigint;",
        "ALTER TABLE items ALTER COLUMN price TYPE integer;",
        ("items",),
        differs=True,
        short=True,
    ),
    "type of a primary key": Case(
        "ALTER TABLE counters ALTER COLUMN id TYPE bigint;",
        "ALTER TABLE counters ALTER COLUMN id TYPE integer;",
        ("counters",),
        differs=True,
        short=True,
    ),
    "rename of a column": Case(
        "ALTER TABLE accounts RENAME COLUMN note TO remark;",
        "ALTER TABLE accounts RENAME COLUMN remark TO note;",
        ("accounts",),
        differs=True,
    ),
    "rename of a column with a default": Case(
        "ALTER TABLE accounts RENAME COLUMN status TO state;",
        "ALTER TABLE accounts RENAME COLUMN state TO status;",
        ("accounts",),
        short=True,
    ),
    "rename of a table": Case(
        "ALTER TABLE items RENAME TO products;",
        "ALTER TABLE products RENAME TO items;",
        ("items",),
        short=True,
    ),
    "dropped column": Case(
        "ALTER TABLE accounts DROP COLUMN opt;",
        "ALTER TABLE accounts ADD COLUMN opt text;",
        ("accounts",),
        short=True,
    ),
    # Rows, and several things at once.
    "backfill": Case(
        "UPDATE accounts SET status = 'on' WHERE status IS NULL;",
        "",
        ("accounts",),
        short=True,
    ),
    "deletion that fans out": Case(
        "DELETE FROM events WHERE id > 5900;",
        "",
        ("event_tags",),
        differs=True,
        short=True,
    ),
    "several actions": Case(
        "ALTER TABLE accounts ADD COLUMN memo text, ALTER COLUMN plan_id SET NOT NULL, "
        "ADD CONSTRAINT sized CHECK (size > 0), ADD UNIQUE (name);",
        "ALTER TABLE accounts DROP CONSTRAINT accounts_name_key, DROP CONSTRAINT sized, "
        "ALTER COLUMN plan_id DROP NOT NULL, DROP COLUMN memo;",
        ("accounts",),
        short=True,
    ),
}

CASES = (
    _ONE_OF_EACH
    | ADDED
    | CHANGED
    | CONSTRAINTS
    | PARTITIONS
    | BOUNDS
    | HANGING
    | INDEXES
    | TABLES
    | ROWS
    | SEVERAL
    | REPLACED
)
