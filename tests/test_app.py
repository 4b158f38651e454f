"""The whole App over HTTP: a signed delivery goes in, a concluded check comes out."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.app import AppParts, create, create_setup
from bot.runtime.settings import Settings
from bot.server.jobs import Rhythm
from bot.server.webhook import signature
from bot.standins.github import StandIn, webhooks
from bot.standins.github.model import Pull, Repository, ReviewComment
from tests.support.at_github import app_of, stand_in

QUICK = Rhythm(poll=0.03, tend=0.3, sweep=3600.0, grace=0.0, drain=0, restart=0.2)
SECRET = "a webhook secret"


@dataclass
class Scene:
    github: StandIn
    repository: Repository
    http: httpx.AsyncClient
    parts: AppParts

    async def deliver(self, event: str, payload: Any, delivery: str = "d1") -> httpx.Response:
        body = json.dumps(payload).encode()
        headers = {
            "content-type": "application/json",
            "x-github-event": event,
            "x-github-delivery": delivery,
            "x-hub-signature-256": f"sha256={signature(body, SECRET)}",
        }
        return await self.http.post("/webhook", content=body, headers=headers)

    async def concluded(self, pull: Pull) -> Any:
        async with asyncio.timeout(15):
            while True:
                for run in self.github.check_runs_of(pull.head_sha, "migsafe"):
                    if run.status == "completed":
                        return run
                await asyncio.sleep(0.05)

    async def answered(self, pull: Pull, times: int) -> None:
        """Waits until all stored jobs have ended, and checks the number of answers."""
        async with asyncio.timeout(15):
            while len(self.github.comments_of(pull)) < 1 + times:
                await asyncio.sleep(0.05)
            while (depth := await self.parts.queue.depth())["waiting"] + depth["running"]:
                await asyncio.sleep(0.05)
        assert len(self.github.comments_of(pull)) == 1 + times


@asynccontextmanager
async def app(tmp_path: Path, *, worker: bool = True, **more: Any) -> AsyncIterator[Scene]:
    async with stand_in() as github:
        repository = github.add_repository("acme/shop", files={"README.md": "# Shop\n"})
        settings = Settings(
            app_id=github.app_id,
            private_key=github.private_key,
            webhook_secrets=(SECRET,),
            github_url=github.url,
            state=f"sqlite:///{tmp_path}/migsafe.db",
            **more,
        )
        parts = AppParts.of(settings, github=app_of(github), rhythm=QUICK)
        application = create(settings, worker=worker, parts=parts)
        transport = httpx.ASGITransport(application, client=("127.0.0.1", 1))
        async with (
            application.router.lifespan_context(application),
            httpx.AsyncClient(transport=transport, base_url="http://localhost") as http,
        ):
            yield Scene(github, repository, http, parts)


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def told() -> None:
        await asyncio.wait_for(story(), 30)

    asyncio.run(told())


def test_a_pull_request_without_migrations_gets_a_green_check_and_no_comment(tmp_path: Path) -> None:
    async def story() -> None:
        async with app(tmp_path) as scene:
            pull = scene.github.open_pull_request(scene.repository, {"docs/x.md": "hello\n"})
            answer = await scene.deliver("pull_request", webhooks.pull_request(scene.github, pull, "opened"))
            assert (answer.status_code, answer.json()["status"]) == (202, "accepted")
            assert (await scene.concluded(pull)).conclusion == "success"
            assert not scene.github.reviews_of(pull)
            again = await scene.deliver("pull_request", webhooks.pull_request(scene.github, pull, "opened"))
            assert (again.status_code, again.json()["status"]) == (202, "duplicate")

    run(story)


def test_a_command_is_answered_once_and_again_after_it_is_edited(tmp_path: Path) -> None:
    async def story() -> None:
        async with app(tmp_path) as scene:
            pull = scene.github.open_pull_request(scene.repository, {"docs/x.md": "hello\n"})
            asked = scene.github.comment(pull, "/migsafe hlep")
            for delivery in ("d1", "d2"):
                await scene.deliver("issue_comment", webhooks.issue_comment(scene.github, asked), delivery)
            await scene.answered(pull, 1)
            asked.body = "/migsafe help"
            edited = webhooks.issue_comment(scene.github, asked, "edited", changes={"body": {"from": "/migsafe hlep"}})
            await scene.deliver("issue_comment", edited, "d3")
            await scene.answered(pull, 2)
            bodies = [comment.body for comment in scene.github.comments_of(pull)[1:]]
            assert "hlep" in bodies[0]
            assert "hlep" not in bodies[1]

    run(story)


def test_all_checks_of_a_fork_run_again_though_github_names_no_pull_request(tmp_path: Path) -> None:
    async def story() -> None:
        async with app(tmp_path) as scene:
            pull = scene.github.open_pull_request(scene.repository, {"docs/x.md": "hello\n"})
            await scene.deliver("pull_request", webhooks.pull_request(scene.github, pull, "opened"))
            await scene.concluded(pull)
            suite: dict[str, Any] = {
                "action": "rerequested",
                "installation": {"id": scene.github.installation_of(scene.repository).id},
                "repository": {"id": scene.repository.id, "full_name": "acme/shop"},
                "check_suite": {"head_sha": pull.head_sha, "pull_requests": []},
            }
            assert (await scene.deliver("check_suite", suite, "d2")).json()["job"] is not None
            async with asyncio.timeout(15):
                while len(scene.github.check_runs_of(pull.head_sha)) < 2:
                    await asyncio.sleep(0.05)
                while not all(run.conclusion == "success" for run in scene.github.check_runs_of(pull.head_sha)):
                    await asyncio.sleep(0.05)

    run(story)


def test_an_unsafe_migration_is_reviewed(tmp_path: Path) -> None:
    async def story() -> None:
        migration = "-- migrate:up\nCREATE INDEX events_at ON events (at);\n-- migrate:down\nDROP INDEX events_at;\n"
        async with app(tmp_path) as scene:
            pull = scene.github.open_pull_request(scene.repository, {"db/migrations/20260516_events.sql": migration})
            await scene.deliver("pull_request", webhooks.pull_request(scene.github, pull, "opened"))
            assert (await scene.concluded(pull)).conclusion in ("failure", "neutral", "success")
            assert len(scene.github.check_runs_of(pull.head_sha, "migsafe")) == 1

    run(story)


@pytest.mark.parametrize("action", ["renamed", "publicized"])
def test_a_repository_whose_name_owner_or_visibility_changed_is_reviewed_again(action: str, tmp_path: Path) -> None:
    async def story() -> None:
        migration = "-- migrate:up\nDROP INDEX events_at;\n-- migrate:down\n"
        async with app(tmp_path) as scene:
            pull = scene.github.open_pull_request(scene.repository, {"db/migrations/20260516_events.sql": migration})
            await scene.deliver("pull_request", webhooks.pull_request(scene.github, pull, "opened"))
            await scene.concluded(pull)
            before = await _commented(scene, pull)
            scene.repository.private = action != "publicized"
            payload = {
                "action": action,
                "installation": {"id": scene.github.installation_of(scene.repository).id},
                "repository": {"id": scene.repository.id, "full_name": "acme/shop"},
            }
            await scene.deliver("repository", payload, "d2")
            async with asyncio.timeout(15):
                while len(scene.github.check_runs_of(pull.head_sha)) < 2:
                    await asyncio.sleep(0.05)
                while not all(run.conclusion for run in scene.github.check_runs_of(pull.head_sha)):
                    await asyncio.sleep(0.05)
            after = await _commented(scene, pull, *([] if action == "renamed" else [before]))
            assert (after.id == before.id) == (action == "renamed")

    run(story)


async def _commented(scene: Scene, pull: Pull, *gone: ReviewComment) -> ReviewComment:
    """The review's only comment, which comes after the verdict."""
    async with asyncio.timeout(15):
        while not (found := [each for each in scene.github.review_comments_of(pull) if each not in gone]):
            await asyncio.sleep(0.05)
    (comment,) = found
    return comment


