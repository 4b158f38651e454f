"""Which lines can have a comment, checked against a diff made by other means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.language.migrations import Lines
from bot.review.diff import fits, hunks, nearest
from bot.standins.github.git import hunks as made
from bot.standins.github.git import patch

TEXTS = st.lists(st.sampled_from(["a", "b", "c", "-- x", "+y", "@@ -1 +9 @@", "", "\r"]), max_size=40).map("\n".join)


def test_a_hunk_ends_where_its_lines_end() -> None:
    assert hunks("@@ -1,3 +1,4 @@ create table\n one\n-two\n+2\n+3\n three") == (Lines(1, 4),)


def test_a_file_without_newline_at_its_end_has_no_line_more() -> None:
    assert hunks("@@ -0,0 +1,2 @@\n+one\n+two\n\\ No newline at end of file") == (Lines(1, 2),)


def test_a_removed_file_can_carry_no_comment() -> None:
    assert not fits(hunks("@@ -1,2 +0,0 @@\n-one\n-two"), 1, 1)


def test_a_header_that_claims_more_than_follows_is_not_believed() -> None:
    assert hunks("@@ -1 +1,900 @@\n+one") == (Lines(1, 1),)


@pytest.mark.parametrize("text", ["", "no hunk", "@@ broken @@", "Binary files differ"])
def test_text_that_is_no_patch_shows_no_lines(text: str) -> None:
    assert hunks(text) == ()


def test_a_comment_may_not_span_two_hunks() -> None:
    shown = (Lines(1, 7), Lines(20, 27))
    assert fits(shown, 2, 7)
    assert not fits(shown, 7, 20)
    assert not fits(shown, 8, 9)


def test_the_longest_part_that_is_shown_is_taken() -> None:
    assert nearest((Lines(1, 7), Lines(20, 40)), 6, 30) == (20, 30)
    assert nearest((Lines(1, 7),), 8, 9) is None


@given(TEXTS, TEXTS)
def test_every_added_line_is_shown_and_every_shown_line_exists(old: str, new: str) -> None:
    found = hunks(patch(made(old, new)))
    length = new.count("\n") + (not new.endswith("\n") and new != "")
    shown = {line for hunk in found for line in range(hunk.first, hunk.last + 1)}
    assert shown == {line for hunk in made(old, new) for line in hunk.right}
    assert shown <= set(range(1, length + 1))
