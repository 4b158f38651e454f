"""Rails' files as one deploy: in the order of their versions, each in a transaction unless it says otherwise."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from bot.core.judging.framework import Files, SourceFile
from bot.core.language.migrations import Lines, Migration, Run, Statement
from bot.frameworks.rails.emitted import Emitted
from bot.frameworks.rails.environment import Environment, environment, helper_files
from bot.frameworks.rails.library import Library, Method, library_of
from bot.frameworks.rails.nandi import is_source
from bot.frameworks.rails.walk import Walk
from bot.frameworks.ruby.evaluate import Reader, heredocs, parse, text_of
from bot.frameworks.ruby.places import Places
from bot.frameworks.statements.allow import CommentLines, blank_lines, read_allows
from bot.frameworks.statements.sending import Sender, Sent, placed_from, sent_by_call
from bot.frameworks.statements.transactions import Block, Transactions, Wrapper
from bot.frameworks.static.templates import read_template
from bot.frameworks.static.values import Names, Template
from bot.sql import read_script

_BLOCK = "a transaction block in the file opens it"
_WRAPPED = "Rails runs each migration in a transaction"
_VERSION = re.compile(r"Migration\[(\d+\.\d+)\]")
_GITLAB_VERSION = 7.0
_NANDI_VERSION = 6.1
_OLDEST = 4.2
_LARGEST = 4 << 20
_RUN_OUTSIDE = ("pg_ha_migrations", "safe-pg-migrations")


def read_files(files: Files) -> Run:
    """All changed files as one deploy. Never raises: a file that cannot be followed is one `Unread`."""
    transactions = Transactions()
    found = {**files.base, **files.head}
    migrations = []
    compiled = {source.path.rpartition("/")[2] for source in files.changed if not is_source(source.text)}
    for source in sorted(files.changed, key=lambda source: (version_of(source.path).zfill(20), source.path)):
        own = Beside(environment(source.path, found), library_of(tuple(helper_files(source.path, found))))
        if is_source(source.text) and source.path.rpartition("/")[2] in compiled:
            migrations.append(_compiled(source))
            continue
        try:
            migrations.append(_migration(source, own, transactions))
        except (RecursionError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as trouble:
            migrations.append(_opaque(source, type(trouble).__name__))
    return Run(tuple(migrations), transactions.used)


def version_of(path: str) -> str:
    """The digits that a migration's name begins with."""
    found = re.match(r"[0-9]+", path.rpartition("/")[2])
    return found[0] if found else ""


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a migration in its repository."""

    environment: Environment
    library: Library


def _compiled(source: SourceFile) -> Migration:
    notes = ("nandi compiles this file; what it became is read instead",)
    return Migration(source.path, "rails", version_of(source.path), None, (), source.text, notes=notes)


def _opaque(source: SourceFile, trouble: str) -> Migration:
    """A file that broke the reader."""
    reason = f"the file could not be followed ({trouble} in migsafe; please report it)"
    statement = Sender.of(source, Transactions()).whole_file(reason)
    return Migration(source.path, "rails", version_of(source.path), None, (statement,), source.text)


def _migration(source: SourceFile, beside: Beside, transactions: Transactions) -> Migration:
    places = Places.of(source.text)
    sender = Sender.of(source, transactions)
    transactions.wrap(None)
    if len(source.text) > _LARGEST:
        too_large = sender.whole_file("the file is too large to be followed")
        return Migration(source.path, "rails", version_of(source.path), None, (too_large,), source.text)
    root = parse(places.raw)
    declared = _declared(root, beside)
    if declared is None:
        statements: Sequence[Statement] = (sender.whole_file("the file has no `up` or `change`"),)
        wrapped = True
    else:
        wrapped = not declared.outside
        transactions.wrap(Wrapper(_WRAPPED) if wrapped else None)
        statements = tuple(_statements(declared, root, sender, places, beside))
    comments = [
        CommentLines(text_of(node), Lines(node.start_point[0] + 1, node.end_point[0] + 1)) for node in _comments(root)
    ]
    notes = ["the way down was not judged"]
    if not beside.environment.postgres:
        notes.append(f"config/database.yml names the adapter {beside.environment.adapter}: this is not PostgreSQL")
    return Migration(
        path=source.path,
        framework="rails",
        version=version_of(source.path),
        transactional=wrapped,
        statements=tuple(statements),
        text=source.text,
        allows=read_allows(comments, statements, blank_lines(source.text)),
        settings=beside.environment.settings,
        notes=tuple(notes),
    )


@dataclass(frozen=True, slots=True)
class Declared:
    """A migration's class: what it runs, what it defines besides, and whether it runs outside a transaction."""

    body: Node
    entry: Node
    methods: Mapping[str, Node]
    version: float
    outside: bool
    dialect: str = ""


def _declared(root: Node, beside: Beside) -> Declared | None:
    for node in _classes(root):
        superclass = text_of(node.child_by_field_name("superclass")).lstrip("< \t")
        body = node.child_by_field_name("body")
        if "Migration" not in superclass or body is None:
            continue
        methods: dict[str, Node] = {}
        for child in _children(body):
            if child.type in ("method", "singleton_method"):
                methods[text_of(child.child_by_field_name("name"))] = child
        entry = methods.get("up") or methods.get("change")
        if entry is None:
            continue
        version, outside = _inherited(superclass, beside)
        outside = outside or _says_outside(body)
        return Declared(body, entry, methods, version, outside, _dialect(superclass, body))
    return _reopened(root)


