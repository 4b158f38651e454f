"""CREATE TABLE in all its forms, and CREATE FOREIGN TABLE.

Manual: https://www.postgresql.org/docs/current/sql-createtable.html
"""

from dataclasses import dataclass, field

from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.sql.grammar.columns import column, typed_column
from bot.sql.grammar.constraints import is_constraint, table_constraint
from bot.sql.grammar.expressions import skip_expression
from bot.sql.grammar.options import Options, foreign_options, storage_options
from bot.sql.grammar.partitions import bound, partition_key
from bot.sql.grammar.queries import read_query
from bot.sql.text.cursor import Cursor

_LIKE_WORDS = (
    "COMMENTS",
    "COMPRESSION",
    "CONSTRAINTS",
    "DEFAULTS",
    "IDENTITY",
    "GENERATED",
    "INDEXES",
    "STATISTICS",
    "STORAGE",
    "ALL",
)


@dataclass(slots=True)
class _Elements:
    columns: list[op.Column] = field(default_factory=list)
    constraints: list[op.Constraint] = field(default_factory=list)
    likes: list[op.Like] = field(default_factory=list)


@dataclass(slots=True)
class _Tail:
    """What may follow the elements, in this order."""

    access_method: str | None = None
    options: Options = ()
    on_commit: str | None = None
    tablespace: str | None = None


def create_table(c: Cursor, persistence: str) -> tuple[op.Operation, ...]:
    """What follows CREATE [TEMPORARY | UNLOGGED] TABLE."""
    if_not_exists = c.if_not_exists()
    table = c.qualified()
    if _is_create_as(c):
        return (_create_as(c, table, persistence, if_not_exists=if_not_exists),)
    partition_of = of_type = found_bound = None
    inherits: tuple[Name, ...] = ()
    if c.eat("PARTITION", "OF"):
        partition_of = c.qualified()
        elements = _typed_elements(c)
        found_bound = bound(c)
    elif c.eat("OF"):
        of_type = c.qualified()
        elements = _typed_elements(c)
    else:
        elements = _elements(c)
        inherits = tuple(c.in_parentheses(Cursor.qualified)) if c.eat("INHERITS") else ()
    key = partition_key(c) if c.eat("PARTITION", "BY") else None
    tail = _tail(c)
    operation = op.CreateTable(
        table=table,
        columns=tuple(elements.columns),
        constraints=tuple(elements.constraints),
        likes=tuple(elements.likes),
        inherits=inherits,
        partition_of=partition_of,
        bound=found_bound,
        partition_by=key,
        of_type=of_type,
        persistence=persistence,
        if_not_exists=if_not_exists,
        options=tail.options,
        tablespace=tail.tablespace,
        access_method=tail.access_method,
        on_commit=tail.on_commit,
    )
    return (operation,)


def _elements(c: Cursor) -> _Elements:
    elements = _Elements()
    c.need("(")
    if c.eat(")"):
        return elements
    while True:
        if c.eat("LIKE"):
            elements.likes.append(_like(c))
        elif is_constraint(c):
            elements.constraints.append(table_constraint(c))
        else:
            elements.columns.append(column(c))
        if not c.eat(","):
            break
    c.need(")")
    return elements


def _typed_elements(c: Cursor) -> _Elements:
    elements = _Elements()
    if not c.eat("("):
        return elements
    while True:
        if is_constraint(c):
            elements.constraints.append(table_constraint(c))
        else:
            elements.columns.append(typed_column(c))
        if not c.eat(","):
            break
    c.need(")")
    return elements


def _like(c: Cursor) -> op.Like:
    table = c.qualified()
    chosen: dict[str, list[str]] = {"INCLUDING": [], "EXCLUDING": []}
    while word := c.eat_any("INCLUDING", "EXCLUDING"):
        chosen[word].append(c.need_any(*_LIKE_WORDS))
    return op.Like(table, tuple(chosen["INCLUDING"]), tuple(chosen["EXCLUDING"]))


def _tail(c: Cursor) -> _Tail:
    tail = _Tail()
    if c.eat("USING"):
        tail.access_method = c.name()
    if c.eat("WITH"):
        tail.options = storage_options(c)
    else:
        c.eat("WITHOUT", "OIDS")
    if c.eat("ON", "COMMIT"):
        tail.on_commit = _on_commit(c)
    if c.eat("TABLESPACE"):
        tail.tablespace = c.name()
    return tail


def _on_commit(c: Cursor) -> str:
    if c.eat("DROP"):
        return "DROP"
    word = c.need_any("DELETE", "PRESERVE")
    c.need("ROWS")
    return f"{word} ROWS"


def _is_create_as(c: Cursor) -> bool:
    """Whether AS follows the name and its options, outside parentheses."""
    if c.is_at("PARTITION", "OF") or c.is_at("OF"):
        return False
    words = c.tokens.words
    at = c.at
    while at < len(words):
        if words[at] == "AS":
            return True
        if words[at] in ("CREATE", "GRANT"):
            return False
        if words[at] == "(":
            at = c.match_of(at)
            if at < 0:
                return False
        at += 1
    return False


def _create_as(c: Cursor, table: Name, persistence: str, *, if_not_exists: bool) -> op.CreateTableAs:
    columns = c.names_if_any()
    _tail(c)
    c.need("AS")
    query = _execute(c) if c.is_at("EXECUTE") else read_query(c)
    return op.CreateTableAs(
        table, query, columns, with_data=with_data(c), persistence=persistence, if_not_exists=if_not_exists
    )


def _execute(c: Cursor) -> op.Query:
    first = c.at
    c.need("EXECUTE")
    c.name()
    if c.is_at("("):
        c.in_parentheses(skip_expression)
    return op.Query(c.text(first), understood=False)


def with_data(c: Cursor) -> bool:
    """WITH [NO] DATA, if present."""
    if c.eat("WITH", "NO", "DATA"):
        return False
    c.eat("WITH", "DATA")
    return True


def create_foreign_table(c: Cursor) -> tuple[op.Operation, ...]:
    """What follows CREATE FOREIGN TABLE."""
    if_not_exists = c.if_not_exists()
    table = c.qualified()
    parent = found_bound = None
    if c.eat("PARTITION", "OF"):
        parent = c.qualified()
        elements = _typed_elements(c)
        found_bound = bound(c)
    else:
        elements = _elements(c)
        if c.eat("INHERITS"):
            c.in_parentheses(Cursor.qualified)
    c.need("SERVER")
    server = c.name()
    foreign_options(c)
    return (
        op.CreateForeignTable(table, tuple(elements.columns), server, parent, found_bound, if_not_exists=if_not_exists),
    )
