"""Rows changed in batches by Active Record: what the migration says, and where it leaves that to a script."""

from bot.core.judging.analysis import analyse
from bot.core.judging.framework import Files, SourceFile
from bot.core.judging.policy import Policy
from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.names import Name
from bot.frameworks import framework_named
from bot.frameworks.rails.batches import in_batches
from bot.report.phrases import standing
from bot.report.stages import in_stages
from bot.review.judge import complete
from bot.rules import RULES

_CHANGE = op.Update(Name("notes"), ("done",), Expression("done IS NULL"), assignments="done = false")


def test_without_a_known_key_the_migration_fails_before_it_changes_anything() -> None:
    body = in_batches(_CHANGE, "done IS NULL", None)
    assert body is not None
    assert body.up[0].index("raise") < body.up[0].index("in_batches")
    known = in_batches(_CHANGE, "done IS NULL", "code")
    assert known is not None
    assert "raise" not in known.up[0]
    assert 'self.primary_key = "code"' in known.opening


def test_a_name_that_active_record_would_take_apart_is_left_to_a_script() -> None:
    assert in_batches(op.Delete(Name("a.b")), "true", "id") is None


def test_a_call_that_fills_a_column_and_declares_it_not_null_fills_it_first() -> None:
    call = 'change_column_null :accounts, :status, false, "on"'
    text = f"class X < ActiveRecord::Migration[6.1]\n  def change\n    {call}\n  end\nend\n"
    run = framework_named("rails").read(Files([SourceFile("db/migrate/20260101000001_x.rb", text)]))
    files = in_stages(standing(complete([analyse(run, None, Policy(postgres=18), RULES)])))
    done = ("in_batches", "NOT VALID", "validate_constraint")
    assert [word in one.file.text for one, word in zip(files, done, strict=True)] == [True] * 3
    assert files[1].file.stage == 2
