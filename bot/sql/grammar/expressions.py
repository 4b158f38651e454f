"""Expressions: the whole of a_expr and b_expr, checked as PostgreSQL's grammar checks it.

Only what the core needs is built: the places of columns, calls and casts are noted on the way, and the
top-level comparisons are returned as shapes.
"""

from bot.core.language.expression import CastTo, ColumnReference, Conjunct, Expression, FunctionCall
from bot.sql.grammar import precedence, primaries, queries
from bot.sql.grammar.precedence import A_EXPR, B_EXPR, Restrictions, level_here
from bot.sql.grammar.shapes import CONSTANT, NULL, OTHER, And, ColumnComparison, ColumnRef, Elements, Shape
from bot.sql.grammar.types import data_type
from bot.sql.text.cursor import Bookmark, Cursor
from bot.sql.text.tokens import NUMBER, OPERATOR, PUNCTUATION, STRING

_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "<>": "<>"}
_FORMS = ("NFC", "NFD", "NFKC", "NFKD")


def expression(c: Cursor) -> Expression:
    """An expression as a value of the core (a_expr)."""
    mark = c.mark()
    shape = operand(c)
    return noted(c, mark, shape)


def restricted_expression(c: Cursor) -> Expression:
    """An expression without AND, OR, IN, LIKE and the like at its top (b_expr), as after DEFAULT."""
    mark = c.mark()
    shape = operand(c, restrictions=B_EXPR)
    return noted(c, mark, shape)


def skip_expression(c: Cursor) -> None:
    """Checks an expression of which only the mentions are needed."""
    if c.kind in (NUMBER, STRING) and c.ahead() in (",", ")"):
        c.at += 1
        return
    operand(c)


def noted(c: Cursor, mark: Bookmark, shape: Shape) -> Expression:
    """The expression between a mark and here."""
    base = c.offset(mark.at)
    tokens = c.tokens
    found = c.found
    parts = shape.parts if isinstance(shape, And) else [(shape, mark.at, c.at)]
    return Expression(
        text=c.text(mark.at),
        columns=tuple(ColumnReference(n, q, s - base, e - base) for n, q, s, e in found.columns[mark.columns :]),
        calls=tuple(FunctionCall(f, n, s - base, e - base) for f, n, s, e in found.calls[mark.calls :]),
        casts=tuple(CastTo(t, s - base, e - base) for t, s, e in found.casts[mark.casts :]),
        conjuncts=tuple(
            _conjunct(part, tokens.starts[first] - base, tokens.ends[last - 1] - base) for part, first, last in parts
        ),
        relations=tuple(dict.fromkeys(found.relations[mark.relations :])),
    )


def _conjunct(shape: Shape, start: int, end: int) -> Conjunct:
    if isinstance(shape, ColumnComparison):
        return Conjunct(start, end, shape.column, shape.operator, shape.operand)
    return Conjunct(start, end)


def operand(c: Cursor, least: int = 0, restrictions: Restrictions = A_EXPR) -> Shape:
    """An expression whose operators bind at least as strongly as `least` (gram.y: a_expr, b_expr).

    An operator calls this for its right side with the next level, so that call takes what binds more strongly,
    and what binds as strongly or less is left to the loop of the caller: operators of one level associate to the left.
    """
    c.deeper()
    first = c.at
    left = _prefixed(c, restrictions)
    if left is None:
        left = primaries.primary(c)
    barred = 0
    while True:
        level = level_here(c, least, restrictions)
        if level < least or level == 0 or level == barred:
            break
        place = c.at
        left, open_ended = _applied(c, left, first, level, restrictions)
        # After `a = b` no further comparison may follow (%nonassoc), but it may after `a IS NULL`, which ends in no
        # expression.
        barred = level if open_ended and level in precedence.NOT_ASSOCIATIVE else 0
        if c.at == place:  # pragma: no cover - every operator takes a token
            break
    c.depth -= 1
    return left


