"""What a judgement keeps of its plan, and what it recognises of the plans that are kept: pure, for `judge`."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bot.core.judging.analysis import Analysis
from bot.core.judging.findings import Finding, StepKind, WrittenFile
from bot.core.judging.framework import Files, SourceFile
from bot.core.judging.owed import KeptFile, KeptPlan, KeptSteps, Present, see, settle
from bot.core.language import operations as op
from bot.core.language.messages import File, Message, Number, count, say
from bot.core.language.migrations import Migration, Run, Statement
from bot.frameworks import framework_named
from bot.report.disclosure import Disclosure, Reader
from bot.report.rendering import source
from bot.sql import Unwritable, write_statement


def with_owed(analysis: Analysis, number: int, kept: Sequence[KeptPlan]) -> Analysis:
    """The analysis with what is to be kept of its plan, and notes on what it owes and on what it brings for others."""
    own = next((plan for plan in kept if plan.number == number), KeptPlan(number))
    present = [_present(migration) for migration in analysis.run.migrations]
    there = {digest for file in present for digest in file.statements}
    plan = settle(own, list(_planned(analysis)), present)
    others = [see(other, there, number) for other in kept if other.number != number]
    notes = [*_brings(others, number), *_owes(plan)]
    return replace(analysis, plan=plan, seen=tuple(others), notes=(*analysis.notes, *notes))


def _brings(others: Sequence[KeptPlan], number: int) -> Iterator[Message]:
    for other in others:
        for steps in other.steps:
            for file in steps.files:
                if file.brought_by == number and file.path is not None:
                    yield say("this brings {} of the plan of #{}", File(file.path), Number(other.number))


def _owes(plan: KeptPlan) -> Iterator[Message]:
    left = [file for file in plan.owed if file.path is not None]
    if left:
        files = count(len(left), "file", "files")
        which = say("`/migsafe plan` has them, and `/migsafe done FILE REASON` says that one is done")
        yield say("{} of the plan are still to come: {}", files, which)


def _planned(analysis: Analysis) -> Iterator[KeptSteps]:
    """For each statement with a rewrite, the files that it needs besides its own."""
    migrations = {migration.path: migration for migration in analysis.run.migrations}
    around = {migration.path: tuple(_present(migration).statements) for migration in analysis.run.migrations}
    reader = Reader.of(analysis, Disclosure.NONE)
    planned = [one for one in analysis.findings if one.allowed is None and one.statement.path in migrations]
    stays = {one.statement.path for one in planned if one.suggestion is not None}
    stays |= {one.statement.path for one in planned for file in one.files if _is_own(file, one.statement.path)}
    anew = _said_anew(planned, migrations)
    seen: set[tuple[str, int]] = set()
    # Of two that rewrite one statement, the one whose suggestion is posted.
    for finding in sorted(planned, key=lambda one: one.suggestion is None):
        migration = migrations[finding.statement.path]
        further = [file for file in finding.files if not _is_own(file, migration.path)]
        place = migration.path, finding.statement.start
        if place not in seen and any(file.path is not None for file in further):
            seen.add(place)
            yield KeptSteps(
                path=migration.path,
                origin=digest_of(finding.statement.operations, finding.statement.sql),
                shape=_shape(finding.statement),
                here=(*_in_its_place(finding), *anew.get(migration.path, ())),
                around=around[migration.path],
                files=tuple(_kept(file, migration, reader) for file in further),
                whole=migration.path not in stays,
            )


def _is_own(file: WrittenFile, path: str) -> bool:
    """Whether it is what becomes of the statement's file; a later pull request may have one of that path again."""
    return file.path == path and file.stage == 1


def _kept(file: WrittenFile, like: Migration, reader: Reader) -> KeptFile:
    does: tuple[str, ...] = ()
    framework = framework_named(like.framework)
    if like.down is not None and file.path == like.down.path:
        does = (digest_of((), file.text),)
    elif file.kind is StepKind.MIGRATION and file.path is not None and framework.recognises(file.path, file.text):
        does = tuple(_digests(framework.read(Files([SourceFile(file.path, file.text)]))))
    note = source(file.note, reader)
    return KeptFile(file.kind, file.path, file.text, note, file.stage, file.transactional, does)


def _in_its_place(finding: Finding) -> tuple[str, ...]:
    """What the first step says where it can take the statement's place."""
    if finding.rewrite is None:
        return ()
    first = finding.rewrite.steps[0]
    return tuple(digest_of((operation,), "") for operation in first.operations)


def _said_anew(planned: Sequence[Finding], migrations: Mapping[str, Migration]) -> dict[str, tuple[str, ...]]:
    """For each file that the plan says all of anew, what it has in it."""
    own = dict.fromkeys(
        (file.path, file.text) for one in planned for file in one.files if _is_own(file, one.statement.path)
    )
    found: dict[str, tuple[str, ...]] = {}
    for path, text in own:
        if path is not None:
            run = framework_named(migrations[path].framework).read(Files([SourceFile(path, text)]))
            found[path] = (*found.get(path, ()), *_digests(run))
    return found


def _present(migration: Migration) -> Present:
    found = {digest_of(one.operations, one.sql): _shape(one) for one in migration.statements if _counts(one)}
    if migration.down is not None:
        found[digest_of((), migration.down.text)] = ""
    return Present(migration.path, found)


def _digests(run: Run) -> Iterator[str]:
    for statement in run.statements:
        if _counts(statement):
            yield digest_of(statement.operations, statement.sql)


def _counts(statement: Statement) -> bool:
    """Whether it is what its file is for: not a setting, nor the transaction around the others."""
    return not isinstance(statement.operations[0], op.SetSetting | op.Begin | op.Commit)


def _shape(statement: Statement) -> str:
    """What kind of statement it is, of what."""
    return " ".join(f"{type(one).__name__} {' '.join(map(str, one.subjects))}" for one in statement.operations)


def digest_of(operations: tuple[op.Operation, ...], sql: str) -> str:
    """A statement's name whoever writes it: by hand, or as a call of a framework."""
    try:
        text = write_statement(operations)
    except Unwritable:
        text = sql
    words = " ".join(text.split())
    return hashlib.sha256(words.encode("utf-8", "surrogateescape")).hexdigest()[:20]
