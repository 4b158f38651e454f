"""Shapes of the files of each framework, of the configuration, of commands, of diffs and of lists of files."""

import math
from collections.abc import Callable, Iterator

from bot.core.judging.framework import SourceFile
from bot.review import commands, config, config_yaml
from bot.review.diff import hunks
from bot.review.errors import ConfigError
from bot.rules import RULES
from tests.bounds.shape import Shape, review_file, review_files

_SQL_TOOLS = {
    "dbmate": ("db/migrations/20260101000000_a.sql", "-- migrate:up{x}\n", "-- migrate:down\nDROP TABLE t;\n"),
    "goose": ("migrations/20260101000000_a.sql", "-- +goose Up{x}\n", "-- +goose Down\nDROP TABLE t;\n"),
    "drizzle": ("drizzle/0001_a.sql", "SELECT 1;--> statement-breakpoint{x}\n", ""),
    "liquibase": (
        "db/changelog/1.sql",
        "--liquibase formatted sql\n--changeset a:1{x}\n",
        "--rollback DROP TABLE t;\n",
    ),
    "morph": ("db/migrations/postgres/000001_a.up.sql", "-- morph:nontransactional{x}\n", ""),
    "play": ("conf/evolutions/default/1.sql", "# --- !Ups{x}\n", "# --- !Downs\nDROP TABLE t;\n"),
    "sqitch": ("deploy/a.sql", "-- Deploy a:b to pg{x}\n", ""),
    "sql-migrate": ("migrations/20260101000000-a.sql", "-- +migrate Up{x}\n", "-- +migrate Down\nDROP TABLE t;\n"),
    "sqlx": ("migrations/20260101000000_a.up.sql", "-- no-transaction{x}\n", ""),
    "diesel": ("migrations/2026-01-01-000000_a/up.sql", "{x}\n", ""),
    "flyway": ("db/migration/V1__a.sql", "{x}\n", ""),
    "golang-migrate": ("migrations/1_a.up.sql", "{x}\n", ""),
    "prisma": ("prisma/migrations/20260101000000_a/migration.sql", "{x}\n", ""),
    "supabase": ("supabase/migrations/20260101000000_a.sql", "{x}\n", ""),
}
_FILLINGS = {"blanks": " ", "letters": "a", "line ends": "\n", "words": " a:b", "quotes": "'"}
_SECTIONS = {
    "dbmate": ("-- migrate:up\nCREATE TABLE t{i} (a int);\n", ""),
    "goose": ("-- +goose StatementBegin\nCREATE TABLE t{i} (a int);\n-- +goose StatementEnd\n", "-- +goose Up\n"),
    "drizzle": ("CREATE TABLE t{i} (a int);--> statement-breakpoint\n", ""),
    "liquibase": (
        "--changeset a:{i}\nCREATE TABLE t{i} (a int);\n--rollback DROP TABLE t{i};\n",
        "--liquibase formatted sql\n",
    ),
    "play": ("CREATE TABLE t{i} (a int);\n", "# --- !Ups\n"),
    "sql-migrate": (
        "-- +migrate StatementBegin\nCREATE TABLE t{i} (a int);\n-- +migrate StatementEnd\n",
        "-- +migrate Up\n",
    ),
}

