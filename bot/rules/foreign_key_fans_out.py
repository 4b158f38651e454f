"""The rule about foreign keys that will carry a delete to very many rows."""

from functools import reduce

from bot.core.cost.estimate import Estimate, estimate
from bot.core.effects import effects
from bot.core.judging.rule import Hazard, Hazards, LocksRows, Moment, Remark, rule
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.expression import ColumnReference, Conjunct, Expression
from bot.core.language.messages import NOTHING, Message, Rows, listing, paragraphs, say
from bot.core.language.names import Name, quote
from bot.core.language.splice import column_element
from bot.core.record import replace
from bot.core.rewrites import safe
from bot.core.rewrites.foreign_keys import beside_the_table, is_indexed, unindexed_keys
from bot.core.rewrites.steps import both
from bot.core.schema.session import Session
from bot.core.schema.versions import Draft

_CARRIES = ("SET NULL", "SET DEFAULT", "CASCADE")


@rule(rank=36)
def foreign_key_fans_out(change: op.AddForeignKey | op.AddColumn | op.CreateTable, moment: Moment) -> Hazards:
    """A foreign key from a wide table to a small one makes each delete there change very many rows.

    With ON DELETE SET NULL or CASCADE, deleting one row of the small table rewrites or deletes all that refer
    to it, in one transaction. Without an index on the referring column every delete reads the whole table,
    whatever ON DELETE says.

    ```sql flagged
    -- given: CREATE TABLE users (id bigint PRIMARY KEY);
    -- given: CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);
    -- rows: users 40000000
    -- rows: orders 80000000
    ALTER TABLE orders ADD CONSTRAINT orders_users FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;
    ```

    Index the referring column first.

    ```sql rewritten
    -- 1. A migration outside a transaction:
    SET lock_timeout = 0;
    CREATE INDEX CONCURRENTLY orders_user_id_idx ON orders (user_id);
    -- 2. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE orders ADD CONSTRAINT orders_users FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;
    -- 3. A migration:
    SET LOCAL statement_timeout = 0;
    ALTER TABLE orders VALIDATE CONSTRAINT orders_users;
    ```

    Where the fan-out is large, an index is not enough: use NO ACTION, and clear the children in batches before a
    parent is deleted.

    ```sql flagged
    -- given: CREATE TABLE connections (id bigint PRIMARY KEY, name text);
    -- given: CREATE TABLE events (id bigint PRIMARY KEY, connection_id bigint);
    -- rows: connections 10
    -- rows: events 40000000
    ALTER TABLE events ADD FOREIGN KEY (connection_id) REFERENCES connections (id) ON DELETE SET NULL NOT VALID;
    ```

    A new column that refers to another table needs the index, too, before the key; a new table can have it at once.

    ```sql flagged
    -- given: CREATE TABLE users (id bigint PRIMARY KEY);
    -- given: CREATE TABLE orders (id bigint PRIMARY KEY);
    -- rows: users 40000000
    -- rows: orders 80000000
    ALTER TABLE orders ADD COLUMN user_id bigint REFERENCES users (id);
    ```

    ```sql flagged
    -- given: CREATE TABLE users (id bigint PRIMARY KEY);
    -- rows: users 40000000
    CREATE TABLE reviews (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));
    ```

    ```sql allowed
    -- given: CREATE TABLE users (id bigint PRIMARY KEY);
    -- given: CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);
    -- given: CREATE INDEX orders_user_id_idx ON orders (user_id);
    ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;
    ```
    """
    match change:
        case op.AddForeignKey():
            yield from _of_rows(change, moment)
        case op.AddColumn():
            yield from _of_a_new_column(change, moment)
        case op.CreateTable():
            yield from _of_a_new_table(change, moment)


