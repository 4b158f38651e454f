"""How long a statement works: what it does to which rows and bytes in, seconds out, with the sources of the figure."""

from collections.abc import Callable, Iterable, Iterator

from bot.core.cost.rates import (
    CHECKING,
    COMPUTING,
    DEFAULT,
    GUESSING,
    INDEXING,
    SCANNING,
    WRITING,
    Rates,
    rate_of,
    speed,
    spread,
)
from bot.core.cost.row_work import row_work
from bot.core.cost.sizes import Extent, column_width, extent, leaves, width_of
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.facts import Effects
from bot.core.language.messages import NOTHING, Code, Message, RowWidth, Unmarked, say
from bot.core.language.migrations import Statement
from bot.core.language.named import Named
from bot.core.language.names import Name
from bot.core.language.seconds import Estimate
from bot.core.schema.catalog import CatalogIndex, RelationKind
from bot.core.schema.session import Session

__all__ = ["INSTANT", "Estimate", "estimate"]

INSTANT = Estimate(0.001, 0.005, 0.1)
"""Work on the catalogs only."""


def estimate(effects: Effects, statement: Statement, session: Session, rates: Rates = DEFAULT) -> Estimate | None:
    """The statement's own run time in seconds, without waiting for locks; None where a size is unknown.

    Only work that PostgreSQL does is counted: `effects` says what is rewritten, read and built, the operations say
    which expressions that evaluates.
    """
    if any(failure.certain and failure.sqlstate == _UNDEFINED_TABLE for failure in effects.failures):
        return None
    total = INSTANT
    for part in _Work(effects, statement, session, rates).parts():
        if part is None:
            return None
        total += part
    return total


_UNDEFINED_TABLE = "42P01"
"""Merged, but not deployed yet: nothing is known of such a table."""
_GIN_SHARE = 0.25
"""Bytes of a GIN index for each byte of text or value in it; measured: 0.2 for tsvectors of 200 bytes of text."""


