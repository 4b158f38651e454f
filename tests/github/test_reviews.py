"""A review on real diffs: where comments are posted, what happens to the others, and nothing twice."""

import pytest

from bot.github import reviews
from bot.github.errors import RateLimited, Transient, Uncertain
from bot.report.shapes import MARKER, InlineComment, Review
from bot.review.hub import PullRequest
from bot.review.job import CommentKind
from bot.standins.github.model import Pull
from tests.support.at_github import LINES, MIGRATION, Scene, scene

pytestmark = pytest.mark.anyio


def _comment(first: int, last: int | None = None, *, path: str = MIGRATION, text: str = "Unsafe.") -> InlineComment:
    name = f"f{first}"
    return InlineComment(path, first, last or first, f"{text}\n\n{MARKER.format(name)}", name)


async def _posted(at: Scene, pull: Pull, *comments: InlineComment) -> PullRequest:
    seen = await at.hub.pull_request(pull.number)
    await at.hub.post_review(seen, Review("Two things.", comments))
    return seen


async def test_comments_are_posted_on_their_lines() -> None:
    async with scene() as at:
        pull = at.opened()
        await _posted(at, pull, _comment(3), _comment(5, 9))
        [review] = at.github.reviews_of(pull)
        assert review.state == "COMMENTED"
        assert review.body.startswith("Two things.\n\n<!-- migsafe:review:")
        placed = [(each.path, each.start_line, each.line, each.side) for each in at.github.review_comments_of(pull)]
        assert placed == [(MIGRATION, None, 3, "RIGHT"), (MIGRATION, 5, 9, "RIGHT")]


async def test_the_same_review_is_posted_once() -> None:
    async with scene() as at:
        pull = at.opened()
        await _posted(at, pull, _comment(3))
        await _posted(at, pull, _comment(3))
        assert len(at.github.reviews_of(pull)) == 1
        assert len(at.github.review_comments_of(pull)) == 1


async def test_a_head_that_comes_back_gets_its_comments_back() -> None:
    async with scene() as at:
        pull = at.opened()
        await _posted(at, pull, _comment(3), _comment(4))
        await at.hub.delete_comment((await at.hub.posted_comments(pull.number))[0])
        await _posted(at, pull, _comment(3), _comment(4))
        assert [each.line for each in at.github.review_comments_of(pull)] == [4, 3]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"text\n\n{MARKER.format('a')}\n{MARKER.format('b')}\n", ("text", ("a", "b"))),
        (f"{MARKER.format('a')} text", (f"{MARKER.format('a')} text", ())),
        ("<!-- other -->", ("<!-- other -->", ())),
        ("-->", ("-->", ())),
        (" " * 60_000 + "x" + "\n" * 60_000, (" " * 60_000 + "x", ())),
        (MARKER.format("a") * 3, ("", ("a", "a", "a"))),
    ],
    ids=["two", "not last", "another comment", "no start", "blanks", "nothing else"],
)
def test_markers_are_taken_from_the_end_only(body: str, expected: tuple[str, tuple[str, ...]]) -> None:
    assert reviews._parted(body) == expected


@pytest.mark.parametrize("after", [True, False], ids=["done all the same", "not done"])
async def test_a_review_whose_answer_was_lost_is_posted_once(*, after: bool) -> None:
    async with scene() as at:
        pull = at.opened()
        at.github.fail_next("POST", "/reviews", 502, after_effect=after)
        await _posted(at, pull, _comment(3))
        assert len(at.github.reviews_of(pull)) == 1


async def test_a_review_that_timed_out_is_posted_once() -> None:
    async with scene(timeout=0.5) as at:
        pull = at.opened()
        at.github.fail_next("POST", "/reviews", 200, after_effect=True, delay=0.8)
        await _posted(at, pull, _comment(3))
        assert len(at.github.reviews_of(pull)) == 1


async def test_a_review_that_cannot_be_posted_now_says_so_and_succeeds_later() -> None:
    async with scene() as at:
        pull = at.opened()
        at.github.fail_next("POST", "/reviews", 502, times=2)
        with pytest.raises(Uncertain):
            await _posted(at, pull, _comment(3))
        await _posted(at, pull, _comment(3))
        assert len(at.github.reviews_of(pull)) == 1


async def test_bytes_that_are_not_text_are_replaced_not_refused() -> None:
    async with scene() as at:
        pull = at.opened()
        quoted = b"caf\xe9 \x00".decode("utf-8", "surrogateescape")
        await _posted(at, pull, _comment(3, text=quoted))
        [comment] = at.github.review_comments_of(pull)
        assert comment.body.startswith("caf\N{REPLACEMENT CHARACTER} \N{REPLACEMENT CHARACTER}")


