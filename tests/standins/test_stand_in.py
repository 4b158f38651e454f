"""The stand-in is as strict as GitHub: what it refuses, with which messages, and what it accepts on purpose."""

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.standins.github import webhooks
from bot.standins.github.git import Objects, hunks, patch
from bot.standins.github.model import Json, Pull
from tests.support.at_github import LINES, MIGRATION, called, scene
from tests.support.kinds import examples

pytestmark = pytest.mark.anyio


TEXTS = st.lists(st.sampled_from(["a", "b", "c", "", "\r", "x y"]), max_size=30).map("\n".join)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"issuer": 1}, "'Issuer' claim"),
        ({"issued": 60}, "'Issued at' claim"),
        ({"issued": -900, "life": 600}, "'Expiration time' claim"),
        ({"life": 900}, "too far in the future"),
    ],
    ids=["issuer", "issued in the future", "expired", "too long"],
)
async def test_a_wrong_app_token_is_refused_with_its_reason(wrong: dict[str, Any], words: str) -> None:
    async with called() as at:
        answer = await at.http.get("/app", headers=at.jwt(**wrong))
        assert answer.status_code == 401
        assert words in answer.json()["message"]


async def test_an_app_token_signed_by_another_key_is_refused() -> None:
    async with called() as at:
        forged = jwt.encode({"iss": str(at.github.app_id), "iat": 1, "exp": 2}, "x" * 32, algorithm="HS256")
        answer = await at.http.get("/app", headers={"Authorization": f"Bearer {forged}"})
        assert (answer.status_code, answer.json()["message"]) == (401, "A JSON web token could not be decoded")


async def test_without_a_token_nothing_is_shown() -> None:
    async with called() as at:
        assert (await at.http.get("/repos/acme/shop")).status_code == 401


async def test_a_token_expires_after_an_hour() -> None:
    async with called() as at:
        token = (await at.mint()).json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        assert (await at.http.get("/repos/acme/shop", headers=headers)).status_code == 200
        at.github.advance(3601)
        assert (await at.http.get("/repos/acme/shop", headers=headers)).json()["message"] == "Bad credentials"


async def test_requests_are_counted_for_each_installation_and_hour() -> None:
    async with called() as at:
        remaining = "x-ratelimit-remaining"
        token = (await at.mint()).json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        left = [int((await at.http.get("/repos/acme/shop", headers=headers)).headers[remaining]) for _ in range(3)]
        assert left == [4999, 4998, 4997]
        assert int((await at.http.get("/app", headers=at.jwt())).headers[remaining]) > 4990
        at.github.advance(3601)
        assert (await at.http.get("/repos/acme/shop", headers=headers)).headers[remaining] == "4999"


async def test_a_token_opens_only_the_repositories_it_was_created_for() -> None:
    async with called() as at:
        other, public = at.github.add_repository("acme/other"), at.github.add_repository("acme/open", private=False)
        token = (await at.mint(repository_ids=[at.repository.id])).json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        assert (await at.http.get(f"/repos/{other.full_name}", headers=headers)).status_code == 404
        assert (await at.http.get(f"/repos/{public.full_name}", headers=headers)).status_code == 200
        body = {"name": "x", "head_sha": public.branches["main"]}
        refused = await at.http.post(f"/repos/{public.full_name}/check-runs", headers=headers, json=body)
        assert refused.status_code == 403


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"repository_ids": [1]}, "not accessible to the parent installation"),
        ({"repositories": ["nothing"]}, "not accessible to the parent installation"),
        ({"permissions": {"contents": "write"}}, "not granted to this installation"),
    ],
    ids=["unknown id", "unknown name", "more than granted"],
)
async def test_a_token_for_more_than_there_is_is_not_created(body: Json, words: str) -> None:
    async with called() as at:
        answer = await at.mint(**body)
        assert answer.status_code == 422
        assert words in answer.json()["message"]


@pytest.mark.parametrize(
    ("method", "path", "body", "permission"),
    [
        ("GET", "/contents/db/old.sql", None, "contents"),
        ("GET", "/pulls/1", None, "pull_requests"),
        ("POST", "/check-runs", {"name": "x", "head_sha": "0" * 40}, "checks"),
        ("POST", "/pulls/1/reviews", {"body": "x", "event": "COMMENT"}, "pull_requests"),
        ("POST", "/issues/comments/1/reactions", {"content": "eyes"}, "pull_requests"),
    ],
)
async def test_what_a_token_has_no_permission_for_it_may_not_do(
    method: str, path: str, body: Json | None, permission: str
) -> None:
    async with called() as at:
        at.github.open_pull_request(at.repository, {MIGRATION: LINES})
        answer = await at.call(method, path, body, metadata="read")
        assert (answer.status_code, answer.json()["message"]) == (403, "Resource not accessible by integration")
        assert permission in answer.headers["x-accepted-github-permissions"]


