"""What a run asks of the catalog: everything that its operations name, each by its kind.

The types of the operations' fields say what is a name (`NameKind`, `ObjectKind`); what hangs on the named things is the
snapshot's to find.
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from bot.core.language import operations as op
from bot.core.language.expression import Expression, FunctionCall
from bot.core.language.migrations import Run
from bot.core.language.names import Name, NameKind, ObjectKind
from bot.core.language.types import Type
from bot.core.record import record
from bot.core.schema.asked_texts import TAKE_REGCLASS, names_in_texts


@record
class Asked:
    """Relations and types by their names, functions, and other `things` by kind; all of it where it is `everything`.

    `all_tables`: also every table and materialized view of the database, the largest first.
    """

    relations: tuple[Name, ...] = ()
    functions: tuple[Name, ...] = ()
    things: tuple[tuple[ObjectKind, Name], ...] = ()
    all_tables: bool = False
    everything: bool = False

    @staticmethod
    def together(parts: Iterable["Asked"]) -> "Asked":
        """All that any of them asks."""
        listed = list(parts)
        return Asked(
            tuple(dict.fromkeys(name for one in listed for name in one.relations)),
            tuple(dict.fromkeys(name for one in listed for name in one.functions)),
            tuple(dict.fromkeys(thing for one in listed for thing in one.things)),
            any(one.all_tables for one in listed),
            any(one.everything for one in listed),
        )

    def without(self, hidden: Container[Name]) -> "Asked":
        """Only what is named and not hidden: nothing that may be reached by its kind."""
        return Asked(
            tuple(name for name in self.relations if name not in hidden),
            tuple(name for name in self.functions if name not in hidden),
        )

    @property
    def names(self) -> tuple[Name, ...]:
        return (*self.relations, *self.functions, *(name for _, name in self.things))


EVERYTHING = Asked(all_tables=True, everything=True)


def asked_by(run: Run) -> Asked:
    """What to read from the replica for the run."""
    relations: dict[Name, None] = {}
    functions: dict[Name, None] = {}
    things: dict[tuple[ObjectKind, Name], None] = {}
    all_tables = False
    for statement in run.statements:
        for operation in statement.operations:
            all_tables = all_tables or _concerns_all_tables(operation)
            for kind, name in _names_in(operation):
                match kind:
                    case NameKind.FUNCTION | ObjectKind.FUNCTION:
                        functions[name] = None
                    case NameKind() | ObjectKind.RELATION | ObjectKind.TYPE:
                        relations[name] = None
                    case ObjectKind():
                        things[kind, name] = None
    return Asked(tuple(name for name in relations if name.name), tuple(functions), tuple(things), all_tables)


def relations_in(run: Run) -> list[Name]:
    """The relations that the run names, without types."""
    found = (value for statement in run.statements for operation in statement.operations for value in _walk(operation))
    return list(dict.fromkeys(value for value in found if isinstance(value, Name) and value.name))


def _concerns_all_tables(operation: op.Operation) -> bool:
    match operation:
        case op.Vacuum(tables=()) | op.Analyze(tables=()) | op.Cluster(table=None):
            return True
        case op.Reindex(kind="DATABASE" | "SYSTEM"):
            return True
        case op.AlterPublication():
            return operation.all_tables
        case _:
            return False


def _names_in(operation: op.Operation) -> Iterator[tuple[NameKind | ObjectKind, Name]]:
    for found in _walk(operation):
        match found:
            case Name():
                yield NameKind.RELATION, found
            case Type(name=name, schema=schema):
                yield NameKind.TYPE, Name(name, schema)
            case op.Mention(kind=kind, name=name):
                yield NameKind.FUNCTION if _KINDS.get(kind) is ObjectKind.FUNCTION else NameKind.OTHER, name
            case FunctionCall(function=function):
                yield NameKind.FUNCTION, function
            case Expression(text=text, calls=calls) | op.Query(text=text, calls=calls):
                yield from ((NameKind.RELATION, name) for name in _as_regclass(text, calls))
        yield from names_in_texts(found)
        yield from _of_fields(found)


def _of_fields(value: Any) -> Iterator[tuple[NameKind | ObjectKind, Name]]:
    """The names in the fields of one dataclass that are marked with what they name."""
    if isinstance(value, Name | Type | FunctionCall | op.Mention):
        return
    for field, kind in _named_fields(type(value)).items():
        for one in _each(getattr(value, field)):
            name = one if isinstance(one, Name) else _as_name(one, kind)
            named = _by_kind(value) if kind is ObjectKind.BY_KIND else kind
            if named is not None and name.name:
                yield named, name


def _by_kind(value: Any) -> ObjectKind | None:
    """What an operation names that says the kind in words; a comment concerns only the thing itself."""
    kind = _KINDS.get(value.kind)
    itself = kind in (ObjectKind.RELATION, ObjectKind.TYPE, ObjectKind.FUNCTION)
    return kind if itself or not isinstance(value, op.CommentOn) else None


def _each(value: Any) -> Iterator[Name | str]:
    if isinstance(value, tuple):
        for one in value:
            yield from _each(one)
    elif isinstance(value, Name | str):
        yield value


def _as_name(text: str, kind: NameKind | ObjectKind) -> Name:
    """A name that is kept as text: one of several kinds may have its schema, and the arguments of a function."""
    if kind is not ObjectKind.BY_KIND:
        return Name(text)
    parts = [part[1:-1].replace('""', '"') if part.startswith('"') else part for part in _PARTS.findall(text)]
    return Name(parts[-1], parts[-2] if len(parts) > 1 else None) if parts else Name("")


def _as_regclass(text: str, calls: Iterable[FunctionCall]) -> Iterator[Name]:
    """Relations that are named in a string: `nextval('orders_id_seq')`."""
    if "regclass" in text or any(call.function.name in TAKE_REGCLASS for call in calls):
        for literal in _LITERAL.findall(text):
            yield _as_name(literal.replace("''", "'"), ObjectKind.BY_KIND)


_LITERAL = re.compile(r"'((?:[^']|''){1,200})'")
_PARTS = re.compile(r'"(?:[^"]|"")+"|[^\s".(),]+(?=[^()]*(?:\(|$))')

_KINDS: Mapping[str, ObjectKind] = {
    "TABLE": ObjectKind.RELATION,
    "INDEX": ObjectKind.RELATION,
    "VIEW": ObjectKind.RELATION,
    "MATERIALIZED VIEW": ObjectKind.RELATION,
    "SEQUENCE": ObjectKind.RELATION,
    "FOREIGN TABLE": ObjectKind.RELATION,
    "TYPE": ObjectKind.TYPE,
    "DOMAIN": ObjectKind.TYPE,
    "FUNCTION": ObjectKind.FUNCTION,
    "PROCEDURE": ObjectKind.FUNCTION,
    "ROUTINE": ObjectKind.FUNCTION,
    "AGGREGATE": ObjectKind.FUNCTION,
    "SCHEMA": ObjectKind.SCHEMA,
    "ROLE": ObjectKind.ROLE,
    "EXTENSION": ObjectKind.EXTENSION,
    "PUBLICATION": ObjectKind.PUBLICATION,
    "TABLESPACE": ObjectKind.TABLESPACE,
    "SERVER": ObjectKind.SERVER,
    "STATISTICS": ObjectKind.STATISTICS,
}
"""The words of COMMENT ON, DROP and RENAME, as far as tables hang on what they name."""


def _walk(value: object) -> Iterator[Any]:
    """The value and everything inside it, through tuples and dataclasses, but not the function names of calls."""
    pending = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, tuple):
            pending.extend(current)
        elif is_dataclass(current) and not isinstance(current, type):
            yield current
            if not isinstance(current, Name | Type | FunctionCall | op.Mention):
                pending.extend(getattr(current, name) for name in _inner_fields(type(current)))


@cache
def _inner_fields(kind: type) -> tuple[str, ...]:
    """The fields to look into; what names a function or another kind of thing is no relation."""
    named = _named_fields(kind)
    other = (NameKind.FUNCTION, *ObjectKind)
    return tuple(field.name for field in fields(kind) if named.get(field.name) not in other)


@cache
def _named_fields(kind: type) -> Mapping[str, NameKind | ObjectKind]:
    return {
        field: mark
        for field, marks in op.marks_of(kind).items()
        for mark in marks
        if isinstance(mark, ObjectKind) or mark is NameKind.FUNCTION
    }
