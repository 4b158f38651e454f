"""What a person reads in answer to a command, and that nothing a person decided is lost; at a stand-in."""

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest

from bot.core.language.names import Name
from bot.core.schema.asked import Asked
from bot.core.schema.catalog import Catalog
from bot.review.answers import MOST, answer_command
from bot.review.errors import HubError, ReplicaError
from bot.review.hub import RepositoryInfo
from bot.review.job import CommentKind, JobKind
from bot.server.state.acknowledgements import AcknowledgementTable
from bot.server.state.commands import CommandTable
from bot.standins.github.model import Pull
from tests.support import reviewing as support
from tests.support.reviewing import Reviewing, reviewing

pytestmark = pytest.mark.anyio

PATH = "db/migrations/20260516101500_change.sql"
RULE = "generated-column-rewrite"
ADDED = "ALTER TABLE events ADD COLUMN search tsvector GENERATED ALWAYS AS (to_tsvector('english', body)) STORED;\n"
UNSAFE = f"-- migrate:up\n{ADDED}\n-- migrate:down\n"
_GOLDEN = Path(__file__).parent / "golden"
MANY = "-- migrate:up\n" + "".join(f"CREATE INDEX i{n} ON events (kind{n});\n" for n in range(40)) + "-- migrate:down\n"


async def asked(review: Reviewing, pull: Pull, words: str, author: str = "dev", deliveries: int = 1) -> str | None:
    """The answer to a command that is delivered so many times, or whose job is tried so many times; None: silence."""
    comment = review.at.github.comment(pull, words, author)
    before = len(review.at.github.comments_of(pull))
    job = review.job(JobKind.COMMAND, number=pull.number, comment=comment.id, comment_kind=CommentKind.ISSUE)
    for _ in range(deliveries):
        # The queue tries again what passes.
        with contextlib.suppress(HubError):
            await answer_command(await review.context(), job, CommandTable(review.state))
    after = review.at.github.comments_of(pull)[before:]
    assert len(after) <= 1
    return after[0].body if after else None


# Who and why


@pytest.mark.parametrize(
    ("name", "commands"),
    [
        ("allow", [f"/migsafe allow {RULE} window at night"]),
        ("acknowledge", ["/migsafe acknowledge timed 40 s on a copy"]),
        ("revoke", [f"/migsafe allow {RULE} window at night", f"/migsafe revoke {RULE} the window is off"]),
        ("recheck", ["/migsafe recheck"]),
        ("allow_of_another_rule", ["/migsafe allow generated-column nobody minds"]),
        ("allow_of_what_is_no_rule", ["/migsafe allow nosuch nobody minds"]),
        ("acknowledge_of_no_item", ["/migsafe acknowledge timing 40 s"]),
        ("revoke_of_nothing", [f"/migsafe allow {RULE} window at night", "/migsafe revoke timed"]),
    ],
)
async def test_an_answer_says_who_decided_what_and_why(name: str, commands: Sequence[str]) -> None:
    async with reviewing() as review:
        pull = review.at.opened({PATH: UNSAFE})
        await review.reviewed(pull)
        answers = [await asked(review, pull, command) for command in commands]
    written = (answers[-1] or "").replace(pull.head_sha[:7], "1234567").partition("\n\n<!--")[0]
    path = _GOLDEN / f"answer_{name}.md"
    if os.environ.get("MIGSAFE_GOLDEN") == "write":
        path.write_text(f"{written}\n", "utf-8")
    assert f"{written}\n" == path.read_text("utf-8"), "MIGSAFE_GOLDEN=write writes it again: read it aloud"


async def test_a_stranger_is_told_what_is_missing() -> None:
    async with reviewing() as review:
        pull = review.at.opened({PATH: UNSAFE})
        answer = await asked(review, pull, f"/migsafe allow {RULE} i want it", "stranger")
        assert "`/migsafe allow` needs write permission on this repository, which `stranger` has not." in (answer or "")


# Permissions


@pytest.mark.parametrize("command", ["help", "explain", f"explain {RULE}", "plan", "runbook", "explain DROP TABLE x"])
async def test_a_command_that_changes_nothing_works_though_github_does_not_say_who_may_write(command: str) -> None:
    async with reviewing() as review:
        pull = review.at.opened({PATH: UNSAFE})
        review.at.github.fail_next("GET", "/permission", 403, times=99)
        answer = await asked(review, pull, f"/migsafe {command}")
        assert answer is not None
        assert "Not done" not in answer


