"""SQL/XML and SQL/JSON: calls and table functions with a syntax of their own.

Manual: https://www.postgresql.org/docs/current/functions-xml.html and functions-json.html
"""

from bot.sql.grammar import calls, expressions, primaries, queries
from bot.sql.grammar.precedence import B_EXPR
from bot.sql.grammar.special_calls import KEYWORD_CALLS
from bot.sql.grammar.types import data_type, simple_type
from bot.sql.text.cursor import Cursor
from bot.sql.text.tokens import WORD

_NO_FUNCTION = 0, ""


def _value(c: Cursor) -> None:
    """An expression with or without FORMAT JSON: json_value_expr."""
    expressions.operand(c)
    _format(c)


def _format(c: Cursor) -> None:
    """FORMAT JSON [ENCODING name], if present; its FORMAT is FORMAT_LA to PostgreSQL."""
    if c.eat("FORMAT", "JSON") and c.eat("ENCODING") and c.name() not in ("utf8", "utf16", "utf32"):
        c.fail("there is no such JSON encoding")


def _returning(c: Cursor) -> None:
    if c.eat("RETURNING"):
        data_type(c)
        _format(c)


def _on_null(c: Cursor) -> None:
    if not c.eat("NULL", "ON", "NULL"):
        c.eat("ABSENT", "ON", "NULL")


def _unique_keys(c: Cursor) -> None:
    if c.is_at_any("WITH", "WITHOUT") and c.ahead() == "UNIQUE":
        c.at += 2
        c.eat("KEYS")


def _passing(c: Cursor) -> None:
    if not c.eat("PASSING"):
        return
    while True:
        _value(c)
        c.need("AS")
        c.label()
        if not c.eat(","):
            return


def _wrapper(c: Cursor) -> None:
    if c.eat("WITHOUT"):
        c.eat("ARRAY")
        c.need("WRAPPER")
    elif c.eat("WITH"):
        c.eat_any("CONDITIONAL", "UNCONDITIONAL")
        c.eat("ARRAY")
        c.need("WRAPPER")


def _quotes(c: Cursor) -> None:
    if c.eat_any("KEEP", "OMIT"):
        c.need("QUOTES")
        if c.eat("ON"):
            c.need("SCALAR", "STRING")


def _behaviour(c: Cursor, times: int = 2) -> None:
    """ERROR ON EMPTY, DEFAULT x ON ERROR, ..."""
    while times and c.is_at_any("DEFAULT", "ERROR", "NULL", "TRUE", "FALSE", "UNKNOWN", "EMPTY"):
        times -= 1
        word = c.word
        c.at += 1
        if word == "DEFAULT":
            expressions.operand(c)
        elif word == "EMPTY":
            c.eat_any("ARRAY", "OBJECT")
        c.need("ON")
        c.need_any("ERROR", "EMPTY")


def _pair(c: Cursor) -> None:
    """key VALUE value, or key : value."""
    expressions.operand(c)
    if not c.eat("VALUE"):
        c.need(":")
    _value(c)


def _json_object(c: Cursor) -> tuple[int, str]:
    c.need("JSON_OBJECT", "(")
    if not c.is_at_any(")", "RETURNING"):
        calls.argument(c)
        if c.is_at_any("VALUE", ":"):
            c.at += 1
            _value(c)
            while c.eat(","):
                _pair(c)
            _on_null(c)
            _unique_keys(c)
        else:
            count = 1
            while c.eat(","):
                calls.argument(c)
                count += 1
            c.need(")")
            return count, "json_object"
    _returning(c)
    c.need(")")
    return _NO_FUNCTION


def _json_array(c: Cursor) -> tuple[int, str]:
    c.need("JSON_ARRAY", "(")
    if queries.begins_query(c):
        queries.query(c)
        _format(c)
    elif not c.is_at_any(")", "RETURNING"):
        c.listed(_value)
        _on_null(c)
    _returning(c)
    c.need(")")
    return _NO_FUNCTION


def json_call(c: Cursor) -> tuple[int, str]:
    """JSON(...): the word alone is a type, so the caller looks ahead."""
    c.need("JSON", "(")
    _value(c)
    _unique_keys(c)
    c.need(")")
    return _NO_FUNCTION


def _json_scalar(c: Cursor) -> tuple[int, str]:
    c.need("JSON_SCALAR", "(")
    expressions.operand(c)
    c.need(")")
    return _NO_FUNCTION


def _json_serialize(c: Cursor) -> tuple[int, str]:
    c.need("JSON_SERIALIZE", "(")
    _value(c)
    _returning(c)
    c.need(")")
    return _NO_FUNCTION


def _json_path(c: Cursor) -> tuple[int, str]:
    """JSON_QUERY, JSON_VALUE, JSON_EXISTS"""
    word = c.word
    c.at += 1
    c.need("(")
    _value(c)
    c.need(",")
    expressions.operand(c)
    _passing(c)
    if word != "JSON_EXISTS":
        _returning(c)
    if word == "JSON_QUERY":
        _wrapper(c)
        _quotes(c)
    _behaviour(c)
    c.need(")")
    return _NO_FUNCTION


def _json_aggregate(c: Cursor) -> tuple[int, str]:
    word = c.word
    c.at += 1
    c.need("(")
    if word == "JSON_OBJECTAGG":
        _pair(c)
        _on_null(c)
        _unique_keys(c)
    else:
        _value(c)
        if c.eat("ORDER", "BY"):
            c.listed(calls.sort_key)
        _on_null(c)
    _returning(c)
    c.need(")")
    return _NO_FUNCTION


def _xml_concat(c: Cursor) -> tuple[int, str]:
    c.need("XMLCONCAT")
    c.in_parentheses(expressions.skip_expression)
    return _NO_FUNCTION


