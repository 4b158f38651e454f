"""The names of objects in a statement that no field of an operation holds: roles, collations, servers and the like.

Read from the tokens of a statement that its own production has accepted, by the forms that all kinds share: CREATE kind
name, DROP kind names, ALTER kind name RENAME TO, OWNER TO, SET SCHEMA, COMMENT ON kind name, and lists of roles.
"""

from collections.abc import Callable, Iterator
from dataclasses import fields

from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.core.language.operations.operation import FieldRole, Mention
from bot.core.record import replace
from bot.sql.grammar.types import data_type
from bot.sql.statements.dispatch import Operations
from bot.sql.statements.routines import signature_with_types
from bot.sql.text.cursor import Cursor
from bot.sql.text.tokens import Unreadable

Reference = tuple[Name, str | None]
"""A name, and what tells those of one name apart."""

_CREATED, _DROPPED, _RENAMED = FieldRole.CREATED, FieldRole.DROPPED, FieldRole.RENAMED


def with_mentions(c: Cursor, operations: Operations) -> Operations:
    """The operations of the statement that was read; the first that can hold mentions has them."""
    for at, operation in enumerate(operations):
        if isinstance(operation, op.CommentOn) and operation.relation is not None:
            continue
        if any(field.name == "mentions" for field in fields(operation)):  # type: ignore[arg-type]
            found = tuple(dict.fromkeys(_mentions(Cursor(c.sql, c.tokens))))
            return (
                (*operations[:at], replace(operation, mentions=found), *operations[at + 1 :]) if found else operations
            )
    return operations


def _mentions(c: Cursor) -> list[Mention]:
    try:
        match c.word:
            case "CREATE":
                return list(_created(c))
            case "DROP":
                return list(_dropped(c))
            case "ALTER":
                return list(_altered(c))
            case "COMMENT":
                c.at += 2
                return list(_named(c))
            case "GRANT" | "REVOKE":
                return list(_granted(c))
            case "REASSIGN":
                return [*_roles_after(c, "BY"), *_roles_after(c, "TO")]
            case _:
                return []
    except Unreadable:
        return []


def _plain(c: Cursor) -> Reference:
    return Name(c.name()), ""


def _role(c: Cursor) -> Reference:
    return Name(c.role()), ""


def _qualified(c: Cursor) -> Reference:
    return c.qualified(), ""


def _type(c: Cursor) -> Reference:
    found = data_type(c)
    return Name(found.name, found.schema), ""


def _routine(c: Cursor) -> Reference:
    name, types = signature_with_types(c)
    return name, None if types is None else ",".join(types)


def _on_table(c: Cursor) -> Reference:
    name = c.name()
    c.need("ON")
    return Name(name), str(c.qualified())


def _column(c: Cursor) -> Reference:
    parts = c.dotted()
    return Name(parts[-1]), str(Name(parts[-2], parts[-3] if len(parts) > 2 else None)) if len(parts) > 1 else ""


def _constraint(c: Cursor) -> Reference:
    name = c.name()
    c.need("ON")
    if c.is_at("DOMAIN") and c.ahead() != "IS":
        c.at += 1
    return Name(name), str(c.qualified())


def _with_method(c: Cursor) -> Reference:
    name = c.qualified()
    while not c.is_done and not c.eat("USING"):
        c.at += 1
    return name, c.name()


def _cast(c: Cursor) -> Reference:
    c.need("(")
    source = data_type(c)
    c.need("AS")
    target = data_type(c)
    c.need(")")
    return Name(str(source.name)), str(target.name)


def _operator(c: Cursor) -> Reference:
    name = c.operator()
    types: list[str] = []
    if c.is_at("("):
        c.at += 1
        for _ in range(2):
            types.append("" if c.eat("NONE") else data_type(c).name)
            c.eat(",")
        c.eat(")")
    return Name(name), ",".join(types)


def _mapping(c: Cursor) -> Reference:
    c.need("FOR")
    role = c.name() if c.eat("USER") and not c.is_at("SERVER") else c.role()
    c.need("SERVER")
    return Name(role), c.name()


def _transform(c: Cursor) -> Reference:
    c.need("FOR")
    type = data_type(c)
    c.need("LANGUAGE")
    return Name(type.name), c.name()


