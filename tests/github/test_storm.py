"""A job that is tried until GitHub has let it through leaves one check, one review, one answer, whatever was lost."""

import random
from collections.abc import Awaitable, Callable

import pytest

from bot.github.errors import Transient
from bot.report.shapes import MARKER, Annotation, CheckOutput, Conclusion, InlineComment, Review
from bot.standins.github.model import Pull
from tests.support.at_github import Scene, scene
from tests.support.kinds import seeds

pytestmark = pytest.mark.anyio

PLACES = [
    ("GET", "/check-runs"),
    ("POST", "/check-runs"),
    ("PATCH", "/check-runs"),
    ("GET", "/files"),
    ("GET", "/reviews"),
    ("POST", "/reviews"),
    ("GET", "/comments"),
    ("POST", "/issues/1/comments"),
    ("POST", "/access_tokens"),
]
PATH = "db/migrations/1_events.sql"
COMMENTS = tuple(InlineComment(PATH, line, line, f"Unsafe. {MARKER.format(f'f{line}')}", f"f{line}") for line in (3, 5))
NOTES = tuple(Annotation(PATH, line, line, "notice", "", "note") for line in range(1, 71))


@pytest.mark.parametrize("seed", seeds(12))
async def test_nothing_is_posted_twice_after_a_storm(seed: int) -> None:
    chance = random.Random(seed)
    async with scene() as at:
        pull = at.opened()
        for _ in range(14):
            method, where = chance.choice(PLACES)
            status, after = chance.choice([500, 502, 503]), method != "GET" and chance.random() < 0.5
            at.github.fail_next(method, where, status, after_effect=after)
        check = await _until_done(lambda: at.hub.start_check(pull.head_sha, "pr:1"))
        await _until_done(lambda: _reviewed(at, pull))
        await _until_done(lambda: at.hub.reply(1, "Because.", to_comment=None, marker="c:1"))
        output = CheckOutput(Conclusion.FAILURE, "Blocked", "Summary", annotations=NOTES)
        await _until_done(lambda: at.hub.conclude_head(pull.head_sha, "pr:1", output, check))
        assert [(run.id, run.conclusion) for run in at.github.check_runs_of(pull.head_sha)] == [(check, "failure")]
        lines = [note["start_line"] for note in at.github.check_runs[0].annotations]
        assert len(lines) == len(set(lines))
        assert len(at.github.reviews_of(pull)) == 1
        assert [comment.line for comment in at.github.review_comments_of(pull)] == [3, 5]
        assert len(at.github.comments_of(pull)) == 1


async def _reviewed(at: Scene, pull: Pull) -> None:
    """Does it as the App does: what is posted already is not posted again."""
    standing = {comment.fingerprint for comment in await at.hub.posted_comments(pull.number)}
    new = tuple(comment for comment in COMMENTS if comment.fingerprint not in standing)
    if new:
        await at.hub.post_review(await at.hub.pull_request(pull.number), Review("Two.", new))


async def _until_done(work: Callable[[], Awaitable[int | None]]) -> int:
    for _ in range(20):
        try:
            return await work() or 0
        except Transient:
            continue
    pytest.fail("never let through")
