"""Rails' files as one deploy: in the order of their versions, each in a transaction unless it says otherwise."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from tree_sitter import Node

from bot.core.frameworks import Files, SourceFile
from bot.core.migrations import Lines, Migration, Run, Scope, Statement, Transaction
from bot.core.operations import Begin, Commit, Operation, Rollback, Unread
from bot.frameworks.allow import CommentLines, blank_lines, read_allows
from bot.frameworks.rails.ruby import Reader, heredocs, parse, text_of
from bot.frameworks.rails.values import Scope as Names
from bot.frameworks.rails.walk import Emitted, Walk
from bot.sql import Unwritable, read_script, write_statement

_WRAPPED = "Rails runs each migration in a transaction"
_BLOCK = "a transaction block in the file opens it"
_STRING = "several statements sent as one string are one implicit transaction"
_VERSION = re.compile(r"Migration\[(\d+\.\d+)\]")
_GITLAB_VERSION = 7.0
_OLDEST = 4.2


def read_files(files: Files) -> Run:
    """All changed files as one deploy. Never raises."""
    numbers = count(1)
    transactions: dict[int, Transaction] = {}
    migrations = [
        _migration(source, numbers, transactions)
        for source in sorted(files.changed, key=lambda source: (version_of(source.path).zfill(20), source.path))
    ]
    return Run(tuple(migrations), transactions)


def version_of(path: str) -> str:
    """The digits that a migration's name begins with."""
    found = re.match(r"\d+", path.rpartition("/")[2])
    return found[0] if found else ""


def _migration(source: SourceFile, numbers: Iterator[int], transactions: dict[int, Transaction]) -> Migration:
    places = Places.of(source.text)
    root = parse(places.raw)
    declared = _declared(root)
    if declared is None:
        statements: Sequence[Statement] = (_whole(source, places, "the file has no `up` or `change`"),)
        wrapped = True
    else:
        wrapped = not declared.outside
        statements = tuple(_statements(declared, root, source, places, numbers, transactions))
    comments = [
        CommentLines(text_of(node), Lines(node.start_point[0] + 1, node.end_point[0] + 1)) for node in _comments(root)
    ]
    return Migration(
        path=source.path,
        framework="rails",
        version=version_of(source.path),
        transactional=wrapped,
        statements=tuple(statements),
        text=source.text,
        allows=read_allows(comments, statements, blank_lines(source.text)),
        notes=("the way down was not judged",),
    )


@dataclass(frozen=True, slots=True)
class Declared:
    """A migration's class: what it runs, what it defines besides, and whether it runs outside a transaction."""

    body: Node
    entry: Node
    methods: Mapping[str, Node]
    version: float
    outside: bool


def _declared(root: Node) -> Declared | None:
    for node in _classes(root):
        superclass = text_of(node.child_by_field_name("superclass"))
        body = node.child_by_field_name("body")
        if "Migration" not in superclass or body is None:
            continue
        methods: dict[str, Node] = {}
        for child in body.named_children:
            if child.type in ("method", "singleton_method"):
                methods[text_of(child.child_by_field_name("name"))] = child
        entry = methods.get("up") or methods.get("change")
        if entry is None:
            continue
        found = _VERSION.search(superclass)
        version = float(found[1]) if found else _OLDEST
        if "Gitlab" in superclass:
            version = _GITLAB_VERSION
        return Declared(body, entry, methods, version, "disable_ddl_transaction!" in _bare_calls(body))
    return None


def _bare_calls(body: Node) -> set[str]:
    return {
        text_of(child).split("(")[0].strip() for child in body.named_children if child.type in ("call", "identifier")
    }


def _statements(
    declared: Declared,
    root: Node,
    source: SourceFile,
    places: "Places",
    numbers: Iterator[int],
    transactions: dict[int, Transaction],
) -> Iterator[Statement]:
    reader = Reader(heredocs(root))
    names = Names()
    walk = Walk(reader, declared.version, declared.methods, _models(root, reader))
    for child in declared.body.named_children:
        if child.type == "assignment":
            walk.assignment(child, names)
    walk.emitted.clear()
    walk.body(declared.entry.child_by_field_name("body"), Names(outer=names))
    whole = None
    if not declared.outside:
        whole = next(numbers)
        transactions[whole] = Transaction(whole, Scope.EXPLICIT, _WRAPPED)
    send = _Sending(source, places, numbers, transactions, whole)
    for one in walk.emitted:
        yield from send.statements(one)


