"""What is remembered of GitHub's answers: what cannot change, for whom, and how much of it."""

import asyncio

import pytest

from bot.github.errors import Gone
from bot.github.hub import RepositoryHub
from bot.github.kept import Kept
from bot.standins.github import Link
from tests.support.at_github import LINES, Scene, scene

pytestmark = pytest.mark.anyio


async def _later_job(at: Scene) -> RepositoryHub:
    return await at.app.installation(at.installation, at.repository.id, "acme/shop")


async def test_a_later_job_reads_a_file_that_is_known_without_github() -> None:
    async with scene() as at:
        sha = at.github.objects.blob(LINES.encode())
        assert await at.hub.blob(sha) == LINES.encode()
        at.github.down = True
        assert await (await _later_job(at)).blob(sha) == LINES.encode()


async def test_a_later_job_knows_the_files_of_a_commit() -> None:
    async with scene(files={"a.sql": LINES}) as at:
        tip = at.repository.branches["main"]
        tree = await at.hub.tree(tip)
        assert (await at.hub.file("a.sql", tip), await at.hub.file("b.sql", tip)) == (LINES.encode(), None)
        at.github.down = True
        later = await _later_job(at)
        assert await later.tree(tip) == tree
        assert (await later.file("a.sql", tip), await later.file("b.sql", tip)) == (LINES.encode(), None)


async def test_a_branch_is_read_as_it_is_now() -> None:
    async with scene(files={"a.sql": LINES}) as at:
        assert await at.hub.file("a.sql", "main") == LINES.encode()
        at.github.commit(at.repository, "main", {"a.sql": "select 1;\n"})
        assert await at.hub.file("a.sql", "main") == b"select 1;\n"


async def test_a_file_known_in_one_repository_is_unknown_in_another() -> None:
    async with scene() as at:
        sha = at.github.objects.blob(LINES.encode())
        await at.hub.blob(sha)
        other = at.github.add_repository("acme/other")
        hub = await at.app.installation(at.installation, other.id, "acme/other")
        at.github.fail_next("GET", f"acme/other/git/blobs/{sha}", 404, body={"message": "Not Found"})
        with pytest.raises(Gone):
            await hub.blob(sha)


async def test_a_commit_that_github_does_not_know_yet_is_not_taken_for_one_without_configuration() -> None:
    async with scene() as at:
        at.github.fail_next("GET", "/contents/", 404, body={"message": "No commit found for the ref " + "a" * 40})
        with pytest.raises(Gone):
            await at.hub.file(".github/migsafe.yml", "a" * 40)


async def test_what_was_used_longest_ago_is_forgotten_first() -> None:
    kept = Kept(limit=4_000)

    async def get(name: str, content: bytes) -> bytes:
        async def ask() -> bytes:
            return content

        return await kept.get((1, name), ask, len)

    for name in "abc":
        await get(name, b"1" * 600)
    await get("a", b"")
    for name in "defg":
        await get(name, b"1" * 600)
    assert kept.bytes <= 4_000
    assert await get("g", b"2") == b"1" * 600
    assert await get("b", b"2") == b"2"


async def test_what_is_too_large_to_keep_is_asked_for_again() -> None:
    kept = Kept(limit=4_000)
    for size in (2_000, 3_000):

        async def ask(size: int = size) -> bytes:
            return b"1" * size

        assert len(await kept.get((1, "large"), ask, len)) == size
    assert kept.bytes == 0


async def test_a_job_that_waits_for_anothers_question_asks_itself_when_that_job_ends() -> None:
    kept = Kept()
    asked = asyncio.Event()

    async def never() -> bytes:
        asked.set()
        await asyncio.Event().wait()
        return b""

    async def answer() -> bytes:
        return b"content"

    first = asyncio.create_task(kept.get((1, "a"), never, len))
    await asked.wait()
    second = asyncio.create_task(kept.get((1, "a"), answer, len))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == b"content"


async def test_two_jobs_that_ask_together_both_learn_that_github_refuses() -> None:
    async with scene() as at:
        at.github.fail_next("GET", "/git/blobs/", 404, body={"message": "Not Found"})
        answers = await asyncio.gather(at.hub.blob("a" * 40), at.hub.blob("a" * 40), return_exceptions=True)
        assert [type(answer) for answer in answers] == [Gone, Gone]


async def test_which_files_a_commit_has_is_asked_once_and_a_link_is_followed() -> None:
    files = {".github/migsafe.yml": Link("../shared.yml"), "shared.yml": "mode: observe\n", "a.sql": LINES}
    async with scene(files=files) as at:
        sha = at.repository.branches["main"]
        await at.hub.pull_request(at.opened().number)
        assert await at.hub.file("a.sql", sha) == LINES.encode()
        assert await at.hub.file(".migsafe.yml", sha) is None
        assert [seen.path for seen in at.github.requests if "/contents/" in seen.path] == []
        await at.hub.file(".github/migsafe.yml", sha)
        assert [seen.path for seen in at.github.requests if "/contents/" in seen.path] != []
        assert ".github/migsafe.yml" not in {entry.path for entry in await at.hub.tree(sha)}


async def test_a_tree_that_is_not_shown_hides_no_configuration() -> None:
    async with scene(files={".migsafe.yml": "mode: observe\n"}) as at:
        at.github.fail_next("GET", "/git/trees/", 404, body={"message": "Not Found"})
        sha = at.repository.branches["main"]
        assert await at.hub.file(".migsafe.yml", sha) == b"mode: observe\n"
