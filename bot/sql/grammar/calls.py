"""Function calls: their arguments, what may follow them, and the calls that have a syntax of their own."""

from bot.core.language.names import Name
from bot.sql.grammar import expressions
from bot.sql.grammar.precedence import B_EXPR
from bot.sql.grammar.special_calls import KEYWORD_CALLS, Read
from bot.sql.text.cursor import Cursor
from bot.sql.text.tokens import QUOTED, STRING, WORD


def arguments(c: Cursor) -> int:
    """The arguments of an ordinary call with their parentheses (func_application); returns their number."""
    c.need("(")
    if c.eat(")"):
        return 0
    if c.eat("*"):
        c.need(")")
        return 0
    if not c.eat("ALL"):
        c.eat("DISTINCT")
    count = 0
    while True:
        variadic = c.eat("VARIADIC")
        argument(c)
        count += 1
        if variadic or not c.eat(","):
            break
    if c.eat("ORDER", "BY"):
        c.listed(sort_key)
    c.need(")")
    return count


def argument(c: Cursor) -> None:
    """A value, or name => value (func_arg_expr)."""
    if c.kind in (WORD, QUOTED) and c.ahead() in (":=", "=>"):
        c.type_or_function_name()
        c.at += 1
    expressions.skip_expression(c)


def sort_key(c: Cursor) -> None:
    """An element of ORDER BY (sortby)."""
    expressions.operand(c)
    if c.eat("USING"):
        c.marked_operator()
    else:
        c.eat_any("ASC", "DESC")
    nulls_order(c)


def nulls_order(c: Cursor) -> None:
    """NULLS FIRST or LAST, if present. Before other words NULLS is a name; the lexer decides (NULLS_LA)."""
    if c.is_at("NULLS") and c.ahead() in ("FIRST", "LAST"):
        c.at += 2


def function_tail(c: Cursor) -> None:
    """WITHIN GROUP, FILTER and OVER after a call, if present (func_expr)."""
    if c.eat("WITHIN", "GROUP"):
        c.need("(", "ORDER", "BY")
        c.listed(sort_key)
        c.need(")")
    if c.is_at("FILTER", "("):
        c.at += 2
        c.need("WHERE")
        expressions.operand(c)
        c.need(")")
    if c.eat("OVER"):
        if c.is_at("("):
            window(c)
        else:
            c.name()


def window(c: Cursor) -> None:
    """A window in its parentheses (window_specification)."""
    c.need("(")
    # These four may name a window elsewhere. Here gram.y's precedence decides against the name, as it does for them
    # (%nonassoc ... PARTITION RANGE ROWS GROUPS, and opt_existing_window_name %prec Op).
    if c.is_at_name and c.word not in ("PARTITION", "RANGE", "ROWS", "GROUPS"):
        c.name()
    if c.eat("PARTITION", "BY"):
        c.listed(expressions.skip_expression)
    if c.eat("ORDER", "BY"):
        c.listed(sort_key)
    if c.eat_any("RANGE", "ROWS", "GROUPS"):
        _frame(c)
        if c.eat("EXCLUDE") and not (c.eat("CURRENT", "ROW") or c.eat("NO", "OTHERS")):
            c.need_any("GROUP", "TIES")
    c.need(")")


# Bounds from the first row of a partition to the last; a frame cannot end before it begins.
_FIRST, _PRECEDING, _CURRENT, _FOLLOWING, _LAST = range(5)


def _frame(c: Cursor) -> None:
    """The text after ROWS, RANGE or GROUPS."""
    if c.eat("BETWEEN"):
        start = _frame_bound(c)
        c.need("AND")
        end = _frame_bound(c)
    else:
        start, end = _frame_bound(c), _CURRENT
    if start == _LAST or end == _FIRST or start > end:
        c.fail("a window frame cannot end before it begins")


def _frame_bound(c: Cursor) -> int:
    if c.eat("CURRENT", "ROW"):
        return _CURRENT
    if c.is_at("UNBOUNDED") and c.ahead() in ("PRECEDING", "FOLLOWING"):
        c.at += 2
        return _FIRST if c.ahead(-1) == "PRECEDING" else _LAST
    expressions.operand(c)
    return _PRECEDING if c.need_any("PRECEDING", "FOLLOWING") == "PRECEDING" else _FOLLOWING


def begins_call(c: Cursor) -> bool:
    """Whether a call is here (func_expr_windowless), not a name. Consumes nothing."""
    if c.kind == WORD and c.word in KEYWORD_CALLS and (c.ahead() == "(" or not c.is_at_name):
        return True
    if c.kind != QUOTED and c.kind != WORD:
        return False
    words = c.tokens.words
    at = c.at + 1
    while words[at] == ".":
        at += 2
    return words[at] == "("


def is_plain_call(c: Cursor) -> bool:
    """Whether a key word that may name a function does so here: collation(x), current_schema(1)."""
    if c.word == "COLLATION":
        return c.ahead() != "FOR"
    if c.word == "CURRENT_SCHEMA":
        return (c.ahead() == "(" and c.ahead(2) != ")") or c.tokens.kinds[c.at + 1] == STRING
    return False


def keyword_call(c: Cursor, word: str) -> None:
    """A call whose name is a key word: COALESCE, EXTRACT, CURRENT_TIMESTAMP, ..."""
    start = c.offset()
    noted = len(c.found.calls)
    count, function = KEYWORD_CALLS[word](c)
    if function:
        c.found.calls.insert(noted, (Name(function), count, start, c.tokens.ends[c.at - 1]))
    if word in ("JSON_OBJECTAGG", "JSON_ARRAYAGG"):
        function_tail(c)


