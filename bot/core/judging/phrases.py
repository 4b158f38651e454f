"""Sentences that rules say alike: who waits and for how long, how large a table is, what a timeout makes of it."""

from collections.abc import Sequence, Sized

from bot.core.judging.rule import Blocks, Exceeds, Moment, Timed
from bot.core.language.locks import LockMode
from bot.core.language.migrations import Scope
from bot.core.language.names import Name
from bot.core.schema.catalog import Size
from bot.core.words import code, duration, listing, rows, sentence
from bot.core.words import size as bytes_in_words


def waits(blocks: Sequence[Blocks], moment: Moment) -> str:
    """`Nobody can read or write `events` for about 70 s.`: one sentence a kind of lock, the worst first."""
    said = [
        _who_waits([block for block in blocks if block.mode.blocks_reads], "nobody can read or write"),
        _who_waits([block for block in blocks if not block.mode.blocks_reads], "nobody can write to"),
    ]
    unknown = [block for block in blocks if block.seconds is None]
    if unknown:
        said.append(_how_it_is_judged(unknown, moment))
    return " ".join(sentence(one) for one in said if one)


def locks(blocks: Sequence[Blocks], moment: Moment) -> str:
    """`Locks: AccessExclusiveLock on `events`, kept until the transaction ends.`"""
    if not blocks:
        return ""
    by_mode: dict[LockMode, list[Name]] = {}
    for block in blocks:
        by_mode.setdefault(block.mode, []).append(block.relation)
    parts = [f"{mode.value} on {names(tables)}" for mode, tables in by_mode.items()]
    kept = ", kept until the transaction ends" if moment.transaction is not None else ""
    return f"{'Lock' if len(blocks) == 1 else 'Locks'}: {listing(parts)}{kept}."


def names(relations: Sequence[Name]) -> str:
    """Up to three names; more are counted."""
    if len(relations) <= 3:
        return listing(code(name) for name in relations)
    return f"{code(relations[0])}, {code(relations[1])} and {len(relations) - 2} more"


def those(things: Sized, one: str, many: str) -> str:
    """The verb for a list: "stays" of one, "stay" of several."""
    return one if len(things) == 1 else many


def lines(statements: Sequence[Timed], moment: Moment) -> str:
    """`Line 3`, `Lines 3 and 7`; with the file where it is another one than the moment's."""
    by_path: dict[str, list[int]] = {}
    for timed in statements:
        by_path.setdefault(timed.statement.path, []).append(timed.statement.lines.first)
    return listing(_lines(path, moment, sorted(set(found))) for path, found in by_path.items())


def how_large(table: Name, moment: Moment) -> str:
    """`` `events` has 1.15 million rows in 2.1 GB`` with its source, or "" where that is not known."""
    relation = moment.relation(table)
    size = relation.size if relation is not None else None
    if size is None or size.rows is None or moment.is_new(table):
        return ""
    parts = [f"{code(moment.session.resolve(table))} has {rows(size.rows)}"]
    total = _bytes(size)
    if total:
        parts.append(f"in {bytes_in_words(total)}")
    text = " ".join(parts)
    if size.source:
        text += f" ({''.join(str(getattr(piece, 'number', piece)) for piece in size.source.pieces)})"
    return sentence(text)


def exceeds(moment: Moment) -> tuple[Exceeds, ...]:
    """The harm that the statement may take longer than it is allowed; empty where it may not, or nothing is known."""
    timeout = moment.session.seconds("statement_timeout")
    if not timeout or moment.estimate is None or moment.estimate.high <= timeout:
        return ()
    table = moment.effects.rewrites or moment.effects.scans or tuple(hold.relation for hold in moment.holds)
    return (Exceeds(table[0] if table else None, moment.estimate, timeout),)


