"""Alembic's files as one deploy: in the order of `down_revision`, with the transactions its environment opens."""

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from bot.core.judging.framework import Files
from bot.core.language import operations as op
from bot.core.language.migrations import Migration, Run, Scope, Statement
from bot.frameworks.alembic.core_statements import Tables
from bot.frameworks.alembic.environment import environment
from bot.frameworks.alembic.mapped import models_in
from bot.frameworks.alembic.revisions import Revision, in_order, notes_on, revision_of
from bot.frameworks.alembic.run_time import REASON, Filled, fill, of_rows
from bot.frameworks.alembic.walk import Emitted, Walk, imported
from bot.frameworks.python.evaluate import bind_arguments
from bot.frameworks.python.places import Places, comments_in
from bot.frameworks.python.values import Attribute, Function
from bot.frameworks.python.values import Scope as NameScope
from bot.frameworks.statements.allow import blank_lines, read_allows
from bot.frameworks.statements.sending import Sender, Sent, sent_by_call
from bot.frameworks.statements.transactions import Block, Transactions, Wrapper
from bot.sql import ReadStatement, read_script

_ALL_IN_ONE = "Alembic runs all pending migrations in one transaction"
_ONE_EACH = "transaction_per_migration: each migration runs in a transaction of its own"

# Projects that run upgrades themselves hand them `op`; Quay also its tables, and a tester that only tests let act.
_HANDED = {"op": "alembic.op", "tables": "tables", "tester": "logging.tester"}


def read_files(files: Files) -> Run:
    """All changed files as one deploy. Never raises."""
    revisions = in_order([revision_of(source) for source in files.changed])
    transactions = Transactions()
    migrations = [_migration(revision, files, transactions, revisions) for revision in revisions]
    return Run(tuple(migrations), transactions.used)


def _migration(
    revision: Revision, files: Files, transactions: Transactions, revisions: Sequence[Revision]
) -> Migration:
    source = revision.source
    around = environment(source.path, {**files.head, **files.base})
    if around.transaction_per_migration:
        transactions.wrap(Wrapper(_ONE_EACH))
    elif around.transaction_per_migration is None:
        transactions.join(Wrapper(_ALL_IN_ONE, Scope.ASSUMED))
    else:
        transactions.join(Wrapper(_ALL_IN_ONE))
    statements = _read_or_not(revision, Sender.of(source, transactions))
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


def _read_or_not(revision: Revision, sender: Sender) -> list[Statement]:
    """The statements, or the whole file as one that is not read: no file costs the others."""
    try:
        return list(_statements(revision, sender))
    except (RecursionError, MemoryError):
        reason = "the file is nested too deeply to follow"
    except Exception as trouble:
        reason = f"following this file failed ({type(trouble).__name__})"
    return [sender.whole_file(reason)]


def _statements(revision: Revision, sender: Sender) -> Iterator[Statement]:
    places = Places.of(revision.source.text)
    if revision.tree is None:
        yield sender.whole_file(f"the file is not Python that can be read: {revision.trouble}")
        return
    emitted = _followed(revision.tree)
    if emitted is None:
        yield sender.whole_file("the file has no `upgrade()`")
        return
    for one in emitted:
        for sent in _sent(one, places):
            yield from sender.send(sent)


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


def _sent(one: Emitted, places: Places) -> Iterator[Sent]:
    span = places.span(one.node)
    block = Block(one.autocommit) if one.autocommit else None
    if one.sql is None:
        yield from (sent_by_call(*span, operations, block) for operations in one.sent)
        return
    filled = fill(one.sql)
    read = [replace(each, operations=_judged(each, filled)) for each in read_script(filled.text).statements]
    yield Sent(*span, read, place=_inside(one, filled.text, places), block=block)


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