_RUBY = "db/migrate/20260101000000_a.rb"
_RUBY_OPEN, _RUBY_CLOSE = "class A < ActiveRecord::Migration[7.1]\n  def change\n", "  end\nend\n"
_RUBY_LINES = {
    "columns": "    add_column :t, :c{i}, :string\n",
    "tables": "    create_table :t{i} do |t|\n      t.string :a\n    end\n",
    "indexes": "    add_index :t{i}, :a\n",
    "join tables": "    create_join_table :a{i}, :b{i}\n",
    "executes": '    execute "DROP TABLE t{i}"\n',
    "updates": "    A.update_all(a: {i})\n",
    "assignments": "    a = {i}\n",
    "sums": "    a = a + 1\n",
    "strings": '    a = "#{a} b"\n',
    "lists": '    [1, 2, 3].each { |x| add_column :t{i}, "c#{x}", :string }\n',
    "conditions": "    if a\n      drop_table :t{i}\n    end\n",
    "reversibles": "    reversible { |dir| dir.up { execute 'SELECT 1' } }\n",
    "foreign keys": "    add_foreign_key :t{i}, :users\n",
    "comments": "    # add_column\n",
    "unknown calls": "    frob :t{i}\n",
}
_RUBY_WHOLES = {
    "empty lines before": ("", "\n", _RUBY_OPEN + _RUBY_CLOSE),
    "blanks before": ("", " ", _RUBY_OPEN + _RUBY_CLOSE),
    "comments before": ("", "# a\n", _RUBY_OPEN + _RUBY_CLOSE),
    "letters": ("", "a", ""),
    "colons": ("", "::A", ""),
    "a long table name": (_RUBY_OPEN + "    drop_table :", "a", "\n" + _RUBY_CLOSE),
    "a long join table": (_RUBY_OPEN + "    create_join_table :", "ab_", "c, :ab_ab\n" + _RUBY_CLOSE),
    "join table of equal names": (
        _RUBY_OPEN + "    create_join_table :",
        "a",
        "b, :" + "a" * 50_000 + "c\n" + _RUBY_CLOSE,
    ),
    "a long string": (_RUBY_OPEN + '    execute "', "a ", '"\n' + _RUBY_CLOSE),
    "a long heredoc": (_RUBY_OPEN + "    execute <<~SQL\n", "      DROP TABLE t;\n", "    SQL\n" + _RUBY_CLOSE),
    "a long array": (_RUBY_OPEN + "    a = [1", ", 1", "]\n" + _RUBY_CLOSE),
    "a long hash": (_RUBY_OPEN + "    a = {b: 1", ", b: 1", "}\n" + _RUBY_CLOSE),
    "columns of a table": (
        _RUBY_OPEN + "    create_table :t do |t|\n",
        "      t.string :a\n",
        "    end\n" + _RUBY_CLOSE,
    ),
    "nested calls": (_RUBY_OPEN + "    ", "f(", "\n" + _RUBY_CLOSE),
    "nested arrays": (_RUBY_OPEN + "    a = ", "[", "\n" + _RUBY_CLOSE),
    "nested blocks": (_RUBY_OPEN, "    f do\n", _RUBY_CLOSE),
    "chained calls": (_RUBY_OPEN + "    a", ".b", "\n" + _RUBY_CLOSE),
    "concatenation": (_RUBY_OPEN + "    a = 'b'", " + 'b'", "\n" + _RUBY_CLOSE),
    "interpolation": (_RUBY_OPEN + '    execute "', "#{1}", '"\n' + _RUBY_CLOSE),
    "digits": (_RUBY_OPEN + "    a = ", "1", "\n" + _RUBY_CLOSE),
    "brackets in a class": ("class A < ActiveRecord::Migration[", "7", "]\nend\n"),
    "methods": ("class A < ActiveRecord::Migration[7.1]\n", "  def a\n  end\n", "end\n"),
    "classes": ("", "class A < ActiveRecord::Migration[7.1]\nend\n", ""),
    "blanks within": (_RUBY_OPEN + "    drop_table", " ", ":t\n" + _RUBY_CLOSE),
    "tabs and comments": (_RUBY_OPEN, "\t# drop_table :t\n", _RUBY_CLOSE),
    "a long comment": (_RUBY_OPEN + "    # ", "a ", "\n" + _RUBY_CLOSE),
    "a block comment": ("=begin\n", "a\n", "=end\n" + _RUBY_OPEN + _RUBY_CLOSE),
    "a long name": (_RUBY_OPEN + "    ", "a", " = 1\n" + _RUBY_CLOSE),
    "a long constant": (_RUBY_OPEN + "    Backfill", "Backfill", "0.run!\n" + _RUBY_CLOSE),
    "a long class name": ("class ", "A", " < ActiveRecord::Migration[7.1]\nend\n"),
    "a wide table by hand": (
        _RUBY_OPEN + "    create_table :t, id: false do |t|\n",
        "      t.bigint :c{i}\n",
        "    end\n" + _RUBY_CLOSE,
    ),
    "columns added at once": (
        _RUBY_OPEN + "    change_table :t, bulk: true do |t|\n",
        "      t.bigint :c{i}\n",
        "    end\n" + _RUBY_CLOSE,
    ),
    "a long list of words": (_RUBY_OPEN + "    a = %w[", "a ", "]\n" + _RUBY_CLOSE),
    "an each over many": (_RUBY_OPEN + "    %i[a", " a{i}", "].each { |x| drop_table x }\n" + _RUBY_CLOSE),
    "nested hashes": (_RUBY_OPEN + "    a = ", "{b: ", "\n" + _RUBY_CLOSE),
    "nested parentheses": (_RUBY_OPEN + "    a = ", "(", "\n" + _RUBY_CLOSE),
    "nested conditions": (_RUBY_OPEN, "    if a\n", _RUBY_CLOSE),
    "nested interpolation": (_RUBY_OPEN + "    execute ", '"#{', "\n" + _RUBY_CLOSE),
    "ternaries": (_RUBY_OPEN + "    a = b", " ? c : b", "\n" + _RUBY_CLOSE),
    "negations": (_RUBY_OPEN + "    a = ", "!", "b\n" + _RUBY_CLOSE),
    "heredocs": (_RUBY_OPEN, "    execute <<~SQL\n      SELECT {i};\n    SQL\n", _RUBY_CLOSE),
    "slashes": (_RUBY_OPEN + "    a = ", "/", "\n" + _RUBY_CLOSE),
    "arguments": (_RUBY_OPEN + "    drop_table :t", ", :t", "\n" + _RUBY_CLOSE),
}

