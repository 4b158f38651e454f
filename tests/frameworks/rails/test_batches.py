"""Rows changed in batches by Active Record: what the migration says, and where it leaves that to a script."""

from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.names import Name
from bot.frameworks.rails.batches import in_batches

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
