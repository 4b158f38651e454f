"""Judges a run: the pure middle of a review, for a pull request (in a child process) and for the local check."""

from collections.abc import Iterable, Mapping
from dataclasses import field, replace

from bot.core.judging.allowing import Acceptances
from bot.core.judging.analysis import Analysis, analyse, merge, with_checklist
from bot.core.judging.checklist import checklist
from bot.core.judging.framework import Files, SourceFile
from bot.core.judging.policy import Policy
from bot.core.language import operations as op
from bot.core.language.migrations import Run
from bot.core.record import record
from bot.core.schema.catalog import Catalog
from bot.frameworks import framework_named
from bot.review.acceptance import Acknowledgement
from bot.review.deploy import evidence
from bot.review.rewriting import with_files
from bot.review.runs import only


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
    undone: tuple[str, ...] = ()
    """What could not be read, each a clause."""
    not_read: tuple[str, ...] = ()
    """Those of them that are migrations."""


def judge(case: Case) -> Analysis:
    """The analysis of all groups together, with rewrites and checklist."""
    from bot.rules import RULES

    parts = [(only(case.run, group.paths), group) for group in case.groups]
    known = evidence(case.run, case.base)
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
        for run, group in parts or [(case.run, DatabaseGroup(frozenset()))]
    ]
    return complete(analyses, case.acknowledged, undone=case.undone, not_read=case.not_read)


def complete(
    analyses: Iterable[Analysis],
    acknowledged: Iterable[Acknowledgement] = (),
    *,
    undone: tuple[str, ...] = (),
    not_read: tuple[str, ...] = (),
) -> Analysis:
    """One analysis of several, to be reported: with every rewrite written out, and the checklist over all of them."""
    whole = replace(merge([with_files(analysis) for analysis in analyses]), undone=undone, not_read=not_read)
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