def timeout(moment: Moment) -> str:
    """What the statement_timeout in force makes of the statement, "" where it does nothing."""
    found = exceeds(moment)
    if not found or moment.estimate is None:
        return ""
    setting = moment.session.setting("statement_timeout")
    source = f" ({setting.source})" if setting is not None and setting.source else ""
    certain = moment.estimate.low > found[0].timeout
    verb = "is cancelled then" if certain else "may be cancelled before it is done"
    after = (
        "the migration fails, and the code runs without the schema it expects"
        if moment.transaction is not None
        else "and the migration stops half-way, behind what it has already done"
    )
    return f"statement_timeout is {duration(found[0].timeout)}{source}: the statement {verb}, {after}."


def still_used(places: Sequence[str]) -> str:
    """Where the code still says the name: "It is still used in `a.rb:3`, `b.rb:9` and 4 more places."."""
    if not places:
        return ""
    more = len(places) - 3
    said = [code(place) for place in places[:3]]
    return f"It is still used in {listing([*said, f'{more} more places'] if more > 0 else said)}."


def because(moment: Moment) -> str:
    """Why the statement is in a transaction, for the author: "dbmate runs each file in a transaction"."""
    transaction = moment.transaction
    if transaction is None:
        return ""
    if transaction.because:
        return transaction.because
    match transaction.scope:
        case Scope.IMPLICIT:
            return "several statements sent as one string are one implicit transaction"
        case Scope.ASSUMED:
            return "the tool is taken to run each file in a transaction"
        case Scope.EXPLICIT:
            return "the file opens a transaction"


def told(moment: Moment, blocks: Sequence[Blocks]) -> str:
    """To whom it happens, for how long, how that is known, what a timeout makes of it, and the locks."""
    worst = max(blocks, key=lambda block: block.judged.likely, default=None)
    size = how_large(worst.relation, moment) if worst is not None else ""
    return paragraphs(waits(blocks, moment), size, timeout(moment), locks(blocks, moment))


def kept(moment: Moment) -> str:
    """How long a lock is kept, and why: "until the transaction ends (dbmate runs each file in a transaction)"."""
    reason = because(moment)
    return f"until the transaction ends ({reason})" if reason else "until the transaction ends"


def meanwhile(moment: Moment) -> str:
    """What the rest of the transaction makes of instant work under a lock; "" where it is short."""
    long = [one for one in moment.blocks if one.judged.likely > moment.policy.thresholds.reads_blocked_warning]
    return f"The lock is kept {kept(moment)}. {waits(long, moment)}" if long else ""


def paragraphs(*parts: str) -> str:
    """The sentences that are there, as one text."""
    return " ".join(part.strip() for part in parts if part.strip())


def _lines(path: str, moment: Moment, found: Sequence[int]) -> str:
    said = [str(line) for line in found] if len(found) < 7 else [*(str(line) for line in found[:5]), "further ones"]
    file = "" if path == moment.statement.path else f" of {code(path)}"
    return f"{'line' if len(found) == 1 else 'lines'} {listing(said)}{file}"


def _who_waits(blocks: Sequence[Blocks], who: str) -> str:
    by_time: dict[str, list[Name]] = {}
    for block in sorted(blocks, key=lambda block: -block.judged.likely):
        time = "while it works" if block.seconds is None else f"for {duration(block.seconds)}"
        by_time.setdefault(time, []).append(block.relation)
    return listing(
        f"{who if position == 0 else ''} {names(tables)} {time}".strip()
        for position, (time, tables) in enumerate(by_time.items())
    )


def _how_it_is_judged(blocks: Sequence[Blocks], moment: Moment) -> str:
    unsized = [block.relation for block in blocks if not how_large(block.relation, moment)]
    if not unsized:
        return (
            "how long that takes migsafe cannot tell: something else in the transaction was not read, or works on a "
            "table whose size is not known"
        )
    tables, assumed = names(list(dict.fromkeys(unsized))), rows(moment.policy.thresholds.assumed_rows)
    return f"how long that takes migsafe cannot tell: the size of {tables} is not known, and is judged as {assumed}"


def _bytes(size: Size) -> int:
    return (size.heap_bytes or 0) + size.toast_bytes
