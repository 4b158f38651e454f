"""Writes what core/effects/functions knows of signatures, operators, casts and operator classes, from a server.

    python tests/generate/builtin_signatures.py [INSTALLATION]

INSTALLATION is a folder with bin, lib and share of PostgreSQL 18, by default the embedded one.
"""

import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import psycopg

from bot.standins.postgres import start
from tests.generate.builtin_functions import CORE

_SPELLED = """(SELECT CASE WHEN t.typcategory = 'A' AND t.typelem <> 0
  THEN (SELECT e.typname FROM pg_type e WHERE e.oid = t.typelem) || '[]' ELSE t.typname::text END
  FROM pg_type t WHERE t.oid = {})"""
_FUNCTIONS = f"""
SELECT p.proname::text,
  coalesce((SELECT string_agg({_SPELLED.format("a.type")}, ',' ORDER BY a.place)
            FROM unnest(p.proargtypes) WITH ORDINALITY a(type, place)), '-'),
  {_SPELLED.format("p.prorettype")},
  p.provolatile::text || p.prokind::text || CASE WHEN p.proretset THEN 's' ELSE '' END
    || CASE WHEN p.pronargdefaults > 0 THEN p.pronargdefaults::text ELSE '' END
    || CASE WHEN p.provariadic <> 0 THEN '+' ELSE '' END
FROM pg_proc p JOIN pg_type r ON r.oid = p.prorettype
WHERE p.pronamespace = 'pg_catalog'::regnamespace
  AND NOT p.proargtypes::oid[] && ARRAY['internal', 'cstring']::regtype[]::oid[]
  AND r.typname NOT IN ('internal', 'cstring', 'trigger', 'event_trigger', 'fdw_handler', 'index_am_handler',
    'table_am_handler', 'tsm_handler', 'language_handler')
  AND p.oid NOT IN (SELECT oprcode FROM pg_operator) AND p.oid NOT IN (SELECT amproc FROM pg_amproc)
  AND p.proname !~ '^(pg_stat_get|binary_upgrade|pg_replication|pg_logical|pg_ls|pg_lfn|RI_)'
  AND p.proname !~ '(_support|_accum|_accum_inv|_combine|larger|smaller|send|_cmp)$'
ORDER BY 2, 1"""
_OPERATORS = f"""
SELECT o.oprname::text, coalesce({_SPELLED.format("o.oprleft")}, '-'), {_SPELLED.format("o.oprright")},
  {_SPELLED.format("o.oprresult")}, p.provolatile::text
FROM pg_operator o JOIN pg_proc p ON p.oid = o.oprcode
WHERE o.oprnamespace = 'pg_catalog'::regnamespace ORDER BY 2, 3, 1"""
_CASTS = """
SELECT s.typname::text, t.typname::text, c.castcontext::text || c.castmethod::text
  || coalesce(p.provolatile::text, 'i')
FROM pg_cast c JOIN pg_type s ON s.oid = c.castsource JOIN pg_type t ON t.oid = c.casttarget
LEFT JOIN pg_proc p ON p.oid = c.castfunc WHERE c.castsource <> c.casttarget ORDER BY 1, 2"""
_TYPES = """
SELECT t.typname::text, t.typcategory::text || CASE WHEN t.typispreferred THEN '*' ELSE '' END FROM pg_type t
WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typtype IN ('b', 'd', 'r', 'm', 'p') AND t.typcategory <> 'A'
ORDER BY 1"""
_CLASSES = """
SELECT a.amname::text || CASE WHEN c.opcdefault THEN '*' ELSE '' END, c.opcname::text, t.typname::text
FROM pg_opclass c JOIN pg_am a ON a.oid = c.opcmethod JOIN pg_type t ON t.oid = c.opcintype
WHERE c.opcnamespace = 'pg_catalog'::regnamespace ORDER BY 1, 2"""

SIGNATURES = '''"""The functions that an expression may call, with the types of their arguments and results.

Generated from pg_proc by tests/generate/builtin_signatures.py: do not edit. What stands behind operators, casts and
access methods is left out.
"""

TEXT = """
{}
"""
"""Entries of argument types, result, traits and names. Traits: volatility (i, s, v), kind (f, a, w, p), `s` for a
set, the number of defaults, `+` for VARIADIC."""
'''
OPERATORS = '''"""The operators, casts, types and operator classes of PostgreSQL.

Generated from its catalogs by tests/generate/builtin_signatures.py: do not edit.
"""

OPERATORS = """
{}
"""
"""Entries of left type (`-`: none), right type, result, volatility, and the operators."""

CASTS = """
{}
"""
"""Entries of source, context (i implicit, a assignment, e explicit), method (b binary, f function, i by text),
volatility, and the targets."""

TYPES = """
{}
"""
"""Entries of a category, `*` for its preferred type, and the types."""

CLASSES = """
{}
"""
"""Entries of an access method, `*` for a default of its type, a type and the operator classes."""
'''


def main(arguments: list[str]) -> None:
    given = {"installation": Path(arguments[0])} if arguments else {}
    with start(**given) as server, psycopg.connect(server.url()) as connection:  # type: ignore[arg-type]
        functions = _grouped(connection, _FUNCTIONS)
        operators = _grouped(connection, _OPERATORS)
        casts = _grouped(connection, _CASTS, (0, 2, 1))
        types = _grouped(connection, _TYPES, (1, 0))
        classes = _grouped(connection, _CLASSES, (0, 2, 1))
    (CORE / "signatures.py").write_text(SIGNATURES.format(functions))
    (CORE / "builtin_operators.py").write_text(OPERATORS.format(operators, casts, types, classes))


def _grouped(connection: psycopg.Connection[Any], query: str, order: tuple[int, ...] = ()) -> str:
    """Rows that differ in the last of the columns only, in one entry."""
    found: dict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
    for row in connection.execute(query.encode()):
        places = order or (*range(1, len(row)), 0)
        found[tuple(row[place] for place in places[:-1])][row[places[-1]]] = None
    text = " ; ".join(" ".join((*key, *names)) for key, names in found.items())
    return "\n".join(_wrapped(text.replace("\n", " ").split(" ")))


def _wrapped(words: list[str]) -> list[str]:
    lines = [""]
    for word in words:
        if len(lines[-1]) + len(word) > 118:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


if __name__ == "__main__":
    main(sys.argv[1:])