def test_a_pull_request_whose_delivery_was_lost_is_found_by_the_sweep(tmp_path: Path) -> None:
    async def story() -> None:
        async with stand_in() as github:
            repository = github.add_repository("acme/shop", files={"README.md": "# Shop\n"})
            pull = github.open_pull_request(repository, {"docs/x.md": "hello\n"})
            settings = Settings(
                github.app_id,
                github.private_key,
                (SECRET,),
                github.url,
                f"sqlite:///{tmp_path}/m.db",
            )
            parts = AppParts.of(settings, github=app_of(github), rhythm=QUICK)
            async with parts.open(worker=True), asyncio.timeout(15):
                while not [run for run in github.check_runs_of(pull.head_sha) if run.status == "completed"]:
                    await asyncio.sleep(0.05)

    run(story)


def test_the_web_side_alone_stores_and_is_ready(tmp_path: Path) -> None:
    async def story() -> None:
        async with app(tmp_path, worker=False) as scene:
            pull = scene.github.open_pull_request(scene.repository, {"docs/x.md": "hello\n"})
            answer = await scene.deliver("pull_request", webhooks.pull_request(scene.github, pull, "opened"))
            assert answer.status_code == 202
            assert (await scene.http.get("/readyz")).json() == {"ready": True, "troubles": []}
            metrics = (await scene.http.get("/metrics")).text
            assert 'migsafe_queue_depth{state="waiting"} 1.0' in metrics
            assert "migsafe_webhook_ack_seconds_bucket" in metrics

    run(story)


