"""A state of release 0.1, whose queue was DBOS 3.4: what waits in it is done, what was done stays done."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.review.job import Job, JobKind
from bot.runtime.settings import Settings
from bot.server.jobs import Queue, Worker
from tests.server.test_jobs import QUICK, Recorder, ended, push

_STATUS = """CREATE TABLE {schema}workflow_status (
    workflow_uuid TEXT PRIMARY KEY, status TEXT, name TEXT, executor_id TEXT, created_at BIGINT NOT NULL,
    queue_name TEXT, completed_at BIGINT, application_version TEXT)"""
_INPUT = "CREATE TABLE {schema}workflow_input (workflow_uuid TEXT NOT NULL PRIMARY KEY, inputs TEXT)"


class EarlierState:
    """The two tables of DBOS that matter, filled as it does."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.schema = "" if url.startswith("sqlite") else "dbos."
        self.engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
        with self.engine.begin() as connection:
            if self.schema:
                connection.exec_driver_sql("CREATE SCHEMA dbos")
            for table in (_STATUS, _INPUT):
                connection.exec_driver_sql(table.format(schema=self.schema))

    def put(self, workflow: str, status: str, job: Job, *, executor: str | None = None, at: int = 1) -> None:
        name = workflow.rpartition("/")[2] if "/" in workflow else "arrive"
        inputs = json.dumps({"namedArgs": {}, "positionalArgs": [{"job": asdict(job), "at": 1796066624.5}]})
        values = {"id": workflow, "status": status, "name": name, "executor": executor, "at": at, "inputs": inputs}
        with self.engine.begin() as connection:
            for text in (
                "INSERT INTO {schema}workflow_status VALUES (:id, :status, :name, :executor, :at, 'q', :at, '1')",
                "INSERT INTO {schema}workflow_input VALUES (:id, :inputs)",
            ):
                connection.execute(sa.text(text.format(schema=self.schema)), values)


@pytest.fixture(params=["sqlite", "postgresql"])
def earlier(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EarlierState]:
    postgresql = request.param == "postgresql"
    url = request.getfixturevalue("database") if postgresql else f"sqlite:///{tmp_path}/migsafe.db"
    state = EarlierState(url)
    yield state
    state.engine.dispose()


def test_an_upgrade_does_what_waited_and_repeats_nothing(earlier: EarlierState) -> None:
    arriving, turning, running, done = (push(number, f"d{number}", head=f"{number}" * 40) for number in range(1, 5))
    command = Job(JobKind.COMMAND, 7, 42, "acme/shop", 9, comment=1, delivery="c")
    earlier.put(arriving.id, "ENQUEUED", arriving)
    for stage, status in (("", "SUCCESS"), ("/turn", "ENQUEUED")):
        earlier.put(turning.id + stage, status, turning)
    for stage, status in (("", "SUCCESS"), ("/turn", "PENDING"), ("/run", "PENDING")):
        earlier.put(running.id + stage, status, running, executor="w1")
    for stage in ("", "/turn", "/run"):
        earlier.put(done.id + stage, "SUCCESS", done)
    earlier.put(command.id, "SUCCESS", command)
    earlier.put(f"{command.id}/turn", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", command)

    async def story() -> None:
        line, settings = Recorder(), Settings(state=earlier.url, worker_id="w1")
        queue = Queue(settings)
        await queue.open()
        async with Worker(settings, line, QUICK).running():
            for job in (arriving, turning, running, command):
                assert await ended(queue, job) == "done"
            assert await queue.store(running) in ("accepted", "duplicate")
            await queue.store(done)
            await queue.store(push(8, "d8"))
            assert await ended(queue, push(8, "d8")) == "done"
        await queue.close()
        assert sorted(line.done) == ["c", "d1", "d2", "d3", "d8"]

    asyncio.run(asyncio.wait_for(story(), 60))
