"""Alembic's files as one deploy: in the order of `down_revision`, with the transactions its environment opens."""

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from bot.core.judging.framework import Files, SourceFile
from bot.core.language import operations as op
from bot.core.language.migrations import Lines, Migration, Run, Scope, Statement, Transaction
from bot.frameworks.alembic.core_statements import Tables
from bot.frameworks.alembic.environment import Environment, environment
from bot.frameworks.alembic.mapped import models_in
from bot.frameworks.alembic.revisions import Revision, in_order, notes_on, revision_of
from bot.frameworks.alembic.run_time import REASON, Filled, fill, of_rows
from bot.frameworks.alembic.walk import Emitted, Walk, imported
from bot.frameworks.python.evaluate import bind_arguments
from bot.frameworks.python.places import Places, comments_in
from bot.frameworks.python.values import Attribute, Function
from bot.frameworks.python.values import Scope as NameScope
from bot.frameworks.statements.allow import blank_lines, read_allows
from bot.sql import ReadStatement, Unwritable, read_script, write_statement

_ALL_IN_ONE = "Alembic runs all pending migrations in one transaction"
_ONE_EACH = "transaction_per_migration: each migration runs in a transaction of its own"
_STRING = "several statements sent as one string are one implicit transaction"

# Projects that run upgrades themselves hand them `op`; Quay also its tables, and a tester that only tests let act.
_HANDED = {"op": "alembic.op", "tables": "tables", "tester": "logging.tester"}


def read_files(files: Files) -> Run:
    """All changed files as one deploy. Never raises."""
    revisions = in_order([revision_of(source) for source in files.changed])
    opened = _Transactions(count(1))
    migrations = [_migration(revision, files, opened, revisions) for revision in revisions]
    return Run(tuple(migrations), opened.made)


def _migration(revision: Revision, files: Files, opened: "_Transactions", revisions: Sequence[Revision]) -> Migration:
    source = revision.source
    around = environment(source.path, {**files.head, **files.base})
    opened.enter_file(around)
    statements = _read_or_not(revision, opened)
    comments = comments_in(source.text)
    alone = [statement.transaction is None for statement in statements]
    return Migration(
        path=source.path,
        framework="alembic",
        version=revision.id,
        transactional=False if alone and all(alone) else None if any(alone) else True,
        statements=tuple(statements),
        text=source.text,
        allows=read_allows(comments, statements, blank_lines(source.text)),
        settings=around.settings,
        notes=tuple(notes_on(revision, revisions)),
    )


def _read_or_not(revision: Revision, opened: "_Transactions") -> list[Statement]:
    """The statements, or the whole file as one that is not read: no file costs the others."""
    try:
        return list(_statements(revision, opened))
    except (RecursionError, MemoryError):
        reason = "the file is nested too deeply to follow"
    except Exception as trouble:
        reason = f"following this file failed ({type(trouble).__name__})"
    return [_whole_file(revision.source, Places.of(revision.source.text), reason, opened)]


def _statements(revision: Revision, opened: "_Transactions") -> Iterator[Statement]:
    source, places = revision.source, Places.of(revision.source.text)
    if revision.tree is None:
        yield _whole_file(source, places, f"the file is not Python that can be read: {revision.trouble}", opened)
        return
    emitted = _followed(revision.tree)
    if emitted is None:
        yield _whole_file(source, places, "the file has no `upgrade()`", opened)
        return
    for one in emitted:
        opened.enter_block(one.autocommit)
        if one.sql is None:
            yield from _sent(one, source, places, opened)
        else:
            yield from _text(one, one.sql, source, places, opened)
    opened.enter_block(0)


def _followed(tree: ast.Module) -> Sequence[Emitted] | None:
    """What `upgrade()` sends; in a file for several databases, what each of its upgrades sends."""
    scope = NameScope()
    walk = Walk(Tables(models_in(tree)))
    for node in tree.body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                scope.names[node.name] = Function(node, scope)
            case ast.Import() | ast.ImportFrom():
                imported(node, scope)
            case ast.Assign() | ast.AnnAssign() | ast.If() | ast.Try():
                walk.statement(node, scope)
            case _:
                pass
    walk.emitted.clear()
    upgrades = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "upgrade"]
    named = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("upgrade_")]
    if not upgrades:
        return None
    dynamic = named and "globals()" in ast.unparse(upgrades[-1])
    for node in named if dynamic else upgrades[-1:]:
        walk.body(node.body, _given(node, scope))
    return walk.emitted


def _given(upgrade: ast.FunctionDef, scope: NameScope) -> NameScope:
    """What an `upgrade` that is handed its operations calls them."""
    inner = NameScope(outer=scope)
    bind_arguments(upgrade, (), {}, inner)
    names = {one.arg for one in upgrade.args.args}
    inner.names |= {name: Attribute(of) for name, of in _HANDED.items() if name in names}
    return inner


def _sent(one: Emitted, source: SourceFile, places: Places, opened: "_Transactions") -> Iterator[Statement]:
    start, end = places.span(one.node)
    for operations in one.sent:
        yield Statement(
            path=source.path,
            lines=places.lines(start, end),
            operations=operations,
            sql=_spelled(operations) or source.text[start:end],
            start=start,
            end=end,
            source=source.text[start:end],
            transaction=opened.number(operations[0]),
            generated=not isinstance(operations[0], op.Unread),
        )


