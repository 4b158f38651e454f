"""The names PostgreSQL chooses where a statement gives none: t_pkey, t_col_key, t_col_idx1, t_col_seq."""

import re
from collections.abc import Callable, Iterable, Sequence

from bot.core.language import operations as op
from bot.core.language.names import NAMEDATALEN, truncate

_CALL = re.compile(r'(?:"?[\w$]+"?\s*\.\s*)*"?([\w$]+)"?\s*\(.*\)\Z', re.DOTALL)
_CAST = re.compile(r'(.*)::\s*(?:"?[\w$]+"?\s*\.\s*)*"?([\w$]+)"?(?:\s*\([\d, ]*\))?(?:\[\])*\Z', re.DOTALL)
_TRIED = 64
"""Numbers that are tried one by one."""
_COLUMN = re.compile(r'(?:"?[\w$]+"?\s*\.\s*)*"?([\w$]+)"?\Z')


def constraint_named(operation: op.Operation) -> str | None:
    """The constraint that the operation adds, validates, changes, renames or drops; None where none is named."""
    match operation:
        case (
            op.AddCheck()
            | op.AddNotNull()
            | op.AddUnique()
            | op.AddPrimaryKey()
            | op.AddForeignKey()
            | op.AddExclusion()
        ):
            return operation.constraint.name
        case (
            op.ValidateConstraint()
            | op.AlterConstraint()
            | op.RenameConstraint()
            | op.DropConstraint()
            | op.AlterDomain()
            | op.RenameDomainConstraint()
        ):
            return operation.constraint
        case _:
            return None


def object_name(first: str, second: str | None = None, label: str | None = None) -> str:
    """`first_second_label` within 63 bytes: the longer of the first two is cut (makeObjectName)."""
    overhead = (len(label.encode()) + 1 if label else 0) + (1 if second is not None else 0)
    room = NAMEDATALEN - 1 - overhead
    one, two = len(first.encode()), len((second or "").encode())
    while one + two > room:
        if one > two:
            one -= 1
        else:
            two -= 1
    parts = [_clip(first, one)]
    if second is not None:
        parts.append(_clip(second, two))
    if label:
        parts.append(label)
    return "_".join(parts)


def free_name(first: str, second: str | None, label: str, taken: Callable[[str], bool]) -> str:
    """The first of `first_second_label`, `..label1`, `..label2` that is free (ChooseRelationName)."""

    def name(number: int) -> str:
        return object_name(first, second, f"{label}{number or ''}")

    free = next((number for number in range(_TRIED) if not taken(name(number))), None)
    if free is not None:
        return name(free)
    # A table may have thousands of such names. They are taken without a gap, unless something was dropped among them.
    low, high = _TRIED - 1, 2 * _TRIED
    while taken(name(high)):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if taken(name(middle)) else (low, middle)
    return name(high)


def joined(columns: Iterable[str]) -> str:
    """Column names as one part of an index or constraint name (ChooseIndexNameAddition)."""
    text = ""
    for column in columns:
        text += ("_" if text else "") + column
        if len(text.encode()) >= NAMEDATALEN:
            break
    return text


def index_columns(elements: Sequence[op.IndexElement], include: Sequence[str] = ()) -> list[str]:
    """The names of an index's columns, made distinct with numbers (ChooseIndexColumnNames)."""
    names: list[str] = []
    for wanted in [element.column or expression_name(element.expression.text) or "expr" for element in elements] + [
        *include
    ]:
        name, number = wanted, 0
        while name in names:
            number += 1
            name = _clip(wanted, NAMEDATALEN - 1 - len(str(number))) + str(number)
        names.append(name)
    return names


def expression_name(text: str) -> str | None:
    """The column name of an index on an expression: the function's, the column's, the type's (FigureIndexColname)."""
    text = _bare(text)
    if column := _COLUMN.match(text):
        return truncate(column[1])
    if (cast := _CAST.match(text)) and _closed(cast[1]):
        return expression_name(cast[1]) or truncate(cast[2])
    if (call := _CALL.match(text)) and _closed(text[text.index("(") + 1 : -1]):
        return truncate(call[1])
    return None


def _bare(text: str) -> str:
    text = text.strip()
    while text.startswith("(") and text.endswith(")") and _closed(text[1:-1]):
        text = text[1:-1].strip()
    return text


def _closed(text: str) -> bool:
    depth = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return False
    return depth == 0


def _clip(name: str, size: int) -> str:
    return name.encode("utf-8", "surrogateescape")[:size].decode("utf-8", "ignore")
