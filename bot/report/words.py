"""The wording of figures, names and lists: durations, rows, bytes, inline code."""

import re
from collections.abc import Iterable

from bot.core.language.names import Name
from bot.core.language.seconds import Estimate

_BLANKS = re.compile(r"\s+")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_BACKTICKS = re.compile(r"`+")
WRITTEN_SMALL = frozenset({"dbmate", "golang-migrate", "goose", "migsafe", "morph", "psql", "sql-migrate", "sqlx"})
"""Names that begin a sentence without a capital letter, among them those of tools."""


def duration(time: Estimate | float) -> str:
    """Seconds in words: `70 s`, `4 min`, `1 h 20 min`; an estimate as `about 70 s (50 to 140 s)`."""
    if not isinstance(time, Estimate):
        return _seconds(time)
    likely = _seconds(time.likely)
    if likely.endswith(" s") and time.likely >= 1 and time.high < 600:
        low, high = _plain_seconds(time.low), _plain_seconds(time.high)
        return f"about {likely}" if low == high else f"about {likely} ({low} to {high} s)"
    low, high = _seconds(time.low), _seconds(time.high)
    if low == high:
        return f"about {likely}"
    if low.count(" ") == 1 and low.rpartition(" ")[2] == high.rpartition(" ")[2]:
        low = low.partition(" ")[0]
    return f"about {likely} ({low} to {high})"


def rows(count: int) -> str:
    """`1 row`, `8,400 rows`, `1.15 million rows`, `2.3 billion rows`."""
    if count == 1:
        return "1 row"
    for unit, name in ((1_000_000_000, "billion"), (1_000_000, "million")):
        if count >= unit * 0.9995:
            return f"{_three_digits(count / unit)} {name} rows"
    return f"{count:,} rows"


def rows_bucket(count: int) -> str:
    """Only the order of magnitude, for readers who may not know more: `1 to 10 million rows`."""
    for bound, text in (
        (10_000, "less than 10,000 rows"),
        (100_000, "10,000 to 100,000 rows"),
        (1_000_000, "100,000 to 1 million rows"),
        (10_000_000, "1 to 10 million rows"),
        (100_000_000, "10 to 100 million rows"),
        (1_000_000_000, "100 million to 1 billion rows"),
    ):
        if count < bound:
            return text
    return "more than 1 billion rows"


def size(count: int) -> str:
    """Bytes in PostgreSQL's units (powers of 1024): `812 bytes`, `16 kB`, `2.1 GB`."""
    if count < 1024:
        return "1 byte" if count == 1 else f"{count} bytes"
    figure = float(count)
    for unit in ("kB", "MB", "GB", "TB"):
        figure /= 1024
        if figure < 999.5:
            return f"{_two_digits(figure)} {unit}"
    return f"{figure / 1024:,.1f} PB"


def size_bucket(count: int) -> str:
    """The order of magnitude only: `1 to 10 GB`."""
    megabyte = 1024 * 1024
    for bound, text in (
        (10 * megabyte, "less than 10 MB"),
        (100 * megabyte, "10 to 100 MB"),
        (1024 * megabyte, "100 MB to 1 GB"),
        (10 * 1024 * megabyte, "1 to 10 GB"),
        (100 * 1024 * megabyte, "10 to 100 GB"),
        (1024 * 1024 * megabyte, "100 GB to 1 TB"),
    ):
        if count < bound:
            return text
    return "more than 1 TB"


def listing(parts: Iterable[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    items = list(parts)
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def code(text: str | Name) -> str:
    """Inline code that no text can break out of: blanks collapsed, the fence longer than any run of backticks.

    A name is shown as an author writes it: without `public`.
    """
    if isinstance(text, Name):
        text = shown(text)
    plain = _CONTROLS.sub("", _BLANKS.sub(" ", text)).strip()
    if not plain:
        return "` `"
    runs = {len(run) for run in _BACKTICKS.findall(plain)}
    fence = next("`" * length for length in range(1, len(plain) + 2) if length not in runs)
    pad = " " if plain.startswith("`") or plain.endswith("`") else ""
    return f"{fence}{pad}{plain}{pad}{fence}"


def shown(name: Name) -> str:
    """The name as an author writes it: schema only where it is not `public`."""
    return str(Name(name.name)) if name.schema in (None, "public") else str(name)


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 index`, `3 indexes`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def sentence(text: str) -> str:
    """With a capital first letter and a full stop; names written in lower case (dbmate, lock_timeout) stay so."""
    text = text.strip()
    if not text:
        return ""
    first = text.partition(" ")[0]
    start = text[0] if first in WRITTEN_SMALL or "_" in first or "(" in first else text[0].upper()
    return start + text[1:] + ("" if text[-1] in ".:!?" else ".")


def _seconds(seconds: float) -> str:
    if seconds < 0.0005:
        return "0 s"
    if seconds < 0.95:
        return f"{_one_digit(seconds * 1000)} ms"
    if seconds < 9.95:
        return f"{_two_digits(seconds)} s"
    if seconds < 117.5:
        return f"{_rounded(seconds)} s"
    minutes = seconds / 60
    if minutes < 59.5:
        return f"{_two_digits(minutes) if minutes < 9.95 else round(minutes)} min"
    hours, rest = divmod(round(minutes), 60)
    if hours >= 48:
        return f"{round(hours / 24)} days"
    rest = round(rest / 5) * 5
    if rest == 60:
        hours, rest = hours + 1, 0
    return f"{hours} h {rest} min" if rest and hours < 10 else f"{hours} h"


def _plain_seconds(seconds: float) -> str:
    return _two_digits(seconds) if seconds < 9.95 else str(_rounded(seconds))


def _rounded(seconds: float) -> int:
    """To 1 s below 20, else to 5 s where that changes nothing important."""
    if seconds < 20 or abs(seconds - round(seconds)) < 1e-9:
        return round(seconds)
    return round(seconds / 5) * 5


def _one_digit(figure: float) -> str:
    if figure < 10:
        return f"{max(1, round(figure))}"
    return f"{round(figure / 10) * 10}"


def _two_digits(figure: float) -> str:
    return f"{figure:.1f}".removesuffix(".0") if figure < 9.95 else f"{round(figure):,}"


def _three_digits(figure: float) -> str:
    if figure >= 99.95:
        return f"{round(figure):,}"
    text = f"{figure:.2f}" if figure < 9.995 else f"{figure:.1f}"
    return text.rstrip("0").rstrip(".")
