"""The App itself: its identity, installations, tokens and deliveries, and how it is registered."""

import secrets
from datetime import UTC, datetime
from typing import Any

from bot.standins.github import as_json, webhooks
from bot.standins.github.model import Delivery, Installation, Json, Token
from bot.standins.github.routes import Answer, Call, Refused, link_header, not_found, page, route

TOKEN_LIFE = 3600
"""Seconds."""
KEPT = 3 * 24 * 3600
"""Seconds for which deliveries can be listed and sent again."""
_LEVELS = ("read", "write", "admin")


@route("GET", "/app", app=True)
def show(call: Call) -> Answer:
    counted = {**as_json.app(call.github), "installations_count": len(call.github.installations)}
    return Answer(200, counted)


@route("GET", "/app/installations", app=True)
def installations(call: Call) -> Answer:
    return page(call, [as_json.installation(call.github, each) for each in call.github.installations.values()])


@route("GET", "/app/installations/{installation_id}", app=True)
def installation(call: Call) -> Answer:
    return Answer(200, as_json.installation(call.github, _find(call)))


@route("POST", "/app/installations/{installation_id}/access_tokens", app=True)
def access_token(call: Call) -> Answer:
    installed = _find(call)
    github = call.github
    if installed.suspended_at:
        raise Refused(403, "This installation has been suspended")
    body = call.body or {}
    permissions = body.get("permissions") or dict(installed.permissions)
    for name, level in permissions.items():
        granted = installed.permissions.get(name)
        if granted is None or _LEVELS.index(level) > _LEVELS.index(granted):
            raise Refused(422, "The permissions requested are not granted to this installation.")
    seen = {each.id: each for each in github.repositories.values() if github.sees(installed, each)}
    names = {each.name: each.id for each in seen.values()}
    wanted = [*body.get("repository_ids", []), *(names.get(name, 0) for name in body.get("repositories", []))]
    if any(each not in seen for each in wanted):
        reason = "There is at least one repository that does not exist or is not accessible to the parent installation."
        raise Refused(422, reason)
    text = "ghs_" + ".".join(secrets.token_urlsafe(size).replace("-", "_") for size in (27, 130, 230))
    now = github.now()
    repositories = frozenset(wanted or seen)
    token = Token(text, installed.id, permissions, repositories, now + TOKEN_LIFE, now + github.token_lag)
    github.tokens[text] = token
    answer: Json = {
        "token": text,
        "expires_at": datetime.fromtimestamp(token.expires, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "permissions": {**permissions, "metadata": "read"},
        "repository_selection": "selected" if wanted else installed.selection,
    }
    if wanted:
        answer["repositories"] = [as_json.repository(github, seen[each]) for each in wanted]
    return Answer(201, answer)


@route("GET", "/orgs/{org}/installation", app=True)
def of_organisation(call: Call) -> Answer:
    login = call.parameters["org"]
    for each in call.github.installations.values():
        if each.account.login == login:
            return Answer(200, as_json.installation(call.github, each))
    raise not_found()


@route("GET", "/repos/{owner}/{repo}/installation", app=True)
def of_repository(call: Call) -> Answer:
    repository = call.github.find_repository(f"{call.parameters['owner']}/{call.parameters['repo']}")
    for each in call.github.installations.values():
        if repository and call.github.sees(each, repository):
            return Answer(200, as_json.installation(call.github, each))
    raise not_found()


@route("GET", "/app/hook/config", app=True)
def hook(call: Call) -> Answer:
    hidden = {"content_type": "json", "insecure_ssl": "0", "secret": "********"}
    return Answer(200, {**hidden, "url": call.github.hook_url})


@route("GET", "/app/hook/deliveries", app=True)
def deliveries(call: Call) -> Answer:
    newest = [each for each in reversed(call.github.deliveries) if _age(call, each) < KEPT]
    match call.query.get("status"):
        case "failure":
            newest = [each for each in newest if not each.succeeded]
        case "success":
            newest = [each for each in newest if each.succeeded]
        case _:
            pass
    before = call.query.get("cursor")
    if before is not None:
        if not before.isdigit():
            raise Refused(400, "Invalid cursor")
        newest = [each for each in newest if each.id < int(before)]
    size = min(int(call.query.get("per_page", "30")), 100)
    shown = newest[:size]
    more = len(newest) > size
    headers = {"Link": link_header(call, {"next": {"cursor": str(shown[-1].id)}})} if more else {}
    return Answer(200, [as_json.delivery(each) for each in shown], headers)


@route("GET", "/app/hook/deliveries/{delivery_id}", app=True)
def delivery(call: Call) -> Answer:
    attempt = _delivery(call)
    sent = {"headers": webhooks.headers(call.github, attempt), "payload": attempt.payload}
    got: dict[str, Any] = {"headers": {}, "payload": attempt.answer}
    return Answer(200, {**as_json.delivery(attempt), "url": attempt.url, "request": sent, "response": got})


@route("POST", "/app/hook/deliveries/{delivery_id}/attempts", app=True)
def redeliver(call: Call) -> Answer:
    attempt = _delivery(call)
    if _age(call, attempt) >= KEPT:
        raise not_found()
    webhooks.redeliver(call.github, attempt)
    return Answer(202, {})


@route("POST", "/app-manifests/{code}/conversions", anyone=True)
def convert(call: Call) -> Answer:
    manifest = call.github.manifest_codes.pop(call.parameters["code"], None)
    if manifest is None:
        raise not_found()
    secret = {
        "client_id": f"Iv1.{secrets.token_hex(8)}",
        "client_secret": secrets.token_hex(20),
        "webhook_secret": call.github.webhook_secret,
        "pem": call.github.private_key,
    }
    return Answer(201, {**as_json.app(call.github), **secret, "name": manifest.get("name", call.github.slug)})


@route("GET", "/rate_limit")
def rate_limit(call: Call) -> Answer:
    core = {"limit": 5000, "remaining": 4999, "used": 1, "reset": int(call.github.now()) + 3600}
    return Answer(200, {"resources": {"core": core, "search": core}, "rate": core})


@route("GET", "/meta", anyone=True)
def meta(_call: Call) -> Answer:
    return Answer(200, {"verifiable_password_authentication": False, "hooks": ["127.0.0.0/8"]})


def _find(call: Call) -> Installation:
    installed = call.github.installations.get(call.number("installation_id"))
    if installed is None:
        raise not_found()
    return installed


def _delivery(call: Call) -> Delivery:
    number = call.number("delivery_id")
    for each in call.github.deliveries:
        if each.id == number:
            return each
    raise not_found()


def _age(call: Call, attempt: Delivery) -> float:
    return call.github.now() - datetime.strptime(attempt.at, "%Y-%m-%dT%H:%M:%S%z").timestamp()
