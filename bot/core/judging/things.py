"""The things in a database by name: the same key for the same thing, whoever names it, in whichever schema."""

from bot.core.language import named
from bot.core.language.named import Kind, Named
from bot.core.language.names import Name
from bot.core.record import record
from bot.core.schema.session import Session


@record
class Thing:
    """`key` is the same for the same thing, whoever names it; not `sure`: perhaps, as for functions of one name."""

    key: str
    named: Named
    sure: bool = True


def relation(name: Name, session: Session) -> Thing:
    """A table, view, index or sequence: they share their names."""
    full = session.resolve(name)
    return Thing(f"relation {full}", named.relation(name))


def beside(name: str, table: Name, session: Session) -> Name:
    """An index, or a new name, in the schema of its table."""
    return Name(name, session.resolve(table).schema)


def column(table: Name, name: str, session: Session) -> Thing:
    return Thing(f"column {session.resolve(table)} {name}", named.column_of(table, name))


def part_of(kind: Kind, name: str, table: Name, session: Session) -> Thing:
    return Thing(f"{kind.name.lower()} {session.resolve(table)} {name}", Named(kind, Name(name), table))


def type_called(name: Name) -> Thing:
    """Types are compared without their schema where it is the usual one: few repositories write it."""
    return Thing(f"type {_spelled(name)}", named.type_called(name))


def function(name: Name, types: tuple[str, ...] | None = None, *, sure: bool = True) -> Thing:
    """With its arguments, or without them where only its name is given; compared as types are."""
    arguments = f"({','.join(types)})" if types is not None else ""
    return Thing(f"function {_spelled(name)}{arguments}", named.function(name), sure)


def overload(name: Name, arguments: int) -> Thing:
    """One of those with so many arguments."""
    return Thing(f"overload {_spelled(name)} {arguments}", named.function(name), sure=False)


def _spelled(name: Name) -> str:
    return name.name if name.schema in (None, "public") else f"{name.schema}.{name.name}"


def schema(name: str) -> Thing:
    return Thing(f"schema {name}", named.schema(name))
