"""How short a new framework of code is: two that exist only here, on the kits, reading and writing."""

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from bot.core.judging.findings import Step, StepKind
from bot.core.judging.framework import Example, Files, Framework, KnownBy, PlanSoFar, SourceFile
from bot.core.judging.history import FINE, History
from bot.core.language import operations as op
from bot.core.language.migrations import Migration, Run
from bot.frameworks.code_files.framework import CodeFiles, Parts
from bot.frameworks.code_files.reading import CodeFile, read_run
from bot.frameworks.code_files.rewrites import Reader as FileReader
from bot.frameworks.code_files.spelling import CodeBody, Spelling, WayBack
from bot.frameworks.python.file import PythonFile, parse
from bot.frameworks.python.values import Call
from bot.frameworks.python.walk import Handler, Walk
from bot.frameworks.ruby.evaluate import Reader
from bot.frameworks.ruby.file import RubyFile
from bot.frameworks.ruby.library import Method
from bot.frameworks.ruby.syntax import heredocs, of_type, text_of
from bot.frameworks.ruby.values import Call as RubyCall
from bot.frameworks.ruby.walk import Handler as RubyHandler
from bot.frameworks.ruby.walk import Walk as RubyWalk
from bot.frameworks.sql_files.convention import Edit
from bot.frameworks.sql_files.versions import by_number
from bot.frameworks.statements.sending import Sent
from bot.frameworks.statements.transactions import Wrapper
from bot.frameworks.static.values import Names, NotStatic, Template
from bot.sql import read_statement, write_statement

HISTORY = History("its number", FINE, FINE, FINE, FINE)
ROOMS = Path(__file__).parents[2] / "bot" / "frameworks"
WRAPPER = Wrapper("the toy runs each file in a transaction")


# A framework of Python: `do("SQL")` in `up()` sends it.


@dataclass(slots=True)
class ToyCalls(Handler):
    file: PythonFile

    def called(self, call: Call, node: ast.Call, names: Names, /, *, used: bool) -> None:
        if call.name == "toy.do":
            if not isinstance(call.args[0], str):
                raise NotStatic("builds SQL at run time")
            self.file.send_text(node, call.args[0], node.args[0], names)
        elif not used:
            self.file.unread(node, f"`{call.name}` is not known")


def python_sent(source: SourceFile) -> Sequence[Sent]:
    tree, file = parse(source.text), PythonFile.of(source.text)
    walk = Walk(ToyCalls(file))
    (up,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "up")
    walk.function(up, walk.module(tree))
    return file.outbox.sent


def read_python(files: Files) -> Run:
    return read_run("toy", [CodeFile(source, "1", python_sent, wrapper=WRAPPER) for source in files.changed])


# A framework of Ruby: `run "SQL"` in `up` sends it.


@dataclass(slots=True)
class RubyToyCalls(RubyHandler):
    file: RubyFile
    methods: Mapping[str, Method]

    def method(self, name: str, /) -> Method | None:
        return self.methods.get(name)

    def called(self, _walk: RubyWalk, call: RubyCall, _scope: Names, /, *, used: bool) -> None:
        if call.method == "run" and isinstance(call.args[0], str | Template):
            self.file.send_text(call.node, call.args[0])
        elif not used:
            self.file.unread(call.node, f"`{call.method}` is not known")


def ruby_sent(source: SourceFile) -> Sequence[Sent]:
    file = RubyFile.of(source.text)
    nodes = {text_of(node.child_by_field_name("name")): node for node in of_type(file.root, "method")}
    reader, names = Reader(heredocs(file.root), nodes), Names()
    calls = RubyToyCalls(file, {name: Method(node, reader, names) for name, node in nodes.items()})
    walk = RubyWalk(calls, reader)
    walk.assignments(file.root.named_children, names)
    walk.method(nodes["up"], names)
    return file.outbox.sent


def read_ruby(files: Files) -> Run:
    return read_run("toy", [CodeFile(source, "1", ruby_sent, wrapper=WRAPPER) for source in files.changed])


# How both write: the same call, in Python's form.


@dataclass(frozen=True, slots=True)
class ToySpelling:
    like: Migration

    @property
    def nothing(self) -> str:
        return ""

    def calls(self, operations: Sequence[op.Operation], /) -> Sequence[str]:
        return (f'do("{write_statement(operations)}")',)

    def batches(self, _change: op.Update | op.Delete, _where: str, _key: str | None) -> CodeBody | None:
        return None

    def apart(self, step: Step, /) -> Step:
        return step

    def outside(self, _calls: Sequence[str], /) -> Sequence[str] | None:
        return None

    def way_back(self) -> WayBack | None:
        return None

    def placed(self, calls: Sequence[str], _start: int, _undo: Sequence[str] | None, /) -> Sequence[str]:
        return calls

    def around(self, start: int, end: int) -> tuple[int, int] | None:
        begin, behind = self.like.text.rfind("do(", 0, start), self.like.text.find(")", end)
        return (begin, behind + 1) if begin >= 0 and self.like.text[begin:start] == 'do("' else None

    def unwrap(self) -> Edit | None:
        return None

    def paths(self, so_far: PlanSoFar, /, *, first: bool) -> "ToySpelling":
        assert first or not so_far.versions
        return self

    def written(self, body: CodeBody) -> tuple[str, str]:
        return self.like.path, "def up():\n" + "".join(f"    {call}\n" for call in body.up)

    def script(self, slug: str) -> str:
        return f"scripts/{slug}.sql"


