"""What the checks ask of: the database as the statement finds it, and where its failures go."""

import re
from collections.abc import Iterable
from typing import LiteralString

from bot.core.effects.work import Work
from bot.core.language.messages import Value
from bot.core.language.names import Name
from bot.core.schema.catalog import Relation
from bot.core.schema.database import Database

_QUALIFIED = re.compile(r'("(?:[^"]|"")+"|[\w$]+)\.("(?:[^"]|"")+"|[\w$]+)')


def _plain(word: str) -> str:
    return word[1:-1].replace('""', '"') if word.startswith('"') else word


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

    def still(self, dependents: Iterable[str]) -> list[str]:
        """Those of the dependents, in PostgreSQL's words, that nothing in the run may have taken away or changed."""
        return [one for one in dependents if self._is_as_before(one)]

    def _is_as_before(self, dependent: str) -> bool:
        """Whether everything that the text names is as the run found it; it names things with their schema."""
        before, now = self.work.session.began, self.database
        if before is None:
            return False
        found = [Name(_plain(name), _plain(schema)) for schema, name in _QUALIFIED.findall(dependent)]
        known = [name for name in found if name in before.relations or name in before.indexes or name in before.types]
        if not known:
            return all(now.relations.get(name) is relation for name, relation in before.relations.items()) and (
                now.objects is before.objects and now.functions is before.functions
            )
        return all(
            now.relations.get(name) is before.relations.get(name)
            and now.indexes.get(name) is before.indexes.get(name)
            and now.types.get(name) is before.types.get(name)
            for name in known
        )

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
