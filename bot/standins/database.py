"""The demo's production database: events in the million, their neighbours, statistics, and an index left INVALID."""

import time
from contextlib import suppress
from dataclasses import dataclass

import psycopg
from psycopg import errors, sql

READER = "migsafe"
"""A role with CONNECT and nothing else, as the README asks for."""
DEPLOYER = "deploy"
"""The role that runs migrations; its statement_timeout is 30 s."""

SETTINGS = {
    "shared_buffers": "256MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
"""Settings for filling tables fast; a demo's data need not survive a crash."""

_TABLES = """
CREATE TABLE accounts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name varchar(60) NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE connections (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
  provider varchar(20) NOT NULL,
  active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE events (
  id bigint NOT NULL,
  connection_id bigint,
  external_id bigint,
  kind varchar(16) NOT NULL,
  body text NOT NULL,
  occurred_at timestamptz NOT NULL
);
CREATE TABLE webhooks (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
  url varchar(200) NOT NULL
);
"""

_LEFTOVER = "CREATE INDEX CONCURRENTLY events_external_id_idx ON events (external_id)"

_NEIGHBOURS = """
INSERT INTO accounts (name) SELECT 'Account ' || g FROM generate_series(1, 400) g;
INSERT INTO connections (account_id, provider)
  SELECT 1 + g % 400, (ARRAY['slack', 'github', 'stripe', 'mail'])[1 + g % 4] FROM generate_series(1, 2000) g;
INSERT INTO webhooks (account_id, url) SELECT 1 + g % 400, 'account-' || g FROM generate_series(1, 1500) g;
"""

_WORDS = """
account alarm answer archive balance billing branch budget build bundle cancel carrier channel charge checkout client
cluster comment commit connect contract counter coupon courier credit customer daily deadline delivery deploy deposit
device digest discount dispatch document domain draft editor engine entry error escalate estimate event export failure
feature filter folder forecast forward gateway handler holiday import inbox incident index invoice journal label latency
ledger license listing machine margin member merge message metric mirror monitor network notice object offer order
outage owner package parcel partner payment permit pipeline planner policy portal pricing process product profile
project provider purchase quality query queue quota receipt record refund region release reminder renewal report request
reserve resource response retry review revision rollback routing schedule schema script section segment server session
settings shipment signal snapshot source staging statement station status storage stream subject summary supplier
support survey switch target template tenant ticket timeline token tracker traffic transfer trigger update upload vendor
version visitor voucher warehouse warning webhook window worker
""".split()

_BODIES = """
CREATE TEMPORARY TABLE pool AS
SELECT n, left(string_agg(words[1 + floor(random() * cardinality(words))::int], ' '), 200) AS body
FROM (SELECT %(words)s::text[] AS words) w, generate_series(0, 4999) n, generate_series(1, 40) GROUP BY n
"""

_EVENTS = """
INSERT INTO events
SELECT g, CASE WHEN g %% 20 <> 0 THEN 1 + g %% 2000 END, g / 2,
  CASE WHEN g %% 25 = 0 THEN 'refund' ELSE (ARRAY['message', 'call', 'note'])[1 + g %% 3] END, pool.body,
  timestamptz '2025-01-01' + g * interval '17 seconds'
FROM generate_series(1, %(rows)s) g JOIN pool ON pool.n = g %% 5000
"""

_KEYS = (
    "ALTER TABLE events ADD PRIMARY KEY (id)",
    "ALTER TABLE events ADD CONSTRAINT events_connection_id_fkey"
    " FOREIGN KEY (connection_id) REFERENCES connections ON DELETE SET NULL",
    "CREATE INDEX events_connection_id_idx ON events (connection_id)",
    "CREATE INDEX events_occurred_at_idx ON events (occurred_at)",
    "CREATE INDEX events_kind_occurred_at_idx ON events (kind, occurred_at)",
    "CREATE INDEX events_body_words_idx ON events USING gin (to_tsvector('english', body)) WHERE kind = 'refund'",
    "ANALYZE",
)


@dataclass(frozen=True, slots=True)
class Slice:
    """The measured `seconds` of a statement on some `rows` of a table, and the seconds `scaled` to all rows."""

    rows: int
    seconds: float
    scaled: float


def populate(url: str, rows: int = 1_150_000) -> None:
    """Fills an empty database, with a superuser's URL: about 5 s for the default number of events."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_TABLES)
        _leave_an_invalid_index(url, connection)
        connection.execute(_NEIGHBOURS)
        connection.execute("SELECT setseed(0.42)")
        connection.execute(_BODIES, {"words": _WORDS})
        connection.execute(_EVENTS, {"rows": rows})
        for statement in _KEYS:
            connection.execute(statement.encode())
        _make_roles(connection)


def slice_and_time(url: str, table: str, statement: str, rows: int = 100_000) -> Slice:
    """Runs `statement`, in which `{table}` stands for the table, on a copy of some of its rows, and rolls it back.

    The copy has the table's indexes. The time is scaled to the rows of the table.
    """
    name = sql.Identifier(table)
    with psycopg.connect(url) as connection:
        counted = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(name)).fetchone()
        total = counted[0] if counted is not None else 0
        every = max(1, total // rows)
        connection.execute(
            sql.SQL("CREATE TABLE migsafe_slice (LIKE {} INCLUDING DEFAULTS INCLUDING GENERATED)").format(name)
        )
        copy = "INSERT INTO migsafe_slice SELECT * FROM {} WHERE id % {} = 0 LIMIT {}"
        copied = connection.execute(sql.SQL(copy).format(name, sql.Literal(every), sql.Literal(rows))).rowcount
        for definition in _valid_indexes(connection, table):
            connection.execute(definition.encode())
        begun = time.perf_counter()
        connection.execute(statement.replace("{table}", "migsafe_slice").encode())
        seconds = time.perf_counter() - begun
        connection.rollback()
    return Slice(copied, seconds, seconds * total / max(1, copied))


def _leave_an_invalid_index(url: str, connection: psycopg.Connection[tuple[str, ...]]) -> None:
    """Leaves what a deploy leaves when its CREATE INDEX CONCURRENTLY waits for a writer until statement_timeout."""
    with psycopg.connect(url) as writer:
        writer.execute("LOCK TABLE events IN ROW EXCLUSIVE MODE")
        connection.execute("SET statement_timeout = '100ms'")
        with suppress(errors.QueryCanceled):
            connection.execute(_LEFTOVER)
        connection.execute("RESET statement_timeout")


def _valid_indexes(connection: psycopg.Connection[tuple[str, ...]], table: str) -> list[str]:
    """Definitions for the slice's copies of the table's indexes, unnamed."""
    rows = connection.execute(
        "SELECT regexp_replace(pg_get_indexdef(indexrelid), '^(CREATE (?:UNIQUE )?INDEX) .* ON .* USING',"
        " '\\1 ON migsafe_slice USING') FROM pg_index WHERE indrelid = %s::regclass AND indisvalid",
        (table,),
    )
    return [definition for (definition,) in rows]


def _make_roles(connection: psycopg.Connection[tuple[str, ...]]) -> None:
    database = sql.Identifier(connection.info.dbname)
    for statement in (
        "CREATE ROLE {reader} LOGIN",
        "CREATE ROLE {deployer} LOGIN",
        "ALTER ROLE {deployer} SET statement_timeout = '30s'",
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        "GRANT CONNECT ON DATABASE {database} TO {reader}, {deployer}",
        "GRANT ALL ON SCHEMA public TO {deployer}",
    ):
        roles = {"reader": sql.Identifier(READER), "deployer": sql.Identifier(DEPLOYER)}
        connection.execute(sql.SQL(statement).format(database=database, **roles))
