"""The recovery recipe for a migration that failed: one transaction, or statement by statement, as required."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.core.judging.analysis import Analysis
from bot.core.judging.rule import Hold, Timed
from bot.core.language import operations as op
from bot.core.language.facts import Effects, InTransaction
from bot.core.language.messages import capital, say
from bot.core.language.migrations import Migration, Statement
from bot.core.rewrites.steps import duration
from bot.report.disclosure import NOT_SHOWN, Reader
from bot.report.ledgers import applied, literal, record
from bot.report.leftovers import Detaching, Leftover, detaching, is_there, leftover
from bot.report.markdown import assemble, clean, code, fence, length
from bot.report.phrases import standing, timed_by_statement
from bot.report.rendering import markdown
from bot.report.shapes import BODY_LIMIT
from bot.report.timeline import entries
from bot.report.words import count

_ONLY_GUARDED = "ddl-without-lock-timeout"
"""The rule whose plan is the same statement, which waits as long."""
_SPARE = 400
"""Bytes for what says that something is left out."""
_TIMEOUTS = frozenset(
    {"statement_timeout", "lock_timeout", "transaction_timeout", "idle_in_transaction_session_timeout"}
)
_WATCH_BUILD = """\
-- How far an index build is:
SELECT pid, phase, blocks_done, blocks_total FROM pg_stat_progress_create_index;
"""
_WATCH = """\
-- Who waits, and for whom:
SELECT pid, pg_blocking_pids(pid) AS waits_for, left(query, 60) AS query
  FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0;
