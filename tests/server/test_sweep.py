"""The sweep finds what was missed: failed deliveries, heads without a verdict, checks that nobody would end."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.judging.beside import Brought
from bot.core.judging.policy import Policy
from bot.report import check_run
from bot.review.acceptance import Ending
from bot.review.brought import KeptBrought
from bot.review.heads import Gate
from bot.review.job import Checked, Job, JobKind
from bot.runtime.settings import Settings
from bot.server.state import StateStore
from bot.server.state.acknowledgements import AcknowledgementTable
from bot.server.state.brought import BroughtTable
from bot.server.state.configurations import ConfigurationTable
from bot.server.state.forgetting import repositories_kept
from bot.server.state.heads import HeadTable
from bot.server.state.verdicts import VerdictTable
from bot.server.state.versions import TABLES
from bot.server.sweep import Sweeper, Watcher
from bot.server.sweep import sweeper as rounds
from bot.standins.github import webhooks
from bot.standins.github.merge_queue import MergeQueue
from bot.standins.github.model import CheckRun, Pull, Repository
from tests.support.at_github import MIGRATION, Scene, scene

OPEN = "select 1;\n"
NOT_JUDGED = check_run.trouble("GitHub did not answer", Policy())


@dataclass
class Swept:
    """The sweep on a stand-in, with a clock that goes on only when told to."""

    at: Scene
    state: StateStore
    stored: list[Job] = field(default_factory=list)
    busy: set[str] = field(default_factory=set)
    ahead: float = 0.0

    def __post_init__(self) -> None:
        self.sweep = self.restarted()

    def now(self) -> float:
        return self.at.github.now() + self.ahead

    def restarted(self) -> Sweeper:
        configurations, verdicts = ConfigurationTable(self.state), VerdictTable(self.state)
        return Sweeper(
            self.at.app,
            self.store,
            self.is_busy,
            HeadTable(self.state),
            configurations,
            verdicts,
            BroughtTable(self.state),
            AcknowledgementTable(self.state),
            partial(repositories_kept, self.state),
            self.now,
        )

    async def store(self, job: Job) -> str:
        if any(job.id == other.id for other in self.stored):
            return "duplicate"
        self.stored.append(job)
        return "accepted"

    async def is_busy(self, subject: str) -> bool:
        return subject in self.busy

    async def after(self, minutes: float, sweep: Sweeper | None = None) -> str:
        """What a sweep does that comes so many minutes later; checks in progress have aged with it."""
        self.ahead += minutes * 60
        for run_ in self.at.github.check_runs:
            if run_.status != "completed":
                run_.started_at = "2020-01-01T00:00:00Z"
        return await (sweep or self.sweep)()

    async def lose_state(self) -> None:
        """An empty database takes the place of the state's."""

        def empty(connection: sa.Connection) -> None:
            for table in TABLES.sorted_tables:
                connection.execute(sa.delete(table))

        await self.state.run(empty)

    async def started(self, pull: Pull, **extra: str) -> int:
        """A check in progress on the head, as a job would start it."""
        number = None if "base_sha" in extra else pull.number
        checked = Checked(pull.repository.id, pull.head_sha, number=number)
        return await self._start(checked, **extra)

    async def started_group(self, head_sha: str, base_sha: str, head_ref: str) -> int:
        checked = Checked(self.at.repository.id, head_sha, base_sha=base_sha)
        return await self._start(checked, head_ref=head_ref)

    async def ended(self, pull: Pull, output: check_run.CheckOutput) -> None:
        await self.at.hub.conclude_check(await self.started(pull), output)

    def runs(self, head_sha: str) -> list[tuple[str | None, str | None]]:
        return [(run_.conclusion, run_.title) for run_ in self.check_runs(head_sha)]

    def check_runs(self, head_sha: str) -> list[CheckRun]:
        return self.at.github.check_runs_of(head_sha)

    def asked(self, since: int = 0) -> list[str]:
        """The requests but for tokens."""
        seen = self.at.github.requests[since:]
        return [f"{one.method} {one.path}" for one in seen if "access_tokens" not in one.path]

    async def _start(self, checked: Checked, **extra: str) -> int:
        job = Job(JobKind.PUSH, self.at.installation, checked.repository_id, "acme/shop", extra=extra)
        self.at.hub.on_start = Watcher(HeadTable(self.state), self.now).of(job)
        return await self.at.hub.start_check(checked.head_sha, checked.external_id)