_PYTHON = "migrations/versions/abc_a.py"
_PYTHON_OPEN = (
    'from alembic import op\nimport sqlalchemy as sa\nrevision = "abc"\ndown_revision = None\ndef upgrade():\n'
)
_PYTHON_LINES = {
    "columns": '    op.add_column("t", sa.Column("c{i}", sa.String()))\n',
    "tables": '    op.create_table("t{i}", sa.Column("id", sa.Integer()))\n',
    "indexes": '    op.create_index("i{i}", "t", ["a"])\n',
    "executes": '    op.execute("DROP TABLE t{i}")\n',
    "foreign keys": '    op.create_foreign_key("f{i}", "t{i}", "u", ["a"], ["b"])\n',
    "assignments": "    a = {i}\n",
    "sums": "    a = a + 1\n",
    "strings": '    a = f"{a} b"\n',
    "loops": '    for x in ("a", "b"):\n        op.drop_column("t{i}", x)\n',
    "conditions": '    if a:\n        op.drop_table("t{i}")\n',
    "batches": '    with op.batch_alter_table("t{i}") as b:\n        b.drop_column("a")\n',
    "comments": "    # op.drop_table\n",
    "unknown calls": "    frob({i})\n",
}
_PYTHON_WHOLES = {
    "empty lines before": ("", "\n", _PYTHON_OPEN + "    pass\n"),
    "blanks": ("", " ", ""),
    "letters": ("", "a", ""),
    "a long string": (_PYTHON_OPEN + '    op.execute("', "a ", '")\n'),
    "a long text": (_PYTHON_OPEN + '    op.execute("""', "DROP TABLE t;\n", '""")\n'),
    "a long list": (_PYTHON_OPEN + "    a = [1", ", 1", "]\n"),
    "a long dictionary": (_PYTHON_OPEN + "    a = {1: 1", ", 1: 1", "}\n"),
    "columns of a table": (_PYTHON_OPEN + '    op.create_table("t"', ', sa.Column("a", sa.Integer())', ")\n"),
    "nested calls": (_PYTHON_OPEN + "    ", "f(", "\n"),
    "nested lists": (_PYTHON_OPEN + "    a = ", "[", "\n"),
    "chained calls": (_PYTHON_OPEN + "    a", ".b", "\n"),
    "concatenation": (_PYTHON_OPEN + "    a = 'b'", " + 'b'", "\n"),
    "interpolation": (_PYTHON_OPEN + '    op.execute(f"', "{1}", '")\n'),
    "digits": (_PYTHON_OPEN + "    a = ", "1", "\n"),
    "functions": (_PYTHON_OPEN + "    pass\n", "def a():\n    pass\n", ""),
    "imports": ("", "import a\n", _PYTHON_OPEN + "    pass\n"),
    "blanks within": (_PYTHON_OPEN + "    op.drop_table(", " ", '"t")\n'),
    "a long comment": (_PYTHON_OPEN + "    # ", "a ", "\n    pass\n"),
    "a long docstring": ('"""', "Revises: a\n", '"""\n' + _PYTHON_OPEN + "    pass\n"),
    "a long name": (_PYTHON_OPEN + "    ", "a", " = 1\n"),
    "a long table name": (_PYTHON_OPEN + '    op.drop_table("', "a", '")\n'),
    "nested dictionaries": (_PYTHON_OPEN + "    a = ", "{1: ", "\n"),
    "nested parentheses": (_PYTHON_OPEN + "    a = ", "(", "\n"),
    "nested functions": (_PYTHON_OPEN + "    pass\n", "def f(): return lambda: ", "1\n"),
    "negations": (_PYTHON_OPEN + "    a = ", "not ", "b\n"),
    "comparisons": (_PYTHON_OPEN + "    a = b", " < b", "\n"),
    "subscripts": (_PYTHON_OPEN + "    a = b", "[0]", "\n"),
    "assignments at once": (_PYTHON_OPEN + "    ", "a = ", "1\n"),
    "strings in a row": (_PYTHON_OPEN + "    op.execute(", '"a " ', ")\n"),
    "f-strings in a row": (_PYTHON_OPEN + "    op.execute(", 'f"{a} " ', ")\n"),
    "lines of an f-string": (_PYTHON_OPEN + '    op.execute(f"""', "{a}\n", '""")\n'),
    "keywords": (_PYTHON_OPEN + '    op.drop_table("t"', ", a{i}=1", ")\n"),
    "a loop over many": (_PYTHON_OPEN + "    for x in (1", ", {i}", '):\n        op.drop_table(f"t{x}")\n'),
    "semicolons": (_PYTHON_OPEN + "    a", "; a", "\n"),
    "decorators": ("", "@a\n", _PYTHON_OPEN.partition("def ")[1] + "upgrade():\n    pass\n"),
    "quotes": (_PYTHON_OPEN + "    a = ", "'", "\n"),
    "a revision of letters": (
        'from alembic import op\nrevision = "',
        "a",
        '"\ndown_revision = None\ndef upgrade():\n    op.drop_table("t")\n',
    ),
}

