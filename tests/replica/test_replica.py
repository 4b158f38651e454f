"""What migsafe learns of production: catalogs only, with CONNECT and nothing else, from a real server and standby."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest

from bot.core.language import operations as op
from bot.core.language.names import Name, ObjectKind
from bot.core.language.types import Type
from bot.core.schema.asked import EVERYTHING, Asked
from bot.core.schema.catalog import Catalog, CatalogGrant, RelationKind, TypeKind
from bot.replica.databases import Databases
from bot.replica.snapshot import take_snapshot
from bot.review.errors import ReplicaError
from bot.review.hub import RepositoryInfo
from bot.runtime.settings import ReplicaDatabase
from bot.standins.postgres import Server
from tests.support.said import said

SHOP = """
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN email AS varchar(200) CHECK (VALUE <> '') NOT NULL;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE FUNCTION slug(text, int DEFAULT 1) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)';
CREATE TABLE countries (code char(2) PRIMARY KEY);
CREATE TABLE accounts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  country char(2) REFERENCES countries,
  name varchar(50) COLLATE "C" NOT NULL DEFAULT 'nobody',
  mail email DEFAULT 'a@b',
  state mood,
  tags text[],
  price numeric(10,2),
  seen timestamptz(3),
  gap interval day to second,
  lowered text GENERATED ALWAYS AS (lower(name)) STORED,
  CONSTRAINT named UNIQUE (name) INCLUDE (country),
  CONSTRAINT cheap CHECK (price < 100 AND price IS NOT NULL));
CREATE TABLE orders (
  id serial PRIMARY KEY,
  account_id bigint CONSTRAINT of_account REFERENCES accounts ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE);
CREATE TABLE lines (order_id int REFERENCES orders ON DELETE CASCADE, note text);
CREATE TABLE elsewhere (id int PRIMARY KEY);
CREATE INDEX lowered_idx ON accounts (lower(name) DESC, price) WHERE state IS NOT NULL;
CREATE INDEX pattern_idx ON accounts (name text_pattern_ops);
CREATE VIEW cheap_accounts AS SELECT id, name FROM accounts;
CREATE VIEW cheaper AS SELECT id FROM cheap_accounts;
CREATE MATERIALIZED VIEW totals AS SELECT account_id, count(*) AS n FROM orders GROUP BY 1;
CREATE TRIGGER touched BEFORE UPDATE OF name ON accounts FOR EACH ROW WHEN (new.price > 1) EXECUTE FUNCTION touch();
ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON accounts USING (state = 'ok' AND id IN (SELECT account_id FROM orders));
ALTER TABLE orders ADD CONSTRAINT late CHECK (id > 0) NOT VALID;
CREATE STATISTICS together ON country, state FROM accounts;
CREATE PUBLICATION feed FOR TABLE orders;
INSERT INTO countries VALUES ('ch'), ('at');
INSERT INTO accounts (country, name, state, price)
  SELECT 'ch', 'n' || g, CASE WHEN g % 4 = 0 THEN NULL ELSE 'ok'::mood END, 5 FROM generate_series(1, 1000) g;
