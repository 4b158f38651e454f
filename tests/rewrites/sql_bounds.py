"""Cases of SQL about what a partition's bound requires of its rows: keys of several columns, expressions, HASH."""

from tests.rewrites.case import Case

_NOBODY = ("plans",)
"""What old code works on meanwhile: it knows nothing of these tables."""

_REGIONS = (
    "CREATE TABLE regions (code text, at date, n int, PRIMARY KEY (code, at)) PARTITION BY RANGE (code, at)",
    "CREATE TABLE regions_a PARTITION OF regions FOR VALUES FROM ('a', '2024-01-01') TO ('c', '2024-01-01')",
    "CREATE TABLE regions_rest PARTITION OF regions DEFAULT",
    "CREATE TABLE regions_c (LIKE regions INCLUDING ALL)",
    "INSERT INTO regions_c SELECT 'd', date '2020-01-01' + n, n FROM generate_series(1, 6000) AS n",
    "INSERT INTO regions_rest SELECT 'z', date '2020-01-01' + n, n FROM generate_series(1, 6000) AS n",
    "ANALYZE",
)
_VISITS = (
    "CREATE TABLE visits_b (name text, n int)",
    "INSERT INTO visits_b SELECT 'Bee', n FROM generate_series(1, 6000) AS n",
    "CREATE TABLE visits_rest PARTITION OF visits DEFAULT",
    "INSERT INTO visits SELECT 'Zoo', n FROM generate_series(1, 6000) AS n",
    "ANALYZE",
)
_OTHER = "INSERT INTO other SELECT 'fr', 'x' FROM generate_series(1, 6000)"

BOUNDS = {
    "partition attached, two columns": Case(
        "ALTER TABLE regions ATTACH PARTITION regions_c FOR VALUES FROM ('c', '2024-01-01') TO ('f', '2024-01-01');",
        "ALTER TABLE regions DETACH PARTITION regions_c;",
        _NOBODY,
        given=_REGIONS,
    ),
    "partition attached, two columns, one end open": Case(
        "ALTER TABLE regions ATTACH PARTITION regions_c FOR VALUES FROM ('c', '2024-01-01') TO ('f', MAXVALUE);",
        "ALTER TABLE regions DETACH PARTITION regions_c;",
        _NOBODY,
        given=_REGIONS,
    ),
    "partition created beside a default, two columns": Case(
        "CREATE TABLE regions_d PARTITION OF regions FOR VALUES FROM ('c', '2024-01-01') TO ('f', '2024-01-01');",
        "DROP TABLE regions_d;",
        _NOBODY,
        given=_REGIONS,
    ),
    "partition attached, one value and a range": Case(
        "ALTER TABLE tenants ATTACH PARTITION tenants_3 FOR VALUES FROM (3, '2024-01-01') TO (3, MAXVALUE);",
        "ALTER TABLE tenants DETACH PARTITION tenants_3;",
        _NOBODY,
        given=(
            "CREATE TABLE tenants (tenant int, at date) PARTITION BY RANGE (tenant, at)",
            "CREATE TABLE tenants_3 (tenant int, at date)",
            "INSERT INTO tenants_3 SELECT 3, date '2024-01-01' + n FROM generate_series(1, 6000) AS n",
            "ANALYZE",
        ),
    ),
    "partition attached, an expression": Case(
        "ALTER TABLE visits ATTACH PARTITION visits_b FOR VALUES FROM ('b') TO ('c');",
        "ALTER TABLE visits DETACH PARTITION visits_b;",
        _NOBODY,
        given=("CREATE TABLE visits (name text, n int) PARTITION BY RANGE (lower(name))", *_VISITS),
    ),
    "partition attached, an expression of a list": Case(
        "ALTER TABLE visits ATTACH PARTITION visits_b FOR VALUES IN ('B', 'C');",
        "ALTER TABLE visits DETACH PARTITION visits_b;",
        _NOBODY,
        given=("CREATE TABLE visits (name text, n int) PARTITION BY LIST (left(name, 1))", *_VISITS),
    ),
    "partition attached, arithmetic": Case(
        "ALTER TABLE shards ATTACH PARTITION shard_3 FOR VALUES IN (3);",
        "ALTER TABLE shards DETACH PARTITION shard_3;",
        _NOBODY,
        given=(
            "CREATE TABLE shards (id bigint, n int) PARTITION BY LIST ((id % 8))",
            "CREATE TABLE shard_3 (id bigint, n int)",
            "INSERT INTO shard_3 SELECT n * 8 + 3, n FROM generate_series(1, 6000) AS n",
            "CREATE TABLE shard_rest PARTITION OF shards DEFAULT",
            "INSERT INTO shards SELECT n * 8 + 1, n FROM generate_series(1, 6000) AS n",
            "ANALYZE",
        ),
    ),
    "partition attached, hash, quoted": Case(
        'ALTER TABLE app."Hashed" ATTACH PARTITION app."H 1" FOR VALUES WITH (MODULUS 2, REMAINDER 1);',
        'ALTER TABLE app."Hashed" DETACH PARTITION app."H 1";',
        _NOBODY,
        given=(
            'CREATE TABLE app."Hashed" ("Id" bigint, n int) PARTITION BY HASH ("Id", n)',
            'CREATE TABLE app."H 1" ("Id" bigint, n int)',
            'INSERT INTO app."H 1" SELECT g, g FROM generate_series(1, 6000) AS g'
            " WHERE satisfies_hash_partition('app.\"Hashed\"'::regclass, 2, 1, g::bigint, g)",
            "ANALYZE",
        ),
    ),
    "list partition attached that takes NULL": Case(
        "ALTER TABLE places ATTACH PARTITION nordic FOR VALUES IN ('no', NULL);",
        "ALTER TABLE places DETACH PARTITION nordic;",
        _NOBODY,
        given=(
            "CREATE TABLE places (country text, name text) PARTITION BY LIST (country)",
            "CREATE TABLE nordic (country text, name text)",
            "INSERT INTO nordic SELECT CASE WHEN n > 9 THEN 'no' END, 'x' FROM generate_series(1, 6000) AS n",
            "CREATE TABLE other PARTITION OF places DEFAULT",
            _OTHER,
            "ANALYZE",
        ),
    ),
    "list partition attached as the default": Case(
        "ALTER TABLE places ATTACH PARTITION other DEFAULT;",
        "ALTER TABLE places DETACH PARTITION other;",
        _NOBODY,
        given=(
            "CREATE TABLE places (country text, name text) PARTITION BY LIST (country)",
            "CREATE TABLE nordic PARTITION OF places FOR VALUES IN ('no', 'se')",
            "CREATE TABLE southern PARTITION OF places FOR VALUES IN ('it', NULL)",
            "CREATE TABLE other (country text, name text)",
            _OTHER,
            "ANALYZE",
        ),
    ),
    "partition attached below another": Case(
        "ALTER TABLE year ATTACH PARTITION year_3 FOR VALUES IN (3);",
        "ALTER TABLE year DETACH PARTITION year_3;",
        _NOBODY,
        given=(
            "CREATE TABLE years (at date, n int) PARTITION BY RANGE (at)",
            "CREATE TABLE year PARTITION OF years FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY LIST (n)",
            "CREATE TABLE year_3 (at date, n int)",
            "INSERT INTO year_3 SELECT '2024-04-01', 3 FROM generate_series(1, 6000)",
            "ANALYZE",
        ),
    ),
    "default partition created": Case(
        "CREATE TABLE metrics_rest PARTITION OF metrics DEFAULT;", "DROP TABLE metrics_rest;", ("metrics",)
    ),
}