def _of_a_new_column(change: op.AddColumn, moment: Moment) -> Hazards:
    """No row refers to anything yet; that none does is looked up in the whole table."""
    keys = [one for one in change.column.constraints if isinstance(one, op.ForeignKey)]
    unique = any(isinstance(one, op.Unique | op.PrimaryKey) for one in change.column.constraints)
    if unique or moment.is_new(change.table) or change.column.default is not None:
        return
    for key in keys:
        added = op.AddForeignKey(change.table, key)
        seconds = None if is_indexed(added, moment) else _one_delete(added, moment)
        if seconds is None or seconds.likely <= moment.policy.thresholds.reads_blocked_warning:
            continue
        yield Hazard(
            harms=(Remark(moment.session.resolve(change.table)),),
            title=say("Each delete from {} will read all of {}", key.references, change.table),
            message=say(
                "{} has no index on {}: deleting one row of {} looks for the rows that refer to it in the whole table. "
                "Each takes {}.",
                change.table,
                named.column(change.column.name, change.table),
                key.references,
                seconds,
            ),
            rewrite=safe(moment),
        )


def _of_a_new_table(table: op.CreateTable, moment: Moment) -> Hazards:
    """Only where the other table is known to be large: the new one may grow as large, and nobody knows yet."""
    if table.partition_of is not None or moment.statement.inside is not None:
        return
    keys = [key for key in unindexed_keys(table, moment) if _is_large(key.references, moment)]
    if not keys:
        return
    parents = listing(dict.fromkeys(say("{}", key.references) for key in keys))
    columns = listing(named.column(column, table.table) for key in keys for column in key.columns)
    yield Hazard(
        harms=(Remark(table.table),),
        title=say("Each delete from {} will read all of {}", parents, table.table),
        message=say(
            "{} has no index on {}: deleting a row of {} looks for the rows that refer to it in the whole table, "
            "however many it holds by then. Create the index with the table: on an empty one it costs nothing.",
            table.table,
            columns,
            parents,
        ),
        # A call that creates a table would have to be written as SQL; an index beside it, its author writes at once.
        rewrite=beside_the_table(table, moment) if moment.statement.path.endswith(".sql") else None,
    )


def _is_large(table: Name, moment: Moment) -> bool:
    rows = None if moment.is_new(table) else _rows(moment.session.resolve(table), moment)
    return rows is not None and rows >= _LARGE


_LARGE = 1_000_000
"""Rows of a table whose children are likely to be many, too."""


def _of_rows(change: op.AddForeignKey, moment: Moment) -> Hazards:
    key = change.constraint
    child, parent = moment.session.resolve(change.table), moment.session.resolve(key.references)
    if moment.is_new(child):
        return
    if _fans_out_already(change, moment):
        return
    indexed = is_indexed(change, moment)
    carries = key.on_delete in _CARRIES
    if indexed and not carries:
        return
    seconds = _one_delete(change, moment)
    if seconds is None:
        if carries:
            yield _of_unknown_size(change)
        return
    if seconds.likely <= moment.policy.thresholds.reads_blocked_warning:
        return
    children, parents = _rows(child, moment), _rows(parent, moment)
    columns = listing(named.column(column, change.table) for column in key.columns)
    found = None if indexed else _one_delete(change, moment, indexed=True)
    still = found is not None and found.likely > moment.policy.thresholds.reads_blocked_warning
    fan_out = children // parents if children and parents else None
    reached = say(": about {}, as the tables are now", Rows(fan_out)) if fan_out and carries else NOTHING
    yield Hazard(
        # Nothing waits for the migration itself: the time is that of a later delete.
        harms=(LocksRows(child, None, seconds) if carries else Remark(child),),
        title=say("Each delete from {} will reach {} of {}", key.references, _reached(fan_out), change.table),
        message=paragraphs(
            say(
                "Deleting one row of {} will {} the rows of {} that refer to it{}.",
                key.references,
                _does(key.on_delete, columns),
                change.table,
                reached,
            ),
            NOTHING
            if indexed
            else say("{} has no index on {}: every such delete reads the whole table.", change.table, columns),
            say("Each takes {} and locks the rows it changes.", seconds),
            _with_an_index(change, found) if still and found is not None else NOTHING,
        ),
        rewrite=None if indexed or still else safe(moment),
    )


def _fans_out_already(change: op.AddForeignKey, moment: Moment) -> bool:
    """Whether a key between the same tables carries each delete as far: a second one takes its place."""
    relation, key = moment.relation(change.table), change.constraint
    parent = moment.session.resolve(key.references)
    for constraint in relation.constraints if relation is not None else ():
        other = constraint.definition
        if isinstance(other, op.ForeignKey) and moment.session.resolve(other.references) == parent:
            alike = other.on_delete == key.on_delete and len(other.columns) == len(key.columns)
            if alike and not is_indexed(op.AddForeignKey(change.table, other), moment):
                return True
    return False


