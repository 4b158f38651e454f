"""The composition root: makes the App's parts from the settings and connects them to a Starlette application."""

import asyncio
import contextlib
import gc
import os
import resource
import signal
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.github.app import GitHubApp, convert_manifest
from bot.github.connection import Connection
from bot.github.errors import BadCredentials
from bot.replica.databases import Databases
from bot.review.confined import Confinement
from bot.review.errors import HubError
from bot.review.hub import Hub
from bot.review.job import Job
from bot.review.last_known import LastKnown
from bot.runtime import logs, metrics
from bot.runtime.dotenv import write_dotenv
from bot.runtime.own_loop import on_own_loop
from bot.runtime.settings import Settings, SettingsError, environment
from bot.server.door import Door
from bot.server.intake import Intake
from bot.server.jobs import Queue, Rhythm, Worker
from bot.server.pages.setup import Setup
from bot.server.patience import open_patiently
from bot.server.reviewer import Reviewer
from bot.server.state import StateStore
from bot.server.state.acknowledgements import AcknowledgementTable
from bot.server.state.brought import BroughtTable
from bot.server.state.commands import CommandTable
from bot.server.state.configurations import ConfigurationTable
from bot.server.state.forgetting import forget_repositories, repositories_kept
from bot.server.state.heads import HeadTable
from bot.server.state.plans import PlanTable
from bot.server.state.snapshots import SnapshotTable
from bot.server.state.verdicts import VerdictTable
from bot.server.sweep import Sweeper, Watcher
from bot.server.webhook import Endpoints, healthz

log = structlog.get_logger(__name__)

_FILES = 4096
"""Open files and connections of the process, if the system permits so many."""


