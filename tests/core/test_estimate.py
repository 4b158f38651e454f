"""How long statements take: near what was measured, honest about what is guessed, silent where a size is unknown."""

import re
from dataclasses import replace

import pytest

from bot import sql
from bot.core.cost.estimate import Estimate, estimate
from bot.core.cost.rates import DEFAULT
from bot.core.effects import effects
from bot.core.language import operations as op
from bot.core.language.facts import Effects, RowChange
from bot.core.language.messages import joined, say
from bot.core.language.migrations import Lines, Statement
from bot.core.language.names import Name
from bot.core.language.types import Type
from bot.core.schema.catalog import (
    Catalog,
    CatalogColumn,
    CatalogConstraint,
    CatalogIndex,
    CatalogTrigger,
    Relation,
    RelationKind,
    Size,
)
from bot.core.schema.session import Session
from bot.report import rendering
from bot.report.disclosure import Disclosure, Reader
from tests.support.said import said

EVENTS, CONNECTIONS = Name("events", "public"), Name("connections", "public")
STORED = "ALTER TABLE events ADD COLUMN s tsvector GENERATED ALWAYS AS (to_tsvector('english', body)) STORED"


def basis(estimate: Estimate) -> str:
    return said(joined("; ", estimate.rests_on))


def _index(name: str, table: Name, column: str, *, unique: bool = False) -> CatalogIndex:
    element = op.IndexElement(column, sql.read_expression(column), column)
    return CatalogIndex(Name(name, "public"), table, (element,), unique=unique, primary=unique, bytes=25_000_000)


def _catalog(*, events: Size | None = None, body_width: int | None = 204, indexed: bool = True) -> Catalog:
    """The demo's events and connections; `events` unchanged, or of another size."""
    size = events or Size(1_150_000, 324_000_000, 8192, 98_000_000, say("from the catalog"))
    columns = (
        CatalogColumn("id", Type("int8"), not_null=True),
        CatalogColumn("connection_id", Type("int8"), null_fraction=0.05, distinct=1900.0),
        CatalogColumn("kind", Type("varchar", modifiers=("16",)), distinct=4.0),
        CatalogColumn("body", Type("text"), average_width=body_width),
        CatalogColumn("occurred_at", Type("timestamptz")),
    )
    key = op.ForeignKey(("connection_id",), CONNECTIONS, ("id",), "events_connection_fk", on_delete="SET NULL")
    relations = (
        Relation(
            EVENTS,
            RelationKind.TABLE,
            columns,
            (
                CatalogConstraint(
                    "events_pkey", op.PrimaryKey(("id",), "events_pkey"), index=Name("events_pkey", "public")
                ),
                CatalogConstraint("events_connection_fk", key),
            ),
            size,
        ),
        Relation(
            CONNECTIONS,
            RelationKind.TABLE,
            (CatalogColumn("id", Type("int8"), not_null=True),),
            (CatalogConstraint("connections_pkey", op.PrimaryKey(("id",), "connections_pkey")),),
            Size(2_000, 120_000, source=say("from the catalog")),
        ),
    )
    indexes = [
        _index("events_pkey", EVENTS, "id", unique=True),
        _index("connections_pkey", CONNECTIONS, "id", unique=True),
    ]
    if indexed:
        indexes.append(_index("events_connection_id_idx", EVENTS, "connection_id"))
    return Catalog(
        major=18,
        relations={relation.name: relation for relation in relations},
        indexes={index.name: index for index in indexes},
    )


def _time(text: str, catalog: Catalog | None = None) -> Estimate:
    timed = _ask(text, catalog or _catalog())
    assert timed is not None
    assert 0 <= timed.low <= timed.likely <= timed.high
    return timed


def _ask(text: str, catalog: Catalog) -> Estimate | None:
    session = Session.begin(catalog)
    statement = Statement("1.sql", Lines(1, 1), sql.read_statement(text), text, 0, len(text), text)
    return estimate(effects(statement, session, 18), statement, session)


@pytest.mark.parametrize("body_width", [pytest.param(204, id="width known"), pytest.param(None, id="width guessed")])
def test_the_stored_tsvector_of_the_demo_comes_near_its_measured_27_seconds(body_width: int | None) -> None:
    timed = _time(STORED, _catalog(body_width=body_width))
    assert timed.low < 27 < timed.high
    assert 20 < timed.likely < 40


def test_two_gigabytes_of_events_take_minutes_not_seconds() -> None:
    timed = _time(STORED, _catalog(events=Size(1_150_000, 2_100_000_000), body_width=500))
    assert timed.low < 70 < timed.high
    assert 50 < timed.likely < 140


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE events ADD COLUMN note text",
        "ALTER TABLE events ADD COLUMN note text DEFAULT 'x'",
        "ALTER TABLE events ADD CONSTRAINT c CHECK (length(body) > 0) NOT VALID",
        "DROP INDEX events_connection_id_idx",
        "DROP TABLE events",
        "SELECT 1",
        "CREATE TABLE fresh (id bigint PRIMARY KEY)",
        "UPDATE events SET kind = 'x' WHERE id = 7",
        "DELETE FROM connections WHERE id = 7",
    ],
)
def test_work_on_the_catalogs_or_a_row_is_instant(statement: str) -> None:
    assert _time(statement).likely < 0.1


