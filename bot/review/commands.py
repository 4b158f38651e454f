"""Reads the first line of a comment as a command: `/migsafe explain set-not-null`.

`/migsafe: help` and `@migsafe help` are read, too. A mention is often the beginning of a sentence, so that it counts
only before a word that is a command.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import ClassVar, TypeAlias


@dataclass(frozen=True, slots=True)
class Explain:
    """`topic` is a rule, a lock mode or SQL as written, on the line or in a code block below it; "" asks about the
    finding of the thread."""

    topic: str = ""
    verb: ClassVar[str] = "explain"


@dataclass(frozen=True, slots=True)
class Recheck:
    """Review the head again."""

    verb: ClassVar[str] = "recheck"


@dataclass(frozen=True, slots=True)
class Plan:
    """All safe steps, as files."""

    verb: ClassVar[str] = "plan"


@dataclass(frozen=True, slots=True)
class Runbook:
    """The recovery recipe."""

    verb: ClassVar[str] = "runbook"


@dataclass(frozen=True, slots=True)
class AcknowledgeItem:
    """Settle a checklist item that only a person can settle."""

    item: str
    reason: str
    verb: ClassVar[str] = "acknowledge"


@dataclass(frozen=True, slots=True)
class AllowRule:
    """Accept a finding; `rule` is a rule's id."""

    rule: str
    reason: str
    verb: ClassVar[str] = "allow"


@dataclass(frozen=True, slots=True)
class Done:
    """Say that a file of the plan, by its path or its name, is done: nothing shows of a script that it has run."""

    file: str
    reason: str
    verb: ClassVar[str] = "done"


@dataclass(frozen=True, slots=True)
class Revoke:
    """Revoke an acknowledgement, an allow or a done; `subject` is a checklist id, a rule's id, or a file of the plan in
    lower case, `reason` may be ""."""

    subject: str
    reason: str = ""
    verb: ClassVar[str] = "revoke"


@dataclass(frozen=True, slots=True)
class Help:
    """List the commands; `problem` says what was not understood, "" if the person asked for help."""

    problem: str = ""
    verb: ClassVar[str] = "help"


Command: TypeAlias = Explain | Recheck | Plan | Runbook | AcknowledgeItem | AllowRule | Done | Revoke | Help
"""`verb` is the word that a person writes."""

USAGE = (
    ("explain [rule | lock mode | SQL]", "what it does to your tables, and what to do instead"),
    ("recheck", "review the pull request again"),
    ("plan", "every safe step as a file, in the order of deployment"),
    ("runbook", "how to recover if this migration fails half-way"),
    ("acknowledge ITEM REASON", "settle an item of the checklist that only a person can settle"),
    ("allow RULE REASON", "accept a finding"),
    (
        "done FILE REASON",
        "say that a step of the plan that is still to come has been taken, such as a script that was run",
    ),
    ("revoke ITEM, RULE or FILE", "revoke an acknowledgement, an allow or a done"),
    ("help", "this list"),
)

_PREFIX = re.compile(r"(?:/migsafe:?|(?P<mention>@migsafe(?:\[bot\])?[:,]?))(?=[ \t]|$)", re.IGNORECASE)
_FENCE = re.compile(r"(?P<ticks>`{3,}|~{3,})[ \t]*+(?P<language>[\w+-]*+)[ \t]*+")
_NOT_SQL = frozenset({"suggestion", "diff"})
_SHOWN = 60


def is_command(body: str) -> bool:
    """Whether a comment begins with a command; quoted lines, code blocks and later lines do not count."""
    return _words(body) is not None


def read(body: str) -> Command | None:
    """The command on the first line, `Help` for an unknown one, None if there is none. Never raises."""
    words = _words(body)
    if words is None:
        return None
    verb, rest = words
    reader = _READERS.get(verb.lower())
    if reader is None:
        near = get_close_matches(verb.lower(), [known for known in _READERS if known], n=1)
        hint = f". Did you mean `/migsafe {near[0]}`?" if near else ""
        return Help(f"`{_shown(verb)}` is not a command{hint}")
    command = reader(rest)
    return Explain(_block(body)) if command == Explain() else command


