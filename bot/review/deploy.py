"""From files to one deploy, and from its analysis to files: what the pull request's line and the local check share."""

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import cache

from bot.core.judging.analysis import Analysis
from bot.core.judging.findings import Finding, Severity, Step, StepKind, Suggestion, WrittenFile
from bot.core.judging.framework import Files, Framework, Rewritten, SourceFile, Want
from bot.core.judging.rule import Evidence
from bot.core.language import operations as op
from bot.core.language.expression import Call
from bot.core.language.migrations import Migration, Run, Statement
from bot.core.language.names import Name
from bot.core.language.types import Type
from bot.core.record import record


@record
class Deploy:
    """Changed migration files of one framework, and what it wants besides to read them."""

    framework: Framework
    changed: tuple[SourceFile, ...]

    def wants(self) -> Sequence[Want]:
        return self.framework.wants([file.path for file in self.changed])


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

    `forced` says whose the migrations are, not which files are migrations. `named`: somebody asked for these very
    files, so that any SQL is a migration.
    """
    from bot.frameworks import framework_named, recognise

    chosen = framework_named(forced) if forced else None
    groups: dict[str, tuple[Framework, list[SourceFile]]] = {}
    for file in changed:
        found = recognise(file.path, file.text, named=named)
        framework = chosen if found is not None and chosen is not None else found
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


def wants_evidence(run: Run) -> list[Want]:
    """The files of the base branch that would tell what running code uses of what the run takes away."""
    from bot.frameworks import framework_named

    return [want for name in _frameworks(run) for want in framework_named(name).wants_evidence(run)]


def evidence(run: Run, base: Mapping[str, str]) -> Evidence:
    """What they tell, over all frameworks of the run."""
    from bot.frameworks import framework_named

    found = [framework_named(name).evidence(run, base) for name in _frameworks(run)]
    return Evidence(
        ignored_columns={key: place for one in found for key, place in one.ignored_columns.items()},
        references={key: places for one in found for key, places in one.references.items()},
    )


def _frameworks(run: Run) -> list[str]:
    return list(dict.fromkeys(migration.framework for migration in run.migrations))


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


def after(run: Run, version: str | None) -> Run:
    """The migrations of later versions than `version`; those whose version has no order stay."""
    start = _ordered(version or "")
    if not start:
        return run
    return only(run, {one.path for one in run.migrations if not (found := _ordered(one.version)) or found > start})


def _ordered(version: str) -> tuple[int, ...]:
    """A version as numbers, () where it is none: `20260516101500`, `2.1`, not Alembic's revisions."""
    if not _NUMBERED.fullmatch(version):
        return ()
    return tuple(int(part) for part in re.split("[._]", version))


_NUMBERED = re.compile(r"[0-9]{1,40}(?:[._][0-9]{1,40}){0,9}")


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
                    case op.CreateTrigger(function=function):
                        functions[function] = None
                    case _:
                        pass
    return [name for name in relations if name.name], list(functions)


def relations_in(run: Run) -> list[Name]:
    """The relations that the run names, without types."""
    found = (one for statement in run.statements for operation in statement.operations for one in _walk(operation))
    return list(dict.fromkeys(one for one in found if isinstance(one, Name) and one.name))


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

    A statement takes the rewrite of its worst finding. `taken` are versions that exist besides those of the run.
    Of a file with very many rewrites the first are written out, and a note says so.
    """
    from bot.frameworks import framework_named

    notes = list(analysis.notes)
    found: dict[str, list[Finding]] = {}
    for finding in analysis.findings:
        found.setdefault(finding.statement.path, []).append(finding)
    versions = [*taken, *(migration.version for migration in analysis.run.migrations)]
    written: dict[tuple[str, int], tuple[tuple[WrittenFile, ...], Suggestion | None]] = {}
    for migration in analysis.run.migrations:
        replacements = _replacements(migration, found.get(migration.path, ()))
        if not replacements:
            continue
        if len(replacements) > (most := _most_rewrites(migration)):
            replacements = {at: replacements[at] for at in sorted(replacements)[:most]}
            notes.append(f"{migration.path}: the first {most} rewrites are written out; the others are like them")
        framework = framework_named(migration.framework)
        rewritten = framework.rewritten_file(
            migration, {at: steps for at, (steps, _) in replacements.items()}, versions
        )
        own = _own_file(migration, rewritten)
        once = sum(len(file.text) for file in own) * len(replacements) > _REPEATED_TEXT
        for place, (at, (_, finding)) in enumerate(sorted(replacements.items())):
            files = (*(own if place == 0 or not once else ()), *rewritten.files.get(at, ()))
            written[finding.rule, id(finding.statement)] = files, rewritten.suggestions.get(at)
    findings = tuple(_filled(finding, written) for finding in analysis.findings)
    return replace(analysis, findings=findings, notes=tuple(notes))


_REPEATED_TEXT = 1_000_000
"""Characters: where the whole file beside each of its rewrites would be more, it stands beside the first."""


def _most_rewrites(migration: Migration) -> int:
    """Writing one out takes a look at every statement of its file."""
    return max(20, min(500, 2_000_000 // len(migration.statements)))


def _replacements(migration: Migration, findings: Iterable[Finding]) -> dict[int, tuple[Sequence[Step], Finding]]:
    """For each statement of the file that has a rewrite: its steps, by the worst finding that offers one."""
    positions = {id(statement): at for at, statement in enumerate(migration.statements)}
    chosen: dict[int, Finding] = {}
    for finding in findings:
        at = positions.get(id(finding.statement))
        if at is None or finding.rewrite is None or finding.severity is Severity.OFF:
            continue
        if at not in chosen or finding.severity.rank > chosen[at].severity.rank:
            chosen[at] = finding
    return {at: (finding.rewrite.steps, finding) for at, finding in chosen.items() if finding.rewrite is not None}


def _own_file(migration: Migration, rewritten: Rewritten) -> tuple[WrittenFile, ...]:
    if rewritten.text is None:
        return ()
    note = "this file, with every suggestion applied"
    if rewritten.note:
        note += f"; {rewritten.note}"
    return (WrittenFile(StepKind.MIGRATION, migration.path, rewritten.text, note, rewritten.transactional),)


def _filled(
    finding: Finding, written: Mapping[tuple[str, int], tuple[tuple[WrittenFile, ...], Suggestion | None]]
) -> Finding:
    files, suggestion = written.get((finding.rule, id(finding.statement)), ((), None))
    return replace(finding, files=files, suggestion=suggestion)


def operations_of(run: Run) -> Iterator[op.Operation]:
    for statement in run.statements:
        yield from statement.operations
