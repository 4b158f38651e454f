"""The table of findings/rewrites.md, section 1, from the outcomes of a run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.rewrites.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Row:
    """The outcomes of one tool on one server."""

    name: str
    outcomes: Sequence[Outcome]


def table(rows: Sequence[Row]) -> str:
    """In Markdown: a column for each tool, a line for each question."""
    lines = [f"| | {' | '.join(row.name for row in rows)} |", f"|---|{'--:|' * len(rows)}"]
    for label, figure in _LINES:
        lines.append(f"| {label} | {' | '.join(figure(row.outcomes) for row in rows)} |")
    return "\n".join(lines)


def _offered(outcomes: Sequence[Outcome]) -> list[Outcome]:
    return [one for one in outcomes if one.plan is not None and one.plan.rules]


def _good(outcomes: Sequence[Outcome], *aspects: str) -> int:
    return sum(all(one in outcome.asked and one not in outcome.problems for one in aspects) for outcome in outcomes)


def _of(outcomes: Sequence[Outcome], aspect: str) -> str:
    asked = [one for one in _offered(outcomes) if aspect in one.asked]
    return f"{_good(asked, aspect)} of {len(asked)}"


def _schemas(outcomes: Sequence[Outcome]) -> str:
    asked = [one for one in outcomes if "schema" in one.asked]
    good = [one for one in asked if "schema" not in one.problems]
    declared = sum(one.differences > 0 for one in good)
    return f"{len(good) - declared} / {declared} / {len(asked) - len(good)}"


def _clean(outcomes: Sequence[Outcome]) -> str:
    asked = [one for one in outcomes if "clean" in one.asked]
    good = [one for one in asked if "clean" not in one.problems]
    notes = sum(one.only_notes for one in good)
    return f"{len(good) - notes} / {notes} / {len(asked) - len(good)}"


_LINES: Sequence[tuple[str, Callable[[Sequence[Outcome]], str]]] = (
    ("inputs", lambda outcomes: str(len(outcomes))),
    ("rewrite from the finding's own rule", lambda outcomes: str(len(_offered(outcomes)))),
    ("rightly none / wrongly none", lambda outcomes: _without(outcomes)),
    ("of the rewrites: every step applies", lambda outcomes: _of(outcomes, "applies")),
    ("of those: same schema / declared difference / undeclared", _schemas),
    ("every step clean / only notes / a warning or danger on its own step", _clean),
    ("the files of each pull request judged together: clean", lambda outcomes: _of(outcomes, "together")),
    ("whole chain rolled back gives the schema before", lambda outcomes: _of(outcomes, "rolled back")),
    ("suggestions applied: right, with the author's down", lambda outcomes: _of(outcomes, "suggestions")),
    ("no wait longer than the step says", lambda outcomes: _of(outcomes, "waits")),
    ("longest wait for a lock", lambda outcomes: f"{max((one.longest_wait for one in outcomes), default=0.0):.2f} s"),
    ("statements of running code that fail", lambda outcomes: str(sum(one.failed_statements for one in outcomes))),
    ("values that are not what was written", lambda outcomes: str(sum(one.wrong_values for one in outcomes))),
    ("rows that are not what the original leaves", lambda outcomes: _of(outcomes, "values")),
    ("everything right", lambda outcomes: f"{sum(not one.problems for one in outcomes)} of {len(outcomes)}"),
)


def _without(outcomes: Sequence[Outcome]) -> str:
    none = [one for one in outcomes if one.plan is not None and not one.plan.rules]
    wrong = sum("offered" in one.problems for one in none)
    return f"{len(none) - wrong} / {wrong}"
