"""What a database is: its schema as lines that can be compared, its rows, and where the code's columns went."""

import re
import subprocess
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import LiteralString

from bot.core.language.names import quote
from tests.rewrites.clones import Clone

_OF_TOOLS = ("schema_migrations", "alembic_version", "ar_internal_metadata", "gorp_migrations")
_SCHEMAS_OF_TOOLS = ("sqitch", "drizzle", "supabase_migrations")
_NAME = re.compile(r"-- Name: (?P<name>.*?); Type: (?P<type>[^;]*);")
_WORD = re.compile(r"[A-Za-z_][\w$]*")
_STANDING = r"""
SELECT format('%s: constraint %s: %s%s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid),
    CASE WHEN c.convalidated THEN '' ELSE ' (not validated)' END)
FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
WHERE n.nspname !~ '^(pg_|information_schema)' AND c.conrelid <> 0 AND c.contype <> 't'
UNION ALL
SELECT format('%s: index %s: %s%s', i.indrelid::regclass, i.indexrelid::regclass, pg_get_indexdef(i.indexrelid),
    CASE WHEN i.indisvalid AND i.indisready THEN '' ELSE ' (invalid)' END)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^pg_'
UNION ALL
SELECT format('%s: sequence of %s', seqrelid::regclass, format_type(seqtypid, NULL)) FROM pg_sequence
"""

_ORDERS = """
SELECT format('%s: in order: %s', c.oid::regclass, string_agg(a.attname, ', ' ORDER BY a.attnum))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
WHERE n.nspname !~ '^(pg_|information_schema)' AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
GROUP BY c.oid
"""


@dataclass(frozen=True, slots=True)
class Schema:
    """Lines, each with the object that it belongs to; `orders` has a line for the columns of each table."""

    lines: Counter[str]
    orders: Counter[str]

    @property
    def invalid(self) -> list[str]:
        """The names of indexes that are INVALID: a rewrite of their table, which a plan avoids, mends them."""
        return [line.split(": index ")[1].split(":")[0] for line in self.lines if line.endswith(" (invalid)")]

    def differs_from(self, other: "Schema", *, in_order: bool = False) -> list[str]:
        """What is only in this one (`+`) and only in the other (`-`); `in_order`: of the columns of a table, too."""
        more, less = self.lines - other.lines, other.lines - self.lines
        if in_order:
            more, less = more + (self.orders - other.orders), less + (other.orders - self.orders)
        return [*(f"+ {line}" for line in sorted(more.elements())), *(f"- {line}" for line in sorted(less.elements()))]


def schema_of(clone: Clone) -> Schema:
    """By `pg_dump --schema-only`, without what the tools keep for themselves, and what it does not say."""
    program = clone.server.installation / "bin" / "pg_dump"
    left_out = [f"--exclude-table={name}" for name in _OF_TOOLS]
    left_out += [f"--exclude-schema={name}" for name in _SCHEMAS_OF_TOOLS]
    command = [str(program), "--schema-only", *left_out, clone.url("postgres")]
    dump = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines: Counter[str] = Counter()
    of = ""
    for line in dump.splitlines():
        if (name := _NAME.match(line)) is not None:
            of = f"{name['type'].lower()} {name['name']}"
        elif (bare := line.strip().rstrip(",")) and not bare.startswith(("--", "\\", "SET ", "SELECT pg_catalog.")):
            lines[f"{of}: {bare}"] += 1
    lines.update(_of_shop(clone, _STANDING))
    return Schema(lines, Counter(_of_shop(clone, _ORDERS)))


def _of_shop(clone: Clone, query: LiteralString) -> list[str]:
    lines = (str(row[0]) for row in clone.query(query))
    return [line for line in lines if not _is_of_a_tool(line.split(":")[0])]


def _is_of_a_tool(relation: str) -> bool:
    return relation.endswith(_OF_TOOLS) or relation.startswith(tuple(f"{schema}." for schema in _SCHEMAS_OF_TOOLS))


