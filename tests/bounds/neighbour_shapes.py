"""Shapes of what lies beside a pull request: others that bring the same, or meet it; and of paths."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from bot.core.globs import matches
from bot.core.judging.beside import Brought, Standing, Taken, Trace
from bot.core.judging.framework import SourceFile
from bot.core.judging.history import Unit
from bot.core.judging.policy import Policy
from bot.core.judging.touches import Part
from bot.core.language.locks import LockMode
from bot.frameworks import recognise
from bot.review.brought import KeptBrought, brought_from_json, brought_to_json
from bot.review.clashes import Around, folders_of, is_beside
from bot.review.fetching import may_be_migration
from bot.review.neighbours import Aim, affected, met_by_pull
from tests.bounds.shape import Shape, review_files

_MOST_KEPT = 512
"""A power of four times eight; of one repository 300 are kept."""
_PARTS = tuple(Part)


def _brought(number: int, size: int) -> Brought:
    """A pull request that makes, drops and needs as many things as are kept, the same as all others, under locks."""
    return Brought(
        number,
        units=tuple(
            Standing(f"m/{number}_{i}.sql", "plain", Unit(str(i), "m", what="file", order=(i,), after=(str(i - 1),)))
            for i in range(size // 2)
        ),
        marks=tuple(
            Trace(f"relation public.t{i // len(_PARTS)}", _PARTS[i % len(_PARTS)], f"m/{number}_{i}.sql", i)
            for i in range(size)
        ),
        transactions=tuple(
            tuple(
                Taken(f"public.t{at if number % 2 else 20 - at}", LockMode.ACCESS_EXCLUSIVE, f"m/{number}_{i}.sql", at)
                for at in range(20)
            )
            for i in range(size // 15)
        ),
    )


def _many_kept(count: int) -> list[KeptBrought]:
    """Each of them stacked on the one before, ten high."""
    return [
        KeptBrought(number, f"b{number - 1}" if number % 11 else "main", f"b{number}", "0" * 40, _brought(number, 60))
        for number in range(1, count + 1)
    ]


def _one_large(size: int) -> list[KeptBrought]:
    return [KeptBrought(number, "main", f"b{number}", "0" * 40, _brought(number, size)) for number in (1, 2, 3)]


def _judged_again(kept: list[KeptBrought]) -> object:
    last = kept[-1]
    aim = Aim(1, "a", "b", last.base_ref, last.number)
    return affected(kept, None, last), met_by_pull(aim, last.brought, kept)


def _stored(kept: list[KeptBrought]) -> object:
    return [brought_from_json(brought_to_json(one.brought), one.number, merged=False) for one in kept]


@dataclass(frozen=True)
class _Clashing:
    files: tuple[SourceFile, ...]
    others: tuple[Brought, ...]

    def review(self) -> object:
        return review_files(self.files, Around(10_000, whole=True, others=self.others))


def _clashing_statements(size: int) -> _Clashing:
    """A file whose every statement needs what three others drop and make."""
    text = "".join(f"ALTER TABLE t{i} ADD COLUMN c int;\n" for i in range(size))
    return _Clashing((SourceFile("m/1_a.sql", text),), tuple(_brought(number, size) for number in (1, 2, 3)))


def _clashing_files(size: int) -> _Clashing:
    """Files whose versions others have, too."""
    files = tuple(SourceFile(f"migrations/{i}_a.sql", f"CREATE TABLE t{i} (a int);\n") for i in range(size))
    units = tuple(
        Standing(f"migrations/{i}_b.sql", "plain", Unit(str(i), "migrations", what="file", order=(i,)))
        for i in range(size)
    )
    return _Clashing(files, tuple(Brought(number, units=units) for number in (1, 2, 3)))


def _clashing_others(size: int) -> _Clashing:
    """One statement that many others clash with."""
    file = SourceFile("migrations/1_a.sql", "DROP TABLE t0;\nALTER TABLE t1 ADD COLUMN c int;\n")
    return _Clashing((file,), tuple(_brought(number, 60) for number in range(1, size + 1)))


_PATHS = {
    "folders": ("", "a/", "1_a.sql"),
    "migration folders": ("", "migrations/", "x"),
    "deploy folders": ("", "deploy/", "x"),
    "evolutions": ("", "evolutions/1/", "x"),
    "drizzle folders": ("", "drizzle/0001_/", "x"),
    "supabase folders": ("", "supabase/migrations/", "x"),
    "diesel folders": ("", "2026-a_/", "x"),
    "digits": ("migrations/", "1", "x"),
    "versions": ("db/migration/V1", "_1", "x"),
    "points": ("db/migration/V1", ".1", "x"),
    "underscores": ("migrations/1", "_", "x"),
    "letters": ("migrations/", "a", ".sqlx"),
    "endings": ("migrations/1_a", ".up.sql", "x"),
    "line ends": ("migrations/1_a", "\n", ".sql"),
}
_LONGEST_PATH = 4096
"""Characters: git has no longer ones."""
_PATTERNS = (
    "**/migrations/**/*.sql",
    "**/a/**/a/**/*.sql",
    "*a*a*a*.sql",
    "**a**a**a**.sql",
    "**a*b",
    "**a*b**a*/b",
    "{a,aa}*{a,aa}*{a,aa}*{a,b}",
    "??*??*??*??/x",
)


def _taken_path(path: str) -> object:
    folders = folders_of([path])
    return [
        *(recognise(path, text) for text in ("", "SELECT 1;\n")),
        may_be_migration(path, Policy()),
        is_beside(path, folders),
        *(matches(pattern, path) for pattern in _PATTERNS),
    ]


def neighbour_shapes() -> Iterator[Shape]:
    for name, make, most in (
        ("many others", _many_kept, _MOST_KEPT),
        ("others that bring much", _one_large, 2048),
    ):
        yield Shape(f"neighbours: {name}, judged again", make, _judged_again, start=8, most=most)
        yield Shape(f"neighbours: {name}, stored", make, _stored, start=8, most=most)
    for name, clashing, most in (
        ("statements", _clashing_statements, 2048),
        ("files", _clashing_files, 2048),
        ("others", _clashing_others, _MOST_KEPT),
    ):
        yield Shape(f"clashes: many {name}", clashing, _Clashing.review, start=8, most=most)
    for name, (before, part, after) in _PATHS.items():
        most = 4 ** int(math.log(_LONGEST_PATH / len(part), 4))
        yield Shape(
            f"path: {name}",
            lambda size, made=(before, part, after): made[0] + made[1] * size + made[2],
            _taken_path,
            start=16,
            most=most,
        )