@pytest.mark.parametrize(
    ("statement", "measured"),
    [
        pytest.param("ALTER TABLE events ALTER COLUMN kind SET NOT NULL", 0.4, id="scan"),
        pytest.param("CREATE INDEX i ON events (kind)", 1.0, id="btree"),
        pytest.param(
            "CREATE INDEX i ON events USING gin (to_tsvector('english', body))", 20, id="gin over an expression"
        ),
        pytest.param("UPDATE events SET kind = 'x'", 14, id="every row"),
        pytest.param("VACUUM FULL events", 3, id="rewrite"),
    ],
)
def test_figures_contain_what_was_measured(statement: str, measured: float) -> None:
    timed = _time(statement)
    assert timed.low <= measured <= timed.high


def test_concurrently_takes_longer_than_the_plain_build() -> None:
    assert (
        _time("CREATE INDEX CONCURRENTLY i ON events (kind)").likely > _time("CREATE INDEX i ON events (kind)").likely
    )


def test_a_rewrite_pays_for_each_index() -> None:
    retyped = "ALTER TABLE events ALTER COLUMN id TYPE numeric"
    assert _time(retyped, _catalog(indexed=False)).likely < _time(retyped).likely


def test_a_partial_index_is_rebuilt_for_its_part_only() -> None:
    catalog = _catalog()
    element = op.IndexElement(
        "to_tsvector('english'::regconfig, body)", sql.read_expression("to_tsvector('english', body)")
    )
    whole = CatalogIndex(Name("words", "public"), EVENTS, (element,), method="gin", bytes=50_000_000)
    partial = replace(whole, where=sql.read_expression("kind = 'refund'"), bytes=2_000_000)
    times = [
        _time("VACUUM FULL events", replace(catalog, indexes={**catalog.indexes, index.name: index})).likely
        for index in (partial, whole)
    ]
    assert times[0] < times[1] / 3


def test_deleting_a_parent_costs_its_share_of_children_or_a_scan_for_each() -> None:
    one = _time("DELETE FROM connections WHERE id = 7")
    many = _time("DELETE FROM connections WHERE id <= 100")
    unindexed = _time("DELETE FROM connections WHERE id <= 100", _catalog(indexed=False))
    assert one.likely < many.likely < unindexed.likely
    assert unindexed.likely > 50
    assert "once for each of about 100 rows" in basis(unindexed)


def test_where_decides_how_many_rows_are_written() -> None:
    whole = _time("UPDATE events SET kind = 'x'")
    quarter = _time("UPDATE events SET kind = 'x' WHERE kind = 'call'")
    batch = _time("UPDATE events SET kind = 'x' WHERE id >= 1001 AND id < 2001")
    between = _time("UPDATE events SET kind = 'x' WHERE id BETWEEN 1001 AND 2000")
    listed = _time("UPDATE events SET kind = 'x' WHERE id IN (1, 2, 3)")
    assert listed.likely < batch.likely < quarter.likely < whole.likely
    assert between.likely == batch.likely
    assert quarter.low < 0.2 * quarter.likely
    assert "equally frequent" in basis(quarter)


def test_a_condition_nothing_is_known_of_is_a_stated_guess() -> None:
    guessed = _time("UPDATE events SET kind = 'x' WHERE length(body) > 10")
    assert "a third of the rows" in basis(guessed)
    assert guessed.high > 2 * guessed.likely


def test_a_backfill_of_a_new_column_is_the_whole_table() -> None:
    catalog = _catalog()
    events = catalog.relations[EVENTS]
    added = replace(events, columns=(*events.columns, CatalogColumn("search", Type("text"))))
    catalog = replace(catalog, relations={**catalog.relations, EVENTS: added})
    backfill = _time("UPDATE events SET search = body WHERE search IS NULL", catalog)
    assert backfill.likely > 0.8 * _time("UPDATE events SET search = body", catalog).likely
    assert "search is NULL in every row" in basis(backfill)


def test_row_triggers_make_rows_slower() -> None:
    catalog = _catalog()
    trigger = CatalogTrigger("t", function=Name("f", "public"), events=("UPDATE",))
    events = replace(catalog.relations[EVENTS], triggers=(trigger,))
    with_trigger = replace(catalog, relations={**catalog.relations, EVENTS: events})
    assert _time("UPDATE events SET kind = 'x'", with_trigger).likely > _time("UPDATE events SET kind = 'x'").likely


