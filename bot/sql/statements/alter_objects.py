"""ALTER of objects that are not relations: functions, roles, databases, publications and the rest."""

from collections.abc import Callable

from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.sql.grammar.options import definition, foreign_options, storage_options
from bot.sql.grammar.types import data_type
from bot.sql.statements.alter_types import alter_domain, alter_type, common
from bot.sql.statements.create import policy_expressions
from bot.sql.statements.dispatch import Operations
from bot.sql.statements.grants import default_privileges, described
from bot.sql.statements.other_objects import (
    database_option,
    operator_class_item,
    operator_types,
    publication_objects,
    role_options,
    wrapper_options,
)
from bot.sql.statements.routines import aggregate_signature, function_property, signature
from bot.sql.statements.session import reset_name, setting
from bot.sql.text.cursor import Cursor
from bot.sql.text.tokens import NUMBER, STRING


def alter_object(c: Cursor) -> Operations:
    """The rest of an ALTER whose object is not a relation."""
    for words, read in _READERS.items():
        if c.is_at(*words):
            c.at += len(words)
            return read(c)
    return c.fail()


def _routine(kind: str) -> Callable[[Cursor], Operations]:
    def read(c: Cursor) -> Operations:
        name = signature(c)
        shared = common(c, kind, name)
        if shared is not None:
            return (shared,)
        if not function_property(c):
            c.fail()
        while function_property(c):
            pass
        c.eat("RESTRICT")
        return (op.Harmless(f"ALTER {kind}"),)

    return read


_IN_SCHEMAS = frozenset(
    (
        "COLLATION",
        "CONVERSION",
        "TEXT SEARCH CONFIGURATION",
        "TEXT SEARCH DICTIONARY",
        "TEXT SEARCH PARSER",
        "TEXT SEARCH TEMPLATE",
    )
)


def _named(kind: str, more: Callable[[Cursor, Name], op.Operation] | None = None) -> Callable[[Cursor], Operations]:
    """A kind with a name, the shared forms, and perhaps others."""

    def read(c: Cursor) -> Operations:
        name = c.qualified() if kind in _IN_SCHEMAS else Name(c.name())
        shared = common(c, kind, name)
        if shared is not None:
            return (shared,)
        if more is None:
            c.fail()
        return (more(c, name),)

    return read


def _aggregate(c: Cursor) -> Operations:
    shared = common(c, "AGGREGATE", aggregate_signature(c))
    return (shared,) if shared is not None else c.fail()


def _operator(c: Cursor) -> Operations:
    name = c.operator()
    operator_types(c)
    shared = common(c, "OPERATOR", Name(name))
    if shared is not None:
        return (shared,)
    c.need("SET")
    definition(c)
    return (op.Harmless("ALTER OPERATOR"),)


def _operator_group(kind: str) -> Callable[[Cursor], Operations]:
    def read(c: Cursor) -> Operations:
        name = c.qualified()
        c.need("USING")
        c.name()
        shared = common(c, kind, name)
        if shared is not None:
            return (shared,)
        if kind == "OPERATOR CLASS":
            c.fail()
        if c.eat("ADD"):
            c.listed(operator_class_item)
        else:
            c.need("DROP")
            c.listed(_family_member)
        return (op.Harmless(f"ALTER {kind}"),)

    return read


def _family_member(c: Cursor) -> None:
    c.need_any("OPERATOR", "FUNCTION")
    c.integer()
    c.in_parentheses(data_type)


def _role(c: Cursor) -> Operations:
    if c.eat("ALL"):
        _role_setting(c)
        return (op.Harmless("ALTER ROLE"),)
    name = c.role()
    if c.eat("RENAME", "TO"):
        return (op.RenameObject("ROLE", Name(name), c.name()),)
    if c.is_at_any("SET", "RESET") or c.is_at("IN", "DATABASE"):
        _role_setting(c)
        return (op.Harmless("ALTER ROLE"),)
    if c.eat_any("ADD", "DROP"):
        c.need("USER")
        c.listed(Cursor.role)
        return (op.Harmless("ALTER GROUP"),)
    c.eat("WITH")
    role_options(c)
    return (op.Harmless("ALTER ROLE"),)


def _role_setting(c: Cursor) -> None:
    if c.eat("IN", "DATABASE"):
        c.name()
    _set_or_reset(c)


def _set_or_reset(c: Cursor) -> None:
    if c.eat("SET"):
        setting(c)
    else:
        c.need("RESET")
        reset_name(c)


