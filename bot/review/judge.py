"""The part of the line that reads hostile text: pure functions, run in a child process with limits."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from bot.core.judging.analysis import Analysis, analyse, merge, with_checklist
from bot.core.judging.checklist import checklist
from bot.core.judging.findings import Allowed
from bot.core.judging.framework import Files, SourceFile, Want
from bot.core.judging.policy import Policy
from bot.core.language import operations as op
from bot.core.language.migrations import Run
from bot.core.record import record
from bot.core.schema.catalog import Catalog
from bot.frameworks import framework_named
from bot.review import databases
from bot.review.deploy import evidence, read, sort_by_framework
from bot.review.ports import Acknowledgement
from bot.review.rewriting import with_files
from bot.review.runs import after, only


@record
class Changed:
    """The changed files that may be migrations."""

    files: tuple[SourceFile, ...]
    policy: Policy


@record
class Sorted:
    """Which of them are, and what else is needed to read them."""

    paths: tuple[str, ...]
    wants: tuple[Want, ...]


@record
class Complete:
    """All that reading needs."""

    files: tuple[SourceFile, ...]
    base: Mapping[str, str]
    head: Mapping[str, str]
    policy: Policy


@record
class Group:
    """Files that one database serves; `trouble` says why its catalog could not be read."""

    paths: frozenset[str]
    catalog: Catalog | None = None
    trouble: str | None = None


@record
class Case:
    """A run with everything known about it."""

    run: Run
    groups: tuple[Group, ...]
    policy: Policy
    allowed: Mapping[str, Allowed]
    acknowledged: tuple[Acknowledgement, ...]
    dangers_allowed_in_file: bool
    taken: tuple[str, ...] = ()
    base: Mapping[str, str] = field(default_factory=dict)
    """Files of the base branch that tell what running code uses."""
    undone: tuple[str, ...] = ()
    """What could not be read, each a clause."""
    not_read: tuple[str, ...] = ()
    """Those of them that are migrations."""


def sort(changed: Changed) -> Sorted:
    deploys = sort_by_framework(changed.files, changed.policy.framework)
    paths = tuple(file.path for deploy in deploys for file in deploy.changed)
    return Sorted(paths, tuple(want for deploy in deploys for want in deploy.wants()) + tuple(databases.wanted(paths)))


def read_run(complete: Complete) -> Run:
    deploys = sort_by_framework(complete.files, complete.policy.framework)
    run = read(deploys, complete.base, complete.head, complete.policy.transaction)
    return after(run, complete.policy.start_after)


def judge(case: Case) -> Analysis:
    from bot.rules import RULES

    parts = [(only(case.run, group.paths), group) for group in case.groups] or [(case.run, Group(frozenset()))]
    known = evidence(case.run, case.base)
    analyses: Sequence[Analysis] = [
        analyse(
            run,
            group.catalog,
            case.policy,
            RULES,
            evidence=known,
            catalog_trouble=group.trouble,
            allowed=case.allowed,
            dangers_allowed_in_file=case.dangers_allowed_in_file,
        )
        for run, group in parts
    ]
    whole = merge([with_files(analysis, case.taken) for analysis in analyses])
    whole = replace(whole, undone=case.undone, not_read=case.not_read)
    return with_checklist(whole, checklist(whole, case.acknowledged))


@record
class Sql:
    """A piece of SQL that somebody asks about."""

    text: str
    catalog: Catalog | None


def judge_sql(asked: Sql) -> Analysis | None:
    """The SQL alone in its transaction; None where none of it can be read."""
    from bot.rules import RULES

    run = framework_named("plain").read(Files(changed=[SourceFile("statement.sql", asked.text)]))
    operations = [operation for statement in run.statements for operation in statement.operations]
    if all(isinstance(operation, op.Unread) for operation in operations):
        return None
    return with_files(analyse(run, asked.catalog, Policy(), RULES))
