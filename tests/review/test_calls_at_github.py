"""How many requests to GitHub a job takes. Whoever reads more of the base branch, or asks twice, sees it here.

`python -m tests.benchmarks.calls` has the table with times, which MEASUREMENTS holds.
"""

import pytest

from bot.review.job import CommentKind, Job, JobKind
from bot.standins.github.model import Pull
from tests.support.turns import Turns, turns

pytestmark = pytest.mark.anyio

SAFE = "-- migrate:up\nSET LOCAL lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN note{} text;\n\n-- migrate:down\n"
UNSAFE = "-- migrate:up\nALTER TABLE orders ALTER COLUMN c{} TYPE bigint;\n\n-- migrate:down\n"


def files(template: str, count: int) -> dict[str, str]:
    return {f"db/migrations/{100 + number}_x.sql": template.format(number) for number in range(count)}


async def calls(told: Turns, job: Job) -> list[str]:
    """The requests that the job takes, announced and performed, without those for tokens."""
    before = len(told.at.github.requests)
    await told.whole(job, age=1.0)
    made = told.at.github.requests[before:]
    return [f"{seen.method} {seen.path}" for seen in made if not seen.path.endswith("/access_tokens")]


async def opened(told: Turns, changed: dict[str, str]) -> tuple[Pull, list[str]]:
    pull = told.at.opened(changed)
    return pull, await calls(told, told.push(pull))


async def warm(told: Turns) -> None:
    """After a review of the same base: its configuration, and what lies beside migrations, are known."""
    await opened(told, {"db/migrations/1_x.sql": SAFE.format("_first")})


async def said(told: Turns, pull: Pull, words: str) -> list[str]:
    comment = told.at.github.comment(pull, words, "dev")
    about = {"number": pull.number, "comment": comment.id, "comment_kind": CommentKind.ISSUE}
    return await calls(told, told.job(JobKind.COMMAND, **about))


async def test_the_first_pull_request_asks_once_for_each_configuration_too() -> None:
    async with turns() as told:
        _, made = await opened(told, {"app.py": "x = 1\n"})
        assert len(made) == 7, "\n".join(made)
    async with turns() as told:
        _, made = await opened(told, files(SAFE, 1))
        assert len(made) == 8, "\n".join(made)


async def test_another_base_of_a_repository_takes_one_call_more() -> None:
    async with turns() as told:
        await warm(told)
        told.at.github.commit(told.at.repository, "main", {"app.py": "y = 2\n"})
        _, made = await opened(told, {"lib.py": "x = 1\n"})
        assert len(made) == 6, "\n".join(made)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"app.py": "x = 1\n"}, 5),
        (files(SAFE, 1), 6),
        (files(UNSAFE, 1), 10),
        (files(UNSAFE, 10), 19),
        (files(UNSAFE, 100), 109),
    ],
    ids=["no migration", "a safe file", "an unsafe file", "ten files", "a hundred"],
)
async def test_a_review_takes_few_calls_once_the_base_is_known(changed: dict[str, str], expected: int) -> None:
    async with turns() as told:
        await warm(told)
        _, made = await opened(told, changed)
        assert len(made) == expected, "\n".join(made)


async def test_a_second_push_fetches_only_what_it_changed() -> None:
    async with turns() as told:
        await warm(told)
        pull, _ = await opened(told, files(UNSAFE, 100))
        told.at.github.push(pull, {"db/migrations/100_x.sql": UNSAFE.format("_other")})
        made = await calls(told, told.push(pull))
        assert len([call for call in made if "/git/blobs/" in call]) == 1
        assert len(made) <= 25, "\n".join(made)


async def test_commands_take_few_calls() -> None:
    async with turns() as told:
        await warm(told)
        pull, _ = await opened(told, files(UNSAFE, 1))
        explained = await said(told, pull, "/migsafe explain")
        allowed = await said(told, pull, "/migsafe allow column-type-rewrite nobody writes to it")
        assert len(explained) <= 8, "\n".join(explained)
        assert len(allowed) <= 18, "\n".join(allowed)