@asynccontextmanager
async def swept(**options: Any) -> AsyncIterator[Swept]:
    with tempfile.TemporaryDirectory() as folder:
        state = StateStore(Settings(state=f"sqlite:///{folder}/migsafe.db"))
        await state.open()
        try:
            async with scene(**options) as at:
                yield Swept(at, state)
        finally:
            await state.close()


def run(story: Callable[[Swept], Awaitable[None]], **options: Any) -> None:
    async def told() -> None:
        async with swept(**options) as found:
            await story(found)

    asyncio.run(asyncio.wait_for(told(), 30))


def test_a_head_without_a_check_gets_a_repair_with_an_id_of_its_own() -> None:
    async def story(found: Swept) -> None:
        pull = found.at.opened()
        assert await found.sweep() == "1 jobs stored"
        (job,) = found.stored
        assert (job.kind, job.number, job.head_sha) == (JobKind.REPAIR, pull.number, pull.head_sha)
        assert job.installation == found.at.installation

    run(story)


def test_a_verdict_is_seen_once_also_after_a_restart() -> None:
    async def story(found: Swept) -> None:
        await found.ended(found.at.opened(), check_run.no_migrations())
        assert await found.after(5) == "nothing missed"
        before = len(found.at.github.requests)
        assert await found.after(5, found.restarted()) == "nothing missed"
        assert not any("check-runs" in asked for asked in found.asked(before))

    run(story)


def test_a_quiet_installation_costs_two_requests() -> None:
    async def story(found: Swept) -> None:
        await found.ended(found.at.opened(), check_run.no_migrations())
        await found.after(5)
        before = len(found.at.github.requests)
        await found.after(5)
        assert found.asked(before) == [
            "GET /app/hook/deliveries",
            "GET /app/installations",
            "GET /installation/repositories",
            "GET /repos/acme/shop/pulls",
        ]

    run(story)


def test_a_pull_request_that_is_worked_on_is_left_alone() -> None:
    async def story(found: Swept) -> None:
        pull = found.at.opened()
        found.busy.add(f"{found.at.repository.id}:{pull.number}")
        await found.started(pull)
        assert await found.after(50) == "nothing missed"
        assert found.runs(pull.head_sha) == [(None, None)]

    run(story)


def test_a_check_that_was_left_in_progress_is_judged_again() -> None:
    async def story(found: Swept) -> None:
        pull = found.at.opened()
        await found.started(pull)
        assert await found.sweep() == "nothing missed", "the job that started it may still be at work"
        assert await found.after(5) == "1 jobs stored"
        assert found.runs(pull.head_sha) == [(None, None)]

    run(story)


@pytest.mark.parametrize(
    ("configuration", "conclusion"),
    [
        pytest.param("", "action_required", id="by default"),
        pytest.param("on_error: neutral\n", "neutral", id="neutral"),
        pytest.param("on_error: fail\n", "failure", id="fail"),
    ],
)
def test_a_check_that_no_try_ends_is_concluded_as_the_repository_says(configuration: str, conclusion: str) -> None:
    async def story(found: Swept) -> None:
        pull = found.at.opened()
        await found.started(pull)
        done = [await found.after(400) for _ in range(4)]
        assert done == ["1 jobs stored"] * 3 + ["1 checks concluded"]
        ((concluded, title),) = found.runs(pull.head_sha)
        assert (concluded, (title or "").startswith(check_run.NOT_JUDGED)) == (conclusion, True)

    run(story, files={".github/migsafe.yml": configuration})


def test_a_check_that_went_back_to_in_progress_is_seen_though_the_head_had_a_verdict() -> None:
    async def story(found: Swept) -> None:
        pull = found.at.opened()
        await found.ended(pull, check_run.no_migrations())
        assert await found.after(5) == "nothing missed"
        await found.started(pull)
        assert await found.after(5) == "1 jobs stored"

    run(story)


