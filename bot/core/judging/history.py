"""How a migration tool knows which migrations have run, and what it does where that goes wrong.

Every tool keeps a table in the database with an entry for what it has applied. What an entry names differs: a number at
the front of a file's name, a whole name, a change set, a revision that points to the one before it. `Unit` is what one
entry is for; `History` says what the tool does with two units of one key, with one that comes too late, with one that
was changed or removed after it ran. Each is a fact about the tool, from its source or from a run of it.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum

from bot.core.record import record


class Fate(Enum):
    """What becomes of a migration."""

    RUNS = "it is applied, or nothing is lost"
    LOST = "it is never applied, and nothing says so"
    REFUSED = "the tool stops with an error"
    UNSURE = "it depends on what cannot be seen, or is not known"

    @property
    def is_certain(self) -> bool:
        """Whether it is certain to go wrong."""
        return self in (Fate.LOST, Fate.REFUSED)


@record
class Outcome:
    """What the tool does, and whole sentences that say so to the author; "" where there is nothing to say."""

    fate: Fate
    says: str = ""


FINE = Outcome(Fate.RUNS)


@record
class LateOption:
    """An option with which the tool applies a unit that comes too late.

    `files` are globs of files that may set it; `values` says to what, by such a file's path and text: True, False, or
    None where that holds for a part only, such as one environment.
    """

    name: str
    files: tuple[str, ...]
    values: Callable[[str, str], frozenset[bool | None]]

    def outcome(self, older: Outcome, files: Mapping[str, str]) -> Outcome:
        """What becomes of such a unit where these files (path -> text) are the repository's."""
        found = {value for path, text in files.items() for value in self.values(path, text)}
        if found == {True}:
            return FINE
        if found <= {False}:
            return older
        return Outcome(
            Fate.UNSURE,
            f"`{self.name}` is on in a part of the repository's configuration only: where it is on, this one is "
            "applied although the newer one has run; where it is off, the tool stops.",
        )


@record
class Register:
    """A file beside the migrations in which the tool keeps their order.

    `path_of` is where, by a migration's path; `placed` are a file's units by its path and the register's text; `older`
    is what becomes of a unit that comes too late by it.
    """

    path_of: Callable[[str], str]
    placed: Callable[[str, str, "Sequence[Unit]"], "Sequence[Unit]"]
    older: Outcome


@record
class History:
    """`known_by` is a clause: "dbmate knows a migration by ...".

    `same`: two units of one key; `older`: a new unit that comes before one that has run; `edited` and `deleted`: a
    unit that has run. `text_counts`: the tool compares the whole text, so that a comment counts as an edit, too.
    `by_text`: the keys are in the files' texts, and those of one folder
    belong together. `mend` is a sentence: what to do about two units of one key, or one that comes too late.
    """

    known_by: str
    same: Outcome
    older: Outcome
    edited: Outcome
    deleted: Outcome
    text_counts: bool = False
    by_text: bool = False
    mend: str = "Give it a version later than all others, before it has run anywhere."
    option: LateOption | None = None
    register: Register | None = None


@record
class Unit:
    """What the tool has one entry for. `key` is compared within `scope`, the folder that the tool reads.

    `order`: where it comes among those of its scope, None where the key does not say. `after`: the keys of the units
    that it builds on, where the tool orders them so; then `apart` says that it begins a branch on purpose. `first` and
    `last` are its lines, 0 for the whole file.
    """

    key: str
    scope: str
    what: str = "version"
    order: tuple[int | str, ...] | None = None
    after: tuple[str, ...] = ()
    apart: bool = False
    repeatable: bool = False
    first: int = 0
    last: int = 0

    @property
    def place(self) -> tuple[str, str, str]:
        """What two units of one key have in common."""
        return self.scope, self.what, self.key

    def holds(self, line: int) -> bool:
        return not self.first or self.first <= line <= self.last
