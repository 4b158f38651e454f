"""Who may accept a danger, and what becomes of it in the check and in the merge queue; at a stand-in."""

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.judging.policy import AcceptPolicy
from bot.review.acceptance import expired
from bot.review.answers import answer_command
from bot.review.job import CommentKind, JobKind
from bot.review.withdrawing import extra_for
from bot.server.state.acknowledgements import AcknowledgementTable
from bot.server.state.commands import CommandTable
from bot.standins.github.merge_queue import MergeQueue, Method
from bot.standins.github.model import CheckRun, Pull
from tests.support.reviewing import Reviewing, reviewing

pytestmark = pytest.mark.anyio

PATH = "db/migrations/20260516101500_change.sql"
RULE = "generated-column-rewrite"
ADDED = "ALTER TABLE events ADD COLUMN search tsvector GENERATED ALWAYS AS (to_tsvector('english', body)) STORED;\n"
UNSAFE = f"-- migrate:up\n{ADDED}\n-- migrate:down\n"
ALLOWED = f"-- migrate:up\n-- migsafe: allow {RULE} window at night\n{ADDED}\n-- migrate:down\n"
UNREAD = "-- migrate:up\nDO $$ BEGIN EXECUTE 'ALTER ' || x; END $$;\n-- migrate:down\n"
CONFIG = ".github/migsafe.yml"


def _accept(**options: object) -> dict[str, str]:
    lines = (f"  {key}: {json.dumps(value)}\n" for key, value in options.items())
    return {CONFIG: f"accept:\n{''.join(lines)}"}


def _first_line(check: CheckRun) -> str:
    return (check.summary or "").partition("\n")[0]


def _asked(review: Reviewing, part: str) -> list[str]:
    return [seen.path for seen in review.at.github.requests if part in seen.path]


async def test_what_a_person_accepted_stands_in_title_and_first_line() -> None:
    async with reviewing() as review:
        pull = review.at.opened({PATH: UNSAFE})
        assert (await review.reviewed(pull)).conclusion == "failure"
        assert "is allowed" in await review.said(pull, f"/migsafe allow {RULE} window at night")
        check = await review.reviewed(pull)
        assert (check.conclusion, check.title) == ("success", "Accepted: 1 danger, by @dev")
        assert _first_line(check).startswith("**Accepted by @dev: 1 danger (")
        assert _first_line(check).endswith("Reason: window at night.**")
        assert "afe to deploy" not in (check.summary or "")


async def test_the_comment_on_what_was_accepted_says_by_whom_and_why() -> None:
    async with reviewing() as review:
        pull = review.at.opened({PATH: UNSAFE})
        await review.reviewed(pull)
        await review.said(pull, f"/migsafe allow {RULE} window at night")
        (comment,) = review.at.github.review_comments_of(pull)
        assert comment.body.startswith(
            f"`{RULE}`: accepted by `dev`. Reason: window at night. It falls when line 2 changes."
        )


async def test_what_was_accepted_stays_said_in_its_comment_until_it_is_revoked() -> None:
    async with reviewing() as review:
        pull = review.at.opened({PATH: UNSAFE})
        await review.reviewed(pull)
        review.at.github.reply(review.at.github.review_comments_of(pull)[0], "at night?", "dev")
        await review.said(pull, f"/migsafe allow {RULE} window at night")
        review.at.github.push(pull, {"README.md": "better\n"})
        await review.reviewed(pull)
        (accepted, _) = review.at.github.review_comments_of(pull)
        assert "accepted by `dev`. Reason: window at night." in accepted.body
        await review.said(pull, f"/migsafe revoke {RULE}")
        (old, _, new) = review.at.github.review_comments_of(pull)
        assert old.body.startswith("No longer accepted")
        assert new.body.startswith("**Adding `search` rewrites `events`**")


async def test_an_accepted_comment_that_nobody_answered_goes_when_the_acceptance_does() -> None:
    async with reviewing() as review:
        pull = review.at.opened({PATH: UNSAFE})
        await review.reviewed(pull)
        for _ in range(2):
            await review.said(pull, f"/migsafe allow {RULE} window at night")
            await review.reviewed(pull)
            (comment,) = review.at.github.review_comments_of(pull)
            assert comment.body.startswith(f"`{RULE}`: accepted by `dev`")
            await review.said(pull, f"/migsafe revoke {RULE}")
            (comment,) = review.at.github.review_comments_of(pull)
            assert comment.body.startswith("**Adding `search` rewrites `events`**")