def _user_mapping(c: Cursor) -> Operations:
    c.need("FOR")
    if not c.eat("USER"):
        c.role()
    c.need("SERVER")
    c.name()
    foreign_options(c)
    return (op.Harmless("ALTER USER MAPPING"),)


def _database(c: Cursor, name: Name) -> op.Operation:
    if c.eat("REFRESH"):
        c.need("COLLATION", "VERSION")
    elif c.eat("SET", "TABLESPACE"):
        c.name()
        return op.NoTransaction("ALTER DATABASE SET TABLESPACE")
    elif c.is_at_any("SET", "RESET"):
        _set_or_reset(c)
    else:
        c.eat("WITH")
        while not c.is_done:
            database_option(c)
    return op.Harmless(f"ALTER DATABASE {name}")


def _tablespace(c: Cursor, name: Name) -> op.Operation:
    c.need_any("SET", "RESET")
    storage_options(c)
    return op.Harmless(f"ALTER TABLESPACE {name}")


def _policy(c: Cursor) -> Operations:
    if_exists = c.if_exists()
    name = c.name()
    c.need("ON")
    table = c.qualified()
    if c.eat("RENAME", "TO"):
        return (op.AlterPolicy(name, table, c.name()),)
    if if_exists:
        c.fail()
    if c.eat("TO"):
        c.listed(Cursor.role)
    using, with_check = policy_expressions(c)
    return (op.AlterPolicy(name, table, None, using, with_check),)


def _trigger(c: Cursor) -> Operations:
    name = c.name()
    c.need("ON")
    table = c.qualified()
    if c.eat("RENAME", "TO"):
        return (op.RenameTrigger(name, table, c.name()),)
    c.eat("NO")
    c.need("DEPENDS", "ON", "EXTENSION")
    c.name()
    return (op.Harmless("ALTER TRIGGER DEPENDS ON EXTENSION"),)


def _rule(c: Cursor) -> Operations:
    name = c.name()
    c.need("ON")
    table = c.qualified()
    c.need("RENAME", "TO")
    return (op.RenameRule(name, table, c.name()),)


def _publication(c: Cursor) -> Operations:
    name = c.name()
    shared = common(c, "PUBLICATION", Name(name))
    if shared is not None:
        return (op.AlterPublication(name, "OTHER") if isinstance(shared, op.Harmless) else shared,)
    action = c.need_any("ADD", "SET", "DROP")
    if action == "SET" and c.is_at("("):
        definition(c)
        return (op.AlterPublication(name, "OPTIONS"),)
    return (op.AlterPublication(name, action, publication_objects(c)),)


def _subscription(c: Cursor, name: Name) -> op.Operation:
    harmless = op.Harmless(f"ALTER SUBSCRIPTION {name}")
    if c.eat("CONNECTION"):
        c.string()
    elif c.eat_any("ENABLE", "DISABLE"):
        pass
    elif c.eat("SKIP"):
        definition(c)
    elif c.is_at("SET", "("):
        c.at += 1
        definition(c)
    elif c.eat("REFRESH"):
        c.need("PUBLICATION")
        _with_definition(c)
        return op.NoTransaction("ALTER SUBSCRIPTION REFRESH PUBLICATION")
    else:
        c.need_any("SET", "ADD", "DROP")
        c.need("PUBLICATION")
        c.listed(Cursor.name)
        if "refresh" not in {key for key, value in _with_definition(c) if value == "false"}:
            return op.NoTransaction("ALTER SUBSCRIPTION ... PUBLICATION")
    return harmless


def _with_definition(c: Cursor) -> tuple[tuple[str, str | None], ...]:
    return definition(c) if c.eat("WITH") else ()


def _server(c: Cursor, name: Name) -> op.Operation:
    version = c.eat("VERSION")
    if version and not c.eat("NULL"):
        c.string()
    if not foreign_options(c) and not version:
        c.fail()
    return op.Harmless(f"ALTER SERVER {name}")


def _wrapper(c: Cursor, name: Name) -> op.Operation:
    start = c.at
    wrapper_options(c)
    foreign_options(c)
    if c.at == start:
        c.fail()
    return op.Harmless(f"ALTER FOREIGN DATA WRAPPER {name}")


def _statistics(c: Cursor) -> Operations:
    if_exists = c.if_exists()
    name = c.qualified()
    shared = None if if_exists else common(c, "STATISTICS", name)
    if shared is not None:
        return (shared,)
    c.need("SET", "STATISTICS")
    if not c.eat("DEFAULT"):
        c.signed()
    return (op.Harmless("ALTER STATISTICS"),)


def _dictionary(c: Cursor, name: Name) -> op.Operation:
    definition(c)
    return op.Harmless(f"ALTER TEXT SEARCH DICTIONARY {name}")


