"""CREATE of objects that no table depends on: roles, databases, publications, casts, operators and the like."""

from collections.abc import Callable

from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.sql.grammar.expressions import operand
from bot.sql.grammar.options import Options, definition, foreign_options, is_on, storage_options
from bot.sql.grammar.types import data_type
from bot.sql.statements.dispatch import Operations
from bot.sql.statements.routines import aggregate_arguments, signature
from bot.sql.text.cursor import Cursor, is_keyword
from bot.sql.text.tokens import NUMBER, STRING, WORD

_ROLE_WORDS = frozenset(
    """
    SUPERUSER NOSUPERUSER CREATEROLE NOCREATEROLE REPLICATION NOREPLICATION CREATEDB NOCREATEDB LOGIN NOLOGIN
    BYPASSRLS NOBYPASSRLS NOINHERIT INHERIT
    """.split()
)


def _role(c: Cursor) -> Operations:
    kind = c.need_any("ROLE", "USER", "GROUP")
    c.role()
    c.eat("WITH")
    role_options(c, creating=True)
    return (op.Harmless(f"CREATE {kind}"),)


def role_options(c: Cursor, *, creating: bool = False) -> None:
    """The options of CREATE and ALTER ROLE."""
    while _role_option(c, creating=creating):
        pass


def _role_option(c: Cursor, *, creating: bool) -> bool:
    if c.kind == WORD and c.word in _ROLE_WORDS:
        c.at += 1
    elif c.eat("PASSWORD") or c.eat("ENCRYPTED", "PASSWORD"):
        if not c.eat("NULL"):
            c.string()
    elif c.eat("CONNECTION", "LIMIT"):
        c.signed()
    elif c.eat("VALID", "UNTIL"):
        c.string()
    elif c.eat("USER"):
        c.listed(Cursor.role)
    elif creating and c.eat("SYSID"):
        c.integer()
    elif creating and (c.eat_any("ADMIN", "ROLE") or c.eat("IN", "ROLE") or c.eat("IN", "GROUP")):
        c.listed(Cursor.role)
    else:
        return False
    return True


def _user_mapping(c: Cursor) -> Operations:
    c.need("USER", "MAPPING")
    c.if_not_exists()
    c.need("FOR")
    if not c.eat("USER"):
        c.role()
    c.need("SERVER")
    c.name()
    foreign_options(c)
    return (op.Harmless("CREATE USER MAPPING"),)


def _server(c: Cursor) -> Operations:
    c.need("SERVER")
    c.if_not_exists()
    c.name()
    if c.eat("TYPE"):
        c.string()
    if c.eat("VERSION") and not c.eat("NULL"):
        c.string()
    c.need("FOREIGN", "DATA", "WRAPPER")
    c.name()
    foreign_options(c)
    return (op.Harmless("CREATE SERVER"),)


def _foreign_data_wrapper(c: Cursor) -> Operations:
    c.need("FOREIGN", "DATA", "WRAPPER")
    c.name()
    wrapper_options(c)
    foreign_options(c)
    return (op.Harmless("CREATE FOREIGN DATA WRAPPER"),)


def wrapper_options(c: Cursor) -> None:
    while True:
        if c.eat("NO"):
            c.need_any("HANDLER", "VALIDATOR")
        elif c.eat_any("HANDLER", "VALIDATOR"):
            c.qualified()
        else:
            return


def _database(c: Cursor) -> Operations:
    c.need("DATABASE")
    c.name()
    c.eat("WITH")
    while not c.is_done:
        database_option(c)
    return (op.NoTransaction("CREATE DATABASE"),)


def database_option(c: Cursor) -> None:
    """name [=] value, of CREATE and ALTER DATABASE."""
    if not c.eat("CONNECTION", "LIMIT"):
        c.name()
    c.eat("=")
    if c.eat("DEFAULT") or c.eat_any("TRUE", "FALSE", "ON"):
        return
    if c.kind == STRING:
        c.string()
    elif c.kind == NUMBER or c.is_at_any("+", "-"):
        c.signed()
    else:
        c.plain_word()