def not_named(differences: Sequence[str], said: str, tables: Sequence[str] = ()) -> list[str]:
    """The differences that no word of what was said is about; the names of these tables say too little."""
    usual = _EVERYWHERE | _words(" ".join(tables))
    words = _words(said) - usual
    return [line for line in differences if not words & _words(line)]


def _words(text: str) -> set[str]:
    """The words and their parts: `items_price_fill` is about `price`."""
    return {part for word in _WORD.findall(text.lower()) for part in (word, *word.split("_")) if part}


_EVERYWHERE = frozenset(
    "table column constraint index sequence type not null validated check create alter add on using btree text integer "
    "bigint public shop_owner owner to is the a of and or for in".split()
)

_TABLES = """
SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema)' AND c.relname <> ALL (%s) ORDER BY 1
"""


def rows_of(clone: Clone, without: Sequence[str] = (), words: Set[str] | None = None) -> dict[str, str]:
    """For each table a digest of its rows; columns of the names `without` do not count.

    `words`: only tables whose name is one of these, in all other tables nothing is looked at.
    """
    found: dict[str, str] = {}
    for (table,) in clone.query(_TABLES, [list(_OF_TOOLS)]):
        if words is not None and not words & set(_WORD.findall(str(table))):
            continue
        row = f"(to_jsonb(t) - ARRAY[{', '.join(_literal(name) for name in without)}]::text[])::text"
        digest = f"SELECT md5(string_agg(r, ' ' ORDER BY r)) FROM (SELECT {row} AS r FROM {table} AS t) AS s"
        found[str(table)] = str(clone.query(digest)[0][0])
    return found


def different_rows(one: Clone, other: Clone, table: str, without: Sequence[str] = ()) -> list[str]:
    """A few rows of the table that only one of them has."""
    row = f"(to_jsonb(t) - ARRAY[{', '.join(_literal(name) for name in without)}]::text[])::text"
    sets = [
        Counter(str(found[0]) for found in clone.query(f"SELECT {row} FROM {table} AS t")) for clone in (one, other)
    ]
    more, less = sets[0] - sets[1], sets[1] - sets[0]
    shown = [f"+ {text}" for text in sorted(more.elements())[:3]] + [
        f"- {text}" for text in sorted(less.elements())[:3]
    ]
    return [f"{table}: {sum(more.values())} rows more, {sum(less.values())} less: {'; '.join(shown)}"]


@dataclass(frozen=True, slots=True)
class Columns:
    """A table's columns by their number, which a rename keeps: name and type; and the name of the table.

    `filled` are the numbers of those that have a default.
    """

    table: str
    columns: dict[int, tuple[str, str]]
    filled: frozenset[int]


_COLUMNS = """
SELECT c.oid::regclass::text, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attgenerated <> '',
       a.attidentity <> '' OR coalesce(pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%%', false), d.oid IS NOT NULL
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.oid = %s AND a.attnum > 0 AND NOT a.attisdropped
"""


def oid_of(clone: Clone, table: str) -> int:
    row = clone.query("SELECT to_regclass(%s)::oid", [table])[0][0]
    assert isinstance(row, int), f"there is no table {table}"
    return row


def columns_of(clone: Clone, oid: int, *, written: bool = False) -> Columns | None:
    """Of a relation, by its oid, which a rename and a clone keep; None where it is gone.

    `written`: only those that an INSERT writes, not generated ones, nor those that a sequence fills.
    """
    rows = clone.query(_COLUMNS, [oid])
    if not rows:
        return None
    kept = [row for row in rows if not written or not (row[4] or row[5])]
    columns = {int(str(row[1])): (quote(str(row[2])), str(row[3])) for row in kept}
    return Columns(str(rows[0][0]), columns, frozenset(int(str(row[1])) for row in kept if row[6]))


def present_columns(clone: Clone, table: str) -> dict[str, str]:
    """The columns that a relation of this name has now, with their types; none where there is no such relation."""
    text = """SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
        WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped"""
    return {quote(str(name)): str(kind) for name, kind in clone.query(text, [table])}


def _literal(text: str) -> str:
    return "'" + text.strip('"').replace("'", "''") + "'"
