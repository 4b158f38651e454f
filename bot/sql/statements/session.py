"""Settings and transactions: SET, RESET, SHOW, BEGIN to ROLLBACK PREPARED.

Manual: https://www.postgresql.org/docs/current/sql-set.html and sql-begin.html
"""

from bot.core.language import operations as op
from bot.sql.grammar.types import interval_fields
from bot.sql.statements.dispatch import Operations
from bot.sql.text.cursor import Cursor
from bot.sql.text.tokens import NUMBER, QUOTED, STRING, WORD


def set_statement(c: Cursor) -> Operations:
    c.need("SET")
    if c.is_at("CONSTRAINTS") and c.ahead() not in ("=", "TO", "."):
        return _set_constraints(c)
    local = False
    if c.is_at_any("LOCAL", "SESSION") and c.ahead() not in ("=", "TO", ".", "AUTHORIZATION", "CHARACTERISTICS"):
        local = c.need_any("LOCAL", "SESSION") == "LOCAL"
    if c.is_at("TRANSACTION") and c.ahead() not in ("=", "TO", "."):
        return _set_transaction(c)
    if c.eat("SESSION", "CHARACTERISTICS"):
        c.need("AS", "TRANSACTION")
        transaction_modes(c, needed=True)
        return (op.Harmless("SET SESSION CHARACTERISTICS"),)
    return (setting(c, local=local),)


def setting(c: Cursor, *, local: bool = False) -> op.SetSetting:
    """What follows SET, also in CREATE FUNCTION and ALTER ROLE: set_rest_more."""
    if c.ahead() not in ("=", "."):
        special = _special_setting(c, local=local)
        if special is not None:
            return special
    name = variable(c)
    if c.eat("FROM", "CURRENT"):
        return op.SetSetting(name, None, local=local, dynamic=True)
    if not c.eat("="):
        c.need("TO")
    if c.eat("DEFAULT"):
        return op.SetSetting(name, None, local=local)
    return op.SetSetting(name, ", ".join(c.listed(_value)), local=local)


def variable(c: Cursor) -> str:
    """The name of a setting, in lower case."""
    parts = [c.name()]
    while c.eat("."):
        parts.append(c.name())
    return ".".join(parts).lower()


def _value(c: Cursor) -> str:
    if c.kind == STRING:
        return c.string()
    if c.kind == NUMBER or c.is_at_any("+", "-"):
        return c.signed()
    if c.word in ("TRUE", "FALSE", "ON"):
        return c.label()
    return c.plain_word()


def _special_setting(c: Cursor, *, local: bool) -> op.SetSetting | None:
    """The forms of the standard: TIME ZONE, ROLE, SCHEMA, NAMES, SESSION AUTHORIZATION, XML OPTION."""
    if c.eat("TIME", "ZONE"):
        return op.SetSetting("timezone", _zone(c), local=local)
    if c.is_at("SCHEMA") and c.tokens.kinds[c.at + 1] == STRING:
        c.at += 1
        return op.SetSetting("search_path", c.string(), local=local)
    if c.is_at("NAMES") and c.ahead() != "TO":
        c.at += 1
        if c.kind == STRING:
            return op.SetSetting("client_encoding", c.string(), local=local)
        c.eat("DEFAULT")
        return op.SetSetting("client_encoding", None, local=local)
    if c.is_at("ROLE") and c.ahead() != "TO":
        c.at += 1
        return op.SetSetting("role", c.string() if c.kind == STRING else c.plain_word(), local=local)
    if c.eat("SESSION", "AUTHORIZATION"):
        if c.eat("DEFAULT"):
            return op.SetSetting("session_authorization", None, local=local)
        return op.SetSetting("session_authorization", c.string() if c.kind == STRING else c.plain_word(), local=local)
    if c.eat("XML", "OPTION"):
        return op.SetSetting("xmloption", c.need_any("DOCUMENT", "CONTENT"), local=local)
    return None


def _zone(c: Cursor) -> str | None:
    if c.eat_any("LOCAL", "DEFAULT"):
        return None
    if c.kind == STRING:
        return c.string()
    if c.kind == QUOTED or (c.kind == WORD and c.word != "INTERVAL"):
        return c.name()
    if c.eat("INTERVAL"):
        if c.eat("("):
            c.integer()
            c.need(")")
            return c.string()
        value = c.string()
        interval_fields(c)
        return value
    return c.signed()