def test_an_older_run_left_in_progress_beside_the_verdict_is_seen() -> None:
    async def story(found: Swept) -> None:
        pull = found.at.opened()
        await found.started(pull)
        await found.ended(pull, check_run.no_migrations())
        (older,) = found.check_runs(pull.head_sha)
        await found.started(pull)
        (_, newer) = found.check_runs(pull.head_sha)
        older.status, older.conclusion, newer.status, newer.conclusion = "in_progress", None, "completed", "success"
        assert await found.after(5) == "1 jobs stored"

    run(story)


def test_a_head_that_was_not_judged_is_tried_again_with_growing_pauses_and_not_for_ever() -> None:
    async def story(found: Swept) -> None:
        pull = found.at.opened()
        await found.ended(pull, NOT_JUDGED)
        done = [await found.after(5) for _ in range(80)]
        tried = [number for number, what in enumerate(done) if what == "1 jobs stored"]
        assert tried == [0, 1, 3, 7, 14, 27]
        assert not await HeadTable(found.state).unsettled(found.at.installation, found.now() + 1, 10)

    run(story)


def test_a_head_whose_newest_run_says_that_another_replaced_it_is_judged() -> None:
    async def story(found: Swept) -> None:
        pull = found.at.opened()
        await found.ended(pull, check_run.superseded("a" * 40))
        assert await found.after(5) == "1 jobs stored"

    run(story)


def test_an_old_head_left_in_progress_is_cancelled_and_names_the_new_one() -> None:
    async def story(found: Swept) -> None:
        pull = found.at.opened()
        old = pull.head_sha
        await found.started(pull)
        found.at.github.push(pull, {MIGRATION: OPEN})
        await found.ended(pull, check_run.no_migrations())
        assert await found.after(5) == "1 checks concluded"
        assert found.runs(old) == [("cancelled", f"Superseded by {pull.head_sha[:7]}")]
        assert await found.after(5) == "nothing missed"
        assert not await HeadTable(found.state).unsettled(found.at.installation, found.now() + 1, 10)

    run(story)


def test_the_check_of_a_closed_pull_request_is_cancelled() -> None:
    async def story(found: Swept) -> None:
        pull = found.at.opened()
        await found.started(pull)
        found.at.github.close(pull)
        assert await found.after(5) == "1 checks concluded"
        assert found.runs(pull.head_sha) == [("cancelled", "Closed")]

    run(story)


def test_every_open_pull_request_of_a_head_is_judged_again() -> None:
    async def story(found: Swept) -> None:
        first = found.at.opened()
        second = found.at.opened({"b.txt": "b"})
        second.head_sha = first.head_sha
        await found.ended(first, NOT_JUDGED)
        assert await found.after(5) == "2 jobs stored"
        assert {job.number for job in found.stored} == {first.number, second.number}

    run(story)


def test_a_merge_group_left_in_progress_is_judged_again_under_its_ref() -> None:
    async def story(found: Swept) -> None:
        queue = MergeQueue(found.at.github, found.at.repository)
        pull = found.at.opened()
        await found.ended(pull, check_run.no_migrations())
        (entry,) = queue.enqueue(pull)
        await found.started_group(entry.head_sha, entry.base_sha, entry.head_ref)
        assert await found.after(5) == "1 jobs stored"
        (job,) = found.stored
        assert (job.kind, job.number, job.head_sha) == (JobKind.GROUP, None, entry.head_sha)
        assert (job.base_sha, job.extra) == (
            entry.base_sha,
            {"head_ref": entry.head_ref, "base_ref": "refs/heads/main"},
        )

    run(story)


def test_a_merge_group_that_is_gone_is_cancelled() -> None:
    async def story(found: Swept) -> None:
        queue = MergeQueue(found.at.github, found.at.repository)
        pull = found.at.opened()
        await found.ended(pull, check_run.no_migrations())
        (entry,) = queue.enqueue(pull)
        await found.started_group(entry.head_sha, entry.base_sha, entry.head_ref)
        queue.dequeue(pull)
        assert await found.after(5) == "1 checks concluded"
        assert [conclusion for conclusion, _ in found.runs(entry.head_sha)] == ["cancelled"]

    run(story)


