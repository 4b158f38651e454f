"""The check run: conclusion, title and limits."""

import re
from dataclasses import replace

import pytest

from bot.core.judging.analysis import Analysis
from bot.core.judging.findings import Severity
from bot.core.judging.policy import Policy
from bot.core.language.messages import Given, say
from bot.core.language.migrations import Allow, Run
from bot.report import check_run, configuration
from bot.report.configuration import BrokenFile
from bot.report.disclosure import Disclosure
from bot.report.markdown import length
from bot.report.shapes import ANNOTATION_LIMIT, SUMMARY_LIMIT, CheckOutput, Conclusion
from tests.support import analyses


def _output(analysis: Analysis, trouble: tuple[str, ...] = ()) -> CheckOutput:
    return check_run.check_output(analysis, Disclosure.EXACT, trouble)


def _with(analysis: Analysis, **policy: object) -> Analysis:
    return analyses.complete(replace(analysis, policy=replace(Policy(), **policy)))  # type: ignore[arg-type]


def _broken(output: CheckOutput, *, observed: bool = False) -> CheckOutput:
    file = BrokenFile("migsafe.yml", [(7, "unknown option `require_`"), (9, "`mode` must be enforce or observe")])
    return configuration.broken_by_proposal(output, [file], observed=observed)


_UNREAD = "Attention: 1 statement not read, open: statements-read"
_PARTLY = ("The file db/x.sql is larger than 5 MB and was not read",)


@pytest.mark.parametrize(
    ("analysis", "trouble", "conclusion"),
    [
        pytest.param(analyses.incident(), (), Conclusion.FAILURE, id="blocked fails"),
        pytest.param(analyses.incident(), _PARTLY, Conclusion.FAILURE, id="blocked fails whatever else broke"),
        pytest.param(analyses.unread(), (), Conclusion.ACTION_REQUIRED, id="a required item is open"),
        pytest.param(analyses.unread(), _PARTLY, Conclusion.ACTION_REQUIRED, id="an open item outweighs partial work"),
        pytest.param(_with(analyses.unread(), require=()), (), Conclusion.SUCCESS, id="nothing is required"),
        pytest.param(analyses.safe(), (), Conclusion.SUCCESS, id="safe succeeds"),
        pytest.param(analyses.safe(), _PARTLY, Conclusion.ACTION_REQUIRED, id="partial work asks for action"),
        pytest.param(_with(analyses.safe(), on_error="neutral"), _PARTLY, Conclusion.NEUTRAL, id="on_error: neutral"),
        pytest.param(_with(analyses.safe(), on_error="fail"), _PARTLY, Conclusion.FAILURE, id="on_error: fail"),
        pytest.param(
            _with(analyses.safe(), require=("timed",)), (), Conclusion.ACTION_REQUIRED, id="timed is required"
        ),
        pytest.param(_with(analyses.incident(), mode="observe"), (), Conclusion.NEUTRAL, id="observed, blocked"),
        pytest.param(_with(analyses.unread(), mode="observe"), (), Conclusion.NEUTRAL, id="observed, item open"),
        pytest.param(_with(analyses.safe(), mode="observe"), (), Conclusion.SUCCESS, id="observed, safe"),
        pytest.param(
            _with(analyses.safe(), mode="observe", on_error="fail"),
            _PARTLY,
            Conclusion.NEUTRAL,
            id="observed, on_error",
        ),
        pytest.param(
            replace(analyses.safe(), catalog_trouble="no answer"), (), Conclusion.SUCCESS, id="the replica is down"
        ),
        pytest.param(analyses.allowed(), (), Conclusion.SUCCESS, id="every danger was accepted"),
    ],
)
def test_concludes_as_the_contract_says(analysis: Analysis, trouble: tuple[str, ...], conclusion: Conclusion) -> None:
    assert _output(analysis, trouble).conclusion is conclusion