# In files


async def test_an_allow_in_the_file_counts_if_every_commit_of_it_is_by_people_who_may_write() -> None:
    async with reviewing() as review:
        check = await review.reviewed(review.at.opened({PATH: ALLOWED}))
        assert (check.conclusion, check.title) == ("success", "Accepted: 1 danger, by @dev")
        assert _first_line(check).startswith("**Accepted by @dev: 1 danger (")


@pytest.mark.parametrize(
    ("push", "says"),
    [
        ({"author": "outsider"}, "`outsider` has no write permission"),
        ({"author": "dev", "committer": "outsider"}, "`outsider` has no write permission"),
        ({"named": False}, "GitHub knows no account for the author"),
    ],
    ids=["another author", "another committer", "a typed name"],
)
async def test_an_allow_that_somebody_else_committed_asks_for_a_person(push: dict[str, Any], says: str) -> None:
    async with reviewing() as review:
        pull = review.at.opened({"README.md": "x\n"}, author="admin")
        review.at.github.add_collaborator(review.at.repository, "dev", "write")
        review.at.github.push(pull, {PATH: ALLOWED}, **push)
        check = await review.reviewed(pull)
        assert check.conclusion == "failure"
        assert says in (check.summary or "")
        assert f"must confirm: `/migsafe allow {RULE} window at night`" in (check.summary or "")
        assert "silenced nothing" not in (check.summary or "")
        await review.said(pull, f"/migsafe allow {RULE} window at night", "admin")
        assert (await review.reviewed(pull)).title == "Accepted: 1 danger, by @admin"


async def test_an_allow_on_a_forks_branch_counts_for_nobody() -> None:
    async with reviewing() as review:
        pull = review.at.opened({PATH: ALLOWED}, author="maintainer", fork=True)
        review.at.github.add_collaborator(review.at.repository, "maintainer", "admin")
        check = await review.reviewed(pull)
        assert check.conclusion == "failure"
        assert "the branch is not one of this repository" in (check.summary or "")


async def test_a_commit_of_the_file_that_is_already_on_the_base_does_not_count_against_it() -> None:
    async with reviewing() as review:
        for content in (UNSAFE, None):
            review.at.github.commit(review.at.repository, "main", {PATH: content}, author="outsider")
        pull = review.at.opened({PATH: ALLOWED})
        assert (await review.reviewed(pull)).conclusion == "success"


async def test_a_commit_of_another_file_by_an_outsider_does_not_count_against_it() -> None:
    async with reviewing() as review:
        pull = review.at.opened({PATH: ALLOWED})
        review.at.github.push(pull, {"README.md": "better\n"}, author="outsider")
        assert (await review.reviewed(pull)).conclusion == "success"


async def test_renaming_the_file_does_not_hide_who_wrote_it() -> None:
    async with reviewing() as review:
        pull = review.at.opened({PATH + ".txt": ALLOWED}, author="outsider")
        review.at.github.add_collaborator(review.at.repository, "outsider", "read")
        review.at.github.push(pull, {PATH + ".txt": None, PATH: ALLOWED}, author="acme")
        check = await review.reviewed(pull)
        assert check.conclusion == "failure"
        assert "`outsider` has no write permission" in (check.summary or "")


async def test_a_suggestion_that_a_person_applied_on_githubs_pages_counts_as_theirs() -> None:
    async with reviewing() as review:
        pull = review.at.opened({PATH: UNSAFE})
        review.at.github.push(pull, {PATH: ALLOWED}, author="dev", committer="web-flow")
        assert (await review.reviewed(pull)).title == "Accepted: 1 danger, by @dev"


async def test_nobody_is_looked_up_where_no_file_allows_a_danger() -> None:
    async with reviewing() as review:
        note = f"-- migrate:up\n-- migsafe: allow other-rule why\n{ADDED}\n-- migrate:down\n"
        await review.reviewed(review.at.opened({PATH: note}))
        assert not _asked(review, "/permission")
        assert not [path for path in _asked(review, "/commits") if not path.endswith("/check-runs")]


# accept:


