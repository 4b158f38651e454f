"""Logs are structured, and no secret reaches them."""

import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest
import structlog

from bot.runtime import logs

KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----"


@pytest.fixture
def form() -> str:
    return "json"


@pytest.fixture
def written(form: str) -> Iterator[Callable[[], str]]:
    out = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.configure(form, secrets=("whsec-1234",), to=out)
    yield out.getvalue
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize(
    "secret",
    [
        "ghs_" + "a1B2" * 9,
        "ghp_" + "a1B2" * 9,
        "github_pat_" + "a1B2" * 9,
        "v1." + "0a" * 20,
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiI0NzExIn0.c2lnbmF0dXJl",
        KEY,
        "whsec-1234",
    ],
    ids=["installation token", "personal token", "fine-grained", "old form", "JWT", "private key", "our own"],
)
@pytest.mark.parametrize("form", ["json", "text"])
def test_a_secret_is_removed_wherever_it_is(secret: str, written: Callable[[], str]) -> None:
    log = structlog.get_logger("test")
    log.info(f"said {secret}", nested={"deep": [secret], secret: 1}, error=ValueError(secret))
    logging.getLogger("httpx.other").error("and %s", secret)
    try:
        raise RuntimeError(secret)
    except RuntimeError:
        log.exception("failed")
    assert secret not in written()
    assert json.dumps(secret)[1:-1] not in written()
    assert written().count("[hidden]") >= 5


@pytest.mark.parametrize("form", ["json", "text"])
def test_what_is_called_a_secret_is_one(written: Callable[[], str]) -> None:
    structlog.get_logger("test").info("connected", password="hunter2", headers={"Authorization": "basic YWJj"})
    assert "hunter2" not in written()
    assert "YWJj" not in written()


def test_passwords_of_databases_are_removed_and_hosts_stay() -> None:
    assert (
        logs.redacted("postgresql://reader:hunter2@db.internal/shop") == "postgresql://reader:[hidden]@db.internal/shop"
    )
    assert logs.redacted("host=db password=hunter2 user=x") == "host=db password=[hidden] user=x"
    assert logs.redacted("authorization: Bearer abcdefgh12345") == "authorization: Bearer [hidden]"


def test_ordinary_words_stay() -> None:
    said = "ALTER TABLE events ADD COLUMN search tsvector; see https://github.com/acme/shop/pull/5"
    assert logs.redacted(said) == said


def test_lines_are_json_with_their_context(written: Callable[[], str]) -> None:
    with structlog.contextvars.bound_contextvars(delivery_id="d1"):
        structlog.get_logger("test").warning("careful", count=3)
    logging.getLogger("other").warning("plain")
    first, second = (json.loads(line) for line in written().splitlines())
    assert (first["event"], first["delivery_id"], first["count"], first["level"]) == ("careful", "d1", 3, "warning")
    assert (second["event"], second["level"]) == ("plain", "warning")


def test_text_is_for_people() -> None:
    out = io.StringIO()
    handlers = logging.getLogger().handlers[:]
    logs.configure("text", to=out)
    structlog.get_logger("test").info("hello", count=3)
    logging.getLogger().handlers[:] = handlers
    structlog.reset_defaults()
    assert "hello" in out.getvalue()
    assert "count=3" in out.getvalue()