def _prefixed(c: Cursor, restrictions: Restrictions) -> Shape | None:
    """An operand after NOT, a sign or a prefix operator; None where there is none."""
    word = c.word
    if word == "NOT" and not restrictions.symbols_only:
        c.at += 1
        return _negated(operand(c, precedence.NOT))
    if c.kind == OPERATOR:
        if word in ("+", "-"):
            c.at += 1
            inner = operand(c, precedence.SIGN, restrictions)
            return CONSTANT if inner is CONSTANT else OTHER
        if word not in precedence.LEVELS and word not in PUNCTUATION:
            c.at += 1
            operand(c, precedence.ANY_OPERATOR + 1, restrictions)
            return OTHER
    elif word == "OPERATOR" and c.ahead() == "(":
        c.marked_operator()
        operand(c, precedence.ANY_OPERATOR + 1, restrictions)
        return OTHER
    elif word == "DEFAULT" and not restrictions.symbols_only:
        # gram.y takes it anywhere in an a_expr, and PostgreSQL refuses it later where no column would get it.
        c.at += 1
        return OTHER
    return None


def _negated(shape: Shape) -> Shape:
    if isinstance(shape, ColumnComparison) and shape.operator in ("IS NULL", "IS NOT NULL"):
        return ColumnComparison(shape.column, "IS NOT NULL" if shape.operator == "IS NULL" else "IS NULL")
    return OTHER


def _applied(c: Cursor, left: Shape, first: int, level: int, restrictions: Restrictions) -> tuple[Shape, bool]:
    """The operator here with its right side; also returns whether that side ends in an expression."""
    match level:
        case precedence.AND:
            return _and(c, left, first), True
        case precedence.IS:
            return _is(c, left, restrictions)
        case precedence.MATCHES:
            return _matches(c, left)
        case precedence.CASTS:
            return _cast(c, left), False
        case precedence.ZONE:
            return _zone(c), False
        case precedence.COLLATES:
            c.at += 1
            c.qualified()
            return left, False
    return _binary(c, left, first, level, restrictions)


def _binary(c: Cursor, left: Shape, first: int, level: int, restrictions: Restrictions) -> tuple[Shape, bool]:
    """OR, a comparison, or any operator made of symbols."""
    word = c.word
    if word == "OPERATOR":
        c.marked_operator()
    else:
        c.at += 1
    if level in _QUANTIFIABLE and not restrictions.symbols_only:
        quantifier = c.word
        if quantifier in ("ANY", "SOME", "ALL"):
            return _quantified(c, left, word, quantifier), False
    start = c.at
    right = operand(c, level + 1, restrictions)
    if level == precedence.COMPARES:
        return _comparison(c, left, word, right, first, start), True
    return (CONSTANT if left is CONSTANT and right is CONSTANT and level > precedence.NOT else OTHER), True


_QUANTIFIABLE = (
    precedence.COMPARES,
    precedence.ANY_OPERATOR,
    precedence.ADDS,
    precedence.MULTIPLIES,
    precedence.POWER,
)


def _and(c: Cursor, left: Shape, first: int) -> Shape:
    together = left if isinstance(left, And) else And([(left, first, c.at)])
    c.at += 1
    start = c.at
    right = operand(c, precedence.AND + 1)
    if isinstance(right, And):
        together.parts.extend(right.parts)
    else:
        together.parts.append((right, start, c.at))
    return together


def _comparison(c: Cursor, left: Shape, word: str, right: Shape, first: int, start: int) -> Shape:
    if isinstance(left, ColumnRef):
        return ColumnComparison(left.name, word, c.text(start) if right is CONSTANT else None)
    if isinstance(right, ColumnRef):
        return ColumnComparison(right.name, _FLIPPED[word], c.text(first, start - 1) if left is CONSTANT else None)
    return OTHER


