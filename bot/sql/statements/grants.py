"""GRANT and REVOKE, COMMENT, SECURITY LABEL, and the naming of objects by their kind.

Manual: https://www.postgresql.org/docs/current/sql-grant.html
"""

from collections.abc import Callable

from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.core.record import replace
from bot.sql.grammar.types import data_type
from bot.sql.statements.dispatch import Operations
from bot.sql.statements.other_objects import operator_types
from bot.sql.statements.routines import aggregate_signature, signature
from bot.sql.text.cursor import Cursor
from bot.sql.text.tokens import NUMBER, QUOTED, STRING, WORD

_IN_SCHEMA = {
    "TABLES": "TABLE",
    "SEQUENCES": "SEQUENCE",
    "FUNCTIONS": "FUNCTION",
    "PROCEDURES": "PROCEDURE",
    "ROUTINES": "ROUTINE",
}


def grant(c: Cursor) -> Operations:
    """GRANT and REVOKE, of privileges and of roles."""
    start = c.at
    revoke = c.need_any("GRANT", "REVOKE") == "REVOKE"
    if revoke:
        _option_for(c)
    columns = _privileges(c)
    if not c.eat("ON"):
        _roles(c, revoke=revoke)
        return (op.Harmless("REVOKE ROLE" if revoke else "GRANT ROLE"),)
    target = _target(c)
    _grantees(c, revoke=revoke)
    return (replace(target, revoke=revoke, columns=columns, definition=c.text(start)),)


def _option_for(c: Cursor) -> None:
    """GRANT OPTION FOR, ADMIN OPTION FOR, ..."""
    if c.ahead() == "OPTION" and c.ahead(2) == "FOR":
        c.at += 3


def _privileges(c: Cursor) -> bool:
    """ALL, or privileges (or roles) with or without columns; returns whether columns are named."""
    if c.eat("ALL"):
        c.eat("PRIVILEGES")
        return bool(c.names_if_any())
    columns = False
    while True:
        if c.is_at("ALTER", "SYSTEM"):
            c.at += 2
        elif not c.eat_any("SELECT", "REFERENCES", "CREATE"):
            c.name()
        columns = bool(c.names_if_any()) or columns
        if not c.eat(","):
            return columns


def _roles(c: Cursor, *, revoke: bool) -> None:
    c.need("FROM" if revoke else "TO")
    c.listed(Cursor.role)
    if not revoke and c.eat("WITH"):
        c.listed(_role_option)
    _granted_by(c)
    if revoke:
        c.cascade()


def _role_option(c: Cursor) -> None:
    c.label()
    if not c.eat_any("OPTION", "TRUE", "FALSE"):
        c.need("OPTION")


def _grantees(c: Cursor, *, revoke: bool) -> None:
    c.need("FROM" if revoke else "TO")
    c.listed(_grantee)
    if not revoke and c.eat("WITH"):
        c.need("GRANT", "OPTION")
    _granted_by(c)
    if revoke:
        c.cascade()


def _grantee(c: Cursor) -> None:
    if c.is_at("GROUP"):
        c.at += 1
    c.role()


def _granted_by(c: Cursor) -> None:
    if c.eat("GRANTED"):
        c.need("BY")
        c.role()


def _target(c: Cursor) -> op.Grant:
    """The objects of the privileges, as a Grant without its direction."""
    if c.is_at("ALL") and c.ahead() in _IN_SCHEMA:
        c.need("ALL")
        kind = _IN_SCHEMA[c.need_any(*_IN_SCHEMA)]
        c.need("IN", "SCHEMA")
        return op.Grant(revoke=False, all_in_schema=tuple(c.listed(Cursor.name)), kind=kind)
    for words in (("FOREIGN", "DATA", "WRAPPER"), ("FOREIGN", "SERVER")):
        if c.eat(*words):
            c.listed(Cursor.name)
            return op.Grant(revoke=False, kind=" ".join(words))
    if _begins_kind(c):
        kind = c.word
        c.at += 1
        return _of_kind(c, kind)
    c.eat("TABLE")
    return op.Grant(revoke=False, relations=tuple(c.listed(Cursor.qualified)))


_KINDS = (
    "SEQUENCE",
    "FUNCTION",
    "PROCEDURE",
    "ROUTINE",
    "DATABASE",
    "DOMAIN",
    "LANGUAGE",
    "LARGE",
    "PARAMETER",
    "SCHEMA",
    "TABLESPACE",
    "TYPE",
)


def _begins_kind(c: Cursor) -> bool:
    """Whether a kind is here, not a table of that name."""
    return c.is_at_any(*_KINDS) and c.tokens.kinds[c.at + 1] in (WORD, QUOTED) and c.ahead() not in ("TO", "FROM")


def _of_kind(c: Cursor, kind: str) -> op.Grant:
    match kind:
        case "SEQUENCE":
            return op.Grant(revoke=False, relations=tuple(c.listed(Cursor.qualified)), kind=kind)
        case "FUNCTION" | "PROCEDURE" | "ROUTINE":
            c.listed(signature)
        case "DOMAIN" | "TYPE":
            c.listed(Cursor.qualified)
        case "LARGE":
            c.need("OBJECT")
            c.listed(Cursor.signed)
            return op.Grant(revoke=False, kind="LARGE OBJECT")
        case "PARAMETER":
            c.listed(_parameter)
        case _:
            c.listed(Cursor.name)
    return op.Grant(revoke=False, kind=kind)


def _parameter(c: Cursor) -> None:
    c.name()
    while c.eat("."):
        c.name()


