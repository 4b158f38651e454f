"""What a reader may know of production: sizes, times and tables that a pull request does not name itself."""

import re
from collections.abc import Collection, Iterable
from enum import Enum

from bot.core import words
from bot.core.judging.analysis import Analysis
from bot.core.judging.policy import Policy
from bot.core.language.migrations import Run
from bot.core.language.names import Name


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
    texts = [migration.text for migration in run.migrations]
    texts += [statement.sql for statement in run.statements if statement.generated]
    mentioned = frozenset(_WORD.findall("\n".join(texts).lower()))
    return frozenset(name for name in names if not mentioned.issuperset(_WORD.findall(name.name.lower())))


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
    for bound, bucket in (
        (1, "less than 1 s"),
        (10, "1 to 10 s"),
        (60, "10 to 60 s"),
        (600, "1 to 10 min"),
        (3_600, "10 to 60 min"),
        (36_000, "1 to 10 h"),
    ):
        if seconds < bound:
            return bucket
    return "more than 10 h"