@dataclass(slots=True)
class AppParts:
    """What the App is made of; opened and closed together."""

    settings: Settings
    github: GitHubApp
    queue: Queue
    state: StateStore
    databases: Databases
    watcher: Watcher
    rhythm: Rhythm = field(default_factory=Rhythm)
    intake: Intake = field(default_factory=Intake)
    worker: Worker | None = None
    credentials_trouble: str | None = None
    stopping: bool = False

    @classmethod
    def of(cls, settings: Settings, *, github: GitHubApp | None = None, rhythm: Rhythm | None = None) -> "AppParts":
        state, rhythm = StateStore(settings), rhythm or Rhythm()
        return cls(
            settings,
            github or GitHubApp(settings.app_id, settings.private_key, settings.github_url),
            Queue(settings),
            state,
            Databases(settings.databases),
            Watcher(HeadTable(state), rhythm.now),
            rhythm,
        )

    @contextlib.asynccontextmanager
    async def open(self, *, worker: bool) -> AsyncGenerator[None, None]:
        """Opens everything: the queue before the first delivery; the worker takes its lock in the background.

        The worker has an event loop of its own: what it computes does not keep a delivery waiting.
        """
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(self.github.close)
            stack.push_async_callback(self.queue.close)
            await open_patiently(self.queue.open)
            stack.push_async_callback(self.state.close)
            await open_patiently(self.state.open)
            checking = asyncio.create_task(self._check_credentials())
            stack.push_async_callback(_cancel, checking)
            if worker:
                self.worker = await stack.enter_async_context(
                    on_own_loop(self._working, lambda: self.intake.asking > 0)
                )
                self.queue.wake = self.worker.wake
            try:
                yield
            finally:
                self.stopping = True

    async def hub(self, job: Job) -> Hub:
        """The repository of a job, with a token that sees nothing else."""
        await self._know_owner()
        hub = await self.github.installation(job.installation, job.repository_id, job.repository)
        hub.on_start = self.watcher.of(job)
        return hub

    async def troubles(self) -> Sequence[str]:
        """What keeps the App from doing its work, for `/readyz`."""
        working = self.worker.trouble if self.worker is not None else None
        stopping = "shutting down" if self.stopping else None
        troubles = [await self.queue.trouble(), working, self.credentials_trouble, stopping]
        return [trouble for trouble in troubles if trouble]

    async def refresh(self) -> None:
        """Brings the gauges up to date."""
        depth = await self.queue.depth()
        metrics.queued.labels("waiting").set(depth["waiting"])
        metrics.queued.labels("running").set(depth["running"])
        metrics.oldest.set(depth["oldest"])

    @contextlib.asynccontextmanager
    async def _working(self) -> AsyncGenerator[Worker, None]:
        """A running worker, and what belongs to its event loop."""
        confinement = Confinement()
        configurations, verdicts = ConfigurationTable(self.state), VerdictTable(self.state)
        heads, now = self.watcher.heads, self.rhythm.now
        brought = BroughtTable(self.state)
        queue, clocks = self.queue, (now, time.time)
        acknowledgements = AcknowledgementTable(self.state)
        kept = partial(repositories_kept, self.state)
        sweeper = Sweeper(
            self.github,
            queue.store,
            queue.busy,
            heads,
            configurations,
            verdicts,
            brought,
            acknowledgements,
            kept,
            *clocks,
        )
        reviewer = Reviewer(
            self.hub,
            LastKnown(self.databases, SnapshotTable(self.state)),
            acknowledgements,
            configurations,
            verdicts,
            brought,
            PlanTable(self.state),
            confinement,
            sweeper,
            self.queue.store,
            CommandTable(self.state),
            partial(forget_repositories, self.state),
            self.queue.abandon,
        )
        worker = Worker(self.settings, reviewer, self.rhythm, hold=lambda: self.intake.is_rushed)
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(self.github.close)
            stack.push_async_callback(confinement.close)
            await stack.enter_async_context(worker.running())
            yield worker

    async def _know_owner(self) -> None:
        if self.databases.owner is None:
            self.databases.owner = (await self.github.app()).owner

    async def _check_credentials(self) -> None:
        """Reports early that the id, key or clock is wrong; tries again until GitHub accepts them."""
        while True:
            try:
                await self._know_owner()
            except BadCredentials as error:
                self.credentials_trouble = f"GitHub does not accept the App's credentials: {error}"
                log.error("GitHub does not accept the App's credentials", error=str(error))
            except HubError as error:
                log.warning("GitHub does not answer yet", error=str(error))
            except Exception:
                log.exception("could not check the App's credentials; trying again")
            else:
                self.credentials_trouble = None
                return
            await asyncio.sleep(30)


def create(settings: Settings, *, worker: bool = True, parts: AppParts | None = None) -> Starlette:
    """The registered App; its lifespan opens everything and, with `worker`, runs the worker."""
    whole = parts or AppParts.of(settings)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None, None]:
        async with whole.open(worker=worker):
            yield

    endpoints = Endpoints(
        settings.webhook_secrets,
        whole.queue.store,
        whole.troubles,
        whole.refresh,
        settings.metrics_token,
        intake=whole.intake,
    )
    routes = [*endpoints.routes(), Route("/setup", _registered), Route("/", _home)]
    return Starlette(routes=routes, lifespan=lifespan)


def create_setup(
    settings: Settings, keep: Callable[[Mapping[str, str]], None], done: Callable[[], None] = lambda: None
) -> tuple[Starlette, str]:
    """The App before it is registered: only the set-up page. Also returns the one-time token to print."""
    setup = Setup(github_url=settings.github_url, convert=_convert(settings.github_url), keep=keep, done=done)
    routes = [
        *setup.routes(),
        Route("/webhook", _unregistered, methods=["POST"]),
        Route("/healthz", healthz),
        Route("/readyz", _unregistered),
        Route("/", _to_setup),
    ]
    return Starlette(routes=routes), setup.token


