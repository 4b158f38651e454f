"""Sentences that rules share: who waits and for how long, how large a table is, what a timeout does to it."""

from collections.abc import Sequence

from bot.core.judging.rule import Blocks, Exceeds, Moment, Timed
from bot.core.judging.withheld import compared
from bot.core.language.locks import LockMode
from bot.core.language.messages import (
    NOTHING,
    Bytes,
    File,
    Given,
    Line,
    Message,
    Number,
    Rows,
    Seconds,
    listing,
    paragraphs,
    say,
    sentence,
)
from bot.core.language.migrations import Scope
from bot.core.language.names import Name
from bot.core.language.seconds import Estimate
from bot.core.schema.catalog import Size


def consequences(moment: Moment, blocks: Sequence[Blocks]) -> Message:
    """Who is affected, for how long, how that is known, what a timeout does, and the locks."""
    worst = max(blocks, key=lambda block: block.judged.likely, default=None)
    size = how_large(worst.relation, moment) if worst is not None else NOTHING
    return paragraphs(waits(blocks, moment), size, timeout(moment), locks(blocks, moment))


def waits(blocks: Sequence[Blocks], moment: Moment) -> Message:
    """`Nobody can read or write `events` for about 70 s.`: one sentence for each kind of lock, the worst first."""
    unknown = [block for block in blocks if block.seconds is None]
    clauses = (
        _who_waits([block for block in blocks if block.mode.blocks_reads], say("nobody can read or write ")),
        _who_waits([block for block in blocks if not block.mode.blocks_reads], say("nobody can write to ")),
        _how_it_is_judged(unknown, moment) if unknown else NOTHING,
    )
    return paragraphs(*map(sentence, clauses))


def locks(blocks: Sequence[Blocks], moment: Moment) -> Message:
    """`Locks: AccessExclusiveLock on `events`, kept until the transaction ends.`"""
    if not blocks:
        return NOTHING
    by_mode: dict[LockMode, list[Name]] = {}
    for block in blocks:
        by_mode.setdefault(block.mode, []).append(block.relation)
    each = listing(say("{} on {}", mode, names(tables)) for mode, tables in by_mode.items())
    kept = ", kept until the transaction ends" if moment.transaction is not None else ""
    return say("{}: {}{}.", say("Lock" if len(blocks) == 1 else "Locks"), each, say(kept))


def names(relations: Sequence[Name]) -> Message:
    """Up to three names; of more the first two, and how many there are besides."""
    return listing(relations, most=None if len(relations) <= 3 else 2)


def lines(statements: Sequence[Timed], moment: Moment) -> Message:
    """`line 3`, `lines 3 and 7`; with the file where it is not the moment's."""
    by_path: dict[str, list[int]] = {}
    for timed in statements:
        by_path.setdefault(timed.statement.path, []).append(timed.statement.lines.first)
    return listing(_lines(path, moment, sorted(set(found))) for path, found in by_path.items())


def how_large(table: Name, moment: Moment) -> Message:
    """`` `events` has 1.15 million rows in 2.1 GB`` with its source; empty where that is not known."""
    relation = moment.relation(table)
    size = relation.size if relation is not None else None
    if size is None or size.rows is None or moment.is_new(table):
        return NOTHING
    total = _bytes(size)
    weight = say(" in {}", Bytes(total)) if total else NOTHING
    source = say(" ({})", size.source) if size.source else NOTHING
    return sentence(say("{} has {}{}{}", moment.session.resolve(table), Rows(size.rows), weight, source))


def exceeds(moment: Moment) -> tuple[Exceeds, ...]:
    """The harm that the statement may take longer than it is allowed; empty where it cannot, or nothing is known."""
    timeout = moment.session.seconds("statement_timeout")
    if not timeout or moment.estimate is None:
        return ()
    time = compared(moment.estimate, moment.session, moment.policy)
    if time.high <= timeout:
        return ()
    table = moment.effects.rewrites or moment.effects.scans or tuple(hold.relation for hold in moment.holds)
    return (Exceeds(table[0] if table else None, time, timeout),)