_SETTINGS = {
    "blanks": ("mode:", " ", "x"),
    "empty lines": ("mode: enforce\n", "\n", ""),
    "items": ("require:\n", "  - statements-read\n", ""),
    "unknown keys": ("", "a{i}: 1\n", ""),
    "nested lists": ("require: ", "[", ""),
    "nested maps": ("thresholds: ", "{a: ", ""),
    "quotes": ("mode: '", "''", "'"),
    "comments": ("", "# a\n", "mode: enforce\n"),
    "digits": ("lock_timeout: ", "1", "s\n"),
    "duration of blanks": ("lock_timeout: '1", " ", "!'\n"),
    "aliases": ("a: &a x\n", "b{i}: *a\n", ""),
    "a long text": ("mode: |\n", "  a\n", ""),
    "patterns": ("migrations:\n", "  - '**/a*/**/*{i}.sql'\n", ""),
    "stars": ("migrations:\n  - '", "*", "'\n"),
    "documents": ("", "---\na: 1\n", ""),
    "wide characters": ("mode: ", "\u4e00", "\n"),
    "a long key": ("", "a", ": 1\n"),
    "a long comment": ("# ", "a ", "\nmode: enforce\n"),
    "blanks within": ("mode:", " ", "enforce\n"),
    "keys of a map": ("thresholds:\n", "  a{i}: 1\n", ""),
    "a flow map": ("thresholds: {a: 1", ", a{i}: 1", "}\n"),
    "a flow list": ("require: [locks", ", locks", "]\n"),
    "nested lists of lines": ("require:\n  ", "- ", "a\n"),
    "anchors": ("", "a{i}: &b{i} 1\n", ""),
    "merges": ("a: &a {b: 1}\nc:\n", "  <<: *a\n", ""),
    "aliases of aliases": ("a0: &a0 [x]\n", "b{i}: [*a0, *a0]\n", ""),
    "tags": ("mode: ", "!!str ", "a\n"),
    "alternatives": ("migrations:\n  - '", "{a,b}", "'\n"),
    "folders of a pattern": ("migrations:\n  - '", "**/a/", "*.sql'\n"),
    "rules": ("rules:\n", "  drop-table: off\n", ""),
    "escapes": ('mode: "', "\\n", '"\n'),
    "tabs": ("mode:\n", "\t", "x\n"),
}

_COMMENTS = {
    "explain of blanks": ("/migsafe explain", " ", "x"),
    "explain of ticks": ("/migsafe explain ", "`", "x"),
    "blanks before": ("", " ", "/migsafe help"),
    "line ends": ("", "\n", "/migsafe help"),
    "a reason": ("/migsafe allow drop-table ", "a ", ""),
    "verbs": ("/migsafe ", "a", ""),
    "commands": ("", "/migsafe help\n", ""),
    "surrogates": ("/migsafe ", "\udc80", ""),
    "byte order marks": ("", "\ufeff", "/migsafe help"),
}

_PATCHES = {
    "added lines": ("@@ -0,0 +1,{i} @@\n", "+a\n", ""),
    "hunks": ("", "@@ -1,1 +{i},1 @@\n+a\n", ""),
    "a long line": ("@@ -0,0 +1,1 @@\n+", "a", ""),
    "digits of a header": ("@@ -", "1", " @@\n"),
    "at signs": ("", "@@ ", "\n"),
    "removed lines": ("@@ -1,9 +0,0 @@\n", "-a\n", ""),
}


