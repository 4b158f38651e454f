"""CREATE: finds out which statement it is, and reads the common objects."""

from collections.abc import Callable
from dataclasses import replace

from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.names import Name
from bot.sql.grammar.columns import attribute, qualities
from bot.sql.grammar.expressions import expression, operand
from bot.sql.grammar.index_elements import index_element
from bot.sql.grammar.options import definition, storage_options
from bot.sql.grammar.queries import read_query
from bot.sql.grammar.sequences import sequence_options
from bot.sql.grammar.sources import from_list
from bot.sql.grammar.types import data_type
from bot.sql.statements.dispatch import Operations, statement
from bot.sql.statements.indexes import create_index
from bot.sql.statements.other_objects import OTHERS
from bot.sql.statements.routines import create_event_trigger, create_function, create_trigger
from bot.sql.statements.schemas import create_schema
from bot.sql.statements.tables import create_foreign_table, create_table, with_data
from bot.sql.text.cursor import Cursor
from bot.sql.text.tokens import STRING


def create(c: Cursor) -> Operations:
    start = c.at
    c.need("CREATE")
    or_replace = c.eat("OR", "REPLACE")
    if c.is_at_any("FUNCTION", "PROCEDURE"):
        function = create_function(c, or_replace=or_replace)
        return (replace(function, definition=c.text(start)),)
    if c.is_at("TRIGGER") or c.is_at("CONSTRAINT", "TRIGGER"):
        trigger = create_trigger(c, or_replace=or_replace)
        return (replace(trigger, definition=c.text(start)),)
    persistence = "permanent" if or_replace and not c.is_at_any(*_PERSISTENCE) else _persistence(c)
    if c.is_at("VIEW") or c.is_at("RECURSIVE", "VIEW"):
        return _view(c, persistence, or_replace=or_replace)
    if or_replace:
        return _replaceable(c)
    if c.eat("TABLE"):
        return create_table(c, persistence)
    if c.eat("SEQUENCE"):
        return _sequence(c, persistence)
    if persistence != "temporary" and c.eat("MATERIALIZED", "VIEW"):
        return _materialized_view(c)
    if persistence != "permanent":
        c.fail()
    return _plain(c)


_PERSISTENCE = ("TEMPORARY", "TEMP", "LOCAL", "GLOBAL", "UNLOGGED")


def _persistence(c: Cursor) -> str:
    word = c.eat_any(*_PERSISTENCE)
    if word in ("LOCAL", "GLOBAL"):
        c.need_any("TEMPORARY", "TEMP")
    return {"": "permanent", "UNLOGGED": "unlogged"}.get(word, "temporary")


def _replaceable(c: Cursor) -> Operations:
    """The other objects of CREATE OR REPLACE."""
    if c.is_at("RULE"):
        return _rule(c, or_replace=True)
    for words in (("AGGREGATE",), ("TRUSTED",), ("PROCEDURAL",), ("LANGUAGE",), ("TRANSFORM",)):
        if c.is_at(*words):
            return OTHERS[words](c)
    return c.fail()


def _plain(c: Cursor) -> Operations:
    if c.is_at("INDEX") or c.is_at("UNIQUE", "INDEX"):
        return create_index(c)
    if c.eat("FOREIGN", "TABLE"):
        return create_foreign_table(c)
    if c.is_at("EVENT", "TRIGGER"):
        return create_event_trigger(c)
    reader = _READERS.get(c.word)
    if reader is not None:
        return reader(c)
    for words, read in OTHERS.items():
        if c.is_at(*words):
            return read(c)
    return c.fail()


def _view(c: Cursor, persistence: str, *, or_replace: bool) -> Operations:
    if persistence == "unlogged":
        c.fail()
    recursive = c.eat("RECURSIVE")
    c.need("VIEW")
    view = c.qualified()
    if recursive:
        columns = tuple(c.names())
        c.scopes.append(frozenset((view.name,)))
    else:
        columns = tuple(c.names_if_any())
    options = storage_options(c) if c.eat("WITH") else ()
    c.need("AS")
    query = read_query(c)
    check_option = None
    if c.eat("WITH"):
        check_option = c.eat_any("CASCADED", "LOCAL") or "CASCADED"
        c.need("CHECK", "OPTION")
        if recursive:
            c.fail("WITH CHECK OPTION is not possible on a recursive view")
    return (
        op.CreateView(
            view,
            query,
            or_replace=or_replace,
            temporary=persistence == "temporary",
            recursive=recursive,
            columns=columns,
            options=options,
            check_option=check_option,
        ),
    )


def _materialized_view(c: Cursor) -> Operations:
    if_not_exists = c.if_not_exists()
    view = c.qualified()
    c.names_if_any()
    if c.eat("USING"):
        c.name()
    if c.eat("WITH"):
        storage_options(c)
    if c.eat("TABLESPACE"):
        c.name()
    c.need("AS")
    query = read_query(c)
    return (op.CreateMaterializedView(view, query, with_data=with_data(c), if_not_exists=if_not_exists),)


def _sequence(c: Cursor, persistence: str) -> Operations:
    if_not_exists = c.if_not_exists()
    sequence = c.qualified()
    options, owner = sequence_options(c)
    return (
        op.CreateSequence(
            sequence, owner, if_not_exists=if_not_exists, temporary=persistence == "temporary", options=options
        ),
    )


