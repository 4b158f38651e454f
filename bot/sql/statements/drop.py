"""DROP in all its forms."""

from collections.abc import Callable

from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.sql.grammar.types import data_type
from bot.sql.statements.dispatch import Operations
from bot.sql.statements.other_objects import operator_types
from bot.sql.statements.routines import aggregate_signature, signature_with_types
from bot.sql.text.cursor import Cursor


def drop(c: Cursor) -> Operations:
    c.need("DROP")
    for words, read in _READERS.items():
        if c.is_at(*words):
            c.at += len(words)
            return (read(c),)
    for words in _BY_NAME:
        if c.is_at(*words):
            c.at += len(words)
            return (_by_name(c, " ".join(words)),)
    return c.fail()


def _table(c: Cursor) -> op.Operation:
    if_exists = c.if_exists()
    return op.DropTable(_names(c), if_exists=if_exists, cascade=c.cascade())


def _names(c: Cursor) -> tuple[Name, ...]:
    return tuple(c.listed(Cursor.qualified))


def _view(c: Cursor) -> op.Operation:
    if_exists = c.if_exists()
    return op.DropView(_names(c), if_exists=if_exists, cascade=c.cascade())


def _materialized_view(c: Cursor) -> op.Operation:
    if_exists = c.if_exists()
    return op.DropView(_names(c), materialized=True, if_exists=if_exists, cascade=c.cascade())


def _sequence(c: Cursor) -> op.Operation:
    if_exists = c.if_exists()
    return op.DropSequence(_names(c), if_exists=if_exists, cascade=c.cascade())


def _index(c: Cursor) -> op.Operation:
    concurrently = c.eat("CONCURRENTLY")
    if_exists = c.if_exists()
    return op.DropIndex(_names(c), concurrently=concurrently, if_exists=if_exists, cascade=c.cascade())


def _schema(c: Cursor) -> op.Operation:
    if_exists = c.if_exists()
    return op.DropSchema(tuple(c.listed(Cursor.name)), if_exists=if_exists, cascade=c.cascade())


def _extension(c: Cursor) -> op.Operation:
    if_exists = c.if_exists()
    return op.DropExtension(tuple(c.listed(Cursor.name)), if_exists=if_exists, cascade=c.cascade())


def _type(c: Cursor) -> op.Operation:
    return _drop_types(c, domain=False)


def _domain(c: Cursor) -> op.Operation:
    return _drop_types(c, domain=True)


def _drop_types(c: Cursor, *, domain: bool) -> op.Operation:
    if_exists = c.if_exists()
    types = tuple(Name(kind.name, kind.schema) for kind in c.listed(data_type))
    return op.DropType(types, domain=domain, if_exists=if_exists, cascade=c.cascade())


def _routine(kind: str) -> Callable[[Cursor], op.Operation]:
    def read(c: Cursor) -> op.Operation:
        if_exists = c.if_exists()
        if kind == "AGGREGATE":
            functions, types = tuple(c.listed(aggregate_signature)), ()
        else:
            found = c.listed(signature_with_types)
            functions, types = tuple(name for name, _ in found), tuple(of for _, of in found)
        return op.DropFunction(functions, if_exists=if_exists, cascade=c.cascade(), kind=kind, types=types)

    return read


def _trigger(c: Cursor) -> op.Operation:
    if_exists = c.if_exists()
    name, table = _on_table(c)
    return op.DropTrigger(name, table, if_exists=if_exists, cascade=c.cascade())


def _rule(c: Cursor) -> op.Operation:
    if_exists = c.if_exists()
    name, table = _on_table(c)
    return op.DropRule(name, table, if_exists=if_exists, cascade=c.cascade())


def _policy(c: Cursor) -> op.Operation:
    if_exists = c.if_exists()
    name, table = _on_table(c)
    c.cascade()
    return op.DropPolicy(name, table, if_exists=if_exists)


def _on_table(c: Cursor) -> tuple[str, Name]:
    name = c.name()
    c.need("ON")
    return name, c.qualified()


def _owned(c: Cursor) -> op.Operation:
    roles = tuple(c.listed(Cursor.role))
    return op.OwnedBy("DROP", roles, cascade=c.cascade())


def _database(c: Cursor) -> op.Operation:
    c.if_exists()
    c.name()
    if c.eat("WITH") or c.is_at("("):
        c.in_parentheses(_force)
    return op.NoTransaction("DROP DATABASE")


def _force(c: Cursor) -> None:
    c.need("FORCE")


def _tablespace(c: Cursor) -> op.Operation:
    c.if_exists()
    c.name()
    return op.NoTransaction("DROP TABLESPACE")