@pytest.mark.parametrize(
    "statement", ["UPDATE events SET kind = 'x'", "DELETE FROM events", "INSERT INTO events TABLE x"]
)
@pytest.mark.parametrize("triggers", [0, 1, 3])
@pytest.mark.parametrize("indexed", [False, True])
def test_the_rate_of_a_change_counts_no_hidden_index_or_trigger_for_strangers(
    statement: str, triggers: int, *, indexed: bool
) -> None:
    """The rate follows from how many indexes and triggers the table has."""
    catalog = _catalog(indexed=indexed)
    events = ("INSERT", "UPDATE", "DELETE")
    added = tuple(CatalogTrigger(f"t{number}", function=Name("f"), events=events) for number in range(triggers))
    changed = replace(catalog.relations[EVENTS], triggers=added)
    source = Relation(Name("x", "public"), RelationKind.TABLE, size=Size(1_000_000, 100_000_000))
    relations = {**catalog.relations, EVENTS: changed, source.name: source}
    message = joined("; ", _time(statement, replace(catalog, relations=relations)).rests_on)
    assert re.search(r"rows a second", said(message))
    told = rendering.source(message, Reader(Disclosure.BUCKET))
    assert re.findall(r"[^;]* a second", told) in (
        [" 100,000 to 1 million rows a second"],
        [" 10,000 to 100,000 rows a second"],
    )
    untold = rendering.source(message, Reader(Disclosure.NONE))
    assert "; an undisclosed number of rows a second" in untold


def test_rows_changed_by_application_code_take_their_time() -> None:
    changed = Effects(rows=(RowChange(EVENTS, "UPDATE"),))
    session = Session.begin(_catalog())
    times = [
        estimate(
            changed, Statement("1.rb", Lines(1, 1), (op.Update(EVENTS, by_application=by),), "", 0, 0, ""), session
        )
        for by in (False, True)
    ]
    assert times[0] is not None
    assert times[1] is not None
    assert times[1].likely > 10 * times[0].likely


def test_an_unknown_size_gives_no_estimate() -> None:
    catalog = _catalog(events=Size(None, None))
    assert _ask(STORED, catalog) is None
    assert _ask("UPDATE events SET kind = 'x'", catalog) is None
    assert _ask("ALTER TABLE missing ALTER COLUMN a SET NOT NULL", _catalog()) is None
    assert _ask("ALTER TABLE events ADD COLUMN note text", catalog) is not None


def test_what_was_not_read_gives_no_estimate() -> None:
    assert _ask("SELECT FROM FROM WHERE", _catalog()) is None


def test_a_table_never_analysed_is_timed_by_its_bytes_with_more_doubt() -> None:
    known = _time("UPDATE events SET kind = 'x'")
    doubtful = _time("UPDATE events SET kind = 'x'", _catalog(events=Size(None, 324_000_000)))
    assert known.likely / 3 < doubtful.likely < known.likely * 3
    assert doubtful.high / doubtful.likely > known.high / known.likely
    assert "rows not counted" in basis(doubtful)


def test_partitions_are_counted_once_not_again_with_their_parent() -> None:
    parent, leaf = Name("log", "public"), Name("log_1", "public")
    size = Size(1_000_000, 100_000_000)
    catalog = Catalog(
        major=18,
        relations={
            parent: Relation(parent, RelationKind.PARTITIONED_TABLE, size=size),
            leaf: Relation(leaf, RelationKind.TABLE, size=size, partition_of=parent),
        },
    )
    session = Session.begin(catalog)
    statement = Statement("1.sql", Lines(1, 1), (op.Delete(leaf),), "", 0, 0, "")
    once = estimate(Effects(rewrites=(leaf,)), statement, session)
    assert estimate(Effects(rewrites=(parent, leaf)), statement, session) == once


def test_an_estimate_names_sizes_their_source_and_the_rate() -> None:
    assert basis(_time(STORED)).startswith("1.15 million rows and 309 MB in events (from the catalog); ")
    assert "to_tsvector over about 204 bytes a row at 10 MB/s" in basis(_time(STORED))


def test_the_operators_own_speed_scales_every_rate() -> None:
    session = Session.begin(_catalog())
    statement = Statement("1.sql", Lines(1, 1), sql.read_statement(STORED), STORED, 0, len(STORED), STORED)
    done = effects(statement, session, 18)
    plain, fast = estimate(done, statement, session), estimate(done, statement, session, DEFAULT.scaled(2))
    assert plain is not None
    assert fast is not None
    assert fast.likely == pytest.approx(plain.likely / 2, rel=0.01)


def test_estimates_add_up_and_name_each_ground_once() -> None:
    a, b, c = say("a"), say("b"), say("c")
    assert Estimate(1, 2, 3, (a, b)) + Estimate(1, 1, 1, (b, c)) == Estimate(2, 3, 4, (a, b, c))
