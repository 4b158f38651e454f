"""Expressions: the whole of a_expr and b_expr, checked as PostgreSQL's grammar checks it.

Nothing is built but what the core asks for: the places of columns, calls and casts are noted on the way, and the
top-level comparisons come back as shapes.
"""

from dataclasses import dataclass, field

from bot.core.language.expression import Call, CastTo, ColumnReference, Conjunct, Expression
from bot.core.record import record
from bot.sql.grammar.types import data_type
from bot.sql.text.cursor import Cursor, Mark
from bot.sql.text.tokens import END, NUMBER, OPERATOR, STRING, WORD


@record
class Column:
    name: str


@record
class Plain:
    """What needs no more than a word: a constant, NULL, or anything else."""

    word: str


@record
class Elements:
    """ARRAY[...] of constants; the tokens between the brackets."""

    first: int
    last: int


@record
class Comparison:
    """`operand` is the text of a constant."""

    column: str
    operator: str
    operand: str | None = None


@dataclass(slots=True)
class And:
    """Operands with their first token and the one behind them."""

    parts: list[tuple["Shape", int, int]] = field(default_factory=list)


Shape = Column | Plain | Elements | Comparison | And

CONSTANT = Plain("constant")
NULL = Plain("null")
OTHER = Plain("other")

# Binding strength, weakest first, as gram.y declares it.
(
    _OR,
    _AND,
    _NOT,
    _IS,
    _COMPARES,
    _MATCHES,
    _ANY_OPERATOR,
    _ADDS,
    _MULTIPLIES,
    _POWER,
    _ZONE,
    _COLLATES,
    _SIGN,
    _CASTS,
) = range(1, 15)
_LEVELS = {
    "OR": _OR,
    "AND": _AND,
    "IS": _IS,
    "ISNULL": _IS,
    "NOTNULL": _IS,
    "<": _COMPARES,
    ">": _COMPARES,
    "=": _COMPARES,
    "<=": _COMPARES,
    ">=": _COMPARES,
    "<>": _COMPARES,
    "BETWEEN": _MATCHES,
    "IN": _MATCHES,
    "LIKE": _MATCHES,
    "ILIKE": _MATCHES,
    "SIMILAR": _MATCHES,
    "NOT": _MATCHES,
    "OPERATOR": _ANY_OPERATOR,
    "+": _ADDS,
    "-": _ADDS,
    "*": _MULTIPLIES,
    "/": _MULTIPLIES,
    "%": _MULTIPLIES,
    "^": _POWER,
    "AT": _ZONE,
    "COLLATE": _COLLATES,
    "::": _CASTS,
}
_NOT_BINARY = frozenset(("(", ")", "[", "]", ",", ".", ";", ":", "..", ":=", "=>"))
_ENDS = frozenset((",", ")", "FROM", ";"))
_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "<>": "<>"}
_FORMS = ("NFC", "NFD", "NFKC", "NFKD")


def expression(c: Cursor) -> Expression:
    """An expression (a_expr) as a value of the core."""
    mark = c.mark()
    shape = operand(c)
    return noted(c, mark, shape)


def restricted_expression(c: Cursor) -> Expression:
    """An expression without AND, OR, IN, LIKE and the like at its top (b_expr), as after DEFAULT."""
    mark = c.mark()
    shape = operand(c, restricted=True)
    return noted(c, mark, shape)


def skip_expression(c: Cursor) -> None:
    """Checks an expression of which nothing but what it mentions is wanted."""
    if c.kind in (NUMBER, STRING) and c.ahead() in (",", ")"):
        c.at += 1
        return
    operand(c)


def noted(c: Cursor, mark: Mark, shape: Shape) -> Expression:
    """The expression between a mark and here."""
    base = c.offset(mark.at)
    tokens = c.tokens
    found = c.found
    parts = shape.parts if isinstance(shape, And) else [(shape, mark.at, c.at)]
    return Expression(
        text=c.text(mark.at),
        columns=tuple(ColumnReference(n, q, s - base, e - base) for n, q, s, e in found.columns[mark.columns :]),
        calls=tuple(Call(f, n, s - base, e - base) for f, n, s, e in found.calls[mark.calls :]),
        casts=tuple(CastTo(t, s - base, e - base) for t, s, e in found.casts[mark.casts :]),
        conjuncts=tuple(
            _conjunct(part, tokens.starts[first] - base, tokens.ends[last - 1] - base) for part, first, last in parts
        ),
        relations=tuple(dict.fromkeys(found.relations[mark.relations :])),
    )