class _Work:
    """One statement's work, part by part; a part is None where the size it needs is unknown."""

    def __init__(self, effects: Effects, statement: Statement, session: Session, rates: Rates) -> None:
        self.effects = effects
        self.operations = statement.operations
        self.session = session
        self.catalog = session.catalog
        self.rates = rates

    def parts(self) -> Iterator[Estimate | None]:
        for table in leaves(self.effects.rewrites, self.session):
            yield self._on(table, self._rewrite)
        yield from self._rebuilds()
        keys = self._foreign_keys()
        for table in self._scanned():
            yield self._on(table, self._check_keys if table in keys else self._scan)
        for operation in self.operations:
            yield from self._of(operation)
        yield from row_work(self.effects, self.operations, self.session, self.rates)

    def _scanned(self) -> list[Name]:
        """Tables read in full, except those whose reading belongs to the changed rows or to each rebuilt index."""
        elsewhere = {change.table for change in self.effects.rows}
        if any(isinstance(operation, op.Reindex) for operation in self.operations):
            elsewhere |= {self._table_of(index) for index in self.effects.index_rebuilds}
        return [table for table in leaves(self.effects.scans, self.session) if table not in elsewhere]

    def _on(self, table: Name, work: "_Measure") -> Estimate | None:
        size = extent(table, self.session)
        return None if size is None else work(table, size)

    def _rewrite(self, _table: Name, size: Extent) -> Estimate:
        seconds = max(size.rows / self.rates.rewrite_rows, size.bytes / self.rates.rewrite_bytes)
        rests = say("rewriting at {}", speed(self.rates.rewrite_bytes))
        return spread(seconds, WRITING, size.doubt, size.says, rests)

    def _scan(self, _table: Name, size: Extent) -> Estimate:
        seconds = max(size.rows / self.rates.scan_rows, size.heap_bytes / self.rates.scan_bytes)
        rests = say("reading at {}", speed(self.rates.scan_bytes))
        return spread(seconds, SCANNING, size.doubt, size.says, rests)

    def _check_keys(self, table: Name, size: Extent) -> Estimate:
        checking = size.rows / self.rates.foreign_key_rows
        rests = say("checking {} a second against the other table", rate_of(self.rates.foreign_key_rows))
        return self._scan(table, size) + spread(checking, CHECKING, size.doubt, size.says, rests)

    def _rebuilds(self) -> Iterator[Estimate | None]:
        rewritten = set(self.effects.rewrites)
        for name in self.effects.index_rebuilds:
            index = self.catalog.indexes.get(name)
            if index is None or index.partitioned:
                continue
            size = self._indexed_extent(index)
            if size is None:
                yield None
                continue
            keys = self._keys(index.table, size, index.method, index.elements)
            once = self._scan(index.table, size)
            twice = any(isinstance(operation, op.Reindex) and operation.concurrently for operation in self.operations)
            times = 0 if index.table in rewritten else 2 if twice else 1
            yield _sum([*[once] * times, keys if index.method != "btree" else self._rebuild(size, index)])

    def _indexed_extent(self, index: CatalogIndex) -> Extent | None:
        """The part of the table that a partial index has, judged by the index's own size."""
        size = extent(index.table, self.session)
        if size is None or index.where is None or index.bytes is None or not size.rows:
            return size
        widths = sum(self._element_width(index.table, element) for element in index.elements)
        entry = max(16.0, _GIN_SHARE * widths if index.method == "gin" else 12.0 + widths)
        share = min(1.0, index.bytes / (entry * size.rows))
        return Extent(size.rows * share, size.heap_bytes, size.toast_bytes, size.says, size.doubt * 1.5)

    def _rebuild(self, size: Extent, index: CatalogIndex) -> Estimate:
        rests = say("rebuilding its indexes at {} a second each", rate_of(self.rates.rebuild_rows))
        plain = spread(size.rows / self.rates.rebuild_rows, INDEXING, size.doubt, rests)
        computed = [element.expression for element in index.elements if element.column is None]
        return _sum([plain, *(self._compute(index.table, size, one) for one in computed)])

    def _foreign_keys(self) -> set[Name]:
        """The referencing tables whose rows a foreign key is checked for."""
        found: set[Name] = set()
        for operation in self.operations:
            match operation:
                case op.AddForeignKey(table=table):
                    found.add(self.session.resolve(table))
                case op.AddColumn(table=table, column=column) if any(
                    isinstance(c, op.ForeignKey) for c in column.constraints
                ):
                    found.add(self.session.resolve(table))
                case op.ValidateConstraint(table=table, constraint=constraint):
                    if isinstance(self._definition(table, constraint), op.ForeignKey):
                        found.add(self.session.resolve(table))
                case _:
                    pass
        partitions = {relation.name for table in found for relation in self.catalog.partitions_of(table)}
        return found | partitions

    def _definition(self, table: Name, constraint: str) -> object:
        relation = self.catalog.relations.get(self.session.resolve(table))
        standing = relation.constraints if relation is not None else ()
        return next((one.definition for one in standing if one.name == constraint), None)

    def _of(self, operation: op.Operation) -> Iterator[Estimate | None]:
        """The work that only the operation itself shows: what is computed for each row, and new indexes."""
        match operation:
            case op.AddColumn(table=table, column=column):
                yield from self._added(operation)
                for constraint in column.constraints:
                    if isinstance(constraint, op.PrimaryKey | op.Unique):
                        yield self._build(table, "btree", (), concurrently=False)
            case op.SetExpression(table=table, expression=expression) if self.effects.rewrites:
                yield self._computed(table, expression)
            case op.AlterColumnType() if self.effects.rewrites:
                yield self._retyped(operation)
            case op.AddCheck(table=table, constraint=check) if self.effects.scans or self.effects.rewrites:
                yield self._computed(table, check.expression)
            case op.CreateIndex() if self.effects.index_builds:
                yield self._build(
                    operation.table, operation.method, operation.elements, concurrently=operation.concurrently
                )
            case op.AddPrimaryKey() | op.AddUnique() if self.effects.index_builds:
                yield self._build(operation.table, "btree", (), concurrently=False)
            case op.AddExclusion(constraint=op.Exclusion(method=method)) if self.effects.index_builds:
                yield self._build(operation.table, method, (), concurrently=False)
            case op.AttachPartition(partition=partition):
                for _ in self.effects.index_builds:
                    yield self._build(partition, "btree", (), concurrently=False)
            case _:
                yield from self._maintenance(operation)

    def _added(self, operation: op.AddColumn) -> Iterator[Estimate | None]:
        column = operation.column
        if not self.effects.rewrites:
            return
        for expression in (column.generated.expression if column.generated else None, column.default):
            if expression is not None:
                yield self._computed(operation.table, expression)

    def _retyped(self, operation: op.AlterColumnType) -> Estimate | None:
        table = self.session.resolve(operation.table)
        size = extent(table, self.session)
        if size is None:
            return None
        rests = say("converting {} a second", rate_of(self.rates.casts))
        casting = spread(size.rows / self.rates.casts, COMPUTING, size.doubt, rests)
        return casting if operation.using is None else casting + self._compute(table, size, operation.using)

    def _computed(self, table: Name, expression: Expression) -> Estimate | None:
        resolved = self.session.resolve(table)
        size = extent(resolved, self.session)
        return None if size is None else self._compute(resolved, size, expression)

    def _compute(self, table: Name, size: Extent, expression: Expression) -> Estimate:
        """An expression evaluated once for every row."""
        total = Estimate(0.0, 0.0, 0.0)
        slow = [call.function for call in expression.calls if call.function.name in self.rates.text_bytes]
        if slow:
            slowest = min(slow, key=lambda one: self.rates.text_bytes[one.name])
            rate = self.rates.text_bytes[slowest.name]
            width = width_of(expression, self.catalog.relations.get(table), self.catalog)
            guess = 1.0 if self._widths_known(table, expression) else 1.6
            rests = say("{} over {} at {}", _called(slowest), RowWidth(round(width)), speed(rate))
            total += spread(width * size.rows / rate, COMPUTING, size.doubt * guess, rests)
        for call in expression.calls:
            own = self._is_own(call.function)
            rate = self.rates.user_calls if own else self.rates.calls
            rests = say("{} for {} a second", _called(call.function), rate_of(rate)) if own else NOTHING
            total += spread(size.rows / rate, GUESSING if own else COMPUTING, size.doubt, rests)
        return total + spread(size.rows * len(expression.casts) / self.rates.casts, COMPUTING, size.doubt)

    def _is_own(self, function: Name) -> bool:
        """Whether it is a function of the database's own, not of PostgreSQL."""
        database = self.session.database()
        schemas = (function.schema,) if function.schema is not None else database.search_path
        return any(database.functions_named(Name(function.name, schema)) for schema in schemas)

    def _widths_known(self, table: Name, expression: Expression) -> bool:
        relation = self.catalog.relations.get(table)
        columns = [relation.column(one.column) for one in expression.columns] if relation is not None else []
        return bool(columns) and all(column is not None and column.average_width is not None for column in columns)

    def _build(
        self, table: Name, method: str, elements: tuple[op.IndexElement, ...], *, concurrently: bool
    ) -> Estimate | None:
        resolved = self.session.resolve(table)
        size = extent(resolved, self.session)
        if size is None:
            return None
        built = self._keys(resolved, size, method, elements)
        if concurrently:
            more = 1 / self.rates.concurrently
            built = Estimate(built.low * more, built.likely * more, built.high * more, built.rests_on)
        return _sum([built, *[self._scan(resolved, size)] * (concurrently + (not self._is_read(resolved)))])

    def _is_read(self, table: Name) -> bool:
        """Whether the reading of the table, or of its partitions, is already counted."""
        read = set(self.effects.scans)
        return table in read or any(part.name in read for part in self.catalog.partitions_of(table))

    def _keys(self, table: Name, size: Extent, method: str, elements: tuple[op.IndexElement, ...]) -> Estimate:
        """The keys of one index computed, sorted and written."""
        computed = [self._compute(table, size, one.expression) for one in elements if one.column is None]
        seconds, rests = self._insertion(table, size, method, elements)
        return _sum([spread(seconds, INDEXING, size.doubt, rests), *computed])

    def _insertion(
        self, table: Name, size: Extent, method: str, elements: tuple[op.IndexElement, ...]
    ) -> tuple[float, Message]:
        trigrams = [one for one in elements if one.operator_class and one.operator_class.name.endswith("_trgm_ops")]
        if trigrams:
            width = sum(self._element_width(table, one) for one in trigrams)
            rate = self.rates.trigram_bytes
            return width * size.rows / rate, say("trigrams of {} at {}", RowWidth(round(width)), speed(rate))
        if method == "gin":
            width = sum(self._element_width(table, one) for one in elements)
            seconds = max(size.rows / self.rates.gin_rows, width * size.rows / self.rates.gin_bytes)
            return seconds, say("building GIN at {} of values", speed(self.rates.gin_bytes))
        rate = {
            "btree": self.rates.btree_rows,
            "hash": self.rates.hash_rows,
            "gist": self.rates.gist_rows,
            "brin": self.rates.scan_rows,
            "hnsw": self.rates.vector_rows,
        }.get(method, self.rates.other_index_rows)
        return size.rows / rate, say("building {} at {} a second", Unmarked(Code(method)), rate_of(rate))

    def _element_width(self, table: Name, element: op.IndexElement) -> float:
        relation = self.catalog.relations.get(table)
        column = relation.column(element.column) if relation is not None and element.column is not None else None
        if relation is None or column is None:
            return width_of(element.expression, relation, self.catalog)
        return column_width(column, relation, self.catalog)

    def _maintenance(self, operation: op.Operation) -> Iterator[Estimate | None]:
        match operation:
            case op.Cluster():
                for table in self.effects.rewrites:
                    yield self._on(table, self._rewrite)
            case op.Vacuum(full=False, tables=tables):
                for table in tables:
                    yield self._on(self.session.resolve(table), self._scan)
            case op.Analyze(tables=tables):
                for table in tables:
                    yield self._on(self.session.resolve(table), self._analyze)
            case op.CreateTableAs(query=query, with_data=True):
                yield from (self._on(table, self._rewrite) for table in self._tables(query.relations))
            case op.RefreshMaterializedView(view=view, with_data=True):
                yield self._on(self.session.resolve(view), self._rewrite)
            case op.Unread() | op.CallFunction():
                yield None
            case _:
                return

    def _tables(self, relations: Iterable[Name]) -> list[Name]:
        found: dict[Name, None] = {}
        for name in (self.session.resolve(relation) for relation in relations):
            relation = self.catalog.relations.get(name)
            if relation is not None and relation.kind is RelationKind.VIEW:
                found |= dict.fromkeys(self._beneath(name))
            elif not _is_system(name):
                found[name] = None
        return list(found)

    def _beneath(self, view: Name) -> list[Name]:
        """The tables that a view reads, through other views too."""
        found: dict[Name, None] = {}
        pending, seen = [view], {view}
        while pending:
            relation = self.catalog.relations.get(pending.pop())
            for name in dict.fromkeys(used for used, _ in relation.depends_on) if relation is not None else ():
                below = self.catalog.relations.get(name)
                if below is not None and below.kind is RelationKind.VIEW and name not in seen:
                    seen.add(name)
                    pending.append(name)
                elif below is None or below.kind is not RelationKind.VIEW:
                    found[name] = None
        return list(found)

    def _analyze(self, _table: Name, size: Extent) -> Estimate:
        rows = min(size.rows, 30_000)
        return spread(rows / self.rates.analyze_rows, SCANNING, size.doubt, size.says, say("a sample of 30,000 pages"))

    def _table_of(self, index: Name) -> Name:
        standing = self.catalog.indexes.get(index)
        return standing.table if standing is not None else index


_Measure = Callable[[Name, Extent], Estimate]


def _is_system(name: Name) -> bool:
    return name.schema in ("pg_catalog", "information_schema")


def _sum(parts: Iterable[Estimate]) -> Estimate:
    total = Estimate(0.0, 0.0, 0.0)
    for part in parts:
        total += part
    return total


def _called(function: Name) -> Named:
    return named.bare(named.function(function.name))
