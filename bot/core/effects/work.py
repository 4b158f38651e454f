"""Where the chapters collect the facts of one statement."""

from collections.abc import Iterable
from datetime import tzinfo
from typing import LiteralString

from bot.core.language import operations as op
from bot.core.language.constants import zone_called
from bot.core.language.facts import Effects, Failure, InTransaction, Lock, RowChange
from bot.core.language.locks import LockMode
from bot.core.language.messages import Message, Value, clause, error
from bot.core.language.names import Name
from bot.core.schema.catalog import Relation, RelationKind
from bot.core.schema.session import Session


class _Names(dict[Name, None]):
    """Names, each once, in the order they come."""

    def add(self, name: Name) -> None:
        self[name] = None


class Work:
    """Collects locks, rewrites, scans and the rest, each once and in the order they come.

    `database` is the catalog as the statement changes it, `before` the catalog before it. `failed` says that the
    statement ends here: the rest does not happen.
    """

    def __init__(self, session: Session, major: int) -> None:
        self.session = session
        self.major = major
        self.database = session.database()
        self.before = session.catalog
        self.failed = False
        self._locks: dict[tuple[Name, bool], Lock] = {}
        self._rewrites = _Names()
        self._scans = _Names()
        self._builds = _Names()
        self._rebuilds = _Names()
        self._sequences = _Names()
        self._emptied = _Names()
        self._drops = _Names()
        self._invalid = _Names()
        self._functions = _Names()
        self._failures: list[Failure] = []
        self._doubts: set[Failure] = set()
        self._rows: dict[RowChange, None] = {}
        self._waits: dict[LiteralString, None] = {}
        self._assumptions: dict[Message, None] = {}
        self._refused = False

    # Facts

    def lock(self, name: Name, mode: LockMode, *, early: bool = False, index: bool = False) -> None:
        """The strongest counts; a lock held to the end covers a weaker one released early.

        `index` says that the relation is an index, where the catalog does not know it.
        """
        held = self._locks.get((name, False))
        if held is not None and (held.mode.strength >= mode.strength):
            return
        key = (name, early)
        found = self._locks.get(key)
        if found is None or found.mode.strength < mode.strength:
            index = index or name in self.before.indexes or name in self.database.indexes
            existed = name in self.before.relations or name in self.before.indexes
            created = not existed and self.database.exists(name)
            self._locks[key] = Lock(name, mode, early, index, created or name in self.session.created)
        if not early:
            given_back = self._locks.get((name, True))
            if given_back is not None and given_back.mode.strength <= mode.strength:
                del self._locks[(name, True)]

    def lock_created(self, name: Name, *, index: bool = False) -> None:
        """A statement holds what it creates under AccessExclusiveLock; nobody can wait for it."""
        if (name, False) not in self._locks:
            self._locks[name, False] = Lock(name, LockMode.ACCESS_EXCLUSIVE, index=index, created=True)

    def rewrite(self, name: Name) -> None:
        """All rows and the indexes are rewritten."""
        self._rewrites.add(name)
        for index in self.database.indexes_of(name):
            if index.name in self.before.indexes:
                self.rebuild(index.name)

    def move(self, name: Name) -> None:
        """The heap is copied unchanged: its indexes stay."""
        self._rewrites.add(name)

    def rebuild(self, index: Name) -> None:
        """The index is rebuilt under AccessExclusiveLock."""
        if (found := self.database.indexes.get(index)) is not None and found.partitioned:
            return
        self.lock(index, LockMode.ACCESS_EXCLUSIVE, index=True)
        self._rebuilds.add(index)

    def scan(self, name: Name) -> None:
        """The table is read in full; if partitioned, every leaf; if empty, nothing."""
        if self.database.is_partitioned(name):
            for child in self.database.children(name):
                self.scan(child.name)
        elif not self.is_empty(name):
            self._scans.add(name)

    def build(self, index: Name) -> None:
        self._builds.add(index)

    def leave_invalid(self, index: Name) -> None:
        """The index is left INVALID when the statement fails half-way."""
        self._invalid.add(index)

    def rewrite_sequence(self, name: Name) -> None:
        self._sequences.add(name)

    def empty(self, name: Name) -> None:
        self._emptied.add(name)

    def drop(self, name: Name) -> None:
        self._drops.add(name)

    def keep(self) -> None:
        """What was dropped and created again under its name is not dropped."""
        for name in filter(self.database.exists, list(self._drops)):
            del self._drops[name]

    def evaluate(self, function: Name) -> None:
        """The function is evaluated for every row."""
        self._functions.add(function)

    def fail(self, sqlstate: str, template: LiteralString, *values: Value) -> None:
        """The statement certainly fails, here, with this `error`."""
        self._failures.append(Failure(sqlstate, error(template, *values)))
        self.failed = True

    def may_fail(self, sqlstate: str, message: Message, condition: Message) -> None:
        """The statement fails if the rows (or other unknown facts) are as `condition` says."""
        failure = Failure(sqlstate, message, certain=False, condition=condition)
        if failure not in self._doubts:
            self._doubts.add(failure)
            self._failures.append(failure)

    def change(self, row_change: RowChange) -> None:
        self._rows[row_change] = None

    def wait(self, *whom: LiteralString) -> None:
        self._waits.update(dict.fromkeys(whom))

    def assume(self, template: LiteralString, *values: Value) -> None:
        """Adds a `clause` about what is not known and therefore assumed."""
        self._assumptions[clause(template, *values)] = None

    def refuse_in_transaction(self) -> None:
        self._refused = True

    # Questions

    @property
    def zone(self) -> tzinfo | None:
        """The session's time zone, in which times without an offset are read; None where it is not known."""
        setting = self.session.setting("timezone")
        return zone_called(setting.value) if setting is not None and setting.value is not None else None

    def is_empty(self, name: Name) -> bool:
        """Whether it is known to have no rows."""
        relation = self.database.relation(name)
        size = relation.size if relation is not None else None
        return size is not None and size.rows == 0 and size.heap_bytes in (0, None) and not size.stale

    def is_known(self, name: Name) -> bool:
        return not self.database.is_partial(name)

    def has_rows(self, name: Name) -> bool:
        """Whether it is known to have rows."""
        relation = self.database.relation(name)
        return relation is not None and relation.size is not None and bool(relation.size.rows)

    def find(self, name: Name, *, missing_ok: bool = False) -> bool:
        """Whether to continue with the relation: fails where it is known not to exist, assumes it where unknown."""
        if self.database.exists(name):
            if (relation := self.database.relation(name)) is not None and relation.partial:
                self._assume_partial(relation)
            return True
        if self.database.known:
            if not missing_ok:
                self.fail("42P01", "relation {} does not exist", name)
            return False
        self.assume("{} exists and is a plain table, its columns, indexes and dependents are not known", name)
        return True

    def reads(self, query: op.Query, *, planned: bool = True) -> None:
        """The locks of the query's relations; where it is only parsed, not planned, no others."""
        for name in query.relations:
            if planned:
                self.read(name)
            elif self.database.exists(name) or not self.database.known:
                self.lock(name, LockMode.ACCESS_SHARE)
            if query.understood and self.database.known and not self.database.exists(name) and not _is_system(name):
                self.fail("42P01", "relation {} does not exist", name)
                return
        if planned:
            self.lock_rows(query.locked)
        if not query.understood:
            self.assume("the query reads only the relations that were recognised in it")

    def lock_rows(self, names: Iterable[Name]) -> None:
        """RowShareLock on the relations whose rows FOR UPDATE and its like lock, on a view's relations, on all below.

        Source: https://www.postgresql.org/docs/current/sql-select.html#SQL-FOR-UPDATE-SHARE.
        """
        for name in names:
            relation = self.database.relation(name)
            if relation is None and self.database.known:
                continue
            for table in self.database.tree(name):
                self.lock(table, LockMode.ROW_SHARE)
            if relation is not None and relation.kind is RelationKind.VIEW:
                self.lock_rows(dict.fromkeys(used for used, _ in relation.depends_on))

    def read(self, name: Name) -> None:
        """AccessShareLock on the relation, on a view's relations, on all below a table.

        The planner replaces a view by its query and opens each child of a table, so all of these are locked.
        """
        relation = self.database.relation(name)
        if relation is None and self.database.known:
            return
        self.lock(name, LockMode.ACCESS_SHARE)
        if relation is not None and relation.kind is RelationKind.VIEW:
            for used in dict.fromkeys(used for used, _ in relation.depends_on):
                self.read(used)
            return
        for child in self.database.descendants(name):
            self.lock(child, LockMode.ACCESS_SHARE)

    def scan_query(self, query: op.Query) -> None:
        for name in query.relations:
            self.scan_read(name)

    def scan_read(self, name: Name) -> None:
        """What reading the relation reads in full: a view's tables, a table and its children."""
        relation = self.database.relation(name)
        if relation is not None and relation.kind is RelationKind.VIEW:
            for used in dict.fromkeys(used for used, _ in relation.depends_on):
                self.scan_read(used)
            return
        if relation is None or relation.kind is not RelationKind.SEQUENCE:
            for table in self.database.tree(name):
                self.scan(table)

    def result(self) -> Effects:
        return Effects(
            locks=tuple(self._locks.values()),
            rewrites=tuple(self._rewrites),
            # A rewritten table is read once, for the rewrite; an index that is created is not rebuilt as well.
            scans=tuple(name for name in self._scans if name not in self._rewrites),
            index_builds=tuple(self._builds),
            index_rebuilds=tuple(name for name in self._rebuilds if name not in self._builds),
            sequence_rewrites=tuple(self._sequences),
            emptied=tuple(self._emptied),
            drops=tuple(self._drops),
            invalid_indexes=tuple(self._invalid),
            in_transaction=InTransaction.REFUSED if self._refused else InTransaction.ALLOWED,
            failures=tuple(self._failures),
            rows=tuple(self._rows),
            waits_for=tuple(self._waits),
            assumptions=tuple(self._assumptions),
            expressions=tuple(self._functions),
        )

    def _assume_partial(self, relation: Relation) -> None:
        if not relation.depends_on and relation.kind is RelationKind.TABLE:
            self.assume("only what the migrations say of {} is known", relation.name)


def _is_system(name: Name) -> bool:
    """Catalogs and views of PostgreSQL itself, which are in no snapshot."""
    return name.name.startswith("pg_") or (name.schema or "").startswith(("pg_", "information_schema"))