def _configuration(c: Cursor, name: Name) -> op.Operation:
    change = c.need_any("ADD", "ALTER", "DROP")
    c.need("MAPPING")
    if change == "DROP":
        c.if_exists()
    if change == "ALTER" and c.eat("REPLACE"):
        _replacement(c)
    else:
        c.need("FOR")
        c.listed(Cursor.name)
        if change == "ALTER" and c.eat("REPLACE"):
            _replacement(c)
        elif change != "DROP":
            c.need("WITH")
            c.listed(Cursor.qualified)
    return op.Harmless(f"ALTER TEXT SEARCH CONFIGURATION {name}")


def _replacement(c: Cursor) -> None:
    c.qualified()
    c.need("WITH")
    c.qualified()


def _event_trigger(c: Cursor, name: Name) -> op.Operation:
    if not c.eat("DISABLE"):
        c.need("ENABLE")
        c.eat_any("REPLICA", "ALWAYS")
    return op.Harmless(f"ALTER EVENT TRIGGER {name}")


def _collation(c: Cursor, name: Name) -> op.Operation:
    c.need("REFRESH", "VERSION")
    return op.Harmless(f"ALTER COLLATION {name}")


def _extension(c: Cursor, name: Name) -> op.Operation:
    if c.eat("UPDATE"):
        if c.eat("TO"):
            c.string() if c.kind == STRING else c.plain_word()
        return op.Harmless(f"ALTER EXTENSION {name} UPDATE")
    c.need_any("ADD", "DROP")
    described(c)
    return op.Harmless(f"ALTER EXTENSION {name}")


def _large_object(c: Cursor) -> Operations:
    if c.kind != NUMBER:
        c.fail()
    c.signed()
    c.need("OWNER", "TO")
    c.role()
    return (op.Harmless("ALTER LARGE OBJECT"),)


def _system(c: Cursor) -> Operations:
    if c.eat("SET"):
        setting(c)
    else:
        c.need("RESET")
        reset_name(c)
    return (op.NoTransaction("ALTER SYSTEM"),)


_READERS: dict[tuple[str, ...], Callable[[Cursor], Operations]] = {
    ("TYPE",): alter_type,
    ("DOMAIN",): alter_domain,
    ("FUNCTION",): _routine("FUNCTION"),
    ("PROCEDURE",): _routine("PROCEDURE"),
    ("ROUTINE",): _routine("ROUTINE"),
    ("AGGREGATE",): _aggregate,
    ("OPERATOR", "CLASS"): _operator_group("OPERATOR CLASS"),
    ("OPERATOR", "FAMILY"): _operator_group("OPERATOR FAMILY"),
    ("OPERATOR",): _operator,
    ("USER", "MAPPING"): _user_mapping,
    ("ROLE",): _role,
    ("USER",): _role,
    ("GROUP",): _role,
    ("DATABASE",): _named("DATABASE", _database),
    ("TABLESPACE",): _named("TABLESPACE", _tablespace),
    ("SCHEMA",): _named("SCHEMA"),
    ("POLICY",): _policy,
    ("EVENT", "TRIGGER"): _named("EVENT TRIGGER", _event_trigger),
    ("TRIGGER",): _trigger,
    ("RULE",): _rule,
    ("PUBLICATION",): _publication,
    ("SUBSCRIPTION",): _named("SUBSCRIPTION", _subscription),
    ("SERVER",): _named("SERVER", _server),
    ("FOREIGN", "DATA", "WRAPPER"): _named("FOREIGN DATA WRAPPER", _wrapper),
    ("STATISTICS",): _statistics,
    ("TEXT", "SEARCH", "DICTIONARY"): _named("TEXT SEARCH DICTIONARY", _dictionary),
    ("TEXT", "SEARCH", "CONFIGURATION"): _named("TEXT SEARCH CONFIGURATION", _configuration),
    ("TEXT", "SEARCH", "PARSER"): _named("TEXT SEARCH PARSER"),
    ("TEXT", "SEARCH", "TEMPLATE"): _named("TEXT SEARCH TEMPLATE"),
    ("COLLATION",): _named("COLLATION", _collation),
    ("CONVERSION",): _named("CONVERSION"),
    ("EXTENSION",): _named("EXTENSION", _extension),
    ("PROCEDURAL", "LANGUAGE"): _named("LANGUAGE"),
    ("LANGUAGE",): _named("LANGUAGE"),
    ("LARGE", "OBJECT"): _large_object,
    ("SYSTEM",): _system,
    ("DEFAULT", "PRIVILEGES"): default_privileges,
}
