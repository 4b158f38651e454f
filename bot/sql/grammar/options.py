"""Option lists: WITH (...), SET (...), the parentheses of EXPLAIN, VACUUM, COPY and similar statements."""

from bot.sql.grammar.types import returned_type
from bot.sql.text.cursor import Cursor
from bot.sql.text.keywords import RESERVED
from bot.sql.text.tokens import NUMBER, OPERATOR, QUOTED, STRING, WORD

Options = tuple[tuple[str, str | None], ...]


def storage_options(c: Cursor) -> Options:
    """(fillfactor = 70, toast.autovacuum_enabled): reloptions."""
    return tuple(c.in_parentheses(_storage_option))


def _storage_option(c: Cursor) -> tuple[str, str | None]:
    name = c.label()
    if c.eat("."):
        name = f"{name}.{c.label()}"
    return name, definition_value(c) if c.eat("=") else None


def definition(c: Cursor) -> Options:
    """(name = value, ...): the definition of an operator, type, text search object and the like."""
    return tuple(c.in_parentheses(_definition_element))


def _definition_element(c: Cursor) -> tuple[str, str | None]:
    return c.label(), definition_value(c) if c.eat("=") else None


def definition_value(c: Cursor) -> str:
    """A value: a type, a reserved word, an operator, a number, a string, NONE (def_arg)."""
    first = c.at
    if c.kind == STRING:
        return c.string()
    if c.kind == NUMBER or (c.is_at_any("+", "-") and c.tokens.kinds[c.at + 1] == NUMBER):
        return c.signed()
    if c.kind == OPERATOR or (c.word == "OPERATOR" and c.ahead() == "("):
        c.marked_operator()
        return c.text(first)
    if c.kind == WORD and c.word in RESERVED:
        c.at += 1
        return c.text(first)
    if c.eat("NONE"):
        return "none"
    return returned_type(c)


def option_list(c: Cursor, *, copying: bool = False) -> dict[str, str]:
    """(VERBOSE, FORMAT json, ...): utility options, names folded; "" where there is no value."""
    options: dict[str, str] = {}
    c.need("(")
    while True:
        if copying and c.is_at("FORMAT", "JSON"):
            c.fail()
        name = c.label() if copying or c.word in ("ANALYZE", "ANALYSE", "NULL", "DEFAULT") else c.plain_word()
        options[name] = _option_value(c)
        if not c.eat(","):
            break
    c.need(")")
    return options


def _option_value(c: Cursor) -> str:
    if c.is_at_any(",", ")"):
        return ""
    if c.eat("*"):
        return "*"
    if c.is_at("("):
        first = c.at
        c.need("(")
        while True:
            _option_word(c)
            if not c.eat(","):
                break
        c.need(")")
        return c.text(first)
    return _option_word(c)


def _option_word(c: Cursor) -> str:
    """A word, string or number: opt_boolean_or_string, NumericOnly."""
    if c.kind == STRING:
        return c.string()
    if c.kind == NUMBER or c.is_at_any("+", "-"):
        return c.signed()
    if c.word in ("TRUE", "FALSE", "ON", "DEFAULT"):
        return c.label()
    return c.plain_word()


def is_on(options: dict[str, str], name: str) -> bool:
    """Whether an option is given and not switched off."""
    return name in options and options[name].lower() not in ("false", "off", "0", "no")


def foreign_options(c: Cursor) -> bool:
    """OPTIONS ([ADD | SET | DROP] name 'value', ...), if present."""
    if not c.eat("OPTIONS"):
        return False
    c.in_parentheses(_foreign_option)
    return True


def _foreign_option(c: Cursor) -> None:
    # ADD, SET and DROP may be names themselves: then the value follows at once.
    if c.is_at("DROP") and c.tokens.kinds[c.at + 1] in (WORD, QUOTED):
        c.at += 1
        c.label()
        return
    if c.is_at_any("ADD", "SET") and c.tokens.kinds[c.at + 1] in (WORD, QUOTED):
        c.at += 1
    c.label()
    c.string()