def _at(line: int, **more: Any) -> Json:
    return {"path": MIGRATION, "line": line, "side": "RIGHT", "body": "Here.", **more}


@pytest.mark.parametrize(
    ("comment", "words"),
    [
        (_at(41), "Pull request review thread line must be part of the diff"),
        (_at(5, start_line=5), "Pull request review thread start line must precede the end line."),
        (_at(1, path="db/nothing.sql"), "Path could not be resolved"),
        (_at(1, path="db/large.sql"), "Pull request review thread diff hunk can't be blank"),
        (_at(1, path="db/old.sql"), "Pull request review thread line must be part of the diff"),
        (
            _at(35, path="db/old.sql", start_line=10),
            "Pull request review thread start line must be part of the same hunk as the line.",
        ),
        (_at(1, side="LEFT"), "Pull request review thread line must be part of the diff"),
        (_at(1, body="x" * 65_537), "Pull request review thread body is too long (maximum is 65536 characters)"),
    ],
)
async def test_one_invalid_comment_refuses_the_whole_review(comment: Json, words: str) -> None:
    async with called() as at:
        changed = LINES.replace("select 10;", "select 100;").replace("select 35;", "select 350;")
        files = {MIGRATION: LINES, "db/large.sql": "select 1;\n" * 2001, "db/old.sql": changed}
        pull = at.github.open_pull_request(at.repository, files)
        answer = await at.review(pull, _at(1), comment)
        assert (answer.status_code, answer.json()["message"]) == (422, "Unprocessable Entity")
        assert answer.json()["errors"] == [words]
        assert at.github.reviews_of(pull) == []
        assert at.github.review_comments_of(pull) == []


async def test_a_review_of_more_than_thirty_comments_answers_502_and_is_created() -> None:
    async with called() as at:
        pull = at.github.open_pull_request(at.repository, {MIGRATION: LINES})
        answer = await at.review(pull, *(_at(line) for line in range(1, 33)))
        assert answer.status_code == 502
        assert len(at.github.review_comments_of(pull)) == 32


async def test_a_forgotten_draft_blocks_a_review() -> None:
    async with called() as at:
        pull = at.github.open_pull_request(at.repository, {MIGRATION: LINES})
        await at.call("POST", "/pulls/1/reviews", {"body": "no event"})
        answer = await at.review(pull)
        assert answer.json()["errors"] == ["User can only have one pending review per pull request"]


async def test_a_posted_review_cannot_be_deleted() -> None:
    async with called() as at:
        pull = at.github.open_pull_request(at.repository, {MIGRATION: LINES})
        made = (await at.review(pull)).json()
        answer = await at.call("DELETE", f"/pulls/1/reviews/{made['id']}")
        assert answer.json()["message"] == "Can not delete a non-pending pull request review"


async def test_somebody_elses_comment_cannot_be_changed() -> None:
    async with called() as at:
        pull = at.github.open_pull_request(at.repository, {MIGRATION: LINES})
        said = at.github.comment(pull, "mine", "mia")
        answer = await at.call("PATCH", f"/issues/comments/{said.id}", {"body": "forged"})
        assert answer.status_code == 403


async def test_an_answer_to_an_answer_is_refused() -> None:
    async with called() as at:
        pull = at.github.open_pull_request(at.repository, {MIGRATION: LINES})
        await at.review(pull, _at(1))
        [first] = at.github.review_comments_of(pull)
        answer = at.github.reply(first, "and?", "mia")
        refused = await at.call("POST", f"/pulls/1/comments/{answer.id}/replies", {"body": "so"})
        assert refused.status_code == 422


_OUTPUT: Json = {"title": "T", "summary": "S"}
_NOTE: Json = {"path": "a", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "m"}
_BUTTON: Json = {"label": "L", "description": "D", "identifier": "I"}


@pytest.mark.parametrize(
    "body",
    [
        {"output": {**_OUTPUT, "summary": "x" * 65_536}},
        {"output": {**_OUTPUT, "text": "x" * 65_536}},
        {"output": {"title": "no summary"}},
        {"output": {**_OUTPUT, "annotations": [_NOTE] * 51}},
        {"output": {**_OUTPUT, "annotations": [{**_NOTE, "annotation_level": "fatal"}]}},
        {"output": {**_OUTPUT, "annotations": [{**_NOTE, "end_line": 2, "start_column": 1}]}},
        {"actions": [_BUTTON] * 4},
        {"actions": [{**_BUTTON, "label": "x" * 21}]},
        {"actions": [{**_BUTTON, "description": "x" * 41}]},
        {"actions": [{**_BUTTON, "identifier": "x" * 21}]},
        {"conclusion": "stale"},
        {"conclusion": "wonderful"},
        {"status": "completed"},
        {"status": "waiting"},
        {"head_sha": "0" * 40},
        {"unheard_of": 1},
    ],
    ids=lambda body: next(iter(body)),
)
async def test_a_check_beyond_githubs_limits_is_refused(body: Json) -> None:
    async with called() as at:
        full = {"name": "migsafe", "head_sha": at.repository.branches["main"], **body}
        assert (await at.call("POST", "/check-runs", full)).status_code == 422
        assert at.github.check_runs == []


