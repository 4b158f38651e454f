"""What a reader may know of production: sizes, times and tables that a pull request does not name itself."""

import re
from collections.abc import Collection, Iterable
from enum import Enum

from bot.core import words
from bot.core.judging.analysis import Analysis
from bot.core.judging.policy import Policy
from bot.core.language.migrations import Run
from bot.core.language.names import RESERVED, Name
from bot.core.language.types import Type
from bot.core.record import record
from bot.core.schema.catalog import Catalog


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

    A name that the migrations hold may be known to whoever reads them, and so may one that is only made of their
    words, like `users_email_idx`, unless the catalog has it: `unnamed` are the catalog's names that they do not hold.
    """

    disclosure: Disclosure = Disclosure.EXACT
    words: frozenset[str] = frozenset()
    unnamed: frozenset[str] = frozenset()
    relations: frozenset[Name] = frozenset()

    @classmethod
    def of(cls, analysis: Analysis, disclosure: Disclosure) -> "Reader":
        """A reader of the run's migrations, to whom production's sizes are shown as `disclosure` says."""
        if disclosure is Disclosure.EXACT:
            return cls()
        words = _words_of(analysis.run)
        names = _names_of(analysis.catalog) if analysis.catalog is not None else set[str]()
        unnamed = frozenset(name for name in names if not words.issuperset(_WORD.findall(name.lower())))
        return cls(disclosure, words, unnamed, unnamed_relations(analysis))

    @property
    def is_trusted(self) -> bool:
        return self.disclosure is Disclosure.EXACT

    def knows(self, name: Name | str) -> bool:
        """Whether the name may be shown."""
        name = name.name if isinstance(name, Name) else name
        if self.is_trusted or self._has_read(name):
            return True
        tokens = _TOKEN.findall(name.lower())
        return name not in self.unnamed and bool(tokens) and all(self._is_ours(token) for token in tokens)

    def knows_type(self, type: Type) -> bool:
        """As `knows`; what PostgreSQL itself calls a type may be shown."""
        return self.is_trusted or type.name not in self.unnamed

    def knows_sql(self, sql: str) -> bool:
        """Whether no word of the SQL is a name that may not be shown."""
        return self.is_trusted or all(word in RESERVED or self.knows(word) for word in _WORD.findall(sql.lower()))

    def rows(self, count: int) -> str:
        """The order of magnitude, or that it is not told."""
        if self.disclosure is Disclosure.NONE:
            return "an undisclosed number of rows"
        return words.rows_bucket(count)

    def bytes(self, count: int) -> str:
        if self.disclosure is Disclosure.NONE:
            return "an undisclosed size"
        return words.size_bucket(count)

    def seconds(self, seconds: float) -> str:
        """The order of magnitude of an estimate: it says enough of what has to be done, and little of a size."""
        return next((bucket for bound, bucket in _TIMES if seconds < bound), "more than 10 h")

    def withhold(self, text: str) -> str:
        return withhold(text, self.disclosure, self.relations)

    def _has_read(self, name: str) -> bool:
        return self.words.issuperset(_WORD.findall(name.lower()))

    def _is_ours(self, token: str) -> bool:
        tokens = {token for word in self.words for token in _TOKEN.findall(word)}
        return token in _LABELS or (token.isdigit() and len(token) < 3) or token in tokens


OWNER = Reader()
"""Who may know all: the one who runs migsafe on his own machine, against his own database."""

_TOKEN = re.compile(r"[^\W_]+")
_LABELS = frozenset({"pkey", "key", "idx", "fkey", "check", "excl", "seq", "not", "null", "fill", "new", "old"})
"""What PostgreSQL and migsafe put into names that they make of others."""


def _names_of(catalog: Catalog) -> set[str]:
    """Every name in the catalog: of relations and what belongs to them, of types, functions, schemas."""
    names = {name.name for name in (*catalog.relations, *catalog.indexes, *catalog.types)}
    names |= {function.name.name for function in catalog.functions}
    names |= {*catalog.schemas, *catalog.extensions, catalog.database}
    for relation in catalog.relations.values():
        names |= {one.name for one in (*relation.columns, *relation.constraints)}
        names |= {one.name for one in (*relation.triggers, *relation.policies)}
        names |= {*relation.rules, *relation.publications, *(name.name for name in relation.statistics)}
    for type in catalog.types.values():
        names |= {*type.labels, *(check.name for check in type.checks), *(one.name for one in type.attributes)}
    return names - {""}


def withhold(markdown: str, disclosure: Disclosure, unnamed: Collection[Name] = ()) -> str:
    """Finished Markdown with figures in buckets and `unnamed` relations unnamed.

    Code blocks stay as they are, but for those that mention an unnamed relation: they are left out.
    """
    if disclosure is Disclosure.EXACT:
        return markdown
    mention = _mention(unnamed)
    pieces: list[str] = []
    position = 0
    for block in _CODE_BLOCK.finditer(markdown):
        pieces.append(_withheld_prose(markdown[position : block.start()], disclosure, mention))
        pieces.append(_withheld_code(block[0], mention))
        position = block.end()
    pieces.append(_withheld_prose(markdown[position:], disclosure, mention))
    return "".join(pieces)


def unnamed_relations(analysis: Analysis) -> frozenset[Name]:
    """Relations and indexes known from the catalog that no migration of the run mentions."""
    if analysis.catalog is None:
        return frozenset()
    return unmentioned((*analysis.catalog.relations, *analysis.catalog.indexes), analysis.run)


def unmentioned(names: Iterable[Name], run: Run) -> frozenset[Name]:
    """Those whose words stand nowhere in the run's migrations."""
    mentioned = _words_of(run)
    return frozenset(name for name in names if not mentioned.issuperset(_WORD.findall(name.name.lower())))