def _subscription(c: Cursor) -> op.Operation:
    c.if_exists()
    c.name()
    c.cascade()
    return op.NoTransaction("DROP SUBSCRIPTION")


def _role(c: Cursor) -> op.Operation:
    c.if_exists()
    c.listed(Cursor.role)
    return op.Harmless("DROP ROLE")


def _user_mapping(c: Cursor) -> op.Operation:
    c.if_exists()
    c.need("FOR")
    if not c.eat("USER"):
        c.role()
    c.need("SERVER")
    c.name()
    return op.Harmless("DROP USER MAPPING")


def _cast(c: Cursor) -> op.Operation:
    if_exists = c.if_exists()
    first = c.at
    c.need("(")
    data_type(c)
    c.need("AS")
    data_type(c)
    c.need(")")
    return op.DropObject("CAST", (c.text(first),), if_exists=if_exists, cascade=c.cascade())


def _transform(c: Cursor) -> op.Operation:
    if_exists = c.if_exists()
    c.need("FOR")
    first = c.at
    data_type(c)
    c.need("LANGUAGE")
    c.name()
    return op.DropObject("TRANSFORM", (c.text(first),), if_exists=if_exists, cascade=c.cascade())


def _operator(c: Cursor) -> op.Operation:
    if_exists = c.if_exists()
    names = tuple(c.listed(_operator_with_types))
    return op.DropObject("OPERATOR", names, if_exists=if_exists, cascade=c.cascade())


def _operator_with_types(c: Cursor) -> str:
    name = c.operator()
    operator_types(c)
    return name


def _operator_group(kind: str) -> Callable[[Cursor], op.Operation]:
    def read(c: Cursor) -> op.Operation:
        if_exists = c.if_exists()
        name = str(c.qualified())
        c.need("USING")
        c.name()
        return op.DropObject(kind, (name,), if_exists=if_exists, cascade=c.cascade())

    return read


_READERS: dict[tuple[str, ...], Callable[[Cursor], op.Operation]] = {
    ("TABLE",): _table,
    ("INDEX",): _index,
    ("VIEW",): _view,
    ("MATERIALIZED", "VIEW"): _materialized_view,
    ("SEQUENCE",): _sequence,
    ("FOREIGN", "TABLE"): _table,
    ("TYPE",): _type,
    ("DOMAIN",): _domain,
    ("SCHEMA",): _schema,
    ("EXTENSION",): _extension,
    ("FUNCTION",): _routine("FUNCTION"),
    ("PROCEDURE",): _routine("PROCEDURE"),
    ("ROUTINE",): _routine("ROUTINE"),
    ("AGGREGATE",): _routine("AGGREGATE"),
    ("TRIGGER",): _trigger,
    ("RULE",): _rule,
    ("POLICY",): _policy,
    ("OWNED", "BY"): _owned,
    ("DATABASE",): _database,
    ("TABLESPACE",): _tablespace,
    ("SUBSCRIPTION",): _subscription,
    ("USER", "MAPPING"): _user_mapping,
    ("ROLE",): _role,
    ("USER",): _role,
    ("GROUP",): _role,
    ("CAST",): _cast,
    ("TRANSFORM",): _transform,
    ("OPERATOR", "CLASS"): _operator_group("OPERATOR CLASS"),
    ("OPERATOR", "FAMILY"): _operator_group("OPERATOR FAMILY"),
    ("OPERATOR",): _operator,
}
_BY_NAME = (
    ("ACCESS", "METHOD"),
    ("EVENT", "TRIGGER"),
    ("FOREIGN", "DATA", "WRAPPER"),
    ("PROCEDURAL", "LANGUAGE"),
    ("LANGUAGE",),
    ("PUBLICATION",),
    ("SERVER",),
    ("COLLATION",),
    ("CONVERSION",),
    ("STATISTICS",),
    ("TEXT", "SEARCH", "PARSER"),
    ("TEXT", "SEARCH", "DICTIONARY"),
    ("TEXT", "SEARCH", "TEMPLATE"),
    ("TEXT", "SEARCH", "CONFIGURATION"),
)
_QUALIFIED = ("COLLATION", "CONVERSION", "STATISTICS")


def _by_name(c: Cursor, kind: str) -> op.Operation:
    if_exists = c.if_exists()
    if kind in _QUALIFIED or kind.startswith("TEXT"):
        names = tuple(str(name) for name in c.listed(Cursor.qualified))
    else:
        names = tuple(c.listed(Cursor.name))
    return op.DropObject(kind, names, if_exists=if_exists, cascade=c.cascade())
