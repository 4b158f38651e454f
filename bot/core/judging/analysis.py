"""A run against a catalog: replayed, timed, judged."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from bot.core.cost.rates import Rates
from bot.core.effects import is_stated
from bot.core.judging.allowing import Acceptances, Uncounted, accept
from bot.core.judging.beside import Brought
from bot.core.judging.findings import ChecklistItem, Confidence, Finding, Severity, State, Verdict
from bot.core.judging.fingerprint import fingerprint
from bot.core.judging.owed import KeptPlan
from bot.core.judging.policy import Policy
from bot.core.judging.precedence import unsaid
from bot.core.judging.released import unreleased
from bot.core.judging.replay import NEWEST_MAJOR, OLDEST_MAJOR, replay
from bot.core.judging.rule import Blocks, Evidence, Hazard, Moment, Rule, Timed
from bot.core.judging.severity import severity
from bot.core.language import operations as op
from bot.core.language.messages import Given, Message, Number, say
from bot.core.language.migrations import Allow, Lines, Run, Statement
from bot.core.language.names import Name
from bot.core.language.seconds import Estimate
from bot.core.record import record, replace
from bot.core.schema.catalog import Catalog
from bot.core.schema.session import Session


@record
class UnreadPart:
    """A part of a migration that was not understood."""

    path: str
    lines: Lines
    reason: str
    fault: str = ""
    """Where migsafe itself failed: the details, for its log."""


@record
class Analysis:
    """Everything known about one deploy. `catalog` None: there was no replica.

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
    uncounted: tuple[Uncounted, ...] = ()
    """What somebody accepted that does not count."""
    checklist: tuple[ChecklistItem, ...] = ()
    verdict: Verdict = Verdict.SAFE
    notes: tuple[Message, ...] = ()
    frameworks: Sequence[str] = ()
    undone: tuple[str, ...] = ()
    """What else could not be read or done, each a clause: then the verdict is not safe."""
    brought: Brought | None = None
    """What the run brings, to be kept while its pull request is open; None where it was not asked for."""
    plan: KeptPlan | None = None
    """What is to be kept of its plan while its files are still to come; None where nobody keeps it."""
    seen: tuple[KeptPlan, ...] = ()
    """The plans of other pull requests, with what this one brings of them."""
    met: frozenset[str] = frozenset()
    """Where it meets what others bring (`bot.core.judging.meeting`)."""
    not_read: tuple[str, ...] = ()
    """Those of them that are migrations of which nothing is known."""


NONE_ASKED = Acceptances({}, {})
"""Nobody was asked: every allow in a file counts."""


def analyse(
    run: Run,
    catalog: Catalog | None,
    policy: Policy,
    rules: Sequence[Rule],
    *,
    evidence: Evidence | None = None,
    rates: Rates | None = None,
    catalog_trouble: str | None = None,
    acceptances: Acceptances = NONE_ASKED,
    start: Session | None = None,
) -> Analysis:
    """Replays the run and judges every operation. Neither raises nor does I/O.

    `start`: the session that it begins in, where that is not one of the catalog.
    `acceptances` is what may accept a finding; without it every allow in a file counts.
    """
    major, assumed = _major(catalog, policy)
    timeline = replay(run, catalog, policy, major, rates or Rates(), start)
    run = _as_replayed(run, timeline)
    failed: list[UnreadPart] = []
    found = unsaid(_hazards(_moments(run, timeline, policy, evidence or Evidence()), rules, failed))
    judged = _judged(found, assumed, failed, snapshot=catalog is not None)
    findings = _distinct(finding for finding in judged if finding.severity is not Severity.OFF)
    accepted = accept(run, findings, acceptances, policy.accept)
    analysis = Analysis(
        run=run,
        major=major,
        policy=policy,
        catalog=catalog,
        catalog_trouble=catalog_trouble,
        timeline=timeline,
        findings=accepted.findings,
        unread=(*_unread(run.statements), *dict.fromkeys(failed)),
        unused_allows=accepted.unused,
        uncounted=accepted.uncounted,
        notes=tuple(_notes(run, catalog, assumed)),
        frameworks=tuple(dict.fromkeys(migration.framework for migration in run.migrations)),
    )
    return replace(analysis, verdict=verdict(analysis))


def with_checklist(analysis: Analysis, items: Sequence[ChecklistItem]) -> Analysis:
    """The analysis with its checklist and the verdict that follows from both."""
    complete = replace(analysis, checklist=tuple(items))
    return replace(complete, verdict=verdict(complete))


