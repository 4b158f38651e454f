"""The operands of operators: constants, columns, parentheses, CASE, rows, arrays and subqueries (c_expr)."""

from bot.core.language.names import Name
from bot.core.language.types import Type
from bot.sql.grammar import calls, expressions, queries, xml_json
from bot.sql.grammar.shapes import CONSTANT, NULL, OTHER, ColumnRef, Elements, Shape
from bot.sql.grammar.special_calls import KEYWORD_CALLS
from bot.sql.grammar.types import KEYWORD_TYPES, constant_type, interval, interval_fields, simple_type
from bot.sql.text.cursor import Cursor
from bot.sql.text.keywords import COLUMN_NAME, NOT_COLUMNS, NOT_TYPES
from bot.sql.text.tokens import BITS, NUMBER, PARAMETER, QUOTED, STRING, WORD


def primary(c: Cursor) -> Shape:
    """One operand without operators (c_expr)."""
    kind = c.kind
    if kind in (STRING, NUMBER, BITS):
        c.at += 1
        return CONSTANT
    if kind == PARAMETER:
        c.at += 1
        indirection(c)
        return OTHER
    if kind == QUOTED:
        return _named(c)
    if kind == WORD:
        return _word(c, c.word)
    if c.word == "(":
        return _parenthesised(c)
    return c.fail()


def _word(c: Cursor, word: str) -> Shape:
    if word in ("TRUE", "FALSE"):
        c.at += 1
        return CONSTANT
    if word == "NULL":
        c.at += 1
        return NULL
    ahead = c.ahead()
    # A word with a dot after it is a name, even one that otherwise has its own syntax: `interval.a`, `values.b`.
    if word not in NOT_COLUMNS and ahead == "." and word not in _STATEMENT_LIKE:
        return _named(c)
    # JSON(...) is a call, JSON alone a type or a name.
    if word == "JSON" and ahead == "(":
        xml_json.json_call(c)
        return OTHER
    if word in COLUMN_NAME and ahead != "(" and word not in KEYWORD_TYPES and word != "INTERVAL":
        return _named(c)
    special = _SPECIAL.get(word)
    if special is not None:
        return special(c)
    if word in KEYWORD_CALLS and not calls.is_plain_call(c):
        calls.keyword_call(c, word)
        return OTHER
    if word in KEYWORD_TYPES and _typed_literal_follows(c):
        return _typed_constant(c)
    if word == "DOUBLE" and ahead == "PRECISION":
        return _typed_constant(c)
    return _named(c)


_STATEMENT_LIKE = frozenset(("ROW", "EXISTS"))


def _typed_literal_follows(c: Cursor) -> bool:
    """`int '5'`, `varchar(3) 'abc'`: otherwise the key word of a type is the name of a column."""
    start = c.at
    words, kinds = c.tokens.words, c.tokens.kinds
    at = start + 1
    while words[at] in ("VARYING", "CHARACTER", "CHAR", "WITH", "WITHOUT", "TIME", "ZONE"):
        at += 1
    if words[at] == "(":
        at = c.match_of(at) + 1
        while at and words[at] in ("WITH", "WITHOUT", "TIME", "ZONE"):
            at += 1
    return kinds[at] == STRING


def _typed_constant(c: Cursor) -> Shape:
    start = c.offset()
    kind = constant_type(c) if c.word in KEYWORD_TYPES else simple_type(c)
    c.string()
    c.found.casts.append((kind, start, c.tokens.ends[c.at - 1]))
    return CONSTANT


def _interval(c: Cursor) -> Shape:
    """INTERVAL '1 day', INTERVAL '1' DAY, INTERVAL (3) '1 day'; otherwise a column of that name."""
    after = c.tokens.kinds[c.at + 1]
    if after != STRING and not (c.ahead() == "(" and c.tokens.kinds[c.match_of(c.at + 1) + 1] == STRING):
        return _named(c)
    start = c.offset()
    c.at += 1
    if c.is_at("("):
        kind = interval(c)
        c.string()
    else:
        c.string()
        fields, given = interval_fields(c)
        kind = Type("interval", modifiers=given, fields=fields)
    c.found.casts.append((kind, start, c.tokens.ends[c.at - 1]))
    return CONSTANT


def _named(c: Cursor) -> Shape:
    """A column, a function call, or a constant of a named type."""
    start = c.at
    first_word = c.word
    parts = [c.label()]
    while c.is_at(".") and c.ahead() != "*":
        c.at += 1
        parts.append(c.label())
    if c.word == "(" and (len(parts) > 1 or first_word not in NOT_TYPES):
        if len(parts) > 1 and first_word in NOT_COLUMNS:
            c.fail()
        return _called(c, start, parts)
    if c.kind == STRING and (len(parts) > 1 or first_word not in NOT_TYPES):
        return _constant_of(c, start)
    if first_word in NOT_COLUMNS:
        c.at = start
        c.fail()
    if len(parts) == 1 and c.word not in (".", "["):
        c.found.columns.append((parts[0], None, c.offset(start), c.tokens.ends[c.at - 1]))
        return ColumnRef(parts[0])
    if len(parts) > 1:
        c.found.columns.append((parts[-1], parts[-2], c.offset(start), c.tokens.ends[c.at - 1]))
    elif c.word == "[":
        c.found.columns.append((parts[0], None, c.offset(start), c.tokens.ends[c.at - 1]))
    if c.word not in (".", "["):
        return ColumnRef(parts[-1])
    indirection(c)
    return OTHER