_READERS: dict[tuple[str, ...], Callable[[Cursor], Reference]] = {
    ("ROLE",): _role,
    ("USER", "MAPPING"): _mapping,
    ("USER",): _role,
    ("GROUP",): _role,
    ("SERVER",): _plain,
    ("FOREIGN", "DATA", "WRAPPER"): _plain,
    ("FOREIGN", "TABLE"): _qualified,
    ("DATABASE",): _plain,
    ("TABLESPACE",): _plain,
    ("PUBLICATION",): _plain,
    ("SUBSCRIPTION",): _plain,
    ("CAST",): _cast,
    ("TRANSFORM",): _transform,
    ("LANGUAGE",): _plain,
    ("CONVERSION",): _qualified,
    ("ACCESS", "METHOD"): _plain,
    ("AGGREGATE",): _routine,
    ("FUNCTION",): _routine,
    ("PROCEDURE",): _routine,
    ("ROUTINE",): _routine,
    ("OPERATOR", "CLASS"): _with_method,
    ("OPERATOR", "FAMILY"): _with_method,
    ("OPERATOR",): _operator,
    ("COLLATION",): _qualified,
    ("TEXT", "SEARCH", "PARSER"): _qualified,
    ("TEXT", "SEARCH", "DICTIONARY"): _qualified,
    ("TEXT", "SEARCH", "TEMPLATE"): _qualified,
    ("TEXT", "SEARCH", "CONFIGURATION"): _qualified,
    ("EVENT", "TRIGGER"): _plain,
    ("STATISTICS",): _qualified,
    ("EXTENSION",): _plain,
    ("SCHEMA",): _plain,
    ("TYPE",): _type,
    ("DOMAIN",): _type,
    ("TRIGGER",): _on_table,
    ("RULE",): _on_table,
    ("POLICY",): _on_table,
    ("CONSTRAINT",): _constraint,
    ("COLUMN",): _column,
    ("TABLE",): _qualified,
    ("VIEW",): _qualified,
    ("MATERIALIZED", "VIEW"): _qualified,
    ("SEQUENCE",): _qualified,
    ("INDEX",): _qualified,
}
_SAME = {"USER": "ROLE", "GROUP": "ROLE", "FOREIGN SERVER": "SERVER"}


def _kind(c: Cursor) -> tuple[str, Callable[[Cursor], Reference]] | None:
    c.eat("PROCEDURAL")
    for words, read in _READERS.items():
        if c.is_at(*words):
            c.at += len(words)
            return " ".join(words), read
    return None


def _created(c: Cursor) -> Iterator[Mention]:
    c.need("CREATE")
    while c.is_at_any("OR", "REPLACE", "TRUSTED", "DEFAULT"):
        c.at += 1
    found = _kind(c)
    if found is None:
        return
    kind, read = found
    guarded = c.if_not_exists()
    if kind == "AGGREGATE":
        name = c.function_name()
        yield Mention(kind, name, _CREATED, ",".join(_aggregate_types(c)), guarded)
        return
    if kind == "OPERATOR":
        name = Name(c.operator())
        yield Mention(kind, name, _CREATED, ",".join(_given_type(c, word) for word in ("LEFTARG", "RIGHTARG")))
        return
    if kind == "SCHEMA":
        yield from _after(c, ("AUTHORIZATION",), "ROLE")
        return
    name, of = read(c)
    yield Mention(_SAME.get(kind, kind), name, _CREATED, of, guarded)
    yield from _made_of(c, kind, name, of)


def _made_of(c: Cursor, kind: str, name: Name, of: str | None) -> Iterator[Mention]:
    """What the object that is created needs."""
    if kind == "USER MAPPING":
        yield from (*_of_role(name.name), Mention("SERVER", Name(of or "")))
    if kind == "SERVER":
        yield from _after(c, ("FOREIGN", "DATA", "WRAPPER"), "FOREIGN DATA WRAPPER")
    if kind == "COLLATION" and c.eat("FROM"):
        yield Mention("COLLATION", c.qualified())
    if kind == "PUBLICATION":
        yield from _after(c, ("TABLES", "IN", "SCHEMA"), "SCHEMA")
    if kind == "TEXT SEARCH CONFIGURATION":
        yield from _set_to(c, "COPY", kind)
        yield from _set_to(c, "PARSER", "TEXT SEARCH PARSER")
    if kind == "TEXT SEARCH DICTIONARY":
        yield from _set_to(c, "TEMPLATE", "TEXT SEARCH TEMPLATE")
    if kind in ("ROLE", "USER", "GROUP"):
        yield from _members(c)


def _aggregate_types(c: Cursor) -> list[str]:
    from bot.sql.statements.routines import parameters

    if c.is_at("(", "*"):
        return []
    return list(parameters(c))


def _given_type(c: Cursor, word: str) -> str:
    """The type after LEFTARG = or RIGHTARG =."""
    words = c.tokens.words
    for at in range(c.at, len(words) - 2):
        if words[at] == word and words[at + 1] == "=":
            inside = Cursor(c.sql, c.tokens, at + 2)
            return data_type(inside).name
    return ""


def _set_to(c: Cursor, word: str, kind: str) -> Iterator[Mention]:
    words = c.tokens.words
    for at in range(c.at, len(words) - 2):
        if words[at] == word and words[at + 1] == "=":
            yield Mention(kind, Cursor(c.sql, c.tokens, at + 2).qualified())


def _members(c: Cursor) -> Iterator[Mention]:
    while not c.is_done:
        if c.eat("IN", "ROLE") or c.eat("IN", "GROUP") or c.eat_any("ADMIN", "ROLE", "USER"):
            for role in c.listed(Cursor.role):
                yield from _of_role(role)
        else:
            c.at += 1


