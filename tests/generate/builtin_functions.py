"""Writes the tables in bot/core/effects/functions from pg_proc of servers of each major version.

    python tests/generate/builtin_functions.py INSTALLATION...

Each INSTALLATION is a folder with bin, lib and share of one major version; all of 12 to 18 are needed.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import psycopg

from bot.standins.postgres import start
from tests.support.places import ROOT

CORE = ROOT / "bot" / "core" / "effects" / "functions"
MAJORS = range(12, 19)
RANK = "isv"
EXTENSIONS = (
    "citext", "cube", "earthdistance", "fuzzystrmatch", "hstore", "intarray", "isn", "ltree", "pg_trgm", "pgcrypto",
    "seg", "tablefunc", "unaccent", "uuid-ossp", "xml2",
)  # fmt: skip

# Functions an author can call: no pseudo-types of the server's own among their arguments or results.
CALLABLE = """
SELECT p.proname::text, p.pronargs - p.pronargdefaults,
  CASE WHEN p.provariadic <> 0 THEN -1 ELSE p.pronargs END, p.provolatile::text
FROM pg_proc p
WHERE p.prokind IN ('f', 'w', 'p')
  AND NOT p.proargtypes::oid[] && ARRAY['internal', 'cstring']::regtype[]::oid[]
  AND p.prorettype <> ALL (ARRAY['internal', 'cstring', 'trigger', 'event_trigger', 'language_handler', 'fdw_handler',
    'index_am_handler', 'tsm_handler', 'table_am_handler']::regtype[]) AND
"""
# timezone(text, timetz) was volatile up to 14: the one overload more volatile than its namesakes, and hardly ever meant
# by timezone('utc', now()), which rewrites nothing.
OF_CATALOG = (
    CALLABLE + "p.pronamespace = 'pg_catalog'::regnamespace AND p.oid <> 'timezone(text, timetz)'::regprocedure"
)
OF_EXTENSIONS = (
    CALLABLE
    + """EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
  AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e')
  AND p.pronamespace <> 'pg_catalog'::regnamespace"""
)

# Written like functions, or called by a keyword, but not in pg_proc under that name (and some not in every major).
SYNTAX = (
    ("coalesce greatest least", 1, -1, "i", 12),
    ("nullif", 2, 2, "i", 12),
    ("trim", 1, 3, "i", 12),
    ("extract", 1, 2, "s", 12),
    ("row array grouping treat", 0, -1, "i", 12),
    ("current_date current_catalog current_role current_user session_user user", 0, 0, "s", 12),
    ("current_time current_timestamp localtime localtimestamp", 0, 1, "s", 12),
    ("system_user", 0, 0, "s", 16),
    ("xmlconcat xmlelement xmlforest xmlparse xmlpi xmlroot xmlserialize", 0, -1, "i", 12),
    ("json_array json_object json json_scalar json_serialize", 0, -1, "s", 16),
    ("json_exists json_query json_value", 2, -1, "s", 17),
    ("merge_action", 0, 0, "s", 17),
)

BUILT_IN = '''"""Which functions PostgreSQL 12 to 18 has, how many arguments they take, and how volatile they are.

Generated from pg_proc of a server of each major version by tests/generate/builtin_functions.py: do not edit.
An overload that is covered by a more volatile one with the same arguments is left out.
"""

Overloads = tuple[tuple[int, int, str, int, int], ...]
"""Least and most arguments (-1: any number), 'i', 's' or 'v', first and last major version."""


def read_functions(text: str) -> dict[str, Overloads]:
    """Paragraphs of least, most, volatility, from-major and to-major, then the functions for which that holds."""
    found: dict[str, list[tuple[int, int, str, int, int]]] = {{}}
    for paragraph in text.split(";"):
        least, most, letter, first, last, *names = paragraph.split()
        entry = (int(least), int(most), letter, int(first), int(last))
        for name in names:
            found.setdefault(name, []).append(entry)
    return {{name: tuple(entries) for name, entries in found.items()}}


FUNCTIONS: dict[str, Overloads] = read_functions("""
{}
""")
"""Those of pg_catalog, and keywords that the grammar turns into calls."""
'''

OF_USUAL_EXTENSIONS = '''"""The functions of common extensions, which may be installed in any schema.