@pytest.mark.parametrize(
    ("options", "roles", "by", "refused"),
    [
        ({"permission": "maintain"}, {"dev": "write"}, "dev", "`accept.permission` asks for maintain permission"),
        ({"permission": "maintain"}, {"lead": "maintain"}, "lead", ""),
        ({"permission": "maintain"}, {"lead": "release:maintain"}, "lead", ""),
        ({"permission": "maintain"}, {"lead": "admin"}, "lead", ""),
        ({"users": ["dba"]}, {"dev": "admin"}, "dev", "`accept.users` names others than `dev`"),
        ({"users": ["DBA"]}, {"dba": "write"}, "dba", ""),
        ({"users": ["dba"]}, {"dba": "read"}, "dba", "needs write permission"),
        ({"author": False}, {}, "dev", "`accept.author: false` asks for somebody other than the author"),
        ({"author": False}, {"second": "write"}, "second", ""),
        ({"never": [RULE]}, {"boss": "admin"}, "boss", "nobody may accept"),
    ],
)
async def test_an_allow_obeys_the_configuration_and_says_what_refused_it(
    options: dict[str, object], roles: dict[str, str], by: str, refused: str
) -> None:
    async with reviewing(files=_accept(**options)) as review:
        pull = review.at.opened({PATH: UNSAFE})
        for login, role in roles.items():
            review.at.github.add_collaborator(review.at.repository, login, role)
        answer = await review.said(pull, f"/migsafe allow {RULE} window at night", by)
        check = await review.reviewed(pull)
        if refused:
            assert refused in answer
            assert check.conclusion == "failure"
        else:
            assert "is allowed" in answer
            assert check.title == f"Accepted: 1 danger, by @{by}"


async def test_an_answer_says_who_may() -> None:
    options = _accept(users=["dba"], teams=["acme/leads"], permission="maintain", author=False)
    async with reviewing(files=options) as review:
        answer = await review.said(review.at.opened({PATH: UNSAFE}), f"/migsafe allow {RULE} why")
        who = "`dba` or a member of `acme/leads` with maintain permission may, but nobody who wrote it."
        assert who in answer


async def test_members_of_a_team_may_where_the_app_can_read_it() -> None:
    granted = {"metadata": "read", "contents": "read", "checks": "write", "pull_requests": "write", "issues": "read"}
    async with reviewing(files=_accept(teams=["acme/dba"]), permissions={**granted, "members": "read"}) as review:
        review.at.github.teams["acme/dba"] = {"ada"}
        review.at.github.add_collaborator(review.at.repository, "ada", "write")
        pull = review.at.opened({PATH: UNSAFE})
        assert "`accept.teams` names others than `dev`" in await review.said(pull, f"/migsafe allow {RULE} why")
        assert "is allowed" in await review.said(pull, f"/migsafe allow {RULE} why", "ada")
        assert (await review.reviewed(pull)).conclusion == "success"


async def test_a_team_that_cannot_be_read_accepts_nothing_and_is_said() -> None:
    async with reviewing(files=_accept(teams=["acme/dba"])) as review:
        review.at.github.teams["acme/dba"] = {"dev"}
        pull = review.at.opened({PATH: UNSAFE})
        answer = await review.said(pull, f"/migsafe allow {RULE} why")
        assert "GitHub does not show the members of `acme/dba` to the App" in answer
        assert "`members: read`" in answer
        assert (await review.reviewed(pull)).conclusion == "failure"


async def test_an_allow_in_the_file_obeys_the_configuration() -> None:
    async with reviewing(files=_accept(author=False)) as review:
        pull = review.at.opened({PATH: ALLOWED})
        check = await review.reviewed(pull)
        assert check.conclusion == "failure"
        assert "`accept.author: false` asks for somebody other than the author" in (check.summary or "")
    async with reviewing(files=_accept(never=[RULE])) as review:
        check = await review.reviewed(review.at.opened({PATH: ALLOWED}))
        assert check.conclusion == "failure"
        assert "`accept.never` names this rule: nobody may accept it" in (check.summary or "")


async def test_who_pushed_the_file_is_an_author_too() -> None:
    async with reviewing(files=_accept(author=False)) as review:
        pull = review.at.opened({"README.md": "x\n"}, author="opener")
        review.at.github.add_collaborator(review.at.repository, "pusher", "write")
        review.at.github.push(pull, {PATH: UNSAFE}, author="pusher")
        assert "`accept.author: false`" in await review.said(pull, f"/migsafe allow {RULE} why", "pusher")
        assert (await review.reviewed(pull)).conclusion == "failure"


