"""What migsafe writes for a file: its plan as files in their order, and its suggestions as GitHub applies them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.core.globs import matches
from bot.core.judging.analysis import Analysis, analyse
from bot.core.judging.findings import Finding, Severity, Suggestion, WrittenFile
from bot.core.judging.framework import Side, SourceFile, Want
from bot.core.judging.policy import Policy
from bot.core.language.messages import Message
from bot.core.language.migrations import Run
from bot.core.schema.asked import asked_by
from bot.core.schema.catalog import Catalog
from bot.report.phrases import standing
from bot.report.stages import in_stages
from bot.review.deploy import evidence, read, sort_by_framework, wants_evidence
from bot.review.judge import complete
from bot.rules import RULES
from tests.rewrites.clones import Clone
from tests.support.said import said

ONLY_GUARDED = "ddl-without-lock-timeout"
"""The rule whose rewrite is the same statement behind a lock_timeout."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`files` in the order in which they are to be applied; `rules` are those whose rewrite it is."""

    path: str
    text: str
    analysis: Analysis
    files: tuple[WrittenFile, ...]
    chosen: tuple[Finding, ...]

    @property
    def rules(self) -> list[str]:
        return sorted({finding.rule for finding in self.chosen} - {ONLY_GUARDED})

    @property
    def differs(self) -> str:
        found = (one.rewrite.differs for one in self.chosen if one.rewrite is not None and one.rewrite.differs)
        return " ".join(dict.fromkeys(said(message) for message in found))

    @property
    def lost(self) -> str:
        steps = [step for one in self.chosen if one.rewrite is not None for step in one.rewrite.steps]
        return " ".join(dict.fromkeys(said(step.lost) for step in steps if step.lost))

    @property
    def notes(self) -> str:
        return "\n".join(said(file.note) for file in self.files if isinstance(file.note, Message) and file.note)

    @property
    def suggestions(self) -> list[Suggestion]:
        return list(dict.fromkeys(one.suggestion for one in self.chosen if one.suggestion is not None))

    @property
    def own_file(self) -> WrittenFile | None:
        """What becomes of the author's file."""
        return next((file for file in self.files if file.path == self.path), None)

    @property
    def unhelped(self) -> list[Finding]:
        """The findings above a note at statements that nothing is offered for."""
        helped = {id(one.statement) for one in self.chosen if one.rule != ONLY_GUARDED}
        found = loud(self.analysis)
        return [one for one in found if one.rule != ONLY_GUARDED and id(one.statement) not in helped]


def judged(path: str, text: str, catalog: Catalog | None, beside: Mapping[str, str], major: int) -> Analysis:
    """As `migsafe check` judges the file, `beside` being the repository that it is in."""
    run = _read({path: text}, beside)
    shown = evidence(run, _wanted(wants_evidence(run), beside))
    return complete([analyse(run, catalog, Policy(postgres=major), RULES, evidence=shown)])


def judged_in(path: str, text: str, clone: Clone, beside: Mapping[str, str], major: int) -> Analysis:
    """The same, with what the replica says of the clone at this moment."""
    asked = asked_by(_read({path: text}, beside))
    catalog = replace(clone.catalog(asked), major=major)
    return judged(path, text, catalog, beside, major)


def judged_together(files: Mapping[str, str], clone: Clone | None, beside: Mapping[str, str], major: int) -> Analysis:
    """As the App judges a pull request that brings all these files; without a clone there is no replica."""
    run = _read(files, beside)
    catalog = None
    if clone is not None:
        catalog = replace(clone.catalog(asked_by(run)), major=major)
    shown = evidence(run, _wanted(wants_evidence(run), beside))
    return complete([analyse(run, catalog, Policy(postgres=major), RULES, evidence=shown)])


def plan_of(path: str, text: str, clone: Clone, beside: Mapping[str, str], major: int) -> Plan:
    """Its files in the order in which `/migsafe plan` and the report page show them."""
    analysis = judged_in(path, text, clone, beside, major)
    open_ones = sorted(standing(analysis), key=lambda one: one.statement.start)
    chosen = tuple(one for one in open_ones if one.files or one.suggestion is not None)
    files = tuple(step.file for step in in_stages(chosen))
    return Plan(path, text, analysis, files, chosen)


def loud(analysis: Analysis) -> list[Finding]:
    """The findings that somebody would be shown above a note."""
    return [one for one in standing(analysis) if one.severity in (Severity.WARNING, Severity.DANGER)]


def applied(text: str, suggestions: Sequence[Suggestion]) -> str:
    """As GitHub does: the lines are replaced, by nothing where the suggestion is empty; line ends stay the file's."""
    carriage = "\r" if "\r\n" in text else ""
    lines = text.split("\n")
    for one in sorted(suggestions, key=lambda one: -one.lines.first):
        new = [f"{line}{carriage}" for line in one.text.split("\n")] if one.text else []
        lines[one.lines.first - 1 : one.lines.last] = new
    return "\n".join(lines)


def _read(files: Mapping[str, str], beside: Mapping[str, str]) -> Run:
    deploys = sort_by_framework([SourceFile(path, text) for path, text in files.items()], None, named=True)
    wants = [want for deploy in deploys for want in deploy.wants()]
    head = _wanted([want for want in wants if want.side is Side.HEAD], beside)
    base = _wanted([want for want in wants if want.side is Side.BASE], beside)
    return read(deploys, base, head, transaction=None)


def _wanted(wants: Sequence[Want], beside: Mapping[str, str]) -> dict[str, str]:
    return {path: text for path, text in beside.items() if any(matches(want.pattern, path) for want in wants)}
