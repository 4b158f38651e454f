"""Writes out the rewrites of an analysis as files and suggestions in each migration's own framework."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from bot.core.judging.analysis import Analysis
from bot.core.judging.findings import Finding, Severity, Step, StepKind, Suggestion, WrittenFile, is_same
from bot.core.judging.framework import PlanSoFar, Rewritten
from bot.core.language.messages import Given, Number, joined, paragraphs, say, stopped, verbatim
from bot.core.language.migrations import Migration
from bot.review.gate import let_through


def with_files(analysis: Analysis, existing: Collection[str] = ()) -> Analysis:
    """The analysis with every rewrite written out in its migration's framework, and its suggestion.

    A statement gets the rewrite of its worst finding; what somebody accepted stays. `existing` are paths that no new
    file may take. If a file has very many rewrites, only the first are written out, and a note says so.
    """
    from bot.frameworks import framework_named
    from bot.rules import RULES

    analysis = let_through(analysis, RULES)
    notes = list(analysis.notes)
    by_path: dict[str, list[Finding]] = {}
    for finding in analysis.findings:
        by_path.setdefault(finding.statement.path, []).append(finding)
    plans = _plans(analysis, existing)
    written: dict[tuple[str, int], tuple[tuple[WrittenFile, ...], Suggestion | None]] = {}
    for migration in analysis.run.migrations:
        replacements = _replacements(migration, by_path.get(migration.path, ()))
        if not replacements:
            continue
        taken = _taken(migration, analysis, replacements)
        if len(replacements) > (most := _most_rewrites(migration)):
            replacements = {at: replacements[at] for at in sorted(replacements)[:most]}
            notes.append(
                say(
                    "{}: the first {} rewrites are written out; the others are like them",
                    Given(migration.path),
                    Number(most),
                )
            )
        framework = framework_named(migration.framework)
        rewritten = framework.rewritten_file(
            migration,
            {**{at: steps for at, (steps, _) in replacements.items()}, **dict.fromkeys(taken, ())},
            plans[migration.framework],
        )
        own = _own_file(
            migration, rewritten, [steps[0] for at, (steps, _) in replacements.items() if _stays(at, rewritten)]
        )
        once = sum(len(file.text) for file in own) * len(replacements) > _REPEATED_TEXT
        for place, (at, (_, finding)) in enumerate(sorted(replacements.items())):
            files = (*(own if place == 0 or not once else ()), *rewritten.files.get(taken.get(at, at), ()))
            written[finding.rule, id(finding.statement)] = files, rewritten.suggestions.get(at)
    findings = tuple(_filled(finding, written) for finding in analysis.findings)
    return replace(analysis, findings=findings, notes=tuple(notes))


def _plans(analysis: Analysis, existing: Collection[str]) -> dict[str, PlanSoFar]:
    """By tool, what the plan holds before its first file. What is unfinished and what exists are known to all."""
    versions: dict[str, list[str]] = {}
    for migration in analysis.run.migrations:
        versions.setdefault(migration.framework, []).append(migration.version)
    whole = PlanSoFar.of(paths={*existing, *(migration.path for migration in analysis.run.migrations)})
    return {name: replace(whole, versions=found) for name, found in versions.items()}


_REPEATED_TEXT = 1_000_000
"""Characters: if the whole file beside each of its rewrites would be more, only the first has it."""


def _most_rewrites(migration: Migration) -> int:
    """How many rewrites of a file are written out: each of them reads every statement of the file again.

    A call of Ruby or Python takes about a millisecond to follow, a statement of SQL a hundredth of that.
    """
    budget = 2_000_000 if migration.path.endswith(".sql") else 10_000
    return max(1, min(500, budget // len(migration.statements)))


def _replacements(migration: Migration, findings: Iterable[Finding]) -> dict[int, tuple[Sequence[Step], Finding]]:
    """For each statement of the file that has a rewrite: its steps, by the worst finding that offers one."""
    positions = {id(statement): at for at, statement in enumerate(migration.statements)}
    chosen: dict[int, Finding] = {}
    open_findings = [one for one in findings if one.severity is not Severity.OFF and one.allowed is None]
    unanswered = {id(one.statement) for one in open_findings if one.severity is Severity.DANGER and not one.rewrite}
    for finding in open_findings:
        at = positions.get(id(finding.statement))
        if at is None or finding.rewrite is None:
            continue
        if id(finding.statement) in unanswered and is_same(finding):
            # A lock_timeout is no answer to what the danger says.
            continue
        if at not in chosen or _outweighs(finding, chosen[at]):
            chosen[at] = finding
    return {at: (finding.rewrite.steps, finding) for at, finding in chosen.items() if finding.rewrite is not None}


def _outweighs(finding: Finding, other: Finding) -> bool:
    """The worse one; but the plan for what comes after the statement has the lock_timeout, too."""
    if is_same(finding) != is_same(other):
        more, less = (other, finding) if is_same(finding) else (finding, other)
        if more.severity is Severity.NOTE and more.estimate is None and less.severity is not Severity.DANGER:
            return more is finding
        if more.severity is less.severity:
            return more is finding
    return finding.severity.rank > other.severity.rank


def _taken(
    migration: Migration, analysis: Analysis, replacements: Mapping[int, tuple[Sequence[Step], Finding]]
) -> dict[int, int]:
    """The statements that the rewrite of another does as well, each with that other."""
    positions = {id(statement): at for at, statement in enumerate(migration.statements)}
    found: dict[int, int] = {}
    for at, (_, finding) in replacements.items():
        for index in finding.rewrite.takes if finding.rewrite is not None else ():
            if (place := positions.get(id(analysis.timeline[index].statement))) is not None:
                found[place] = at
    return found


def _stays(at: int, rewritten: Rewritten) -> bool:
    """Whether the first step of the statement takes its place in the author's file."""
    return at in rewritten.suggestions and not rewritten.suggestions[at].moves


def _own_file(migration: Migration, rewritten: Rewritten, steps: Sequence[Step]) -> tuple[WrittenFile, ...]:
    """The author's file with every suggestion, and what its steps do from then on."""
    if rewritten.text is None:
        return ()
    what = joined("; ", (say("this file, with every suggestion applied"), verbatim(rewritten.note)))
    note = paragraphs(*map(stopped, dict.fromkeys((what, *(step.note for step in steps if step.note)))))
    return (WrittenFile(StepKind.MIGRATION, migration.path, rewritten.text, note, rewritten.transactional),)


def _filled(
    finding: Finding, written: Mapping[tuple[str, int], tuple[tuple[WrittenFile, ...], Suggestion | None]]
) -> Finding:
    files, suggestion = written.get((finding.rule, id(finding.statement)), ((), None))
    return replace(finding, files=files, suggestion=suggestion)
