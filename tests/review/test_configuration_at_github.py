"""Whose configuration judges a pull request, and what the check says when it cannot be read; at a stand-in."""

import pytest

from tests.support.reviewing import Reviewing, reviewing

pytestmark = pytest.mark.anyio

PATH = "db/migrations/20260516101500_change.sql"
UNSAFE = """-- migrate:up
ALTER TABLE events ADD COLUMN search tsvector GENERATED ALWAYS AS (to_tsvector('english', body)) STORED;

-- migrate:down
"""
LATER = PATH.replace("1015", "1016")
OTHER = UNSAFE.replace("events", "posts")
CONFIG = ".github/migsafe.yml"
VALID = "rules:\n  generated-column-rewrite: note\nrequire: []\n"
BROKEN = "mode: enforce\nthresholdz: 3\n"


def _onto_base(review: Reviewing, path: str, text: str | None) -> None:
    review.at.github.commit(review.at.repository, "main", {path: text})


@pytest.mark.parametrize("path", [CONFIG, ".migsafe.yml"])
async def test_a_pull_request_that_breaks_the_configuration_fails_at_its_line(path: str) -> None:
    async with reviewing() as review:
        check = await review.reviewed(review.at.opened({path: BROKEN}))
        assert (check.conclusion, check.title) == (
            "failure",
            f"Configuration error: {path}, line 2. No migrations changed",
        )
        (mark,) = check.annotations
        assert (mark["path"], mark["start_line"]) == (path, 2)
        assert (check.summary or "").count("line 2") == 1


async def test_a_pull_request_that_breaks_it_is_still_judged_by_the_base() -> None:
    async with reviewing(files={CONFIG: VALID}) as review:
        check = await review.reviewed(review.at.opened({CONFIG: BROKEN, PATH: UNSAFE}))
        assert check.conclusion == "failure"
        assert "generated-column-rewrite" in (check.summary or "")
        assert (check.title or "").startswith("Configuration error: .github/migsafe.yml, line 2.")


async def test_a_valid_change_is_announced_and_counts_only_once_merged() -> None:
    async with reviewing() as review:
        pull = review.at.opened({CONFIG: VALID, PATH: UNSAFE})
        check = await review.reviewed(pull)
        assert check.conclusion == "failure"
        assert "counts with the merge" in (check.summary or "")
        review.at.github.merge(pull)
        later = await review.reviewed(review.at.opened({LATER: OTHER}))
        assert later.conclusion == "success"
        assert "with the merge" not in (later.summary or "")


async def test_a_removed_configuration_is_announced() -> None:
    async with reviewing(files={CONFIG: VALID}) as review:
        check = await review.reviewed(review.at.opened({CONFIG: None}))
        assert check.conclusion == "success"
        assert "is removed with the merge" in (check.summary or "")


async def test_while_the_merged_file_is_broken_the_last_valid_one_judges_and_the_check_says_so() -> None:
    async with reviewing(files={CONFIG: "rules:\n  generated-column-rewrite: off\n"}) as review:
        pull = review.at.opened({PATH: UNSAFE})
        assert (await review.reviewed(pull)).conclusion == "success"
        _onto_base(review, CONFIG, BROKEN)
        check = await review.reviewed(review.at.opened({LATER: OTHER}))
        assert check.conclusion == "success"
        assert "the last valid one judges" in (check.summary or "")
        assert (check.summary or "").count("line 2: unknown option `thresholdz`") == 1


async def test_without_a_valid_one_the_defaults_judge_and_are_enforced() -> None:
    async with reviewing(files={".migsafe.yml": "mode: observe\nthresholdz: 3\n"}) as review:
        check = await review.reviewed(review.at.opened({PATH: UNSAFE}))
        assert check.conclusion == "failure"
        assert "the defaults judge" in (check.summary or "")
        assert "In .migsafe.yml: line 2" in (check.summary or "")
        innocent = await review.reviewed(review.at.opened({"src/app.py": "x = 1\n"}))
        assert innocent.conclusion == "success"
        assert "the defaults judge" in (innocent.summary or "")


async def test_a_configuration_that_was_removed_is_not_brought_back_by_a_broken_one() -> None:
    async with reviewing(files={CONFIG: VALID}) as review:
        await review.reviewed(review.at.opened({PATH: UNSAFE}))
        _onto_base(review, CONFIG, None)
        await review.reviewed(review.at.opened({PATH: UNSAFE}))
        _onto_base(review, CONFIG, BROKEN)
        check = await review.reviewed(review.at.opened({PATH: UNSAFE}))
        assert check.conclusion == "failure"
        assert "the defaults judge" in (check.summary or "")


async def test_an_error_in_the_organisations_file_is_named_as_its() -> None:
    async with reviewing() as review:
        review.at.github.add_repository("acme/.github", files={"migsafe.yml": BROKEN})
        check = await review.reviewed(review.at.opened({PATH: UNSAFE}))
        assert check.conclusion == "failure"
        assert "In migsafe.yml of the organisation's .github repository: line 2" in (check.summary or "")


async def test_commands_are_answered_by_the_last_valid_configuration() -> None:
    async with reviewing(files={CONFIG: VALID}) as review:
        pull = review.at.opened({PATH: UNSAFE})
        await review.reviewed(pull)
        _onto_base(review, CONFIG, BROKEN)
        assert "rewrites `events`" in await review.said(pull, "/migsafe explain")


async def test_on_a_stacked_pull_request_the_default_branch_decides() -> None:
    async with reviewing() as review:
        below = review.at.opened({CONFIG: VALID}, head="lenient", author="mallory")
        above = review.at.opened({PATH: UNSAFE}, base="lenient", head="above", author="mallory")
        check = await review.reviewed(above)
        assert check.conclusion == "failure"
        assert "`lenient` is itself an open pull request" in (check.summary or "")
        review.at.github.close(below)
        await review.closed(above)
        again = review.at.opened({LATER: OTHER}, base="lenient", head="again")
        assert (await review.reviewed(again)).conclusion == "success"


async def test_a_broken_configuration_in_a_merge_group_fails_it() -> None:
    async with reviewing() as review:
        pull = review.at.opened({CONFIG: BROKEN})
        base, head = review.at.github.merge_group(review.at.repository, [pull])
        check = await review.grouped(base, head)
        assert check.conclusion == "failure"
        assert (check.title or "").startswith("Configuration error")