def _dialect(superclass: str, body: Node) -> str:
    if superclass.startswith(("Nandi::", "::Nandi::")):
        return "nandi"
    return "gitlab" if "Gitlab" in superclass or "Gitlab::Database" in text_of(body)[:4_000] else ""


def _reopened(root: Node) -> Declared | None:
    """`SomeMigration.class_eval do`, where the class was chosen by the version of Rails."""
    for node in root.named_children:
        method, block = text_of(node.child_by_field_name("method")), node.child_by_field_name("block")
        body = block.child_by_field_name("body") if block is not None else None
        if method != "class_eval" or body is None:
            continue
        members = [child for child in body.named_children if child.type in ("method", "singleton_method")]
        methods = {text_of(child.child_by_field_name("name")): child for child in members}
        entry = methods.get("up") or methods.get("change")
        if entry is not None:
            found = _VERSION.search(text_of(root))
            return Declared(body, entry, methods, float(found[1]) if found else _OLDEST, _says_outside(body))
    return None


def _inherited(superclass: str, beside: Beside) -> tuple[float, bool]:
    """The version and whether every migration of the application runs outside a transaction."""
    outside = any(gem in beside.environment.gems for gem in _RUN_OUTSIDE)
    found = _VERSION.search(superclass)
    if "Gitlab" in superclass:
        return _GITLAB_VERSION, outside
    if superclass.startswith(("Nandi::", "::Nandi::")):
        return _NANDI_VERSION, True
    if found is not None:
        return float(found[1]), outside
    own = beside.library.superclass(superclass.split("[")[0].strip())
    if own is None:
        return _OLDEST, outside
    return own.version if own.version is not None else _OLDEST, outside or own.outside


def _says_outside(body: Node) -> bool:
    for child in _children(body):
        said = text_of(child).split("(")[0].removeprefix("self.").strip()
        if child.type in ("call", "identifier") and said in ("disable_ddl_transaction!", "disable_ddl_transaction"):
            return True
        if child.type == "assignment" and said.replace(" ", "") == "disable_ddl_transaction=true":
            return True
    return False


def _children(body: Node) -> list[Node]:
    """The members of a class body, those behind `private def` and the like among them."""
    found: list[Node] = []
    for child in body.named_children:
        found.append(child)
        arguments = child.child_by_field_name("arguments") if child.type == "call" else None
        found += [one for one in (arguments.named_children if arguments else ()) if one.type == "method"]
    return found


def _statements(declared: Declared, root: Node, sender: Sender, places: Places, beside: Beside) -> Iterator[Statement]:
    reader = Reader(heredocs(root), declared.methods)
    names = Names()
    methods = {name: Method(node, reader, names) for name, node in declared.methods.items()}
    walk = Walk(
        reader,
        declared.version,
        int(version_of(sender.source.path)[:20] or 0),
        methods,
        _models(root, reader),
        beside.library,
        beside.environment,
        declared.dialect,
    )
    for child in (*root.named_children, *declared.body.named_children):
        if child.type == "assignment":
            walk.assignment(child, names)
    walk.emitted.clear()
    walk.body(declared.entry.child_by_field_name("body"), Names(outer=names))
    for one in walk.emitted:
        yield from sender.send(_sent(one, places))


def _sent(one: Emitted, places: Places) -> Sent:
    span = places.span(one.node)
    block = Block(one.block, _BLOCK) if one.block else None
    if one.sql is None:
        return sent_by_call(*span, one.sent, block, commits=one.ends)
    begin = places.character(one.text_start) if one.text_start is not None else None
    read = read_template(one.sql) if isinstance(one.sql, Template) else read_script(one.sql).statements
    place = placed_from(begin) if begin is not None else None
    return Sent(*span, read, place=place, block=block, commits=one.ends)


def _classes(root: Node) -> Iterator[Node]:
    pending = [root]
    while pending:
        node = pending.pop(0)
        if node.type == "class":
            yield node
        if node.type in ("program", "module", "body_statement", "class"):
            pending += [child for child in node.children if child.type in ("class", "module", "body_statement")]


def _comments(root: Node) -> Iterator[Node]:
    pending = [root]
    while pending:
        node = pending.pop()
        if node.type == "comment":
            yield node
        pending += node.children


def _models(root: Node, reader: Reader) -> dict[str, str]:
    """The models that the file defines, with the tables they name."""
    found: dict[str, str] = {}
    for node in _classes(root):
        name = text_of(node.child_by_field_name("name"))
        body = node.child_by_field_name("body")
        for child in body.named_children if body is not None else ():
            if child.type == "assignment" and text_of(child.child_by_field_name("left")) == "self.table_name":
                table = reader.value(child.child_by_field_name("right"), Names())
                if isinstance(table, str):
                    found[name.rpartition("::")[2]] = str(table)
    return found
