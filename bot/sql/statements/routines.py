"""Functions, procedures and triggers.

Manual: https://www.postgresql.org/docs/current/sql-createfunction.html and sql-createtrigger.html
"""

from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.names import Name
from bot.sql.grammar.constraints import attributes
from bot.sql.grammar.expressions import expression, operand
from bot.sql.grammar.types import KEYWORD_TYPES, data_type, parameter_type, returned_type
from bot.sql.statements.dispatch import Operations, statement
from bot.sql.statements.session import reset_name, setting
from bot.sql.text.cursor import Cursor
from bot.sql.text.keywords import NOT_TYPES
from bot.sql.text.tokens import NUMBER, QUOTED, STRING, WORD

_MODES = ("IN", "OUT", "INOUT", "VARIADIC")
_AFTER_A_NAME = KEYWORD_TYPES | {"INTERVAL", "SETOF", *_MODES}


def create_function(c: Cursor, *, or_replace: bool) -> op.CreateFunction:
    """What follows CREATE [OR REPLACE]; the caller adds the definition."""
    procedure = c.need_any("FUNCTION", "PROCEDURE") == "PROCEDURE"
    name = c.function_name()
    types = parameters(c)
    returns = "" if procedure or not c.eat("RETURNS") else _returns(c)
    facts = _Facts()
    while _option(c, facts):
        pass
    if c.is_at_any("RETURN", "BEGIN"):
        facts.body = _sql_body(c)
    return op.CreateFunction(
        name,
        len(types),
        facts.language,
        facts.volatility,
        facts.body,
        or_replace,
        procedure,
        returns,
        tuple(facts.settings),
        types=types,
    )


class _Facts:
    """The options of a function read so far."""

    __slots__ = ("body", "language", "settings", "volatility")

    def __init__(self) -> None:
        self.language = "sql"
        self.volatility = "VOLATILE"
        self.body = ""
        self.settings: list[tuple[str, str]] = []


def parameters(c: Cursor) -> tuple[str, ...]:
    """The parameters in their parentheses; returns the types of those that a caller passes at most."""
    c.need("(")
    if c.eat(")"):
        return ()
    found = c.listed(_parameter)
    c.need(")")
    return tuple(of for mode, of in found if mode != "OUT")


def _parameter(c: Cursor) -> tuple[str, str]:
    """Its mode, "" where none is written, and its type by its name in pg_type."""
    mode = _mode(c)
    if _names_a_parameter(c):
        c.type_or_function_name()
        mode = mode or _mode(c)
    of = parameter_type(c)
    if c.eat("DEFAULT") or c.eat("="):
        operand(c)
    return mode, of


def _mode(c: Cursor) -> str:
    mode = c.eat_any(*_MODES)
    if mode == "IN" and c.eat("OUT"):
        return "INOUT"
    return mode


def _names_a_parameter(c: Cursor) -> bool:
    """Whether the word here is a parameter's name: then its type or mode follows."""
    if c.kind not in (WORD, QUOTED) or (c.kind == WORD and c.word in NOT_TYPES):
        return False
    if c.is_at("DOUBLE", "PRECISION"):
        return False
    after = c.ahead()
    return c.tokens.kinds[c.at + 1] in (WORD, QUOTED) and (after not in NOT_TYPES or after in _AFTER_A_NAME)


def _returns(c: Cursor) -> str:
    first = c.at
    if c.eat("TABLE"):
        c.in_parentheses(_table_column)
        return c.text(first)
    return returned_type(c)


def _table_column(c: Cursor) -> None:
    c.type_or_function_name()
    returned_type(c)


def _option(c: Cursor, facts: _Facts) -> bool:
    if c.eat("AS"):
        facts.body = c.string()
        if c.eat(","):
            c.string()
    elif c.eat("LANGUAGE"):
        facts.language = (c.string() if c.kind == STRING else c.plain_word()).lower()
    elif c.eat("TRANSFORM"):
        while True:
            c.need("FOR", "TYPE")
            data_type(c)
            if not c.eat(","):
                break
    elif c.eat("WINDOW"):
        pass
    elif c.is_at("SET"):
        c.need("SET")
        found = setting(c)
        facts.settings.append((found.setting, found.value or ""))
    else:
        word = function_property(c)
        if word in ("IMMUTABLE", "STABLE", "VOLATILE"):
            facts.volatility = word
        return word != ""
    return True


def function_property(c: Cursor) -> str:
    """One property that ALTER FUNCTION may change as well; returns its first word, "" where there is none."""
    if word := c.eat_any("IMMUTABLE", "STABLE", "VOLATILE", "STRICT", "LEAKPROOF"):
        return word
    if c.eat("CALLED") or c.eat("RETURNS", "NULL"):
        c.need("ON", "NULL", "INPUT")
        return "CALLED"
    if c.eat("EXTERNAL", "SECURITY") or c.eat("SECURITY"):
        return c.need_any("DEFINER", "INVOKER")
    if c.eat("NOT", "LEAKPROOF"):
        return "NOT"
    if word := c.eat_any("COST", "ROWS"):
        c.signed()
        return word
    if c.eat("SUPPORT"):
        c.qualified()
        return "SUPPORT"
    if c.eat("PARALLEL"):
        return "PARALLEL" if c.name() else ""
    if c.eat("SET"):
        setting(c)
        return "SET"
    if c.eat("RESET"):
        reset_name(c)
        return "RESET"
    return ""


