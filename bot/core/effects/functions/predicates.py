"""What a CHECK proves: conditions read from their text, and whether one follows from another as PostgreSQL infers it.

Only what PostgreSQL itself can prove counts (predicate_implied_by, weak form: a CHECK also passes where it is NULL).
Source: predtest.c; tablecmds.c (ConstraintImpliedByRelConstraint) and, for NOT NULL,
NotNullImpliedByRelConstraints.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo

from bot.core.language.constants import Value, are_comparable, constant_of, outside, tokens_of, unwrapped
from bot.core.record import record


@record
class All:
    parts: tuple["Condition", ...]


@record
class Any:
    parts: tuple["Condition", ...]


@record
class Null:
    """column IS NULL, or IS NOT NULL where `negated`."""

    column: str
    negated: bool


@record
class Comparison:
    """column operator constant; one of = <> < <= > >=."""

    column: str
    operator: str
    value: Value


@record
class Opaque:
    """Anything else; two are equal where their texts are."""

    text: str


Condition = All | Any | Null | Comparison | Opaque

_NEGATED = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "<>": "<>"}
_DEEPEST = 50


def read(text: str, zone: tzinfo | None = None) -> Condition:
    """The condition in a text, as far as it is understood; never raises. `zone` is the session's."""
    tokens = tokens_of(text)
    return _condition(tokens, 0, zone) if len(tokens) <= 5000 else Opaque(text)


def implies(known: Condition, wanted: Condition) -> bool:
    """Whether rows that do not violate `known` cannot violate `wanted`."""
    if known == wanted:
        return True
    match wanted:
        case All(parts):
            return all(implies(known, part) for part in parts)
        case Any(parts) if not isinstance(known, Any) and any(implies(known, part) for part in parts):
            return True
        case _:
            pass
    match known:
        case All(parts):
            return any(implies(part, wanted) for part in parts)
        case Any(parts):
            return bool(parts) and all(implies(part, wanted) for part in parts)
        case Comparison():
            return isinstance(wanted, Comparison) and known.column == wanted.column and _follows(known, wanted)
        case _:
            return False


def implied(known: Sequence[Condition], wanted: Condition) -> bool:
    """Whether all of `known` together leave no row that violates `wanted`."""
    return implies(All(tuple(known)), wanted)


def negation(condition: Condition) -> Condition:
    match condition:
        case All(parts):
            return Any(tuple(negation(part) for part in parts))
        case Any(parts):
            return All(tuple(negation(part) for part in parts))
        case Null(column, negated):
            return Null(column, not negated)
        case Comparison(column, operator, value):
            return Comparison(column, _NEGATED[operator], value)
        case Opaque(text):
            return Opaque(f"not {text}")


def rows_of(values: str, zone: tzinfo | None = None) -> list[list[Value | None]]:
    """The constants of `VALUES (1, 'a'), (2, 'b')`; None where one is not a constant, and for NULL."""
    tokens = tokens_of(values)
    if not tokens or tokens[0].lower() != "values":
        return []
    return [[constant_of(part, zone) for part in _split(unwrapped(row), ",")] for row in _split(tokens[1:], ",")]


def values_of(values: str) -> list[list[str]]:
    """The expressions of `VALUES (1, 'a'), (2, 'b')`, row by row, their words with blanks between them."""
    tokens = tokens_of(values)
    if not tokens or tokens[0].lower() != "values":
        return []
    return [[" ".join(part) for part in _split(unwrapped(row), ",")] for row in _split(tokens[1:], ",")]


def parts_of(text: str) -> list[str]:
    """The parts of a list, at its commas, their words with blanks between them."""
    return [" ".join(part) for part in _split(tokens_of(text), ",")]


def holds(condition: Condition, row: Mapping[str, Value | None]) -> bool | None:
    """Whether a row satisfies the condition; None where it is not known."""
    match condition:
        case All(parts) | Any(parts):
            found = [holds(part, row) for part in parts]
            decisive = isinstance(condition, Any)
            if decisive in found:
                return decisive
            return None if None in found else not decisive
        case Null(column, negated):
            return negated if row.get(column) is not None else None
        case Comparison(column, operator, value):
            mine = row.get(column)
            if mine is None or not are_comparable(mine, value):
                return None
            if mine == value:
                return operator in ("=", "<=", ">=")
            if operator in ("=", "<>"):
                return operator == "<>"
            if not _ordered(mine, value):
                return None
            return (mine < value) is (operator in ("<", "<="))  # type: ignore[operator]
        case Opaque():
            return None


