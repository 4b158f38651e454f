"""Names of a catalog as parts of a message: each with its kind, so that the name itself can be left out.

A reader who may not know the name sees its kind: "a constraint of `events`", "another type". A bare `Name` in a message
is a relation; for everything else: `named.column("email", users)`, `named.constraint(...)`.
"""

from enum import Enum

from bot.core.language.names import Name
from bot.core.record import record, replace


class Kind(Enum):
    """The kind of thing that has the name; the value is its plural."""

    RELATION = "relations"
    COLUMN = "columns"
    CONSTRAINT = "constraints"
    FOREIGN_KEY = "foreign keys"
    INDEX = "indexes"
    TRIGGER = "triggers"
    POLICY = "policies"
    FUNCTION = "functions"
    TYPE = "types"
    SCHEMA = "schemas"
    ROLE = "roles"
    OBJECT = "objects"
    """Something else: an extension, a publication, an enum's value."""


class Form(Enum):
    """How the name is written."""

    CODE = "`users`"
    DOTTED = "`users.email`"
    BARE = "public.users"
    PLAIN = "users"
    QUOTED = '"users"'
    PLAIN_DOTTED = "users.email"
    BARE_DOTTED = "public.users.email"
    QUOTED_DOTTED = '"users.email"'
    IN_FULL = "the column `email` of `users`"


@record
class Named:
    """A name, and the relation that it belongs to where that is known."""

    what: Kind
    name: Name
    of: Name | None = None
    form: Form = Form.CODE


def relation(name: Name | str) -> Named:
    """As a `Name` by itself; for one without its schema."""
    return Named(Kind.RELATION, _as_name(name))


def column(name: str, of: Name | None = None) -> Named:
    return Named(Kind.COLUMN, _as_name(name), of)


def column_of(table: Name, name: str) -> Named:
    """With its table: `users.email`."""
    return Named(Kind.COLUMN, _as_name(name), table, Form.DOTTED)


def constraint(name: str, of: Name | None = None) -> Named:
    return Named(Kind.CONSTRAINT, _as_name(name), of)


def foreign_key(name: str, of: Name | None = None) -> Named:
    return Named(Kind.FOREIGN_KEY, _as_name(name), of)


def index(name: Name | str, of: Name | None = None) -> Named:
    return Named(Kind.INDEX, _as_name(name), of)


def trigger(name: str, of: Name | None = None) -> Named:
    return Named(Kind.TRIGGER, _as_name(name), of)


def policy(name: str, of: Name | None = None) -> Named:
    return Named(Kind.POLICY, _as_name(name), of)


def function(name: Name | str) -> Named:
    return Named(Kind.FUNCTION, _as_name(name))


def type_called(name: Name | str) -> Named:
    """An enum, a domain, a composite; a type as a column has it is a `Type`."""
    return Named(Kind.TYPE, _as_name(name))


def schema(name: str) -> Named:
    return Named(Kind.SCHEMA, _as_name(name))


def role(name: str) -> Named:
    return Named(Kind.ROLE, _as_name(name))


def thing(name: Name | str) -> Named:
    """Anything with a name that is none of the kinds above."""
    return Named(Kind.OBJECT, _as_name(name))


def bare(name: Named | Name) -> Named:
    """Not set as code, with its schema: `public.users exists`."""
    known = _named(name)
    return replace(known, form=Form.BARE_DOTTED if known.form is Form.DOTTED else Form.BARE)


def plain(name: Named | Name) -> Named:
    """As its author writes it, but not set as code: `2.1 GB in users`."""
    known = _named(name)
    return replace(known, form=Form.PLAIN_DOTTED if known.form is Form.DOTTED else Form.PLAIN)


def quoted(name: Named | Name) -> Named:
    """As PostgreSQL's own messages have it, without its schema: `relation "users" does not exist`."""
    known = _named(name)
    return replace(known, form=Form.QUOTED_DOTTED if known.form is Form.DOTTED else Form.QUOTED)


def in_full(name: Named | Name) -> Named:
    """With what it is and whose: `the foreign key `k` of `t``, which "a foreign key of `t`" can replace."""
    return replace(_named(name), form=Form.IN_FULL)


def _named(name: Named | Name) -> Named:
    return name if isinstance(name, Named) else Named(Kind.RELATION, name)


def _as_name(name: Name | str) -> Name:
    return name if isinstance(name, Name) else Name(name)
