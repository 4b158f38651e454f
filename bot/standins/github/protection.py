"""What GitHub makes of check runs: whether a required check lets a commit be merged."""

from collections.abc import Iterable
from typing import Literal

from bot.standins.github.model import CheckRun

Gate = Literal["passes", "blocks", "waits"]

PASSING = frozenset({"success", "neutral", "skipped"})
"""Branch protection, rulesets and the merge queue take all three for passed."""


def newest(runs: Iterable[CheckRun]) -> CheckRun | None:
    """The run that counts among those of one name on one commit: the one with the highest id."""
    return max(runs, key=lambda run: run.id, default=None)


def gate(runs: Iterable[CheckRun]) -> Gate:
    """What a check of this name does to a commit with these runs, if it is required."""
    counts = newest(runs)
    if counts is None or counts.status != "completed":
        return "waits"
    return "passes" if counts.conclusion in PASSING else "blocks"


def best_of_all(runs: Iterable[CheckRun]) -> Gate:
    """What programs read that take the best of all runs of a name, as Prow's Tide does: a neutral run left behind
    hides every later failure."""
    states = {gate([run]) for run in runs}
    return next((state for state in ("passes", "waits", "blocks") if state in states), "waits")