def merge(analyses: Sequence[Analysis]) -> Analysis:
    """Several deploys, or the parts of one on several databases, as one: for one report.

    Their transactions must be numbered apart already. The catalog is the first that is known, with what only the
    others hold, so that a report knows every name that must not be told; the checklist must be made again.
    """
    if len(analyses) == 1:
        return analyses[0]
    timeline: list[Timed] = []
    for analysis in analyses:
        offset = len(timeline)
        timeline += (_shifted(timed, offset) for timed in analysis.timeline)
    first = analyses[0]
    joined = replace(
        first,
        run=Run(
            tuple(migration for analysis in analyses for migration in analysis.run.migrations),
            {number: one for analysis in analyses for number, one in analysis.run.transactions.items()},
        ),
        catalog=_united([analysis.catalog for analysis in analyses if analysis.catalog is not None]),
        catalog_trouble=next((one.catalog_trouble for one in analyses if one.catalog_trouble), None),
        timeline=tuple(timeline),
        findings=tuple(finding for analysis in analyses for finding in analysis.findings),
        unread=tuple(part for analysis in analyses for part in analysis.unread),
        unused_allows=tuple(allow for analysis in analyses for allow in analysis.unused_allows),
        uncounted=tuple(one for analysis in analyses for one in analysis.uncounted),
        checklist=(),
        undone=tuple(dict.fromkeys(one for analysis in analyses for one in analysis.undone)),
        notes=tuple(dict.fromkeys(note for analysis in analyses for note in analysis.notes)),
        frameworks=tuple(dict.fromkeys(name for analysis in analyses for name in analysis.frameworks)),
    )
    return replace(joined, verdict=verdict(joined))


def _united(catalogs: Sequence[Catalog]) -> Catalog | None:
    """The first catalog, and what the others hold besides."""
    if len(catalogs) < 2:
        return catalogs[0] if catalogs else None
    return replace(
        catalogs[0],
        relations={name: one for catalog in reversed(catalogs) for name, one in catalog.relations.items()},
        indexes={name: one for catalog in reversed(catalogs) for name, one in catalog.indexes.items()},
        types={name: one for catalog in reversed(catalogs) for name, one in catalog.types.items()},
        functions=tuple(dict.fromkeys(one for catalog in catalogs for one in catalog.functions)),
        schemas=tuple(dict.fromkeys(schema for catalog in catalogs for schema in catalog.schemas)),
        extensions=tuple(dict.fromkeys(one for catalog in catalogs for one in catalog.extensions)),
    )


def _shifted(timed: Timed, offset: int) -> Timed:
    holds = tuple(replace(hold, statement=hold.statement + offset, last=hold.last + offset) for hold in timed.holds)
    return replace(timed, holds=holds)


def verdict(analysis: Analysis) -> Verdict:
    """Blocked by a danger that nobody accepted; attention for a warning, or anything not known or done; else safe.

    Blocked stays blocked whatever else went wrong; neither the unknown nor what somebody accepted is ever safe.
    """
    standing = [finding.severity for finding in analysis.findings if finding.allowed is None]
    if Severity.DANGER in standing:
        return Verdict.BLOCKED
    if any(finding.severity.rank >= Severity.WARNING.rank for finding in analysis.findings):
        return Verdict.ATTENTION
    required_open = any(
        item.id in analysis.policy.require and item.state in (State.OPEN, State.FAILED) for item in analysis.checklist
    )
    if analysis.unread or required_open or analysis.catalog_trouble or analysis.undone:
        return Verdict.ATTENTION
    return Verdict.SAFE


def _major(catalog: Catalog | None, policy: Policy) -> tuple[int, Message | None]:
    """The major version to judge by, and what had to be assumed for it."""
    major = catalog.major if catalog is not None else policy.postgres
    if major is None:
        return NEWEST_MAJOR, say(
            "PostgreSQL {} is assumed: neither a replica nor `postgres:` gives a version", Number(NEWEST_MAJOR)
        )
    if major > NEWEST_MAJOR:
        return NEWEST_MAJOR, say(
            "judged as PostgreSQL {}, the newest migsafe knows, not {}", Number(NEWEST_MAJOR), Number(major)
        )
    if major < OLDEST_MAJOR:
        return OLDEST_MAJOR, say(
            "judged as PostgreSQL {}, the oldest migsafe knows, not {}", Number(OLDEST_MAJOR), Number(major)
        )
    return major, None


def _as_replayed(run: Run, timeline: Sequence[Timed]) -> Run:
    """The run with the statements of the timeline: those at which the replay failed are `Unread` there."""
    if all(one is timed.statement for one, timed in zip(run.statements, timeline, strict=True)):
        return run
    replayed = (timed.statement for timed in timeline)
    migrations = (
        replace(migration, statements=tuple(islice(replayed, len(migration.statements))))
        for migration in run.migrations
    )
    return replace(run, migrations=tuple(migrations))


