"""The checklist: what migsafe settles, what a person does, and that nothing unknown counts as done."""

from dataclasses import dataclass, replace

import pytest

from bot.core.judging.analysis import Analysis
from bot.core.judging.checklist import ITEMS, checklist
from bot.core.judging.findings import ChecklistItem, State
from bot.core.judging.rule import Timed
from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.facts import Effects, InTransaction
from bot.core.language.migrations import Run, Scope, Transaction
from bot.core.language.names import Name
from bot.core.language.types import Type
from bot.core.schema.session import Setting
from tests.support import analyses
from tests.support.said import said as text_of

_EVENTS = Name("events")


@dataclass(frozen=True, slots=True)
class _Word:
    item: str
    by: str = "ada"
    at: str = "2026-05-16T10:00:00Z"
    reason: str = "timed on a copy: 74 s"


def _items(analysis: Analysis) -> dict[str, ChecklistItem]:
    return {item.id: item for item in checklist(analysis)}


def _of(*operations: op.Operation, effects: Effects | None = None, transaction: int | None = 1) -> Analysis:
    """One statement with these operations, on the catalog of the incident."""
    before = analyses.safe()
    statement = analyses.statement(3, 3, "SQL", *operations, transaction=transaction)
    timed = Timed(
        statement,
        effects or Effects(),
        before.timeline[0].estimate,
        before.timeline[0].judged,
        before.timeline[0].session,
    )
    migration = replace(before.run.migrations[0], statements=(statement,))
    return replace(before, run=Run((migration,), {1: Transaction(1)}), timeline=(timed,))


def test_has_the_contracts_ids_in_order() -> None:
    assert ITEMS == (
        "statements-read", "locks", "timeouts", "transaction", "replica", "sizes", "timed", "recovery", "old-code",
        "new-code", "rerun",
    )  # fmt: skip
    assert tuple(item.id for item in analyses.incident().checklist) == ITEMS


@pytest.mark.parametrize("analysis", [analyses.incident(), analyses.safe(), analyses.unread(), analyses.allowed()])
def test_every_item_gives_a_reason(analysis: Analysis) -> None:
    assert all(item.reason and item.text and item.by == "migsafe" for item in checklist(analysis))


def test_nothing_is_settled_by_what_was_not_read() -> None:
    settled = {item.id for item in checklist(analyses.unread()) if item.state is not State.OPEN}
    assert settled == set()


def test_an_acknowledgement_settles_what_is_open_with_name_time_and_reason() -> None:
    items = {item.id: item for item in checklist(analyses.incident(), (_Word("timed"), _Word("locks")))}
    assert (items["timed"].state, items["timed"].by) == (State.DONE, "ada")
    assert (items["timed"].at, text_of(items["timed"].reason)) == ("2026-05-16T10:00:00Z", "Timed on a copy: 74 s.")
    assert (items["locks"].state, items["locks"].by) == (State.FAILED, "migsafe")


def test_accepted_waiting_is_no_failure() -> None:
    item = _items(analyses.allowed())["locks"]
    assert item.state is State.DONE
    assert "accepted by `ada`" in text_of(item.reason)


def test_a_statement_that_runs_out_of_its_timeout_fails_the_item() -> None:
    item = _items(analyses.incident())["timeouts"]
    assert item.state is State.FAILED
    assert text_of(item.reason) == "Line 4 takes about 70 s (50 to 140 s), and statement_timeout ends it after 60 s."


@pytest.mark.parametrize(
    ("value", "state", "said"),
    [
        (None, State.OPEN, "not known"),
        ("0", State.OPEN, "off"),
        ("2min", State.OPEN, "everybody waits behind it as long"),
        ("5s", State.DONE, "the lock_timeout is 5 s (set by line 2)"),
    ],
    ids=["unknown", "off", "long", "short"],
)
def test_a_strong_lock_wants_a_short_lock_timeout(value: str | None, state: State, said: str) -> None:
    before = analyses.incident()
    given = {"lock_timeout": Setting(value, "line 2")} if value is not None else {}
    timeline = tuple(replace(one, session=replace(one.session, settings=given)) for one in before.timeline)
    item = _items(replace(before, timeline=timeline))["timeouts"]
    assert item.state is state
    assert said.lower() in text_of(item.reason).lower()


def test_a_lock_timeout_during_a_concurrent_build_is_pointed_out() -> None:
    before = analyses.safe()
    session = replace(before.timeline[0].session, settings={"lock_timeout": Setting("5s", "the URL")})
    item = _items(replace(before, timeline=(replace(before.timeline[0], session=session),)))["timeouts"]
    assert item.state is State.OPEN
    assert "INVALID" in text_of(item.reason)


def test_what_a_transaction_refuses_fails_the_item() -> None:
    item = _items(_of(effects=Effects(in_transaction=InTransaction.REFUSED)))["transaction"]
    assert item.state is State.FAILED
    assert "line 3 is refused inside a transaction" in text_of(item.reason).lower()