async def test_a_comment_outside_the_diff_goes_into_the_body() -> None:
    async with scene(files={MIGRATION: LINES}) as at:
        pull = at.opened({MIGRATION: LINES.replace("select 20;", "drop table t;")})
        await _posted(at, pull, _comment(20), _comment(2, text="```suggestion\nselect 2;\n```"))
        [review] = at.github.reviews_of(pull)
        assert f"**`{MIGRATION}`, line 2**" in review.body
        assert "suggestion" not in review.body
        assert [each.line for each in at.github.review_comments_of(pull)] == [20]
        assert at.github.requests[-1].status == 200


async def test_a_comment_on_more_than_the_diff_shows_is_posted_on_what_is_shown() -> None:
    async with scene(files={MIGRATION: LINES}) as at:
        pull = at.opened({MIGRATION: LINES.replace("select 20;", "drop table t;")})
        await _posted(at, pull, _comment(10, 30))
        [comment] = at.github.review_comments_of(pull)
        assert (comment.start_line, comment.line) == (17, 23)


async def test_a_suggestion_never_moves_to_other_lines() -> None:
    async with scene(files={MIGRATION: LINES}) as at:
        pull = at.opened({MIGRATION: LINES.replace("select 20;", "drop table t;")})
        await _posted(at, pull, _comment(10, 30, text="```suggestion\nselect 1;\n```"))
        assert at.github.review_comments_of(pull) == []
        assert "lines 10 to 30" in at.github.reviews_of(pull)[0].body


async def test_a_finding_in_a_file_whose_diff_github_does_not_show_is_in_the_body() -> None:
    async with scene() as at:
        pull = at.opened({"db/large.sql": "select 1;\n" * 3000})
        await _posted(at, pull, _comment(7, path="db/large.sql"))
        assert at.github.review_comments_of(pull) == []
        assert "**`db/large.sql`, line 7**" in at.github.reviews_of(pull)[0].body


async def test_what_a_body_reported_is_not_reported_again_on_the_next_push() -> None:
    async with scene() as at:
        pull = at.opened({"db/large.sql": "select 1;\n" * 3000})
        await _posted(at, pull, _comment(7, path="db/large.sql"))
        at.github.push(pull, {"other.txt": "more"})
        await _posted(at, pull, _comment(7, path="db/large.sql"))
        assert len(at.github.reviews_of(pull)) == 1


async def test_findings_that_only_the_body_names_are_not_reported_again_either() -> None:
    body = f"One finding.\n\n{MARKER.format('f1')}\n{MARKER.format('f2')}"
    async with scene() as at:
        pull = at.opened()
        for text in (body, body.replace("One", "The same")):
            await at.hub.post_review(await at.hub.pull_request(pull.number), Review(text))
        await at.hub.post_review(await at.hub.pull_request(pull.number), Review(f"New.\n\n{MARKER.format('f3')}"))
        assert [each.body.partition("\n")[0] for each in at.github.reviews_of(pull)] == ["One finding.", "New."]


async def test_a_marker_in_quoted_code_silences_nothing() -> None:
    large = "db/large.sql"
    async with scene() as at:
        pull = at.opened({large: "select 1;\n" * 3000})
        await _posted(at, pull, _comment(7, path=large, text=f"```sql\n{MARKER.format('f8')}\n```"))
        at.github.push(pull, {"other.txt": "more"})
        await _posted(at, pull, _comment(8, path=large))
        assert "line 8**" in at.github.reviews_of(pull)[-1].body


async def test_more_than_thirty_comments_overflow_into_the_body() -> None:
    async with scene() as at:
        pull = at.opened()
        await _posted(at, pull, *(_comment(line) for line in range(1, 36)))
        assert len(at.github.review_comments_of(pull)) == 30
        assert all(f"line {line}**" in at.github.reviews_of(pull)[0].body for line in range(31, 36))


async def test_a_body_beyond_the_limit_is_cut_and_keeps_its_marker() -> None:
    async with scene() as at:
        pull = at.opened()
        seen = await at.hub.pull_request(pull.number)
        review = Review("```sql\n" + "select 1;\n" * 20_000 + "```")
        await at.hub.post_review(seen, review)
        await at.hub.post_review(seen, review)
        [posted] = at.github.reviews_of(pull)
        assert len(posted.body) <= 65_536
        assert posted.body.count("```") == 2


async def test_our_own_forgotten_draft_does_not_block_a_review() -> None:
    async with scene() as at:
        pull = at.opened()
        at.github.review(pull, "a draft", at.github.bot.login, "PENDING")
        at.github.review(pull, "somebody else's", "mia", "PENDING")
        await _posted(at, pull, _comment(3))
        assert sorted((each.state, each.author.login) for each in at.github.reviews_of(pull)) == [
            ("COMMENTED", "migsafe[bot]"),
            ("PENDING", "mia"),
        ]