def _conjunct(shape: Shape, start: int, end: int) -> Conjunct:
    if isinstance(shape, Comparison):
        return Conjunct(start, end, shape.column, shape.operator, shape.operand)
    return Conjunct(start, end)


def operand(c: Cursor, least: int = 0, restricted: bool = False) -> Shape:
    """An expression whose operators bind at least as strongly as `least`."""
    from bot.sql.grammar.primaries import primary

    c.deeper()
    first = c.at
    left = _prefixed(c, restricted)
    if left is None:
        left = primary(c, restricted)
    barred = 0
    while True:
        level = _level(c, restricted, least)
        if level < least or level == 0 or level == barred:
            break
        place = c.at
        left, open_ended = _applied(c, left, first, level, restricted)
        # A comparison does not associate: after `a = b` no further one may follow, but after `a IS NULL` it may.
        barred = level if open_ended and level in (_IS, _COMPARES, _MATCHES) else 0
        if c.at == place:  # pragma: no cover - every operator takes a token
            break
    c.depth -= 1
    return left


def _level(c: Cursor, restricted: bool, least: int) -> int:
    """How strongly the operator here binds, 0 where none stands or none is allowed."""
    word = c.word
    level = _LEVELS.get(word, 0)
    if level == 0:
        return _ANY_OPERATOR if c.kind == OPERATOR and word not in _NOT_BINARY else 0
    if c.kind == WORD:
        if c.ahead() in _ENDS or (c.ahead() == "" and c.tokens.kinds[c.at + 1] == END):
            if word in ("ISNULL", "NOTNULL"):
                return 0 if restricted else level
            # `SELECT a is FROM t`: with nothing behind it, the word is a label; not so behind a weaker operator.
            return 0 if least == 0 or level < least else c.fail()
        if word == "NOT":
            return _MATCHES if not restricted and c.ahead() in ("BETWEEN", "IN", "LIKE", "ILIKE", "SIMILAR") else 0
        if word == "OPERATOR":
            return level if c.ahead() == "(" else 0
        if word == "AT" and not (c.ahead() == "LOCAL" or (c.ahead() == "TIME" and c.ahead(2) == "ZONE")):
            return 0
        if word == "SIMILAR" and c.ahead() != "TO":
            return 0
        if restricted:
            after = c.ahead(2) if c.ahead() == "NOT" else c.ahead()
            return level if word == "IS" and after in ("DISTINCT", "DOCUMENT") else 0
    return level


def _prefixed(c: Cursor, restricted: bool) -> Shape | None:
    """An operand behind NOT, a sign or a prefix operator; None where there is none of them."""
    word = c.word
    if word == "NOT" and not restricted:
        c.at += 1
        return _negated(operand(c, _NOT))
    if c.kind == OPERATOR:
        if word in ("+", "-"):
            c.at += 1
            inner = operand(c, _SIGN, restricted)
            return CONSTANT if inner is CONSTANT else OTHER
        if word not in _LEVELS and word not in _NOT_BINARY:
            c.at += 1
            operand(c, _ANY_OPERATOR + 1, restricted)
            return OTHER
    elif word == "OPERATOR" and c.ahead() == "(":
        _named_operator(c)
        operand(c, _ANY_OPERATOR + 1, restricted)
        return OTHER
    elif word == "DEFAULT" and not restricted:
        c.at += 1
        return OTHER
    return None


def _negated(shape: Shape) -> Shape:
    if isinstance(shape, Comparison) and shape.operator in ("IS NULL", "IS NOT NULL"):
        return Comparison(shape.column, "IS NOT NULL" if shape.operator == "IS NULL" else "IS NULL")
    return OTHER


