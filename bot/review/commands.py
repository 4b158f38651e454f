"""The first line of a comment, read into a command: `/migsafe explain set-not-null`."""

import hashlib
import re
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Explain:
    """`topic` is a rule, a lock mode or SQL as written; "" asks about the finding of the thread."""

    topic: str = ""


@dataclass(frozen=True, slots=True)
class Recheck:
    """Look at the head again."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All safe steps, as files."""


@dataclass(frozen=True, slots=True)
class Runbook:
    """The recovery recipe."""


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """A checklist item that only a person can settle, settled."""

    item: str
    reason: str


@dataclass(frozen=True, slots=True)
class Allow:
    """A finding accepted; `rule` is a rule's id."""

    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Revoke:
    """An acknowledgement or an allow taken back; `subject` is a checklist id or a rule's id."""

    subject: str


@dataclass(frozen=True, slots=True)
class Help:
    """What there is; `problem` says what was not understood, "" where help was asked for."""

    problem: str = ""


Command: TypeAlias = Explain | Recheck | Plan | Runbook | Acknowledge | Allow | Revoke | Help

USAGE = (
    ("explain [rule | lock mode | SQL]", "what it does to your tables, and what to do instead"),
    ("recheck", "look at the pull request again"),
    ("plan", "every safe step as a file, in the order of deployment"),
    ("runbook", "how to recover if this migration fails half-way"),
    ("acknowledge ITEM REASON", "settle an item of the checklist that only a person can settle"),
    ("allow RULE REASON", "accept a finding"),
    ("revoke ITEM or RULE", "take an acknowledgement or an allow back"),
    ("help", "this list"),
)

_PREFIX = re.compile(r"/migsafe(?=[ \t]|$)", re.IGNORECASE)
_SHOWN = 60


def is_command(body: str) -> bool:
    """Whether a comment begins with a command; quoted lines, code blocks and later lines do not count."""
    return _PREFIX.match(first_line(body)) is not None


def read(body: str) -> Command | None:
    """The command on the first line, `Help` where it is not one of ours, None where there is none. Never raises."""
    line = first_line(body)
    found = _PREFIX.match(line)
    if found is None:
        return None
    verb, rest = _split(line[found.end() :].strip())
    match verb.lower():
        case "":
            return Help()
        case "explain":
            return Explain(_unquoted(rest))
        case "recheck":
            return Recheck()
        case "plan":
            return Plan()
        case "runbook":
            return Runbook()
        case "acknowledge" | "ack":
            return _with_reason(Acknowledge, "acknowledge", "ITEM", rest)
        case "allow":
            return _with_reason(Allow, "allow", "RULE", rest)
        case "revoke":
            return _revoke(rest)
        case "help":
            return Help()
        case _:
            return Help(f"`{_shown(verb)}` is not a command")


def fingerprint(body: str) -> str:
    """Names the command of a comment: an edit that leaves its first line alone asks for nothing new."""
    return hashlib.sha256(first_line(body).encode("utf-8", "replace")).hexdigest()[:12]


def first_line(body: str) -> str:
    """A comment up to its first line end of any kind; four spaces or a tab before it would be a code block."""
    line = re.split(r"[\r\n]", body.removeprefix("\ufeff"), maxsplit=1)[0].rstrip()
    indent = len(line) - len(line.lstrip(" "))
    return line.lstrip(" ") if indent < 4 else ""


def _with_reason(command: type[Acknowledge] | type[Allow], verb: str, what: str, rest: str) -> Command:
    subject, reason = _split(rest)
    subject = _unquoted(subject).lower()
    if not subject:
        return Help(f"`{verb}` needs to know which: `/migsafe {verb} {what} REASON`")
    if not reason:
        return Help(f"`{verb} {_shown(subject)}` needs a reason: `/migsafe {verb} {_shown(subject)} REASON`")
    return command(subject, reason)


def _revoke(rest: str) -> Command:
    subject = _unquoted(_split(rest)[0]).lower()
    if not subject:
        return Help("`revoke` needs to know what: `/migsafe revoke ITEM` or `/migsafe revoke RULE`")
    return Revoke(subject)


def _split(words: str) -> tuple[str, str]:
    verb, *rest = words.split(maxsplit=1) or [""]
    return verb, rest[0].strip() if rest else ""


def _unquoted(written: str) -> str:
    """Without the code span people put around SQL and names."""
    ticks = len(written) - len(written.lstrip("`"))
    if ticks and len(written) > 2 * ticks and written.endswith("`" * ticks):
        return written[ticks:-ticks].strip()
    return written


def _shown(written: str) -> str:
    """Somebody's words inside a code span of ours: nothing in them may end it."""
    plain = "".join(letter if letter.isprintable() and letter != "`" else "'" for letter in written)
    return plain if len(plain) <= _SHOWN else plain[: _SHOWN - 1] + "…"
