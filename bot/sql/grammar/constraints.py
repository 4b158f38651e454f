"""Constraints of tables and domains, as a table element of their own."""

from dataclasses import dataclass, replace

from bot.core.language import operations as op
from bot.sql.grammar.expressions import expression
from bot.sql.grammar.index_elements import index_element
from bot.sql.grammar.options import Options, definition
from bot.sql.text.cursor import Cursor


@dataclass(slots=True)
class Attributes:
    """The attributes after a constraint; None is "not written"."""

    deferrable: bool | None = None
    initially_deferred: bool | None = None
    enforced: bool | None = None
    not_valid: bool = False
    no_inherit: bool = False


def is_constraint(c: Cursor) -> bool:
    """Whether a table constraint begins here, not a column."""
    if c.is_at_any("CONSTRAINT", "CHECK", "PRIMARY", "UNIQUE", "FOREIGN", "NOT"):
        return True
    return c.is_at("EXCLUDE") and c.ahead() in ("(", "USING")


def table_constraint(c: Cursor) -> op.Constraint:
    """[CONSTRAINT name] ... with the attributes after it."""
    name = c.name() if c.eat("CONSTRAINT") else None
    if c.eat("CHECK"):
        return _check(c, name)
    if c.eat("NOT", "NULL"):
        return _not_null(c, name)
    if c.eat("UNIQUE"):
        return _unique(c, name)
    if c.eat("PRIMARY", "KEY"):
        return _primary_key(c, name)
    if c.eat("FOREIGN", "KEY"):
        return _foreign_key(c, name)
    if c.eat("EXCLUDE"):
        return _exclusion(c, name)
    return c.fail()


def check_expression(c: Cursor, name: str | None) -> op.Check:
    """The parenthesised expression after CHECK."""
    c.need("(")
    found = expression(c)
    c.need(")")
    return op.Check(found, name)


def _check(c: Cursor, name: str | None) -> op.Check:
    check = check_expression(c, name)
    given = attributes(c)
    if given.deferrable or given.initially_deferred:
        c.fail("a CHECK constraint cannot be deferrable")
    return replace(check, not_valid=given.not_valid, no_inherit=given.no_inherit, enforced=given.enforced is not False)


def _not_null(c: Cursor, name: str | None) -> op.NotNull:
    column = c.name()
    given = attributes(c)
    if given.deferrable or given.initially_deferred or given.enforced is not None:
        c.fail("a NOT NULL constraint can be neither deferrable nor NOT ENFORCED")
    return op.NotNull(column, name, given.not_valid, given.no_inherit)


def _unique(c: Cursor, name: str | None) -> op.Unique:
    distinct = nulls_not_distinct(c)
    if c.is_at("USING", "INDEX"):
        if distinct:
            c.fail()
        index = _existing_index(c)
        deferrable, deferred = _deferral(c)
        return op.Unique((), name, using_index=index, deferrable=deferrable, initially_deferred=deferred)
    columns, overlaps = _key_columns(c)
    include = _include(c)
    options, tablespace = index_parameters(c)
    deferrable, deferred = _deferral(c)
    return op.Unique(columns, name, include, distinct, overlaps, None, deferrable, deferred, tablespace, options)


def _primary_key(c: Cursor, name: str | None) -> op.PrimaryKey:
    if c.is_at("USING", "INDEX"):
        index = _existing_index(c)
        deferrable, deferred = _deferral(c)
        return op.PrimaryKey((), name, using_index=index, deferrable=deferrable, initially_deferred=deferred)
    columns, overlaps = _key_columns(c)
    include = _include(c)
    options, tablespace = index_parameters(c)
    deferrable, deferred = _deferral(c)
    return op.PrimaryKey(columns, name, include, overlaps, None, deferrable, deferred, tablespace, options)


def _existing_index(c: Cursor) -> str:
    c.need("USING", "INDEX")
    return c.name()


def _key_columns(c: Cursor) -> tuple[tuple[str, ...], bool]:
    c.need("(")
    columns = tuple(c.listed(Cursor.name))
    overlaps = c.eat("WITHOUT", "OVERLAPS")
    c.need(")")
    return columns, overlaps


def _include(c: Cursor) -> tuple[str, ...]:
    return c.names() if c.eat("INCLUDE") else ()


def nulls_not_distinct(c: Cursor) -> bool:
    """NULLS [NOT] DISTINCT, if present."""
    if c.eat("NULLS", "NOT", "DISTINCT"):
        return True
    c.eat("NULLS", "DISTINCT")
    return False


def index_parameters(c: Cursor) -> tuple[Options, str | None]:
    """WITH (...) and USING INDEX TABLESPACE."""
    options = definition(c) if c.eat("WITH") else ()
    tablespace = c.name() if c.eat("USING", "INDEX", "TABLESPACE") else None
    return options, tablespace


