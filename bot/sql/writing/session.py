"""Settings and transactions as SQL."""

import re

from bot.core.language import operations as op
from bot.core.language.names import quote
from bot.sql.writing.parts import Unwritable, Writers, quote_literal, unkept, words

_LISTS = frozenset({"search_path", "temp_tablespaces", "datestyle", "local_preload_libraries"})
_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]*\Z")


def set_setting(setting: op.SetSetting) -> str:
    """SET, SET LOCAL or RESET. Raises Unwritable where the value is made at run time."""
    if setting.dynamic:
        raise unkept(setting)
    scope = "LOCAL " if setting.local else ""
    if setting.setting == "all":
        return "RESET ALL"
    name = ".".join(quote(part) for part in setting.setting.split("."))
    if setting.value is None:
        return f"SET LOCAL {name} TO DEFAULT" if setting.local else f"RESET {name}"
    if setting.setting in _LISTS:
        items = [item if _IDENTIFIER.match(item) else quote_literal(item) for item in setting.value.split(", ")]
        return f"SET {scope}{name} = {', '.join(items)}"
    value = setting.value if re.fullmatch(r"-?\d+(\.\d+)?", setting.value) else quote_literal(setting.value)
    return f"SET {scope}{name} = {value}"


def begin(_begin: op.Begin) -> str:
    return "BEGIN"


def commit(end: op.Commit) -> str:
    if end.prepared:
        raise unkept(end)
    return words("COMMIT", "AND CHAIN" if end.chain else None)


def rollback(end: op.Rollback) -> str:
    to = f"TO SAVEPOINT {quote(end.savepoint)}" if end.savepoint is not None else None
    return words("ROLLBACK", to, "AND CHAIN" if end.chain else None)


def savepoint(point: op.Savepoint) -> str:
    return f"SAVEPOINT {quote(point.name)}"


def release(point: op.ReleaseSavepoint) -> str:
    return f"RELEASE SAVEPOINT {quote(point.name)}"


def without_text(_operation: op.Harmless | op.Unread | op.NoTransaction) -> str:
    raise Unwritable("the statement's text is not kept")


WRITERS: Writers = {
    op.SetSetting: set_setting,
    op.Begin: begin,
    op.Commit: commit,
    op.Rollback: rollback,
    op.Savepoint: savepoint,
    op.ReleaseSavepoint: release,
    op.Harmless: without_text,
    op.Unread: without_text,
    op.NoTransaction: without_text,
}
