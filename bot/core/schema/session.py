"""One connection of a deploy: what was created, dropped, set and locked so far."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import field
from itertools import islice
from typing import TypeVar

from bot.core.language import operations as op
from bot.core.language.facts import Effects
from bot.core.language.locks import LockMode
from bot.core.language.migrations import Statement
from bot.core.language.names import Name
from bot.core.language.types import Type
from bot.core.record import record, replace
from bot.core.schema.catalog import Catalog
from bot.core.schema.changes import replay
from bot.core.schema.database import Database
from bot.core.schema.links import Links
from bot.core.schema.settings_values import in_seconds, schemas
from bot.core.schema.versions import Members, Versions

T = TypeVar("T")
_FELT = 200
"""Locks of one transaction that are looked at for each later statement: one with so many is in trouble anyway."""


@record
class Setting:
    """`value` None: computed at run time. `source` completes "set by ...": "line 3", "the role in the catalog"."""

    value: str | None
    source: str


@record
class Held:
    """A lock on a relation from before the run, held since the statement with this index."""

    relation: Name
    mode: LockMode
    since: int


@record
class Session:
    """The state before a statement; immutable.

    `catalog` is the database after the statements so far; `snapshot` whether it began as a real snapshot
    (False: nothing is known of existing tables). `created`: relations this run created (nobody else uses
    them). `created_in_transaction`: those created in the current transaction. `settings` are the session's (name
    in lower case), `local` those of SET LOCAL. `enum_values`: added in this transaction, so not usable yet.
    """

    catalog: Catalog
    snapshot: bool = True
    transaction: int | None = None
    locks: Mapping[tuple[Name, LockMode], int] = field(default_factory=dict)
    """Those held on relations from before the run, with the index of the statement that took each first."""
    felt: tuple[Held, ...] = ()
    """The first of them that block writes to a table or an index: what others may wait for."""
    created: Set[Name] = field(default_factory=Members)
    created_in_transaction: Set[Name] = field(default_factory=Members)
    dropped: Set[str] = field(default_factory=Members)
    """Relations and indexes that this run dropped, without their schemas."""
    settings: Mapping[str, Setting] = field(default_factory=dict)
    local: Mapping[str, Setting] = field(default_factory=dict)
    enum_values: Set[tuple[Name, str]] = field(default_factory=Members)
    started: "Session | None" = None
    """The session at the start of the current transaction: what ROLLBACK returns to."""
    savepoints: tuple[tuple[str, "Session"], ...] = ()
    initial: Mapping[str, Setting] = field(default_factory=dict)
    """The settings at its start: what RESET returns to."""
    links: Links | None = None
    """What refers to what in the catalog; None: not computed yet."""
    explicit: bool = False
    """Whether a BEGIN in the file opened the current transaction."""
    began: Catalog | None = None
    """The catalog as the run found it."""

    @staticmethod
    def begin(
        catalog: Catalog | None,
        settings: Mapping[str, Setting] | None = None,
        *,
        snapshot: bool | None = None,
        major: int = 18,
    ) -> "Session":
        """A session as it starts; without a catalog nothing is known of existing tables (then `major` counts)."""
        known = catalog is not None if snapshot is None else snapshot
        given = dict(settings or {})
        if catalog is not None:
            given = {name: Setting(value, source) for name, (value, source) in catalog.settings.items()} | given
        catalog = catalog or Catalog(major, complete=False)
        return Session(catalog, snapshot=known, settings=given, initial=given, links=Links.of(catalog), began=catalog)

    @property
    def search_path(self) -> tuple[str, ...]:
        """Schemas in the order PostgreSQL looks in them: temporary tables first, pg_catalog where it is named."""
        setting = self.local.get("search_path") or self.settings.get("search_path")
        if setting is None or setting.value is None:
            return ("pg_temp", *self.catalog.search_path)
        found = schemas(setting.value)
        return found if "pg_temp" in found else ("pg_temp", *found)

    def setting(self, name: str) -> Setting | None:
        """What is in force for `lock_timeout` and the like; None where nothing sets it."""
        return self.local.get(name) or self.settings.get(name)

    def seconds(self, name: str) -> float | None:
        """A timeout in force, in seconds: 0 is off, None unknown. Understands PostgreSQL's units."""
        setting = self.setting(name)
        return in_seconds(setting.value) if setting is not None and setting.value is not None else None

    @property
    def held(self) -> tuple[Held, ...]:
        """The locks held, each with the statement that took it first."""
        return tuple(Held(relation, mode, since) for (relation, mode), since in self.locks.items())

    def resolve(self, name: Name) -> Name:
        """The qualified name that `name` means here; in the first schema of the search path where none exists."""
        return name if name.schema is not None else self.database().resolve(name)

    def database(self) -> Database:
        """The catalog, for looking up or changing."""
        known = self.snapshot and self.catalog.complete
        return Database(self.catalog, self.search_path, known=known, links=self.links)

    def after(self, statement: Statement, effects: Effects, index: int) -> "Session":
        """The session when `statement`, the run's number `index`, has succeeded with `effects`.

        A statement of another transaction, or of none, ends the one before: its locks and SET LOCAL are gone.
        """
        session = self._entering(statement.transaction)
        for operation in statement.operations:
            match operation:
                case op.Begin() if session.transaction is None and not session.explicit:
                    session = replace(session, explicit=True)
                case op.Commit():
                    session = session._committed()
                case op.Rollback():
                    session = session._rolled_back(operation.savepoint)
                case op.Savepoint():
                    session = replace(session, savepoints=(*session.savepoints, (operation.name, session)))
                case op.ReleaseSavepoint():
                    session = replace(session, savepoints=_before(session.savepoints, operation.name))
                case op.SetSetting():
                    session = session._with_setting(operation, f"line {statement.lines.first}")
                case _:
                    continue
        session = session._changed(statement, effects, index)
        if session.transaction is None and not session.explicit:
            return session._committed()
        return session

    def _entering(self, transaction: int | None) -> "Session":
        if transaction == self.transaction and (transaction is not None or self.explicit):
            return self
        return replace(self._fresh(), transaction=transaction)

    def _fresh(self) -> "Session":
        """At the first statement of a transaction."""
        clean = self._committed()
        return replace(clean, transaction=self.transaction, started=clean)

    def in_no_transaction(self) -> "Session":
        """The same once its transaction is committed, where another file begins."""
        return replace(self._committed(), transaction=None)

    def _committed(self) -> "Session":
        return replace(
            self,
            locks={},
            felt=(),
            local={},
            created_in_transaction=Members(),
            enum_values=Members(),
            savepoints=(),
            started=None,
            explicit=False,
        )

    def _rolled_back(self, savepoint: str | None) -> "Session":
        if savepoint is None:
            return replace(self.started or self, transaction=self.transaction, explicit=False)
        kept = dict(self.savepoints).get(savepoint)
        if kept is None:
            return self
        return replace(kept, savepoints=(*kept.savepoints, (savepoint, kept)), transaction=self.transaction)

    def _with_setting(self, operation: op.SetSetting, source: str) -> "Session":
        name = operation.setting
        if name == "all" and operation.value is None and not operation.dynamic:
            return replace(self, settings=self.initial, local={})
        if operation.value is None and not operation.dynamic:
            local = {key: value for key, value in self.local.items() if key != name}
            settings = {key: value for key, value in self.settings.items() if key != name}
            if name in self.initial:
                settings[name] = self.initial[name]
            return replace(self, settings=settings, local=local)
        setting = Setting(operation.value, source)
        if operation.local:
            return replace(self, local={**self.local, name: setting})
        local = {key: value for key, value in self.local.items() if key != name}
        return replace(self, settings={**self.settings, name: setting}, local=local)

    def _is_new(self, origin: Name | None) -> bool:
        """Whether this run created what had that name before the statement; None: nothing had it."""
        if origin is None or origin in self.created:
            return True
        return origin not in self.catalog.relations and origin not in self.catalog.indexes

    def _changed(self, statement: Statement, effects: Effects, index: int) -> "Session":
        """The statement replayed on the catalog, and its locks added."""
        database = self.database()
        replay(database, statement.operations)
        added = database.relations.added | database.indexes.added
        removed = database.relations.removed | database.indexes.removed
        new = {name for name in added - database.noted if self._is_new(database.moved.get(name))}
        taken = {
            (lock.relation, lock.mode): index
            for lock in effects.locks
            if not (lock.early or lock.created) and (lock.relation, lock.mode) not in self.locks
        }
        locks = self.locks if isinstance(self.locks, Versions) else Versions(dict(self.locks))
        felt = (Held(relation, mode, since) for (relation, mode), since in taken.items() if mode.blocks_writes)
        return replace(
            self,
            catalog=database.freeze(),
            links=database.links.freeze(),
            locks=locks.changed(taken) if taken else locks,
            felt=(*self.felt, *islice(felt, _FELT - len(self.felt))) if len(self.felt) < _FELT else self.felt,
            created=_changed(self.created, new, removed),
            created_in_transaction=_changed(self.created_in_transaction, new, removed),
            dropped=_changed(self.dropped, _bare(removed - added), _bare(added)),
            enum_values=_changed(self.enum_values, _added_values(self, database, statement), ()),
        )


def _changed(names: Set[T], added: Iterable[T], removed: Iterable[T]) -> Set[T]:
    return Members.of(names).changed(added, removed)


def _bare(names: Iterable[Name]) -> list[str]:
    return [name.name for name in names]


def _before(savepoints: tuple[tuple[str, Session], ...], name: str) -> tuple[tuple[str, Session], ...]:
    names = [one for one, _ in savepoints]
    return savepoints[: names.index(name)] if name in names else savepoints


def _added_values(before: Session, database: Database, statement: Statement) -> frozenset[tuple[Name, str]]:
    """Labels that cannot be used before the commit; from 17 on those of a type created in the same transaction can."""
    found: set[tuple[Name, str]] = set()
    for operation in statement.operations:
        if isinstance(operation, op.AddEnumValue):
            type = database.find_type(Type(operation.type.name, operation.type.schema))
            name = type.name if type is not None else operation.type
            fresh = before.started is not None and name not in before.started.catalog.types
            if not (fresh and database.major >= 17):
                found.add((name, operation.value))
    return frozenset(found)