def _attribute(c: Cursor) -> None:
    expressions.operand(c)
    if c.eat("AS"):
        c.label()


def _xml_forest(c: Cursor) -> tuple[int, str]:
    c.need("XMLFOREST")
    c.in_parentheses(_attribute)
    return _NO_FUNCTION


def _xml_element(c: Cursor) -> tuple[int, str]:
    c.need("XMLELEMENT", "(", "NAME")
    c.label()
    if c.eat(","):
        if c.eat("XMLATTRIBUTES"):
            c.in_parentheses(_attribute)
            if c.eat(","):
                c.listed(expressions.skip_expression)
        else:
            c.listed(expressions.skip_expression)
    c.need(")")
    return _NO_FUNCTION


def _xml_exists(c: Cursor) -> tuple[int, str]:
    c.need("XMLEXISTS", "(")
    primaries.primary(c)
    _xml_passing(c)
    c.need(")")
    return _NO_FUNCTION


def _xml_passing(c: Cursor) -> None:
    c.need("PASSING")
    _passing_mechanism(c)
    primaries.primary(c)
    _passing_mechanism(c)


def _passing_mechanism(c: Cursor) -> None:
    if c.is_at("BY") and c.ahead() in ("REF", "VALUE"):
        c.at += 2


def _xml_parse(c: Cursor) -> tuple[int, str]:
    c.need("XMLPARSE", "(")
    c.need_any("DOCUMENT", "CONTENT")
    expressions.operand(c)
    if c.eat_any("PRESERVE", "STRIP"):
        c.need("WHITESPACE")
    c.need(")")
    return _NO_FUNCTION


def _xml_pi(c: Cursor) -> tuple[int, str]:
    c.need("XMLPI", "(", "NAME")
    c.label()
    if c.eat(","):
        expressions.operand(c)
    c.need(")")
    return _NO_FUNCTION


def _xml_root(c: Cursor) -> tuple[int, str]:
    c.need("XMLROOT", "(")
    expressions.operand(c)
    c.need(",", "VERSION")
    if not c.eat("NO", "VALUE"):
        expressions.operand(c)
    if c.eat(",", "STANDALONE") and not c.eat("YES"):
        c.need("NO")
        c.eat("VALUE")
    c.need(")")
    return _NO_FUNCTION


def _xml_serialize(c: Cursor) -> tuple[int, str]:
    c.need("XMLSERIALIZE", "(")
    c.need_any("DOCUMENT", "CONTENT")
    expressions.operand(c)
    c.need("AS")
    simple_type(c)
    if c.eat("NO"):
        c.need("INDENT")
    else:
        c.eat("INDENT")
    c.need(")")
    return _NO_FUNCTION


KEYWORD_CALLS.update(
    {
        "JSON_OBJECT": _json_object,
        "JSON_ARRAY": _json_array,
        "JSON_SCALAR": _json_scalar,
        "JSON_SERIALIZE": _json_serialize,
        "JSON_QUERY": _json_path,
        "JSON_VALUE": _json_path,
        "JSON_EXISTS": _json_path,
        "JSON_OBJECTAGG": _json_aggregate,
        "JSON_ARRAYAGG": _json_aggregate,
        "XMLCONCAT": _xml_concat,
        "XMLFOREST": _xml_forest,
        "XMLELEMENT": _xml_element,
        "XMLEXISTS": _xml_exists,
        "XMLPARSE": _xml_parse,
        "XMLPI": _xml_pi,
        "XMLROOT": _xml_root,
        "XMLSERIALIZE": _xml_serialize,
    }
)


def xml_table(c: Cursor) -> None:
    """XMLTABLE(...) in FROM (xmltable)."""
    c.need("XMLTABLE", "(")
    if c.eat("XMLNAMESPACES", "("):
        while True:
            if c.eat("DEFAULT"):
                expressions.operand(c, restrictions=B_EXPR)
            else:
                expressions.operand(c, restrictions=B_EXPR)
                c.need("AS")
                c.label()
            if not c.eat(","):
                break
        c.need(")", ",")
    primaries.primary(c)
    _xml_passing(c)
    c.need("COLUMNS")
    c.listed(_xml_column)
    c.need(")")


def _xml_column(c: Cursor) -> None:
    c.name()
    if c.eat("FOR", "ORDINALITY"):
        return
    data_type(c)
    while not c.is_at_any(",", ")"):
        if c.eat("NOT"):
            c.need("NULL")
        elif not c.eat("NULL"):
            c.need_any("DEFAULT", "PATH")
            expressions.operand(c, restrictions=B_EXPR)


def json_table(c: Cursor) -> None:
    """JSON_TABLE(...) in FROM (json_table)."""
    c.need("JSON_TABLE", "(")
    _value(c)
    c.need(",")
    c.string()
    if c.eat("AS"):
        c.name()
    _passing(c)
    _json_columns(c)
    _behaviour(c, times=1)
    c.need(")")


def _json_columns(c: Cursor) -> None:
    c.deeper()
    c.need("COLUMNS")
    c.in_parentheses(_json_column)
    c.depth -= 1


def _json_column(c: Cursor) -> None:
    if c.is_at("NESTED") and (c.ahead() == "PATH" or c.tokens.kinds[c.at + 1] != WORD):
        c.at += 1
        c.eat("PATH")
        c.string()
        if c.eat("AS"):
            c.name()
        _json_columns(c)
        return
    c.name()
    if c.eat("FOR", "ORDINALITY"):
        return
    data_type(c)
    _format(c)
    exists = c.eat("EXISTS")
    if c.eat("PATH"):
        c.string()
    if not exists:
        _wrapper(c)
        _quotes(c)
    _behaviour(c, times=1 if exists else 2)
