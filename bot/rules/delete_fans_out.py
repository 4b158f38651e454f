"""The rule about further rows that a DELETE or UPDATE changes through foreign keys."""

from bot.core.judging.findings import SafeRewrite, Step
from bot.core.judging.rule import Hazard, Hazards, LocksRows, Moment, rule
from bot.core.judging.sentences import exceeds, how_large, timeout
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.expression import ColumnReference, Conjunct, Expression
from bot.core.language.facts import RowChange
from bot.core.language.messages import Message, Rows, listing, paragraphs, say, sentence
from bot.core.language.names import Name, quote
from bot.core.language.naming import joined, object_name
from bot.core.language.splice import column_element
from bot.core.rewrites import safe
from bot.core.rewrites.finishing import finished
from bot.core.rewrites.steps import outside, script

_DOES = {
    "CASCADE": say("carries the change to"),
    "DELETE": say("deletes the rows that refer to them from"),
    "UPDATE": say("updates the rows that refer to them in"),
    "CHECK": say("looks for rows that refer to them in"),
}


@rule(rank=35)
def delete_fans_out(change: op.Delete | op.Update, moment: Moment) -> Hazards:
    """Deleting a few rows changes every row that refers to them.

    ON DELETE CASCADE or SET NULL runs once for each deleted row, in the same transaction: a handful of parents
    may have millions of children. Without an index on the referring column each of them costs a full scan of
    the other table.

    ```sql flagged
    -- given: CREATE TABLE connections (id bigint PRIMARY KEY, name text);
    -- given: CREATE TABLE events (id bigint PRIMARY KEY, connection_id bigint);
    -- given: ALTER TABLE events ADD FOREIGN KEY (connection_id) REFERENCES connections (id) ON DELETE SET NULL;
    -- rows: connections 200
    -- rows: events 40000000
    DELETE FROM connections WHERE name LIKE 'old%';
    ```

    Index the referring column, change the children in batches first, then delete the parents.

    ```sql rewritten
    -- 1. A migration outside a transaction:
    SET lock_timeout = 0;
    CREATE INDEX CONCURRENTLY events_connection_id_idx ON events (connection_id);
    -- 2. A script, in batches:
    UPDATE events
    SET connection_id = NULL
    WHERE connection_id IN (SELECT id FROM connections WHERE name LIKE 'old%');
    -- 3. A script, in batches:
    DELETE FROM connections WHERE name LIKE 'old%';
    ```

    ```sql allowed
    -- given: CREATE TABLE drafts (id bigint PRIMARY KEY, name text);
    DELETE FROM drafts WHERE id = 7;
    ```
    """
    if moment.is_new(change.table):
        return
    carried = [one for one in moment.effects.rows if one.through is not None and not moment.is_new(one.table)]
    if not carried:
        return
    heavy = [one for one in carried if one.action != "CHECK" or not one.indexed]
    if not heavy or moment.judged.likely <= moment.policy.thresholds.reads_blocked_warning:
        return
    assumed = Rows(moment.policy.thresholds.assumed_rows, secret=False)
    time = (
        say("It takes {}, and every row it changes stays locked until the transaction ends.", moment.estimate)
        if moment.estimate is not None
        else say("migsafe cannot tell how long that takes; it is judged as {} in each table of unknown size.", assumed)
    )
    unindexed = list(dict.fromkeys((one.table, one.columns) for one in heavy if not one.indexed))
    yield Hazard(
        harms=(
            *(LocksRows(one.table, moment.estimate, moment.judged) for one in heavy),
            LocksRows(moment.session.resolve(change.table), moment.estimate, moment.judged),
            *exceeds(moment),
        ),
        title=say("The change to {} fans out to {}", change.table, listing(dict.fromkeys(one.table for one in heavy))),
        message=paragraphs(
            *(_carried(one) for one in heavy[:3]),
            *(
                say(
                    "{} has no index on {}: each row costs a scan of the whole table.",
                    table,
                    listing(named.column(column, table) for column in columns),
                )
                for table, columns in unindexed[:3]
            ),
            time,
            how_large(heavy[0].table, moment),
            timeout(moment),
        ),
        rewrite=_children_first(change, heavy, moment),
        assumptions=moment.effects.assumptions,
    )


def _children_first(change: op.Delete | op.Update, carried: list[RowChange], moment: Moment) -> SafeRewrite | None:
    """Missing indexes, the children changed in batches, then the parents."""
    last = safe(moment)
    if last is None:
        return None
    steps: list[Step] = []
    gained: list[Message] = []
    for one in carried:
        table = Name(one.table.name, None if one.table.schema == "public" else one.table.schema)
        if not one.indexed and one.columns:
            name = object_name(table.name, joined(one.columns), "idx")
            index = op.CreateIndex(name, table, tuple(map(column_element, one.columns)), concurrently=True)
            steps.append(outside(f"build_{name}", index, moment, say("So that each row finds those that refer to it.")))
            gained.append(say("{} keeps the new index {}", table, named.index(name)))
        child = _change_of(change, one, table, moment)
        if child is not None:
            steps.append(script(f"clear_{table.name}", child, say("The rows that refer to them, in batches, first.")))
    distinct = tuple(dict.fromkeys(steps))
    differs = paragraphs(*(one for one in (last.differs, *dict.fromkeys(gained)) if one))
    return finished(SafeRewrite((*distinct, *last.steps), differs, last.takes), moment)


def _change_of(
    change: op.Delete | op.Update, one: RowChange, table: Name, moment: Moment
) -> op.Delete | op.Update | None:
    """What ON DELETE would do to the children, as a statement that can be split into batches."""
    parent = moment.relation(change.table)
    if not isinstance(change, op.Delete) or len(one.columns) != 1 or parent is None or one.parent != parent.name:
        return None
    key = next(
        (
            constraint.definition.columns[0]
            for constraint in parent.constraints
            if isinstance(constraint.definition, op.PrimaryKey) and len(constraint.definition.columns) == 1
        ),
        None,
    )
    if key is None or (change.where is not None and not change.where.understood):
        return None
    column = quote(one.columns[0])
    which = f" WHERE {change.where.text}" if change.where is not None else ""
    text = f"{column} IN (SELECT {quote(key)} FROM {change.table}{which})"
    where = Expression(
        text,
        (ColumnReference(one.columns[0], None, 0, len(column)),),
        conjuncts=(Conjunct(0, len(text)),),
        relations=(change.table,),
    )
    if one.action == "SET NULL":
        return op.Update(table, one.columns, where, (change.table,), assignments=f"{column} = NULL")
    return op.Delete(table, where, (change.table,)) if one.action in ("CASCADE", "DELETE") else None


def _carried(one: RowChange) -> Message:
    key = named.foreign_key(one.through or "", one.table)
    return sentence(say("the foreign key {} {} {}", key, _does(one), one.table))


def _does(one: RowChange) -> Message:
    columns = listing(named.column(column, one.table) for column in one.columns)
    match one.action:
        case "SET NULL":
            return say("sets {} to NULL in", columns)
        case "SET DEFAULT":
            return say("sets {} to its default in", columns)
        case _:
            return _DOES.get(one.action, say("reaches"))