def _value(name: str, *, precise: bool = False) -> Read:
    def read(c: Cursor) -> tuple[int, str]:
        c.at += 1
        if precise and c.eat("("):
            c.integer()
            c.need(")")
        return 0, name

    return read


def _list_of(c: Cursor) -> tuple[int, str]:
    """COALESCE, GREATEST, LEAST, XMLCONCAT, which are not functions."""
    c.at += 1
    c.need("(")
    c.listed(expressions.skip_expression)
    c.need(")")
    return 0, ""


def _nullif(c: Cursor) -> tuple[int, str]:
    c.need("NULLIF", "(")
    expressions.operand(c)
    c.need(",")
    expressions.operand(c)
    c.need(")")
    return 0, ""


def _collation_for(c: Cursor) -> tuple[int, str]:
    c.need("COLLATION", "FOR", "(")
    expressions.operand(c)
    c.need(")")
    return 1, "pg_collation_for"


def _current_schema(c: Cursor) -> tuple[int, str]:
    c.at += 1
    if c.is_at("("):
        c.need("(", ")")
    return 0, "current_schema"


def _extract(c: Cursor) -> tuple[int, str]:
    c.need("EXTRACT", "(")
    if c.kind in (WORD, QUOTED):
        c.type_or_function_name()
    else:
        c.string()
    c.need("FROM")
    expressions.operand(c)
    c.need(")")
    return 2, "extract"


def _normalize(c: Cursor) -> tuple[int, str]:
    c.need("NORMALIZE", "(")
    expressions.operand(c)
    if c.eat(","):
        c.need_any("NFC", "NFD", "NFKC", "NFKD")
    c.need(")")
    return 2, "normalize"


def _overlay(c: Cursor) -> tuple[int, str]:
    c.need("OVERLAY", "(")
    if c.eat(")"):
        return 0, "overlay"
    argument(c)
    if not c.eat("PLACING"):
        return _rest(c, 1), "overlay"
    expressions.operand(c)
    c.need("FROM")
    expressions.operand(c)
    count = 4 if c.eat("FOR") else 3
    if count == 4:
        expressions.operand(c)
    c.need(")")
    return count, "overlay"


def _rest(c: Cursor, count: int) -> int:
    """More arguments after the first, as in an ordinary call."""
    while c.eat(","):
        argument(c)
        count += 1
    c.need(")")
    return count


def _position(c: Cursor) -> tuple[int, str]:
    c.need("POSITION", "(")
    expressions.operand(c, restrictions=B_EXPR)
    c.need("IN")
    expressions.operand(c, restrictions=B_EXPR)
    c.need(")")
    return 2, "position"


def _substring(c: Cursor) -> tuple[int, str]:
    c.need("SUBSTRING", "(")
    if c.eat(")"):
        return 0, "substring"
    argument(c)
    if c.eat("SIMILAR"):
        expressions.operand(c)
        c.need("ESCAPE")
        expressions.operand(c)
        c.need(")")
        return 3, "substring"
    if not c.is_at_any("FROM", "FOR"):
        return _rest(c, 1), "substring"
    count = 1
    first = c.need_any("FROM", "FOR")
    expressions.operand(c)
    count += 1
    if c.eat("FOR" if first == "FROM" else "FROM"):
        expressions.operand(c)
        count += 1
    c.need(")")
    return max(count, 2), "substring"


def _treat(c: Cursor) -> tuple[int, str]:
    start = c.offset()
    c.need("TREAT", "(")
    expressions.operand(c)
    c.need("AS")
    expressions.note_cast(c, start)
    c.need(")")
    return 0, ""


def _trim(c: Cursor) -> tuple[int, str]:
    c.need("TRIM", "(")
    side = c.eat_any("BOTH", "LEADING", "TRAILING")
    count = 1
    if not c.eat("FROM"):
        expressions.operand(c)
        count = 2 if c.eat_any("FROM", ",") else 0
    if count:
        c.listed(expressions.skip_expression)
    c.need(")")
    return max(count, 1), {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(side, "btrim")


def _merge_action(c: Cursor) -> tuple[int, str]:
    c.need("MERGE_ACTION", "(", ")")
    return 0, "merge_action"


KEYWORD_CALLS.update(
    {
        "COALESCE": _list_of,
        "GREATEST": _list_of,
        "LEAST": _list_of,
        "NULLIF": _nullif,
        "COLLATION": _collation_for,
        "CURRENT_DATE": _value("current_date"),
        "CURRENT_TIME": _value("current_time", precise=True),
        "CURRENT_TIMESTAMP": _value("current_timestamp", precise=True),
        "LOCALTIME": _value("localtime", precise=True),
        "LOCALTIMESTAMP": _value("localtimestamp", precise=True),
        "CURRENT_ROLE": _value("current_role"),
        "CURRENT_USER": _value("current_user"),
        "SESSION_USER": _value("session_user"),
        "SYSTEM_USER": _value("system_user"),
        "USER": _value("user"),
        "CURRENT_CATALOG": _value("current_catalog"),
        "CURRENT_SCHEMA": _current_schema,
        "EXTRACT": _extract,
        "NORMALIZE": _normalize,
        "OVERLAY": _overlay,
        "POSITION": _position,
        "SUBSTRING": _substring,
        "TREAT": _treat,
        "TRIM": _trim,
        "MERGE_ACTION": _merge_action,
    }
)
