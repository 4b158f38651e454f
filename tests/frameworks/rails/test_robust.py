"""Whatever is in a file of Ruby, reading it never raises, and every statement has its place."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.judging.framework import Files, SourceFile
from bot.core.language import operations as op
from bot.core.language.migrations import Run
from bot.frameworks.rails import FRAMEWORK
from tests.support.kinds import examples

PATH = "db/migrate/20260516000000_change.rb"
FOLDER = Path(__file__).parent / "migrations"
WORDS = (
    "class A < ActiveRecord::Migration[7.1]",
    "def change",
    "def up",
    "end",
    "do |t|",
    "create_table :users",
    "t.string",
    "add_index :users, :email",
    "execute <<~SQL",
    "SQL",
    "SELECT 1;",
    '"#{x}"',
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ":a",
    "'",
    '"',
    "x = 1",
    "*args",
    "**options",
    "&:save",
    "->",
    "{ }",
    "if",
    "unless",
    "else",
    "case",
    "when",
    "User.find_each",
    ".each",
    "%w[a b]",
    "revert",
    "reversible",
    "dir.up",
    "change_table :users, bulk: true",
    "\\",
    "\n",
    " ",
    ",",
    ";",
    "=>",
    "self.",
    "super",
    "rescue",
    "ensure",
    "yield",
    "return",
    "nil",
    "1..3",
    "A = {a: 1}.freeze",
    "t.references :user",
    "remove_column",
    "change_column_null :users, :name, false, 0",
    "\x00",
    "é",
    "\ufeff",
    "__END__",
    "=begin",
    "=end",
)


def read(text: str) -> Run:
    run = FRAMEWORK.read(Files(changed=[SourceFile(PATH, text)]))
    lines = text.count("\n") + 1
    for statement in run.statements:
        assert statement.operations
        assert 1 <= statement.lines.first <= statement.lines.last <= lines
        assert 0 <= statement.start <= statement.end <= len(text)
        assert text[statement.start : statement.end] == statement.source
    return run


@examples(1.5)
@given(st.binary(max_size=400))
def test_reads_any_bytes(raw: bytes) -> None:
    read(raw.decode("utf-8", "surrogateescape"))


@examples(1.5)
@given(st.lists(st.sampled_from(WORDS), max_size=40))
def test_reads_any_words_of_ruby(words: list[str]) -> None:
    read(f"class A < ActiveRecord::Migration[7.1]\n  def up\n    {' '.join(words)}\n  end\nend\n")


@examples(1.5)
@given(st.integers(min_value=0), st.data())
def test_reads_migrations_with_parts_cut_out_and_put_elsewhere(seed: int, data: st.DataObject) -> None:
    files = sorted(FOLDER.glob("*.rb"))
    text = data.draw(st.sampled_from(files)).read_text()
    chance = random.Random(seed)
    for _ in range(chance.randrange(1, 6)):
        begin = chance.randrange(len(text) + 1)
        end = min(len(text), begin + chance.randrange(40))
        at = chance.randrange(len(text) + 1)
        piece = text[begin:end]
        text = text[:at] + piece + text[at:] if chance.random() < 0.5 else text[:begin] + text[end:]
    read(text)


HURTFUL = {
    "brackets": "[" * 3_000 + "]" * 3_000,
    "sums": "x = " + "1 + " * 3_000 + "1\nadd_index x, x",
    "branches": "if x\n" * 1_000 + "y\n" + "end\n" * 1_000,
    "calls": "a(" * 2_000 + ")" * 2_000,
    "methods": "a\n  end\n  def a\n    b\n    b\n  end\n  def b\n    a\n    a",
    "loops": "10_000_000.times { |i| 10_000_000.times { |j| add_index :a, :b } }",
    "text": "x = 'ab'\n" + "x += x\n" * 60 + "execute x",
    "list": "x = [1]\n" + "x += x\n" * 60 + "add_index :a, x",
    "sum": "x = 'ab'\n" + "x = x + x\n" * 60 + "execute x",
    "limit": "add_column :a, :b, :integer, limit: 10**10000",
    "digits": "add_column :a, :b, :string, limit: " + "9" * 5_000,
    "towers": "x = 9 ** 64 ** 64 ** 64\n'a' * 10_000_000_000",
    "interpolated": "x = 'ab'\n" + 'x = "#{x}#{x}"\n' * 60 + "execute x",
}


@pytest.mark.parametrize("body", HURTFUL.values(), ids=HURTFUL)
def test_reads_what_was_written_to_hurt(body: str) -> None:
    read(f"class A < ActiveRecord::Migration[7.1]\n  def up\n    {body}\n  end\nend\n")


def test_says_that_a_file_without_a_way_up_was_not_read() -> None:
    run = read("class A < ActiveRecord::Migration[7.1]\nend\n")
    assert [type(operation) for one in run.statements for operation in one.operations] == [op.Unread]
