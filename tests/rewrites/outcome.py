"""The questions that are asked of a case, and what was found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.rewrites.plans import Plan

ASPECTS = (
    "offered",
    "applies",
    "schema",
    "clean",
    "together",
    "rolled back",
    "suggestions",
    "waits",
    "statements",
    "values",
)
"""offered: a rule hands over a rewrite for every danger and warning, or says that it has none.
applies: the tool applies every file, psql every script, and no path occurs twice.
schema: the same as the author's, names included, up to what the plan declares.
clean: each file is without warning or danger where it runs, and no pull request has a danger where no replica is known.
together: so are all files of one pull request, where the replica is as it is before the first of them; a pull request
never holds a file that has to wait for a deploy.
rolled back: the tool undoes the chain beside the code that ran at each file, which meets and waits for nothing, and the
schema is that of before, or the plan says what stays.
suggestions: as GitHub applies them, alone and together; together they are the plan's first file, and its down is right.
waits: no session of old code waits longer for a lock than the step's lock_timeout says.
statements: none of old code fails up to the deploy that ends it, and none of new code from then on.
values: what they write is what is read back, under each name, and the same that the author's file would have left."""


@dataclass(slots=True)
class Outcome:
    """What was found of a case; an aspect that was not reached is not in `asked`."""

    case: str
    plan: Plan | None = None
    original: str = ""
    """What the tool said where the author's own file does not apply."""
    asked: set[str] = field(default_factory=set)
    problems: dict[str, list[str]] = field(default_factory=dict)
    only_notes: bool = False
    differences: int = 0
    longest_wait: float = 0.0
    failed_statements: int = 0
    wrong_values: int = 0

    def ask(self, aspect: str, problems: Sequence[str] = ()) -> None:
        assert aspect in ASPECTS
        self.asked.add(aspect)
        if problems:
            self.problems.setdefault(aspect, []).extend(problems)

    def unexpected(self, known: Mapping[str, str]) -> list[str]:
        """Problems that are not known, and known ones that are gone: those must leave the list."""
        found = [
            f"{aspect}: {problem}"
            for aspect in ASPECTS
            for problem in self.problems.get(aspect, ())
            if aspect not in known
        ]
        gone = [aspect for aspect in known if aspect in self.asked and aspect not in self.problems]
        return found + [
            f"{aspect}: mended ({known[aspect]}); take it out of tests/rewrites/known.py" for aspect in gone
        ]
