"""Triggers that fill columns in every row that is written, after everything else that changes the row."""

from collections.abc import Iterable, Sequence

from bot.core.effects.functions.volatility import is_built_in
from bot.core.judging.rule import Moment
from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.names import Name, quote
from bot.core.language.naming import object_name
from bot.core.rewrites.steps import base_columns, beside, dollar_quoted, of_row


def fill_by_trigger(
    table: Name, column: str, expression: Expression, moment: Moment
) -> tuple[op.CreateFunction, op.CreateTrigger]:
    """A trigger that sets `column` from the other columns of its row on INSERT and on UPDATE of any of them."""
    lines = [f"  NEW.{quote(column)} := {of_row(expression, moment, table)};"]
    watched = (*base_columns(expression, moment, table), column)
    return filling(table, object_name(table.name, column, "fill"), lines, watched, [expression], moment)


def filling(
    table: Name,
    name: str,
    lines: Sequence[str],
    watched: Iterable[str],
    expressions: Iterable[Expression],
    moment: Moment,
) -> tuple[op.CreateFunction, op.CreateTrigger]:
    """The function with these lines, and the trigger that calls it for each row that is written.

    `watched` are the columns whose UPDATE it is called for; where another trigger may change the row, all of them.
    `expressions` are those in the lines. Whoever writes runs the function: PostgreSQL asks for no EXECUTE on it, but
    for that on what it calls, and looks names up in the writer's search_path where the function has none of its own.
    """
    function = beside(Name(name), table)
    body = "\n".join(["", "BEGIN", *lines, "  RETURN NEW;", "END", ""])
    columns = () if _others(table, moment) else tuple(dict.fromkeys(watched))
    path = _search_path(expressions, moment)
    made = trigger_function(function, body, path)
    return made, row_trigger(trigger_name(table, name, moment), table, function, columns)


def no_filling(table: Name, name: str, moment: Moment) -> tuple[op.DropTrigger, op.DropFunction]:
    """What drops the two again."""
    return op.DropTrigger(trigger_name(table, name, moment), table), op.DropFunction((beside(Name(name), table),))


def trigger_name(table: Name, name: str, moment: Moment) -> str:
    """Triggers fire in the order of their names: one that is behind those that may change the row."""
    last = max(_others(table, moment), default="")
    later = (one for one in (name, object_name("zz", name), object_name(last, None, "fill")) if one > last)
    return next(later, name)


def _others(table: Name, moment: Moment) -> list[str]:
    relation = moment.relation(table)
    return [
        one.name
        for one in (relation.triggers if relation is not None else ())
        if one.for_each_row and one.timing in ("BEFORE", "") and {"INSERT", "UPDATE"} & set(one.events)
    ]


def _search_path(expressions: Iterable[Expression], moment: Moment) -> str | None:
    """The migration's search_path where a name in one of the expressions needs it."""
    database = moment.session.database()
    for expression in expressions:
        called = any(call.function.schema is None and not is_built_in(call, moment.major) for call in expression.calls)
        cast = any(one.type.schema is None and database.find_type(one.type) is not None for one in expression.casts)
        if called or cast:
            return ", ".join(quote(one) for one in moment.session.search_path if not one.startswith("pg_"))
    return None


def trigger_function(function: Name, body: str, path: str | None = None) -> op.CreateFunction:
    looked_up = f"\nSET search_path = {path}" if path else ""
    head = f"CREATE FUNCTION {function}() RETURNS trigger\nLANGUAGE plpgsql{looked_up} AS {dollar_quoted(body)}"
    return op.CreateFunction(
        function,
        language="plpgsql",
        body=body,
        returns="trigger",
        settings=(("search_path", path),) if path else (),
        definition=head,
    )


def row_trigger(name: str, table: Name, function: Name, columns: tuple[str, ...]) -> op.CreateTrigger:
    of = f" OF {', '.join(quote(column) for column in columns)}" if columns else ""
    return op.CreateTrigger(
        name,
        table,
        "BEFORE",
        ("INSERT", "UPDATE"),
        function,
        columns=columns,
        for_each_row=True,
        definition=(
            f"CREATE TRIGGER {quote(name)} BEFORE INSERT OR UPDATE{of} ON {table}\n"
            f"FOR EACH ROW EXECUTE FUNCTION {function}()"
        ),
    )