@pytest.mark.parametrize("command", ["help", f"explain {RULE}", "explain AccessExclusiveLock"])
async def test_what_everybody_may_read_asks_for_no_permission(command: str) -> None:
    async with reviewing() as review:
        pull = review.at.opened({PATH: UNSAFE})
        await asked(review, pull, f"/migsafe {command}")
        assert not any("/permission" in seen.path for seen in review.at.github.requests)


async def test_a_decision_says_that_github_does_not_answer_who_may_decide() -> None:
    async with reviewing() as review:
        pull = review.at.opened({PATH: UNSAFE})
        review.at.github.fail_next("GET", "/permission", 403, times=99)
        answer = await asked(review, pull, f"/migsafe allow {RULE} window at night")
        assert "GitHub does not say whether `dev` has it" in (answer or "")


async def test_an_allow_in_the_file_is_taken_back_there() -> None:
    async with reviewing() as review:
        pull = review.at.opened({PATH: UNSAFE.replace("ALTER", f"-- migsafe: allow {RULE} window at night\nALTER")})
        answer = await asked(review, pull, f"/migsafe revoke {RULE}")
        assert f"`{RULE}` is allowed in the file itself, at `{PATH}` line 2. Remove that comment" in (answer or "")


# Nothing is lost


@pytest.mark.parametrize("where", ["/compare/", "/check-runs", "/files"])
async def test_a_revoke_is_not_lost_if_the_check_cannot_be_renewed(where: str) -> None:
    async with reviewing() as review:
        pull = review.at.opened({PATH: UNSAFE})
        await asked(review, pull, f"/migsafe allow {RULE} window at night")
        assert (await review.reviewed(pull)).conclusion == "success"
        review.stored.clear()
        for method in ("GET", "POST", "PATCH"):
            review.at.github.fail_next(method, where, 502, times=6)
        answer = await asked(review, pull, f"/migsafe revoke {RULE} the window is off", deliveries=4)
        assert "is revoked by `dev`" in (answer or "")
        review.at.github.faults.forget()
        await review.judged_again()
        assert review.at.github.check_runs_of(pull.head_sha)[-1].conclusion == "failure"


async def test_a_revoke_that_was_interrupted_is_not_denied_when_it_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with reviewing() as review:
        pull = review.at.opened({PATH: UNSAFE})
        await asked(review, pull, f"/migsafe allow {RULE} window at night")

        class Killed(BaseException):
            pass

        async def die(*_: Any) -> str:
            raise Killed

        comment = review.at.github.comment(pull, f"/migsafe revoke {RULE}", "dev")
        job = review.job(JobKind.COMMAND, number=pull.number, comment=comment.id, comment_kind=CommentKind.ISSUE)
        context = await review.context()
        monkeypatch.setattr("bot.review.deciding.review_pull_request", die)
        with pytest.raises(Killed):
            await answer_command(context, job, CommandTable(review.state))
        monkeypatch.undo()
        await answer_command(await review.context(), job, CommandTable(review.state))
        answer = review.at.github.comments_of(pull)[-1].body
        assert "is revoked by `dev`" in answer
        assert "is now `failure`" in answer


async def test_a_command_that_is_delivered_again_does_not_restore_what_was_revoked() -> None:
    async with reviewing() as review:
        pull = review.at.opened({PATH: UNSAFE})
        comment = review.at.github.comment(pull, f"/migsafe allow {RULE} window at night", "dev")
        job = review.job(JobKind.COMMAND, number=pull.number, comment=comment.id, comment_kind=CommentKind.ISSUE)
        await answer_command(await review.context(), job, CommandTable(review.state))
        await asked(review, pull, f"/migsafe revoke {RULE}")
        assert await answer_command(await review.context(), job, CommandTable(review.state)) == "answered"
        assert not await AcknowledgementTable(review.state).acknowledgements(review.at.repository.id, pull.number)


# Limits


async def test_who_asks_too_often_is_told_once_and_others_are_answered() -> None:
    async with reviewing() as review:
        pull = review.at.opened({"README.md": "x\n"})
        answers = [await asked(review, pull, "/migsafe help", "stranger") for _ in range(MOST + 3)]
        assert all("| command |" in (answer or "") for answer in answers[:MOST])
        assert "`stranger` has asked 10 times here within 10 minutes" in (answers[MOST] or "")
        assert answers[MOST + 1 :] == [None, None]
        assert "| command |" in (await asked(review, pull, "/migsafe help", "dev") or "")


