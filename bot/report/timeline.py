"""The locks of a run in the order they are taken, how long each is held, and which statements run in that time."""

from collections.abc import Iterator

from bot.core.judging.analysis import Analysis
from bot.core.judging.rule import Hold, Timed
from bot.core.judging.touched import blocking_by_index
from bot.core.language.locks import LockMode
from bot.core.language.messages import say
from bot.core.language.migrations import Statement, Transaction
from bot.core.language.names import Name
from bot.core.record import record
from bot.report.disclosure import OWNER, Reader
from bot.report.markdown import clean, code, prose, table
from bot.report.phrases import how_long, lines, place, waiting
from bot.report.rendering import markdown, text
from bot.report.words import listing

_MOST = 60
"""The most locks listed; a longer list is cut, and says so."""
_MOST_THROUGH = 4
"""The most statements after a lock that are named by their lines."""


@record
class Entry:
    """A lock on a relation that existed before the run, where no lock as strong was held already.

    It is held through `through`, the statements after it in its transaction, of which the first few are given;
    `last` is the last of them, None where there is none.
    """

    statement: Statement
    hold: Hold
    through: tuple[Statement, ...]
    last: Statement | None

    @property
    def relation(self) -> Name:
        return self.hold.relation

    @property
    def mode(self) -> LockMode:
        return self.hold.mode


def entries(analysis: Analysis) -> tuple[Entry, ...]:
    """In the order of the run; locks that block only rows are left out, and so are a locked table's indexes."""
    found: list[Entry] = []
    strongest: dict[tuple[int | None, Name], LockMode] = {}
    for timed in analysis.timeline:
        for hold in _telling(timed):
            key = (timed.statement.transaction, hold.relation)
            held = strongest.get(key)
            if timed.statement.transaction is not None and held is not None and held.strength >= hold.mode.strength:
                continue
            if not hold.early:
                strongest[key] = hold.mode
            found.append(_entry(timed.statement, hold, analysis))
    return tuple(found)


def _entry(statement: Statement, hold: Hold, analysis: Analysis) -> Entry:
    end = min(hold.last, hold.statement + _MOST_THROUGH)
    through = tuple(later.statement for later in analysis.timeline[hold.statement + 1 : end + 1])
    last = analysis.timeline[hold.last].statement if hold.last > hold.statement else None
    return Entry(statement, hold, through, last)


def as_table(analysis: Analysis, reader: Reader) -> str:
    """The timeline as Markdown; "" where no lock is taken."""
    found = entries(analysis)
    if not found:
        return ""
    rows = (
        [place(one.statement, analysis), markdown(say("{}", one.relation), reader), *_words(one, reader)]
        for one in found[:_MOST]
    )
    shown = table(("Where", "Relation", "Who waits", "How long", "Held", "Lock"), rows)
    more = f"\n\nAnd {len(found) - _MOST} more." if len(found) > _MOST else ""
    because = prose("; ".join(_transactions(analysis)))
    return shown + more + (f"\n\nIn a transaction because {because}." if because else "")


def as_text(analysis: Analysis) -> list[str]:
    """The timeline as lines for a terminal."""
    return [
        f"{clean(one.statement.path)}:{one.statement.lines.first}  {text(say('{}', one.relation), OWNER)}: "
        f"{waiting(one.mode)} wait: {text(how_long(one.hold.seconds, one.hold.judged), OWNER)}, {_held(one)} "
        f"({one.mode.value})"
        for one in entries(analysis)[:_MOST]
    ]


def _words(entry: Entry, reader: Reader) -> tuple[str, str, str, str]:
    hold = entry.hold
    how = markdown(how_long(hold.seconds, hold.judged), reader)
    return waiting(hold.mode), how, _held(entry), code(hold.mode.value)


def _held(entry: Entry) -> str:
    hold = entry.hold
    if hold.early:
        return "released at once"
    if entry.statement.transaction is None:
        return "until the statement ends"
    if entry.last is None:
        return "until the transaction ends, which is next"
    if hold.last - hold.statement > _MOST_THROUGH:
        return f"until the transaction ends, after {hold.last - hold.statement:,} more statements"
    outer = [statement for statement in entry.through if statement.inside is None]
    through = list(dict.fromkeys(lines(one.lines).removeprefix("lines ").removeprefix("line ") for one in outer))
    if not through:
        return "until the transaction ends"
    word = "line" if len(through) == 1 and " to " not in through[0] else "lines"
    verb = "runs" if len(outer) == 1 else "run"
    return f"until the transaction ends, while {word} {listing(through)} {verb}"


def _telling(timed: Timed) -> Iterator[Hold]:
    """The statement's locks that matter: those on tables, and on an index only where that alone stops reads."""
    for hold in timed.holds:
        if not hold.index and hold.mode.strength >= LockMode.SHARE_UPDATE_EXCLUSIVE.strength:
            yield hold
    yield from blocking_by_index(timed)


def _transactions(analysis: Analysis) -> Iterator[str]:
    explained: set[str] = set()
    for timed in analysis.timeline:
        number = timed.statement.transaction
        transaction: Transaction | None = analysis.run.transactions.get(number) if number is not None else None
        if transaction is not None and transaction.because and transaction.because not in explained:
            explained.add(transaction.because)
            yield transaction.because
