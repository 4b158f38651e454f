"""SQL strings with values known only at run time: read where these are values of rows, not parts of the schema."""

import re
from dataclasses import replace

from bot.core.language import operations as op
from bot.frameworks.static.values import Template
from bot.sql import ReadStatement, read_script

_MARK = "migsafe_value_"
_TOKEN = re.compile(rf"{_MARK}(\d+)_")


def read_template(template: Template) -> list[ReadStatement]:
    """The statements of the string. Where a run-time value might change the DDL, it is `Unread`.

    The text of each is the author's, with its `#{...}`.
    """
    marked = "".join(
        piece + (f"{_MARK}{at}_" if at < len(template.sources) else "") for at, piece in enumerate(template.pieces)
    )
    marked = re.sub(rf"\b(VALUES\s*)({_MARK}\d+_)", r"\1(\2)", marked, flags=re.IGNORECASE)
    return [_settled(statement, template) for statement in read_script(marked).statements]


def _settled(statement: ReadStatement, template: Template) -> ReadStatement:
    found = [int(number) for number in _TOKEN.findall(statement.sql)]
    if not found:
        return statement
    own = _TOKEN.sub(lambda match: template.sources[int(match[1])], statement.sql)
    if not all(_is_about_rows(operation) for operation in statement.operations):
        source = template.sources[found[0]]
        return replace(statement, sql=own, operations=(op.Unread(f"builds SQL at run time: `{_short(source)}`"),))
    return replace(statement, sql=own, operations=tuple(_by_application(one) for one in statement.operations))


def _is_about_rows(operation: op.Operation) -> bool:
    """Whether the statement changes rows of known tables, whatever the values are."""
    match operation:
        case op.SetSetting():
            return _MARK not in operation.setting
        case op.Update() | op.Delete():
            return not any(_MARK in str(name) for name in (operation.table, *operation.reads))
        case op.Insert():
            reads = operation.query.relations if operation.query is not None else ()
            return not any(_MARK in str(name) for name in (operation.table, *reads))
        case op.Merge():
            return not any(_MARK in str(name) for name in (operation.table, *operation.source.relations))
        case op.Select():
            return not any(_MARK in str(name) for name in operation.query.relations)
        case _:
            return False


def _by_application(operation: op.Operation) -> op.Operation:
    """The rest of it: the values, and so the text of conditions and assignments, are not known."""
    match operation:
        case op.Update(where=where):
            vague = replace(where, text=_shown(where.text), understood=False) if where is not None else None
            return replace(operation, where=vague, assignments="", by_application=True)
        case op.Delete(where=where):
            vague = replace(where, text=_shown(where.text), understood=False) if where is not None else None
            return replace(operation, where=vague, by_application=True)
        case op.Insert():
            return replace(operation, rows=None if _MARK in operation.values else operation.rows, values="")
        case op.SetSetting():
            dynamic = _MARK in (operation.value or "")
            return replace(operation, value=None, dynamic=True) if dynamic else operation
        case _:
            return operation


def _shown(text: str) -> str:
    return _TOKEN.sub("?", text)


def _short(source: str) -> str:
    text = " ".join(source.split())
    return text if len(text) <= 60 else text[:59] + "…"
