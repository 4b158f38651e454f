"""A file that hits a limit is said, hides no other, and is not read again for the same text."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

import pytest
from typing_extensions import override

from bot.review.deploy import DeployFiles
from bot.review.errors import TimedOut
from bot.review.job import JobKind
from bot.review.pull_request import review_pull_request
from bot.standins.github.model import Pull
from tests.support.reviewing import Here, Reviewing, reviewing

pytestmark = pytest.mark.anyio

Argument = TypeVar("Argument")
Result = TypeVar("Result")

DANGER = "-- migrate:up\nALTER TABLE users ALTER COLUMN email SET NOT NULL;\n-- migrate:down\n"
BOMB = f"-- migrate:up\n-- bomb {'x' * 5_000}\nDROP TABLE old;\n-- migrate:down\n"
FILES = {"db/migrations/20260101000000_a.sql": DANGER, "db/migrations/20260101000001_b.sql": BOMB}


@dataclass
class Limited(Here):
    """Reading a bomb takes too long."""

    hit: dict[str, str] = field(default_factory=dict)
    bombs: int = 0
    again: bool = False

    @override
    async def __call__(self, function: Callable[[Argument], Result], argument: Argument) -> Result:
        if isinstance(argument, DeployFiles) and any("bomb" in file.text for file in argument.files):
            self.bombs += 1
            raise TimedOut("reading these files took longer than 60 s")
        return await super().__call__(function, argument)

    @override
    def limit_hit(self, blob: str) -> str | None:
        return None if self.again else self.hit.get(blob)

    @override
    def remember_limit(self, blob: str, reason: str) -> None:
        self.hit[blob] = reason


async def reviewed(world: Reviewing, pull: Pull, limited: Limited) -> tuple[str | None, str]:
    context = replace(await world.context(), confine=limited)
    await review_pull_request(context, world.job(JobKind.PUSH, number=pull.number, head_sha=pull.head_sha))
    run = world.at.github.check_runs_of(pull.head_sha)[-1]
    return run.conclusion, run.summary or ""


async def test_the_danger_beside_it_is_found_and_the_next_push_does_not_try_it_again() -> None:
    async with reviewing() as world:
        limited = Limited()
        pull = world.at.opened(FILES)
        conclusion, summary = await reviewed(world, pull, limited)
        assert conclusion == "failure"
        assert "b.sql` was not read: reading these files took longer than 60 s" in summary
        tried = limited.bombs
        world.at.github.push(pull, {**FILES, "db/migrations/20260101000002_c.sql": DANGER})
        _, summary = await reviewed(world, pull, limited)
        assert limited.bombs == tried
        assert "tried again tomorrow, or by a re-run of the check" in summary
        limited.again = True
        await reviewed(world, pull, limited)
        assert limited.bombs > tried