Generated from pg_proc of a server of each major version by tests/generate/builtin_functions.py: do not edit.
"""

from bot.core.effects.functions.builtin_functions import Overloads, read_functions

EXTENSION_FUNCTIONS: dict[str, Overloads] = read_functions("""
{}
""")
'''

Overload = tuple[int, int, str]
Entry = tuple[int, int, str, int, int]


def main(installations: Iterable[str]) -> None:
    built_in: dict[int, dict[str, set[Overload]]] = {}
    extensions: dict[int, dict[str, set[Overload]]] = {}
    for installation in installations:
        with (
            start(installation=Path(installation)) as server,
            psycopg.connect(server.url(), autocommit=True) as connection,
        ):
            major = connection.info.server_version // 10_000
            built_in[major] = _overloads(connection, OF_CATALOG)
            for extension in EXTENSIONS:
                connection.execute(f'CREATE EXTENSION "{extension}" CASCADE'.encode())
            extensions[major] = _overloads(connection, OF_EXTENSIONS)
    if set(built_in) != set(MAJORS):
        sys.exit(f"needed: {list(MAJORS)}, given: {sorted(built_in)}")
    for names, least, most, letter, first in SYNTAX:
        for name in names.split():
            for major in MAJORS:
                if major >= first and name not in built_in[major]:
                    built_in[major][name] = {(least, most, letter)}
    (CORE / "builtin_functions.py").write_text(BUILT_IN.format(_text(_entries(built_in))))
    (CORE / "extension_functions.py").write_text(OF_USUAL_EXTENSIONS.format(_text(_entries(extensions))))


def _overloads(connection: psycopg.Connection[tuple[str, int, int, str]], query: str) -> dict[str, set[Overload]]:
    found: dict[str, set[Overload]] = defaultdict(set)
    for name, least, most, letter in connection.execute(query.encode()):
        found[name].add((least, most, letter))
    return {name: {one for one in overloads if not _covered(one, overloads)} for name, overloads in found.items()}


def _covered(one: Overload, overloads: set[Overload]) -> bool:
    """Whether another overload takes all these argument counts and is at least as volatile."""
    least, most, letter = one
    return any(
        other != one
        and other[0] <= least
        and (other[1] < 0 or 0 <= most <= other[1])
        and RANK.index(other[2]) >= RANK.index(letter)
        for other in overloads
    )


def _entries(by_major: Mapping[int, Mapping[str, set[Overload]]]) -> dict[Entry, list[str]]:
    """Names by their argument counts, volatility, and the span of majors in which these hold."""
    held: dict[tuple[str, Overload], list[int]] = defaultdict(list)
    for major in sorted(by_major):
        for name, overloads in by_major[major].items():
            for overload in overloads:
                held[name, overload].append(major)
    entries: dict[Entry, list[str]] = defaultdict(list)
    for (name, overload), majors in held.items():
        for first, last in _spans(majors):
            entries[*overload, first, last].append(name)
    return {entry: sorted(names) for entry, names in sorted(entries.items())}


def _spans(majors: list[int]) -> list[tuple[int, int]]:
    starts = [major for major in majors if major - 1 not in majors]
    ends = [major for major in majors if major + 1 not in majors]
    return list(zip(starts, ends, strict=True))


def _text(entries: Mapping[Entry, list[str]]) -> str:
    return ";\n".join("\n".join(_wrapped([*map(str, entry), *names])) for entry, names in entries.items())


def _wrapped(words: list[str]) -> list[str]:
    lines = [""]
    for word in words:
        if len(lines[-1]) + len(word) > 118:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


if __name__ == "__main__":
    main(sys.argv[1:])