async def test_who_wrote_the_file_under_an_earlier_name_is_an_author_too() -> None:
    async with reviewing(files=_accept(author=False)) as review:
        pull = review.at.opened({"README.md": "x\n"}, author="admin")
        review.at.github.add_collaborator(review.at.repository, "dev", "write")
        review.at.github.push(pull, {f"{PATH}.txt": UNSAFE}, author="dev")
        review.at.github.push(pull, {f"{PATH}.txt": None, PATH: UNSAFE}, author="admin")
        answer = await review.said(pull, f"/migsafe allow {RULE} window at night", "dev")
        assert "`accept.author: false` asks for somebody other than the author" in answer


async def test_what_was_accepted_falls_when_a_comment_swallows_a_part_of_the_statement() -> None:
    async with reviewing() as review:
        first = UNSAFE.replace("ADD COLUMN", "-- at night\nADD COLUMN note text,\n  ADD COLUMN")
        pull = review.at.opened({PATH: first})
        await review.said(pull, f"/migsafe allow {RULE} window at night")
        review.at.github.push(pull, {PATH: first.replace("night\nADD", "night\n\n  ADD")})
        assert (await review.reviewed(pull)).conclusion == "success"
        review.at.github.push(
            pull, {PATH: first.replace("night\nADD COLUMN note text,\n", "night ADD COLUMN note text,\n")}
        )
        assert (await review.reviewed(pull)).conclusion == "failure"


async def test_an_acknowledgement_of_a_required_item_obeys_the_configuration() -> None:
    async with reviewing(files=_accept(permission="maintain")) as review:
        pull = review.at.opened({PATH: UNREAD})
        assert "Not accepted" in await review.said(pull, "/migsafe acknowledge statements-read a comment only")
        assert (await review.reviewed(pull)).conclusion == "action_required"
        assert "is acknowledged" in await review.said(pull, "/migsafe acknowledge timed 4 s on a copy")
        review.at.github.add_collaborator(review.at.repository, "lead", "maintain")
        await review.said(pull, "/migsafe acknowledge statements-read a comment only", "lead")
        check = await review.reviewed(pull)
        assert check.conclusion == "success"
        assert check.title == "Accepted: statements-read, by @lead. Attention: 1 statement not read"


async def test_an_acceptance_ends_and_can_be_given_again() -> None:
    async with reviewing(files=_accept(expires="14d")) as review:
        pull = review.at.opened({PATH: UNSAFE})
        answer = await review.said(pull, f"/migsafe allow {RULE} window at night")
        assert "at most 14 days" in answer
        assert (await review.reviewed(pull)).conclusion == "success"
        await _age(review, "2026-01-01T00:00:00Z")
        check = await review.reviewed(pull)
        assert check.conclusion == "failure"
        assert "it ended on 2026-01-15 00:00 UTC (`accept.expires`)" in (check.summary or "")
        await review.said(pull, f"/migsafe allow {RULE} window at night")
        assert (await review.reviewed(pull)).conclusion == "success"


@pytest.mark.parametrize("content", [UNSAFE, ALLOWED], ids=["command", "file"])
async def test_it_is_noted_when_what_a_check_passed_by_ends(content: str) -> None:
    async with reviewing(files=_accept(expires="14d")) as review:
        pull = review.at.opened({PATH: content})
        if content == UNSAFE:
            await review.said(pull, f"/migsafe allow {RULE} window at night")
        assert (await review.reviewed(pull)).conclusion == "success"
        table = AcknowledgementTable(review.state)
        assert not await table.ended(time.time() + 13 * 86_400, 9)
        (ending,) = await table.ended(time.time() + 15 * 86_400, 9)
        assert (ending.number, ending.head_sha) == (pull.number, pull.head_sha)


async def test_nothing_is_accepted_from_a_day_to_come() -> None:
    why = expired(AcceptPolicy(expires=86_400.0), "2099-01-01T00:00:00Z", datetime(2026, 6, 1, tzinfo=UTC))
    assert "dated 2099-01-01 00:00, which is to come" in why


async def test_a_rule_that_is_added_later_ends_what_it_forbids() -> None:
    async with reviewing() as review:
        pull = review.at.opened({PATH: UNSAFE})
        await review.said(pull, f"/migsafe allow {RULE} window at night")
        review.at.github.commit(review.at.repository, "main", _accept(permission="maintain"))
        check = await review.reviewed(pull)
        assert check.conclusion == "failure"
        assert "`accept.permission` asks for maintain permission, and `dev` has write" in (check.summary or "")


