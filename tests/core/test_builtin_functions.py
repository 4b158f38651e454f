"""The table of PostgreSQL's functions agrees with a running server."""

import psycopg
import pytest

from bot.core.effects.functions.builtin_functions import FUNCTIONS, Overloads
from bot.core.effects.functions.extension_functions import EXTENSION_FUNCTIONS
from bot.standins.postgres import Server

CALLABLE = """
SELECT p.proname::text, p.pronargs - p.pronargdefaults, CASE WHEN p.provariadic <> 0 THEN -1 ELSE p.pronargs END,
  p.provolatile::text
FROM pg_proc p
WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind IN ('f', 'w', 'p')
  AND NOT p.proargtypes::oid[] && ARRAY['internal', 'cstring']::regtype[]::oid[]
  AND p.prorettype <> ALL (ARRAY['internal', 'cstring', 'trigger', 'event_trigger', 'language_handler', 'fdw_handler',
    'index_am_handler', 'tsm_handler', 'table_am_handler']::regtype[])
  AND p.oid <> 'timezone(text, timetz)'::regprocedure
"""


def _most_volatile(overloads: Overloads, arguments: int, major: int) -> str:
    fitting = [
        letter
        for least, most, letter, first, last in overloads
        if first <= major <= last and least <= arguments and (most < 0 or arguments <= most)
    ]
    return max(fitting, key="isv".index, default="")


def test_every_function_of_postgres_18_is_as_volatile_as_the_server_says(postgres: Server) -> None:
    with psycopg.connect(postgres.url()) as connection:
        rows = connection.execute(CALLABLE).fetchall()
    wrong = [
        (name, least, letter)
        for name, least, most, letter in rows
        for arguments in {least, most if most >= 0 else least + 3}
        if "isv".index(letter) > "isv".find(_most_volatile(FUNCTIONS.get(name, ()), arguments, 18) or "?")
    ]
    assert len(rows) > 2000
    assert not wrong


@pytest.mark.parametrize(
    ("name", "arguments", "major", "letter"),
    [
        ("now", 0, 12, "s"),
        ("clock_timestamp", 0, 12, "v"),
        ("random", 0, 12, "v"),
        ("nextval", 1, 12, "v"),
        ("gen_random_uuid", 0, 12, ""),
        ("gen_random_uuid", 0, 13, "v"),
        ("uuidv7", 0, 17, ""),
        ("uuidv7", 0, 18, "v"),
        ("to_char", 2, 14, "s"),
        ("timezone", 2, 12, "i"),
        ("to_tsvector", 1, 16, "s"),
        ("to_tsvector", 2, 16, "i"),
        ("lower", 1, 16, "i"),
        ("concat", 7, 16, "s"),
        ("coalesce", 3, 12, "i"),
        ("current_timestamp", 0, 12, "s"),
        ("no_such_function", 0, 18, ""),
    ],
)
def test_functions_differ_by_arguments_and_major(name: str, arguments: int, major: int, letter: str) -> None:
    assert _most_volatile(FUNCTIONS.get(name, ()), arguments, major) == letter


@pytest.mark.parametrize(
    ("name", "arguments", "letter"), [("uuid_generate_v4", 0, "v"), ("gen_salt", 1, "v"), ("similarity", 2, "i")]
)
def test_functions_of_extensions_are_known(name: str, arguments: int, letter: str) -> None:
    assert _most_volatile(EXTENSION_FUNCTIONS[name], arguments, 16) == letter