def timeout(moment: Moment) -> Message:
    """What the statement_timeout in force does to the statement; empty where it lets it run."""
    over = exceeds(moment)
    if not over:
        return NOTHING
    certain = over[0].seconds.low > over[0].timeout
    after = (
        "the migration fails, and the code runs without the schema it expects"
        if moment.transaction is not None
        else "and the migration stops half-way, after what it has already done"
    )
    return say(
        "statement_timeout is {}{}: the statement {}, {}.",
        Seconds(over[0].timeout),
        set_by(moment, "statement_timeout"),
        say("is cancelled then" if certain else "may be cancelled before it is done"),
        say(after),
    )


def set_by(moment: Moment, setting: str) -> Message:
    """` (line 3)`: the source of the setting's value; empty where that is not known."""
    known = moment.session.setting(setting)
    return say(" ({})", Given(known.source)) if known is not None and known.source else NOTHING


def still_used(places: Sequence[str]) -> Message:
    """Where the code still uses the name: "It is still used in `a.rb:3`, `b.rb:9` and 4 more places."."""
    if not places:
        return NOTHING
    more = len(places) - 3
    rest = [say("{} more places", Number(more))] if more > 0 else []
    return say("It is still used in {}.", listing([*map(File, places[:3]), *rest]))


def because(moment: Moment) -> Message:
    """Why the statement is in a transaction, for the author: "dbmate runs each file in a transaction"."""
    transaction = moment.transaction
    if transaction is None:
        return NOTHING
    if transaction.because:
        return say("{}", Given(transaction.because))
    match transaction.scope:
        case Scope.IMPLICIT:
            return say("several statements sent as one string are one implicit transaction")
        case Scope.ASSUMED:
            return say("the tool is assumed to run each file in a transaction")
        case Scope.EXPLICIT:
            return say("the file opens a transaction")


def kept(moment: Moment) -> Message:
    """How long a lock is kept, and why: "until the transaction ends (dbmate runs each file in a transaction)"."""
    reason = because(moment)
    return say("until the transaction ends{}", say(" ({})", reason) if reason else NOTHING)


def kept_by_the_rest(moment: Moment) -> Message:
    """What the rest of the transaction adds to instant work under a lock; empty where it is short."""
    long = [block for block in moment.blocks if block.judged.likely > moment.policy.thresholds.reads_blocked_warning]
    return say("The lock is kept {}. {}", kept(moment), waits(long, moment)) if long else NOTHING


def _lines(path: str, moment: Moment, found: Sequence[int]) -> Message:
    numbers = [say("{}", Line(line)) for line in found]
    shown = numbers if len(found) < 7 else [*numbers[:5], say("further ones")]
    file = NOTHING if path == moment.statement.path else say(" of {}", File(path))
    return say("{} {}{}", say("line" if len(found) == 1 else "lines"), listing(shown), file)


def _who_waits(blocks: Sequence[Blocks], who: Message) -> Message:
    by_time: dict[tuple[str, ...], list[Blocks]] = {}
    for block in sorted(blocks, key=lambda block: -block.judged.likely):
        by_time.setdefault(_as_shown(block.seconds), []).append(block)
    return listing(
        say(
            "{}{} {}",
            who if position == 0 else NOTHING,
            names([block.relation for block in alike]),
            say("while it works") if (seconds := alike[0].seconds) is None else say("for {}", seconds),
        )
        for position, alike in enumerate(by_time.values())
    )


def _as_shown(seconds: Estimate | None) -> tuple[str, ...]:
    """The same for times with the same wording: two figures count."""
    return () if seconds is None else tuple(f"{part:.2g}" for part in (seconds.low, seconds.likely, seconds.high))


def _how_it_is_judged(blocks: Sequence[Blocks], moment: Moment) -> Message:
    unsized = [block.relation for block in blocks if not how_large(block.relation, moment)]
    if not unsized:
        return say(
            "migsafe cannot tell how long that takes: something else in the transaction was not read, or works on a "
            "table whose size is not known"
        )
    return say(
        "migsafe cannot tell how long that takes: the size of {} is not known, and is judged as {}",
        names(list(dict.fromkeys(unsized))),
        Rows(moment.policy.thresholds.assumed_rows, secret=False),
    )


def _bytes(size: Size) -> int:
    return (size.heap_bytes or 0) + size.toast_bytes
