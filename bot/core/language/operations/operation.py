"""What every operation declares about itself.

The type of a field says what the operation does with its value:

    @record
    class CreateIndex(Operation):
        index: Created[str | None]
        table: Subject[RelationName]
        if_not_exists: Guard = False

To a type checker `index` is `str | None`: the marks are for people, and for code that needs to know of any
operation what it is about (`subjects`, `is_repeatable`) or which of its names are in a schema (`names_of`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from enum import Enum
from functools import cache
from typing import Annotated, Any, ClassVar, TypeVar, get_args

from bot.core.language.names import Name, NameKind, ObjectKind
from bot.core.record import record


class FieldRole(Enum):
    """What an operation does to the value of a field."""

    SUBJECT = "works on it"
    CREATED = "creates it: it must not exist before"
    DROPPED = "drops it: it must exist before"
    RENAMED = "gives it another name or schema: it must exist before; afterwards its old name does not"
    GUARD = "where true, skips an object that exists already, or no longer exists"
    IF_EXISTS = "where true, skips a subject that does not exist"
    CONCURRENTLY = "where true, commits in between: a failure half-way leaves something behind"


_T = TypeVar("_T")
Subject = Annotated[_T, FieldRole.SUBJECT]
Created = Annotated[_T, FieldRole.CREATED]
Dropped = Annotated[_T, FieldRole.DROPPED]
Renamed = Annotated[_T, FieldRole.RENAMED]
Guard = Annotated[bool, FieldRole.GUARD]
IfExists = Annotated[bool, FieldRole.IF_EXISTS]
Concurrently = Annotated[bool, FieldRole.CONCURRENTLY]


@record
class Mention:
    """A name in a statement of a kind of object that no field of the operation has: a role, a collation, a server.

    `role` is what the statement does to it: SUBJECT, CREATED, DROPPED or RENAMED (then `to` is its new name, or
    `schema` its new schema). `of` tells those of one name apart: the table of a trigger, the method of an operator
    class, the types of a function or an operator; None where a function is given by its name alone.
    """

    kind: str
    name: Annotated[Name, NameKind.OTHER]
    role: FieldRole = FieldRole.SUBJECT
    of: str | None = ""
    guarded: bool = False
    cascade: bool = False
    to: str = ""
    schema: str = ""


OPERATIONS: dict[str, "type[Operation]"] = {}
"""Every kind of operation, by its name: defining the class registers it."""


class Operation:
    """One thing that a statement does. Its subclasses are records, and have no subclasses.

    `bot.sql` reads and writes each. Each has effects and changes the catalog, or says here why not: an empty text means
    that it does, and a test looks for that.
    """

    __slots__ = ()

    no_effects: ClassVar[str] = ""
    """Why `bot.core.effects` has nothing for it; completes "it has no effects: ..."."""
    no_change: ClassVar[str] = ""
    """Why `bot.core.schema.changes` leaves the catalog as it is."""
    no_reader: ClassVar[str] = ""
    no_writer: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        # Because of slots `@record` defines each class a second time, under the same name: the second one stays.
        OPERATIONS[cls.__name__] = cls

    @property
    def subjects(self) -> tuple[Name, ...]:
        """The relations it works on, or else those that it creates, drops or renames; as the statement names them."""
        for field in _about(type(self)):
            value = getattr(self, field)
            found = value if isinstance(value, tuple) else (value,)
            if names := tuple(name for name in found if isinstance(name, Name)):
                return names
        return ()

    @property
    def subject(self) -> Name | None:
        """The relation of `subjects`, None where there are several or none."""
        subjects = self.subjects
        return subjects[0] if len(subjects) == 1 else None

    @property
    def is_temporary(self) -> bool:
        """Whether what it creates is dropped at the end of the session."""
        return False

    @property
    def is_repeatable(self) -> bool:
        """Whether it succeeds again after it has succeeded."""
        kind = type(self)
        changing = (FieldRole.CREATED, FieldRole.DROPPED, FieldRole.RENAMED)
        return not any(fields_that(kind, part) for part in changing) or self.is_guarded

    @property
    def is_guarded(self) -> bool:
        """Whether it has IF NOT EXISTS, IF EXISTS or OR REPLACE for what it creates, drops or renames."""
        return self._says(FieldRole.GUARD)

    @property
    def has_if_exists(self) -> bool:
        """Whether it skips a subject that does not exist."""
        return self._says(FieldRole.IF_EXISTS)

    @property
    def is_concurrent(self) -> bool:
        """Whether it works CONCURRENTLY, in several transactions."""
        return self._says(FieldRole.CONCURRENTLY)

    def _says(self, part: FieldRole) -> bool:
        return any(getattr(self, field) for field in fields_that(type(self), part))


@cache
def fields_that(kind: type[Operation], part: FieldRole) -> tuple[str, ...]:
    """The fields that the class marks with it."""
    return tuple(field for field, marks in marks_of(kind).items() if part in marks)


@cache
def names_of(kind: type[Operation]) -> Mapping[str, NameKind]:
    """The fields that hold names, and the kind of thing each names."""
    found = ((field, mark) for field, marks in marks_of(kind).items() for mark in marks if isinstance(mark, NameKind))
    return dict(found)


@cache
def _about(kind: type[Operation]) -> tuple[str, ...]:
    names = names_of(kind)
    parts = (FieldRole.SUBJECT, FieldRole.CREATED, FieldRole.DROPPED, FieldRole.RENAMED)
    return tuple(field for part in parts for field in fields_that(kind, part) if names.get(field) is NameKind.RELATION)


@cache
def marks_of(kind: type) -> Mapping[str, tuple[FieldRole | NameKind | ObjectKind, ...]]:
    """The marks of each field, of an operation or of a record inside one."""
    return {field.name: tuple(_marks_in(field.type)) for field in fields(kind)}  # type: ignore[arg-type]


def _marks_in(annotation: Any) -> Iterator[FieldRole | NameKind | ObjectKind]:
    for part in get_args(annotation):
        if isinstance(part, FieldRole | NameKind | ObjectKind):
            yield part
        else:
            yield from _marks_in(part)