def _tablespace(c: Cursor) -> Operations:
    c.need("TABLESPACE")
    c.name()
    if c.eat("OWNER"):
        c.role()
    c.need("LOCATION")
    c.string()
    if c.eat("WITH"):
        storage_options(c)
    return (op.NoTransaction("CREATE TABLESPACE"),)


def _publication(c: Cursor) -> Operations:
    c.need("PUBLICATION")
    name = c.name()
    every = False
    tables: tuple[Name, ...] = ()
    if c.eat("FOR"):
        every = c.eat("ALL", "TABLES")
        tables = () if every else publication_objects(c)
    if c.eat("WITH"):
        definition(c)
    return (op.AlterPublication(name, "CREATE", tables, every),)


def publication_objects(c: Cursor) -> tuple[Name, ...]:
    """TABLE a, b WHERE (...), TABLES IN SCHEMA c: the tables."""
    tables: list[Name] = []
    in_schema: bool | None = None
    while True:
        if c.eat("TABLE"):
            in_schema = False
        elif c.is_at("TABLES", "IN", "SCHEMA"):
            c.at += 3
            in_schema = True
        if in_schema is None:
            c.fail()
        if in_schema:
            if not c.eat("CURRENT_SCHEMA"):
                c.name()
        else:
            tables.append(_published(c))
        if not c.eat(","):
            return tuple(tables)


def _published(c: Cursor) -> Name:
    table, _ = c.relation()
    c.names_if_any()
    if c.eat("WHERE"):
        c.need("(")
        operand(c)
        c.need(")")
    return table


def _subscription(c: Cursor) -> Operations:
    c.need("SUBSCRIPTION")
    c.name()
    c.need("CONNECTION")
    c.string()
    c.need("PUBLICATION")
    c.listed(Cursor.name)
    options: Options = definition(c) if c.eat("WITH") else ()
    given = {name: value if value is not None else "" for name, value in options}
    slot = all(is_on(given, name) for name in ("create_slot", "connect") if name in given)
    return (op.NoTransaction("CREATE SUBSCRIPTION") if slot else op.Harmless("CREATE SUBSCRIPTION"),)


def _cast(c: Cursor) -> Operations:
    c.need("CAST", "(")
    data_type(c)
    c.need("AS")
    data_type(c)
    c.need(")")
    if c.eat("WITHOUT"):
        c.need("FUNCTION")
    else:
        c.need("WITH")
        if not c.eat("INOUT"):
            c.need("FUNCTION")
            signature(c)
    if c.eat("AS"):
        c.need_any("IMPLICIT", "ASSIGNMENT")
    return (op.Harmless("CREATE CAST"),)


def _transform(c: Cursor) -> Operations:
    c.need("TRANSFORM", "FOR")
    data_type(c)
    c.need("LANGUAGE")
    c.name()
    c.need("(")
    first = c.need_any("FROM", "TO")
    c.need("SQL", "WITH", "FUNCTION")
    signature(c)
    if c.eat(","):
        c.need("TO" if first == "FROM" else "FROM")
        c.need("SQL", "WITH", "FUNCTION")
        signature(c)
    c.need(")")
    return (op.Harmless("CREATE TRANSFORM"),)


def _language(c: Cursor) -> Operations:
    """CREATE LANGUAGE; without a handler it is CREATE EXTENSION, as PostgreSQL treats it."""
    c.eat("TRUSTED")
    c.eat("PROCEDURAL")
    c.need("LANGUAGE")
    name = c.name()
    if not c.eat("HANDLER"):
        return (op.CreateExtension(name),)
    c.qualified()
    if c.eat("INLINE"):
        c.qualified()
    if c.eat("NO"):
        c.need("VALIDATOR")
    elif c.eat("VALIDATOR"):
        c.qualified()
    return (op.Harmless("CREATE LANGUAGE"),)


def _conversion(c: Cursor) -> Operations:
    c.eat("DEFAULT")
    c.need("CONVERSION")
    c.qualified()
    c.need("FOR")
    c.string()
    c.need("TO")
    c.string()
    c.need("FROM")
    c.qualified()
    return (op.Harmless("CREATE CONVERSION"),)