def test_an_assumed_transaction_stays_open() -> None:
    before = _of(op.CreateTable(Name("a")))
    run = replace(before.run, transactions={1: Transaction(1, Scope.ASSUMED, "the tool wraps each file")})
    assert _items(replace(before, run=run))["transaction"].state is State.OPEN


@pytest.mark.parametrize(
    ("analysis", "state"),
    [
        (analyses.incident(), State.DONE),
        (replace(analyses.incident(), catalog=None), State.OPEN),
        (replace(analyses.incident(), catalog=None, catalog_trouble="connection refused"), State.FAILED),
        (replace(analyses.incident(), catalog=replace(analyses.catalog(), replay_lag=900.0)), State.OPEN),
    ],
    ids=["reached", "none configured", "not reached", "far behind"],
)
def test_the_replica_is_reached_or_not(analysis: Analysis, state: State) -> None:
    assert _items(analysis)["replica"].state is state


def test_sizes_that_are_not_known_are_named() -> None:
    before = analyses.incident()
    bare = {name: replace(relation, size=None) for name, relation in analyses.catalog().relations.items()}
    catalog = replace(analyses.catalog(), relations=bare)
    timeline = tuple(replace(one, session=replace(one.session, catalog=catalog)) for one in before.timeline)
    item = _items(replace(before, timeline=timeline))["sizes"]
    assert item.state is State.OPEN
    assert text_of(item.reason) == "The size of `events` is not known: judged as 10 million rows."


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        (op.DropColumn(_EVENTS, "body"), "`events.body` is gone"),
        (op.RenameColumn(_EVENTS, "body", "text"), "`events.body` is called `text`"),
        (op.SetNotNull(_EVENTS, "body"), "`events.body` accepts no NULL"),
        (
            op.AddColumn(_EVENTS, op.Column("n", Type("int4"), constraints=(op.NotNull("n"),))),
            "INSERT must give `events.n` a value",
        ),
        (op.DropTable((_EVENTS,)), "`events` is gone"),
        (op.CreateIndex("u", _EVENTS, (), unique=True), "`events` refuses duplicates that it accepted before"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_asks_about_what_running_code_notices(operation: op.Operation, said: str) -> None:
    item = _items(_of(operation))["old-code"]
    assert item.state is State.OPEN
    assert said in text_of(item.reason)


@pytest.mark.parametrize(
    "operation",
    [
        op.AddColumn(_EVENTS, op.Column("n", Type("int4"))),
        op.AddColumn(_EVENTS, op.Column("n", Type("int4"), default=Expression("0"), constraints=(op.NotNull("n"),))),
        op.CreateTable(Name("fresh")),
    ],
    ids=["a nullable column", "a column with a default", "a new table"],
)
def test_running_code_does_not_notice_additions(operation: op.Operation) -> None:
    items = _items(_of(operation))
    assert items["old-code"].state is State.DONE
    assert items["new-code"].state is State.OPEN


def test_running_code_does_not_know_a_column_that_the_same_run_adds() -> None:
    key = op.ForeignKey(("user_id",), Name("users"))
    added = op.AddColumn(_EVENTS, op.Column("user_id", Type("int4")))
    assert _items(_of(added, op.AddForeignKey(_EVENTS, key)))["old-code"].state is State.DONE
    assert _items(_of(op.AddForeignKey(_EVENTS, key)))["old-code"].state is State.OPEN


def test_what_the_same_run_created_concerns_nobody() -> None:
    before = _of(op.DropColumn(Name("fresh"), "a"))
    session = replace(before.timeline[0].session, created=frozenset({Name("fresh", "public")}))
    items = _items(replace(before, timeline=(replace(before.timeline[0], session=session),)))
    assert items["old-code"].state is State.DONE
    assert items["recovery"].state is State.DONE


@pytest.mark.parametrize(
    "operation", [op.DropColumn(_EVENTS, "body"), op.DropTable((_EVENTS,))], ids=["column", "table"]
)
def test_lost_data_asks_for_a_backup(operation: op.Operation) -> None:
    item = _items(_of(operation))["recovery"]
    assert item.state is State.OPEN
    assert "backup" in text_of(item.reason)


@pytest.mark.parametrize(
    ("analysis", "state"),
    [
        (analyses.incident(), State.DONE),
        (analyses.safe(), State.OPEN),
        (
            _of(op.CreateIndex("i", _EVENTS, (), concurrently=True, if_not_exists=True), transaction=None),
            State.OPEN,
        ),
        (_of(op.CreateTable(Name("a"), if_not_exists=True), transaction=None), State.DONE),
    ],
    ids=["a transaction", "a concurrent build", "a leftover is skipped", "one statement"],
)
def test_half_applied_it_can_run_again_or_not(analysis: Analysis, state: State) -> None:
    assert _items(analysis)["rerun"].state is state