async def test_lines_that_github_refuses_after_all_become_comments_on_the_file() -> None:
    refused = {
        "message": "Unprocessable Entity",
        "errors": ["Pull request review thread line must be part of the diff"],
    }
    async with scene() as at:
        pull = at.opened()
        at.github.fail_next("POST", "/reviews", 422, body=refused)
        seen = await _posted(at, pull, _comment(3))
        [comment] = at.github.review_comments_of(pull)
        assert (comment.subject, comment.line) == ("file", None)
        assert comment.body.startswith("line 3\n\nUnsafe.")
        assert [each.fingerprint for each in await at.hub.posted_comments(seen.number)] == ["f3"]
        assert "Two things." in at.github.reviews_of(pull)[-1].body


async def test_where_github_accepts_no_comment_at_all_the_body_has_it() -> None:
    refused = {"message": "Unprocessable Entity", "errors": ["Path could not be resolved"]}
    async with scene() as at:
        pull = at.opened()
        at.github.fail_next("POST", "/reviews", 422, body=refused)
        at.github.fail_next("POST", "/comments", 422, body=refused)
        await _posted(at, pull, _comment(3))
        assert at.github.review_comments_of(pull) == []
        assert "Unsafe." in at.github.reviews_of(pull)[0].body


async def test_a_head_that_was_forced_away_gets_no_review() -> None:
    async with scene() as at:
        pull = at.opened()
        seen = await at.hub.pull_request(pull.number)
        at.github.push(pull, {MIGRATION: "select 1;\n"}, force=True)
        with pytest.raises(Transient, match="replaced"):
            await at.hub.post_review(seen, Review("Late.", (_comment(1),)))
        assert at.github.reviews_of(pull) == []


@pytest.mark.parametrize("form", ["primary", "retry-after", "message"])
async def test_a_limited_review_sends_nothing_while_it_waits(form: str) -> None:
    async with scene() as at:
        pull = at.opened()
        seen = await at.hub.pull_request(pull.number)
        at.github.limit_next("POST", "/reviews", form, seconds=60)
        with pytest.raises(RateLimited) as caught:
            await at.hub.post_review(seen, Review("Body."))
        assert 50 < (caught.value.retry_after or 0) <= 61
        asked = len(at.github.requests)
        with pytest.raises(RateLimited):
            await at.hub.post_review(seen, Review("Body."))
        assert len(at.github.requests) == asked


async def test_only_our_own_comments_with_a_marker_are_ours() -> None:
    async with scene() as at:
        pull = at.opened()
        await _posted(at, pull, _comment(3), _comment(4))
        first, second = at.github.review_comments_of(pull)
        at.github.reply(first, f"quoted {MARKER.format('f3')}", "mia")
        forged = at.github.reply(second, MARKER.format("f99"), "mia")
        forged.in_reply_to = None
        found = await at.hub.posted_comments(pull.number)
        assert [(each.fingerprint, each.has_replies, each.path) for each in found] == [
            ("f3", True, MIGRATION),
            ("f4", False, MIGRATION),
        ]


async def test_posted_comments_are_found_among_hundreds() -> None:
    async with scene() as at:
        pull = at.opened()
        await _posted(at, pull, _comment(1))
        [first] = at.github.review_comments_of(pull)
        for _ in range(250):
            at.github.reply(first, "chatter", "mia")
        await _posted(at, pull, _comment(2))
        assert [each.fingerprint for each in await at.hub.posted_comments(pull.number)] == ["f1", "f2"]


async def test_a_comment_is_deleted_once_and_may_be_gone_already() -> None:
    async with scene() as at:
        pull = at.opened()
        await _posted(at, pull, _comment(3))
        [comment] = await at.hub.posted_comments(pull.number)
        at.github.fail_next("DELETE", f"/comments/{comment.id}", 502, after_effect=True)
        await at.hub.delete_comment(comment)
        await at.hub.delete_comment(comment)
        assert at.github.review_comments_of(pull) == []


@pytest.mark.parametrize(
    ("body", "hidden"),
    [
        ("No longer reported.", "OUTDATED"),
        (f"No longer.\n\n{MARKER.format('gone')}", "OUTDATED"),
        (f"Changed. {MARKER.format('f4')}\n{MARKER.format('f3')}", None),
    ],
    ids=["retired", "retired, with a marker of its own", "updated"],
)
async def test_a_comment_that_names_no_finding_any_more_is_hidden(body: str, hidden: str | None) -> None:
    async with scene() as at:
        pull = at.opened()
        await _posted(at, pull, _comment(3))
        [comment] = await at.hub.posted_comments(pull.number)
        await at.hub.edit_comment(comment, body)
        [standing] = at.github.review_comments_of(pull)
        assert (standing.body, standing.minimized) == (body, hidden)


