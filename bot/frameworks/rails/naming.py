"""The names Active Record generates where none is given: indexes, foreign keys, constraints, join tables."""

import hashlib
import re
from collections.abc import Sequence
from itertools import takewhile

from bot.core.language.names import Name, truncate

_LONGEST_INDEX_NAME = 62


def table_name(value: str) -> Name:
    """A table as written, with its schema where it has one."""
    schema, _, table = value.rpartition(".")
    return Name(truncate(table.strip('"')), schema.strip('"') or None)


def index_name(table: str, columns: Sequence[str] | str, version: float) -> str:
    """`index_users_on_email`; a name too long is shortened from version 7.1 on."""
    parts = [columns] if isinstance(columns, str) else list(columns)
    parts = [part if re.fullmatch(r"\w+", part) else "_".join(re.findall(r"\w+", part)) for part in parts]
    bare = table.rpartition(".")[2]
    name = f"index_{bare}_on_{'_and_'.join(parts)}"
    if version < 7.1 or len(name.encode()) <= _LONGEST_INDEX_NAME:
        return name
    short = f"idx_on_{'_'.join(parts)}"
    digest = "_" + hashlib.sha256(name.encode()).hexdigest()[:10]
    return short.encode()[: _LONGEST_INDEX_NAME - len(digest)].decode("utf-8", "ignore") + digest


def foreign_key_name(table: str, column: str) -> str:
    return f"fk_rails_{_digest(f'{table}_{column}_fk')}"


def check_name(table: str, expression: str) -> str:
    return f"chk_rails_{_digest(f'{table}_{expression}_chk')}"


def unique_name(table: str, columns: Sequence[str]) -> str:
    return f"uniq_rails_{_digest(f'{table}_' + '_and_'.join(columns) + '_unique')}"


def exclusion_name(table: str, expression: str) -> str:
    return f"excl_rails_{_digest(f'{table}_{expression}_excl')}"


def join_table_name(one: str, other: str) -> str:
    """The two in order, a common prefix only once: `music_artists_records`."""
    first, second = sorted((one, other))
    letters = zip(first[:-1], second[:-1], strict=False)
    common = first[: sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], letters))]
    shared = max(common.rfind("."), common.rfind("_")) + 1
    return f"{first}_{second[shared:]}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:10]
