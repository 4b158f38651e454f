"""What a reader may know about production: sizes, times and tables that a pull request does not name itself."""

import itertools
import re
from bisect import bisect_right
from collections.abc import Iterable
from enum import Enum
from functools import lru_cache

from bot.core.judging.analysis import Analysis
from bot.core.judging.policy import Policy
from bot.core.language.migrations import Run
from bot.core.language.names import Name
from bot.core.language.seconds import RANGES
from bot.core.language.types import Type
from bot.core.record import record
from bot.core.schema.catalog import Catalog
from bot.report import words
from bot.report.secrets import held_in_code, holds_secret, is_built_in, names_in, parts_of, words_of


class Disclosure(Enum):
    """How sizes are shown. With anything but `EXACT`, tables that the migrations do not name stay unnamed."""

    EXACT = "exact"
    BUCKET = "bucket"
    NONE = "none"

    @classmethod
    def of(cls, policy: Policy, *, trusted: bool) -> "Disclosure":
        """The repository's setting, else exact for readers who are `trusted` (a private repository), else buckets."""
        if policy.disclose_sizes is not None:
            return cls(policy.disclose_sizes)
        return cls.EXACT if trusted else cls.BUCKET


@record
class Reader:
    """Who reads a report: how exactly figures are shown, and which names.

    Readers of the migrations may know the names in them (`words`), and names made only of their words, like
    `users_email_idx`, unless the catalog has them: `unnamed` are the catalog's names that the migrations do not hold.
    """

    disclosure: Disclosure = Disclosure.EXACT
    words: frozenset[str] = frozenset()
    unnamed: frozenset[str] = frozenset()
    unnamed_in_code: frozenset[str] = frozenset()
    """The names, and the words of expressions, that a rewrite could take from the catalog."""

    @classmethod
    def of(cls, analysis: Analysis, disclosure: Disclosure) -> "Reader":
        """A reader of the run's migrations, to whom production's sizes are shown as `disclosure` says."""
        if disclosure is Disclosure.EXACT:
            return cls()
        words = words_of(analysis.run)
        catalog = analysis.catalog if analysis.catalog is not None else Catalog(analysis.major)
        return cls(disclosure, words, names_in(catalog) - words, held_in_code(catalog, words))

    @property
    def is_trusted(self) -> bool:
        return self.disclosure is Disclosure.EXACT

    def knows(self, name: Name | str) -> bool:
        """Whether the name may be shown; a schema is judged by `without_secret_schema`."""
        name = name.name if isinstance(name, Name) else name
        if self.is_trusted or name in self.words:
            return True
        tokens = _TOKEN.findall(name.lower())
        return name not in self.unnamed and bool(tokens) and all(self._is_ours(token) for token in tokens)

    def without_secret_schema(self, name: Name) -> Name:
        """The name as this reader may have it: without a schema that the migrations do not name."""
        known = self.is_trusted or name.schema in (None, "public", "pg_catalog") or name.schema in self.words
        return name if known else Name(name.name)

    def knows_type(self, type: Type) -> bool:
        """As `knows`; what PostgreSQL itself and well-known extensions call a type may be shown."""
        return self.is_trusted or is_built_in(type.name) or self.knows(type.name)

    def knows_sql(self, sql: str) -> bool:
        """Whether every word of the SQL is PostgreSQL's own or may be shown."""
        return self.is_trusted or all(is_built_in(part) or self.knows(part) for part in parts_of(sql) if part)

    def rows(self, count: int) -> str:
        """The order of magnitude, or that it is not disclosed."""
        if self.disclosure is Disclosure.NONE:
            return "an undisclosed number of rows"
        return words.rows_bucket(count)

    def bytes(self, count: int) -> str:
        if self.disclosure is Disclosure.NONE:
            return "an undisclosed size"
        return words.size_bucket(count)

    def seconds(self, seconds: float) -> str:
        """The order of magnitude of an estimate: it shows what has to be done, and little of a size."""
        return _SHOWN[bisect_right(RANGES, seconds)]

    def may_see_code(self, text: str) -> bool:
        """Whether code, whatever its language, holds no name that may not be shown, nor one made from such a name."""
        return self.is_trusted or not holds_secret(text, self.unnamed_in_code, self.words)

    def path(self, path: str) -> str:
        """The path of a file that migsafe writes; the name only where it is not made of what may not be shown."""
        folder, slash, file = path.rpartition("/")
        if self.may_see_code(file):
            return path
        version = _VERSION.match(file)
        return f"{folder}{slash}{version[0] if version else ''}(name not shown){_endings(file)}"

    def _is_ours(self, token: str) -> bool:
        return token in _LABELS or (token.isdigit() and len(token) < 3) or token in _tokens_of(self.words)


def _endings(file: str) -> str:
    """`.up.sql`, for instance."""
    kept = itertools.takewhile(_WORD.fullmatch, reversed(file.split(".")[1:]))
    return "".join(f".{one}" for one in reversed(list(kept)))


@lru_cache(maxsize=8)
def _tokens_of(words: frozenset[str]) -> frozenset[str]:
    """The parts of the words, made once for a reader: every name that is told asks for them."""
    return frozenset(token for word in words for token in _TOKEN.findall(word.lower()))


OWNER = Reader()
"""Who may know everything: the user who runs migsafe locally, against their own database."""

_TOKEN = re.compile(r"[^\W_]+")
_VERSION = re.compile(r"\d{8,}+_")
_WORD = re.compile(r"\w+")
_LABELS = frozenset({"pkey", "key", "idx", "fkey", "check", "excl", "seq", "not", "null", "fill", "new", "old"})
"""Words that PostgreSQL and migsafe add to names derived from others."""


def unmentioned(names: Iterable[Name], run: Run) -> frozenset[Name]:
    """Those that the run's migrations do not name, or whose schema they do not name."""
    mentioned = words_of(run) | {None, "public", "pg_catalog"}
    return frozenset(name for name in names if name.name not in mentioned or name.schema not in mentioned)


NOT_SHOWN = "(Not shown here: this code names tables that the pull request does not.)"
_SHOWN = ("less than 1 s", "1 to 10 s", "10 to 60 s", "1 to 10 min", "10 to 60 min", "1 to 10 h", "more than 10 h")
"""The ranges between the bounds of `RANGES`."""
