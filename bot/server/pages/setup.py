"""The set-up page: registers the App at GitHub from its manifest, and keeps GitHub's answer.

It serves only until the App is registered, and only with the one-time token that the server printed.
"""

import asyncio
import base64
import hmac
import html
import json
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.server.pages.manifest import manifest

log = structlog.get_logger(__name__)

_FORM_BYTES = 8192
_FORM_SECONDS = 10.0
_STATE_SECONDS = 3600.0
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,33}")
_ORGANISATION = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})")


class RegisteredApp(Protocol):
    """GitHub's answer, which it gives only once."""

    @property
    def id(self) -> int: ...

    @property
    def html_url(self) -> str: ...

    @property
    def private_key(self) -> str: ...

    @property
    def webhook_secret(self) -> str: ...


class Setup:
    """`convert` exchanges GitHub's code for the App; `keep` writes the environment; `done` is called after that."""

    def __init__(
        self,
        *,
        github_url: str,
        convert: Callable[[str], Awaitable[RegisteredApp]],
        keep: Callable[[Mapping[str, str]], None],
        done: Callable[[], None] = lambda: None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.token = secrets.token_urlsafe(18)
        self.web_url = web_url(github_url)
        self.convert = convert
        self.keep = keep
        self.done = done
        self.now = now
        self.registered = False
        self._states: dict[str, float] = {}

    def routes(self) -> list[Route]:
        return [
            Route("/setup", self.ask, methods=["GET"]),
            Route("/setup", self.begin, methods=["POST"]),
            Route("/setup/done", self.finish, methods=["GET"]),
        ]

    async def ask(self, request: Request) -> Response:
        """Asks for the token, and for the address that GitHub delivers to."""
        if self.registered:
            return self._page("Registered", "<p>The App is registered. Restart migsafe.</p>", 404)
        host = html.escape(f"https://{request.headers.get('host', '')}", quote=True)
        return self._page("Register migsafe at GitHub", _FORM.replace("{base}", host))

    async def begin(self, request: Request) -> Response:
        """Checks the token, and shows a button that sends the manifest to GitHub."""
        form = await _form(request)
        if self.registered:
            return self._page("Closed", "<p>The App is registered. Restart migsafe.</p>", 403)
        # No number of wrong tokens closes the page: a stranger could send them. The token has 144 bits.
        if not hmac.compare_digest(form.get("token", "").strip().encode(), self.token.encode()):
            return self._page("Wrong token", "<p>That is not the token that migsafe printed when it started.</p>", 403)
        base, name = form.get("base", "").strip().rstrip("/"), form.get("name", "").strip()
        organisation = form.get("organisation", "").strip()
        wrong = _wrong_in(base, name, organisation)
        if wrong:
            return self._page("Not yet", f"<p>{html.escape(wrong)}</p>", 400)
        return self._page("One more step", self._button(base, name, organisation))

    async def finish(self, request: Request) -> Response:
        """Exchanges the code that the browser brings back from GitHub; a code is valid for one exchange."""
        state, code = request.query_params.get("state", ""), request.query_params.get("code", "")
        begun = self._states.pop(state, None)
        if self.registered or begun is None or self.now() - begun > _STATE_SECONDS:
            return self._page(
                "Not started here", "<p>This set-up was not started here, or is too old. Start again.</p>", 403
            )
        try:
            app = await self.convert(code)
        except Exception as error:
            log.warning("could not exchange the code of the manifest", error=type(error).__name__)
            return self._page("GitHub refused", "<p>GitHub did not accept the code. Start again at /setup.</p>", 502)
        return self._keep(app)

    def _button(self, base: str, name: str, organisation: str) -> str:
        state = secrets.token_urlsafe(24)
        self._states[state] = self.now()
        owner = f"/organizations/{organisation}" if organisation else ""
        action = html.escape(f"{self.web_url}{owner}/settings/apps/new?state={state}", quote=True)
        content = html.escape(json.dumps(manifest(base, name)), quote=True)
        return (
            "<p>GitHub shows the permissions and asks you to confirm.</p>"
            f'<form method="post" action="{action}"><input type="hidden" name="manifest" value="{content}">'
            "<button>Create the App at GitHub</button></form>"
        )

    def _keep(self, app: RegisteredApp) -> Response:
        values = {
            "MIGSAFE_APP_ID": str(app.id),
            "MIGSAFE_PRIVATE_KEY": base64.b64encode(app.private_key.encode()).decode(),
            "MIGSAFE_WEBHOOK_SECRET": app.webhook_secret,
        }
        self.registered = True
        try:
            self.keep(values)
            where = "It is written to <code>.env</code> in migsafe's working directory, readable by its user only."
        except OSError as error:
            log.error("could not write .env", error=error.strerror)
            where = "It could <strong>not</strong> be written to <code>.env</code>: copy it from here."
        self.done()
        lines = html.escape("\n".join(f"{name}={value}" for name, value in values.items()))
        install = html.escape(f"{app.html_url}/installations/new", quote=True)
        link = (
            f'<a href="{install}">install the App</a>' if install.startswith(("https://", "http://")) else "install it"
        )
        return self._page(
            "Registered",
            f"<p>This is shown once. {where}</p><textarea readonly rows=8 cols=80>{lines}</textarea>"
            f"<p>Restart <code>migsafe serve</code>, then {link} on your repositories.</p>",
        )

    def _page(self, title: str, body: str, status: int = 200) -> Response:
        policy = (
            f"default-src 'none'; style-src 'unsafe-inline'; form-action 'self' {self.web_url}; frame-ancestors 'none'"
        )
        headers = {
            "content-security-policy": f"{policy}; frame-ancestors 'none'; base-uri 'none'",
            "cache-control": "no-store",
            "referrer-policy": "no-referrer",
            "x-content-type-options": "nosniff",
        }
        return HTMLResponse(_PAGE.format(title=html.escape(title), body=body), status, headers)


def web_url(github_url: str) -> str:
    """The address of GitHub's web pages, from that of its API."""
    url = urlsplit(github_url)
    host = url.netloc.removeprefix("api.") if url.netloc == "api.github.com" else url.netloc
    return f"{url.scheme}://{host}"


async def _form(request: Request) -> dict[str, str]:
    body = bytearray()
    try:
        async with asyncio.timeout(_FORM_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > _FORM_BYTES:
                    return {}
    except (ClientDisconnect, TimeoutError):
        return {}
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20)
    return {name: values[0] for name, values in fields.items()}


def _wrong_in(base: str, name: str, organisation: str) -> str | None:
    url = urlsplit(base)
    if url.scheme not in ("https", "http") or not url.hostname or url.query or url.fragment or url.username:
        return "The address of this server must be an https:// address that GitHub can reach."
    if not _NAME.fullmatch(name):
        return "The App's name has letters, digits, spaces and '-', at most 34; it must be free at GitHub."
    if organisation and not _ORGANISATION.fullmatch(organisation):
        return "That is not the name of an organisation."
    return None


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:42em;margin:3em auto;padding:0 1em}}
label{{display:block;margin:1em 0}}input{{display:block;width:100%;padding:.4em}}button{{padding:.5em 1em}}</style>
</head><body><h1>{title}</h1>{body}</body></html>
"""

_FORM = """<p>migsafe asks to read contents, issues, merge queues and metadata, and to write checks and pull
requests.</p>
<form method="post" action="/setup">
<label>The one-time token that migsafe printed when it started <input name="token" autocomplete="off" required></label>
<label>Where GitHub reaches this server <input name="base" value="{base}" required></label>
<label>Name of the App <input name="name" value="migsafe" maxlength="34" required></label>
<label>Organisation that will own it (empty: you) <input name="organisation"></label>
<button>Continue</button></form>"""
