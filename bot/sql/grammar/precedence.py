"""How strongly operators bind, and which are allowed where.

PostgreSQL declares the precedence of its operators at the head of gram.y (%left, %right, %nonassoc); the manual prints
the table: https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-PRECEDENCE
"""

from bot.core.record import record
from bot.sql.text.cursor import Cursor
from bot.sql.text.tokens import END, OPERATOR, PUNCTUATION, WORD

# Weakest first. ANY_OPERATOR is every operator that has no line of its own there, user-defined ones among them; SIGN is
# UMINUS, which + and - have before an operand.
(
    OR,
    AND,
    NOT,
    IS,
    COMPARES,
    MATCHES,
    ANY_OPERATOR,
    ADDS,
    MULTIPLIES,
    POWER,
    ZONE,
    COLLATES,
    SIGN,
    CASTS,
) = range(1, 15)
LEVELS = {
    "OR": OR,
    "AND": AND,
    "IS": IS,
    "ISNULL": IS,
    "NOTNULL": IS,
    "<": COMPARES,
    ">": COMPARES,
    "=": COMPARES,
    "<=": COMPARES,
    ">=": COMPARES,
    "<>": COMPARES,
    "BETWEEN": MATCHES,
    "IN": MATCHES,
    "LIKE": MATCHES,
    "ILIKE": MATCHES,
    "SIMILAR": MATCHES,
    "NOT": MATCHES,
    "OPERATOR": ANY_OPERATOR,
    "+": ADDS,
    "-": ADDS,
    "*": MULTIPLIES,
    "/": MULTIPLIES,
    "%": MULTIPLIES,
    "^": POWER,
    "AT": ZONE,
    "COLLATE": COLLATES,
    "::": CASTS,
}
"""Operators between two operands, or after one. NOT is here for NOT IN and the like, not for NOT before an operand."""

NOT_ASSOCIATIVE = (IS, COMPARES, MATCHES)
"""%nonassoc: `a < b < c` is an error."""

_ENDS = frozenset((",", ")", "FROM", ";"))
_NEGATED = ("BETWEEN", "IN", "LIKE", "ILIKE", "SIMILAR")


@record
class Restrictions:
    """What an expression may not have at its top, so that what may follow it is not read as a part of it."""

    symbols_only: bool = False
    """No operator that is a word, except IS DISTINCT FROM and IS DOCUMENT; no ANY, ALL and DEFAULT either."""


A_EXPR = Restrictions()
B_EXPR = Restrictions(symbols_only=True)
"""After DEFAULT of a column, where NOT NULL may follow, between BETWEEN and its AND, before the IN of POSITION."""


def level_here(c: Cursor, least: int, restrictions: Restrictions) -> int:
    """How strongly the operator here binds, 0 where there is none or none is allowed. Consumes nothing.

    `least` is how strongly an operator must bind to belong to the operand being read.
    """
    word = c.word
    level = LEVELS.get(word, 0)
    if level == 0:
        return ANY_OPERATOR if c.kind == OPERATOR and word not in PUNCTUATION else 0
    if c.kind != WORD:
        return level
    if c.ahead() in _ENDS or (c.ahead() == "" and c.tokens.kinds[c.at + 1] == END):
        if word in ("ISNULL", "NOTNULL"):
            return 0 if restrictions.symbols_only else level
        # `SELECT a is FROM t`: with nothing after it, the word is a label; but not after a weaker operator.
        return 0 if least == 0 or level < least else c.fail()
    if not _is_operator(c, word):
        return 0
    if restrictions.symbols_only:
        after = c.ahead(2) if c.ahead() == "NOT" else c.ahead()
        return level if word == "OPERATOR" or (word == "IS" and after in ("DISTINCT", "DOCUMENT")) else 0
    return level


def _is_operator(c: Cursor, word: str) -> bool:
    """Whether a word that may be an operator is one here: the next word decides.

    For NOT, PostgreSQL's lexer looks ahead as well: NOT before these words is another token, NOT_LA (base_yylex in
    parser.c), which binds as they do.
    """
    match word:
        case "NOT":
            return c.ahead() in _NEGATED
        case "OPERATOR":
            return c.ahead() == "("
        case "AT":
            return c.ahead() == "LOCAL" or (c.ahead() == "TIME" and c.ahead(2) == "ZONE")
        case "SIMILAR":
            return c.ahead() == "TO"
    return True
