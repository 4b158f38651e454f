"""What a person sees at each end of a check: what happened, what counts now, what to do. One table of all of them."""

import os
from pathlib import Path

import pytest

from bot.core.judging.policy import Policy
from bot.report import check_run
from bot.report.markdown import code
from bot.report.shapes import CheckOutput, Conclusion
from bot.review.pull_request import STANDS

_FILE = Path(__file__).parent / "golden" / "ends_of_checks.md"
_ANSWER = "GitHub answered 500 to GET /repos/acme/shop/git/blobs/0f1e"
_NONE = check_run.no_migrations()

_ENDS: dict[str, CheckOutput] = {
    "nothing to judge": _NONE,
    "another database": check_run.not_postgresql("Gemfile.lock has `mysql2`"),
    "switched off": check_run.disabled(".github/migsafe.yml"),
    "another head": check_run.superseded("0123456789abcdef"),
    "closed": check_run.closed(),
    "another run": check_run.replaced(),
    "a merge group that ended": check_run.group_ended("dequeued"),
    "GitHub in trouble for an hour": check_run.trouble(_ANSWER),
    "the same with `on_error: neutral`": check_run.trouble(_ANSWER, Policy(on_error="neutral")),
    "the same with `on_error: fail`": check_run.trouble(_ANSWER, Policy(on_error="fail")),
    "a permission that is missing": check_run.trouble(
        "the permission contents: read is missing\nwhoever owns the installation can grant it"
    ),
    "GitHub in trouble for a minute, in a merge group": check_run.trouble(_ANSWER, group=True),
    "a failure of our own": check_run.internal_error("9f2c"),
    "two pull requests with one head": check_run.shared({12: _NONE, 15: check_run.trouble(_ANSWER)}),
    "a review that was refused": check_run.noted(_NONE, f"The review could not be posted: {code(_ANSWER)}. {STANDS}"),
}
_IN_PROGRESS: dict[str, tuple[str, str]] = {
    "GitHub in trouble": check_run.waiting(_ANSWER, 40.0, "14:03 UTC", group=False),
    "a merge group, GitHub in trouble": check_run.waiting(_ANSWER, 10.0, "14:03 UTC", group=True),
    "another pull request is not judged yet": check_run.waiting_for([12, 15]),
}


def test_every_end_says_what_happened_what_counts_and_what_to_do() -> None:
    rows = [(name, end.conclusion.value, end.title, end.summary) for name, end in _ENDS.items()]
    rows += [(name, "in progress", title, summary) for name, (title, summary) in _IN_PROGRESS.items()]
    lines = [" | ".join(cell.replace("\n\n", " ¶ ").replace("\n", " ⏎ ") for cell in row) for row in rows]
    written = "\n".join(["| when | conclusion | title | summary |", "| --- | --- | --- | --- |", *_table(lines)]) + "\n"
    if os.environ.get("MIGSAFE_GOLDEN") == "write":
        _FILE.write_text(written, "utf-8")
    assert written == _FILE.read_text("utf-8"), "MIGSAFE_GOLDEN=write writes it again: read it before you commit it"


def _table(lines: list[str]) -> list[str]:
    return [f"| {line} |" for line in lines]


@pytest.mark.parametrize("name", _ENDS)
def test_only_a_judgement_or_the_repository_s_choice_passes(name: str) -> None:
    passes = {"nothing to judge", "another database", "switched off", "a review that was refused"}
    passing = _ENDS[name].conclusion in (Conclusion.SUCCESS, Conclusion.NEUTRAL)
    assert passing == (name in passes or "on_error: neutral" in name)


@pytest.mark.parametrize("conclusion", Conclusion)
def test_the_worst_of_several_verdicts_counts(conclusion: Conclusion) -> None:
    other = CheckOutput(conclusion, "Title", "Summary")
    assert check_run.shared({2: _NONE, 9: other}).conclusion is conclusion
    assert check_run.shared({2: other, 9: _NONE}).conclusion is conclusion


@pytest.mark.parametrize(
    "title",
    [
        "Not judged: GitHub answered 500",
        "#12: Not judged: GitHub answered 500",
        "Not judged: internal error 9",
        "Superseded by 1234567",
        "Closed",
    ],
)
def test_a_check_that_says_nothing_of_the_migrations_is_known_by_its_title(title: str) -> None:
    assert check_run.is_unjudged(title)
    assert not check_run.is_unjudged("Blocked: 1 danger")
