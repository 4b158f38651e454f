"""A repository as the App sees it: its changes, its files, and people's permissions."""

import pytest

from bot.github.errors import Gone, MissingPermission, TooLarge
from bot.github.files import BLOB_LIMIT
from bot.review.hub import RepositoryInfo
from bot.review.job import CommentKind
from bot.standins.github import Link, Submodule
from tests.support.at_github import LINES, MIGRATION, scene

pytestmark = pytest.mark.anyio


async def test_a_pull_request_is_seen_with_its_merge_base() -> None:
    async with scene() as at:
        base = at.repository.branches["main"]
        pull = at.opened(author="mia", draft=True)
        at.github.commit(at.repository, "main", {"later.txt": "the base moved on"})
        seen = await at.hub.pull_request(pull.number)
        assert (seen.merge_base_sha, seen.head_sha, seen.base_ref) == (base, pull.head_sha, "main")
        assert (seen.author, seen.draft, seen.open, seen.changed_files) == ("mia", True, True, 1)
        assert seen.repository == RepositoryInfo(
            at.repository.id, "acme/shop", "acme", private=True, default_branch="main"
        )


@pytest.mark.parametrize("base", ["main", "release/1.0", "installation", "a#b", "100%"])
async def test_the_base_is_the_branch_as_it_is_now(base: str) -> None:
    async with scene() as at:
        at.github.commit(at.repository, base, {"begun.txt": "here"})
        left = at.repository.branches[base]
        pull = at.opened(base=base)
        tip = at.github.commit(at.repository, base, {".github/migsafe.yml": "mode: observe\n"})
        seen = await at.hub.pull_request(pull.number)
        assert (seen.base_ref, seen.base_sha, seen.merge_base_sha) == (base, tip, left)


async def test_a_base_branch_that_is_gone_is_read_as_it_last_was() -> None:
    async with scene() as at:
        pull = at.opened(base="main")
        at.github.fail_next("GET", "/compare/main...", 404, body={"message": "Not Found"})
        seen = await at.hub.pull_request(pull.number)
        assert seen.base_sha == seen.merge_base_sha == pull.base_sha


async def test_the_head_of_a_fork_is_read_through_the_base_repository() -> None:
    async with scene() as at:
        pull = await at.hub.pull_request(at.opened(fork=True, author="stranger").number)
        [file] = await at.hub.changed_files(pull)
        assert file.path == MIGRATION
        assert await at.hub.blob(file.sha or "") == LINES.encode()


async def test_a_pull_request_that_is_not_there_is_gone() -> None:
    async with scene() as at:
        with pytest.raises(Gone):
            await at.hub.pull_request(99)


async def test_files_that_are_renamed_removed_and_changed_are_distinguished() -> None:
    before = {"a.sql": LINES, "b.sql": "drop table b;\n", "c.sql": "select 1;\n"}
    async with scene(files=before) as at:
        pull = at.opened({"a.sql": None, "new/a.sql": LINES, "b.sql": None, "c.sql": "select 2;\n"})
        changed = await at.hub.changed_files(await at.hub.pull_request(pull.number))
        assert [(file.path, file.status) for file in changed] == [
            ("b.sql", "removed"),
            ("c.sql", "modified"),
            ("new/a.sql", "renamed"),
        ]


async def test_a_submodule_is_a_change_without_content() -> None:
    async with scene(files={"old.sql": Submodule("2" * 40)}) as at:
        pull = at.opened(
            {"new.sql": Submodule("1" * 40), "old.sql": Submodule("3" * 40), "text.sql": "Subproject commit"}
        )
        changed = await at.hub.changed_files(await at.hub.pull_request(pull.number))
        assert [(file.path, file.sha is None) for file in changed] == [
            ("new.sql", True),
            ("old.sql", True),
            ("text.sql", False),
        ]


async def test_three_hundred_files_come_in_pages() -> None:
    async with scene() as at:
        pull = at.opened({f"db/{number:03}.sql": f"select {number};\n" for number in range(300)})
        changed = await at.hub.changed_files(await at.hub.pull_request(pull.number))
        assert len(changed) == 300
        assert sum(seen.path.endswith("/files") for seen in at.github.requests) == 3