@dataclass(slots=True)
class _Sending:
    """Statements numbered into their transactions as they are sent."""

    source: SourceFile
    places: "Places"
    numbers: Iterator[int]
    transactions: dict[int, Transaction]
    whole: int | None
    block: int = 0
    block_number: int | None = None
    opened: int | None = None
    """A transaction that BEGIN in the file opened."""
    closed: bool = False
    """COMMIT in the file ended the one around it."""

    def statements(self, one: Emitted) -> Iterator[Statement]:
        if one.sql is None:
            start, end = self.places.span(one.node)
            for operations in one.sent:
                yield self._statement(operations, _spelled(operations), start, end, self._number(one, operations[0]))
            return
        begin = self.places.character(one.text_start) if one.text_start is not None else None
        read = read_script(one.sql).statements
        string = self._string(one, sum(statement.inside is None for statement in read))
        last: int | None = None
        for statement in read:
            span = self.places.span(one.node)
            start, end = (begin + statement.start, begin + statement.end) if begin is not None else span
            if statement.inside is None:
                last = string if string is not None else self._number(one, statement.operations[0])
            yield self._statement(statement.operations, statement.sql, start, end, last, statement.inside, written=True)

    def _statement(
        self,
        operations: tuple[Operation, ...],
        sql: str,
        start: int,
        end: int,
        number: int | None,
        inside: str | None = None,
        *,
        written: bool = False,
    ) -> Statement:
        text = self.source.text[start:end]
        return Statement(
            path=self.source.path,
            lines=self.places.lines(start, end),
            operations=operations,
            sql=sql or text,
            start=start,
            end=end,
            source=text,
            transaction=number,
            inside=inside,
            generated=not written and not isinstance(operations[0], Unread),
        )

    def _string(self, one: Emitted, several: int) -> int | None:
        if several < 2 or self._around(one) is not None:
            return None
        return self._open(Scope.IMPLICIT, _STRING)

    def _around(self, one: Emitted) -> int | None:
        if self.whole is not None and not self.closed:
            return self.whole
        if one.block:
            if one.block != self.block:
                self.block, self.block_number = one.block, self._open(Scope.EXPLICIT, _BLOCK)
            return self.block_number
        return self.opened

    def _number(self, one: Emitted, operation: Operation) -> int | None:
        if isinstance(operation, Begin) and self._around(one) is None:
            self.opened = self._open(Scope.EXPLICIT, "BEGIN in the file opens it")
        number = self._around(one)
        if isinstance(operation, Commit) or (isinstance(operation, Rollback) and operation.savepoint is None):
            self.closed, self.opened = True, None
        return number

    def _open(self, scope: Scope, because: str) -> int:
        number = next(self.numbers)
        self.transactions[number] = Transaction(number, scope, because)
        return number


@dataclass(frozen=True, slots=True)
class Places:
    """A text with its bytes, and the characters at which its lines begin."""

    text: str
    raw: bytes
    starts: tuple[int, ...]
    plain: bool
    """Every character is one byte."""

    @classmethod
    def of(cls, text: str) -> "Places":
        raw = text.encode("utf-8", "surrogateescape")
        starts = [0]
        position = text.find("\n")
        while position >= 0:
            starts.append(position + 1)
            position = text.find("\n", position + 1)
        return cls(text, raw, tuple(starts), len(raw) == len(text))

    def character(self, byte: int) -> int:
        return byte if self.plain else len(self.raw[:byte].decode("utf-8", "surrogateescape"))

    def span(self, node: Node) -> tuple[int, int]:
        return self.character(node.start_byte), self.character(node.end_byte)

    def lines(self, start: int, end: int) -> Lines:
        first = bisect_right(self.starts, start)
        return Lines(first, max(first, bisect_right(self.starts, max(start, end - 1))))


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


def _whole(source: SourceFile, places: Places, reason: str) -> Statement:
    text = source.text
    lines = Lines(1, max(1, places.lines(0, len(text)).last))
    return Statement(source.path, lines, (Unread(reason),), text[:2_000], 0, len(text), text)


def _spelled(operations: Sequence[Operation]) -> str:
    try:
        return write_statement(operations)
    except Unwritable:
        return ""
