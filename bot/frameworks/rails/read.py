"""Rails' files as one deploy: in the order of their versions, each in a transaction unless the file disables that."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tree_sitter import Node

from bot.core.judging.framework import Files, SourceFile
from bot.core.language.migrations import Run
from bot.frameworks.code_files.reading import LARGEST, CodeFile, NotFollowed, read_run
from bot.frameworks.rails.active_support import RAILS, reader_of
from bot.frameworks.rails.environment import Environment, environment, helper_files
from bot.frameworks.rails.handler import RailsCalls
from bot.frameworks.rails.nandi import is_source
from bot.frameworks.rails.superclasses import superclass_named
from bot.frameworks.ruby.evaluate import Reader
from bot.frameworks.ruby.file import RubyFile
from bot.frameworks.ruby.library import Library, Method
from bot.frameworks.ruby.syntax import text_of
from bot.frameworks.ruby.walk import Walk
from bot.frameworks.statements.sending import Sent
from bot.frameworks.statements.transactions import Wrapper
from bot.frameworks.static.values import Names

_WRAPPED = "Rails runs each migration in a transaction"
_VERSION = re.compile(r"Migration\[(\d+\.\d+)\]")
_GITLAB_VERSION = 7.0
_NANDI_VERSION = 6.1
_OLDEST = 4.2
_RUN_OUTSIDE = ("pg_ha_migrations", "safe-pg-migrations")


def read_files(files: Files) -> Run:
    """All changed files as one deploy. Never raises: a file that cannot be followed becomes one `Unread`."""
    fetched = {**files.base, **files.head}
    compiled = {source.path.rpartition("/")[2] for source in files.changed if not is_source(source.text)}
    ordered = sorted(files.changed, key=lambda source: (version_of(source.path).zfill(20), source.path))
    return read_run("rails", [_file(source, fetched, compiled) for source in ordered])


def version_of(path: str) -> str:
    """The digits that a migration's name begins with."""
    found = re.match(r"[0-9]+", path.rpartition("/")[2])
    return found[0] if found else ""


def _file(source: SourceFile, fetched: Mapping[str, str], compiled: Collection[str]) -> CodeFile:
    version = version_of(source.path)
    if is_source(source.text) and source.path.rpartition("/")[2] in compiled:
        notes = ("nandi compiles this file; the compiled migration is read instead",)
        return CodeFile(source, version, follow=lambda _source: (), notes=notes)
    beside = Beside(environment(source.path, fetched), library_of(tuple(helper_files(source.path, fetched))))
    file = RubyFile.of(source.text if len(source.text) <= LARGEST else "")
    declared = _declared(file.root, beside)
    notes = ["the way down was not judged"]
    if not beside.environment.postgres:
        notes.append(f"config/database.yml names the adapter {beside.environment.adapter}: this is not PostgreSQL")
    wrapped = declared is None or not declared.outside
    return CodeFile(
        source,
        version,
        follow=lambda _source: _sent(declared, file, int(version[:20] or 0), beside),
        comments=tuple(file.comments),
        wrapper=Wrapper(_WRAPPED) if wrapped else None,
        transactional=wrapped,
        settings=beside.environment.settings,
        notes=tuple(notes),
    )


@lru_cache(maxsize=8)
def library_of(texts: tuple[str, ...]) -> Library:
    """The library of these files, cached: `check`, file by file, needs the same one each time."""
    return Library(texts, RAILS)


@dataclass(frozen=True, slots=True)
class Beside:
    """The files beside a migration in its repository."""

    environment: Environment
    library: Library


@dataclass(frozen=True, slots=True)
class Declared:
    """A migration's class: what it runs, what else it defines, and whether it runs outside a transaction."""

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
    """`SomeMigration.class_eval do`, where the version of Rails decides about the class."""
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
    own = superclass_named(superclass.split("[")[0].strip(), beside.library.texts)
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
    """The members of a class body, including those after `private def` and the like."""
    found: list[Node] = []
    for child in body.named_children:
        found.append(child)
        arguments = child.child_by_field_name("arguments") if child.type == "call" else None
        found += [one for one in (arguments.named_children if arguments else ()) if one.type == "method"]
    return found


def _sent(declared: Declared | None, file: RubyFile, number: int, beside: Beside) -> Sequence[Sent]:
    """What `up` or `change` sends to the database."""
    if declared is None:
        raise NotFollowed("the file has no `up` or `change`")
    reader, names = reader_of(file.root, declared.methods), Names()
    calls = RailsCalls(
        file,
        declared.version,
        number,
        {name: Method(node, reader, names) for name, node in declared.methods.items()},
        _models(file.root, reader),
        beside.library,
        beside.environment,
        declared.dialect,
    )
    walk = Walk(calls, reader)
    walk.assignments((*file.root.named_children, *declared.body.named_children), names)
    walk.method(declared.entry, names)
    return file.outbox.sent


def _classes(root: Node) -> Iterator[Node]:
    pending = [root]
    while pending:
        node = pending.pop(0)
        if node.type == "class":
            yield node
        if node.type in ("program", "module", "body_statement", "class"):
            pending += [child for child in node.children if child.type in ("class", "module", "body_statement")]


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
