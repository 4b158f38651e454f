"""What the checks ask of: the database as the statement finds it, and where its failures go."""

from typing import LiteralString

from bot.core.effects.work import Work
from bot.core.language.messages import Value
from bot.core.language.names import Name
from bot.core.schema.catalog import Relation
from bot.core.schema.database import Database


class Asking:
    """One statement's questions. `known`: what the catalog lacks does not exist."""

    def __init__(self, work: Work, database: Database) -> None:
        self.work = work
        self.database = database
        self.known = database.known
        self.major = work.major

    def fail(self, sqlstate: str, template: LiteralString, *values: Value) -> None:
        self.work.fail(sqlstate, template, *values)

    @property
    def failed(self) -> bool:
        return self.work.failed

    @property
    def has_new_extension(self) -> bool:
        """Whether the run made an extension: what its script makes is not known."""
        return any(one.kind == "EXTENSION" and one.of == "made" for one in self.database.objects)

    @property
    def nothing_dropped(self) -> bool:
        """Whether what the snapshot says of dependents holds: the run has dropped nothing."""
        return not self.work.session.dropped

    def lists(self, kind: str) -> bool:
        """Whether an object of the kind that is not in the catalog does not exist."""
        return self.known and kind in self.database.base.listed and not self.has_new_extension

    def relation(self, name: Name) -> Relation | None:
        """The relation that a name, qualified or not, means."""
        found = self.database.find(name)
        return self.database.relation(found) if found is not None else None

    def whole(self, name: Name) -> Relation | None:
        """The same, where all its parts are known."""
        relation = self.relation(name)
        return relation if relation is not None and not relation.partial else None
