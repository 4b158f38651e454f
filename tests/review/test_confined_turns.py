"""The children are shared fairly: between installations, between small files and large, between jobs and strangers."""

import asyncio
import time

import pytest

from bot.review.confined import Confinement
from bot.review.confined_turns import Turns
from bot.review.errors import TimedOut
from tests.review.test_confined import double, run, sleep


def test_an_installation_with_big_files_does_not_keep_another_waiting() -> None:
    async def story(confine: Confinement) -> None:
        greedy = [confine.share(1) for _ in range(6)]
        waiting = [asyncio.create_task(share(sleep, 1.5)) for share in greedy]
        await asyncio.sleep(0.2)
        begun = time.monotonic()
        assert await confine.share(2)(double, 4) == 8
        assert not any(task.done() for task in waiting)
        assert time.monotonic() - begun < 60
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    run(story)


async def order_of(turns: Turns, wanted: list[tuple[int, int]], holding: list[int]) -> list[tuple[int, int]]:
    """The order in which these (installation, size) get a turn, when these installations hold them all at first."""
    got: list[tuple[int, int]] = []
    release = asyncio.Event()

    async def hold(installation: int) -> None:
        async with turns.turn(installation, 1):
            await release.wait()

    async def take(installation: int, size: int) -> None:
        async with turns.turn(installation, size):
            got.append((installation, size))
            await asyncio.sleep(0)

    holders = [asyncio.create_task(hold(installation)) for installation in holding]
    await asyncio.sleep(0)
    takers = [asyncio.create_task(take(*one)) for one in wanted]
    await asyncio.sleep(0)
    release.set()
    await asyncio.gather(*holders, *takers)
    return got


def test_small_files_come_before_large_ones() -> None:
    assert asyncio.run(order_of(Turns(1), [(2, 9_000), (3, 10), (4, 500)], [1])) == [(3, 10), (4, 500), (2, 9_000)]


def test_an_installation_gets_no_second_turn_while_another_waits() -> None:
    async def story() -> None:
        turns, release, running = Turns(2), asyncio.Event(), list[int]()

        async def hold(installation: int) -> None:
            async with turns.turn(installation, installation):
                running.append(installation)
                await release.wait()

        tasks = [asyncio.create_task(hold(installation)) for installation in (1, 1, 1, 2, 3)]
        await asyncio.sleep(0.01)
        assert sorted(running) == [1, 1, 2]
        release.set()
        await asyncio.gather(*tasks)
        assert sorted(running) == [1, 1, 1, 2, 3]

    asyncio.run(story())


SMALL, LARGE = 10_000, 1_000_000


async def running_of(turns: Turns, asked: list[tuple[int, int]], *, then: float = 0.01) -> list[int]:
    """The installations that have a turn, some seconds after these (installation, size) asked in this order."""
    running = list[int]()

    async def hold(installation: int, size: int) -> None:
        async with turns.turn(installation, size):
            running.append(installation)
            await asyncio.Event().wait()

    tasks = [asyncio.create_task(hold(*one)) for one in asked]
    await asyncio.sleep(then)
    for task in tasks:
        task.cancel()
    before = list(running)
    await asyncio.gather(*tasks, return_exceptions=True)
    return before


@pytest.mark.parametrize("children", [1, 2, 4])
def test_as_many_greedy_installations_as_children_do_not_keep_a_small_file_waiting(children: int) -> None:
    greedy = [(number, LARGE) for number in range(children)]
    asked = [*greedy, *greedy, (98, LARGE), (99, SMALL)]
    assert asyncio.run(running_of(Turns(children), asked)) == [*range(children), 99]


def test_one_greedy_installation_keeps_neither_a_large_file_of_another_nor_a_small_one_waiting() -> None:
    asked = [(1, LARGE), (1, LARGE), (1, LARGE), (2, LARGE), (2, SMALL), (3, SMALL)]
    assert asyncio.run(running_of(Turns(2), asked)) == [1, 1, 2, 3]


def test_small_files_wait_for_each_other() -> None:
    assert asyncio.run(running_of(Turns(2), [(number, SMALL) for number in range(9)])) == [0, 1]


def test_a_small_file_that_takes_long_keeps_no_other_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.review.confined_turns._LONG", 0.02)
    assert asyncio.run(running_of(Turns(2), [(1, SMALL), (2, SMALL), (3, SMALL)], then=0.3)) == [1, 2, 3]


def test_whoever_stops_waiting_takes_no_turn_with_him() -> None:
    async def story() -> None:
        turns = Turns(1)
        async with turns.turn(1, 1):
            gone = asyncio.create_task(asyncio.wait_for(_taken(turns), 0.01))
            await asyncio.gather(gone, return_exceptions=True)
        await asyncio.wait_for(_taken(turns), 1)

    async def _taken(turns: Turns) -> None:
        async with turns.turn(2, 1):
            pass

    asyncio.run(story())


def test_a_job_has_so_much_time_for_all_its_calls() -> None:
    async def story(confine: Confinement) -> None:
        confine.seconds = 0.3
        share = confine.share(1)
        for _ in range(3):
            with pytest.raises(TimedOut, match="longer than"):
                await share(sleep, 30.0)
        with pytest.raises(TimedOut, match="try after try"):
            await share(double, 1)
        assert await confine.share(1)(double, 1) == 2

    run(story)


def test_who_may_only_comment_has_seconds() -> None:
    confinement = Confinement()
    assert confinement.share(1, trusted=False).seconds == 5.0
    assert confinement.share(1).seconds == 60.0


def test_a_file_that_hit_a_limit_is_known_until_somebody_asks_again() -> None:
    confinement = Confinement()
    confinement.share(1).remember_limit("abc", "it took too long")
    assert confinement.share(2).limit_hit("abc") == "it took too long"
    assert confinement.share(2, again=True).limit_hit("abc") is None
    assert confinement.share(2).limit_hit("abd") is None


def test_only_so_many_files_are_remembered() -> None:
    confinement = Confinement()
    for number in range(10_050):
        confinement.remember_limit(str(number), "it took too long")
    assert confinement.limit_hit("0") is None
    assert confinement.limit_hit("10049") == "it took too long"
