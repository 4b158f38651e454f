"""Severity is the table in `bot.core.judging.severity`, and nothing else."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.core.cost.estimate import Estimate
from bot.core.judging.findings import Severity
from bot.core.judging.policy import Policy, Thresholds
from bot.core.judging.rule import (
    Blocks,
    Breaks,
    Evidence,
    Exceeds,
    Harm,
    Hazard,
    LocksRows,
    Moment,
    Queues,
    Remark,
    Timed,
)
from bot.core.judging.severity import severity
from bot.core.language import operations as op
from bot.core.language.facts import Effects
from bot.core.language.locks import LockMode
from bot.core.language.messages import NOTHING, say
from bot.core.language.migrations import Lines, Migration, Run, Statement
from bot.core.language.names import Name
from bot.core.schema.catalog import Catalog, Relation, RelationKind, Size
from bot.core.schema.session import Session, Setting

EVENTS = Name("events", "public")
LARGE = Size(1_150_000, 2_000_000_000, source=say("the replica"))
SMALL = Size(9_999, 10 * 1024 * 1024 - 1, source=say("the replica"))


def moment(
    size: Size | None = LARGE,
    *,
    known: bool = True,
    snapshot: bool = True,
    new: bool = False,
    settings: Mapping[str, str] | None = None,
    policy: Policy | None = None,
) -> Moment:
    relations = {EVENTS: Relation(EVENTS, RelationKind.TABLE, size=size)} if known else {}
    session = Session(
        Catalog(16, relations=relations, complete=snapshot),
        snapshot=snapshot,
        created=frozenset({EVENTS}) if new else frozenset(),
        settings={name: Setting(value, "line 1") for name, value in (settings or {}).items()},
    )
    operation = op.Harmless("nothing")
    statement = Statement("1.sql", Lines(1, 1), (operation,), "SELECT", 0, 6, "SELECT")
    migration = Migration("1.sql", "plain", "1", transactional=True, statements=(statement,), text="SELECT")
    nothing = Estimate(0, 0, 0)
    timeline = (Timed(statement, Effects(), nothing, nothing, session),)
    return Moment(Run((migration,)), migration, timeline, 0, operation, policy or Policy(), Evidence())


def likely(seconds: float) -> Estimate:
    return Estimate(seconds / 2, seconds, seconds * 2)


def blocks(mode: LockMode, seconds: float) -> Blocks:
    return Blocks(EVENTS, mode, likely(seconds), likely(seconds))


def judged(harm: Harm, at: Moment | None = None) -> Severity:
    return severity(Hazard((harm,), NOTHING, NOTHING), at or moment(), "some-rule")


@pytest.mark.parametrize(
    ("mode", "seconds", "expected"),
    [
        pytest.param(LockMode.ACCESS_EXCLUSIVE, 1.0, Severity.NOTE, id="reads blocked for 1 s"),
        pytest.param(LockMode.ACCESS_EXCLUSIVE, 1.1, Severity.WARNING, id="reads blocked over 1 s"),
        pytest.param(LockMode.ACCESS_EXCLUSIVE, 5.0, Severity.WARNING, id="reads blocked for 5 s"),
        pytest.param(LockMode.ACCESS_EXCLUSIVE, 5.1, Severity.DANGER, id="reads blocked over 5 s"),
        pytest.param(LockMode.SHARE, 5.0, Severity.NOTE, id="writes blocked for 5 s"),
        pytest.param(LockMode.SHARE, 5.1, Severity.WARNING, id="writes blocked over 5 s"),
        pytest.param(LockMode.SHARE_ROW_EXCLUSIVE, 30.0, Severity.WARNING, id="writes blocked for 30 s"),
        pytest.param(LockMode.EXCLUSIVE, 30.1, Severity.DANGER, id="writes blocked over 30 s"),
        pytest.param(LockMode.SHARE_UPDATE_EXCLUSIVE, 3600, Severity.NOTE, id="nobody blocked"),
    ],
)
def test_blocking_is_judged_by_its_likely_seconds(mode: LockMode, seconds: float, expected: Severity) -> None:
    assert judged(blocks(mode, seconds)) is expected


def test_blocking_a_small_table_is_a_note() -> None:
    assert judged(blocks(LockMode.ACCESS_EXCLUSIVE, 60), moment(SMALL)) is Severity.NOTE


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(replace(SMALL, rows=10_000), id="rows at the limit"),
        pytest.param(replace(SMALL, heap_bytes=10 * 1024 * 1024), id="bytes at the limit"),
        pytest.param(replace(SMALL, toast_bytes=1), id="TOAST counts"),
        pytest.param(replace(SMALL, rows=None), id="rows unknown"),
    ],
)
def test_a_table_is_small_only_below_both_limits(size: Size) -> None:
    assert judged(blocks(LockMode.ACCESS_EXCLUSIVE, 60), moment(size)) is Severity.DANGER


def test_a_small_table_locked_during_other_work_is_more_than_a_note() -> None:
    harm = replace(blocks(LockMode.ACCESS_EXCLUSIVE, 60), behind=True)
    assert judged(harm, moment(SMALL)) is Severity.DANGER


def test_a_table_created_in_the_same_run_harms_nobody() -> None:
    assert judged(blocks(LockMode.ACCESS_EXCLUSIVE, 60), moment(new=True)) is Severity.OFF


def test_an_unknown_size_is_judged_as_assumed() -> None:
    harm = Blocks(EVENTS, LockMode.ACCESS_EXCLUSIVE, None, likely(60))
    assert judged(harm, moment(None)) is Severity.DANGER
    assert judged(harm, moment(known=False, snapshot=False)) is Severity.DANGER


def test_a_fresh_snapshot_without_the_table_lowers_one_level_but_not_below_warning() -> None:
    at = moment(known=False)
    assert judged(Blocks(EVENTS, LockMode.ACCESS_EXCLUSIVE, None, likely(60)), at) is Severity.WARNING
    assert judged(Blocks(EVENTS, LockMode.ACCESS_EXCLUSIVE, None, likely(3)), at) is Severity.WARNING


def test_an_unknown_schema_fact_lowers_one_level_but_not_below_warning() -> None:
    assert judged(replace(blocks(LockMode.ACCESS_EXCLUSIVE, 60), doubtful=True)) is Severity.WARNING
    assert judged(replace(blocks(LockMode.ACCESS_EXCLUSIVE, 3), doubtful=True)) is Severity.WARNING


def test_a_statement_that_may_exceed_its_timeout_is_a_danger() -> None:
    assert judged(Exceeds(EVENTS, Estimate(10, 20, 61), 60)) is Severity.DANGER
    assert judged(Exceeds(EVENTS, Estimate(10, 20, 60), 60)) is Severity.OFF
    assert judged(Exceeds(EVENTS, Estimate(10, 20, 600), 0)) is Severity.OFF


@pytest.mark.parametrize(
    ("settings", "avoidable", "expected"),
    [
        pytest.param({}, False, Severity.NOTE, id="lock_timeout unknown"),
        pytest.param({"lock_timeout": "5s"}, False, Severity.NOTE, id="lock_timeout set"),
        pytest.param({"lock_timeout": "0"}, False, Severity.WARNING, id="lock_timeout off"),
        pytest.param({"lock_timeout": "10min"}, False, Severity.WARNING, id="lock_timeout too long to help"),
        pytest.param({"lock_timeout": "5s"}, True, Severity.WARNING, id="there is a form without the lock"),
    ],
)
def test_instant_work_under_a_strong_lock(settings: dict[str, str], *, avoidable: bool, expected: Severity) -> None:
    assert judged(Queues(EVENTS, LockMode.ACCESS_EXCLUSIVE, avoidable), moment(settings=settings)) is expected


def test_instant_work_that_lets_readers_pass_is_a_note() -> None:
    harm = Queues(EVENTS, LockMode.SHARE_ROW_EXCLUSIVE)
    assert judged(harm, moment(settings={"lock_timeout": "0"})) is Severity.NOTE


def test_certain_failure_is_a_danger_when_proven() -> None:
    assert judged(Breaks(EVENTS, proven=True)) is Severity.DANGER
    assert judged(Breaks(EVENTS, proven=False)) is Severity.WARNING


def test_locked_rows_are_judged_as_blocked_writes_but_stop_nothing_on_a_guess() -> None:
    assert judged(LocksRows(EVENTS, likely(31), likely(31))) is Severity.DANGER
    assert judged(LocksRows(EVENTS, likely(6), likely(6))) is Severity.WARNING
    assert judged(LocksRows(EVENTS, None, likely(60)), moment(None)) is Severity.WARNING


def test_the_worst_harm_decides() -> None:
    hazard = Hazard((Remark(EVENTS), blocks(LockMode.SHARE, 6), Breaks(EVENTS, proven=True)), NOTHING, NOTHING)
    assert severity(hazard, moment(), "some-rule") is Severity.DANGER


@pytest.mark.parametrize("said", list(Severity), ids=lambda one: one.value)
def test_the_repository_sets_the_severity_of_a_rule(said: Severity) -> None:
    at = moment(policy=Policy(rules={"some-rule": said}))
    assert judged(blocks(LockMode.ACCESS_EXCLUSIVE, 60), at) is said


def test_the_repository_sets_the_thresholds() -> None:
    at = moment(policy=Policy(thresholds=Thresholds(reads_blocked_warning=100, reads_blocked_danger=200)))
    assert judged(blocks(LockMode.ACCESS_EXCLUSIVE, 60), at) is Severity.NOTE


def test_a_rule_set_to_danger_does_not_make_up_findings() -> None:
    at = moment(new=True, policy=Policy(rules={"some-rule": Severity.DANGER}))
    assert judged(blocks(LockMode.SHARE, 60), at) is Severity.OFF
