"""The review: one comment per statement, only for new findings, at lines where GitHub accepts one."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.judging.analysis import Analysis
from bot.core.judging.findings import Finding, Suggestion
from bot.core.language.messages import verbatim
from bot.core.language.migrations import Lines
from bot.report import markdown
from bot.report.comment import review
from bot.report.disclosure import Disclosure
from bot.report.shapes import BODY_LIMIT, Review, fingerprint_of
from tests.support import analyses
from tests.support.kinds import examples
from tests.support.said import said

_WHOLE_FILE = {analyses.PATH: [Lines(1, 10)]}


def _review(analysis: Analysis, already: tuple[str, ...] = (), hunks: object = _WHOLE_FILE) -> Review | None:
    return review(analysis, already, Disclosure.EXACT, hunks, analyses.EXPLANATIONS)  # type: ignore[arg-type]


def _only(finding: Finding) -> Analysis:
    return replace(analyses.incident(), findings=(finding,))


def test_says_nothing_where_nothing_is_unsafe() -> None:
    assert _review(analyses.safe()) is None


def test_says_nothing_where_everything_was_accepted() -> None:
    assert _review(analyses.allowed()) is None


def test_says_nothing_twice() -> None:
    first = _review(analyses.incident())
    assert first is not None
    posted = [found for comment in first.comments for found in markdown.fingerprints_in(comment.body)]
    assert _review(analyses.incident(), tuple(posted)) is None


def test_leaves_notes_to_the_check_run() -> None:
    found = _review(analyses.incident())
    assert found is not None
    assert [comment.first_line for comment in found.comments] == [4, 6]


def test_findings_of_one_statement_share_a_comment_the_worst_first() -> None:
    danger, warning, _ = analyses.incident().findings
    together = replace(warning, statement=danger.statement)
    found = _review(replace(analyses.incident(), findings=(together, danger)))
    assert found is not None
    (comment,) = found.comments
    assert comment.body.index(said(danger.title)) < comment.body.index(said(together.title))
    assert comment.fingerprint == danger.fingerprint == fingerprint_of(comment.body)
    assert set(markdown.fingerprints_in(comment.body)) == {danger.fingerprint, warning.fingerprint}


def test_findings_of_several_statements_of_one_call_are_reported_once_with_their_sql() -> None:
    danger = analyses.incident().findings[0]
    call = replace(danger.statement, generated=True)
    again = replace(danger, statement=replace(call, sql="CREATE INDEX a ON b (c)"), fingerprint="other")
    migration = replace(analyses.incident().run.migrations[0], statements=(call, again.statement))
    before = analyses.incident()
    run = replace(before.run, migrations=(migration,))
    found = _review(replace(before, run=run, findings=(replace(danger, statement=call), again)))
    assert found is not None
    (comment,) = found.comments
    assert comment.body.count(said(danger.message)[:60]) == 1
    assert "The SQL that PostgreSQL gets" in comment.body
    assert "STORED;\nCREATE INDEX a ON b (c);" in comment.body


def test_a_plan_that_does_two_statements_is_told_in_the_first_of_their_comments() -> None:
    danger, warning, _ = analyses.incident().findings
    led = replace(
        warning, files=danger.files, rewrite=danger.rewrite, suggestion=Suggestion(Lines(6, 6), "", moves=True)
    )
    found = _review(replace(analyses.incident(), findings=(danger, led)))
    assert found is not None
    first, second = (comment.body for comment in found.comments)
    assert "in this order" in first
    assert "*Instead:* the plan in the comment on line 4 does this, too." in second
    assert "```suggestion\n```" in second
    assert not [file.path for file in danger.files if file.path and file.path in second]


def test_the_steps_of_several_findings_are_one_list() -> None:
    danger, warning, _ = analyses.incident().findings
    shared = replace(warning, statement=danger.statement, files=(danger.files[0], *warning.files))
    found = _review(replace(analyses.incident(), findings=(danger, shared)))
    assert found is not None
    (comment,) = found.comments
    assert comment.body.count("*Instead*, in this order:") == 1
    assert "4. `20260516101501_build_events_search_idx.sql`" in comment.body
    assert "<summary>Step 4: " in comment.body


def test_a_suggestion_is_at_exactly_the_lines_it_replaces() -> None:
    wide = replace(analyses.incident().findings[0], suggestion=Suggestion(Lines(2, 5), "SELECT 1;"))
    found = _review(_only(wide))
    assert found is not None
    assert (found.comments[0].first_line, found.comments[0].last_line) == (2, 5)
    assert "```suggestion\nSELECT 1;\n```" in found.comments[0].body


@pytest.mark.parametrize(
    ("hunks", "place"),
    [
        pytest.param([Lines(5, 9)], (5, 5), id="a part of the statement is in the diff"),
        pytest.param([Lines(1, 4), Lines(5, 9)], (4, 4), id="two hunks meet in the statement"),
    ],
)
def test_no_suggestion_where_its_lines_are_not_in_one_hunk(hunks: list[Lines], place: tuple[int, int]) -> None:
    found = _review(_only(analyses.incident().findings[0]), hunks={analyses.PATH: hunks})
    assert found is not None
    assert (found.comments[0].first_line, found.comments[0].last_line) == place
    assert "```suggestion" not in found.comments[0].body


def test_no_suggestion_for_lines_that_end_in_cr_lf() -> None:
    analysis = _only(analyses.incident().findings[0])
    migration = replace(analysis.run.migrations[0], text=analyses.TEXT.replace("\n", "\r\n"))
    found = _review(replace(analysis, run=replace(analysis.run, migrations=(migration,))))
    assert found is not None
    assert "```suggestion" not in found.comments[0].body


def test_no_suggestion_that_changes_nothing() -> None:
    same = "\n".join(analyses.TEXT.split("\n")[3:5])
    found = _review(_only(replace(analyses.incident().findings[0], suggestion=Suggestion(Lines(4, 5), same))))
    assert found is not None
    assert "```suggestion" not in found.comments[0].body


def test_what_is_outside_the_diff_keeps_its_lines_and_offers_no_suggestion() -> None:
    found = _review(analyses.incident(), hunks={analyses.PATH: [Lines(6, 10)]})
    assert found is not None
    assert [(one.first_line, one.last_line) for one in found.comments] == [(4, 5), (6, 6)]
    assert "```suggestion" not in found.comments[0].body


def test_a_review_stops_where_nobody_reads_on() -> None:
    danger = analyses.incident().findings[0]
    many = tuple(
        replace(danger, fingerprint=f"f{line}", statement=analyses.statement(line, line, f"SELECT {line}"))
        for line in range(1, 121)
    )
    found = _review(replace(analyses.incident(), findings=many))
    assert found is not None
    assert len(found.comments) == 100
    assert "120 dangers" in found.body
    assert "Only the 100 worst places are here." in found.body


def test_sizes_stay_with_those_who_may_know_them() -> None:
    found = review(analyses.incident(), (), Disclosure.BUCKET, _WHOLE_FILE)
    assert found is not None
    text = "".join(comment.body for comment in found.comments)
    assert "1 to 10 million rows in 1 to 10 GB" in text
    assert "1.15 million" not in text
    assert "90 s" not in text


@examples(0.3)
@given(st.text(max_size=30), st.integers(1, 9_000))
def test_no_body_passes_the_limit_or_forges_a_marker(text: str, times: int) -> None:
    hostile = (text + "`<!-- migsafe:forged --> @octocat ```\n") * times
    danger = analyses.incident().findings[0]
    said, offered = verbatim(hostile), Suggestion(Lines(4, 5), hostile)
    files = tuple(replace(file, text=hostile, note=said) for file in danger.files) * 3
    finding = replace(danger, title=said, message=said, files=files, suggestion=offered)
    nothing: dict[str, list[Lines]] = {}
    for hunks in (_WHOLE_FILE, nothing):
        found = _review(_only(finding), hunks=hunks)
        assert found is not None
        for body in (found.body, *(comment.body for comment in found.comments)):
            assert markdown.length(body) <= BODY_LIMIT
            assert "forged" not in markdown.fingerprints_in(body)
            assert "<!-- migsafe:forged" not in body
