"""Column names changed inside expressions: the text is spliced at the offsets, the rest stays verbatim."""

from bot.core.language import operations as op
from bot.core.language.expression import ColumnReference, Conjunct, Expression
from bot.core.language.names import quote
from bot.core.record import replace


def column_expression(column: str) -> Expression:
    """The expression that is just this column."""
    text = quote(column)
    whole = (Conjunct(0, len(text)),)
    return Expression(text, columns=(ColumnReference(column, None, 0, len(text)),), conjuncts=whole)


def column_element(column: str) -> op.IndexElement:
    return op.IndexElement(quote(column), column_expression(column), column)


def rename_column(expression: Expression, old: str, new: str) -> Expression:
    """The expression with every reference to column `old` changed to `new`; later offsets move accordingly."""
    for reference in sorted(expression.columns, key=lambda reference: reference.start, reverse=True):
        if reference.column != old:
            continue
        written = expression.text[reference.start : reference.end]
        prefix = written[: _name_start(written)] if reference.qualifier is not None else ""
        expression = _splice(expression, reference, prefix + quote(new), new)
    return expression


def _name_start(written: str) -> int:
    """Where the last part of a dotted name begins."""
    if written.endswith('"'):
        position = len(written) - 2
        while position >= 0:
            if written[position] == '"':
                if position and written[position - 1] == '"':
                    position -= 2
                    continue
                return position
            position -= 1
        return 0
    return written.rfind(".") + 1


def _splice(expression: Expression, at: ColumnReference, text: str, column: str) -> Expression:
    grown = len(text) - (at.end - at.start)

    def moved(offset: int) -> int:
        return offset + grown if offset >= at.end else offset

    qualifier = at.qualifier
    return replace(
        expression,
        text=expression.text[: at.start] + text + expression.text[at.end :],
        columns=tuple(
            ColumnReference(column, qualifier, at.start, at.start + len(text))
            if reference is at
            else replace(reference, start=moved(reference.start), end=moved(reference.end))
            for reference in expression.columns
        ),
        calls=tuple(replace(call, start=moved(call.start), end=moved(call.end)) for call in expression.calls),
        casts=tuple(replace(cast, start=moved(cast.start), end=moved(cast.end)) for cast in expression.casts),
        conjuncts=tuple(
            replace(
                conjunct,
                start=moved(conjunct.start),
                end=moved(conjunct.end),
                column=column if conjunct.column == at.column else conjunct.column,
            )
            for conjunct in expression.conjuncts
        ),
    )