# The merge queue


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
async def test_a_merge_group_honours_what_was_accepted_on_its_pull_request(method: Method) -> None:
    async with reviewing() as review:
        first, second = review.at.opened({PATH: UNSAFE}), review.at.opened({PATH.replace("1015", "1016"): UNREAD})
        await review.said(first, f"/migsafe allow {RULE} window at night")
        await review.said(second, "/migsafe acknowledge statements-read a comment only")
        queue = MergeQueue(review.at.github, review.at.repository, method=method)
        checks = [await review.queued(entry) for entry in queue.enqueue(first, second)]
        assert [check.conclusion for check in checks] == ["success", "success"]
        assert checks[0].title == "Accepted: 1 danger, by @dev"
        assert (checks[1].title or "").startswith("Accepted: statements-read, by @dev")


async def test_a_merge_group_takes_an_allow_in_the_file_as_its_pull_request_does() -> None:
    async with reviewing() as review:
        mine = review.at.opened({PATH: ALLOWED})
        theirs = review.at.opened({PATH.replace("1015", "1016"): ALLOWED}, author="stranger", fork=True)
        queue = MergeQueue(review.at.github, review.at.repository)
        checks = [await review.queued(entry) for entry in queue.enqueue(mine, theirs)]
        assert [check.conclusion for check in checks] == ["success", "failure"]
        assert checks[0].title == "Accepted: 1 danger, by @dev"


async def test_a_group_that_stands_on_an_accepted_one_has_not_its_acceptances() -> None:
    async with reviewing() as review:
        accepted, other = review.at.opened({PATH: UNSAFE}), review.at.opened({PATH.replace("1015", "1016"): UNSAFE})
        await review.said(accepted, f"/migsafe allow {RULE} window at night")
        queue = MergeQueue(review.at.github, review.at.repository)
        checks = [await review.queued(entry) for entry in queue.enqueue(accepted, other)]
        assert [check.conclusion for check in checks] == ["success", "failure"]


async def test_a_group_without_a_known_pull_request_says_that_nothing_accepted_counts() -> None:
    async with reviewing() as review:
        pull = review.at.opened({PATH: UNSAFE})
        await review.said(pull, f"/migsafe allow {RULE} window at night")
        base, head = review.at.github.merge_group(review.at.repository, [pull])
        check = await review.grouped(base, head, head_ref="refs/heads/some/queue-1", base_ref="refs/heads/main")
        assert check.conclusion == "failure"
        assert "what was accepted on a pull request does not count here" in (check.summary or "")


@pytest.mark.parametrize("base", ["main", "next"])
async def test_a_group_has_not_the_acceptances_of_a_pull_request_that_is_closed_or_for_another_branch(
    base: str,
) -> None:
    async with reviewing() as review:
        review.at.github.commit(review.at.repository, "next", {"README.md": "# Next\n"})
        pull = review.at.opened({PATH: UNSAFE}, base=base)
        await review.said(pull, f"/migsafe allow {RULE} window at night")
        other = review.at.opened({PATH: UNSAFE}, head="other")
        group, head = review.at.github.merge_group(review.at.repository, [other])
        if base == "main":
            review.at.github.close(pull)
        head_ref = f"refs/heads/gh-readonly-queue/main/pr-{pull.number}-{head}"
        check = await review.grouped(group, head, head_ref=head_ref, base_ref="refs/heads/main")
        assert check.conclusion == "failure"
        assert "what was accepted on a pull request does not count here" in (check.summary or "")


# Hostile words


@pytest.mark.parametrize(
    "reason",
    ["x " * 3_000, "**bold** `code` <!-- migsafe:x --> @octocat #1 | [a](http://x)", "``` \u202e </details>"],
)
async def test_a_reason_stays_inside_the_check(reason: str) -> None:
    async with reviewing() as review:
        pull = review.at.opened({PATH: UNSAFE})
        await review.said(pull, f"/migsafe allow {RULE} {reason}")
        check = await review.reviewed(pull)
        assert (check.conclusion, check.title) == ("success", "Accepted: 1 danger, by @dev")
        line = _first_line(check)
        assert len(line) < 1_000
        assert line.startswith("**Accepted by @dev")
        assert "@octocat" not in line
        assert "<!--" not in line