async def test_a_comment_that_cannot_be_hidden_is_no_error() -> None:
    async with scene() as at:
        pull = at.opened()
        await _posted(at, pull, _comment(3))
        [comment] = await at.hub.posted_comments(pull.number)
        at.github.fail_next("POST", "/graphql", 502)
        await at.hub.edit_comment(comment, "No longer reported.")
        assert at.github.review_comments_of(pull)[0].body == "No longer reported."


async def test_an_answer_is_posted_once_in_its_thread() -> None:
    async with scene() as at:
        pull = at.opened()
        await _posted(at, pull, _comment(3))
        [first] = at.github.review_comments_of(pull)
        asked = at.github.reply(first, "/migsafe explain", "mia")
        for _ in range(2):
            await at.hub.reply(pull.number, "Because.", to_comment=asked.id, marker=f"c:{asked.id}")
        answers = [each for each in at.github.review_comments_of(pull) if each.body.startswith("Because.")]
        assert [each.in_reply_to for each in answers] == [first.id]
        found = await at.hub.comment(asked.id, CommentKind.REVIEW_COMMENT)
        assert found is not None
        assert (found.in_reply_to, found.thread_fingerprint, found.path) == (first.id, "f3", MIGRATION)


async def test_an_answer_to_a_thread_that_is_gone_is_posted_in_the_conversation() -> None:
    async with scene() as at:
        pull = at.opened()
        await at.hub.reply(pull.number, "Because.", to_comment=424242, marker="c")
        assert [each.body.partition("\n")[0] for each in at.github.comments_of(pull)] == ["Because."]


@pytest.mark.parametrize("after", [True, False], ids=["done all the same", "not done"])
async def test_an_answer_whose_receipt_was_lost_is_posted_once(*, after: bool) -> None:
    async with scene() as at:
        pull = at.opened()
        at.github.fail_next("POST", "/issues/1/comments", 502, after_effect=after)
        await at.hub.reply(pull.number, "Because.", to_comment=None, marker="c -->\nforged")
        assert len(at.github.comments_of(pull)) == 1


async def test_a_reaction_is_given_and_its_failure_is_ignored() -> None:
    async with scene() as at:
        pull = at.opened()
        said = at.github.comment(pull, "/migsafe help", "mia")
        await at.hub.react(said.id, CommentKind.ISSUE, "eyes")
        at.github.fail_next("POST", "/reactions", 500)
        await at.hub.react(said.id, CommentKind.ISSUE, "+1")
        await at.hub.react(said.id, CommentKind.REVIEW, "+1")
        await at.hub.react(said.id, CommentKind.ISSUE, "no such reaction")
        assert said.reactions == [("migsafe[bot]", "eyes")]


@pytest.mark.parametrize(("left", "reactions"), [("1001", [("migsafe[bot]", "eyes")]), ("1000", [])])
async def test_the_last_requests_of_an_hour_are_not_spent_on_reactions(
    left: str, reactions: list[tuple[str, str]]
) -> None:
    async with scene() as at:
        said = at.github.comment(at.opened(), "/migsafe help")
        at.github.fail_next("GET", "/pulls", 200, headers={"X-RateLimit-Remaining": left}, body=[])
        await at.hub.open_pull_requests()
        await at.hub.react(said.id, CommentKind.ISSUE, "eyes")
        assert said.reactions == reactions


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("db/`x` ](http://evil) @everyone.sql", "``db/`x` ](http://evil) @everyone.sql``"),
        ("db/<!-- migsafe:f1 -->.sql", "`db/< !-- migsafe:f1 -->.sql`"),
        ("db/\u202elqs.1\u2066\x1b[31m\x9b.sql", "`db/\ufffdlqs.1\ufffd\ufffd[31m\ufffd.sql`"),
    ],
    ids=["backticks", "marker", "invisible"],
)
async def test_hostile_paths_do_not_leave_their_code_span(path: str, shown: str) -> None:
    async with scene() as at:
        pull = at.opened({path: "select 1;\n" * 3000})
        await _posted(at, pull, _comment(1, path=path))
        assert f"**{shown}, line 1**" in at.github.reviews_of(pull)[0].body


def test_the_suggestion_of_a_comment_that_moved_is_only_code() -> None:
    body = "Do this:\n````suggestion\nselect 1;\n````"
    assert reviews._plain(body) == "Do this:\n````\nselect 1;\n````"
