"""What a reader may know about production: sizes, times and tables that a pull request does not name itself."""

import re
from collections.abc import Iterable
from enum import Enum

from bot.core.judging.analysis import Analysis
from bot.core.judging.policy import Policy
from bot.core.language.migrations import Run
from bot.core.language.names import RESERVED, Name
from bot.core.language.types import Type
from bot.core.record import record
from bot.core.schema.catalog import Catalog
from bot.report import words


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

    Readers of the migrations may know the names in them, and names made only of their
    words, like `users_email_idx`, unless the catalog has them: `unnamed` are the catalog's names that they do not hold.
    """

    disclosure: Disclosure = Disclosure.EXACT
    words: frozenset[str] = frozenset()
    unnamed: frozenset[str] = frozenset()
    unnamed_in_code: frozenset[str] = frozenset()
    """Those of them that a rewrite could take from the catalog."""

    @classmethod
    def of(cls, analysis: Analysis, disclosure: Disclosure) -> "Reader":
        """A reader of the run's migrations, to whom production's sizes are shown as `disclosure` says."""
        if disclosure is Disclosure.EXACT:
            return cls()
        words = _words_of(analysis.run)
        catalog = analysis.catalog if analysis.catalog is not None else Catalog(analysis.major)

        def unread(names: Iterable[str]) -> frozenset[str]:
            return frozenset(name for name in names if not words.issuperset(_WORD.findall(name.lower())))

        named = [relation for name, relation in catalog.relations.items() if not unread((name.name,))]
        columns = unread(column.name for relation in named for column in relation.columns) - _WRITTEN_BY_TOOLS
        objects = unread(_objects_of(catalog))
        return cls(disclosure, words, objects | unread(_columns_of(catalog)), objects | columns)

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
        return next((bucket for bound, bucket in _TIMES if seconds < bound), "more than 10 h")

    def may_see_code(self, text: str) -> bool:
        """Whether code, whatever its language, holds no name that may not be shown."""
        return self.is_trusted or not any(_holds(text, name) for name in self.unnamed_in_code)

    def _has_read(self, name: str) -> bool:
        return self.words.issuperset(_WORD.findall(name.lower()))

    def _is_ours(self, token: str) -> bool:
        tokens = {token for word in self.words for token in _TOKEN.findall(word)}
        return token in _LABELS or (token.isdigit() and len(token) < 3) or token in tokens


OWNER = Reader()
"""Who may know everything: the user who runs migsafe locally, against their own database."""

_TOKEN = re.compile(r"[^\W_]+")
_LABELS = frozenset({"pkey", "key", "idx", "fkey", "check", "excl", "seq", "not", "null", "fill", "new", "old"})
"""Words that PostgreSQL and migsafe add to names derived from others."""


def _objects_of(catalog: Catalog) -> set[str]:
    """Every name in the catalog except those of columns: of relations and what belongs to them, types, functions."""
    names = {name.name for name in (*catalog.relations, *catalog.indexes, *catalog.types)}
    names |= {function.name.name for function in catalog.functions}
    names |= {*catalog.schemas, *catalog.extensions, catalog.database}
    for relation in catalog.relations.values():
        names |= {one.name for one in (*relation.constraints, *relation.triggers, *relation.policies)}
        names |= {*relation.rules, *relation.publications, *(name.name for name in relation.statistics)}
    for type in catalog.types.values():
        names |= {*type.labels, *(check.name for check in type.checks)}
    return names - {"", "public", "plpgsql"}


def _columns_of(catalog: Catalog) -> set[str]:
    tables = {column.name for relation in catalog.relations.values() for column in relation.columns}
    return tables | {attribute.name for type in catalog.types.values() for attribute in type.attributes}


_WRITTEN_BY_TOOLS = frozenset("change class def down execute index migration name op revision type up version".split())
"""Words that are common in files of frameworks: as columns they are not secret, and would hide every file."""


def unmentioned(names: Iterable[Name], run: Run) -> frozenset[Name]:
    """Those whose words are nowhere in the run's migrations."""
    mentioned = _words_of(run)
    return frozenset(name for name in names if not mentioned.issuperset(_WORD.findall(name.name.lower())))


def _words_of(run: Run) -> frozenset[str]:
    """The words of the migrations, and of the SQL that a framework turns them into."""
    texts = [migration.text for migration in run.migrations]
    texts += [statement.sql for statement in run.statements if statement.generated]
    return frozenset(_WORD.findall("\n".join(texts).lower()))


NOT_SHOWN = "(Not shown here: this code names tables that the pull request does not.)"
_WORD = re.compile(r"[^\W]+")


def _holds(code: str, name: str) -> bool:
    """Whether the name is in the code as a separate word: not as a part of a path, a tag or an option."""
    return re.search(rf"(?<![\w$/<-]){re.escape(name)}(?![\w$-])", code) is not None


_TIMES = (
    (1, "less than 1 s"),
    (10, "1 to 10 s"),
    (60, "10 to 60 s"),
    (600, "1 to 10 min"),
    (3_600, "10 to 60 min"),
    (36_000, "1 to 10 h"),
)