INSERT INTO orders (account_id) SELECT 1 + g % 100 FROM generate_series(1, 5000) g;
ANALYZE;
"""


def _run(url: str, script: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(script.encode())


def _snapshot(url: str, *names: str, functions: Sequence[str] = (), role: str | None = None) -> Catalog:
    return asyncio.run(take_snapshot(url, _asked(names, functions), role=role))


def _asked(names: Sequence[str], functions: Sequence[str] = ()) -> Asked:
    return Asked(tuple(map(_name, names)), tuple(map(Name, functions)))


def _name(text: str) -> Name:
    schema, dot, name = text.rpartition(".")
    return Name(name, schema if dot else None)


def _public(catalog: Catalog) -> set[str]:
    return {name.name for name in catalog.relations}


@pytest.fixture(scope="module")
def shop(postgres: Server) -> Iterator[str]:
    """A database that tests only read."""
    _run(postgres.url(), "CREATE DATABASE shop")
    _run(postgres.url("shop"), SHOP)
    yield postgres.url("shop")
    _run(postgres.url(), "DROP DATABASE shop WITH (FORCE)")


@pytest.fixture
def reader(postgres: Server, database: str) -> Iterator[str]:
    """The URL with a role that has only CONNECT, in a database where PUBLIC has no rights."""
    name = database.split("/")[3].split("?")[0]
    _run(postgres.url(), f"CREATE ROLE reader_{name} LOGIN")
    _run(
        database,
        f"REVOKE ALL ON DATABASE {name} FROM PUBLIC; REVOKE ALL ON SCHEMA public FROM PUBLIC;"
        f"GRANT CONNECT ON DATABASE {name} TO reader_{name}",
    )
    yield database.replace("postgres@", f"reader_{name}@")
    _run(database, f"DROP OWNED BY reader_{name}; DROP ROLE reader_{name}")


def test_reads_columns_as_postgres_has_them(shop: str) -> None:
    accounts = _snapshot(shop, "accounts").relations[Name("accounts", "public")]
    types = {column.name: column.type for column in accounts.columns}
    assert types == {
        "id": Type("int8"),
        "country": Type("bpchar", modifiers=("2",)),
        "name": Type("varchar", modifiers=("50",)),
        "mail": Type("email", "public"),
        "state": Type("mood", "public"),
        "tags": Type("text", dimensions=1),
        "price": Type("numeric", modifiers=("10", "2")),
        "seen": Type("timestamptz", modifiers=("3",)),
        "gap": Type("interval", fields="day to second"),
        "lowered": Type("text"),
    }
    name, lowered, key = accounts.column("name"), accounts.column("lowered"), accounts.column("id")
    assert name is not None
    assert lowered is not None
    assert key is not None
    assert name.not_null
    assert name.default is not None
    assert name.default.text == "'nobody'::character varying"
    assert name.collation == Name("C")
    assert lowered.generated is not None
    assert lowered.generated.stored
    assert lowered.generated.expression.text == "lower(name::text)"
    assert lowered.default is None
    assert key.identity is not None
    assert key.identity.always


def test_reads_constraints_with_their_definitions(shop: str) -> None:
    catalog = _snapshot(shop, "accounts", "orders")
    accounts = {one.name: one for one in catalog.relations[Name("accounts", "public")].constraints}
    orders = {one.name: one for one in catalog.relations[Name("orders", "public")].constraints}
    assert accounts["accounts_pkey"].definition == op.PrimaryKey(("id",), "accounts_pkey")
    assert accounts["accounts_pkey"].index == Name("accounts_pkey", "public")
    assert accounts["named"].definition == op.Unique(("name",), "named", include=("country",))
    check = accounts["cheap"].definition
    assert isinstance(check, op.Check)
    assert check.expression.text == "price < 100::numeric AND price IS NOT NULL"
    key = orders["of_account"].definition
    assert isinstance(key, op.ForeignKey)
    assert (key.columns, key.references, key.references_columns) == (
        ("account_id",),
        Name("accounts", "public"),
        ("id",),
    )
    assert (key.on_delete, key.on_update, key.deferrable) == ("SET NULL", "CASCADE", True)
    late = orders["late"]
    assert isinstance(late.definition, op.Check)
    assert not late.valid
    assert late.definition.not_valid


def test_follows_foreign_keys_down_to_the_last_child_and_up_to_the_parent(shop: str) -> None:
    reached = _public(_snapshot(shop, "accounts"))
    assert {"accounts", "countries", "orders", "lines", "cheap_accounts", "cheaper", "totals"} <= reached
    assert "elsewhere" not in reached


@pytest.mark.parametrize(
    ("thing", "name"),
    [
        (ObjectKind.SCHEMA, "side"),
        (ObjectKind.ROLE, "side_owner"),
        (ObjectKind.PUBLICATION, "side_feed"),
        (ObjectKind.STATISTICS, "side_kinds"),
        (ObjectKind.EXTENSION, "citext"),
    ],
)
def test_what_hangs_on_a_thing_of_another_kind_is_read(database: str, thing: ObjectKind, name: str) -> None:
    _run(
        database,
        "CREATE EXTENSION citext; CREATE SCHEMA side; DROP ROLE IF EXISTS side_owner; CREATE ROLE side_owner;"
        "CREATE TABLE side.t (a int, b int, c citext); ALTER TABLE side.t OWNER TO side_owner;"
        "CREATE STATISTICS side_kinds ON a, b FROM side.t; CREATE PUBLICATION side_feed FOR TABLE side.t;"
        "CREATE TABLE other (a int)",
    )
    asked = Asked(things=((thing, Name(name)),))
    try:
        assert set(asyncio.run(take_snapshot(database, asked)).relations) == {Name("t", "side")}
    finally:
        _run(database, "DROP OWNED BY side_owner CASCADE; DROP ROLE side_owner")


def test_the_tables_of_which_a_part_uses_a_function_or_a_sequence_are_read(database: str) -> None:
    _run(
        database,
        "CREATE FUNCTION one() RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1'; CREATE SEQUENCE s;"
        "CREATE TABLE by_default (a int DEFAULT one()); CREATE TABLE by_check (a int CHECK (a <> one()));"
        "CREATE TABLE by_index (a int); CREATE INDEX ON by_index ((a + one()));"
        "CREATE TABLE by_sequence (a int DEFAULT nextval('s')); CREATE TABLE other (a int)",
    )
    assert _public(_snapshot(database, functions=["one"])) == {"by_default", "by_check", "by_index"}
    assert _public(_snapshot(database, "s")) == {"by_sequence", "s"}


def test_of_too_many_relations_the_largest_are_read_and_the_rest_is_said(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _run(
        database,
        "CREATE TABLE small (a int); CREATE TABLE large AS SELECT generate_series(1, 1000) AS a;"
        "CREATE TABLE empty (a int); ANALYZE",
    )
    monkeypatch.setattr("bot.replica.snapshot.MOST_BY_KIND", 1)
    catalog = asyncio.run(take_snapshot(database, Asked(all_tables=True)))
    assert _public(catalog) == {"large"}
    assert ["only the 1 largest were read; 2 are left out" in said(note) for note in catalog.notes] == [True]


def test_a_parent_is_read_but_not_its_other_children(shop: str) -> None:
    reached = _public(_snapshot(shop, "lines"))
    assert {"lines", "orders"} <= reached
    assert "accounts" not in reached


def test_views_bring_the_tables_they_read_and_say_which_columns(shop: str) -> None:
    catalog = _snapshot(shop, "cheaper")
    assert {"cheaper", "cheap_accounts", "accounts"} <= _public(catalog)
    uses = catalog.relations[Name("cheap_accounts", "public")].depends_on
    assert (Name("accounts", "public"), "name") in uses
    assert (Name("accounts", "public"), "price") not in uses


def test_an_index_named_brings_its_table(shop: str) -> None:
    catalog = _snapshot(shop, "lowered_idx")
    index = catalog.indexes[Name("lowered_idx", "public")]
    assert index.table == Name("accounts", "public")
    assert [element.text for element in index.elements] == ["lower(name::text) DESC", "price"]
    assert [element.column for element in index.elements] == [None, "price"]
    assert index.where is not None
    assert index.where.text == "state IS NOT NULL"
    assert catalog.indexes[Name("pattern_idx", "public")].elements[0].operator_class == Name("text_pattern_ops")
    assert catalog.indexes[Name("named", "public")].include == ("country",)
    assert catalog.indexes[Name("named", "public")].constraint == "named"


def test_an_invalid_index_is_seen_as_such(database: str) -> None:
    _run(database, "CREATE TABLE twice (id int); INSERT INTO twice VALUES (1), (1)")
    with pytest.raises(psycopg.errors.UniqueViolation):
        _run(database, "CREATE UNIQUE INDEX CONCURRENTLY leftover ON twice (id)")
    assert not _snapshot(database, "leftover").indexes[Name("leftover", "public")].valid


def test_triggers_policies_statistics_and_publications_are_read_with_their_table(shop: str) -> None:
    catalog = _snapshot(shop, "accounts", "orders")
    accounts, orders = catalog.relations[Name("accounts", "public")], catalog.relations[Name("orders", "public")]
    trigger, policy = accounts.triggers[0], accounts.policies[0]
    assert (trigger.name, trigger.columns, trigger.events) == ("touched", ("name", "price"), ("UPDATE",))
    assert trigger.function == Name("touch", "public")
    assert trigger.for_each_row
    assert policy.columns == ("id", "state")
    assert policy.relations == (Name("orders", "public"),)
    assert accounts.row_security
    assert accounts.statistics == (Name("together", "public"),)
    assert orders.publications == ("feed",)


def test_a_sequence_knows_its_column(shop: str) -> None:
    catalog = _snapshot(shop, "orders")
    sequence = catalog.relations[Name("orders_id_seq", "public")]
    assert sequence.kind is RelationKind.SEQUENCE
    assert sequence.owned_by == (Name("orders", "public"), "id")


def test_a_domain_named_brings_the_tables_that_use_it(shop: str) -> None:
    catalog = _snapshot(shop, "email")
    domain = catalog.types[Name("email", "public")]
    assert "accounts" in _public(catalog)
    assert domain.kind is TypeKind.DOMAIN
    assert domain.not_null
    assert domain.base == Type("varchar", modifiers=("200",))
    check = domain.checks[0].definition
    assert isinstance(check, op.Check)
    assert check.expression.text == "VALUE::text <> ''::text"


def test_a_domain_is_found_in_arrays_composites_and_domains_over_it(database: str) -> None:
    _run(
        database,
        """CREATE DOMAIN plain AS int; CREATE DOMAIN over AS plain; CREATE TYPE pair AS (a plain, b int);
        CREATE TABLE a (x plain[]); CREATE TABLE b (x over); CREATE TABLE c (x pair); CREATE TABLE d (x int)""",
    )
    assert _public(_snapshot(database, "plain")) == {"a", "b", "c"}


def test_enums_have_their_labels_in_order(shop: str) -> None:
    assert _snapshot(shop, "accounts").types[Name("mood", "public")].labels == ("sad", "ok")


def test_functions_named_are_found_with_their_volatility(shop: str) -> None:
    functions = {one.name: one for one in _snapshot(shop, "accounts", functions=["slug", "now"]).functions}
    assert set(functions) == {Name("slug", "public"), Name("touch", "public")}
    slug = functions[Name("slug", "public")]
    assert (slug.volatility, slug.arguments, slug.defaults) == ("IMMUTABLE", 2, 1)
    assert functions[Name("touch", "public")].trigger


def test_every_overload_is_read_with_its_types(database: str) -> None:
    _run(
        database,
        """CREATE FUNCTION f(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
        CREATE FUNCTION f(text) RETURNS int LANGUAGE sql AS 'SELECT 1'""",
    )
    found = _snapshot(database, functions=["f"]).functions
    assert [(one.types, one.volatility) for one in found] == [(("int4",), "IMMUTABLE"), (("text",), "VOLATILE")]


def test_partitions_of_all_levels_are_read_and_their_sizes_summed(database: str) -> None:
    _run(
        database,
        """CREATE TABLE log (id int, day date) PARTITION BY RANGE (id);
        CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM (0) TO (1000) PARTITION BY LIST (day);
        CREATE TABLE log_1_rest PARTITION OF log_1 DEFAULT;
        CREATE TABLE log_2 PARTITION OF log FOR VALUES FROM (1000) TO (5000);
        CREATE INDEX log_id ON log (id);
        INSERT INTO log SELECT g, '2026-01-01' FROM generate_series(0, 2999) g; ANALYZE log""",
    )
    catalog = _snapshot(database, "log_1_rest")
    log = catalog.relations[Name("log", "public")]
    leaf = catalog.relations[Name("log_1_rest", "public")]
    assert log.kind is RelationKind.PARTITIONED_TABLE
    assert log.size is not None
    assert log.size.rows == 3000
    assert leaf.partition_of == Name("log_1", "public")
    assert leaf.parents == ()
    assert leaf.bound is not None
    assert leaf.bound.default
    assert _public(catalog) == {"log", "log_1", "log_1_rest", "log_2"}
    assert catalog.indexes[Name("log_id", "public")].partitioned
    assert catalog.indexes[Name("log_2_id_idx", "public")].parent == Name("log_id", "public")


def test_inheritance_is_followed_both_ways(database: str) -> None:
    _run(
        database,
        "CREATE TABLE base (id int); CREATE TABLE kid () INHERITS (base); CREATE TABLE kid_2 () INHERITS (kid)",
    )
    catalog = _snapshot(database, "kid")
    assert _public(catalog) == {"base", "kid", "kid_2"}
    assert catalog.relations[Name("kid", "public")].parents == (Name("base", "public"),)


def test_keys_to_a_partitioned_table_are_listed_once(database: str) -> None:
    _run(
        database,
        """CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id);
        CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM (0) TO (9); CREATE TABLE p_2 PARTITION OF p DEFAULT;
        CREATE TABLE c (p_id int REFERENCES p)""",
    )
    child = _snapshot(database, "c").relations[Name("c", "public")]
    keys = [one.definition.references for one in child.constraints if isinstance(one.definition, op.ForeignKey)]
    assert keys == [Name("p", "public")]


def test_a_not_null_that_is_not_valid_proves_nothing(database: str) -> None:
    _run(database, "CREATE TABLE t (a int, b int NOT NULL); ALTER TABLE t ADD CONSTRAINT a_nn NOT NULL a NOT VALID")
    table = _snapshot(database, "t").relations[Name("t", "public")]
    assert [column.not_null for column in table.columns] == [False, True]
    standing = {one.name: one for one in table.constraints}
    assert standing["a_nn"].definition == op.NotNull("a", "a_nn", not_valid=True)
    assert not standing["a_nn"].valid


def test_exclusion_constraints_are_read(database: str) -> None:
    _run(database, "CREATE TABLE r (during tsrange, CONSTRAINT apart EXCLUDE USING gist (during WITH &&))")
    constraint = next(iter(_snapshot(database, "r").relations[Name("r", "public")].constraints))
    assert isinstance(constraint.definition, op.Exclusion)
    assert constraint.definition.elements[0].operator == "&&"
    assert constraint.definition.elements[0].text == "during WITH &&"


def test_row_counts_are_scaled_by_the_pages_there_are_now(database: str) -> None:
    _run(
        database,
        """CREATE TABLE grown (id int, filler text); INSERT INTO grown SELECT g, repeat('x', 100)
        FROM generate_series(1, 10000) g; ANALYZE grown;
        INSERT INTO grown SELECT g, repeat('x', 100) FROM generate_series(1, 30000) g""",
    )
    size = _snapshot(database, "grown").relations[Name("grown", "public")].size
    assert size is not None
    assert size.rows is not None
    assert 39_000 < size.rows < 41_000
    assert "last ANALYZE" in said(size.stale)


def test_a_table_never_analysed_has_bytes_but_no_rows(database: str) -> None:
    _run(database, "CREATE TABLE fresh AS SELECT generate_series(1, 10000) AS id; CREATE TABLE empty (id int)")
    catalog = _snapshot(database, "fresh", "empty")
    fresh, empty = catalog.relations[Name("fresh", "public")].size, catalog.relations[Name("empty", "public")].size
    assert fresh is not None
    assert fresh.rows is None
    assert fresh.heap_bytes is not None
    assert fresh.heap_bytes > 300_000
    assert "never analysed" in said(fresh.stale)
    assert empty is not None
    assert empty.rows == 0


def test_toast_and_indexes_are_measured_separately(database: str) -> None:
    _run(
        database,
        """CREATE TABLE wide (id int PRIMARY KEY, body text); ALTER TABLE wide ALTER body SET STORAGE EXTERNAL;
        INSERT INTO wide SELECT g, repeat('x', 9000) FROM generate_series(1, 200) g; ANALYZE wide""",
    )
    size = _snapshot(database, "wide").relations[Name("wide", "public")].size
    assert size is not None
    assert size.heap_bytes is not None
    assert size.heap_bytes < 100_000
    assert size.toast_bytes > 1_500_000
    assert 0 < size.index_bytes < 100_000


def test_connect_alone_suffices(database: str, reader: str) -> None:
    _run(database, SHOP)
    catalog = _snapshot(reader, "accounts", "lowered_idx", "email", functions=["slug"])
    accounts = catalog.relations[Name("accounts", "public")]
    assert accounts.size is not None
    assert accounts.size.rows == 1000
    assert catalog.functions
    assert all(column.null_fraction is None for column in accounts.columns)


def test_statistics_are_used_where_the_role_may_see_them(shop: str) -> None:
    state = _snapshot(shop, "accounts").relations[Name("accounts", "public")].column("state")
    assert state is not None
    assert state.null_fraction == 0.25
    assert state.average_width == 4


def test_the_standby_shows_the_same_and_says_that_it_is_a_standby(database: str, reader: str, standby: Server) -> None:
    _run(database, SHOP)
    primary = _snapshot(reader, "accounts")
    url = reader.split("?")[0] + "?" + standby.url().split("?")[1]
    copy = _once_replayed(url, primary)
    assert copy.standby
    assert copy.replay_lag is not None
    assert not primary.standby
    assert primary.replay_lag is None
    assert {name: relation.columns for name, relation in copy.relations.items()} == {
        name: relation.columns for name, relation in primary.relations.items()
    }
    size = copy.relations[Name("accounts", "public")].size
    assert size is not None
    assert (size.rows, size.heap_bytes) == (1000, _heap(primary))
    assert any("standby" in said(note) for note in copy.notes)


def _heap(catalog: Catalog) -> int | None:
    size = catalog.relations[Name("accounts", "public")].size
    return size.heap_bytes if size is not None else None


def _once_replayed(url: str, primary: Catalog) -> Catalog:
    """The standby's catalog, once it has everything that the primary's has."""
    for _ in range(200):
        with contextlib.suppress(ReplicaError):
            copy = _snapshot(url, "accounts")
            if copy.relations.keys() == primary.relations.keys() and _heap(copy) == _heap(primary):
                return copy
        time.sleep(0.05)
    raise AssertionError("the standby did not catch up")


def test_a_locked_table_does_not_hold_the_snapshot_up(shop: str) -> None:
    with psycopg.connect(shop) as blocker:
        blocker.execute("LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE")
        catalog = _snapshot(shop, "orders", "accounts")
    accounts = catalog.relations[Name("accounts", "public")]
    assert accounts.size is not None
    assert accounts.size.rows == 1000
    assert "locked" in said(accounts.size.stale)
    assert any("public.accounts" in said(note) for note in catalog.notes)
    check = next(one for one in accounts.constraints if one.name == "cheap").definition
    assert isinstance(check, op.Check)
    assert not check.expression.understood
    assert [element.column for element in catalog.indexes[Name("lowered_idx", "public")].elements] == [None, "price"]


def test_names_that_do_not_exist_are_simply_absent(shop: str) -> None:
    catalog = _snapshot(shop, "nowhere", "void.nothing", "public.elsewhere")
    assert _public(catalog) == {"elsewhere"}
    assert catalog.complete


def test_hostile_names_are_only_names(database: str) -> None:
    table, schema, column = "Ro\"bot'; DROP TABLE x; --%s é𝄞", 'we".ird %(names)s', "a\"b'c\\ %"
    quoted = [psycopg.sql.Identifier(part) for part in (schema, schema, table, column)]
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            psycopg.sql.SQL("CREATE SCHEMA {}; CREATE TABLE {}.{} ({} int CHECK (true))").format(*quoted)
        )
    names = [Name(table, schema), Name("nul\0byte"), Name("\ud800"), Name("x" * 5000), Name("")]
    catalog = asyncio.run(take_snapshot(database, Asked(tuple(names), tuple(names))))
    assert list(catalog.relations) == [Name(table, schema)]
    assert catalog.relations[Name(table, schema)].columns[0].name == column


def test_unqualified_names_are_looked_up_along_the_search_path(database: str) -> None:
    name = database.split("/")[3].split("?")[0]
    _run(
        database,
        f"CREATE SCHEMA app; CREATE TABLE app.things (id int); CREATE TABLE public.things (id int);"
        f"ALTER DATABASE {name} SET search_path = 'app', public",
    )
    catalog = _snapshot(database, "things")
    assert catalog.search_path == ("app", "public")
    assert catalog.find(Name("things")) == Name("things", "app")
    assert Name("things", "public") in catalog.relations


def test_the_migration_roles_settings_count(database: str) -> None:
    name = database.split("/")[3].split("?")[0]
    role = f"deploy_{name}"
    _run(
        database,
        f"CREATE ROLE {role}; ALTER ROLE {role} SET statement_timeout = '60s';"
        f"ALTER ROLE {role} IN DATABASE {name} SET statement_timeout = '90s';"
        f"ALTER DATABASE {name} SET statement_timeout = '5s'; ALTER DATABASE {name} SET lock_timeout = '3s'",
    )
    try:
        settings = _snapshot(database, role=role).settings
        assert settings["statement_timeout"] == ("90s", "the migration role's settings in this database")
        assert settings["lock_timeout"] == ("3s", "the database's settings")
        assert settings["timezone"][0] == "UTC"
        assert _snapshot(database).settings["statement_timeout"] == ("5s", "the database's settings")
    finally:
        _run(database, f"DROP ROLE {role}")


def test_a_timeout_that_nobody_set_is_off_for_a_known_role_and_unknown_without_one(database: str) -> None:
    assert _snapshot(database, role="postgres").settings["lock_timeout"] == ("0", "PostgreSQL's default")
    assert "lock_timeout" not in _snapshot(database).settings
    missing = _snapshot(database, role="nobody_here")
    assert "lock_timeout" not in missing.settings
    assert any("migration role does not exist" in said(note) for note in missing.notes)


def test_our_own_roles_settings_are_not_reported_as_the_servers(reader: str, database: str) -> None:
    role = reader.split("//")[1].split("@")[0]
    _run(database, f"ALTER ROLE {role} SET statement_timeout = '1s'")
    assert "statement_timeout" not in _snapshot(reader, role="postgres").settings


def test_everything_can_be_exported(shop: str) -> None:
    catalog = asyncio.run(take_snapshot(shop, EVERYTHING))
    assert "elsewhere" in _public(catalog)
    assert {one.name.name for one in catalog.functions} >= {"slug", "touch"}
    assert "plpgsql" in catalog.extensions
    assert catalog.schemas == ("public",)
    assert catalog.major == 18
    assert catalog.version.startswith("18.")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        pytest.param("postgresql://u:hunter2@/db?host=/nowhere/at/all", "nothing listens", id="no socket"),
        pytest.param("postgresql://u:hunter2@127.0.0.1:1/db", "nothing listens|could not be reached", id="no listener"),
        pytest.param("hunter2 is not a URL", "URL", id="no URL"),
    ],
)
def test_trouble_is_said_without_secrets(url: str, reason: str) -> None:
    with pytest.raises(ReplicaError, match=reason) as caught:
        _snapshot(url, "t")
    for secret in ("hunter2", "127.0.0.1", "/nowhere", "u:"):
        assert secret not in str(caught.value)


def test_a_database_that_is_not_there_is_said(postgres: Server) -> None:
    with pytest.raises(ReplicaError, match="does not exist") as caught:
        _snapshot(postgres.url("secret_name"), "t")
    assert "secret_name" not in str(caught.value)


def test_a_role_without_connect_is_told_so(reader: str, database: str) -> None:
    role, name = reader.split("//")[1].split("@")[0], database.split("/")[3].split("?")[0]
    _run(database, f"REVOKE CONNECT ON DATABASE {name} FROM {role}")
    with pytest.raises(ReplicaError, match="CONNECT"):
        _snapshot(reader, "t")


def test_one_lost_connection_is_tried_again(shop: str, tmp_path: Path) -> None:
    assert "accounts" in _public(_through_a_line_that_breaks(shop, tmp_path, breaks=1)[0])


def test_two_lost_connections_are_an_error(shop: str, tmp_path: Path) -> None:
    with pytest.raises(ReplicaError, match="connection was lost"):
        _through_a_line_that_breaks(shop, tmp_path, breaks=2)


def test_many_tables_take_no_more_queries_than_one(database: str, tmp_path: Path) -> None:
    _run(database, "CREATE TABLE elsewhere (id int PRIMARY KEY); CREATE TABLE countries (code text)")
    _run(database, ";".join(f"CREATE TABLE many_{n} (id int PRIMARY KEY REFERENCES elsewhere)" for n in range(60)))
    few = _through_a_line_that_breaks(database, tmp_path, names=("countries",))
    many = _through_a_line_that_breaks(database, tmp_path, names=("elsewhere",))
    assert len(many[0].relations) > 60
    assert many[1] == few[1]
    assert few[1] <= 5


def _through_a_line_that_breaks(
    url: str, folder: Path, breaks: int = 0, names: Sequence[str] = ("accounts",)
) -> tuple[Catalog, int]:
    """A snapshot through a relay that cuts the first `breaks` connections in mid-query, and the queries it has seen."""
    server = url.split("host=")[1].split("&")[0].replace("%2F", "/")
    queries = 0
    left = breaks

    async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter, *, asking: bool) -> None:
        nonlocal left, queries
        while data := await source.read(65536):
            queries += data.count(b"SELECT") > 0 if asking else 0
            if asking and left and b"pg_db_role_setting" in data:
                left -= 1
                break
            target.write(data)
        target.close()

    async def relay(client: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        reader, writer = await asyncio.open_unix_connection(f"{server}/.s.PGSQL.5432")
        await asyncio.gather(
            copy(client, writer, asking=True), copy(reader, answer, asking=False), return_exceptions=True
        )
        for one in (writer, answer):
            one.close()
            with contextlib.suppress(OSError):
                await one.wait_closed()

    async def ask() -> Catalog:
        async with _listening(relay, folder):
            place = urlencode({"host": str(folder), "port": "5432"})
            return await take_snapshot(f"{url.split('?')[0]}?{place}", _asked(names))

    return asyncio.run(ask()), queries


Relay = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[None, None, None]]


@contextlib.asynccontextmanager
async def _listening(relay: Relay, folder: Path) -> AsyncIterator[None]:
    relays: list[asyncio.Task[None]] = []

    async def accepted(client: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        relays.append(asyncio.ensure_future(relay(client, answer)))

    server = await asyncio.start_unix_server(accepted, str(folder / ".s.PGSQL.5432"))
    try:
        yield
    finally:
        server.close()
        await asyncio.gather(*relays)


ACME = ReplicaDatabase("main", "postgresql:///main", repositories=("acme/shop", "acme/api"), paths=("services/a/**",))
OWN = ReplicaDatabase("own", "postgresql:///own")


def public(name: str) -> RepositoryInfo:
    return RepositoryInfo(1, name, name.split("/")[0], private=False)


def private(name: str) -> RepositoryInfo:
    return RepositoryInfo(1, name, name.split("/")[0], private=True)


@pytest.mark.parametrize(
    ("repository", "paths", "serving"),
    [
        pytest.param(
            public("acme/shop"),
            ["services/a/db/1.sql"],
            ["main"],
            id="named repository, path fits",
        ),
        pytest.param(
            public("Acme/Shop"),
            ["services/a/db/1.sql"],
            ["main"],
            id="GitHub ignores case",
        ),
        pytest.param(
            public("acme/shop"),
            ["services/b/db/1.sql"],
            [],
            id="path of another service",
        ),
        pytest.param(private("acme/other"), ["x.sql"], ["own"], id="private, of the App's owner"),
        pytest.param(
            public("acme/other"),
            ["x.sql"],
            [],
            id="public repositories of the owner must be named",
        ),
        pytest.param(
            private("evil/shop"),
            ["services/a/db/1.sql"],
            [],
            id="somebody else's repository",
        ),
    ],
)
def test_the_operator_decides_which_database_serves(
    repository: RepositoryInfo, paths: list[str], serving: list[str]
) -> None:
    databases = Databases([ACME, OWN], owner="Acme")
    assert list(databases.configured(repository, paths)) == serving


def test_until_the_owner_is_known_no_repository_is_served_by_default() -> None:
    assert list(Databases([OWN]).configured(private("acme/x"), ["x.sql"])) == []


def test_a_database_is_read_by_its_name(shop: str) -> None:
    databases = Databases([ReplicaDatabase("shop", shop, repositories=("acme/shop",))])
    assert "accounts" in _public(asyncio.run(databases.snapshot("shop", _asked(["accounts"]))))
    with pytest.raises(ReplicaError, match="configured"):
        asyncio.run(databases.snapshot("another", Asked()))


def test_what_hangs_on_a_table_is_read_so_that_it_can_be_made_again(shop: str) -> None:
    _run(
        shop,
        """
        CREATE ROLE clerk;
        GRANT SELECT, INSERT ON accounts TO clerk;
        GRANT UPDATE (name) ON accounts TO clerk WITH GRANT OPTION;
        GRANT SELECT ON cheap_accounts TO PUBLIC;
        COMMENT ON COLUMN accounts.name IS 'what it is called';
        COMMENT ON INDEX lowered_idx IS 'for looking up';
        COMMENT ON CONSTRAINT cheap ON accounts IS 'for now';
        COMMENT ON VIEW cheap_accounts IS 'the cheap ones';
        ALTER TABLE accounts ALTER COLUMN name SET STORAGE EXTERNAL, ALTER COLUMN name SET STATISTICS 500,
          ALTER COLUMN name SET (n_distinct = -0.5), ENABLE ALWAYS TRIGGER touched;
        ALTER INDEX lowered_idx SET (fillfactor = 70);
        ALTER SEQUENCE orders_id_seq INCREMENT BY 5 CACHE 20;
        CREATE POLICY mine ON accounts AS RESTRICTIVE FOR INSERT TO clerk WITH CHECK (price > 0);
        """,
    )
    try:
        catalog = _snapshot(shop, "accounts", "orders_id_seq")
    finally:
        _run(shop, "DROP OWNED BY clerk; DROP ROLE clerk")
    accounts = catalog.relations[Name("accounts", "public")]
    assert accounts.grants == (
        CatalogGrant("clerk", ("INSERT", "SELECT")),
        CatalogGrant("clerk", ("UPDATE",), "name", grantable=True),
    )
    name = accounts.column("name")
    assert name is not None
    assert (name.storage, name.statistics_target, name.comment) == ("EXTERNAL", 500, "what it is called")
    assert name.options == (("n_distinct", "-0.5"),)
    (touched,) = accounts.triggers
    assert (touched.timing, touched.state) == ("BEFORE", "ENABLE ALWAYS")
    assert touched.definition.startswith("CREATE TRIGGER touched BEFORE UPDATE OF name ON public.accounts FOR EACH ROW")
    mine = next(policy for policy in accounts.policies if policy.name == "mine")
    assert (mine.command, mine.permissive, mine.roles, mine.using) == ("INSERT", False, ("clerk",), None)
    assert mine.with_check is not None
    assert mine.with_check.text == "(price > (0)::numeric)"
    assert [one.comment for one in accounts.constraints if one.name == "cheap"] == ["for now"]
    assert [one.columns for one in accounts.extended_statistics] == [("country", "state")]
    index = catalog.indexes[Name("lowered_idx", "public")]
    assert (index.options, index.comment) == ((("fillfactor", "70"),), "for looking up")
    view = catalog.relations[Name("cheap_accounts", "public")]
    assert " ".join(view.definition.split()) == "SELECT id, name FROM public.accounts"
    assert (view.comment, view.grants) == ("the cheap ones", (CatalogGrant("PUBLIC", ("SELECT",)),))
    sequence = catalog.relations[Name("orders_id_seq", "public")]
    assert sequence.definition == "AS integer INCREMENT BY 5 CACHE 20"


def test_columns_that_a_publication_lists_or_filters_by_are_known(database: str) -> None:
    _run(
        database,
        "CREATE TABLE t (id int PRIMARY KEY, a int, b int, c int);"
        "CREATE PUBLICATION p FOR TABLE t (id, a); CREATE PUBLICATION q FOR TABLE t WHERE (id > 5)",
    )
    assert _snapshot(database, "t").relations[Name("t", "public")].published_columns == ("id", "a")


def test_a_view_of_a_locked_table_does_not_hold_the_snapshot_up(database: str) -> None:
    _run(
        database,
        "CREATE TABLE t (id int); CREATE VIEW v AS SELECT id FROM t; CREATE TABLE u (id int);"
        "CREATE POLICY p ON u USING (id IN (SELECT id FROM t))",
    )
    with psycopg.connect(database) as holder:
        holder.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
        catalog = _snapshot(database, "t", "u")
    assert catalog.relations[Name("v", "public")].definition == ""
    (policy,) = catalog.relations[Name("u", "public")].policies
    assert policy.using is None