# Explanations


async def test_an_explanation_of_many_findings_says_how_many_it_leaves_out() -> None:
    async with reviewing() as review:
        pull = review.at.opened({PATH: MANY})
        answer = await asked(review, pull, "/migsafe explain")
        assert "5 of 40 findings are explained here, the worst first." in (answer or "")


async def test_sql_in_a_block_below_the_command_is_explained() -> None:
    async with reviewing() as review:
        pull = review.at.opened({"README.md": "x\n"})
        answer = await asked(review, pull, "/migsafe explain\n\n```sql\nDROP INDEX orders_idx;\n```")
        assert "DROP INDEX orders_idx" in (answer or "")
        assert "drop-index-without-concurrently" in (answer or "")


async def test_a_part_of_a_rules_name_is_explained() -> None:
    async with reviewing() as review:
        pull = review.at.opened({"README.md": "x\n"})
        answer = await asked(review, pull, "@migsafe explain set not null")
        assert "### `set-not-null-without-check`" in (answer or "")


class OneIsDown:
    """Two databases, one of which does not answer."""

    def configured(self, repository: RepositoryInfo, paths: Sequence[str]) -> Sequence[str]:
        del repository, paths
        return ("eu", "us")

    async def snapshot(self, repository: RepositoryInfo, database: str, asked: Asked) -> Catalog:
        del repository, asked
        if database == "us":
            raise ReplicaError("`us`: it did not answer in time")
        return Catalog(16)


async def test_a_replica_that_is_down_is_named_and_the_sql_explained_without_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with reviewing() as review:
        monkeypatch.setattr(support, "NoDatabase", OneIsDown)
        pull = review.at.opened({"README.md": "x\n"})
        answer = await asked(review, pull, "/migsafe explain DROP INDEX orders_idx")
        assert "On `eu`:" in (answer or "")
        assert "The replica of `us` could not be read: it did not answer in time. This holds without it:" in (
            answer or ""
        )
        assert (answer or "").count("DROP INDEX orders_idx") == 2


async def test_a_misspelt_rule_is_answered_with_the_near_ones() -> None:
    async with reviewing() as review:
        pull = review.at.opened({"README.md": "x\n"})
        answer = await asked(review, pull, "/migsafe explain set-not-nul")
        assert "Did you mean `set-not-null-without-check`?" in (answer or "")


async def test_a_long_plan_says_how_much_it_leaves_out_and_ends_with_what_it_does_not_know() -> None:
    statements = (f"ALTER TABLE t{n} ALTER COLUMN a TYPE bigint;\nCREATE INDEX i{n} ON t{n} (a);\n" for n in range(300))
    async with reviewing() as review:
        pull = review.at.opened({PATH: f"-- migrate:up transaction:false\n{''.join(statements)}-- migrate:down\n"})
        answer = await asked(review, pull, "/migsafe plan") or ""
        assert "steps are too long for a comment" in answer
        assert "bytes of this answer" not in answer


class LookedUp:
    """A database that notes what is looked up in it."""

    names: ClassVar[list[Name]] = []

    def configured(self, repository: RepositoryInfo, paths: Sequence[str]) -> Sequence[str]:
        del repository, paths
        return ("eu",)

    async def snapshot(self, repository: RepositoryInfo, database: str, asked: Asked) -> Catalog:
        del repository, database
        self.names.extend(asked.names)
        return Catalog(16)


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("ALTER TABLE events ADD COLUMN x secret_type DEFAULT secret_function()", ""),
        ("SET statement_timeout = '7s'; ALTER TABLE events ALTER COLUMN id TYPE bigint", "within a time that somebody"),
        ("SELECT set_config('statement_timeout', '7s', true); DELETE FROM events", "within a time that somebody"),
    ],
)
async def test_on_a_public_repository_a_question_finds_out_nothing_that_the_pull_request_does_not_name(
    monkeypatch: pytest.MonkeyPatch, sql: str, says: str
) -> None:
    LookedUp.names.clear()
    async with reviewing(private=False) as review:
        monkeypatch.setattr(support, "NoDatabase", LookedUp)
        pull = review.at.opened({PATH: UNSAFE})
        LookedUp.names.clear()
        answer = await asked(review, pull, f"/migsafe explain {sql}", "stranger")
        assert says in (answer or "")
        looked_up = {name.name for name in LookedUp.names}
        assert looked_up.isdisjoint({"secret_type", "secret_function"})
        assert ("events" in looked_up) is True