async def test_beyond_three_thousand_files_the_trees_are_compared() -> None:
    async with scene(files={"gone.sql": "select 0;\n", "kept.sql": "select 1;\n"}) as at:
        files = {f"db/{number:04}.sql": f"select {number};\n" for number in range(3100)}
        pull = await at.hub.pull_request(at.opened({**files, "gone.sql": None}).number)
        changed = await at.hub.changed_files(pull)
        assert len(changed) == 3101
        assert {file.status for file in changed} == {"added", "removed"}
        assert await at.hub.blob(changed[0].sha or "") == b"select 0;\n"


async def test_a_merge_group_is_compared_with_its_base() -> None:
    async with scene() as at:
        pulls = [at.opened({"db/1.sql": "select 1;\n"}), at.opened({"db/2.sql": "select 2;\n"})]
        base, head = at.github.merge_group(at.repository, pulls)
        assert [file.path for file in await at.hub.compare(base, head)] == ["db/1.sql", "db/2.sql"]


async def test_a_merge_group_of_many_files_is_compared_whole() -> None:
    async with scene() as at:
        pull = at.opened({f"db/{number:03}.sql": f"select {number};\n" for number in range(350)})
        base, head = at.github.merge_group(at.repository, [pull])
        assert len(await at.hub.compare(base, head)) == 350


async def test_a_tree_holds_files_only_no_links_and_no_submodules() -> None:
    files = {"a/b/c.sql": "select 1;\n", "link.sql": Link("a/b/c.sql"), "vendor": Submodule("1" * 40)}
    async with scene(files=files) as at:
        entries = await at.hub.tree(at.repository.branches["main"])
        assert [(entry.path, entry.size) for entry in entries] == [("a/b/c.sql", 10)]


async def test_a_tree_that_github_truncates_is_read_folder_by_folder() -> None:
    files = {f"{folder}/{part}/{number}.sql": "select 1;\n" for folder in "abc" for part in "xy" for number in range(9)}
    async with scene(files=files) as at:
        at.github.tree_limit = 12
        entries = await at.hub.tree(at.repository.branches["main"])
        assert [entry.path for entry in entries] == sorted(files)


@pytest.mark.parametrize(
    "path",
    ["plain.yml", "a b.yml", "a#b.yml", "a?b.yml", "100%.yml", "café.yml", "applications/x/tokens.sql", "installation"],
)
async def test_a_file_is_found_whatever_its_name(path: str) -> None:
    async with scene(files={path: "content", "a": "wrong"}) as at:
        assert await at.hub.file(path, at.repository.branches["main"]) == b"content"


async def test_a_file_is_read_at_a_commit_and_none_is_none() -> None:
    async with scene(files={".github/migsafe.yml": "enabled: true\n"}) as at:
        first = at.repository.branches["main"]
        at.github.commit(at.repository, "main", {".github/migsafe.yml": None})
        assert await at.hub.file(".github/migsafe.yml", first) == b"enabled: true\n"
        assert await at.hub.file(".github/migsafe.yml", at.repository.branches["main"]) is None
        assert await at.hub.file(".github", first) is None


async def test_content_is_bytes_whatever_they_are() -> None:
    content = bytes(range(256)) * 4
    async with scene() as at:
        pull = await at.hub.pull_request(at.opened({"odd.sql": content}).number)
        [file] = await at.hub.changed_files(pull)
        assert await at.hub.blob(file.sha or "") == content
        assert file.patch is None


@pytest.mark.parametrize(
    ("wrapped", "content"),
    [
        ({"encoding": "base64", "content": "c2VsZWN0\nIDE7"}, b"select 1;"),
        ({"encoding": "utf-8", "content": "select 1;"}, b"select 1;"),
    ],
    ids=["base64", "text"],
)
async def test_content_that_comes_wrapped_is_unwrapped(wrapped: dict[str, str], content: bytes) -> None:
    async with scene() as at:
        at.github.fail_next("GET", "/git/blobs/", 200, body=wrapped)
        assert await at.hub.blob("1" * 40) == content
        at.github.fail_next("GET", "/contents/", 200, body=wrapped)
        assert await at.hub.file("a.sql", "main") == content


