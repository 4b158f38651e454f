"""Changed files as deploys: which of them are migrations, of which framework, and what it reads in them."""

from collections.abc import Iterable, Mapping, Sequence

from bot.core.judging.framework import Files, Framework, SourceFile, Want
from bot.core.judging.policy import Policy
from bot.core.judging.rule import Evidence
from bot.core.language.migrations import Run
from bot.core.record import record
from bot.review import databases
from bot.review.runs import after, joined


@record
class Deploy:
    """Changed migration files of one framework, and the other files that it needs to read them."""

    framework: Framework
    changed: tuple[SourceFile, ...]

    def wants(self) -> Sequence[Want]:
        return self.framework.wants([file.path for file in self.changed])


@record
class CandidateFiles:
    """The changed files that may be migrations, judging by their paths."""

    files: tuple[SourceFile, ...]
    policy: Policy


@record
class Recognised:
    """Which of them are migrations, and what else is needed to read them."""

    paths: tuple[str, ...]
    wants: tuple[Want, ...]


@record
class DeployFiles:
    """All that reading migrations needs: the changed files, and the wanted files at the base and at the head."""

    files: tuple[SourceFile, ...]
    base: Mapping[str, str]
    head: Mapping[str, str]
    policy: Policy


@record
class ReadMigrations:
    """What the migrations do, and which files of the base branch show whether running code uses what they remove."""

    run: Run
    wants: tuple[Want, ...]


def recognise_migrations(candidates: CandidateFiles) -> Recognised:
    deploys = sort_by_framework(candidates.files, candidates.policy.framework)
    paths = tuple(file.path for deploy in deploys for file in deploy.changed)
    wants = [want for deploy in deploys for want in deploy.wants()]
    return Recognised(paths, (*wants, *databases.wanted(paths)))


def read_migrations(files: DeployFiles) -> ReadMigrations:
    """The migrations as one run, without those that the policy skips."""
    deploys = sort_by_framework(files.files, files.policy.framework)
    run = after(read(deploys, files.base, files.head, transaction=files.policy.transaction), files.policy.start_after)
    return ReadMigrations(run, tuple(wants_evidence(run)))


def might_be_migration(path: str) -> bool:
    """Whether the path alone makes the file worth fetching; its text decides."""
    folder = path.lower()
    if path.endswith(".sql"):
        return True
    if path.endswith(".rb"):
        return "migrat" in folder
    return path.endswith(".py") and any(hint in folder for hint in ("migrat", "versions/", "alembic"))


def sort_by_framework(changed: Iterable[SourceFile], forced: str | None = None, *, named: bool = False) -> list[Deploy]:
    """The migrations among the files, grouped by the framework that recognises them; other files are left out.

    `forced` names the framework of the migrations; it does not decide which files are migrations. With `named` somebody
    asked for these very files, so any SQL is a migration.
    """
    from bot.frameworks import framework_named, recognise

    chosen = framework_named(forced) if forced else None
    groups: dict[str, tuple[Framework, list[SourceFile]]] = {}
    for file in changed:
        recognised = recognise(file.path, file.text, named=named)
        framework = chosen if recognised is not None and chosen is not None else recognised
        if framework is not None:
            groups.setdefault(framework.name, (framework, []))[1].append(file)
    return [Deploy(framework, tuple(files)) for framework, files in groups.values()]


def read(
    deploys: Sequence[Deploy], base: Mapping[str, str], head: Mapping[str, str], *, transaction: bool | None
) -> Run:
    """All of them as one run: the transactions of each framework get numbers of their own."""
    runs = [
        deploy.framework.read(Files(changed=deploy.changed, base=base, head=head, transaction=transaction))
        for deploy in deploys
    ]
    return joined(runs)


def wants_evidence(run: Run) -> list[Want]:
    """The files of the base branch that show which of the things this run removes the running code still uses."""
    from bot.frameworks import framework_named

    return [want for name in _frameworks(run) for want in framework_named(name).wants_evidence(run)]


def evidence(run: Run, base: Mapping[str, str]) -> Evidence:
    """What those files show, over all frameworks of the run."""
    from bot.frameworks import framework_named

    parts = [framework_named(name).evidence(run, base) for name in _frameworks(run)]
    return Evidence(
        ignored_columns={key: place for part in parts for key, place in part.ignored_columns.items()},
        references={key: places for part in parts for key, places in part.references.items()},
    )


def _frameworks(run: Run) -> list[str]:
    return list(dict.fromkeys(migration.framework for migration in run.migrations))