def test_wrong_credentials_are_named_by_the_readiness_check(tmp_path: Path) -> None:
    async def story() -> None:
        async with stand_in() as github:
            settings = Settings(
                github.app_id + 1, github.private_key, (SECRET,), github.url, f"sqlite:///{tmp_path}/m.db"
            )
            parts = AppParts.of(settings, rhythm=QUICK)
            async with parts.open(worker=False), asyncio.timeout(20):
                while not await parts.troubles():
                    await asyncio.sleep(0.05)
                (trouble,) = await parts.troubles()
                assert "credentials" in trouble

    run(story)


@pytest.mark.parametrize("path", ["/setup", "/nothing"])
def test_there_is_no_set_up_once_the_app_is_registered(path: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with app(tmp_path, worker=False) as scene:
            assert (await scene.http.get(path)).status_code == 404

    run(story)


def test_an_app_is_registered_through_its_set_up_page() -> None:
    async def story() -> None:
        async with stand_in() as github:
            github.manifest_codes["the-code"] = {"name": "migsafe acme"}
            kept: dict[str, str] = {}
            settings = Settings.read({"MIGSAFE_GITHUB_URL": github.url}, credentials=False)
            application, token = create_setup(settings, kept.update)
            transport = httpx.ASGITransport(application)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
                assert (await http.post("/webhook")).status_code == 503
                form = {"token": token, "base": "https://migsafe.acme.com", "name": "migsafe acme"}
                button = (await http.post("/setup", data=form)).text
                state = re.search(r"state=([\w-]+)", button)
                assert state is not None
                page = await http.get("/setup/done", params={"state": state[1], "code": "the-code"})
            assert page.status_code == 200, page.text
            again = Settings.read({**kept, "MIGSAFE_GITHUB_URL": github.url})
            assert (again.app_id, again.private_key) == (github.app_id, github.private_key)
            assert again.webhook_secrets == (github.webhook_secret,)

    run(story)


def test_what_was_missed_while_an_installation_was_suspended_is_judged_when_it_is_back(tmp_path: Path) -> None:
    async def story() -> None:
        async with app(tmp_path) as scene:
            installation = scene.github.installation_of(scene.repository)
            scene.github.suspend(installation)
            pull = scene.github.open_pull_request(scene.repository, {"docs/x.md": "hello\n"})
            scene.github.unsuspend(installation)
            payload = {"action": "unsuspend", "installation": {"id": installation.id}}
            answer = await scene.deliver("installation", payload, "d1")
            assert answer.json()["job"] == f"installation:installation-{installation.id}:d1"
            assert (await scene.concluded(pull)).conclusion == "success"

    run(story)


def test_the_end_of_a_merge_group_leaves_its_verdict_alone(tmp_path: Path) -> None:
    async def story() -> None:
        async with app(tmp_path) as scene:
            pull = scene.github.open_pull_request(scene.repository, {"docs/x.md": "hello\n"})
            base, head = scene.github.merge_group(scene.repository, [pull])
            about = {
                "installation": {"id": scene.github.installation_of(scene.repository).id},
                "repository": {"id": scene.repository.id, "full_name": "acme/shop"},
                "merge_group": {"head_sha": head, "base_sha": base, "head_ref": scene.github.queue_refs[head]},
            }
            await scene.deliver("merge_group", {**about, "action": "checks_requested"}, "d1")
            async with asyncio.timeout(15):
                while not [run for run in scene.github.check_runs_of(head, "migsafe") if run.conclusion]:
                    await asyncio.sleep(0.05)
            await scene.deliver("merge_group", {**about, "action": "destroyed", "reason": "merged"}, "d2")
            async with asyncio.timeout(15):
                while (depth := await scene.parts.queue.depth())["waiting"] + depth["running"]:
                    await asyncio.sleep(0.05)
            assert [run.conclusion for run in scene.github.check_runs_of(head, "migsafe")] == ["success"]

    run(story)