-- To stop a session, with its pid in place of 0:
SELECT pg_cancel_backend(0);"""


def page(analysis: Analysis, reader: Reader, *, limit: int = BODY_LIMIT) -> str:
    """The recipes for every migration of the run, in its order, as Markdown; "" where there is none."""
    if not analysis.run.migrations:
        return ""
    timed, waits = timed_by_statement(analysis), _waits(analysis, reader)
    opening = (
        "### If the migration fails\n\nAs the migration role, on the primary, in psql: paste a recipe, or save it and "
        f"run it with {code('psql -X -f')}, which stops at the first error."
    )
    builds = any(step.effects.index_builds or step.effects.index_rebuilds for step in timed.values())
    watch = f"While it runs, in a second session:\n\n{fence(_WATCH_BUILD * builds + _WATCH, 'sql')}"
    sections = []
    for migration in analysis.run.migrations:
        of = migration, list(_steps(migration, timed)), _Server.of(analysis), waits.get(migration.path, ""), reader
        sections.append((_section(*of), _section(*of, whole=False)))
    room = limit - length(opening) - length(watch) - _SPARE
    return assemble([opening, *_fitting(sections, room)], [watch], left_out=_too_long, limit=limit)


def _fitting(sections: Sequence[tuple[str, str]], room: int) -> list[str]:
    """Each section whole as long as there is room for at least the short form of those after it."""
    short = sum(length(form) + 2 for _, form in sections)
    chosen = []
    for whole, form in sections:
        short -= length(form) + 2
        fits = length(whole) + 2 + short <= room
        chosen.append(whole if fits else form)
        room -= length(chosen[-1]) + 2
    return chosen


def _too_long(parts: int) -> str:
    return f"{count(parts, 'more part')} of this runbook {'is' if parts == 1 else 'are'} too long for this place."


def recipe(migration: Migration, analysis: Analysis) -> str:
    """The SQL for one migration, as it can be pasted into psql."""
    return _recipe(migration, list(_steps(migration, timed_by_statement(analysis))), _Server.of(analysis))


def is_transactional(migration: Migration, analysis: Analysis) -> bool:
    """Whether the file can be applied in one transaction: it runs in one, and no statement is refused there."""
    return _in_one(list(_steps(migration, timed_by_statement(analysis))))


@dataclass(frozen=True, slots=True)
class _Step:
    """A statement as psql accepts it, and what it may leave behind."""

    statement: Statement
    text: str
    effects: Effects
    strong: bool

    @property
    def refused(self) -> bool:
        return self.effects.in_transaction is InTransaction.REFUSED


@dataclass(frozen=True, slots=True)
class _Server:
    """Where the recipe runs; `patience` is the lock_timeout of a statement whose lock others queue behind."""

    major: int
    patience: str

    @staticmethod
    def of(analysis: Analysis) -> "_Server":
        own = analysis.timeline[0].session.seconds("lock_timeout") if analysis.timeline else None
        wanted = analysis.policy.rewrite_lock_timeout
        return _Server(analysis.major, literal(duration(min(wanted, own) if own else wanted)))


def _section(
    migration: Migration, steps: Sequence[_Step], server: _Server, waits: str, reader: Reader, *, whole: bool = True
) -> str:
    """The recipe of one migration; if not the whole, its frame, without the statements that stand in the file."""
    if _in_one(steps):
        form = "It runs in one transaction, so a failure has left nothing behind. This applies it by hand, in one, too."
    else:
        form = (
            "It runs outside a transaction, so a failure leaves what was done before it. This goes on statement by "
            "statement; leave out what is applied already."
        )
    if not whole and _in_one(steps):
        form += f" Its {count(len(steps), 'statement')} are too long for this place: they stand in the file."
        steps = [_all_of(steps)] if steps else steps
    elif not whole:
        left_out = f"Its recipe is too long for this place: it has {count(len(steps), 'statement')}."
        return f"**{code(migration.path)}**\n\n{form}{waits} {left_out}"
    recipe = _recipe(migration, steps, server)
    shown = fence(recipe, "sql") if reader.may_see_code(recipe) else NOT_SHOWN
    return "\n\n".join((f"**{code(migration.path)}**", form + waits, shown))


def _all_of(steps: Sequence[_Step]) -> _Step:
    """One step in the place of all of them."""
    first, last = steps[0].statement.lines.first, steps[-1].statement.lines.last
    text = _comment(f"here the {count(len(steps), 'statement')} of lines {first} to {last}, as they stand in the file")
    return _Step(steps[0].statement, text, Effects(), strong=False)


def _recipe(migration: Migration, steps: Sequence[_Step], server: _Server) -> str:
    body = _in_one_transaction if _in_one(steps) else _one_by_one
    return "\n".join(body([step for step in steps if step.text], migration, server))


def _in_one(steps: Sequence[_Step]) -> bool:
    scopes = {step.statement.transaction for step in steps}
    return len(scopes) <= 1 and None not in scopes and not any(step.refused for step in steps)


def _waits(analysis: Analysis, reader: Reader) -> dict[str, str]:
    """For each file who waits while its recipe runs, if for long: it takes as long as the migration did."""
    planned = {one.statement.path for one in standing(analysis) if one.files and one.rule != _ONLY_GUARDED}
    longest: dict[str, Hold] = {}
    for one in entries(analysis):
        if one.mode.blocks_writes and one.hold.judged.likely >= 1:
            path = one.statement.path
            if path not in longest or one.hold.judged.likely > longest[path].judged.likely:
                longest[path] = one.hold
    return {path: _wait(hold, reader, planned=path in planned) for path, hold in longest.items()}


def _wait(hold: Hold, reader: Reader, *, planned: bool) -> str:
    """The safe plan first, where there is one."""
    seconds = hold.seconds or hold.judged
    waits = say("{} of {} wait {}: run it at a quiet hour.", say(hold.mode.blocks), hold.relation, seconds)
    text = f" {markdown(capital(waits), reader)}"
    return f" {code('/migsafe plan')} comes first: its steps do the same without this wait.{text}" if planned else text


def _steps(migration: Migration, timed: Mapping[int, Timed]) -> Iterator[_Step]:
    for statement in migration.statements:
        if statement.inside is not None or any(_is_frame(one) for one in statement.operations):
            continue
        own = timed.get(id(statement))
        done = own.effects if own is not None else Effects()
        yield _Step(statement, _runnable(statement, migration), done, _is_strong(own))


def _is_frame(operation: op.Operation) -> bool:
    """What the recipe sets itself: the transaction and the timeouts."""
    match operation:
        case op.Begin() | op.Commit():
            return True
        case op.SetSetting(setting=setting):
            return setting in _TIMEOUTS
        case _:
            return False


def _is_strong(timed: Timed | None) -> bool:
    return timed is not None and any(hold.mode.blocks_writes for hold in timed.holds)


def _in_one_transaction(steps: Sequence[_Step], migration: Migration, server: _Server) -> Iterator[str]:
    yield from _opening(migration)
    yield "BEGIN;"
    yield "SET LOCAL statement_timeout = 0;"
    if server.major >= 17:
        yield "SET LOCAL transaction_timeout = 0;"
    yield f"SET LOCAL lock_timeout = {server.patience}; -- gives up rather than let others wait: then paste it again"
    for step in steps:
        yield step.text
    yield record(migration)
    yield "COMMIT;"


def _one_by_one(steps: Sequence[_Step], migration: Migration, server: _Server) -> Iterator[str]:
    yield from _opening(migration)
    yield "SET statement_timeout = 0;"
    if server.major >= 17:
        yield "SET transaction_timeout = 0;"
    lock_timeout = ""
    number: int | None = None
    broken_up = _is_broken_up(steps)
    left: list[Leftover] = []
    for step in steps:
        wanted = server.patience if step.strong and not step.refused else "0"
        own = None if step.refused or broken_up else step.statement.transaction
        if own != number:
            if number is not None:
                yield "COMMIT;"
            if own is not None:
                yield "\nBEGIN;"
            number = own
        if wanted != lock_timeout:
            yield f"SET lock_timeout = {wanted};"
            lock_timeout = wanted
        found = leftover(step.statement.operations, len(left) + 1)
        left += [found] if found is not None else []
        yield from _guarded(step, found) if found is not None else _plainly(step)
    if number is not None:
        yield "COMMIT;"
    yield ""
    yield from _recorded_if_done(migration, left)


def _is_broken_up(steps: Sequence[_Step]) -> bool:
    """A file whose transaction PostgreSQL refuses: its statements run one at a time."""
    refused = {step.statement.transaction for step in steps if step.refused}
    return bool(refused - {None})


def _plainly(step: _Step) -> Iterator[str]:
    if (detach := detaching(step.statement.operations)) is not None:
        yield from _detached(step, detach)
        return
    yield f"\n-- {_at(step)}"
    there = is_there(step.statement.operations)
    if there is None:
        yield step.text
        return
    yield f"SELECT {there} AS migsafe_there \\gset"
    yield "\\if :migsafe_there"
    yield step.text
    yield "\\endif"


def _detached(step: _Step, detach: Detaching) -> Iterator[str]:
    """What an earlier try began, it alone can end; a partition that is gone already is not detached again."""
    yield f"\n-- {_at(step)}: what an earlier try began is ended first"
    yield f"SELECT {detach.pending} AS migsafe_pending \\gset"
    yield "\\if :migsafe_pending"
    yield detach.finalized
    yield "\\endif"
    yield f"SELECT {detach.attached} AS migsafe_attached \\gset"
    yield "\\if :migsafe_attached"
    yield step.text
    yield "\\endif"


def _guarded(step: _Step, left: Leftover) -> Iterator[str]:
    """A concurrent build: what an earlier try left INVALID is dropped first, and what exists is not built again."""
    yield f"\n-- {_at(step)}: what an earlier try left INVALID is dropped first"
    yield from left.before
    yield from left.dropped
    if not left.wanted:
        yield step.text
        return
    yield f"SELECT {left.missing} AS migsafe_missing \\gset"
    yield "\\if :migsafe_missing"
    yield step.text
    yield "\\endif"


def _recorded_if_done(migration: Migration, left: Sequence[Leftover]) -> Iterator[str]:
    """The version is recorded last, and only where every index can be used."""
    if not left:
        yield "-- Last, when everything above has succeeded:"
        yield record(migration)
        return
    yield "-- Every index must be valid before the version is recorded:"
    yield "SELECT " + "\n   AND ".join(one.done for one in left) + " AS migsafe_valid \\gset"
    yield "\\if :migsafe_valid"
    yield record(migration)
    yield "\\else"
    yield "\\echo 'not recorded: an index is missing or not valid'"
    yield "\\endif"


def _opening(migration: Migration) -> Iterator[str]:
    yield "\\set ON_ERROR_STOP on"
    asked = applied(migration)
    if asked is not None:
        yield "-- A row here means that it is applied already: then there is nothing to do."
        yield asked


def _runnable(statement: Statement, migration: Migration) -> str:
    """The statement with its semicolon; a comment where only the framework can run it."""
    unread = next((one for one in statement.operations if isinstance(one, op.Unread)), None)
    at = f"line {statement.lines.first}"
    if any(_by_code(operation) for operation in statement.operations):
        return _comment(f"{at} changes rows by code of the application: run that part by the application")
    if unread is not None and not migration.path.endswith(".sql"):
        return _comment(f"{at} was not read ({unread.reason}): run what it sends by hand")
    text = _ended(clean(statement.sql).strip())
    if unread is None:
        return text
    # It may hold anything, such as `\! command`, which psql gives to the shell.
    return f"{_comment(f'{at} was not read, so it is commented out: read it before you run it')}\n{_commented(text)}"


def _by_code(operation: op.Operation) -> bool:
    return isinstance(operation, op.Update | op.Delete) and operation.by_application


def _ended(text: str) -> str:
    if not text or text.endswith(("\\.", ";")):
        return text
    return f"{text}\n;" if "--" in text.rpartition("\n")[2] else f"{text};"


def _comment(text: str) -> str:
    return f"-- {' '.join(clean(text).split())}"


def _commented(text: str) -> str:
    return "\n".join(f"-- {line}".rstrip() for line in text.split("\n"))


def _at(step: _Step) -> str:
    return f"Line {step.statement.lines.first}"