def _dropped(c: Cursor) -> Iterator[Mention]:
    c.need("DROP")
    if c.eat("OWNED", "BY"):
        for role in c.listed(Cursor.role):
            yield from _of_role(role)
        return
    found = _kind(c)
    if found is None:
        return
    kind, read = found
    guarded = c.if_exists()
    things = c.listed(read)
    cascade = c.cascade()
    for name, of in things:
        yield Mention(_SAME.get(kind, kind), name, _DROPPED, of, guarded, cascade)


def _altered(c: Cursor) -> Iterator[Mention]:
    c.need("ALTER")
    if c.eat("DEFAULT", "PRIVILEGES"):
        yield from _default_privileges(c)
        return
    found = _kind(c)
    if found is None:
        return
    kind, read = found
    guarded = c.if_exists()
    if kind in ("ROLE", "USER") and c.eat("ALL"):
        return
    name, of = read(c)
    thing = Mention(_SAME.get(kind, kind), name, of=of, guarded=guarded)
    if c.eat("RENAME", "TO"):
        yield replace(thing, role=_RENAMED, to=c.name())
        return
    if c.is_at("SET", "SCHEMA"):
        c.at += 2
        schema = c.name()
        yield replace(thing, role=_RENAMED, schema=schema)
        return
    yield thing
    if c.eat("OWNER", "TO"):
        yield from _of_role(c.role())
    if c.is_at("ADD", "USER") or c.is_at("DROP", "USER"):
        c.at += 2
        for role in c.listed(Cursor.role):
            yield from _of_role(role)


def _named(c: Cursor) -> Iterator[Mention]:
    """The object of COMMENT ON."""
    found = _kind(c)
    if found is not None:
        kind, read = found
        name, of = read(c)
        yield Mention(_SAME.get(kind, kind), name, of=of)


def _default_privileges(c: Cursor) -> Iterator[Mention]:
    while not c.is_at_any("GRANT", "REVOKE"):
        if c.eat("IN", "SCHEMA"):
            yield from (Mention("SCHEMA", Name(name)) for name in c.listed(Cursor.name))
        elif c.eat("FOR"):
            c.need_any("ROLE", "USER")
            for role in c.listed(Cursor.role):
                yield from _of_role(role)
        else:
            return
    yield from _grantees(c)


def _granted(c: Cursor) -> Iterator[Mention]:
    words = c.tokens.words
    on = next((at for at in range(c.at, len(words)) if words[at] == "ON"), -1)
    if on < 0:
        c.at += 1
        if not any(word in words for word in ("OPTION",)):
            for role in c.listed(Cursor.role):
                yield from _of_role(role)
    else:
        of_columns = _columns(Cursor(c.sql, c.tokens, c.at + 1), on)
        c.at = on + 1
        tables: list[Name] = []
        if c.eat("ALL"):
            c.at += 1
            c.need("IN", "SCHEMA")
            yield from (Mention("SCHEMA", Name(name)) for name in c.listed(Cursor.name))
        elif c.eat("FOREIGN", "SERVER"):
            yield from (Mention("SERVER", Name(name)) for name in c.listed(Cursor.name))
        elif (found := _kind(c)) is not None and c.word not in ("TO", "FROM", ",", "."):
            kind, read = found
            for name, of in c.listed(read):
                yield Mention(kind, name, of=of)
                tables.append(name)
        else:
            c.at = on + 1
            c.eat("TABLE")
            tables = c.listed(Cursor.qualified)
            yield from (Mention("RELATION", name) for name in tables)
        yield from (Mention("COLUMN", Name(column), of=str(table)) for column in of_columns for table in tables)
    yield from _grantees(c)


def _columns(c: Cursor, end: int) -> list[str]:
    """The columns in parentheses after privileges."""
    found: list[str] = []
    while c.at < end:
        if c.is_at("("):
            found += c.names_if_any()
        else:
            c.at += 1
    return found


def _grantees(c: Cursor) -> Iterator[Mention]:
    while not c.is_done and not c.is_at_any("TO", "FROM"):
        c.at += 1
    if not c.is_done:
        c.at += 1
        while True:
            c.eat("GROUP")
            yield from _of_role(c.role())
            if not c.eat(","):
                return


def _roles_after(c: Cursor, word: str) -> list[Mention]:
    while not c.is_done and not c.eat(word):
        c.at += 1
    return [mention for role in c.listed(Cursor.role) for mention in _of_role(role)] if not c.is_done else []


def _after(c: Cursor, words: tuple[str, ...], kind: str) -> Iterator[Mention]:
    while not c.is_done:
        if c.eat(*words):
            name = c.role() if kind == "ROLE" else c.name()
            yield from _of_role(name) if kind == "ROLE" else (Mention(kind, Name(name)),)
            return
        c.at += 1


def _of_role(name: str) -> Iterator[Mention]:
    if name.lower() not in ("public", "current_user", "session_user", "current_role"):
        yield Mention("ROLE", Name(name))
