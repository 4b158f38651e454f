"""Judges a run: the pure middle of a review, for a pull request (in a child process) and for the local check."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field, replace

from bot.core.judging.allowing import Acceptances
from bot.core.judging.analysis import Analysis, analyse, merge, with_checklist
from bot.core.judging.beside import Surroundings
from bot.core.judging.brought import MOST_UNITS, brought
from bot.core.judging.checklist import checklist
from bot.core.judging.framework import Files, SourceFile
from bot.core.judging.meeting import meetings
from bot.core.judging.owed import KeptPlan
from bot.core.judging.policy import Policy
from bot.core.language import operations as op
from bot.core.language.migrations import Run
from bot.core.record import record
from bot.core.schema.catalog import Catalog
from bot.frameworks import framework_named
from bot.review.acceptance import Acknowledgement
from bot.review.clashes import NOTHING_AROUND, Around, beside, placed, standing_of
from bot.review.deploy import evidence
from bot.review.owing import with_owed
from bot.review.rewriting import with_files
from bot.review.runs import after, only


@record
class DatabaseGroup:
    """Files that one database serves; `trouble` says why its catalog could not be read."""

    paths: frozenset[str]
    catalog: Catalog | None = None
    trouble: str | None = None


@record
class Case:
    """A run with everything known about it."""

    run: Run
    groups: tuple[DatabaseGroup, ...]
    policy: Policy
    acceptances: Acceptances
    acknowledged: tuple[Acknowledgement, ...]
    base: Mapping[str, str] = field(default_factory=dict)
    """Files of the base branch that show what running code uses."""
    plans: tuple[KeptPlan, ...] = ()
    """What is kept of the plans of the repository's pull requests."""
    around: Around = NOTHING_AROUND
    """What lies beside the changed files."""
    undone: tuple[str, ...] = ()
    """What could not be read, each a clause."""
    not_read: tuple[str, ...] = ()
    """Those of them that are migrations."""


def judge(case: Case) -> Analysis:
    """The analysis of all groups together, with rewrites and checklist."""
    from bot.rules import RULES

    run = after(placed(case.run, case.around, case.policy.framework), case.policy.start_after)
    groups = _with_all(run, case.groups)
    parts = [(only(run, group.paths), group) for group in groups]
    known = replace(evidence(case.run, case.base), beside=beside(run, case.around))
    analyses = [
        analyse(
            run,
            group.catalog,
            case.policy,
            RULES,
            evidence=known,
            catalog_trouble=group.trouble,
            acceptances=case.acceptances,
        )
        for run, group in parts or [(run, DatabaseGroup(frozenset()))]
    ]
    there = (*case.around.base_paths, *case.around.scripts)
    whole = complete(analyses, case.acknowledged, undone=case.undone, not_read=case.not_read, existing=there)
    whole = _with_brought(whole, case, known.beside)
    return with_owed(whole, case.around.number, case.plans) if case.around.number is not None else whole


def _with_all(run: Run, groups: Sequence[DatabaseGroup]) -> tuple[DatabaseGroup, ...]:
    """The first group with the files that no database serves: those that are deleted."""
    grouped = frozenset(path for group in groups for path in group.paths)
    rest = frozenset(migration.path for migration in run.migrations) - grouped
    return (replace(groups[0], paths=groups[0].paths | rest), *groups[1:]) if groups else ()


def _with_brought(analysis: Analysis, case: Case, surroundings: Surroundings) -> Analysis:
    """With what the pull request brings, and where that meets what others bring."""
    around = case.around
    if around.number is None:
        return analysis
    thresholds = analysis.policy.thresholds
    places = ((timed, timed.statement) for timed in analysis.timeline)
    new = [timed for timed, at in places if not surroundings.is_merged(at.path, at.lines.first)]
    brings = brought(around.number, standing_of(case.run, around), new, thresholds)
    added = tuple(one.path for one in case.run.migrations if one.path not in around.old_paths)
    met = frozenset(found for other in around.others for found in meetings(brings, other))
    return replace(analysis, brought=replace(brings, added=added[:MOST_UNITS]), met=met)


def complete(
    analyses: Iterable[Analysis],
    acknowledged: Iterable[Acknowledgement] = (),
    *,
    undone: tuple[str, ...] = (),
    not_read: tuple[str, ...] = (),
    existing: Collection[str] = (),
) -> Analysis:
    """One analysis of several, to be reported: with every rewrite written out, and the checklist over all of them.

    `existing` are paths that no file of a plan may take.
    """
    whole = replace(merge([with_files(analysis, existing) for analysis in analyses]), undone=undone, not_read=not_read)
    return with_checklist(whole, checklist(whole, acknowledged))


@record
class Sql:
    """A piece of SQL that somebody asks about."""

    text: str
    catalog: Catalog | None


def judge_sql(asked: Sql) -> Analysis | None:
    """Judges the SQL, alone in its transaction; None if none of it can be read."""
    from bot.rules import RULES

    run = framework_named("plain").read(Files(changed=[SourceFile("statement.sql", asked.text)]))
    operations = [operation for statement in run.statements for operation in statement.operations]
    if all(isinstance(operation, op.Unread) for operation in operations):
        return None
    return with_files(analyse(run, asked.catalog, Policy(), RULES))