async def _age(review: Reviewing, at: str) -> None:
    """Makes everything that was accepted as old as that."""

    def change(connection: sa.Connection) -> Sequence[Pull]:
        connection.execute(sa.text("UPDATE migsafe_acknowledgements SET said_at = :at"), {"at": at})
        return ()

    await review.state.run(change)


# What was accepted counts as long as the person may.


async def test_an_acceptance_falls_at_the_next_look_when_its_author_may_write_no_more() -> None:
    async with reviewing() as review:
        pull = review.at.opened({PATH: UNSAFE})
        review.at.github.add_collaborator(review.at.repository, "second", "write")
        await review.said(pull, f"/migsafe allow {RULE} window at night", "second")
        assert (await review.reviewed(pull)).conclusion == "success"
        review.at.github.add_collaborator(review.at.repository, "second", "read")
        check = await review.reviewed(pull)
        assert check.conclusion == "failure"
        assert "`second` allowed it, but `second` has no write permission on this repository" in (check.summary or "")
        (entry,) = MergeQueue(review.at.github, review.at.repository).enqueue(pull)
        assert (await review.queued(entry)).conclusion == "failure"
        review.at.github.add_collaborator(review.at.repository, "second", "write")
        assert (await review.reviewed(pull)).conclusion == "success"


async def test_a_person_who_pushes_after_accepting_is_an_author_and_somebody_else_is_not() -> None:
    async with reviewing(files=_accept(author=False)) as review:
        for login in ("second", "third"):
            review.at.github.add_collaborator(review.at.repository, login, "write")
        pull = review.at.opened({PATH: UNSAFE}, author="opener")
        await review.said(pull, f"/migsafe allow {RULE} window at night", "second")
        review.at.github.push(pull, {"app.py": "x = 1\n"}, author="second")
        assert (await review.reviewed(pull)).conclusion == "success"
        review.at.github.push(pull, {PATH: f"{UNSAFE}-- Ours.\n"}, author="third")
        assert (await review.reviewed(pull)).title == "Accepted: 1 danger, by @second"
        review.at.github.push(pull, {PATH: f"{UNSAFE}-- Theirs.\n"}, author="second")
        check = await review.reviewed(pull)
        assert check.conclusion == "failure"
        said = "`second` allowed it, but `accept.author: false` asks for somebody other than the author"
        assert said in (check.summary or "")


async def test_nobody_is_asked_about_where_nothing_that_counts_was_accepted() -> None:
    async with reviewing() as review:
        pull = review.at.opened({PATH: UNSAFE})
        await review.reviewed(pull)
        assert _asked(review, "/permission") == []
        await review.said(pull, f"/migsafe allow {RULE} window at night")
        before = len(_asked(review, "/permission"))
        await review.reviewed(pull)
        assert len(_asked(review, "/permission")) == before + 1


async def test_a_danger_that_stands_is_said_although_github_does_not_say_who_somebody_is() -> None:
    async with reviewing() as review:
        pull = review.at.opened({PATH: UNSAFE, PATH.replace("1500", "1501"): UNSAFE.replace("search", "found")})
        await review.said(pull, f"/migsafe allow {RULE} window at night")
        review.at.github.push(pull, {PATH: UNSAFE.replace("search", "other")})
        review.at.github.fail_next("GET", "/permission", 500, times=20)
        assert (await review.reviewed(pull)).conclusion == "failure"


async def test_an_acceptance_falls_with_its_comment() -> None:
    async with reviewing() as review:
        pull = review.at.opened({PATH: UNSAFE})
        words = f"/migsafe allow {RULE} window at night"
        await review.said(pull, words)
        assert (await review.reviewed(pull)).conclusion == "success"
        about = {"number": pull.number, "comment": 99, "comment_kind": CommentKind.ISSUE}
        gone = review.job(JobKind.COMMAND, **about, extra=extra_for(words, "dev", "lead", alone=True))
        await answer_command(await review.context(), gone, CommandTable(review.state))
        answer = review.at.github.comments_of(pull)[-1].body
        assert "`lead` deleted or changed the comment in which `dev` had accepted it" in answer
        assert await review.judged_again() == [pull.number]
        assert review.at.github.check_runs_of(pull.head_sha)[-1].conclusion == "failure"
        await answer_command(await review.context(), gone, CommandTable(review.state))
        assert review.at.github.comments_of(pull)[-1].body == answer