async def test_a_check_on_a_fork_lists_no_pull_request() -> None:
    async with called() as at:
        own = at.github.open_pull_request(at.repository, {MIGRATION: LINES})
        fork = at.github.open_pull_request(at.repository, {MIGRATION: LINES}, fork=True, author="stranger")
        expected: list[tuple[Pull, list[int]]] = [(own, [own.number]), (fork, [])]
        for pull, listed in expected:
            answer = await at.call("POST", "/check-runs", {"name": "migsafe", "head_sha": pull.head_sha})
            assert [each["number"] for each in answer.json()["pull_requests"]] == listed


async def test_lists_come_in_pages_with_absolute_links() -> None:
    async with called() as at:
        pull = at.github.open_pull_request(at.repository, {MIGRATION: LINES})
        for number in range(70):
            at.github.comment(pull, f"comment {number}", "mia")
        first = await at.call("GET", "/issues/1/comments?per_page=30")
        assert len(first.json()) == 30
        assert first.links["next"]["url"] == f"{at.github.url}/repos/acme/shop/issues/1/comments?per_page=30&page=2"
        assert first.links["last"]["url"].endswith("page=3")
        last = await at.call("GET", "/issues/1/comments?per_page=30&page=3")
        assert (len(last.json()), "next" in last.links) == (10, False)


