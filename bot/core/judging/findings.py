"""The results of the analysis: findings, their safe rewrites, the checklist, the verdict."""

from enum import Enum

from bot.core.cost.estimate import Estimate
from bot.core.language import operations as op
from bot.core.language.messages import NOTHING, Message
from bot.core.language.migrations import Lines, Statement
from bot.core.language.names import Name
from bot.core.record import record


class Severity(Enum):
    """`OFF` exists only for configuration; weakest first."""

    OFF = "off"
    NOTE = "note"
    WARNING = "warning"
    DANGER = "danger"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


class Confidence(Enum):
    EXACT = "exact"
    """Every fact was read from the file and the catalog."""
    ASSUMED = "assumed"
    """Something was assumed; `Finding.assumptions` lists it."""


class StepKind(Enum):
    MIGRATION = "migration"
    SCRIPT = "script"
    """Run by hand or by a job: a batched backfill."""
    DEPLOY = "deploy"
    """Release application code before the next step."""


@record
class Step:
    """One deployable part of a safe rewrite.

    `operations` for a migration (several only where they belong in one file; each is a statement of its own:
    joined in one ALTER TABLE, SET NOT NULL and DROP CONSTRAINT would scan again); for a script, the `Update` or
    `Delete` to run in batches. `transactional` False asks for a file outside a transaction. `settings` are set
    for the step before its operations (`lock_timeout`), as the framework can.
    """

    kind: StepKind
    operations: tuple[op.Operation, ...] = ()
    note: Message = NOTHING
    transactional: bool = True
    name: str = ""
    """A short slug for the file: `add_events_search_check`."""
    settings: tuple[tuple[str, str], ...] = ()
    apart: bool = False
    """As a first step: it must leave the author's transaction (a VALIDATE after a NOT VALID) for a file of its own."""
    down: tuple[op.Operation, ...] | None = None
    """What undoes it where the steps before it have run and no later one has; None: nothing that is known does."""
    lost: Message = NOTHING
    """What `down` does not bring back: the values of a dropped column."""
    key: tuple[str, ...] | None = None
    """Of a script: the primary key of the table whose rows it changes, () without one; None: not known."""


@record
class SafeRewrite:
    """Steps in deploy order; `differs` declares how the result differs from the author's statement.

    `takes`: the other statements of the run, by index, that the steps do as well: what is dropped for something new.
    """

    steps: tuple[Step, ...]
    differs: Message = NOTHING
    takes: tuple[int, ...] = ()


@record
class WrittenFile:
    """A step as a file; `path` None for a deploy step.

    `stage` is the pull request that it belongs to: 1 for the author's own, 2 for the one after the next deploy or
    script that has to be over first.
    """

    kind: StepKind
    path: str | None
    text: str
    note: Message = NOTHING
    transactional: bool | None = None
    stage: int = 1


@record
class Suggestion:
    """`text` replaces these whole lines of the file; it has no newline at its end. An empty text deletes the lines.

    `moves`: a statement leaves the file by it, for a further file of the plan.
    """

    lines: Lines
    text: str
    moves: bool = False


@record
class Allowed:
    """Who accepted a finding, and why.

    `line` where the directive is in the file; then `at` is when it was committed, ISO 8601, "" if that is not known.
    """

    by: str
    reason: str
    line: int | None = None
    at: str = ""


@record
class Finding:
    """One unsafe shape at one statement.

    `title` is one line, `message` a few sentences in the author's own names; `estimate` is how long the
    relation is blocked because of it, None where nothing is blocked or nothing is known. `fingerprint` names
    the finding across pushes: it survives moves of the statement and changes with its text.
    """

    rule: str
    statement: Statement
    relation: Name | None
    severity: Severity
    title: Message
    message: Message
    confidence: Confidence = Confidence.EXACT
    assumptions: tuple[Message, ...] = ()
    estimate: Estimate | None = None
    rewrite: SafeRewrite | None = None
    files: tuple[WrittenFile, ...] = ()
    suggestion: Suggestion | None = None
    allowed: Allowed | None = None
    fingerprint: str = ""


def is_same(finding: Finding) -> bool:
    """Whether its rewrite is the same statement, with nothing but settings around it."""
    if finding.rewrite is None or len(finding.rewrite.steps) != 1:
        return False
    (step,) = finding.rewrite.steps
    asked = finding.statement.operations
    same = len(step.operations) == len(asked) and all(one in asked for one in step.operations)
    return step.kind is StepKind.MIGRATION and step.transactional and not step.apart and same


class State(Enum):
    DONE = "done"
    OPEN = "open"
    FAILED = "failed"
    NOT_APPLICABLE = "not-applicable"


@record
class ChecklistItem:
    """`id` is one of the contract's; `by` is "migsafe" or a login; `at` ISO 8601 or None."""

    id: str
    text: str
    state: State
    reason: Message
    by: str = "migsafe"
    at: str | None = None


class Verdict(Enum):
    SAFE = "safe"
    ATTENTION = "attention"
    BLOCKED = "blocked"
