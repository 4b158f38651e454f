"""Path patterns as repositories write them."""

import pytest

from bot.core.globs import matches


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("db/**", "db/a/b.sql"),
        ("**/x.sql", "x.sql"),
        ("**/x.sql", "a/b/x.sql"),
        ("./db/*.sql", "db/a.sql"),
        ("**/migrations/**/*.sql", "a/migrations/b/migrations/c/1.sql"),
        ("**/migrations/**/*.sql", "migrations/1.sql"),
        ("**/a*b/**", "a/axb/ab/c"),
        ("**/a*/b", "a/x/ay/b"),
        ("db/{old,new}/*.{sql,rb}", "db/new/a.rb"),
        ("db/{old,{new,next}/{a,b}}/x", "db/next/b/x"),
        ("a**/b", "ab"),
        ("a**/b", "a/x/b"),
        ("a**/**/b", "a/x/b"),
        ("?b.s?l", "ab.sql"),
        ("**a*b", "x/ay/aab"),
        ("**a/*b*c", "a/x/a/bxc"),
        ("**a*b**c", "axa/b/axb/c"),
        ("*a*a.sql", "aaxa.sql"),
        ("{a", "{a"),
        ("a}", "a}"),
        ("a,b", "a,b"),
        ("a.b+", "a.b+"),
    ],
)
def test_a_path_fits_the_pattern(pattern: str, path: str) -> None:
    assert matches(pattern, path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*.sql", "a/b.sql"),
        ("db/*", "db/a/b"),
        ("db/**", "xdb/a"),
        ("**/x.sql", "ax.sql"),
        ("?", "/"),
        ("{a,b}", "c"),
        ("**/a/**/b", "a/xb"),
        ("**a*b", "a/b"),
        ("**a*b**c", "a/b/c"),
        ("a.sql", "aXsql"),
        ("db/*.sql", "db/a.sql\n"),
    ],
)
def test_a_path_does_not_fit_the_pattern(pattern: str, path: str) -> None:
    assert not matches(pattern, path)


def test_of_a_pattern_with_very_many_alternatives_the_first_count() -> None:
    pattern = "{a,b}" * 10
    assert matches(pattern, "a" * 10)
    assert not matches(pattern, "b" * 10)
