"""The App's endpoints: a signed delivery is stored before it is answered; everything else happens in the worker."""

import asyncio
import hashlib
import hmac
import ipaddress
import json
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.review.job import Job, Stored
from bot.runtime import metrics
from bot.server.events import EVENTS
from bot.server.events.declaration import Events
from bot.server.events.payload import Json, Payload
from bot.server.intake import Intake

LARGEST = 26 * 1024 * 1024
"""Bytes. GitHub sends nothing above 25 MB."""

ARRIVAL = 10.0
"""Seconds within which a delivery must arrive; GitHub gives up by then."""

PATIENCE = 5.0
"""Seconds within which a delivery must be stored; GitHub waits for ten."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The endpoints, and what they need. `troubles` returns what keeps the App from working: none if it is ready."""

    secrets: Sequence[str]
    store: Callable[[Job], Awaitable[Stored]]
    troubles: Callable[[], Awaitable[Sequence[str]]]
    refresh: Callable[[], Awaitable[None]] | None = None
    """Brings the gauges up to date before they are read."""
    metrics_token: str | None = None
    events: Events = EVENTS
    intake: Intake = field(default_factory=Intake)

    def routes(self) -> list[Route]:
        return [
            Route("/webhook", self.webhook, methods=["POST"]),
            Route("/healthz", healthz),
            Route("/readyz", self.readyz),
            Route("/metrics", self.metrics),
        ]

    async def webhook(self, request: Request) -> Response:
        """202 accepted or duplicate; 400 broken JSON, 401 signature, 413 too large, 415 not JSON, 503 not stored."""
        started = time.perf_counter()
        answer = await self._receive(request)
        metrics.answers.observe(time.perf_counter() - started)
        return answer

    async def readyz(self, _request: Request) -> Response:
        troubles = await self.troubles()
        return JSONResponse({"ready": not troubles, "troubles": list(troubles)}, 503 if troubles else 200)

    async def metrics(self, request: Request) -> Response:
        if not self._may_read_metrics(request):
            return PlainTextResponse(
                "Metrics are for this machine, or for MIGSAFE_METRICS_TOKEN as bearer token.\n", 403
            )
        if self.refresh is not None:
            await self.refresh()
        content, kind = metrics.exposition()
        return Response(content, media_type=kind)

    async def _receive(self, request: Request) -> Response:
        try:
            async with asyncio.timeout(ARRIVAL) as limit:
                body = await _body(request, self.intake, limit)
        except (ClientDisconnect, TimeoutError):
            return self._answer(request, None, 400, "The delivery was cut off, or took too long to arrive")
        if body is None:
            return self._answer(request, None, 413, f"A delivery may have at most {LARGEST} bytes")
        with self.intake.answering():
            return await self._read(request, body)

    async def _read(self, request: Request, body: bytes) -> Response:
        if not is_signed(body, request.headers.get("x-hub-signature-256", ""), self.secrets):
            return self._answer(
                request, None, 401, "X-Hub-Signature-256 does not match the body and the webhook secret"
            )
        metrics.last_valid.set_to_current_time()
        if _media_type(request) != "application/json":
            return self._answer(request, None, 415, "Set the webhook's content type to application/json")
        payload = _parsed(body)
        if not isinstance(payload, dict):
            return self._answer(request, None, 400, "The body is not a JSON object")
        return await self._store(request, payload, _delivery(request, body))

    async def _store(self, request: Request, payload: Json, delivery: str) -> Response:
        job = self.events.read(request.headers.get("x-github-event", ""), payload, delivery)
        if job is None:
            return self._answer(request, payload, 202, "accepted", delivery=delivery)
        try:
            async with asyncio.timeout(PATIENCE):
                stored = await self.store(job)
        except Exception as error:
            log.error("could not store a delivery", delivery=delivery, job=job.id, error=repr(error))
            return self._answer(
                request, payload, 503, "The delivery could not be stored; migsafe will ask for it again"
            )
        return self._answer(request, payload, 202, stored, delivery=delivery, job=job.id)

    def _answer(
        self, request: Request, payload: Json, status: int, result: str, *, delivery: str = "", job: str = ""
    ) -> Response:
        """Counts and logs the delivery, and answers it."""
        event, sent = request.headers.get("x-github-event", ""), Payload(payload, delivery)
        counted = result if status == 202 else str(status)
        metrics.deliveries.labels(self.events.label(event), self.events.action_label(sent.action), counted).inc()
        if status != 202:
            log.warning("refused a delivery", status=status, reason=result, github_event=event[:64])
            return JSONResponse({"error": result}, status)
        log.info(
            "delivery", github_event=event[:64], action=sent.action[:64], result=result, delivery=delivery, job=job,
            repository=sent.text("repository", "full_name"),
        )  # fmt: skip
        return JSONResponse({"status": result, "delivery": delivery, "job": job or None}, status)

    def _may_read_metrics(self, request: Request) -> bool:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.metrics_token and hmac.compare_digest(given.encode(), self.metrics_token.encode()):
            return True
        return not _is_forwarded(request) and _is_loopback(request.client.host if request.client else "")


def _is_forwarded(request: Request) -> bool:
    """Whether a proxy passes it on. One that names nobody passes on the stranger's Host, or speaks HTTP/1.0 (nginx)."""
    asked = request.url.hostname or ""
    return (
        any(name.startswith(("x-forwarded", "x-real-ip", "forwarded", "via")) for name in request.headers)
        or not (asked == "localhost" or _is_loopback(asked))
        or request.scope.get("http_version") == "1.0"
    )


async def healthz(_request: Request) -> Response:
    """200 as long as the process answers."""
    return PlainTextResponse("ok\n")


def is_signed(body: bytes, header: str, secrets: Sequence[str]) -> bool:
    """Whether the header signs these bytes under one of the secrets; every comparison takes the same time."""
    found = _SIGNATURE.fullmatch(header)
    given = found.group(1) if found else "0" * 64
    matches = [hmac.compare_digest(signature(body, secret), given) for secret in secrets]
    return found is not None and any(matches)


def signature(body: bytes, secret: str) -> str:
    """The hexadecimal HMAC-SHA256 that GitHub sends after `sha256=`."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


_SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})")
_DELIVERY = re.compile(r"[0-9A-Za-z-]{1,64}")


async def _body(request: Request, intake: Intake, limit: asyncio.Timeout) -> bytes | None:
    """The raw body; None as soon as it is known to be too large, before the rest is read."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > LARGEST:
        return None
    with intake.reading(limit) as body:
        async for chunk in request.stream():
            intake.add(limit, body, chunk)
            if len(body) > LARGEST:
                return None
        return bytes(body)


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _parsed(body: bytes) -> Json:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _delivery(request: Request, body: bytes) -> str:
    """GitHub's GUID. The header is not signed, so a value of another form is replaced by the body's digest."""
    given = request.headers.get("x-github-delivery", "")
    return given if _DELIVERY.fullmatch(given) else hashlib.sha256(body).hexdigest()[:40]


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
