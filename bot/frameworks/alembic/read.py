"""Alembic's files as one deploy: in the order of `down_revision`, with the transactions its environment opens."""

import ast
from collections.abc import Sequence

from bot.core.judging.framework import Files
from bot.core.language.migrations import Run, Scope
from bot.frameworks.alembic.core_statements import Tables
from bot.frameworks.alembic.environment import environment
from bot.frameworks.alembic.handler import AlembicCalls
from bot.frameworks.alembic.mapped import models_in
from bot.frameworks.alembic.revisions import Revision, in_order, notes_on, revision_of
from bot.frameworks.code_files.reading import CodeFile, NotFollowed, read_run
from bot.frameworks.python.file import PythonFile
from bot.frameworks.python.places import comments_in
from bot.frameworks.python.values import Attribute
from bot.frameworks.python.walk import Walk
from bot.frameworks.statements.sending import Sent
from bot.frameworks.statements.transactions import Wrapper

_ALL_IN_ONE = "Alembic runs all pending migrations in one transaction"
# By transaction_per_migration in env.py; None where there was no env.py.
_WRAPPERS = {
    True: Wrapper("transaction_per_migration: each migration runs in a transaction of its own"),
    False: Wrapper(_ALL_IN_ONE),
    None: Wrapper(_ALL_IN_ONE, Scope.ASSUMED),
}

# Projects that run upgrades themselves pass them `op`; Quay also its tables, and a tester that acts only in tests.
_HANDED = {
    name: Attribute(of) for name, of in (("op", "alembic.op"), ("tables", "tables"), ("tester", "logging.tester"))
}
# Upgrades are judged as they would run: against PostgreSQL, with a connection.
_GIVEN = {".dialect.name": "postgresql", ".version_table_schema": None, ".is_offline_mode()": False, ".as_sql": False}


def read_files(files: Files) -> Run:
    """All changed files as one deploy. Never raises."""
    revisions = in_order([revision_of(source) for source in files.changed])
    return read_run("alembic", [_file(revision, files, revisions) for revision in revisions])


def _file(revision: Revision, files: Files, revisions: Sequence[Revision]) -> CodeFile:
    source = revision.source
    around = environment(source.path, {**files.head, **files.base})
    return CodeFile(
        source,
        revision.id,
        follow=lambda _source: _sent(revision),
        comments=comments_in(source.text),
        wrapper=_WRAPPERS[around.transaction_per_migration],
        joins=not around.transaction_per_migration,
        settings=around.settings,
        notes=tuple(notes_on(revision, revisions)),
    )


def _sent(revision: Revision) -> Sequence[Sent]:
    """What `upgrade()` sends; in a file for several databases, what each of its upgrades sends."""
    tree = revision.tree
    if tree is None:
        raise NotFollowed(f"the file is not Python that can be read: {revision.trouble}")
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    upgrades = [node for node in functions if node.name == "upgrade"]
    named = [node for node in functions if node.name.startswith("upgrade_")]
    if not upgrades:
        raise NotFollowed("the file has no `upgrade()`")
    file = PythonFile.of(revision.source.text)
    walk = Walk(AlembicCalls(file, Tables(models_in(tree))), _GIVEN)
    module = walk.module(tree)
    dynamic = named and "globals()" in ast.unparse(upgrades[-1])
    for node in named if dynamic else upgrades[-1:]:
        walk.function(node, module, _HANDED)
    return file.outbox.sent
