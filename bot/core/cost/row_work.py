"""The time of rows inserted, changed and deleted, by the statement itself and by foreign keys in consequence."""

from collections.abc import Iterator, Sequence

from bot.core.cost.rates import CHANGING, SCANNING, Rates, speed, spread
from bot.core.cost.selectivity import Matched, matched
from bot.core.cost.sizes import Extent, extent
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.facts import Effects, RowChange
from bot.core.language.messages import NOTHING, Message, Rows, say
from bot.core.language.names import Name
from bot.core.language.seconds import Estimate
from bot.core.record import record
from bot.core.schema.catalog import CatalogIndex, Relation
from bot.core.schema.session import Session

_ENTRIES = {"btree": 1.0, "hash": 1.0, "brin": 0.1, "gin": 20.0, "gist": 5.0, "spgist": 3.0, "hnsw": 300.0}
"""GIN measured with tsvectors of 25 words: 70 to 100 us a row; the others, except btree, were not measured."""
_SKEW = 4.0
"""A parent row may have this many times the average number of children."""


def row_work(
    effects: Effects, operations: Sequence[op.Operation], session: Session, rates: Rates
) -> Iterator[Estimate | None]:
    """One part for each row change of the statement; None where the size of a table is unknown."""
    counts: dict[Name, Matched] = {}
    for change in effects.rows:
        size = extent(change.table, session)
        if size is None:
            yield None
            continue
        changing = _Changing(change, size, session, rates)
        if change.through is None:
            count = _own_rows(change, operations, size, session)
            if count is None:
                yield None
                continue
            counts[change.table] = _more(counts.get(change.table), count)
            yield changing.search(count) + changing.write(count, by_application=_by_application(operations))
            continue
        parents = counts.get(change.parent) if change.parent is not None else None
        count = _children(change, parents, size, session)
        if count is None or parents is None:
            yield None
            continue
        counts[change.table] = _more(counts.get(change.table), count)
        yield changing.follow(parents) + changing.write(count)


@record
class _Changing:
    """One row change with the size of its table."""

    change: RowChange
    size: Extent
    session: Session
    rates: Rates

    def search(self, count: Matched) -> Estimate:
        """Reading the table to find the rows, unless an index leads to them; INSERT searches nothing."""
        if self.change.action == "INSERT" or count.found:
            return Estimate(0.0, 0.0, 0.0)
        return self._read(1.0, 1.0, 1.0)

    def write(self, count: Matched, *, by_application: bool = False) -> Estimate:
        """Rows changed, with their index entries, row triggers and foreign key checks."""
        if self.change.action == "CHECK":
            return Estimate(0.0, 0.0, 0.0)
        each = self._seconds_each() + (1 / self.rates.application_rows if by_application else 0.0)
        # The rate is a secret: the indexes and triggers of the table can be counted from it.
        assumed = say(", assuming {}", count.says) if count.says else NOTHING
        rests = (say("{}{}", self._counted(count), assumed), say("{} a second", Rows(round(1 / each))))
        doubt = self.size.doubt
        low, high = count.low * each * CHANGING.low / doubt, count.high * each * CHANGING.high * doubt
        return Estimate(low, count.likely * each, high, rests)

    def follow(self, parents: Matched) -> Estimate:
        """Children looked up for each parent row: through an index, or by reading the whole table each time."""
        if not self.change.indexed:
            return self._read(parents.low, parents.likely, parents.high)
        each = 1 / self.rates.lookups
        return Estimate(parents.low * each * 0.5, parents.likely * each, parents.high * each * 2.0)

    def _read(self, low: float, likely: float, high: float) -> Estimate:
        seconds = max(self.size.rows / self.rates.scan_rows, self.size.heap_bytes / self.rates.scan_bytes)
        once = spread(seconds, SCANNING, self.size.doubt)
        times = say("once for each of about {}, ", Rows(round(likely))) if likely > 1 else NOTHING
        rests = (self.size.says, say("reading it {}at {}", times, speed(self.rates.scan_bytes)))
        return Estimate(once.low * low, once.likely * likely, once.high * high, rests)

    def _counted(self, count: Matched) -> Message:
        table = named.plain(self.change.table)
        some, all_of_them = round(count.likely), round(self.size.rows)
        if some >= all_of_them:
            return say("{} in {}", Rows(all_of_them), table)
        return say("about {} of {} in {}", Rows(max(1, some)), Rows(all_of_them), table)

    def _seconds_each(self) -> float:
        relation = self.session.catalog.relations.get(self.change.table)
        indexes = self.session.catalog.indexes_of(self.change.table)
        entries = sum(map(_entries, indexes)) / self.rates.index_entries
        triggers = _row_triggers(relation, self.change.action) / self.rates.triggers
        match self.change.action:
            case "DELETE" | "CASCADE":
                return 1 / self.rates.delete_rows + triggers
            case "INSERT":
                return 1 / self.rates.insert_rows + entries + triggers
            case _:
                return 1 / self.rates.update_rows + entries + triggers