def _access_method(c: Cursor) -> Operations:
    c.need("ACCESS", "METHOD")
    c.name()
    c.need("TYPE")
    c.need_any("INDEX", "TABLE")
    c.need("HANDLER")
    c.qualified()
    return (op.Harmless("CREATE ACCESS METHOD"),)


def _aggregate(c: Cursor) -> Operations:
    c.need("AGGREGATE")
    c.function_name()
    old = c.is_at("(") and c.ahead(2) == "="
    if not old:
        aggregate_arguments(c)
    given = definition(c)
    if old and any(value is None or is_keyword(name.upper()) for name, value in given):
        c.fail()
    return (op.Harmless("CREATE AGGREGATE"),)


def _operator(c: Cursor) -> Operations:
    c.need("OPERATOR")
    c.operator()
    definition(c)
    return (op.Harmless("CREATE OPERATOR"),)


def _operator_class(c: Cursor) -> Operations:
    c.need("OPERATOR", "CLASS")
    c.qualified()
    c.eat("DEFAULT")
    c.need("FOR", "TYPE")
    data_type(c)
    c.need("USING")
    c.name()
    if c.eat("FAMILY"):
        c.qualified()
    c.need("AS")
    c.listed(operator_class_item)
    return (op.Harmless("CREATE OPERATOR CLASS"),)


def operator_class_item(c: Cursor) -> None:
    """OPERATOR n ..., FUNCTION n ... or STORAGE type."""
    if c.eat("STORAGE"):
        data_type(c)
        return
    if c.eat("OPERATOR"):
        c.integer()
        c.operator()
        if c.is_at("("):
            operator_types(c)
        if c.eat("FOR"):
            if c.eat("ORDER"):
                c.need("BY")
                c.qualified()
            else:
                c.need("SEARCH")
        return
    c.need("FUNCTION")
    c.integer()
    if c.is_at("("):
        c.in_parentheses(data_type)
    signature(c)


def operator_types(c: Cursor) -> None:
    """(left, right), NONE for a missing side."""
    c.need("(")
    prefix = c.eat("NONE")
    if not prefix:
        data_type(c)
    c.need(",")
    if prefix or not c.eat("NONE"):
        data_type(c)
    c.need(")")


def _operator_family(c: Cursor) -> Operations:
    c.need("OPERATOR", "FAMILY")
    c.qualified()
    c.need("USING")
    c.name()
    return (op.Harmless("CREATE OPERATOR FAMILY"),)


def _collation(c: Cursor) -> Operations:
    c.need("COLLATION")
    c.if_not_exists()
    c.qualified()
    if c.eat("FROM"):
        c.qualified()
    else:
        definition(c)
    return (op.Harmless("CREATE COLLATION"),)


def _text_search(c: Cursor) -> Operations:
    c.need("TEXT", "SEARCH")
    kind = c.need_any("PARSER", "DICTIONARY", "TEMPLATE", "CONFIGURATION")
    c.qualified()
    definition(c)
    return (op.Harmless(f"CREATE TEXT SEARCH {kind}"),)


OTHERS: dict[tuple[str, ...], Callable[[Cursor], Operations]] = {
    ("USER", "MAPPING"): _user_mapping,
    ("ROLE",): _role,
    ("USER",): _role,
    ("GROUP",): _role,
    ("SERVER",): _server,
    ("FOREIGN", "DATA", "WRAPPER"): _foreign_data_wrapper,
    ("DATABASE",): _database,
    ("TABLESPACE",): _tablespace,
    ("PUBLICATION",): _publication,
    ("SUBSCRIPTION",): _subscription,
    ("CAST",): _cast,
    ("TRANSFORM",): _transform,
    ("TRUSTED",): _language,
    ("PROCEDURAL",): _language,
    ("LANGUAGE",): _language,
    ("DEFAULT", "CONVERSION"): _conversion,
    ("CONVERSION",): _conversion,
    ("ACCESS", "METHOD"): _access_method,
    ("AGGREGATE",): _aggregate,
    ("OPERATOR", "CLASS"): _operator_class,
    ("OPERATOR", "FAMILY"): _operator_family,
    ("OPERATOR",): _operator,
    ("COLLATION",): _collation,
    ("TEXT", "SEARCH"): _text_search,
}
"""By the words after CREATE; the first match counts."""
