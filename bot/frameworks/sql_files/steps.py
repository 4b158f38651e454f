"""Safe steps as files of SQL: named as the tool names them, one statement per file where required."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from bot.core.judging.findings import Step, StepKind, WrittenFile
from bot.core.judging.order import staged
from bot.core.language import operations as op
from bot.core.language.messages import NOTHING, Message, paragraphs, say, verbatim
from bot.core.language.migrations import Migration, Statement
from bot.core.language.naming import constraint_named
from bot.core.record import replace
from bot.core.rewrites.undo import way_back
from bot.frameworks.sql_files.convention import Body, CannotRunOutside, Convention
from bot.frameworks.sql_files.naming import Paths
from bot.frameworks.sql_files.one_transaction import in_runs
from bot.frameworks.statements.release import with_release
from bot.sql import Unwritable, write_statement
from bot.sql.writing.batches import write_batches

_SLUG = re.compile(r"[^a-z0-9]+")


def write_files(
    convention: Convention, steps: Sequence[Step], like: Migration, after: Sequence[str]
) -> list[WrittenFile]:
    """Every step as complete files, in deploy order; the first migration takes `like`'s path."""
    paths = Paths(like.path, (like.version, *after), first=like.path, ending=convention.ending)
    steps = in_runs(convention, like, steps)
    return [file for stage, step in staged(steps)[0] for file in write_step(convention, step, stage, like, paths)]


def write_step(
    convention: Convention, step: Step, stage: int, like: Migration, paths: Paths
) -> tuple[WrittenFile, ...]:
    """A step as complete files with the paths that come next; `stage` is the pull request that it belongs to."""
    return tuple(replace(file, stage=stage) for file in _files_of(convention, step, stage, like, paths))


def statements_of(step: Step, stage: int = 1) -> tuple[str, ...]:
    """The operations of a step as statements, its settings before them. Raises Unwritable."""
    return (*settings_of(step), *(_written(operation, stage, step) for operation in step.operations))


def _written(operation: op.Operation, stage: int, step: Step) -> str:
    return with_release(write_statement([operation]), operation, stage, "--", step.operations)


def settings_of(step: Step) -> tuple[str, ...]:
    """`SET LOCAL` for each setting of a transactional step; outside a transaction the file has no place for them."""
    if not step.transactional:
        return ()
    return tuple(write_statement([op.SetSetting(name, value, local=True)]) for name, value in step.settings)


def settings_note(step: Step, convention: Convention) -> str:
    """How to make the settings of a step outside a transaction: in the connection, since the file cannot."""
    if step.transactional or not step.settings or not convention.alone:
        return ""
    options = " ".join(f"-c {name}={value}" for name, value in step.settings)
    assignments = " and ".join(f"{name} = {value}" for name, value in step.settings)
    return (
        f"This file must hold one statement, so it cannot SET anything: run it with {assignments}, by "
        f"PGOPTIONS='{options}' or by ALTER ROLE ... SET on the migration role."
    )


def slug_of(step: Step, operation: op.Operation | None = None) -> str:
    """The step's own slug, else one derived from what it does."""
    name = step.name or (_describe(operation or step.operations[0]) if step.operations or operation else "step")
    return _SLUG.sub("_", name.lower()).strip("_")[:80] or "step"


def _files_of(convention: Convention, step: Step, stage: int, like: Migration, paths: Paths) -> Iterator[WrittenFile]:
    match step.kind:
        case StepKind.DEPLOY:
            yield WrittenFile(StepKind.DEPLOY, None, "", step.note)
        case StepKind.SCRIPT:
            script = script_file(step, paths.script(slug_of(step)))
            yield replace(script, text=with_line_ends(script.text, like.text))
        case StepKind.MIGRATION:
            yield from _migrations(convention, step, stage, like, paths)