def _entries(index: CatalogIndex) -> float:
    """The cost of a row's entry in the index, in entries of a B-tree; a partial index is assumed to have a fifth."""
    if not index.ready or index.partitioned:
        return 0.0
    return _ENTRIES.get(index.method, 5.0) * (1.0 if index.where is None else 0.2)


def _by_application(operations: Sequence[op.Operation]) -> bool:
    return any(isinstance(one, op.Update | op.Delete) and one.by_application for one in operations)


def _row_triggers(relation: Relation | None, action: str) -> int:
    event = {"INSERT": "INSERT", "DELETE": "DELETE", "CASCADE": "DELETE"}.get(action, "UPDATE")
    standing = relation.triggers if relation is not None else ()
    return sum(1 for trigger in standing if trigger.enabled and trigger.for_each_row and event in trigger.events)


def _own_rows(change: RowChange, operations: Sequence[op.Operation], size: Extent, session: Session) -> Matched | None:
    """Rows that the statement itself touches in the table; None where that is not known."""
    relation = session.catalog.relations.get(change.table)
    for operation in operations:
        match operation:
            case op.Update(where=where) | op.Delete(where=where):
                return matched(where, relation, size.rows, session)
            case op.Insert(rows=int(rows)) | op.Copy(rows=int(rows)):
                return Matched(rows, rows, rows)
            case op.Insert(query=op.Query() as query):
                return _from_query(query, session)
            case op.Merge(source=source):
                return _from_query(source, session)
            case _:
                pass
    return None


def _from_query(query: op.Query, session: Session) -> Matched | None:
    """At most the rows of the largest table read, unless a join multiplies them; one row where it reads no table."""
    if not query.understood:
        return None
    sizes = [extent(session.resolve(relation), session) for relation in query.relations]
    known = [size.rows for size in sizes if size is not None]
    if len(known) < len(sizes):
        return None
    if not known:
        return None if query.calls else Matched(1, 1, 1)
    most = max(known)
    if query.limit:
        return Matched(min(1.0, most), min(most, 1000.0), most, say("the LIMIT is small"))
    if query.where is None:
        return Matched(min(1.0, most), most, most)
    return Matched(min(1.0, most), most / 3, most, say("a third of the rows fit the condition"))


def _children(change: RowChange, parents: Matched | None, size: Extent, session: Session) -> Matched | None:
    """Child rows by the parents: from n_distinct of the referencing column, else child rows by parent rows."""
    if parents is None or change.parent is None:
        return None
    among = extent(change.parent, session)
    if among is None:
        return None
    relation = session.catalog.relations.get(change.table)
    column = relation.column(change.columns[0]) if relation is not None and len(change.columns) == 1 else None
    if column is not None and column.distinct:
        groups = column.distinct if column.distinct > 0 else -column.distinct * size.rows
        present = size.rows * (1 - (column.null_fraction or 0.0))
    else:
        groups, present = among.rows, size.rows
    each = present / max(1.0, groups)
    says = say("{} for each row of {}", Rows(max(1, round(each))), named.plain(change.parent))
    most = min(size.rows, parents.high * each * _SKEW)
    likely = min(size.rows, parents.likely * each)
    everybody = parents.low >= among.rows
    return Matched(likely / 2 if everybody else 0.0, likely, most, says)


def _more(one: Matched | None, other: Matched) -> Matched:
    """The sum for rows of the same table that are reached in two ways."""
    if one is None:
        return other
    return Matched(one.low + other.low, one.likely + other.likely, one.high + other.high, one.says or other.says)