def _extension(c: Cursor) -> Operations:
    c.need("EXTENSION")
    if_not_exists = c.if_not_exists()
    extension = c.name()
    c.eat("WITH")
    schema: str | None = None
    while True:
        if c.eat("SCHEMA"):
            schema = c.name()
        elif c.eat("VERSION"):
            c.string() if c.kind == STRING else c.plain_word()
        elif not c.eat("CASCADE"):
            break
    return (op.CreateExtension(extension, if_not_exists, schema),)


def _domain(c: Cursor) -> Operations:
    c.need("DOMAIN")
    domain = c.qualified()
    c.eat("AS")
    kind = data_type(c)
    found = qualities(c, "value")
    checks = tuple(check for check in found.constraints if isinstance(check, op.Check))
    not_null = any(isinstance(constraint, op.NotNull) for constraint in found.constraints)
    if len(checks) + not_null < len({type(x) for x in found.constraints}) or found.generated or found.identity:
        c.fail("a domain has only CHECK, NOT NULL and DEFAULT")
    return (op.CreateDomain(domain, kind, found.default, not_null, checks, found.collation),)


def _type(c: Cursor) -> Operations:
    c.need("TYPE")
    name = c.qualified()
    if c.eat("AS", "ENUM"):
        c.need("(")
        labels = [] if c.is_at(")") else c.listed(Cursor.string)
        c.need(")")
        return (op.CreateEnum(name, tuple(labels)),)
    if c.eat("AS", "RANGE"):
        definition(c)
        return (op.CreateRange(name),)
    if c.eat("AS"):
        c.need("(")
        attributes = [] if c.is_at(")") else c.listed(attribute)
        c.need(")")
        return (op.CreateComposite(name, tuple(attributes)),)
    if c.is_at("("):
        definition(c)
    return (op.Harmless("CREATE TYPE"),)


def _policy(c: Cursor) -> Operations:
    c.need("POLICY")
    policy = c.name()
    c.need("ON")
    table = c.qualified()
    permissive = True
    if c.eat("AS"):
        word = c.value
        c.name()
        if word not in ("permissive", "restrictive"):
            c.fail("a policy is PERMISSIVE or RESTRICTIVE")
        permissive = word == "permissive"
    command = c.need_any("ALL", "SELECT", "INSERT", "UPDATE", "DELETE") if c.eat("FOR") else "ALL"
    roles = tuple(c.listed(Cursor.role)) if c.eat("TO") else ()
    using, with_check = policy_expressions(c)
    return (op.CreatePolicy(policy, table, using, with_check, command, permissive, roles),)


def policy_expressions(c: Cursor) -> tuple[Expression | None, Expression | None]:
    """USING (...) and WITH CHECK (...)."""
    using = with_check = None
    if c.eat("USING"):
        c.need("(")
        using = expression(c)
        c.need(")")
    if c.eat("WITH", "CHECK"):
        c.need("(")
        with_check = expression(c)
        c.need(")")
    return using, with_check


def _statistics(c: Cursor) -> Operations:
    c.need("STATISTICS")
    if_not_exists = c.if_not_exists()
    statistics: Name | None = None
    if not c.is_at_any("ON", "("):
        statistics = c.qualified()
    elif if_not_exists:
        c.fail()
    c.names_if_any()
    c.need("ON")
    elements = c.listed(_statistics_element)
    c.need("FROM")
    sources = from_list(c)
    table = sources[0][1] if sources else Name("")
    columns = tuple(reference.column for element in elements for reference in element.expression.columns)
    return (op.CreateStatistics(statistics, table, tuple(dict.fromkeys(columns)), if_not_exists),)


def _statistics_element(c: Cursor) -> op.IndexElement:
    element = index_element(c)
    if len(element.text) > len(element.expression.text) + 2 and not element.text.startswith("("):
        c.fail()
    if element.operator_class is not None or element.collation is not None:
        c.fail()
    return element


def _rule(c: Cursor, *, or_replace: bool = False) -> Operations:
    c.need("RULE")
    rule = c.name()
    c.need("AS", "ON")
    event = c.need_any("SELECT", "INSERT", "UPDATE", "DELETE")
    c.need("TO")
    table = c.qualified()
    if c.eat("WHERE"):
        operand(c)
    c.need("DO")
    instead = c.eat_any("ALSO", "INSTEAD") == "INSTEAD"
    if c.eat("NOTHING"):
        pass
    elif c.is_at("("):
        c.need("(")
        while not c.eat(")"):
            if c.eat(";"):
                continue
            _rule_action(c)
            if not c.is_at(")"):
                c.need(";")
    else:
        _rule_action(c)
    return (op.CreateRule(rule, table, event, or_replace=or_replace, instead=instead),)


def _rule_action(c: Cursor) -> None:
    if c.word not in ("SELECT", "INSERT", "UPDATE", "DELETE", "NOTIFY", "VALUES", "WITH", "TABLE", "("):
        c.fail()
    statement(c)


_READERS: dict[str, Callable[[Cursor], Operations]] = {
    "SCHEMA": create_schema,
    "EXTENSION": _extension,
    "DOMAIN": _domain,
    "TYPE": _type,
    "POLICY": _policy,
    "STATISTICS": _statistics,
    "RULE": _rule,
}