def _words_of(run: Run) -> frozenset[str]:
    """The words of the migrations, and of the SQL that a framework makes of them."""
    texts = [migration.text for migration in run.migrations]
    texts += [statement.sql for statement in run.statements if statement.generated]
    return frozenset(_WORD.findall("\n".join(texts).lower()))


_UNNAMED = "another relation"
_SEVERAL = re.compile(rf"{_UNNAMED}(?:(?:, | and ){_UNNAMED})+")
_AT_START = re.compile(r"((?:^(?:- )?|\. ))another(?= relation\b)", re.MULTILINE)
_WORD = re.compile(r"[^\W]+")
_CODE_BLOCK = re.compile(r"^(`{3,})[^`\n]*\n(?:.*?\n)?\1$", re.MULTILINE | re.DOTALL)
_CODE_SPAN = re.compile(r"(`+)(?!`)(.*?)(?<!`)\1(?!`)")
_FIGURE = r"(?<![\w.,])(?<!batches of )(?<!judged as )(?<!assumed: )(?<!than )(?<!to )(\d[\d,]*(?:\.\d+)?)"
_ROWS = re.compile(rf"{_FIGURE}(?: (million|billion))? rows?\b(?! a second)")
_WIDTH = re.compile(r"about \d[\d,]* bytes a row\b")
_BYTES = re.compile(rf"{_FIGURE} (bytes?|kB|MB|GB|TB|PB)\b(?!/s)")
_TIME = r"(?:\d[\d,]*(?:\.\d+)? (?:ms|s|min|days)|\d+ h(?: \d+ min)?)"
_ESTIMATE = re.compile(rf"about ({_TIME})(?: \([^()\n]{{1,30}} to {_TIME}\))?")
_MULTIPLES = {None: 1, "million": 1_000_000, "billion": 1_000_000_000}
_UNITS = {"byte": 1, "bytes": 1, "kB": 2**10, "MB": 2**20, "GB": 2**30, "TB": 2**40, "PB": 2**50}
_SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3_600.0, "days": 86_400.0}


def _withheld_code(block: str, mention: re.Pattern[str] | None) -> str:
    if mention is None or not mention.search(block):
        return block
    return "(Not shown here: this code names tables that the pull request does not.)"


def _withheld_prose(text: str, disclosure: Disclosure, mention: re.Pattern[str] | None) -> str:
    text = _ESTIMATE.sub(lambda found: _time_bucket(found[1]), text)
    text = _ROWS.sub(lambda found: _rows(found, disclosure), text)
    text = _WIDTH.sub("the width of a row", text)
    text = _BYTES.sub(lambda found: _size(found, disclosure), text)
    if mention is None:
        return text
    spans = _CODE_SPAN.sub(lambda found: _UNNAMED if mention.search(found[2]) else found[0], text)
    unnamed = _SEVERAL.sub("other relations", mention.sub(_UNNAMED, spans))
    return _AT_START.sub(r"\1Another", unnamed)


def _mention(names: Collection[Name]) -> re.Pattern[str] | None:
    if not names:
        return None
    longest_first = sorted({re.escape(name.name) for name in names}, key=len, reverse=True)
    either = "|".join(longest_first)
    return re.compile(rf"(?<![\w$/<-])(?:\w+\.)?(?:{either})(?![\w$-])")


def _rows(found: re.Match[str], disclosure: Disclosure) -> str:
    if disclosure is Disclosure.NONE:
        return "an undisclosed number of rows"
    return words.rows_bucket(round(_number(found[1]) * _MULTIPLES[found[2]]))


def _size(found: re.Match[str], disclosure: Disclosure) -> str:
    if disclosure is Disclosure.NONE:
        return "an undisclosed size"
    return words.size_bucket(round(_number(found[1]) * _UNITS[found[2]]))


def _number(figure: str) -> float:
    return float(figure.replace(",", ""))


def _time_bucket(text: str) -> str:
    parts = text.split()
    seconds = sum(_number(figure) * _SECONDS[unit] for figure, unit in zip(parts[::2], parts[1::2], strict=True))
    return next((bucket for bound, bucket in _TIMES if seconds < bound), "more than 10 h")


_TIMES = (
    (1, "less than 1 s"),
    (10, "1 to 10 s"),
    (60, "10 to 60 s"),
    (600, "1 to 10 min"),
    (3_600, "10 to 60 min"),
    (36_000, "1 to 10 h"),
)