def _migrations(convention: Convention, step: Step, stage: int, like: Migration, paths: Paths) -> Iterator[WrittenFile]:
    try:
        parts = list(_parts(convention, step, stage))
    except Unwritable as trouble:
        yield unwritten(step, trouble)
        return
    note = paragraphs(step.note, verbatim(settings_note(step, convention)), note_of_loss(step))
    for number, (up, down) in enumerate(parts, start=1):
        slug = slug_of(step) if number == 1 else f"{slug_of(step)}_{number}"
        body = body_of(convention, paths.next(slug), up, down, transactional=step.transactional)
        text = convention.compose(body, like)
        if isinstance(text, CannotRunOutside):
            yield _by_hand(convention, step, up, like, paths.script(slug), text)
        else:
            paths.take(body.path)
            yield from composed(convention, body, text, like, note)


def body_of(
    convention: Convention, path: str, up: Sequence[str], down: Sequence[str] | None, *, transactional: bool
) -> Body:
    """A body whose statements are written as the tool requires."""
    undone = None if down is None else tuple(convention.escape(statement) for statement in down)
    return Body(path, tuple(convention.escape(statement) for statement in up), undone, transactional=transactional)


def composed(convention: Convention, body: Body, text: str, like: Migration, note: Message) -> Iterator[WrittenFile]:
    """The file, and the one that must be beside it."""
    kind = StepKind.MIGRATION
    if body.path != like.path:
        note = paragraphs(note, verbatim(convention.registers(body.path)))
    yield WrittenFile(kind, body.path, with_line_ends(text, like.text), note, body.transactional)
    companion = convention.companion(body, like)
    if companion is not None:
        where = "in" if body.transactional else "outside"
        place = f"It belongs beside `{body.path}`, which {convention.title} runs {where} a transaction because of it."
        yield WrittenFile(kind, companion.path, with_line_ends(companion.text, like.text), verbatim(place))
    undo = convention.undo
    down_path = undo.path_of(body.path) if undo is not None else None
    if undo is None or down_path is None or not (undo.expected or like.down):
        return
    place = verbatim(f"It undoes `{body.path}`.")
    if body.down is not None:
        yield WrittenFile(kind, down_path, with_line_ends(undo.compose(body, like), like.text), place)
    elif like.down is not None and like.down.path == down_path:
        text = "-- This cannot be undone: what it replaced is not kept.\n"
        yield WrittenFile(kind, down_path, with_line_ends(text, like.text), place)


def cannot_run_outside(convention: Convention, step: Step, like: Migration) -> CannotRunOutside | None:
    """Why no file of the tool can hold this step, None where one can."""
    if step.kind is not StepKind.MIGRATION or step.transactional:
        return None
    text = convention.compose(Body(like.path, (), None, transactional=False), like)
    return text if isinstance(text, CannotRunOutside) else None


_BY_HAND = """\
-- Run by hand, outside a transaction:
--
--     psql -X -v ON_ERROR_STOP=1 -f {path}
"""


def _by_hand(
    convention: Convention, step: Step, up: Sequence[str], like: Migration, path: str, reason: CannotRunOutside
) -> WrittenFile:
    """A step that no file of the tool can hold, as a script."""
    settings = [write_statement([op.SetSetting(name, value)]) for name, value in step.settings if convention.alone]
    statements = "".join(f"{statement};\n" for statement in (*settings, *up))
    because = f"{reason.because}, and PostgreSQL refuses this statement in one: run it by hand, by psql."
    text = with_line_ends(f"{_BY_HAND.format(path=path)}\n{statements}", like.text)
    note = paragraphs(step.note, verbatim(because), verbatim(reason.instead))
    return WrittenFile(StepKind.SCRIPT, path, text, note, transactional=False)


