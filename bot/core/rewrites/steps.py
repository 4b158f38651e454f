"""The parts that safe rewrites are made of: steps, their names and timeouts, and small expressions."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.core.judging.findings import SafeRewrite, Step, StepKind
from bot.core.judging.rule import Moment
from bot.core.language import operations as op
from bot.core.language.expression import ColumnReference, Conjunct, Expression
from bot.core.language.messages import NOTHING, Message
from bot.core.language.names import Name, quote, truncate
from bot.core.schema.catalog import RelationKind

LOCK_TIMEOUT = (("lock_timeout", "1s"),)
"""How long a safe step waits for a strong lock, with everybody behind it, before it gives up and can be tried again;
`bounded` puts what the repository and the session ask for in its place."""
UNHURRIED = (("statement_timeout", "0"),)
"""For long work that blocks nobody."""


def bounded(rewrite: SafeRewrite, moment: Moment) -> SafeRewrite:
    """The rewrite with the lock_timeout of the policy, or the shorter one that is in force where the statement stands.

    Long work that blocks nobody gets none: nobody queues behind it, and one of at most deadlock_timeout (1 s by
    default) would never get past an autovacuum of the table, which gives way only when that is over (measured on 13
    and 18: 1 s gives up each time, 1010 ms gets the lock).
    """
    inherited = moment.session.seconds("lock_timeout") or 0
    wanted, chosen = moment.policy.rewrite_lock_timeout, patience(moment)

    def set_for(step: Step) -> Step:
        settings = dict(step.settings)
        if step.settings == UNHURRIED and 0 < inherited <= wanted:
            settings["lock_timeout"] = "0"
        elif settings.get("lock_timeout", "0") != "0":
            settings["lock_timeout"] = duration(chosen)
        return replace(step, settings=tuple(settings.items()))

    return replace(rewrite, steps=tuple(map(set_for, rewrite.steps)))


def patience(moment: Moment) -> float:
    """Seconds for which a step waits for a strong lock: the policy's, or the shorter that is in force there."""
    inherited = moment.session.seconds("lock_timeout") or 0
    wanted = moment.policy.rewrite_lock_timeout
    return min(wanted, inherited) if inherited > 0 else wanted


def duration(seconds: float) -> str:
    """A time as a setting: `1s`, `1500ms`."""
    return f"{seconds:.0f}s" if seconds == int(seconds) else f"{max(1, round(seconds * 1000))}ms"


def migration(name: str, *operations: op.Operation, note: Message = NOTHING) -> Step:
    """Instant work under strong locks, in one transaction."""
    return Step(StepKind.MIGRATION, operations, note, name=slug(name), settings=LOCK_TIMEOUT)


def unhurried(name: str, *operations: op.Operation, note: Message = NOTHING) -> Step:
    """Long work under a lock that blocks neither reads nor writes, in a transaction of its own."""
    return Step(StepKind.MIGRATION, operations, note, name=slug(name), settings=UNHURRIED, apart=True)


def outside(name: str, operation: op.Operation, moment: Moment, note: Message = NOTHING) -> Step:
    """A statement that PostgreSQL refuses in a transaction block, without timeouts that are known to be short."""
    short = tuple(
        (timeout, "0")
        for timeout in ("lock_timeout", "statement_timeout")
        if (moment.session.seconds(timeout) or 0) > 0
    )
    return Step(StepKind.MIGRATION, (operation,), note, transactional=False, name=slug(name), settings=short)


def script(name: str, operation: op.Operation, note: Message) -> Step:
    return Step(StepKind.SCRIPT, (operation,), note, name=slug(name))


def deploy(note: Message) -> Step:
    return Step(StepKind.DEPLOY, note=note)