def _hazards(
    moments: Iterable[Moment], rules: Sequence[Rule], failed: list[UnreadPart]
) -> Iterator[tuple[Moment, Rule, Hazard]]:
    """What the rules find. A rule that fails at a statement costs what it would have said of that: `failed`."""
    watching: dict[type, list[Rule]] = {}
    for rule in rules:
        for kind in rule.watches:
            watching.setdefault(kind, []).append(rule)
    for moment in moments:
        for rule in watching.get(type(moment.operation), ()):
            try:
                for hazard in rule.check(moment.operation, moment):
                    if (left := unreleased(hazard, moment, rule.id)) is not None:
                        yield moment, rule, left
            except MemoryError:
                raise
            except Exception as error:
                failed.append(_failed(moment.statement, rule, error))


def _judged(
    found: Iterable[tuple[Moment, Rule, Hazard]],
    assumed: Message | None,
    failed: list[UnreadPart],
    *,
    snapshot: bool,
) -> Iterator[Finding]:
    for moment, rule, hazard in found:
        try:
            yield _finding(moment, rule, hazard, assumed, snapshot=snapshot)
        except MemoryError:
            raise
        except Exception as error:
            failed.append(_failed(moment.statement, rule, error))


def _failed(statement: Statement, rule: Rule, error: Exception) -> UnreadPart:
    blamed = op.Unread.of(error)
    reason = f"the rule {rule.id} says nothing of it: {blamed.reason}"
    return UnreadPart(statement.path, statement.lines, reason, blamed.fault)


def _moments(run: Run, timeline: Sequence[Timed], policy: Policy, evidence: Evidence) -> Iterator[Moment]:
    """One for each operation, in the order of the run."""
    migrations = [migration for migration in run.migrations for _ in migration.statements]
    for index, (timed, migration) in enumerate(zip(timeline, migrations, strict=True)):
        once: dict[str, Any] = {}
        for operation in timed.statement.operations:
            yield Moment(run, migration, timeline, index, operation, policy, evidence, once)


def _finding(moment: Moment, rule: Rule, hazard: Hazard, assumed_major: Message | None, *, snapshot: bool) -> Finding:
    judged = severity(hazard, moment, rule.id)
    assumptions = tuple(dict.fromkeys((*hazard.assumptions, *((assumed_major,) if assumed_major else ()))))
    relation, estimate = _subject(hazard)
    return Finding(
        rule=rule.id,
        statement=moment.statement,
        relation=moment.session.resolve(relation) if relation is not None else None,
        severity=judged,
        title=hazard.title,
        message=hazard.message,
        confidence=Confidence.EXACT if snapshot and not assumptions else Confidence.ASSUMED,
        assumptions=assumptions,
        estimate=estimate,
        rewrite=hazard.rewrite,
        fingerprint=fingerprint(rule.id, moment.statement, relation),
    )


def _subject(hazard: Hazard) -> tuple[Name | None, Estimate | None]:
    """The relation that is blocked longest and for how long; else the first that anything happens to."""
    blocked = [harm for harm in hazard.harms if isinstance(harm, Blocks) and harm.seconds is not None]
    if blocked:
        worst = max(blocked, key=lambda harm: harm.seconds.likely if harm.seconds is not None else 0)
        return worst.relation, worst.seconds
    return next((harm.relation for harm in hazard.harms), None), None


def _distinct(findings: Iterable[Finding]) -> list[Finding]:
    """One finding for each rule, statement and relation: the worst, since several actions may lead to the same."""
    best: dict[str, Finding] = {}
    for finding in findings:
        standing = best.get(finding.fingerprint)
        if standing is None or finding.severity.rank > standing.severity.rank:
            best[finding.fingerprint] = finding
    return list(best.values())


def _unread(statements: Sequence[Statement]) -> Iterator[UnreadPart]:
    for statement in statements:
        for operation in statement.operations:
            if isinstance(operation, op.Unread):
                yield UnreadPart(statement.path, statement.lines, operation.reason, operation.fault)
            elif not is_stated(type(operation)):
                yield UnreadPart(statement.path, statement.lines, "what it does to the database is not known")


def _notes(run: Run, catalog: Catalog | None, assumed_major: Message | None) -> Iterator[Message]:
    if assumed_major:
        yield assumed_major
    for migration in run.migrations:
        yield from (say("{}", Given(note)) for note in migration.notes)
    if catalog is not None:
        yield from catalog.notes