def _foreign_key(c: Cursor, name: str | None) -> op.ForeignKey:
    columns, period = _period_columns(c)
    c.need("REFERENCES")
    key = references(c, columns, name)
    given = attributes(c)
    if given.no_inherit:
        c.fail("a foreign key cannot be NO INHERIT")
    return replace(
        key,
        deferrable=bool(given.deferrable),
        initially_deferred=bool(given.initially_deferred),
        not_valid=given.not_valid,
        enforced=given.enforced is not False,
        period=period,
    )


def _period_columns(c: Cursor) -> tuple[tuple[str, ...], bool]:
    c.need("(")
    columns = [c.name()]
    period = False
    while not period and c.eat(","):
        period = c.is_at("PERIOD") and c.ahead() not in (",", ")")
        if period:
            c.at += 1
        columns.append(c.name())
    c.need(")")
    return tuple(columns), period


def references(c: Cursor, columns: tuple[str, ...], name: str | None) -> op.ForeignKey:
    """The text after REFERENCES, up to the actions."""
    table = c.qualified()
    targets: tuple[str, ...] = ()
    if c.is_at("("):
        targets, _ = _period_columns(c)
    full = False
    if c.eat("MATCH"):
        full = c.need_any("FULL", "SIMPLE") == "FULL"
    actions: dict[str, str] = {}
    only: tuple[str, ...] = ()
    while c.is_at("ON") and c.ahead() in ("DELETE", "UPDATE") and c.ahead() not in actions:
        event = c.ahead()
        c.at += 2
        actions[event], chosen = _action(c)
        if chosen and event == "UPDATE":
            c.fail("a column list is possible only for ON DELETE SET NULL and SET DEFAULT")
        only = chosen or only
    return op.ForeignKey(
        columns,
        table,
        targets,
        name,
        actions.get("DELETE", "NO ACTION"),
        actions.get("UPDATE", "NO ACTION"),
        only,
        full,
    )


def _action(c: Cursor) -> tuple[str, tuple[str, ...]]:
    if c.eat("NO", "ACTION"):
        return "NO ACTION", ()
    if c.eat("SET"):
        word = c.need_any("NULL", "DEFAULT")
        return f"SET {word}", c.names_if_any()
    return c.need_any("RESTRICT", "CASCADE"), ()


def _exclusion(c: Cursor, name: str | None) -> op.Exclusion:
    method = c.name() if c.eat("USING") else "btree"
    elements = tuple(c.in_parentheses(_exclusion_element))
    include = _include(c)
    options, tablespace = index_parameters(c)
    where = None
    if c.eat("WHERE"):
        c.need("(")
        where = expression(c)
        c.need(")")
    deferrable, deferred = _deferral(c)
    return op.Exclusion(elements, name, method, include, where, deferrable, deferred, tablespace, options)


def _exclusion_element(c: Cursor) -> op.ExclusionElement:
    first = c.at
    element = index_element(c)
    c.need("WITH")
    operator = c.marked_operator()
    return op.ExclusionElement(c.text(first), element.expression, operator)


def _deferral(c: Cursor) -> tuple[bool, bool]:
    given = attributes(c)
    if given.not_valid or given.no_inherit or given.enforced is not None:
        c.fail("such a constraint can be neither NOT VALID nor NO INHERIT nor NOT ENFORCED")
    return bool(given.deferrable), bool(given.initially_deferred)


def attributes(c: Cursor) -> Attributes:
    """ConstraintAttributeSpec: in any order, without contradictions."""
    given = Attributes()
    while _attribute(c, given):
        pass
    if given.initially_deferred and given.deferrable is False:
        c.fail("INITIALLY DEFERRED needs DEFERRABLE")
    if given.initially_deferred and given.deferrable is None:
        given.deferrable = True
    return given


def _attribute(c: Cursor, given: Attributes) -> bool:
    if c.eat("NOT", "VALID"):
        given.not_valid = True
    elif c.eat("NO", "INHERIT"):
        given.no_inherit = True
    elif c.eat("NOT", "DEFERRABLE"):
        given.deferrable = _once(c, before=given.deferrable, now=False)
    elif c.eat("DEFERRABLE"):
        given.deferrable = _once(c, before=given.deferrable, now=True)
    elif c.eat("INITIALLY", "DEFERRED"):
        given.initially_deferred = _once(c, before=given.initially_deferred, now=True)
    elif c.eat("INITIALLY", "IMMEDIATE"):
        given.initially_deferred = _once(c, before=given.initially_deferred, now=False)
    elif c.eat("NOT", "ENFORCED"):
        given.enforced = _once(c, before=given.enforced, now=False)
    elif c.eat("ENFORCED"):
        given.enforced = _once(c, before=given.enforced, now=True)
    else:
        return False
    return True


def _once(c: Cursor, *, before: bool | None, now: bool) -> bool:
    if before is not None and before is not now:
        c.fail("the properties of the constraint contradict each other")
    return now
