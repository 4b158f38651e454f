"""What is remembered of the commits on which a check was started."""

from dataclasses import replace

from bot.review.remembered import WatchedHead
from bot.server.state.heads import HeadTable
from tests.support.states import stories_on

HEAD = WatchedHead(7, 42, "acme/shop", "a" * 40, 1_800_000_000.25)
GROUP = replace(HEAD, head_sha="b" * 40, base_sha="c" * 40, head_ref="refs/heads/gh-readonly-queue/main/pr-5-c")
LATER = HEAD.touched_at + 100


run = stories_on(HeadTable)


def test_a_head_is_watched_after_a_restart_until_it_has_ended_well(url: str) -> None:
    async def note(heads: HeadTable) -> None:
        await heads.watch(HEAD)
        await heads.watch(GROUP)

    async def look(heads: HeadTable) -> None:
        assert await heads.unsettled(7, LATER, 10) == [HEAD, GROUP]
        assert await heads.unsettled(8, LATER, 10) == []
        assert await heads.unsettled(7, HEAD.touched_at, 10) == []
        await heads.settle([HEAD])
        assert await heads.unsettled(7, LATER, 10) == [GROUP]
        assert await heads.known(42, [HEAD.head_sha, "d" * 40]) == {HEAD.head_sha: replace(HEAD, settled=True)}

    run(url, note, look)


def test_a_head_that_was_touched_while_it_was_looked_at_stays_watched(url: str) -> None:
    async def story(heads: HeadTable) -> None:
        await heads.watch(HEAD)
        await heads.watch(again := replace(HEAD, touched_at=HEAD.touched_at + 1))
        await heads.settle([HEAD])
        assert await heads.unsettled(7, LATER, 10) == [again]

    run(url, story)


def test_tries_are_counted_until_there_is_a_verdict(url: str) -> None:
    async def story(heads: HeadTable) -> None:
        await heads.tried(HEAD, 5.0)
        await heads.tried(HEAD, 6.0)
        await heads.watch(HEAD)
        assert await heads.unsettled(7, LATER, 10) == [replace(HEAD, tries=2, tried_at=6.0)]
        await heads.settle([HEAD])
        await heads.watch(HEAD)
        assert await heads.unsettled(7, LATER, 10) == [HEAD]

    run(url, story)


def test_only_what_ended_well_long_ago_is_forgotten_by_itself(url: str) -> None:
    async def story(heads: HeadTable) -> None:
        await heads.watch(HEAD)
        await heads.watch(GROUP)
        await heads.settle([HEAD])
        await heads.forget(before=HEAD.touched_at)
        assert set(await heads.known(42, [HEAD.head_sha, GROUP.head_sha])) == {HEAD.head_sha, GROUP.head_sha}
        await heads.forget(before=LATER)
        assert set(await heads.known(42, [HEAD.head_sha, GROUP.head_sha])) == {GROUP.head_sha}
        await heads.forget([GROUP])
        assert await heads.known(42, [GROUP.head_sha]) == {}

    run(url, story)


def test_a_mark_is_kept(url: str) -> None:
    async def story(heads: HeadTable) -> None:
        assert await heads.mark("installations") == ""
        await heads.set_mark("installations", "7")
        await heads.set_mark("installations", "8")
        assert await heads.mark("installations") == "8"

    run(url, story)