async def test_what_has_not_changed_is_not_sent_again() -> None:
    async with called() as at:
        headers = at.jwt()
        first = await at.http.get("/app", headers=headers)
        again = await at.http.get("/app", headers=headers | {"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


async def test_a_force_push_moves_old_reviews_and_outdates_their_comments() -> None:
    async with called() as at:
        pull = at.github.open_pull_request(at.repository, {MIGRATION: LINES})
        old = pull.head_sha
        await at.review(pull, _at(3))
        new = at.github.push(pull, {MIGRATION: "select 0;\n"}, force=True)
        [review] = at.github.reviews_of(pull)
        assert review.commit_id == new != old
        [comment] = (await at.call("GET", "/pulls/1/comments")).json()
        assert (comment["line"], comment["original_line"], comment["original_commit_id"]) == (None, 3, old)


async def test_a_merged_pull_request_is_closed_and_its_change_is_on_the_base() -> None:
    async with called() as at:
        pull = at.github.open_pull_request(at.repository, {MIGRATION: LINES, "db/old.sql": None})
        at.github.merge(pull)
        shown = (await at.call("GET", "/pulls/1")).json()
        assert (shown["state"], shown["merged"]) == ("closed", True)
        assert set(at.github.objects.files(at.repository.branches["main"])) == {MIGRATION}


async def test_hiding_a_comment_needs_its_permission() -> None:
    text = "mutation($id: ID!) { minimizeComment(input: {subjectId: $id, classifier: OUTDATED}) { clientMutationId } }"
    async with called() as at:
        token = (await at.mint(permissions={"contents": "read"})).json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        answer = await at.http.post("/graphql", headers=headers, json={"query": text, "variables": {"id": "x"}})
        assert answer.json()["errors"][0]["type"] == "FORBIDDEN"


async def test_the_names_of_objects_are_gits_own() -> None:
    objects = Objects()
    blob = objects.blob(b"hello\n")
    assert blob == "ce013625030ba8dba906f756967f9e9ca394464a"
    assert objects.tree({"hello.txt": ("100644", blob)}) == "aaa96ced2d9a1c8e72c56b253a0e2fe78393feb7"


async def test_patches_are_those_of_git() -> None:
    async with called() as at:
        pull = at.github.open_pull_request(at.repository, {"db/old.sql": LINES.replace("select 20;\n", "")[:-1]})
        [file] = (await at.call("GET", "/pulls/1/files")).json()
        assert file["patch"] == (
            "@@ -17,7 +17,6 @@\n select 17;\n select 18;\n select 19;\n-select 20;\n"
            " select 21;\n select 22;\n select 23;\n"
            "@@ -37,4 +36,4 @@\n select 37;\n select 38;\n select 39;\n-select 40;\n+select 40;\n"
            "\\ No newline at end of file"
        )
        assert pull.number == 1


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@given(old=TEXTS, new=TEXTS)
@examples(0.25)
def test_git_applies_every_patch(old: str, new: str) -> None:
    found = hunks(old, new)
    if not found or not old or not new:
        return
    with tempfile.TemporaryDirectory() as folder:
        file, change = Path(folder, "file.sql"), Path(folder, "change.patch")
        file.write_bytes(old.encode())
        text = patch(found)
        change.write_bytes(f"--- a/file.sql\n+++ b/file.sql\n{text}\n".encode())
        subprocess.run(["git", "apply", "--whitespace=nowarn", "change.patch"], cwd=folder, check=True)
        assert file.read_bytes() == new.encode()


async def _receiver(seen: list[tuple[dict[str, str], bytes]], status: int = 202) -> Starlette:
    async def receive(request: Request) -> Response:
        seen.append((dict(request.headers), await request.body()))
        return Response(status_code=status)

    return Starlette(routes=[Route("/webhook", receive, methods=["POST"])])


async def test_a_delivery_is_signed_and_recorded() -> None:
    seen: list[tuple[dict[str, str], bytes]] = []
    async with called() as at:
        app = await _receiver(seen)
        pull = at.github.open_pull_request(at.repository, {MIGRATION: LINES})
        async with _served(app) as url:
            delivery = await webhooks.deliver(
                at.github, f"{url}/webhook", "pull_request", webhooks.pull_request(at.github, pull, "opened")
            )
        headers, body = seen[0]
        assert headers["x-hub-signature-256"] == webhooks.signature(at.github.webhook_secret, body)
        assert (headers["x-github-event"], headers["x-github-delivery"]) == ("pull_request", delivery.guid)
        assert (delivery.status_code, delivery.succeeded) == (202, True)


async def test_a_delivery_that_nobody_accepts_has_failed() -> None:
    async with called() as at:
        delivery = await webhooks.deliver(at.github, "http://127.0.0.1:9/webhook", "ping", webhooks.ping(at.github))
        assert (delivery.status_code, delivery.succeeded) == (0, False)
        listed = await at.http.get("/app/hook/deliveries?status=failure", headers=at.jwt())
        assert [each["guid"] for each in listed.json()] == [delivery.guid]
        detail = await at.http.get(f"/app/hook/deliveries/{delivery.id}", headers=at.jwt())
        assert detail.json()["request"]["payload"] == delivery.payload


async def test_deliveries_are_forgotten_after_three_days() -> None:
    async with called() as at:
        delivery = await webhooks.deliver(at.github, "http://127.0.0.1:9/webhook", "ping", webhooks.ping(at.github))
        at.github.advance(3 * 24 * 3600 + 1)
        now = int(at.github.now())
        claims = {"iss": str(at.github.app_id), "iat": now - 60, "exp": now + 400}
        later = {"Authorization": f"Bearer {jwt.encode(claims, at.github.private_key, algorithm='RS256')}"}
        assert (await at.http.get("/app/hook/deliveries", headers=later)).json() == []
        again = await at.http.post(f"/app/hook/deliveries/{delivery.id}/attempts", headers=later)
        assert again.status_code == 404


async def test_every_kind_of_payload_can_be_made() -> None:
    async with scene() as at:
        pull = at.opened()
        github, repository = at.github, at.repository
        comment = github.comment(pull, "/migsafe help", "mia")
        check = await at.hub.start_check(pull.head_sha, "x")
        run = next(run for run in github.check_runs if run.id == check)
        base, head = github.merge_group(repository, [pull])
        made = {
            "pull_request": webhooks.pull_request(github, pull, "synchronize", before="0" * 40),
            "issue_comment": webhooks.issue_comment(github, comment),
            "pull_request_review": webhooks.pull_request_review(github, github.review(pull, "hm", "mia")),
            "check_run": webhooks.check_run(github, run, "requested_action", identifier="recheck"),
            "check_suite": webhooks.check_suite(github, repository, pull.head_sha),
            "merge_group": webhooks.merge_group(github, repository, base, head),
            "installation": webhooks.installation(github, "acme"),
        }
        for event, payload in made.items():
            assert payload["installation"]["id"] == at.installation, event
            assert payload["sender"]["login"], event
        assert made["check_run"]["requested_action"] == {"identifier": "recheck"}
        assert made["issue_comment"]["issue"]["pull_request"]["url"].endswith("/pulls/1")


async def test_an_outage_is_an_outage_for_all() -> None:
    async with called() as at:
        at.github.down = True
        assert (await at.http.get("/app", headers=at.jwt())).status_code == 503


@asynccontextmanager
async def _served(app: Starlette) -> AsyncIterator[str]:
    import uvicorn

    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    socket = config.bind_socket()
    task = asyncio.create_task(server._serve([socket]))
    try:
        yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