def test_after_the_state_was_lost_an_earlier_head_left_in_progress_is_ended() -> None:
    async def story(found: Swept) -> None:
        pull = found.at.opened()
        left = pull.head_sha
        await found.started(pull)
        found.at.github.push(pull, {MIGRATION: OPEN})
        await found.ended(pull, check_run.no_migrations())
        await found.lose_state()
        assert await found.after(5) == "1 checks concluded"
        assert [conclusion for conclusion, _ in found.runs(left)] == ["cancelled"]
        assert [conclusion for conclusion, _ in found.runs(pull.head_sha)] == ["success"]
        before = len(found.asked())
        assert await found.after(5) == "nothing missed"
        assert not [asked for asked in found.asked(before) if "matching-refs" in asked]

    run(story)


def test_after_the_state_was_lost_a_merge_group_that_waits_is_judged_again() -> None:
    async def story(found: Swept) -> None:
        queue = MergeQueue(found.at.github, found.at.repository)
        first, second = found.at.opened(), found.at.opened()
        for pull in (first, second):
            await found.ended(pull, check_run.no_migrations())
        entries = queue.enqueue(first, second)
        await found.started_group(entries[0].head_sha, entries[0].base_sha, entries[0].head_ref)
        await found.lose_state()
        # One has a check in progress, the other's job was lost with the state before it began one.
        await found.after(5)
        assert [(job.kind, job.head_sha, job.base_sha) for job in found.stored] == [
            (JobKind.GROUP, entry.head_sha, entry.base_sha) for entry in entries
        ]

    run(story)


def test_a_new_push_is_seen_though_the_last_head_was_concluded() -> None:
    async def story(found: Swept) -> None:
        pull = found.at.opened()
        await found.ended(pull, check_run.no_migrations())
        await found.after(5)
        found.at.github.push(pull, {MIGRATION: OPEN})
        assert await found.sweep() == "1 jobs stored"

    run(story)


def test_a_failed_delivery_is_asked_for_again_a_few_times() -> None:
    async def story(found: Swept) -> None:
        found.busy.add(f"{found.at.repository.id}:{(pull := found.at.opened()).number}")
        nobody = "http://127.0.0.1:9/webhook"
        await webhooks.deliver(
            found.at.github, nobody, "pull_request", webhooks.pull_request(found.at.github, pull, "opened")
        )
        done = [await found.sweep() for _ in range(7)]
        assert done == ["1 deliveries asked for again"] * 5 + ["nothing missed"] * 2

    run(story)


def test_deliveries_are_looked_for_since_the_last_look() -> None:
    async def story(found: Swept) -> None:
        found.busy.add(f"{found.at.repository.id}:{(pull := found.at.opened()).number}")
        nobody = "http://127.0.0.1:9/webhook"
        payload = webhooks.pull_request(found.at.github, pull, "opened")
        await webhooks.deliver(found.at.github, nobody, "pull_request", payload)
        found.at.github.fail_next("GET", "/app/hook/deliveries", 500, times=3)
        assert await found.sweep() == "nothing missed"
        assert await found.after(60) == "1 deliveries asked for again", "a look that failed is not a look"
        assert await found.after(60) == "nothing missed"

    run(story)


def test_trouble_with_one_part_does_not_stop_the_others() -> None:
    async def story(found: Swept) -> None:
        found.at.opened()
        found.at.github.fail_next("GET", "/app/hook/deliveries", 500, times=5)
        assert await found.sweep() == "1 jobs stored"

    run(story)


def others(found: Swept, count: int) -> list[Repository]:
    """Repositories of other owners, so of other installations, each with an open pull request."""
    repositories = [found.at.github.add_repository(f"owner{number}/shop") for number in range(count)]
    for repository in repositories:
        found.at.github.open_pull_request(repository, {MIGRATION: OPEN})
    return repositories


def test_an_installation_that_fails_does_not_stop_the_others() -> None:
    async def story(found: Swept) -> None:
        found.at.opened()
        others(found, 2)
        found.at.github.fail_next("GET", "/repos/owner0/shop/pulls", 500, times=9)
        await found.sweep()
        assert sorted(job.repository for job in found.stored) == ["acme/shop", "owner1/shop"]

    run(story)


