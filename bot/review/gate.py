"""The gate that every rewrite passes before it is written, whoever built it: its steps judged where they will run.

A rewrite may not lose what the author asked for, and no step may be the danger that it is offered against, nor a new
one. What does not pass is no rewrite: the plan then says that none is known.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.core.judging.analysis import Analysis, analyse
from bot.core.judging.findings import Finding, SafeRewrite, Severity, Step, StepKind, is_same
from bot.core.judging.order import staged
from bot.core.judging.rule import Rule
from bot.core.language import operations as op
from bot.core.language.migrations import RELEASED, Allow, Lines, Migration, Run, Statement, Transaction
from bot.core.rewrites.checking import trouble_with
from bot.core.schema.session import Session
from bot.sql import Unwritable, write_statement

_FAILS = "statement-fails"
"""`trouble_with` asks for that, and knows which names the plan makes or the file has taken away before it."""


def let_through(analysis: Analysis, rules: Sequence[Rule]) -> Analysis:
    """The analysis without the rewrites that may not be offered."""
    places = {id(timed.statement): at for at, timed in enumerate(analysis.timeline)}
    migrations = {id(one): migration for migration in analysis.run.migrations for one in migration.statements}
    asked: dict[int, tuple[SafeRewrite, str]] = {}
    findings: list[Finding] = []
    for finding in analysis.findings:
        rewrite, at = finding.rewrite, places.get(id(finding.statement))
        if rewrite is not None and at is not None:
            if id(rewrite) not in asked:
                asked[id(rewrite)] = rewrite, _trouble(finding, at, migrations[id(finding.statement)], analysis, rules)
            rewrite = None if asked[id(rewrite)][1] else rewrite
        findings.append(finding if rewrite is finding.rewrite else replace(finding, rewrite=rewrite))
    return replace(analysis, findings=tuple(findings))


def _trouble(finding: Finding, at: int, like: Migration, analysis: Analysis, rules: Sequence[Rule]) -> str:
    """Why the rewrite of the finding may not be offered, "" where it may."""
    rewrite = finding.rewrite
    if rewrite is None or is_same(finding):
        # Behind a lock_timeout it is the same statement, and nobody calls that a plan.
        return ""
    doing = sorted({at, *rewrite.takes})
    wanted = [one for index in doing for one in analysis.timeline[index].statement.operations]
    session = analysis.timeline[doing[0]].session
    return trouble_with(rewrite, wanted, session) or next(_dangers(rewrite, wanted, session, like, analysis, rules), "")


def _dangers(
    rewrite: SafeRewrite,
    wanted: Sequence[op.Operation],
    session: Session,
    like: Migration,
    analysis: Analysis,
    rules: Sequence[Rule],
) -> Iterator[str]:
    """The dangers of the steps. Without a replica only those of rules that said nothing of the statement count: what
    a step rests on may stand in a catalog that nobody has read."""
    here = [one for one in analysis.findings if any(part in wanted for part in one.statement.operations)]
    known = {one.rule for one in here}
    steps = list(_migrations(rewrite.steps, like))
    run = Run(tuple(migration for migration, _ in steps), {at: Transaction(at) for at in range(len(steps))})
    judged = analyse(run, analysis.catalog, analysis.policy, rules, start=session.in_no_transaction())
    for one in judged.findings:
        # An action without a plan is said to have none, and does not cost the others theirs.
        alone = len(wanted) > 1 and any(part in wanted for part in one.statement.operations)
        unsure = not session.snapshot and one.rule in known
        if one.severity is Severity.DANGER and one.rule != _FAILS and not (alone or unsure):
            yield f"a step is a danger by {one.rule}"


def _migrations(steps: Sequence[Step], like: Migration) -> Iterator[tuple[Migration, int]]:
    """Each step as a file of its own; from the second pull request on no running code uses what it takes away."""
    for at, (stage, step) in enumerate(staged(steps)[0]):
        if step.kind is not StepKind.MIGRATION:
            continue
        settings = [op.SetSetting(name, value, local=step.transactional) for name, value in step.settings]
        transaction = at if step.transactional else None
        path = f"{like.path}#{at}"
        statements = tuple(
            _statement(path, line, one, transaction) for line, one in enumerate((*settings, *step.operations), start=1)
        )
        allows = tuple(Allow(RELEASED, "its code is deployed", one.lines.first, one.lines.first) for one in statements)
        yield (
            replace(
                like,
                path=path,
                transactional=step.transactional,
                statements=statements,
                text="",
                allows=allows if stage > 1 else (),
                joins=False,
                down=None,
            ),
            at,
        )


def _statement(path: str, line: int, operation: op.Operation, transaction: int | None) -> Statement:
    try:
        text = write_statement([operation])
    except Unwritable:
        text = ""
    return Statement(path, Lines(line, line), (operation,), text, line, line, text, transaction)