def _follows(known: Comparison, wanted: Comparison) -> bool:
    """x <= 5 from x < 4, x <> 7 from x = 4: the table of the btree operators."""
    if known.value == wanted.value:
        return wanted.operator in {
            "=": ("=", "<=", ">="),
            "<": ("<", "<=", "<>"),
            ">": (">", ">=", "<>"),
        }.get(known.operator, (known.operator,))
    if not are_comparable(known.value, wanted.value) and isinstance(known.value, datetime):
        return False
    if not _ordered(known.value, wanted.value):
        return known.operator == "=" and wanted.operator == "<>"
    below = known.value < wanted.value  # type: ignore[operator]
    match known.operator:
        case "=":
            return wanted.operator in (("<", "<=", "<>") if below else (">", ">=", "<>"))
        case "<" | "<=":
            return below and wanted.operator in ("<", "<=", "<>")
        case ">" | ">=":
            return not below and wanted.operator in (">", ">=", "<>")
        case _:
            return False


def _ordered(one: Value, other: Value) -> bool:
    """Whether the order of the two values is known here; that of texts depends on a collation."""
    return are_comparable(one, other) and not isinstance(one, str)


def _condition(tokens: list[str], depth: int, zone: tzinfo | None) -> Condition:
    tokens = unwrapped(tokens)
    if depth > _DEEPEST or not tokens:
        return Opaque(" ".join(tokens).lower())
    if len(parts := _split(tokens, "or")) > 1:
        return Any(tuple(_condition(part, depth + 1, zone) for part in parts))
    if len(parts := _split(tokens, "and")) > 1:
        return All(tuple(_condition(part, depth + 1, zone) for part in parts))
    if tokens[0].lower() == "not":
        return negation(_condition(tokens[1:], depth + 1, zone))
    return _atom(tokens, zone)


def _atom(tokens: list[str], zone: tzinfo | None) -> Condition:
    words = [token.lower() for token in tokens]
    opaque = Opaque(" ".join(words))
    if words[0] == "satisfies_hash_partition":
        return _hashed(words) or opaque
    if "between" in words and words.index("between") > 0:
        return _between(tokens, words, zone) or opaque
    for position, word in enumerate(words):
        if position == 0 or not outside(tokens, position):
            continue
        column = subject(tokens[:position])
        if word == "is" and column is not None:
            return _is(column, words[position + 1 :]) or opaque
        if word == "in" and column is not None:
            return _in(column, tokens[position + 1 :], zone) or opaque
        if word == "not" and words[position + 1 : position + 2] == ["in"] and column is not None:
            found = _in(column, tokens[position + 2 :], zone)
            return negation(found) if found is not None else opaque
        if word in _TURNED or word == "!=":
            return (
                _comparison(tokens[:position], "<>" if word == "!=" else word, tokens[position + 1 :], zone) or opaque
            )
    return opaque


def _is(column: str, rest: list[str]) -> Condition | None:
    match rest:
        case ["null"] | ["not", "distinct", "from", "null"]:
            return Null(column, negated=False)
        case ["not", "null"] | ["distinct", "from", "null"]:
            return Null(column, negated=True)
        case _:
            return None


def _in(column: str, tokens: list[str], zone: tzinfo | None) -> Condition | None:
    values = [constant_of(part, zone) for part in _split(unwrapped(tokens), ",")]
    found = tuple(Comparison(column, "=", value) for value in values if value is not None)
    return Any(found) if found and len(found) == len(values) else None


def _between(tokens: list[str], words: list[str], zone: tzinfo | None) -> Condition | None:
    start = words.index("between")
    negated = words[start - 1] == "not"
    column = subject(tokens[: start - 1 if negated else start])
    ends = _split(tokens[start + 1 :], "and", between=False)
    if column is None or len(ends) != 2:
        return None
    low, high = constant_of(ends[0], zone), constant_of(ends[1], zone)
    if low is None or high is None:
        return None
    found = All((Comparison(column, ">=", low), Comparison(column, "<=", high)))
    return negation(found) if negated else found