def _applied(c: Cursor, left: Shape, first: int, level: int, restricted: bool) -> tuple[Shape, bool]:
    """The operator here with its right side; also whether that side ends in an expression."""
    word = c.word
    if level == _AND:
        return _and(c, left, first), True
    if level == _IS:
        return _is(c, left, restricted)
    if level == _MATCHES:
        return _matches(c, left)
    if level == _CASTS:
        return _cast(c, left), False
    if level == _ZONE:
        return _zone(c), False
    if level == _COLLATES:
        c.at += 1
        c.qualified()
        return left, False
    if word == "OPERATOR":
        _named_operator(c)
    else:
        c.at += 1
    if level in (_COMPARES, _ANY_OPERATOR, _ADDS, _MULTIPLIES, _POWER) and not restricted:
        quantifier = c.word
        if quantifier in ("ANY", "SOME", "ALL"):
            return _quantified(c, left, word, quantifier), False
    start = c.at
    right = operand(c, level + 1, restricted)
    if level == _COMPARES:
        return _comparison(c, left, word, right, first, start), True
    return (CONSTANT if left is CONSTANT and right is CONSTANT and level > _NOT else OTHER), True


def _and(c: Cursor, left: Shape, first: int) -> Shape:
    together = left if isinstance(left, And) else And([(left, first, c.at)])
    c.at += 1
    start = c.at
    right = operand(c, _AND + 1)
    if isinstance(right, And):
        together.parts.extend(right.parts)
    else:
        together.parts.append((right, start, c.at))
    return together


def _comparison(c: Cursor, left: Shape, word: str, right: Shape, first: int, start: int) -> Shape:
    if isinstance(left, Column):
        return Comparison(left.name, word, c.text(start) if right is CONSTANT else None)
    if isinstance(right, Column):
        return Comparison(right.name, _FLIPPED[word], c.text(first, start - 1) if left is CONSTANT else None)
    return OTHER


def _is(c: Cursor, left: Shape, restricted: bool) -> tuple[Shape, bool]:
    column = left.name if isinstance(left, Column) else None
    word = c.need_any("IS", "ISNULL", "NOTNULL")
    negative = word == "NOTNULL" or (word == "IS" and c.eat("NOT"))
    operator = "IS NOT NULL" if negative else "IS NULL"
    if word != "IS" or c.eat("NULL"):
        return (Comparison(column, operator) if column is not None else OTHER), False
    if c.eat("DISTINCT", "FROM"):
        right = operand(c, _IS + 1, restricted)
        # To be distinct from NULL is to be not null.
        distinct = "IS NULL" if negative else "IS NOT NULL"
        return (Comparison(column, distinct) if column is not None and right is NULL else OTHER), True
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
        operand(c, _OR, restricted=True)
        c.need("AND")
        operand(c, _MATCHES + 1)
        return OTHER, True
    if word == "IN":
        return _in(c, left, negative), False
    if word == "SIMILAR":
        c.need("TO")
    elif c.word in ("ANY", "SOME", "ALL"):
        return _quantified(c, left, word, c.word), False
    operand(c, _MATCHES + 1)
    if c.eat("ESCAPE"):
        operand(c, _MATCHES + 1)
    return OTHER, True


def _in(c: Cursor, left: Shape, negative: bool) -> Shape:
    from bot.sql.grammar.queries import is_query, subquery

    if is_query(c):
        subquery(c)
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
    if isinstance(left, Column) and not negative:
        return Comparison(left.name, "IN", c.text(start) if constants else None)
    return OTHER


def _quantified(c: Cursor, left: Shape, operator: str, quantifier: str) -> Shape:
    """= ANY (...): of a query or of an array."""
    from bot.sql.grammar.queries import is_query, subquery

    c.at += 1
    if is_query(c):
        subquery(c)
        return OTHER
    c.need("(")
    array = operand(c)
    c.need(")")
    if isinstance(left, Column) and operator == "=" and quantifier != "ALL" and isinstance(array, Elements):
        return Comparison(left.name, "IN", f"({c.text(array.first, array.last)})")
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
    operand(c, _ZONE + 1)
    return OTHER


def _named_operator(c: Cursor) -> None:
    """OPERATOR(schema.+)"""
    c.need("OPERATOR", "(")
    operator_name(c)
    c.need(")")


def operator_name(c: Cursor) -> str:
    """An operator with or without a schema: any_operator."""
    first = c.at
    while c.kind != OPERATOR:
        c.name()
        c.need(".")
    if c.word in _NOT_BINARY or c.word == "::":
        c.fail()
    c.at += 1
    return c.text(first)
