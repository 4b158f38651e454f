"""GitHub's rules accept every comment where a review puts it, and no comment is lost."""

from hypothesis import given
from hypothesis import strategies as st

from bot.github import reviews
from bot.report.shapes import BODY_LIMIT, INLINE_LIMIT, MARKER, InlineComment, Review
from bot.review.hub import ChangedFile
from bot.standins.github.endpoints.reviews import problems_of
from bot.standins.github.git import FileDiff, patch
from bot.standins.github.git import hunks as made

TEXTS = st.lists(st.sampled_from(["a", "b", "c", "drop table t;", "", "\r"]), max_size=60).map("\n".join)
PATHS = st.sampled_from(["db/1.sql", "db/`2`.sql", "no/diff.sql", "not/changed.sql"])
BODIES = st.sampled_from(["Unsafe.", "```suggestion\nselect 1;\n```", "<!-- not ours:f0 -->", "x" * (BODY_LIMIT + 1)])


@st.composite
def _comments(draw: st.DrawFn) -> list[InlineComment]:
    found = []
    for number in range(draw(st.integers(0, 40))):
        first = draw(st.integers(1, 70))
        body = f"{draw(BODIES)}\n\n{MARKER.format(f'f{number}')}"
        found.append(InlineComment(draw(PATHS), first, first + draw(st.integers(0, 9)), body, f"f{number}"))
    return found


@given(TEXTS, TEXTS, _comments())
def test_every_comment_is_on_lines_that_github_accepts_or_in_the_body(
    old: str, new: str, comments: list[InlineComment]
) -> None:
    hunks = made(old, new)
    text = patch(hunks) if hunks else None
    files = {path: FileDiff(path, "modified", "0" * 40, hunks=hunks, patch=text) for path in ("db/1.sql", "db/`2`.sql")}
    changed = [ChangedFile(path, "modified", "0" * 40, patch=text) for path in files]
    changed.append(ChangedFile("no/diff.sql", "modified", "0" * 40))
    draft = reviews._placed(Review("Body.", tuple(comments)), changed, frozenset())
    assert draft is not None
    assert len(draft.inline) <= INLINE_LIMIT
    assert {each.fingerprint for each in (*draft.inline, *draft.unplaced)} == {each.fingerprint for each in comments}
    assert [problem for each in draft.inline for problem in problems_of(reviews._comment(each), files)] == []
    by_name = {each.fingerprint: each for each in comments}
    for each in draft.inline:
        asked = by_name[each.fingerprint]
        assert asked.first_line <= each.first_line <= each.last_line <= asked.last_line
        assert "suggestion" not in each.body or (each.first_line, each.last_line) == (asked.first_line, asked.last_line)
    sign = "<!-- migsafe:review:0:0 -->"
    body = reviews._body(draft, sign)
    assert len(body) <= BODY_LIMIT
    assert body.endswith(sign)
    reported = reviews._reported([{"body": body}])
    assert reported == {each.fingerprint for each in draft.unplaced}