def toy(read: FileReader, spelling: Callable[[Migration], Spelling]) -> Framework:
    parts = Parts(read, spelling)
    framework = CodeFiles(
        "toy", "Toy", Example("toy.py", ""), KnownBy.TEXT, lambda *_: True, lambda: parts, HISTORY, by_number
    )
    return cast(Framework, framework)  # its fields cannot be set again, the protocol's methods could


PYTHON = '''"""A migration."""
from toy import do

TABLES = ["a", "b"]
WITH_INDEX = len(TABLES) > 1


def index(table, column="id"):
    name = f"{table}_{column}"
    do(f"CREATE INDEX {name} ON {table} ({column})")


def up():
    for table in TABLES:
        do(f"CREATE TABLE {table} (id int)")
    if WITH_INDEX:
        index("a")
    else:
        do("DROP TABLE a")
    do("""
        UPDATE a SET id = 1;
        DROP TABLE b;
    """)
    do("DELETE FROM a WHERE id = %s" % value())
    do(something())
'''


RUBY = """TABLES = %w[a b]

def index(table, column = "id")
  name = "#{table}_#{column}"
  run "CREATE INDEX #{name} ON #{table} (#{column})"
end

def up
  TABLES.each do |table|
    run "CREATE TABLE #{table} (id int)"
  end
  if TABLES.length == 2
    index :a
  else
    run "DROP TABLE a"
  end
  run <<~SQL
    UPDATE a SET id = 1;
    DROP TABLE b;
  SQL
  run "DELETE FROM a WHERE id = #{value}"
  something "x" unless TABLES.empty?
end
"""


def read(framework: Framework, text: str) -> Migration:
    return framework.read(Files(changed=[SourceFile("1.py", text)])).migrations[0]


def said(migration: Migration) -> list[tuple[int, str]]:
    return [
        (one.lines.first, one.operations[0].reason if isinstance(one.operations[0], op.Unread) else one.sql)
        for one in migration.statements
    ]


def test_a_framework_of_python_has_only_to_say_what_its_calls_send() -> None:
    migration = read(toy(read_python, ToySpelling), PYTHON)
    assert said(migration) == [
        (15, "CREATE TABLE a (id int)"),
        (15, "CREATE TABLE b (id int)"),
        (10, "CREATE INDEX a_id ON a (id)"),
        (21, "UPDATE a SET id = 1"),
        (22, "DROP TABLE b"),
        (24, "DELETE FROM a WHERE id = 'x'"),
        (25, "builds SQL at run time"),
    ]
    assert {one.transaction for one in migration.statements} == {1}
    assert migration.transactional is True


def test_a_framework_of_ruby_has_only_to_say_what_its_calls_send() -> None:
    migration = read(toy(read_ruby, ToySpelling), RUBY)
    assert said(migration) == [
        (10, "CREATE TABLE a (id int)"),
        (10, "CREATE TABLE b (id int)"),
        (5, "CREATE INDEX a_id ON a (id)"),
        (18, "UPDATE a SET id = 1"),
        (19, "DROP TABLE b"),
        (21, "DELETE FROM a WHERE id = #{value}"),
        (22, "`something` is not known"),
    ]
    assert {one.transaction for one in migration.statements} == {1}


def test_a_framework_of_code_rewrites_in_the_authors_place() -> None:
    framework = toy(read_python, ToySpelling)
    like = read(framework, 'from toy import do\n\n\ndef up():\n    do("DROP TABLE a")\n    do("DROP TABLE b")\n')
    step = Step(StepKind.MIGRATION, read_statement("TRUNCATE a"), settings=(("lock_timeout", "1s"),))
    suggestion = framework.suggestion(step, like, like.statements[0].lines)
    assert suggestion is not None
    assert suggestion.text == '    do("SET LOCAL lock_timeout = \'1s\'")\n    do("TRUNCATE TABLE a")'
    assert framework.write([step], like, ())[0].text == (
        'def up():\n    do("SET LOCAL lock_timeout = \'1s\'")\n    do("TRUNCATE TABLE a")\n'
    )


def test_a_file_that_breaks_its_framework_is_one_statement_that_is_not_read() -> None:
    migration = read(toy(read_python, ToySpelling), "def down():\n    pass\n")
    assert said(migration) == [(1, "the file could not be followed (ValueError in migsafe; please report it)")]


KITS = [path for room in ("python", "ruby", "static", "statements") for path in sorted((ROOMS / room).glob("*.py"))]


@pytest.mark.parametrize("path", KITS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_reads_a_language_knows_no_framework(path: Path) -> None:
    words = re.findall(r"(?i)sqlalchemy|alembic|django|rails|active.?record|active.?support", path.read_text("utf-8"))
    assert not words