def serve(
    host: str | None = None, port: int | None = None, *, worker: bool = True, rhythm: Rhythm | None = None
) -> int:
    """`migsafe serve`: runs until it is asked to stop. Raises SettingsError."""
    settings = Settings.read(environment(os.environ, Path.cwd()), credentials=False)
    _begin(settings)
    host, port = host or settings.host, port if port is not None else settings.port
    if not settings.configured:
        return _serve_setup(settings, host, port, until_done=False)
    asyncio.run(_check_state_opens(settings))
    log.info("serving", host=host, port=port, worker=worker)
    app = create(settings, worker=worker, parts=AppParts.of(settings, rhythm=rhythm))
    # What is there now stays. Looking through it for garbage stopped every thread for a tenth of a second and longer.
    gc.collect()
    gc.freeze()
    return _run(app, host, port)


def work(rhythm: Rhythm | None = None) -> int:
    """`migsafe work`: a worker without a web side. Raises SettingsError."""
    settings = Settings.read(environment(os.environ, Path.cwd()))
    _begin(settings)
    asyncio.run(_check_state_opens(settings))
    asyncio.run(_work_until_stopped(AppParts.of(settings, rhythm=rhythm)))
    return 0


def setup(host: str = "127.0.0.1", port: int = 8000) -> int:
    """`migsafe setup`: serves the set-up page until the App is registered. Raises SettingsError."""
    settings = Settings.read(environment(os.environ, Path.cwd()), credentials=False)
    _begin(settings)
    if settings.configured:
        print("This App is registered already: `migsafe doctor` says whether all is well.")
        return 0
    return _serve_setup(settings, host, port, until_done=True)


def server(app: Starlette, host: str, port: int) -> uvicorn.Server:
    """uvicorn with our own logs, time for running requests to end, and a `Door` for connections."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=5,
            timeout_keep_alive=75,
            http=Door,
        )
    )


def _begin(settings: Settings) -> None:
    logs.configure(settings.log, secrets=settings.secrets)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # A burst opens hundreds of connections; some systems allow 256 open files unless asked for more.
    wanted = max(soft, _FILES) if hard == resource.RLIM_INFINITY else max(soft, min(_FILES, hard))
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    for warning in settings.warnings:
        log.warning(warning)


async def _check_state_opens(settings: Settings) -> None:
    """Raises SettingsError if it does not: one line at the start, instead of a traceback from the server."""
    queue, state = Queue(settings), StateStore(settings)
    try:
        await queue.open()
        await state.open()
    except Exception as error:
        reason = logs.redacted(str(error).strip().splitlines()[0], settings.secrets)
        raise SettingsError((f"MIGSAFE_STATE cannot be opened: {reason}",)) from error
    finally:
        await queue.close()
        await state.close()


def _run(app: Starlette, host: str, port: int) -> int:
    running = server(app, host, port)
    running.run()
    return 0 if running.started else 1


def _serve_setup(settings: Settings, host: str, port: int, *, until_done: bool) -> int:
    running: list[uvicorn.Server] = []

    def done() -> None:
        """Stops the server; the answer is still sent, because uvicorn lets running requests end."""
        if until_done:
            running[0].should_exit = True

    app, token = create_setup(settings, lambda values: write_dotenv(Path.cwd() / ".env", values), done)
    running.append(server(app, host, port))
    shown = "localhost" if host in ("127.0.0.1", "0.0.0.0") else host
    print(f"This App is not registered yet. Open http://{shown}:{port}/setup and enter this token: {token}", flush=True)
    running[0].run()
    return 0


async def _work_until_stopped(parts: AppParts) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with parts.open(worker=True):
        await stop.wait()


def _convert(github_url: str) -> Callable[[str], Awaitable[Any]]:
    async def convert(code: str) -> Any:
        connection = Connection(github_url)
        try:
            return await convert_manifest(connection, code)
        finally:
            await connection.close()

    return convert


async def _cancel(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _home(_request: Request) -> Response:
    return PlainTextResponse("migsafe reviews PostgreSQL migrations in pull requests.\n")


async def _to_setup(_request: Request) -> Response:
    return RedirectResponse("/setup")


async def _registered(_request: Request) -> Response:
    return PlainTextResponse("The App is registered; there is nothing to set up here.\n", 404)


async def _unregistered(_request: Request) -> Response:
    return JSONResponse({"error": "The App is not registered yet; see /setup"}, 503)