def _is(c: Cursor, left: Shape, restrictions: Restrictions) -> tuple[Shape, bool]:
    column = left.name if isinstance(left, ColumnRef) else None
    word = c.need_any("IS", "ISNULL", "NOTNULL")
    negative = word == "NOTNULL" or (word == "IS" and c.eat("NOT"))
    operator = "IS NOT NULL" if negative else "IS NULL"
    if word != "IS" or c.eat("NULL"):
        return (ColumnComparison(column, operator) if column is not None else OTHER), False
    if c.eat("DISTINCT", "FROM"):
        right = operand(c, precedence.IS + 1, restrictions)
        # Distinct from NULL means not null.
        distinct = "IS NULL" if negative else "IS NOT NULL"
        return (ColumnComparison(column, distinct) if column is not None and right is NULL else OTHER), True
    if c.eat_any("TRUE", "FALSE", "UNKNOWN", "DOCUMENT", "NORMALIZED"):
        return OTHER, False
    if c.eat("JSON"):
        c.eat_any("VALUE", "ARRAY", "OBJECT", "SCALAR")
        if c.eat_any("WITH", "WITHOUT"):
            c.need("UNIQUE")
            c.eat("KEYS")
        return OTHER, False
    if c.eat_any(*_FORMS):
        c.need("NORMALIZED")
        return OTHER, False
    return c.fail()


def _matches(c: Cursor, left: Shape) -> tuple[Shape, bool]:
    negative = c.eat("NOT")
    word = c.need_any("BETWEEN", "IN", "LIKE", "ILIKE", "SIMILAR")
    if word == "BETWEEN":
        c.eat_any("SYMMETRIC", "ASYMMETRIC")
        # b_expr, so that the AND after it is not read as a part of it.
        operand(c, precedence.OR, B_EXPR)
        c.need("AND")
        operand(c, precedence.MATCHES + 1)
        return OTHER, True
    if word == "IN":
        return _in(c, left, negative=negative), False
    if word == "SIMILAR":
        c.need("TO")
    elif c.word in ("ANY", "SOME", "ALL"):
        return _quantified(c, left, word, c.word), False
    operand(c, precedence.MATCHES + 1)
    if c.eat("ESCAPE"):
        operand(c, precedence.MATCHES + 1)
    return OTHER, True


def _in(c: Cursor, left: Shape, *, negative: bool) -> Shape:
    if queries.is_query(c):
        queries.subquery(c)
        return OTHER
    start = c.at
    c.need("(")
    constants = True
    while True:
        if c.kind in (NUMBER, STRING) and c.ahead() in (",", ")"):
            c.at += 1
        else:
            constants = operand(c) is CONSTANT and constants
        if not c.eat(","):
            break
    c.need(")")
    if isinstance(left, ColumnRef) and not negative:
        return ColumnComparison(left.name, "IN", c.text(start) if constants else None)
    return OTHER


def _quantified(c: Cursor, left: Shape, operator: str, quantifier: str) -> Shape:
    """= ANY (...): of a query or of an array."""
    c.at += 1
    if queries.is_query(c):
        queries.subquery(c)
        return OTHER
    c.need("(")
    array = operand(c)
    c.need(")")
    if isinstance(left, ColumnRef) and operator == "=" and quantifier != "ALL" and isinstance(array, Elements):
        return ColumnComparison(left.name, "IN", f"({c.text(array.first, array.last)})")
    return OTHER


def _cast(c: Cursor, left: Shape) -> Shape:
    start = c.offset()
    c.at += 1
    note_cast(c, start)
    return left if left is CONSTANT or left is NULL or isinstance(left, Elements) else OTHER


def note_cast(c: Cursor, start: int) -> None:
    """Reads a type and notes the cast to it; `start` is where the cast begins in the text."""
    target = data_type(c)
    c.found.casts.append((target, start, c.tokens.ends[c.at - 1]))


def _zone(c: Cursor) -> Shape:
    c.need("AT")
    if c.eat("LOCAL"):
        return OTHER
    c.need("TIME", "ZONE")
    operand(c, precedence.ZONE + 1)
    return OTHER