def slug(name: str) -> str:
    """A file name's slug: lower-case letters, digits and underscores, at most 60."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:60].rstrip("_") or "step"


def beside(name: Name, of: Name) -> Name:
    """`name` in the schema in which `of` was written."""
    return Name(truncate(name.name), of.schema)


def written_beside(name: Name, like: Name) -> Name:
    """A relation of the catalog as the author would write it: with its schema where `like` has one, or needs one."""
    return Name(name.name, name.schema if like.schema or name.schema != "public" else None)


def leaves_of(table: Name, moment: Moment) -> Iterator[Name]:
    """The partitions that hold rows, as the author would write them."""
    for partition in moment.session.catalog.partitions_of(moment.session.resolve(table)):
        written = written_beside(partition.name, table)
        if partition.kind is RelationKind.PARTITIONED_TABLE:
            yield from leaves_of(written, moment)
        else:
            yield written


def on_index(key: op.Unique | op.PrimaryKey, name: str | None, index: str) -> op.Unique | op.PrimaryKey:
    """The key, made of an index that is there already."""
    deferrable, deferred = key.deferrable, key.initially_deferred
    if isinstance(key, op.PrimaryKey):
        return op.PrimaryKey((), name, using_index=index, deferrable=deferrable, initially_deferred=deferred)
    return op.Unique((), name, using_index=index, deferrable=deferrable, initially_deferred=deferred)


def key_added(table: Name, key: op.Unique | op.PrimaryKey) -> op.AddUnique | op.AddPrimaryKey:
    return op.AddPrimaryKey(table, key) if isinstance(key, op.PrimaryKey) else op.AddUnique(table, key)


def is_null(column: str) -> Expression:
    return _test(column, "IS NULL")


def is_not_null(column: str) -> Expression:
    return _test(column, "IS NOT NULL")


def both(left: Expression, right: Expression) -> Expression:
    """`left AND right`; neither may have an OR at its top."""
    start = len(left.text) + len(" AND ")
    moved = shifted(right, start)
    return Expression(
        f"{left.text} AND {right.text}",
        left.columns + moved.columns,
        left.calls + moved.calls,
        left.casts + moved.casts,
        _conjuncts(left) + _conjuncts(moved, start),
        left.relations + right.relations,
        left.understood and right.understood,
    )


def tested(expression: Expression, test: str) -> Expression:
    """`(expression) IS NOT NULL` and the like; a bare column without the parentheses."""
    whole = [one for one in expression.columns if (one.start, one.end) == (0, len(expression.text))]
    if whole and whole[0].qualifier is None:
        return _test(whole[0].column, test)
    moved = shifted(expression, 1)
    text = f"({expression.text}) {test}"
    return replace(moved, text=text, conjuncts=(Conjunct(0, len(text)),))


def shifted(expression: Expression, by: int) -> Expression:
    """The expression with every offset moved: for a text in which it begins `by` characters later."""
    return replace(
        expression,
        columns=tuple(replace(one, start=one.start + by, end=one.end + by) for one in expression.columns),
        calls=tuple(replace(one, start=one.start + by, end=one.end + by) for one in expression.calls),
        casts=tuple(replace(one, start=one.start + by, end=one.end + by) for one in expression.casts),
        conjuncts=tuple(replace(one, start=one.start + by, end=one.end + by) for one in expression.conjuncts),
    )


def of_row(expression: Expression, moment: Moment, table: Name, row: str = "NEW", *, known: Sequence[str] = ()) -> str:
    """The expression's text for a trigger function: every column of the table, or of `known`, as one of `row`.

    A word that is no column in the catalog (a keyword read as a name) stays; without a catalog, all are columns.
    """
    relation = moment.relation(table)
    known = [*known, *(column.name for column in relation.columns)] if relation is not None else ()
    text = expression.text
    for reference in sorted(expression.columns, key=lambda one: one.start, reverse=True):
        if not known or reference.column in known:
            text = f"{text[: reference.start]}{row}.{quote(reference.column)}{text[reference.end :]}"
    return text


def base_columns(expression: Expression, moment: Moment, table: Name) -> tuple[str, ...]:
    """The columns of the table that the expression reads, each once, in its order."""
    relation = moment.relation(table)
    known = {column.name for column in relation.columns} if relation is not None else set()
    names = (one.column for one in expression.columns)
    return tuple(dict.fromkeys(name for name in names if not known or name in known))


def dollar_quoted(body: str) -> str:
    """The text between dollar quotes whose tag is not in it."""
    tag = next(tag for tag in ("$$", *(f"$body{number or ''}$" for number in range(len(body) + 1))) if tag not in body)
    return f"{tag}{body}{tag}"


def literal(text: str) -> str:
    """A string constant."""
    return "'" + text.replace("'", "''") + "'"


def _test(column: str, test: str) -> Expression:
    name = quote(column)
    text = f"{name} {test}"
    return Expression(
        text,
        columns=(ColumnReference(column, None, 0, len(name)),),
        conjuncts=(Conjunct(0, len(text), column, test),),
    )


def _conjuncts(expression: Expression, start: int = 0) -> tuple[Conjunct, ...]:
    return expression.conjuncts or (Conjunct(start, start + len(expression.text)),)
