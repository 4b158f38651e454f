"""From files to one deploy, and from its analysis to files: what the pull request's line and the local check share."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache

from bot.core.analysis import Analysis
from bot.core.expression import Call
from bot.core.findings import Finding, StepKind
from bot.core.frameworks import Files, Framework, SourceFile, Want
from bot.core.migrations import Migration, Run, Statement, Transaction
from bot.core.names import Name
from bot.core.operations import CreateTrigger, Operation
from bot.core.types import Type


@dataclass(frozen=True, slots=True)
class Deploy:
    """Changed migration files of one framework, and what it wants besides to read them."""

    framework: Framework
    changed: tuple[SourceFile, ...]

    def wants(self) -> Sequence[Want]:
        return self.framework.wants([file.path for file in self.changed])


def sort_by_framework(changed: Iterable[SourceFile], forced: str | None = None) -> list[Deploy]:
    """The migrations among the files, grouped by the framework that recognises them; other files are left out."""
    from bot.frameworks import framework_named, recognise

    chosen = framework_named(forced) if forced else None
    groups: dict[str, tuple[Framework, list[SourceFile]]] = {}
    for file in changed:
        framework = chosen or recognise(file.path, file.text)
        if framework is not None:
            groups.setdefault(framework.name, (framework, []))[1].append(file)
    return [Deploy(framework, tuple(files)) for framework, files in groups.values()]


def read(deploys: Sequence[Deploy], base: Mapping[str, str], head: Mapping[str, str], transaction: bool | None) -> Run:
    """All of them as one run: the transactions of several frameworks are numbered apart."""
    runs = [
        deploy.framework.read(Files(changed=deploy.changed, base=base, head=head, transaction=transaction))
        for deploy in deploys
    ]
    return joined(runs)


def apart(runs: Sequence[Run]) -> list[Run]:
    """The runs with their transactions numbered apart, for deploys that are reported together."""
    numbered: list[Run] = []
    offset = 0
    for run in runs:
        moved = {number: number + offset for number in run.transactions}
        migrations = tuple(
            replace(migration, statements=tuple(_moved(statement, moved) for statement in migration.statements))
            for migration in run.migrations
        )
        transactions = {moved[number]: replace(one, number=moved[number]) for number, one in run.transactions.items()}
        numbered.append(Run(migrations, transactions))
        offset = max(moved.values(), default=offset)
    return numbered


def only(run: Run, paths: Container[str]) -> Run:
    """The part of the run that stands in these files."""
    return Run(tuple(one for one in run.migrations if one.path in paths), run.transactions)


def renamed(run: Run, given: Mapping[str, str]) -> Run:
    """The run under other paths: those by which somebody named its files."""
    if all(old == new for old, new in given.items()):
        return run
    migrations = tuple(
        replace(
            migration,
            path=given.get(migration.path, migration.path),
            statements=tuple(
                replace(statement, path=given.get(statement.path, statement.path)) for statement in migration.statements
            ),
        )
        for migration in run.migrations
    )
    return Run(migrations, run.transactions)


def joined(runs: Sequence[Run]) -> Run:
    """One run after the other, each keeping its own transactions."""
    numbered = apart(runs)
    return Run(
        tuple(migration for run in numbered for migration in run.migrations),
        {number: one for run in numbered for number, one in run.transactions.items()},
    )


def _moved(statement: Statement, moved: Mapping[int, int]) -> Statement:
    if statement.transaction is None:
        return statement
    return replace(statement, transaction=moved.get(statement.transaction, statement.transaction))


def names_in(run: Run) -> tuple[list[Name], list[Name]]:
    """The relations and types that the run names, and the functions: what the replica is asked for."""
    relations: dict[Name, None] = {}
    functions: dict[Name, None] = {}
    for statement in run.statements:
        for operation in statement.operations:
            for found in _walk(operation):
                match found:
                    case Name():
                        relations[found] = None
                    case Type(name=name, schema=schema):
                        relations[Name(name, schema)] = None
                    case Call(function=function):
                        functions[function] = None
                    case CreateTrigger(function=function):
                        functions[function] = None
                    case _:
                        pass
    return [name for name in relations if name.name], list(functions)


def _walk(value: object) -> Iterator[object]:
    """The value and everything below it, tuples and dataclasses opened; functions of calls are not relations."""
    pending = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, tuple):
            pending.extend(current)
        elif is_dataclass(current) and not isinstance(current, type):
            yield current
            if not isinstance(current, Name | Type | Call):
                pending.extend(getattr(current, name) for name in _fields(type(current)))


@cache
def _fields(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def with_files(analysis: Analysis, taken: Sequence[str] = ()) -> Analysis:
    """The analysis with every rewrite written out in its migration's framework, and its suggestion.

    `taken` are versions that exist besides those of the run.
    """
    migrations = {migration.path: migration for migration in analysis.run.migrations}
    versions = [*taken, *(migration.version for migration in analysis.run.migrations)]
    findings = tuple(_written(finding, migrations, versions) for finding in analysis.findings)
    return replace(analysis, findings=findings)


def _written(finding: Finding, migrations: Mapping[str, Migration], versions: Sequence[str]) -> Finding:
    from bot.frameworks import framework_named

    migration = migrations.get(finding.statement.path)
    if finding.rewrite is None or migration is None:
        return finding
    framework = framework_named(migration.framework)
    files = framework.write(finding.rewrite.steps, migration, versions)
    first = next((step for step in finding.rewrite.steps if step.kind is StepKind.MIGRATION), None)
    lines = (finding.statement.lines.first, finding.statement.lines.last)
    suggestion = framework.suggestion(first, migration, lines) if first is not None else None
    return replace(finding, files=tuple(files), suggestion=suggestion)


def operations_of(run: Run) -> Iterator[Operation]:
    for statement in run.statements:
        yield from statement.operations
