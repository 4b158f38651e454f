"""The rules reference: every rule's page in one file, the short list, and the same as JSON."""

import json
from collections.abc import Sequence

from bot.core.judging.rule import Rule
from bot.report.explain import why
from bot.report.json_report import Value
from bot.report.markdown import plain

_OPENING = """\
# The rules

What migsafe looks for, and why. `migsafe rules --write` writes this from the rules' docstrings.

To accept a finding, put `migsafe: allow RULE REASON` into a comment on the statement."""


def reference(rules: Sequence[Rule]) -> str:
    """`bot/rules/README.md`: a list of all rules, then each one's page."""
    ordered = sorted(rules, key=lambda rule: rule.id)
    contents = "\n".join(f"- [{rule.id}](#{rule.id}): {rule.title}" for rule in ordered)
    pages = [f"## {rule.id}\n\n**{rule.title}**\n\n{why(rule.explanation)}".rstrip() for rule in ordered]
    return "\n\n".join((_OPENING, contents, *pages)) + "\n"


def as_text(rules: Sequence[Rule]) -> str:
    """One line per rule: id and title."""
    ordered = sorted(rules, key=lambda rule: rule.id)
    width = max((len(rule.id) for rule in ordered), default=0)
    return "".join(f"{rule.id:<{width}}  {plain(rule.title)}\n" for rule in ordered)


def as_json(rules: Sequence[Rule]) -> str:
    """A list of `id`, `title`, `explanation` (Markdown) and `watches` (the operations it is called for)."""
    ordered = sorted(rules, key=lambda rule: rule.id)
    listed: list[Value] = [
        {
            "id": rule.id,
            "title": plain(rule.title),
            "explanation": rule.explanation,
            "watches": list(_watches(rule)),
        }
        for rule in ordered
    ]
    return json.dumps(listed, indent=2, ensure_ascii=False) + "\n"


def _watches(rule: Rule) -> list[str]:
    return sorted(watched.__name__ for watched in rule.watches)