def _comparison(left: list[str], operator: str, right: list[str], zone: tzinfo | None) -> Condition | None:
    column = subject(left)
    if column is None:
        column, operator, right = subject(right), _TURNED[operator], left
    if column is None:
        return None
    if right and right[0].lower() in ("any", "all") and len(right) > 1:
        return _any(column, operator, right, zone)
    value = constant_of(right, zone)
    return Comparison(column, operator, value) if value is not None else None


def _any(column: str, operator: str, tokens: list[str], zone: tzinfo | None) -> Condition | None:
    """= ANY (ARRAY[...]) and <> ALL (ARRAY[...]), as the catalog writes IN and NOT IN."""
    inside = unwrapped(tokens[1:])
    while "::" in inside and outside(inside, position := len(inside) - 1 - inside[::-1].index("::")):
        inside = unwrapped(inside[:position])
    if [token.lower() for token in inside[:2]] != ["array", "["] or inside[-1] != "]":
        return None
    found = _in(column, inside[2:-1], zone)
    if found is None or (tokens[0].lower(), operator) not in (("any", "="), ("all", "<>")):
        return None
    return found if operator == "=" else negation(found)


def hashed(table: str, modulus: int, remainder: int) -> Opaque:
    """That a row belongs to this part of the table, which is partitioned by HASH."""
    return Opaque(f"{table} {modulus} {remainder}")


def _hashed(words: list[str]) -> Opaque | None:
    """`satisfies_hash_partition('t'::regclass, 2, 1, id)`, also as the catalog shows it."""
    numbers = [word for word in words if word.isdigit()]
    literals = [word for word in words if word.startswith("'")]
    if len(numbers) < 2 or len(literals) != 1 or words[1:2] != ["("] or words[-1] != ")":
        return None
    return hashed(literals[0].strip("'").rpartition(".")[2].strip('"'), int(numbers[0]), int(numbers[1]))


def subject(tokens: list[str]) -> str | None:
    """What a comparison is about: a column, or an expression as it is written; None where it is a constant."""
    column = _column(tokens)
    if column is not None:
        return column
    words = unwrapped(tokens)
    if len(words) < 2 or constant_of(words) is not None or not any(_is_word(word) for word in words):
        return None
    return " ".join(_bare(words)).lower()


def _bare(tokens: Sequence[str]) -> Iterator[str]:
    """Without the parentheses that the catalog shows around a single value, or does not."""
    lone = {at for at in range(len(tokens) - 2) if (tokens[at], tokens[at + 2]) == ("(", ")")}
    lone = {at for at in lone if at == 0 or not _is_word(tokens[at - 1])}
    closing = {at + 2 for at in lone}
    yield from (token for at, token in enumerate(tokens) if at not in lone and at not in closing)


def _is_word(token: str) -> bool:
    return re.match(r'[^\W\d]|"', token) is not None


def _column(tokens: list[str]) -> str | None:
    """The column, also qualified or with a cast that only relabels, as the catalog shows varchar compared with text."""
    tokens = unwrapped(tokens)
    if len(tokens) >= 3 and tokens[-2] == "::" and tokens[-1].lower() in ("text", "bpchar"):
        tokens = unwrapped(tokens[:-2])
    if len(tokens) == 3 and tokens[1] == ".":
        tokens = tokens[2:]
    if len(tokens) != 1:
        return None
    token = tokens[0]
    if token.startswith('"'):
        return token[1:-1].replace('""', '"')
    word = token.lower()
    return word if re.match(r"[^\W\d]", token) and word not in ("null", "true", "false", "array") else None


def _split(tokens: list[str], word: str, *, between: bool = True) -> list[list[str]]:
    """The parts between the top-level words; the AND of a BETWEEN does not count."""
    parts: list[list[str]] = [[]]
    depth = 0
    pending = 0
    for token in tokens:
        lower = token.lower()
        depth += (token in ("(", "[") or lower == "case") - (token in (")", "]") or lower == "end")
        if depth == 0 and between and lower == "between":
            pending += 1
        if depth == 0 and lower == word:
            if word == "and" and pending:
                pending -= 1
            else:
                parts.append([])
                continue
        parts[-1].append(token)
    return parts