def default_privileges(c: Cursor) -> Operations:
    """The rest of ALTER DEFAULT PRIVILEGES."""
    while True:
        if c.eat("IN", "SCHEMA"):
            c.listed(Cursor.name)
        elif c.eat("FOR"):
            c.need_any("ROLE", "USER")
            c.listed(Cursor.role)
        else:
            break
    revoke = c.need_any("GRANT", "REVOKE") == "REVOKE"
    if revoke:
        _option_for(c)
    _privileges(c)
    c.need("ON")
    if not c.eat("LARGE", "OBJECTS"):
        c.need_any("TABLES", "FUNCTIONS", "ROUTINES", "SEQUENCES", "TYPES", "SCHEMAS")
    _grantees(c, revoke=revoke)
    return (op.Harmless("ALTER DEFAULT PRIVILEGES"),)


def comment(c: Cursor) -> Operations:
    c.need("COMMENT", "ON")
    kind, name, relation = described(c)
    c.need("IS")
    text = None if c.eat("NULL") else c.string()
    return (op.CommentOn(kind, name, relation, text),)


def security_label(c: Cursor) -> Operations:
    c.need("SECURITY", "LABEL")
    if c.eat("FOR"):
        c.string() if c.kind == STRING else c.plain_word()
    c.need("ON")
    described(c)
    c.need("IS")
    if not c.eat("NULL"):
        c.string()
    return (op.Harmless("SECURITY LABEL"),)


Described = tuple[str, str, Name | None]
"""Kind, name, and the relation concerned, if any."""


def described(c: Cursor) -> Described:
    """An object named by its kind."""
    for words, read in _KINDS_DESCRIBED.items():
        if c.eat(*words):
            return read(c, " ".join(words))
    return _rare(c)


def _relation(c: Cursor, kind: str) -> Described:
    name = c.qualified()
    return kind, str(name), name


def _plain(c: Cursor, kind: str) -> Described:
    return kind, c.name(), None


def _qualified(c: Cursor, kind: str) -> Described:
    return kind, str(c.qualified()), None


def _on_table(c: Cursor, kind: str) -> Described:
    name = c.name()
    c.need("ON")
    return kind, name, c.qualified()


def _routine(c: Cursor, kind: str) -> Described:
    return kind, str(signature(c)), None


def _column(c: Cursor, kind: str) -> Described:
    parts = c.dotted()
    if len(parts) < 2:
        c.fail("a column is named with its table")
    return kind, parts[-1], Name(parts[-2], parts[-3] if len(parts) > 2 else None)


def _constraint(c: Cursor, kind: str) -> Described:
    name = c.name()
    c.need("ON")
    if c.is_at("DOMAIN") and c.tokens.kinds[c.at + 1] in (WORD, QUOTED) and c.ahead() != "IS":
        c.at += 1
        c.qualified()
        return f"DOMAIN {kind}", name, None
    return kind, name, c.qualified()


_KINDS_DESCRIBED: dict[tuple[str, ...], Callable[[Cursor, str], Described]] = {
    ("TABLE",): _relation,
    ("FOREIGN", "TABLE"): _relation,
    ("VIEW",): _relation,
    ("MATERIALIZED", "VIEW"): _relation,
    ("SEQUENCE",): _relation,
    ("INDEX",): _qualified,
    ("COLUMN",): _column,
    ("CONSTRAINT",): _constraint,
    ("ACCESS", "METHOD"): _plain,
    ("DATABASE",): _plain,
    ("EVENT", "TRIGGER"): _plain,
    ("EXTENSION",): _plain,
    ("FOREIGN", "DATA", "WRAPPER"): _plain,
    ("LANGUAGE",): _plain,
    ("PROCEDURAL", "LANGUAGE"): _plain,
    ("PUBLICATION",): _plain,
    ("ROLE",): _plain,
    ("SCHEMA",): _plain,
    ("SERVER",): _plain,
    ("SUBSCRIPTION",): _plain,
    ("TABLESPACE",): _plain,
    ("COLLATION",): _qualified,
    ("CONVERSION",): _qualified,
    ("STATISTICS",): _qualified,
    ("TEXT", "SEARCH", "PARSER"): _qualified,
    ("TEXT", "SEARCH", "DICTIONARY"): _qualified,
    ("TEXT", "SEARCH", "TEMPLATE"): _qualified,
    ("TEXT", "SEARCH", "CONFIGURATION"): _qualified,
    ("TRIGGER",): _on_table,
    ("RULE",): _on_table,
    ("POLICY",): _on_table,
    ("FUNCTION",): _routine,
    ("PROCEDURE",): _routine,
    ("ROUTINE",): _routine,
}


def _rare(c: Cursor) -> Described:
    first = c.at
    if c.eat("AGGREGATE"):
        return "AGGREGATE", str(aggregate_signature(c)), None
    if kind := c.eat_any("TYPE", "DOMAIN"):
        return kind, str(data_type(c)), None
    if c.eat("CAST", "("):
        data_type(c)
        c.need("AS")
        data_type(c)
        c.need(")")
        return "CAST", c.text(first), None
    if c.eat("TRANSFORM"):
        c.need("FOR")
        data_type(c)
        c.need("LANGUAGE")
        c.name()
        return "TRANSFORM", c.text(first), None
    if c.eat("LARGE", "OBJECT"):
        if c.kind != NUMBER and not c.is_at_any("+", "-"):
            c.fail()
        return "LARGE OBJECT", c.signed(), None
    if c.eat("OPERATOR", "CLASS") or c.eat("OPERATOR", "FAMILY"):
        name = str(c.qualified())
        c.need("USING")
        c.name()
        return "OPERATOR CLASS", name, None
    c.need("OPERATOR")
    name = c.operator()
    operator_types(c)
    return "OPERATOR", name, None