def _called(c: Cursor, start: int, parts: list[str]) -> Shape:
    function = Name(parts[-1], parts[-2] if len(parts) > 1 else None)
    noted = len(c.found.calls)
    c.found.calls.append((function, 0, 0, 0))
    count = calls.arguments(c)
    if c.kind == STRING:
        # name(modifiers) 'literal' is a constant of that type, which only the literal shows: so it is read again as a
        # constant. gram.y reads func_arg_list there, too, and decides afterwards (AexprConst).
        del c.found.calls[noted]
        c.at = start
        return _constant_of(c, start)
    end = c.tokens.ends[c.at - 1]
    c.found.calls[noted] = (function, count, c.offset(start), end)
    calls.function_tail(c)
    return OTHER


def _constant_of(c: Cursor, start: int) -> Shape:
    """name 'literal' or name(modifiers) 'literal': a constant of a named type, read from the name on."""
    c.at = start
    kind = simple_type(c)
    c.string()
    c.found.casts.append((kind, c.offset(start), c.tokens.ends[c.at - 1]))
    return CONSTANT


def indirection(c: Cursor) -> None:
    """.field, .*, [subscript] and [slice:of]; nothing may follow a star."""
    while True:
        if c.eat("."):
            if c.eat("*"):
                if c.is_at_any(".", "["):
                    c.fail()
                return
            c.label()
        elif c.eat("["):
            _subscript(c)
        else:
            return


def _subscript(c: Cursor) -> None:
    empty = True
    if not c.is_at_any(":", "]"):
        expressions.skip_expression(c)
        empty = False
    if c.eat(":"):
        if not c.is_at("]"):
            expressions.skip_expression(c)
    elif empty:
        c.fail()
    c.need("]")


def _parenthesised(c: Cursor) -> Shape:
    if queries.is_query(c):
        queries.subquery(c)
        indirection(c)
        return OTHER
    c.need("(")
    shape = expressions.operand(c)
    if c.is_at(","):
        count = 1
        while c.eat(","):
            expressions.skip_expression(c)
            count += 1
        c.need(")")
        _overlaps(c, count)
        return OTHER
    c.need(")")
    if c.is_at_any(".", "["):
        indirection(c)
        return OTHER
    return shape


def _overlaps(c: Cursor, count: int) -> None:
    """OVERLAPS (c, d), if present (row OVERLAPS row, which gram.y has among a_expr)."""
    if not c.eat("OVERLAPS"):
        return
    if count != 2:
        c.fail("OVERLAPS compares pairs")
    c.eat("ROW")
    c.need("(")
    expressions.skip_expression(c)
    c.need(",")
    expressions.skip_expression(c)
    c.need(")")


def _row(c: Cursor) -> Shape:
    if c.ahead() != "(":
        c.fail()
    c.at += 2
    count = 0 if c.is_at(")") else len(c.listed(expressions.skip_expression))
    c.need(")")
    _overlaps(c, count)
    return OTHER


def _case(c: Cursor) -> Shape:
    c.need("CASE")
    if not c.is_at("WHEN"):
        expressions.operand(c)
    while True:
        c.need("WHEN")
        expressions.operand(c)
        c.need("THEN")
        expressions.operand(c)
        if not c.is_at("WHEN"):
            break
    if c.eat("ELSE"):
        expressions.operand(c)
    c.need("END")
    return OTHER


def _exists(c: Cursor) -> Shape:
    c.need("EXISTS")
    queries.subquery(c)
    return OTHER


def _array(c: Cursor) -> Shape:
    c.need("ARRAY")
    if c.is_at("("):
        queries.subquery(c)
        return OTHER
    return _elements(c)


def _elements(c: Cursor) -> Shape:
    c.deeper()
    c.need("[")
    first = c.at
    constants = True
    if not c.is_at("]"):
        nested = c.is_at("[")
        while True:
            if nested:
                _elements(c)
                constants = False
            else:
                constants = expressions.operand(c) is CONSTANT and constants
            if not c.eat(","):
                break
    last = c.at
    c.need("]")
    c.depth -= 1
    return Elements(first, last) if constants and last > first else OTHER


def _grouping(c: Cursor) -> Shape:
    c.need("GROUPING", "(")
    c.listed(expressions.skip_expression)
    c.need(")")
    return OTHER


def _cast_call(c: Cursor) -> Shape:
    start = c.offset()
    c.need("CAST", "(")
    shape = expressions.operand(c)
    c.need("AS")
    expressions.note_cast(c, start)
    c.need(")")
    target, _, _ = c.found.casts.pop()
    c.found.casts.append((target, start, c.tokens.ends[c.at - 1]))
    return shape if shape is CONSTANT or shape is NULL or isinstance(shape, Elements) else OTHER


_SPECIAL = {
    "CASE": _case,
    "EXISTS": _exists,
    "ARRAY": _array,
    "ROW": _row,
    "GROUPING": _grouping,
    "CAST": _cast_call,
    "INTERVAL": _interval,
}