def _text(one: Emitted, sql: str, source: SourceFile, places: Places, opened: "_Transactions") -> Iterator[Statement]:
    """SQL as text: at its own lines where the literal stands in the file as it is sent, else at the call's."""
    span = places.span(one.node)
    filled = fill(sql)
    inside = _inside(one, filled.text, places)
    read = read_script(filled.text).statements
    opened.enter_string(sum(statement.inside is None for statement in read) > 1)
    for statement in read:
        start, end = (inside(statement.start), inside(statement.end)) if inside is not None else span
        operations = _judged(statement, filled)
        yield Statement(
            path=source.path,
            lines=places.lines(start, end),
            operations=operations,
            sql=statement.sql,
            start=start,
            end=end,
            source=source.text[start:end],
            transaction=opened.last if statement.inside is not None else opened.number(operations[0]),
            inside=statement.inside,
        )
    opened.leave_string()


def _inside(one: Emitted, sql: str, places: Places) -> Callable[[int], int] | None:
    """From a place in the text as it is sent to the place in the file, None where the author wrote no such text.

    What replaces a bind parameter may be shorter or longer; it never adds lines.
    """
    text = one.literal.value if one.literal is not None else None
    begin = places.inside(one.literal, text) if one.literal is not None and isinstance(text, str) else None
    if begin is None or not isinstance(text, str) or text.count("\n") != sql.count("\n"):
        return None
    if len(text) == len(sql):
        return lambda place: begin + place
    written, sent = text.split("\n"), sql.split("\n")
    if any(bool(one.strip()) != bool(other.strip()) for one, other in zip(written, sent, strict=True)):
        return None

    def place_in_file(place: int) -> int:
        before = sql.count("\n", 0, place)
        column = place - (sql.rfind("\n", 0, place) + 1)
        at = sum(len(line) + 1 for line in written[:before])
        return begin + at + (len(written[before]) if column >= len(sent[before]) else min(column, len(written[before])))

    return place_in_file


def _judged(statement: ReadStatement, filled: Filled) -> tuple[op.Operation, ...]:
    """What the statement does, where what waits for run time in it cannot change that."""
    if not filled.touches(statement.start, statement.end):
        return statement.operations
    if not of_rows(statement.operations):
        return (op.Unread(REASON),)
    if any(statement.start <= place < statement.end for place in filled.rows):
        return tuple(replace(one, rows=None) if isinstance(one, op.Insert) else one for one in statement.operations)
    return statement.operations


def _spelled(operations: Sequence[op.Operation]) -> str:
    try:
        return write_statement(operations)
    except Unwritable:
        return ""


def _whole_file(source: SourceFile, places: Places, reason: str, opened: "_Transactions") -> Statement:
    text = source.text
    return Statement(
        path=source.path,
        lines=Lines(1, max(1, places.lines(0, len(text)).last)),
        operations=(op.Unread(reason),),
        sql=text[:2_000],
        start=0,
        end=len(text),
        source=text,
        transaction=opened.number(op.Unread(reason)),
    )


@dataclass(slots=True)
class _Transactions:
    """Which transaction is open while the files are followed."""

    numbers: Iterator[int]
    made: dict[int, Transaction] = field(default_factory=dict)
    current: int | None = None
    last: int | None = None
    block: int = 0
    around: Environment = field(default_factory=Environment)
    string: int | None = None

    def enter_file(self, around: Environment) -> None:
        self.around = around
        if self.current is None or around.transaction_per_migration:
            self.begin()

    def begin(self) -> None:
        per_file = self.around.transaction_per_migration
        scope = Scope.ASSUMED if per_file is None else Scope.EXPLICIT
        self.open(scope, _ONE_EACH if per_file else _ALL_IN_ONE)

    def open(self, scope: Scope, because: str) -> None:
        self.current = next(self.numbers)
        self.made[self.current] = Transaction(self.current, scope, because)

    def enter_block(self, block: int) -> None:
        """autocommit_block() commits what is open; what follows it has a transaction of its own."""
        if block == self.block:
            return
        self.block = block
        if block:
            self.current = None
        else:
            self.begin()

    def enter_string(self, several: bool) -> None:
        if several and self.current is None:
            self.string = next(self.numbers)
            self.made[self.string] = Transaction(self.string, Scope.IMPLICIT, _STRING)

    def leave_string(self) -> None:
        self.string = None

    def number(self, operation: op.Operation) -> int | None:
        """The transaction of the next statement; COMMIT and ROLLBACK end the open one, BEGIN opens one."""
        if isinstance(operation, op.Begin) and self.current is None and self.string is None:
            self.open(Scope.EXPLICIT, "BEGIN in the file opens it")
        self.last = self.string if self.string is not None else self.current
        ends = isinstance(operation, op.Commit) or (isinstance(operation, op.Rollback) and operation.savepoint is None)
        if ends and self.string is None:
            self.current = None
        return self.last