def _set_constraints(c: Cursor) -> Operations:
    c.need("CONSTRAINTS")
    if not c.eat("ALL"):
        c.listed(Cursor.qualified)
    c.need_any("DEFERRED", "IMMEDIATE")
    return (op.Harmless("SET CONSTRAINTS"),)


def _set_transaction(c: Cursor) -> Operations:
    c.need("TRANSACTION")
    if c.eat("SNAPSHOT"):
        c.string()
    else:
        transaction_modes(c, needed=True)
    return (op.Harmless("SET TRANSACTION"),)


def transaction_modes(c: Cursor, *, needed: bool = False) -> None:
    """ISOLATION LEVEL ..., READ ONLY, DEFERRABLE, with or without commas."""
    found = False
    while True:
        if c.eat("ISOLATION", "LEVEL"):
            _isolation(c)
        elif c.eat("READ"):
            c.need_any("ONLY", "WRITE")
        elif not (c.eat("DEFERRABLE") or c.eat("NOT", "DEFERRABLE")):
            if needed and not found:
                c.fail()
            return
        found = True
        if c.eat(",") and not c.is_at_any("ISOLATION", "READ", "DEFERRABLE", "NOT"):
            c.fail()


def _isolation(c: Cursor) -> None:
    if c.eat("SERIALIZABLE") or c.eat("REPEATABLE", "READ"):
        return
    c.need("READ")
    c.need_any("COMMITTED", "UNCOMMITTED")


def reset(c: Cursor) -> Operations:
    c.need("RESET")
    return (op.SetSetting(reset_name(c), None),)


def reset_name(c: Cursor) -> str:
    """The setting after RESET, also in ALTER ROLE and ALTER FUNCTION."""
    if c.eat("ALL"):
        return "all"
    if c.eat("TIME", "ZONE"):
        return "timezone"
    if c.eat("TRANSACTION", "ISOLATION", "LEVEL"):
        return "transaction_isolation"
    if c.eat("SESSION", "AUTHORIZATION"):
        return "session_authorization"
    return variable(c)


def show(c: Cursor) -> Operations:
    c.need("SHOW")
    reset_name(c)
    return (op.Harmless("SHOW"),)


def begin(c: Cursor) -> Operations:
    if c.eat("START"):
        c.need("TRANSACTION")
    else:
        c.need("BEGIN")
        c.eat_any("WORK", "TRANSACTION")
    transaction_modes(c)
    return (op.Begin(),)


def commit(c: Cursor) -> Operations:
    """COMMIT and END."""
    if c.need_any("COMMIT", "END") == "COMMIT" and c.eat("PREPARED"):
        c.string()
        return (op.NoTransaction("COMMIT PREPARED"),)
    c.eat_any("WORK", "TRANSACTION")
    return (op.Commit(chain=_chain(c)),)


def rollback(c: Cursor) -> Operations:
    """ROLLBACK and ABORT."""
    word = c.need_any("ROLLBACK", "ABORT")
    if word == "ROLLBACK" and c.eat("PREPARED"):
        c.string()
        return (op.NoTransaction("ROLLBACK PREPARED"),)
    c.eat_any("WORK", "TRANSACTION")
    if word == "ROLLBACK" and c.eat("TO"):
        return (op.Rollback(_savepoint_name(c)),)
    return (op.Rollback(chain=_chain(c)),)


def _chain(c: Cursor) -> bool:
    if not c.eat("AND"):
        return False
    if c.eat("NO"):
        c.need("CHAIN")
        return False
    c.need("CHAIN")
    return True


def savepoint(c: Cursor) -> Operations:
    c.need("SAVEPOINT")
    return (op.Savepoint(c.name()),)


def release(c: Cursor) -> Operations:
    c.need("RELEASE")
    return (op.ReleaseSavepoint(_savepoint_name(c)),)


def _savepoint_name(c: Cursor) -> str:
    """[SAVEPOINT] name; a savepoint may be called savepoint."""
    if c.is_at("SAVEPOINT") and c.tokens.kinds[c.at + 1] in (WORD, QUOTED):
        c.at += 1
    return c.name()