@pytest.mark.parametrize(
    ("output", "title"),
    [
        (_output(analyses.incident()), "Blocked: 1 danger and 1 warning"),
        (_output(analyses.unread()), _UNREAD),
        (_output(analyses.safe()), "Safe: 1 migration"),
        (_output(analyses.safe(), _PARTLY), "Attention: part of the work could not be done"),
        (_output(replace(analyses.safe(), catalog_trouble="no answer")), "Attention: the replica was not reached"),
        (_output(replace(analyses.safe(), run=Run())), "No migrations changed"),
        (check_run.not_postgresql("Gemfile.lock has `mysql2`"), "No PostgreSQL migrations"),
        (check_run.superseded("0123456789abcdef"), "Superseded by 0123456"),
        (check_run.disabled(".github/migsafe.yml"), "Switched off"),
        (check_run.closed(), "Closed"),
        (check_run.internal_error("9f2c"), "Not judged: internal error 9f2c"),
        (check_run.trouble("GitHub did not answer"), "Not judged: GitHub did not answer"),
        (_broken(_output(analyses.unread())), f"Configuration error: migsafe.yml, line 7. {_UNREAD}"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_title_tells_the_state(output: CheckOutput, title: str) -> None:
    assert output.title == title


@pytest.mark.parametrize(
    ("policy", "conclusion"),
    [
        (None, Conclusion.ACTION_REQUIRED),
        (Policy(), Conclusion.ACTION_REQUIRED),
        (Policy(on_error="neutral"), Conclusion.NEUTRAL),
        (Policy(on_error="fail"), Conclusion.FAILURE),
        (Policy(on_error="fail", mode="observe"), Conclusion.NEUTRAL),
        (Policy(mode="observe"), Conclusion.NEUTRAL),
    ],
)
def test_what_is_not_judged_concludes_as_the_repository_says(policy: Policy | None, conclusion: Conclusion) -> None:
    assert check_run.trouble("GitHub did not answer", policy).conclusion is conclusion
    assert check_run.internal_error("9f2c", policy).conclusion is conclusion


def test_what_could_not_be_done_is_reported_and_a_rerun_offered() -> None:
    output = _output(analyses.safe(), _PARTLY)
    assert "larger than 5 MB" in output.summary
    assert output.buttons == (check_run.RERUN,)


def test_files_that_could_not_be_read_at_all_are_not_no_migrations() -> None:
    nothing = analyses.complete(replace(analyses.safe(), run=Run(), timeline=(), catalog=None))
    output = _output(nothing, _PARTLY)
    assert output.conclusion is Conclusion.ACTION_REQUIRED
    assert output.title == "Attention: part of the work could not be done"
    assert "larger than 5 MB" in output.summary


def test_every_outcome_offers_buttons_within_their_limits() -> None:
    for label, description, identifier in (check_run.RERUN,):
        assert (len(label) <= 20, len(description) <= 40, len(identifier) <= 20) == (True, True, True)


def test_what_was_not_read_is_reported_with_its_line_and_reason() -> None:
    output = _output(analyses.unread())
    assert "Read 1 of 2 statements" in output.summary
    assert f"`{analyses.PATH}` line 12: it builds SQL at run time" in output.summary
    assert [(mark.first_line, mark.level, mark.title) for mark in output.annotations] == [(12, "warning", "Not read")]


def test_annotations_are_at_the_findings() -> None:
    marks = _output(analyses.incident()).annotations
    assert [(mark.first_line, mark.last_line, mark.level) for mark in marks] == [
        (4, 5, "failure"),
        (6, 6, "warning"),
        (7, 7, "notice"),
    ]
    assert "`" not in marks[0].message


def test_who_accepted_what_is_always_listed() -> None:
    summary = _output(analyses.allowed()).summary
    assert (
        "`generated-column-rewrite` at lines 4 to 5: The table is locked for the night anyway. (`ada`, line 4)"
        in summary
    )


def test_an_allow_that_does_not_count_is_listed() -> None:
    unused = ((analyses.PATH, Allow("set-not-null", "", 3, 4)), (analyses.PATH, Allow("set-not-null", "why", 3, 4)))
    summary = _output(replace(analyses.safe(), unused_allows=unused)).summary
    assert "line 3, `set-not-null`: it has no reason." in summary
    assert "line 3, `set-not-null`: it silenced nothing." in summary


def test_a_pull_request_that_breaks_the_configuration_fails_at_its_lines_and_says_the_rest() -> None:
    output = _broken(_output(analyses.safe()))
    assert [(mark.path, mark.first_line) for mark in output.annotations] == [("migsafe.yml", 7), ("migsafe.yml", 9)]
    assert output.conclusion is Conclusion.FAILURE
    assert output.summary.count("line 7") == 1
    assert "Safe to deploy" in output.summary
    assert _broken(_output(analyses.safe()), observed=True).conclusion is Conclusion.NEUTRAL


def test_a_long_check_stays_within_its_limits_with_what_is_said_of_the_configuration() -> None:
    long = replace(_output(analyses.incident()), summary="**First.**\n\n" + "x\n\n" * 22_000)
    noted = configuration.with_notes(long, ["The configuration changes with the merge."])
    assert noted.summary.startswith("**First.**\n\nThe configuration changes with the merge.")
    assert length(noted.summary) <= SUMMARY_LIMIT
    assert length(_broken(noted).summary) <= SUMMARY_LIMIT


@pytest.mark.parametrize("disclosure", [Disclosure.BUCKET, Disclosure.NONE])
def test_sizes_stay_with_those_who_may_know_them(disclosure: Disclosure) -> None:
    output = check_run.check_output(analyses.incident(), disclosure)
    everything = " ".join((output.summary, output.text, *(mark.message for mark in output.annotations)))
    assert "1.15 million" not in everything
    assert "2.1 GB" not in everything
    assert "about 92 s" not in everything


def test_a_huge_analysis_stays_within_the_limits() -> None:
    danger = analyses.incident().findings[0]
    long = "`<!-- migsafe:x -->` @octocat ``` | " * 40
    said, at_length = say("{}", Given(long)), say("{}", Given(long * 100))
    findings = tuple(
        replace(
            danger,
            severity=severity,
            title=said,
            message=said if number else at_length,
            fingerprint=f"{severity.value}{number}",
        )
        for number in range(300)
        for severity in (Severity.DANGER, Severity.NOTE)
    )
    before = analyses.unread()
    unread = tuple(replace(before.unread[0], reason=long) for _ in range(500))
    migration = replace(before.run.migrations[0], text="x" * 100_000)
    run = Run(tuple(replace(migration, path=f"db/migrations/{number}_{'x' * 100}.sql") for number in range(300)))
    output = _output(replace(before, findings=findings, unread=unread, run=run, timeline=(), notes=(said,) * 300))
    assert length(output.summary) <= SUMMARY_LIMIT
    assert length(output.text) <= SUMMARY_LIMIT
    assert len(output.annotations) == ANNOTATION_LIMIT
    assert re.search(rf"{ANNOTATION_LIMIT} of \d+ findings are marked at their lines", output.summary)
    assert all(len(mark.title) <= 255 and length(mark.message) <= 64_000 for mark in output.annotations)
    assert len(output.title) <= 255
