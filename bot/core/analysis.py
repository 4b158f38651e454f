"""A run against a catalog: replayed, timed, judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.core.catalog import Catalog
from bot.core.findings import ChecklistItem, Finding, Verdict
from bot.core.migrations import Allow, Lines, Run
from bot.core.policy import Policy
from bot.core.rule import Timed


@dataclass(frozen=True, slots=True)
class UnreadPart:
    """A part of a migration that was not understood."""

    path: str
    lines: Lines
    reason: str


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything that is said about one deploy. `catalog` None: no replica was there.

    `catalog_trouble` says why a configured replica was not reached, None where it was or none is configured.
    """

    run: Run
    major: int
    policy: Policy
    catalog: Catalog | None = None
    catalog_trouble: str | None = None
    timeline: tuple[Timed, ...] = ()
    findings: tuple[Finding, ...] = ()
    unread: tuple[UnreadPart, ...] = ()
    unused_allows: tuple[tuple[str, Allow], ...] = ()
    """(path, allow) for those that silenced nothing or lack a reason."""
    checklist: tuple[ChecklistItem, ...] = ()
    verdict: Verdict = Verdict.SAFE
    notes: tuple[str, ...] = ()
    frameworks: Sequence[str] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