async def test_a_file_above_the_limit_is_refused_and_not_loaded() -> None:
    async with scene() as at:
        sha = at.github.objects.blob(b"x" * (BLOB_LIMIT + 1))
        with pytest.raises(TooLarge):
            await at.hub.blob(sha)


@pytest.mark.parametrize(
    ("private", "installed", "expected"),
    [(False, False, b"mode: observe\n"), (True, True, b"mode: observe\n"), (True, False, None)],
    ids=["public", "private, installed", "private, not installed"],
)
async def test_the_organisations_file_is_read_where_it_can_be_seen(
    *, private: bool, installed: bool, expected: bytes | None
) -> None:
    async with scene() as at:
        files = {".github/migsafe.yml": "mode: observe\n"}
        at.github.add_repository("acme/.github", private=private, files=files, installed=installed)
        assert await at.hub.organisation_file(".github/migsafe.yml") == expected


async def test_an_organisation_without_a_shared_repository_is_not_asked_for_it_every_time() -> None:
    async with scene() as at:
        for _ in range(3):
            assert await at.hub.organisation_file(".github/migsafe.yml") is None
        assert [seen.status for seen in at.github.requests].count(422) == 1


@pytest.mark.parametrize(
    ("role", "level"),
    [
        ("admin", "admin"),
        ("maintain", "maintain"),
        ("write", "write"),
        ("triage", "read"),
        ("read", "read"),
        ("release-manager:write", "write"),
        ("release-manager:maintain", "maintain"),
        ("none", "none"),
    ],
)
async def test_permission_is_what_the_role_inherits(role: str, level: str) -> None:
    async with scene() as at:
        at.github.add_collaborator(at.repository, "mia", role)
        assert await at.hub.permission("mia") == level


async def test_nobody_has_no_permission() -> None:
    async with scene() as at:
        assert await at.hub.permission("no/such#user") == "none"


async def test_open_pull_requests_are_listed_and_closed_ones_not() -> None:
    async with scene() as at:
        first, second = at.opened(), at.opened()
        first.state = "closed"
        assert [pull.number for pull in await at.hub.open_pull_requests()] == [second.number]


async def test_a_repository_that_was_renamed_is_found_by_its_old_name() -> None:
    async with scene() as at:
        pull = at.opened()
        at.github.rename(at.repository, "store")
        assert (await at.hub.pull_request(pull.number)).repository.full_name == "acme/store"
        await at.hub.reply(pull.number, "Found you.", to_comment=None, marker="1")
        assert len(at.github.comments_of(pull)) == 1


async def test_the_token_can_see_nothing_else() -> None:
    async with scene() as at:
        at.opened()
        other = at.github.add_repository("acme/secrets")
        await at.hub.pull_request(1)
        minted = [token for token in at.github.tokens.values() if at.repository.id in token.repositories]
        assert [set(token.repositories) for token in minted] == [{at.repository.id}]
        assert "merge_queues" not in minted[0].permissions
        assert other.id not in minted[0].repositories


async def test_a_missing_permission_is_named() -> None:
    async with scene(permissions={"metadata": "read", "contents": "read", "pull_requests": "write"}) as at:
        pull = at.opened()
        assert (await at.hub.pull_request(pull.number)).number == pull.number
        with pytest.raises(MissingPermission) as caught:
            await at.hub.start_check(pull.head_sha, "x")
        assert caught.value.permission == "checks=write"


async def test_a_comment_is_read_again_with_its_thread() -> None:
    async with scene() as at:
        pull = at.opened(author="mia")
        comment = at.github.comment(pull, "/migsafe help", "mia")
        review = at.github.review(pull, "/migsafe plan", "mia")
        found = await at.hub.comment(comment.id, CommentKind.ISSUE)
        assert found is not None
        assert (found.author, found.author_is_bot, found.body) == ("mia", False, "/migsafe help")
        again = await at.hub.comment(review.id, CommentKind.REVIEW, pull.number)
        assert again is not None
        assert again.body == "/migsafe plan"
        at.github.issue_comments.remove(comment)
        assert await at.hub.comment(comment.id, CommentKind.ISSUE) is None