def test_the_next_sweep_goes_on_where_the_last_one_ran_out_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(found: Swept) -> None:
        owners = others(found, 5)
        monkeypatch.setattr(rounds, "_SIDE_BY_SIDE", 1)
        monkeypatch.setattr(rounds, "_TIME", 0.0)
        assert await found.sweep() == "nothing missed", "there was no time for any"
        monkeypatch.setattr(rounds, "_TIME", 1e9)
        stopped_at = found.at.github.installation_of(owners[2]).id
        await HeadTable(found.state).set_mark("installations", str(stopped_at))
        await found.sweep()
        assert [job.repository for job in found.stored] == [f"owner{number}/shop" for number in (3, 4, 0, 1, 2)]

    run(story)


def test_a_large_installation_is_visited_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(found: Swept) -> None:
        monkeypatch.setattr(rounds, "ROUND", 4)
        for number in range(4):
            repository = found.at.github.add_repository(f"acme/shop{number}")
            found.at.github.open_pull_request(repository, {MIGRATION: OPEN})
        pull = found.at.opened()
        await found.sweep()
        assert len(found.stored) == 4
        await found.after(5, found.restarted())
        assert len({job.repository for job in found.stored}) == 5
        assert pull.number in {job.number for job in found.stored}

    run(story)


def test_a_suspended_installation_is_skipped_and_looked_at_whole_when_it_is_back() -> None:
    async def story(found: Swept) -> None:
        pull = found.at.opened()
        refused = found.at.opened({"b.txt": "b"})
        await found.ended(refused, NOT_JUDGED)
        for _ in range(8):
            await found.after(400)
        found.stored.clear()
        installation = found.at.github.installation_of(found.at.repository)
        found.at.github.suspend(installation)
        assert await found.after(5) == "nothing missed"
        found.at.github.unsuspend(installation)
        await found.sweep.sweep_installation(found.at.installation, [])
        assert {job.number for job in found.stored} == {pull.number, refused.number}

    run(story)


def test_an_installation_that_is_back_is_looked_at_by_itself() -> None:
    async def story(found: Swept) -> None:
        pull = found.at.opened()
        other = found.at.github.add_repository("acme/other")
        found.at.github.open_pull_request(other, {MIGRATION: OPEN})
        await found.sweep.sweep_installation(found.at.installation, [found.at.repository.id])
        assert [(job.repository, job.number) for job in found.stored] == [("acme/shop", pull.number)]
        found.ahead += 600
        await found.sweep.sweep_installation(found.at.installation, [])
        assert sorted({job.repository for job in found.stored}) == ["acme/other", "acme/shop"]

    run(story)


def test_a_verdict_that_is_known_is_written_where_it_does_not_stand() -> None:
    async def story(found: Swept) -> None:
        pull = found.at.opened()
        job = Job(JobKind.PUSH, found.at.installation, pull.repository.id, "acme/shop", pull.number, pull.head_sha)
        gate = Gate(found.at.hub, VerdictTable(found.state), job)
        await gate.begin(gate.checked(pull.head_sha))
        await gate.conclude(gate.checked(pull.head_sha), check_run.no_migrations())
        await found.started(pull)
        assert await found.after(5) == "nothing missed", "a run that GitHub made late"
        assert [conclusion for conclusion, _ in found.runs(pull.head_sha)] == ["success", "success"]

    run(story)


def test_a_run_that_github_made_late_on_an_old_head_is_ended() -> None:
    async def story(found: Swept) -> None:
        pull = found.at.opened()
        job = Job(JobKind.PUSH, found.at.installation, pull.repository.id, "acme/shop", pull.number, pull.head_sha)
        gate = Gate(found.at.hub, VerdictTable(found.state), job)
        await gate.begin(gate.checked(pull.head_sha))
        await gate.conclude(gate.checked(pull.head_sha), check_run.no_migrations())
        await found.started(pull)
        found.at.github.close(pull)
        assert await found.after(5) == "1 checks concluded"
        assert [conclusion for conclusion, _ in found.runs(pull.head_sha)] == ["success", "cancelled"]
        assert await found.after(5) == "nothing missed"

    run(story)