def _filled(before: str, part: str, after: str) -> Callable[[int], str]:
    if "{i}" in part:
        return lambda size: before + "".join(part.replace("{i}", str(i)) for i in range(size)) + after
    return lambda size: before + part * size + after


def _largest(part: str, rest: int) -> int:
    """How many parts a configuration may have: longer ones are not read at all."""
    return 64 * 4 ** int(math.log((config_yaml.LARGEST - rest) / (len(part.encode()) + 2) / 64, 4))


def _read_settings(text: str) -> object:
    try:
        return config.read(text.encode("utf-8", "surrogatepass"), rules=[rule.id for rule in RULES])
    except ConfigError as wrong:
        return str(wrong)


def _read_comment(text: str) -> object:
    return commands.is_command(text), commands.read(text), commands.fingerprint(text)


def _many_files(template: str, text: str) -> Callable[[str], object]:
    """As many files as the input has characters."""
    return lambda count: review_files(
        [SourceFile(template.replace("{i}", f"{i:06d}"), text.replace("{i}", str(i))) for i in range(len(count))]
    )


_MANY_FILES = {
    "plain": ("migrations/{i}_a.sql", "ALTER TABLE t{i} ADD c int;\n"),
    "plain of one table": ("migrations/{i}_a.sql", "ALTER TABLE t ADD c{i} int;\n"),
    "dbmate": ("db/migrations/20260101{i}_a.sql", "-- migrate:up\nCREATE TABLE t{i} (a int);\n-- migrate:down\n"),
    "flyway": ("db/migration/V{i}__a.sql", "CREATE TABLE t{i} (a int);\n"),
    "prisma": ("prisma/migrations/20260101{i}_a/migration.sql", "CREATE TABLE t{i} (a int);\n"),
    "diesel": ("migrations/2026-01-01-{i}_a/up.sql", "CREATE TABLE t{i} (a int);\n"),
    "golang-migrate": ("migrations/{i}_a.up.sql", "CREATE TABLE t{i} (a int);\n"),
    "rails": (
        "db/migrate/20260101{i}_a.rb",
        "class A{i} < ActiveRecord::Migration[7.1]\n  def change\n    add_column :t{i}, :a, :string\n  end\nend\n",
    ),
    "alembic": (
        "migrations/versions/a{i}_a.py",
        'from alembic import op\nrevision = "a{i}"\ndown_revision = None\ndef upgrade():\n    op.drop_table("t{i}")\n',
    ),
    "other": ("src/{i}.sql", "SELECT 1"),
    "changelogs in XML": ("db/changelog/{i}.xml", "<databaseChangeLog><changeSet id='{i}'/></databaseChangeLog>"),
}


def _sql_files() -> Iterator[Shape]:
    for tool, (path, first, last) in _SQL_TOOLS.items():
        before, after = first.split("{x}")
        for name, filling in _FILLINGS.items():
            made = _filled(before, filling, f"x{after}DROP TABLE t;\n{last}")
            yield Shape(f"{tool}: a head of {name}", made, review_file(path))
        line, opening = _SECTIONS.get(tool, ("CREATE TABLE t{i} (a int);\n", before + after))
        yield Shape(f"{tool}: many statements", _filled(opening, line, last), review_file(path))


def tool_shapes() -> Iterator[Shape]:
    yield from _sql_files()
    ruby = {f"many {name}": (_RUBY_OPEN, line, _RUBY_CLOSE) for name, line in _RUBY_LINES.items()}
    python = {f"many {name}": (_PYTHON_OPEN, line, "") for name, line in _PYTHON_LINES.items()}
    for kind, shapes, take in (
        ("rails", ruby | _RUBY_WHOLES, review_file(_RUBY)),
        ("alembic", python | _PYTHON_WHOLES, review_file(_PYTHON)),
        ("configuration", _SETTINGS, _read_settings),
        ("command", _COMMENTS, _read_comment),
        ("diff", _PATCHES, hunks),
    ):
        for name, (before, part, after) in shapes.items():
            most = _largest(part, len(before) + len(after)) if kind == "configuration" else 1 << 16
            yield Shape(f"{kind}: {name}", _filled(before, part, after), take, most=most)
    for name, (path, text) in _MANY_FILES.items():
        yield Shape(f"many files: {name}", lambda size: "x" * size, _many_files(path, text), most=4096)
