"""The items of FROM: relations, joins, subqueries and table functions (table_ref)."""

from bot.core.language.names import Name
from bot.sql.grammar import calls, expressions, queries, xml_json
from bot.sql.grammar.special_calls import KEYWORD_CALLS
from bot.sql.grammar.types import data_type
from bot.sql.text.cursor import Cursor
from bot.sql.text.keywords import NOT_TYPES
from bot.sql.text.tokens import WORD

Sources = list[tuple[str, Name]]


def from_list(c: Cursor) -> Sources:
    """Every item of FROM (from_list); returns the relations of this level by the names used for them."""
    sources: Sources = []
    source(c, sources)
    while c.eat(","):
        source(c, sources)
    return sources


def source(c: Cursor, sources: Sources) -> None:
    """One item of FROM with its joins (table_ref)."""
    c.deeper()
    _single(c, sources)
    while _join(c, sources):
        pass
    c.depth -= 1


def _join(c: Cursor, sources: Sources) -> bool:
    """One JOIN after a source, if present (joined_table)."""
    if c.eat("CROSS"):
        c.need("JOIN")
        _single(c, sources)
        return True
    natural = c.eat("NATURAL")
    if not _join_type(c):
        return c.fail() if natural else False
    _single(c, sources)
    if not natural:
        _inner_joins(c, sources)
        _join_condition(c)
    return True


def _join_type(c: Cursor) -> bool:
    """[INNER | FULL | LEFT | RIGHT [OUTER]] JOIN, if present."""
    if c.eat_any("FULL", "LEFT", "RIGHT"):
        c.eat("OUTER")
        c.need("JOIN")
    elif c.eat("INNER"):
        c.need("JOIN")
    else:
        return c.eat("JOIN")
    return True


def _inner_joins(c: Cursor, sources: Sources) -> None:
    """`a JOIN b JOIN c ON x ON y`: a join whose condition is still missing takes those after it as its right side."""
    c.deeper()
    while not c.is_at_any("ON", "USING"):
        if not _join(c, sources):
            c.fail()
    c.depth -= 1


def _join_condition(c: Cursor) -> None:
    """ON or USING (join_qual)."""
    if c.eat("ON"):
        around, c.enclosed = c.enclosed, True
        expressions.operand(c)
        c.enclosed = around
        return
    c.need("USING")
    c.names()
    if c.eat("AS"):
        c.name()


def _single(c: Cursor, sources: Sources) -> None:
    lateral = c.eat("LATERAL")
    if c.is_at("("):
        if queries.is_query(c):
            around, c.enclosed = c.enclosed, c.enclosed or lateral
            queries.subquery(c)
            c.enclosed = around
            c.found.sources.append((alias(c), None))
            return
        if lateral:
            c.fail()
        _joined(c, sources)
    elif c.is_at("XMLTABLE", "("):
        xml_json.xml_table(c)
        c.found.sources.append((alias(c), None))
    elif c.is_at("JSON_TABLE", "("):
        xml_json.json_table(c)
        c.found.sources.append((alias(c), None))
    elif c.is_at("ROWS", "FROM", "("):
        _rows_from(c)
        c.found.sources.append((_ordinality_and_columns(c), None))
    elif not c.is_at("ONLY") and calls.begins_call(c):
        name = _function(c)
        c.found.sources.append((_ordinality_and_columns(c) or name, None))
    elif lateral:
        c.fail()
    else:
        _relation(c, sources)


def _joined(c: Cursor, sources: Sources) -> None:
    """A join in parentheses."""
    c.deeper()
    c.need("(")
    start = c.at
    _single(c, sources)
    nested = c.tokens.words[start] == "("
    joined = False
    while _join(c, sources):
        joined = True
    if not joined and not (nested and c.tokens.words[c.at - 1] == ")"):
        c.fail()
    c.need(")")
    c.depth -= 1
    alias(c)


def _relation(c: Cursor, sources: Sources) -> None:
    name, _ = c.relation()
    noted = queries.note_relation(c, name)
    called = alias(c) or name.name
    renamed = c.tokens.words[c.at - 1] == ")"
    c.found.sources.append((called, name if noted and not renamed else None))
    if noted:
        sources.append((called, name))
    if c.eat("TABLESAMPLE"):
        c.function_name()
        c.in_parentheses(expressions.skip_expression)
        if c.eat("REPEATABLE"):
            c.need("(")
            expressions.operand(c)
            c.need(")")


def alias(c: Cursor) -> str:
    """[AS] name [(columns)], if present (opt_alias_clause); "" where there is none."""
    if c.eat("AS") or c.is_at_name:
        name = c.name()
    else:
        return ""
    if c.is_at("("):
        c.names()
    return name


def _function(c: Cursor) -> str:
    """A function that is called; returns its name, "" for a key word."""
    if c.is_at("CAST", "(") or c.is_at("JSON", "("):
        expressions.skip_expression(c)
        return ""
    if c.kind == WORD and c.word in KEYWORD_CALLS and c.ahead() != "." and not calls.is_plain_call(c):
        calls.keyword_call(c, c.word)
        return ""
    start = c.at
    if c.ahead() != "." and c.kind == WORD and c.word in NOT_TYPES:
        c.fail()
    name = c.function_name()
    place = len(c.found.calls)
    count = calls.arguments(c)
    c.found.calls.insert(place, (name, count, c.offset(start), c.tokens.ends[c.at - 1]))
    function_tail_is_none(c)
    return name.name


def function_tail_is_none(c: Cursor) -> None:
    """In FROM, a call is neither filtered nor windowed: func_expr_windowless."""
    if c.is_at("FILTER", "(") or c.is_at("WITHIN", "GROUP"):
        calls.function_tail(c)
        c.fail("FILTER and WITHIN GROUP have no place in FROM")


def _rows_from(c: Cursor) -> None:
    c.need("ROWS", "FROM", "(")
    while True:
        _function(c)
        if c.eat("AS"):
            c.in_parentheses(_column)
        if not c.eat(","):
            break
    c.need(")")


def _ordinality_and_columns(c: Cursor) -> str:
    """What follows a function in FROM; returns the name that it is used by, "" where none is given."""
    # A WITH before ORDINALITY never begins anything else: PostgreSQL's lexer makes it another token (WITH_LA).
    c.eat("WITH", "ORDINALITY")
    if c.eat("AS"):
        if c.is_at("("):
            c.in_parentheses(_column)
            return ""
        name = c.name()
    elif c.is_at_name:
        name = c.name()
    else:
        return ""
    if c.is_at("("):
        if c.ahead(2) in (",", ")"):
            c.names()
        else:
            c.in_parentheses(_column)
    return name


def _column(c: Cursor) -> None:
    c.name()
    data_type(c)
    if c.eat("COLLATE"):
        c.qualified()