@pytest.mark.anyio
async def test_a_pull_request_whose_end_was_missed_brings_nothing_any_more() -> None:
    async with swept() as world:
        pull = world.at.opened()
        kept = KeptBrought(pull.number, "main", "feature", pull.head_sha, Brought(pull.number))
        await BroughtTable(world.state).keep_brought(world.at.repository.id, kept)
        await world.after(minutes=5)
        assert [job for job in world.stored if job.extra.get("action") == "closed"] == []
        world.at.github.close(pull)
        await world.after(minutes=5)
        (job,) = (job for job in world.stored if job.extra.get("action") == "closed")
        assert (job.kind, job.number) == (JobKind.PUSH, pull.number)


def test_a_pull_request_that_was_opened_unseen_on_the_head_of_another_is_judged() -> None:
    async def story(found: Swept) -> None:
        first = found.at.opened()
        await found.ended(first, check_run.no_migrations())
        assert await found.after(5) == "nothing missed"
        found.at.repository.branches["release"] = found.at.repository.branches["main"]
        second = found.at.opened({"README.md": "x\n"}, head="other", base="release")
        second.head_sha = found.at.repository.branches["other"] = first.head_sha
        assert await found.after(5) == "2 jobs stored"
        assert {job.number for job in found.stored} == {first.number, second.number}

    run(story)


def test_an_acceptance_that_ends_has_its_pull_request_judged_again_once() -> None:
    async def story(swept: Swept) -> None:
        pull = swept.at.opened()
        of, ends = pull.repository.id, swept.now() + 3600
        ending = Ending(swept.at.installation, of, "acme/shop", pull.number, pull.head_sha, ends)
        await AcknowledgementTable(swept.state).watch_end(ending)
        await swept.after(minutes=50)
        assert JobKind.RERUN not in {job.kind for job in swept.stored}
        await swept.after(minutes=15)
        await swept.after(minutes=15)
        again = [(job.number, job.head_sha) for job in swept.stored if job.kind is JobKind.RERUN]
        assert again == [(pull.number, pull.head_sha)]

    run(story)


async def _deleted(found: Swept) -> list[tuple[int, str, str]]:
    """What a sweep finds gone: the installation, how, and the repositories."""
    found.stored.clear()
    await found.after(5, found.restarted())
    gone = [job for job in found.stored if job.kind is JobKind.GONE]
    return [(job.installation, job.extra["action"], job.extra["repositories"]) for job in gone]


def test_an_installation_that_github_lists_no_more_is_forgotten_and_one_that_is_suspended_is_not() -> None:
    async def story(found: Swept) -> None:
        pull = found.at.opened()
        await found.started(pull)
        installation = found.at.github.installation_of(found.at.repository)
        assert await _deleted(found) == []
        found.at.github.suspend(installation)
        assert await _deleted(found) == []
        found.at.github.unsuspend(installation)
        found.at.github.uninstall(installation)
        assert await _deleted(found) == [(installation.id, "deleted", "")]

    run(story)


@pytest.mark.parametrize("private", [True, False])
def test_a_repository_that_the_installation_lost_unseen_is_forgotten(*, private: bool) -> None:
    async def story(found: Swept) -> None:
        found.at.repository.private = private
        other = found.at.github.add_repository("acme/other")
        pull = found.at.opened()
        await found.started(pull)
        await found.started(found.at.github.open_pull_request(other, {MIGRATION: OPEN}))
        found.at.github.installation_of(found.at.repository).repositories.discard(found.at.repository.id)
        assert await _deleted(found) == [(found.at.installation, "removed", str(found.at.repository.id))]

    run(story)


def test_what_github_leaves_out_of_a_list_is_not_forgotten_while_it_gives_a_token_for_it() -> None:
    async def story(found: Swept) -> None:
        await found.started(found.at.opened())
        departures = found.restarted().departures
        kept = await departures.look_for_installations([])
        assert kept == {found.at.installation: {found.at.repository.id}}
        await departures.look_for_repositories(found.at.installation, kept[found.at.installation], [])
        assert found.stored == []

    run(story)