def fingerprint(body: str) -> str:
    """Identifies the command of a comment: an edit of anything else does not ask for it again."""
    asked = first_line(body)
    verb, rest = _words(body) or ("", "")
    if verb.lower() == Explain.verb and not rest and (block := _block(body)):
        asked += f"\n{block}"
    return hashlib.sha256(asked.encode("utf-8", "replace")).hexdigest()[:12]


def first_line(body: str) -> str:
    """A comment up to its first line end of any kind; four spaces or a tab before it would be a code block."""
    line = re.split(r"[\r\n]", body.removeprefix("\ufeff"), maxsplit=1)[0].rstrip()
    indent = len(line) - len(line.lstrip(" "))
    return line.lstrip(" ") if indent < 4 else ""


def _with_reason(command: type[AcknowledgeItem] | type[AllowRule], what: str, rest: str) -> Command:
    verb = command.verb
    subject, reason = _split(rest)
    subject = _unquoted(subject).lower()
    if not subject:
        return Help(f"`{verb}` needs to know which: `/migsafe {verb} {what} REASON`")
    if not reason:
        return Help(f"`{verb} {_shown(subject)}` needs a reason: `/migsafe {verb} {_shown(subject)} REASON`")
    return command(subject, reason)


def _done(rest: str) -> Command:
    file, reason = _split(rest)
    file = _unquoted(file)
    if not file:
        return Help("`done` needs to know which file of the plan: `/migsafe done FILE REASON`")
    if not reason:
        return Help(f"`done {_shown(file)}` needs a reason: `/migsafe done {_shown(file)} REASON`")
    return Done(file, reason)


def _revoke(rest: str) -> Command:
    subject, reason = _split(rest)
    subject = _unquoted(subject).lower()
    if not subject:
        return Help(
            "`revoke` needs to know what: `/migsafe revoke ITEM`, `/migsafe revoke RULE` or `/migsafe revoke FILE`"
        )
    return Revoke(subject, reason)


_READERS: Mapping[str, Callable[[str], Command]] = {
    "": lambda _: Help(),
    "explain": lambda rest: Explain(_unquoted(rest)),
    "recheck": lambda _: Recheck(),
    "plan": lambda _: Plan(),
    "runbook": lambda _: Runbook(),
    "acknowledge": lambda rest: _with_reason(AcknowledgeItem, "ITEM", rest),
    "ack": lambda rest: _with_reason(AcknowledgeItem, "ITEM", rest),
    "allow": lambda rest: _with_reason(AllowRule, "RULE", rest),
    "done": lambda rest: _done(rest),
    "revoke": lambda rest: _revoke(rest),
    "help": lambda _: Help(),
}
"""For each verb, how the rest of the line becomes a command."""


def _words(body: str) -> tuple[str, str] | None:
    """The verb as written and what follows it on the line; None if the line is no command."""
    line = first_line(body)
    found = _PREFIX.match(line)
    if found is None:
        return None
    verb, rest = _split(line[found.end() :].strip())
    return None if found["mention"] and verb.lower() not in _READERS else (verb, rest)


def _block(body: str) -> str:
    """The text of the first code block below the first line, if nothing but blank lines is between them; else ""."""
    _, *lines = re.split(r"\r\n|\r|\n", body)
    below = iter(lines)
    opening = _FENCE.fullmatch(next((line for line in below if line.strip()), ""))
    if opening is None or opening["language"].lower() in _NOT_SQL:
        return ""
    held = []
    for line in below:
        if line.startswith(opening["ticks"]):
            break
        held.append(line)
    return "\n".join(held).strip()


def _split(words: str) -> tuple[str, str]:
    verb, *rest = words.split(maxsplit=1) or [""]
    return verb, rest[0].strip() if rest else ""


def _unquoted(written: str) -> str:
    """The text without the code span that people put around SQL and names."""
    ticks = len(written) - len(written.lstrip("`"))
    if ticks and len(written) > 2 * ticks and written.endswith("`" * ticks):
        return written[ticks:-ticks].strip()
    return written


def _shown(written: str) -> str:
    """Text of a stranger, made safe for a code span: nothing in it may end the span."""
    plain = "".join(letter if letter.isprintable() and letter != "`" else "'" for letter in written)
    return plain if len(plain) <= _SHOWN else plain[: _SHOWN - 1] + "…"
