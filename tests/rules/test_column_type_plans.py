"""What migsafe says of a change of type: the steps, what must be released before them, or why there is no way."""

import pytest

from bot.core.judging.findings import SafeRewrite, StepKind
from bot.core.language import operations as op
from tests.support.rule_pages import Example, analysed
from tests.support.said import said

NOTES = "CREATE TABLE notes (id bigint PRIMARY KEY, size integer, label text, at timestamp)"


@pytest.mark.parametrize(
    ("given", "statement", "reason"),
    [
        pytest.param(
            (NOTES, "CREATE MATERIALIZED VIEW sizes AS SELECT size FROM notes"),
            "ALTER TABLE notes ALTER COLUMN size TYPE bigint",
            "reads it, and would be empty or locked for as long as its query takes",
            id="a materialized view",
        ),
        pytest.param(
            (NOTES,),
            "ALTER TABLE notes ALTER COLUMN at TYPE timestamptz",
            "its values depend on the TimeZone of the session, which is not known",
            id="a time zone that is not known",
        ),
        pytest.param(
            ("CREATE TABLE notes (id bigint, span int, EXCLUDE USING btree (span WITH =))",),
            "ALTER TABLE notes ALTER COLUMN span TYPE bigint",
            "excludes by it",
            id="an exclusion constraint",
        ),
        pytest.param(
            (NOTES, "CREATE TABLE more () INHERITS (notes)"),
            "ALTER TABLE notes ALTER COLUMN size TYPE bigint",
            "other tables inherit it",
            id="inheritance",
        ),
        pytest.param(
            (),
            "ALTER TABLE notes ALTER COLUMN size TYPE bigint",
            "what depends on it is known only with a replica",
            id="a table of which nothing is known",
        ),
        pytest.param(
            ("CREATE DOMAIN small AS bigint CHECK (VALUE < 5)", NOTES),
            "ALTER TABLE notes ALTER COLUMN size TYPE small",
            "a column of a domain with constraints cannot be added without rewriting the table",
            id="a domain",
        ),
    ],
)
def test_where_no_way_is_known_the_reason_is_said(given: tuple[str, ...], statement: str, reason: str) -> None:
    analysis = analysed(Example(f"{statement};", given))
    assert not [one for one in analysis.findings if one.rewrite is not None and len(one.rewrite.steps) > 1]
    assert any(reason in said(found.message) for found in analysis.findings)


def test_a_type_that_refuses_values_is_released_first() -> None:
    first = _plan("ALTER TABLE notes ALTER COLUMN label TYPE varchar(10)").steps[0]
    assert first.kind is StepKind.DEPLOY
    assert said(first.note).startswith("Release code that writes only values that fit the new type of notes.label")


def test_a_type_that_code_has_to_know_is_released_before_the_exchange() -> None:
    steps = _plan("ALTER TABLE notes ALTER COLUMN size TYPE text").steps
    exchange = next(at for at, step in enumerate(steps) if step.name.startswith("exchange"))
    assert steps[0].kind is StepKind.MIGRATION
    assert "works with notes.size of the old and of the new type" in said(steps[exchange - 1].note)


def test_a_wider_integer_asks_nothing_of_the_code_before_the_exchange() -> None:
    steps = _plan("ALTER TABLE notes ALTER COLUMN size TYPE bigint").steps
    kinds = [step.kind for step in steps]
    exchange = next(at for at, step in enumerate(steps) if step.name.startswith("exchange"))
    assert StepKind.DEPLOY not in kinds[:exchange]
    assert kinds[exchange + 1] is StepKind.DEPLOY


def test_what_cannot_be_exchanged_back_is_said() -> None:
    steps = _plan("ALTER TABLE notes ALTER COLUMN label TYPE integer USING length(label)").steps
    (exchange,) = [step for step in steps if step.name.startswith("exchange")]
    assert said(exchange.lost) == "what was written to label since, for which no way back is known"
    assert "label_old" in said(steps[-1].lost)


def test_a_trigger_finds_the_functions_of_the_migrations_search_path() -> None:
    given = (NOTES, "CREATE FUNCTION grade(text) RETURNS integer LANGUAGE sql AS 'SELECT 1'")
    opening = _plan("ALTER TABLE notes ALTER COLUMN label TYPE integer USING grade(label)", given).steps[1]
    (function,) = [one for one in opening.operations if isinstance(one, op.CreateFunction)]
    assert "SET search_path = public AS" in function.definition


def test_a_view_that_the_file_creates_again_is_made_again_in_the_exchange() -> None:
    sql = "ALTER TABLE notes ALTER COLUMN size TYPE bigint; CREATE VIEW sizes AS SELECT size FROM notes"
    (exchange,) = [step for step in _plan(sql).steps if step.name.startswith("exchange")]
    assert [one.view.name for one in exchange.operations if isinstance(one, op.CreateView)] == ["sizes"]


def _plan(sql: str, given: tuple[str, ...] = (NOTES,)) -> SafeRewrite:
    offered = [found.rewrite for found in analysed(Example(f"{sql};", given)).findings if found.rewrite is not None]
    return max(offered, key=lambda one: len(one.steps))