def _parts(convention: Convention, step: Step, stage: int) -> Iterator[tuple[tuple[str, ...], tuple[str, ...] | None]]:
    """The statements and those that undo them, file by file. Raises Unwritable."""
    if step.transactional:
        yield statements_of(step, stage), down_of(step)
        return
    if not convention.alone:
        before = [write_statement([op.SetSetting(name, value)]) for name, value in step.settings]
        after = [write_statement([op.SetSetting(name, None)]) for name, _ in step.settings]
        up = [_written(operation, stage, step) for operation in step.operations]
        yield (*before, *up, *after), down_of(step)
        return
    if len(step.operations) == 1:
        back = tuple(one for one in step.down or () if not isinstance(one, op.SetSetting))
        yield (
            (_written(step.operations[0], stage, step),),
            down_of(step if step.down is None else replace(step, down=back)),
        )
        return
    for operation in step.operations:
        alone = replace(step, operations=(operation,), down=None, lost=NOTHING)
        yield (_written(operation, stage, step),), down_of(alone)


def down_of(step: Step) -> tuple[str, ...] | None:
    """The statements that undo the step, None where nothing that is known does. Raises Unwritable."""
    down = way_back(step).down
    return None if down is None else tuple(write_statement([operation]) for operation in down)


def note_of_loss(step: Step) -> Message:
    """What a rollback does not bring back, or why there is none."""
    found = way_back(step)
    if not found.lost:
        return NOTHING
    if found.down is None:
        return say("It cannot be rolled back: nothing brings back {}.", found.lost)
    return say("A rollback does not bring back {}.", found.lost)


def script_file(step: Step, path: str) -> WrittenFile:
    """A step that changes rows, as a script for psql that does so in batches: the same for every tool."""
    changes = [operation for operation in step.operations if isinstance(operation, op.Update | op.Delete | op.Insert)]
    try:
        if not changes or len(changes) != len(step.operations):
            raise Unwritable("it changes rows in a way that cannot be cut into batches")
        text = "\n".join(write_batches(change, step.settings, path) for change in changes)
    except Unwritable as trouble:
        return unwritten(step, trouble)
    return WrittenFile(step.kind, path, text, step.note, transactional=False)


def by_hand(statement: Statement, steps: Sequence[Step]) -> WrittenFile:
    """Instead of files for a statement that no edit takes out of its file: they would do again what it still does."""
    parts: list[str] = []
    for number, step in enumerate(steps, start=1):
        outside = "" if step.transactional else ", outside a transaction"
        try:
            written = "".join(f"{one};\n" for one in statements_of(step))
        except Unwritable:
            written = ""
        parts.append(f"-- {number}. A {step.kind.value}{outside}:\n{written}")
    line = statement.lines.first
    note = f"Take what line {line} does out of its file by hand, since no edit does that: these come instead"
    return WrittenFile(StepKind.MIGRATION, None, "\n".join(parts), verbatim(note))


def unwritten(step: Step, trouble: Unwritable) -> WrittenFile:
    """Instead of a file: what the author has to write by hand."""
    return WrittenFile(step.kind, None, "", paragraphs(step.note, verbatim(f"Write this step by hand: {trouble}.")))


def with_line_ends(text: str, like: str) -> str:
    """The text with the line ends of the file beside it."""
    return text.replace("\n", "\r\n") if _has_carriage_returns(like) else text


@lru_cache(4)
def _has_carriage_returns(text: str) -> bool:
    return "\r\n" in text


def _describe(operation: op.Operation) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(operation).__name__)
    table = operation.subject.name if operation.subject is not None else None
    return "_".join(part for part in (words, table, _part(operation)) if part)


def _part(operation: op.Operation) -> str | None:
    """The index, constraint or column that it is about."""
    match operation:
        case op.CreateIndex(index=index) | op.SetReplicaIdentity(index=index) | op.SetCluster(index=index):
            return index
        case op.RenameColumn(column=column):
            return column
        case _ if isinstance(operation, op.ColumnAction) and not isinstance(operation, op.AddColumn):
            return operation.column
        case _:
            return constraint_named(operation)