def _sql_body(c: Cursor) -> str:
    """RETURN expression, or BEGIN ATOMIC ... END."""
    first = c.at
    if c.eat("RETURN"):
        operand(c)
        return c.text(first)
    c.need("BEGIN", "ATOMIC")
    while not c.eat("END"):
        if c.eat(";"):
            continue
        if c.eat("RETURN"):
            operand(c)
        else:
            statement(c)
        c.need(";")
    return c.text(first)


def create_trigger(c: Cursor, *, or_replace: bool) -> op.CreateTrigger:
    """What follows CREATE [OR REPLACE]: [CONSTRAINT] TRIGGER ...; the caller adds the definition."""
    constraint = c.eat("CONSTRAINT")
    c.need("TRIGGER")
    trigger = c.name()
    timing = c.need_any("BEFORE", "AFTER", "INSTEAD")
    if timing == "INSTEAD":
        c.need("OF")
        timing = "INSTEAD OF"
    if constraint and timing != "AFTER":
        c.fail()
    events, columns = _events(c)
    c.need("ON")
    table = c.qualified()
    from_table: Name | None = None
    if constraint:
        from_table = c.qualified() if c.eat("FROM") else None
        given = attributes(c)
        if given.not_valid or given.no_inherit or given.enforced is not None:
            c.fail("a constraint trigger can be neither NOT VALID nor NO INHERIT nor NOT ENFORCED")
    elif c.eat("REFERENCING"):
        _transitions(c)
    for_each_row = _for_each(c)
    if constraint and not for_each_row:
        c.fail()
    when = _when(c)
    c.need("EXECUTE")
    c.need_any("FUNCTION", "PROCEDURE")
    function = c.function_name()
    given = _trigger_arguments(c)
    return op.CreateTrigger(
        trigger,
        table,
        timing,
        events,
        function,
        columns,
        for_each_row,
        constraint,
        from_table,
        when,
        or_replace,
        given,
    )


def _events(c: Cursor) -> tuple[tuple[str, ...], tuple[str, ...]]:
    events: list[str] = []
    columns: tuple[str, ...] = ()
    while True:
        event = c.need_any("INSERT", "UPDATE", "DELETE", "TRUNCATE")
        if event in events:
            c.fail("a trigger names an event twice")
        events.append(event)
        if event == "UPDATE" and c.eat("OF"):
            columns = tuple(c.listed(Cursor.name))
        if not c.eat("OR"):
            return tuple(events), columns


def _transitions(c: Cursor) -> None:
    while c.eat_any("NEW", "OLD"):
        c.need_any("TABLE", "ROW")
        c.eat("AS")
        c.name()


def _for_each(c: Cursor) -> bool:
    if not c.eat("FOR"):
        return False
    c.eat("EACH")
    return c.need_any("ROW", "STATEMENT") == "ROW"


def _when(c: Cursor) -> Expression | None:
    if not c.eat("WHEN"):
        return None
    c.need("(")
    found = expression(c)
    c.need(")")
    return found


def _trigger_arguments(c: Cursor) -> tuple[str, ...]:
    c.need("(")
    if c.eat(")"):
        return ()
    given = c.listed(_trigger_argument)
    c.need(")")
    return tuple(given)


def _trigger_argument(c: Cursor) -> str:
    if c.kind in (STRING, NUMBER):
        value = c.value
        c.at += 1
        return value
    return c.label()


def create_event_trigger(c: Cursor) -> Operations:
    """What follows CREATE: EVENT TRIGGER ..."""
    c.need("EVENT", "TRIGGER")
    c.name()
    c.need("ON")
    c.label()
    if c.eat("WHEN"):
        while True:
            c.name()
            c.need("IN")
            c.in_parentheses(Cursor.string)
            if not c.eat("AND"):
                break
    c.need("EXECUTE")
    c.need_any("FUNCTION", "PROCEDURE")
    c.function_name()
    c.need("(", ")")
    return (op.Harmless("CREATE EVENT TRIGGER"),)


def signature(c: Cursor) -> Name:
    """A function with or without its argument types: function_with_argtypes."""
    return signature_with_types(c)[0]


def signature_with_types(c: Cursor) -> tuple[Name, tuple[str, ...] | None]:
    """The same with the types, None where only the name is given."""
    name = c.function_name() if c.ahead() == "(" or c.ahead() == "." else Name(c.plain_word())
    return name, parameters(c) if c.is_at("(") else None


def aggregate_signature(c: Cursor) -> Name:
    """An aggregate with its argument types, a star, or ORDER BY and more of them."""
    name = c.function_name()
    aggregate_arguments(c)
    return name


def aggregate_arguments(c: Cursor) -> None:
    c.need("(")
    if c.eat("*"):
        c.need(")")
        return
    modes: list[str] = []
    if not c.is_at("ORDER"):
        modes += (mode for mode, _ in c.listed(_parameter))
    if c.eat("ORDER", "BY"):
        modes += (mode for mode, _ in c.listed(_parameter))
    if "OUT" in modes or "INOUT" in modes:
        c.fail("an aggregate has no output parameters")
    c.need(")")
