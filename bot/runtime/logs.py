"""Structured logs, JSON or text; tokens, keys and passwords are removed before anything is written."""

import logging
import re
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any, TextIO

import structlog

_SECRETS = (
    re.compile(r"gh[a-z]_[A-Za-z0-9_]{16,}"),
    re.compile(r"github_pat_[A-Za-z0-9_]{16,}"),
    re.compile(r"\bv1\.[0-9a-f]{40}\b"),
    re.compile(r"\beyJ(?:(?!\beyJ)[A-Za-z0-9_-]){8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"),
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
    re.compile(r"(?<=[Bb]earer )[A-Za-z0-9._~+/=-]{8,}"),
    re.compile(r"(?i)\b(?<=password=)('[^']*'|[^\s&'\"]+)"),
)
_WORD = re.compile(r"\S++")
_PASSWORD = re.compile(r"(?P<before>(?<![a-z0-9+.-])[a-z][a-z0-9+.-]*+://[^:/]*+:).*+", re.DOTALL)
"""What stands before the sign that ends it."""
_HIDDEN = "[hidden]"
_NAMED = frozenset({"password", "token", "secret", "authorization", "private_key"})
"""Keys whose values are secrets, whatever they look like."""


def configure(
    form: str = "json", *, level: str = "INFO", secrets: Iterable[str] = (), to: TextIO | None = None
) -> None:
    """Sends structlog's and the standard library's logs to `to` (stderr) as `json` or `text`.

    `secrets` are this process's own; they are removed everywhere, as is everything that looks like a secret.
    """
    redact = _Redaction(secrets)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[structlog.typing.Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        redact,
        structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False),
    ]
    handler = logging.StreamHandler(to or sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=last))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without what looks like a token, a private key or a password, and without these secrets."""
    for secret in secrets:
        text = text.replace(secret, _HIDDEN)
    for pattern in _SECRETS:
        text = pattern.sub(_HIDDEN, text)
    return _WORD.sub(_without_password, text) if "://" in text else text


def _without_password(word: re.Match[str]) -> str:
    *before, last = word[0].split("@")
    return "@".join([*(_PASSWORD.sub(rf"\g<before>{_HIDDEN}", part) for part in before), last])


_QUIET = ("httpx", "httpcore", "hishel", "githubkit", "asyncio", "uvicorn")


class _Redaction:
    def __init__(self, secrets: Iterable[str]) -> None:
        self.secrets = tuple(sorted((secret for secret in secrets if len(secret) > 3), key=len, reverse=True))

    def __call__(self, _logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        for key, value in event.items():
            event[key] = self.clean(value) if key.lower() not in _NAMED else _HIDDEN
        return event

    def clean(self, value: Any) -> Any:
        match value:
            case None | bool() | int() | float():
                return value
            case str():
                return redacted(value, self.secrets)
            case Mapping():
                return {
                    redacted(str(key), self.secrets): self.clean(inner) if str(key).lower() not in _NAMED else _HIDDEN
                    for key, inner in value.items()
                }
            case list() | tuple() | set() | frozenset():
                return [self.clean(inner) for inner in value]
            case _:
                return redacted(repr(value), self.secrets)