def _of_unknown_size(change: op.AddForeignKey) -> Hazard:
    key = change.constraint
    columns = listing(named.column(column, change.table) for column in key.columns)
    return Hazard(
        harms=(Remark(change.table),),
        title=say("Each delete from {} will change rows of {}", key.references, change.table),
        message=say(
            "Deleting one row of {} will {} the rows of {} that refer to it. migsafe cannot tell how many that "
            "are, nor whether {} is indexed.",
            key.references,
            _does(key.on_delete, columns),
            change.table,
            columns,
        ),
        assumptions=(say("few rows refer to each, and they are found by an index"),),
    )


def _with_an_index(change: op.AddForeignKey, seconds: Estimate) -> Message:
    return say(
        "An index on it does not help enough: each would take {}. Leave ON DELETE out, and clear the rows of {} in "
        "batches before a row of {} is deleted.",
        seconds,
        change.table,
        change.constraint.references,
    )


def _one_delete(change: op.AddForeignKey, moment: Moment, *, indexed: bool = False) -> Estimate | None:
    """How long deleting one parent row will take once the key exists; None where that is not known.

    `indexed`: once an index finds the rows that refer to it, too.
    """
    columns = change.constraint.references_columns or _primary_key(change.constraint.references, moment)
    if not columns:
        return None
    tests = [Expression(f"{quote(column)} = 1") for column in columns]
    where = reduce(both, [_equals(test, column) for test, column in zip(tests, columns, strict=True)])
    delete = replace(moment.statement, operations=(op.Delete(change.constraint.references, where),))
    later = moment.session.after(moment.statement, moment.effects, moment.index)
    if indexed:
        index = op.CreateIndex(None, change.table, tuple(map(column_element, change.constraint.columns)))
        built = replace(moment.statement, operations=(index,))
        later = later.after(built, effects(built, later, moment.major), moment.index)
    child, parent = moment.session.resolve(change.table), moment.session.resolve(change.constraint.references)
    later = _with_this_key_alone(later, child, parent, change.constraint)
    return estimate(effects(delete, later, moment.major), delete, later)


def _with_this_key_alone(session: Session, child: Name, parent: Name, key: op.ForeignKey) -> Session:
    """The session without the other keys to the parent: what a delete costs because of them is not this one's."""
    links, relation = session.links, session.catalog.relations.get(child)
    if links is None or relation is None:
        return session
    referencing, relations = Draft(links.referencing), Draft(session.catalog.relations)
    referencing[parent] = (child,)
    own = [one for one in relation.constraints if _is_on(one.definition, key)]
    relations[child] = replace(relation, constraints=tuple(own[-1:]))
    return replace(
        session,
        links=replace(links, referencing=referencing.freeze()),
        catalog=replace(session.catalog, relations=relations.freeze()),
    )


def _is_on(constraint: op.Constraint, key: op.ForeignKey) -> bool:
    return isinstance(constraint, op.ForeignKey) and constraint.columns == key.columns


def _equals(test: Expression, column: str) -> Expression:
    reference = ColumnReference(column, None, 0, len(quote(column)))
    return replace(test, columns=(reference,), conjuncts=(Conjunct(0, len(test.text), column, "=", "1"),))


def _primary_key(table: Name, moment: Moment) -> tuple[str, ...]:
    relation = moment.relation(table)
    constraints = relation.constraints if relation is not None else ()
    keys = (one.definition.columns for one in constraints if isinstance(one.definition, op.PrimaryKey))
    return next(keys, ())


def _does(action: str, columns: Message) -> Message:
    match action:
        case "SET NULL":
            return say("set {} to NULL in", columns)
        case "SET DEFAULT":
            return say("set {} to its default in", columns)
        case "CASCADE":
            return say("delete")
        case _:
            return say("look for")


def _reached(fan_out: int | None) -> Message:
    return say("about {}", Rows(fan_out)) if fan_out else say("many rows")


def _rows(table: Name, moment: Moment) -> int | None:
    relation = moment.relation(table)
    return relation.size.rows if relation is not None and relation.size is not None else None
