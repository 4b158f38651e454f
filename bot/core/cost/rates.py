"""How fast PostgreSQL works: the only table of rates, from which estimates are made."""

from collections.abc import Mapping
from dataclasses import field, fields, replace

from bot.core.language.messages import Message, Number, Rows, say
from bot.core.language.seconds import Estimate
from bot.core.record import record

MEGABYTE = 1_000_000


@record
class Spread:
    """How much less or more than the likely time a kind of work may take, as factors."""

    low: float
    high: float


@record
class Rates:
    """Bytes, rows or lookups a second on one core, where most of the table is not in memory.

    Measured with PostgreSQL 18 at stock settings on tables of 0.1 to 5 million rows in the page cache, then discounted
    for disks; the spread covers both ends. Rates that were not measured say so.
    """

    scan_bytes: float = 400 * MEGABYTE
    scan_rows: float = 8_000_000
    rewrite_bytes: float = 150 * MEGABYTE
    rewrite_rows: float = 1_000_000
    rebuild_rows: float = 2_000_000
    """Rows a second into each index that a rewrite has to rebuild."""
    btree_rows: float = 1_500_000
    gin_rows: float = 600_000
    gin_bytes: float = 60 * MEGABYTE
    """Bytes of a stored tsvector, array or jsonb column into a GIN index."""
    trigram_bytes: float = 6 * MEGABYTE
    """Text into a GIN or GiST index by its trigrams; not measured."""
    gist_rows: float = 100_000
    """Not measured."""
    hash_rows: float = 1_000_000
    """Not measured."""
    vector_rows: float = 2_000
    """Rows into an hnsw index; not measured."""
    other_index_rows: float = 200_000
    concurrently: float = 0.5
    """CREATE INDEX CONCURRENTLY reads the table twice: this share of the plain speed."""
    foreign_key_rows: float = 1_500_000
    update_rows: float = 330_000
    """Without indexes; each index adds a row's share of `index_entries`."""
    delete_rows: float = 400_000
    insert_rows: float = 400_000
    index_entries: float = 285_000
    lookups: float = 40_000
    """Rows found or checked through an index, one at a time."""
    application_rows: float = 1_000
    """Rows that application code loads, changes and saves one at a time; not measured."""
    triggers: float = 100_000
    """Row triggers fired."""
    casts: float = 3_000_000
    calls: float = 2_000_000
    """Cheap functions that PostgreSQL has built in."""
    user_calls: float = 200_000
    """User-defined functions, in SQL or PL/pgSQL."""
    text_bytes: Mapping[str, float] = field(default_factory=lambda: dict(_TEXT_FUNCTIONS))
    """Bytes of text a second through functions whose work grows with the text."""
    analyze_rows: float = 15_000
    """Rows sampled; ANALYZE reads at most 30,000 pages."""

    def scaled(self, speed: float) -> "Rates":
        """The same table for a server that is `speed` times as fast."""
        if speed <= 0:
            raise ValueError("a speed must be a positive factor")
        faster = {one.name: getattr(self, one.name) * speed for one in fields(self) if one.name in _SPEEDS}
        return replace(self, text_bytes={name: rate * speed for name, rate in self.text_bytes.items()}, **faster)


_TEXT_FUNCTIONS = {
    "to_tsvector": 10 * MEGABYTE,
    "json_to_tsvector": 10 * MEGABYTE,
    "jsonb_to_tsvector": 10 * MEGABYTE,
    "ts_headline": 5 * MEGABYTE,
    "similarity": 10 * MEGABYTE,
    "show_trgm": 10 * MEGABYTE,
    "unaccent": 50 * MEGABYTE,
    "regexp_replace": 30 * MEGABYTE,
    "string_to_array": 60 * MEGABYTE,
    "regexp_split_to_array": 20 * MEGABYTE,
    "lower": 150 * MEGABYTE,
    "upper": 150 * MEGABYTE,
    "normalize": 50 * MEGABYTE,
    "replace": 150 * MEGABYTE,
    "translate": 100 * MEGABYTE,
    "md5": 300 * MEGABYTE,
    "sha256": 200 * MEGABYTE,
    "digest": 200 * MEGABYTE,
}
_SPEEDS = frozenset(one.name for one in fields(Rates)) - {"concurrently", "text_bytes"}

DEFAULT = Rates()

SCANNING = Spread(0.2, 2.0)
WRITING = Spread(0.5, 2.5)
INDEXING = Spread(0.5, 2.0)
CHECKING = Spread(0.4, 2.0)
COMPUTING = Spread(0.6, 1.8)
CHANGING = Spread(0.4, 2.5)
GUESSING = Spread(0.2, 5.0)


def spread(seconds: float, by: Spread, doubt: float, *rests_on: Message) -> Estimate:
    """The likely seconds with a low and a high; `doubt` is the factor by which the amount of work may be wrong."""
    rests = tuple(message for message in rests_on if message)
    return Estimate(seconds * by.low / doubt, seconds, seconds * by.high * doubt, rests)


def speed(rate: float) -> Message:
    """Bytes a second: `150 MB/s`."""
    return say("{} MB/s", Number(round(rate / MEGABYTE)))


def rate_of(rate: float) -> Rows:
    """Rows a second, only for a rate as it is in `Rates`: one that depends on the catalog is secret, as `Rows`."""
    return Rows(round(rate), secret=False)
