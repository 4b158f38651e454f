"""What a check costs, in process and as a command, compared with squawk on the same files: a Markdown table.

`uv run --group bench python -m tests.benchmarks.speed`. Figures are seconds of processor time, medians of several runs.
"""

import compileall
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import bot

_TYPICAL = (
    "ALTER TABLE users ADD COLUMN plan text NOT NULL DEFAULT 'free';",
    "CREATE INDEX CONCURRENTLY orders_user_id_idx ON orders (user_id);",
    "CREATE TABLE invoices (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, total numeric(12, 2) NOT NULL,\n"
    "  user_id bigint NOT NULL REFERENCES users (id), at timestamptz NOT NULL DEFAULT now());\n"
    "CREATE INDEX ON invoices (user_id, at DESC);",
    "ALTER TABLE orders ALTER COLUMN total TYPE numeric(14, 2);",
    "ALTER TABLE orders ADD CONSTRAINT positive CHECK (total >= 0) NOT VALID;\n"
    "ALTER TABLE orders VALIDATE CONSTRAINT positive;",
    "UPDATE users SET plan = 'free' WHERE plan IS NULL;\nALTER TABLE users ALTER COLUMN plan SET NOT NULL;",
    "DROP TABLE sessions;\nDROP INDEX users_email_idx;",
    "CREATE VIEW active AS SELECT id, email FROM users WHERE deleted_at IS NULL;\nGRANT SELECT ON active TO app;",
)
_FILES = 1_000
_BIG = 5_000_000
_RUNS, _LONG_RUNS = 7, 1


def main() -> None:
    compileall.compile_dir(Path(bot.__file__).parent, quiet=2)
    squawk = shutil.which("squawk", path=Path(sys.executable).parent) or shutil.which("squawk")
    with TemporaryDirectory() as folder:
        for row in rows(Path(folder), squawk):
            print(row, flush=True)


def rows(folder: Path, squawk: str | None) -> Iterator[str]:
    """Writes the files, measures, and yields the table row by row."""
    one, many, big = _written(folder)
    yield "| What | migsafe | squawk | ratio |"
    yield "| --- | --: | --: | --: |"
    cold, warm = _in_process()
    yield f"| read and judge a typical migration, in process, warm | {warm * 1000:.1f} ms | | |"
    yield f"| the same, all rules and readers used for the first time | {cold * 1000:.0f} ms | | |"
    for what, paths in ((f"`check` of one file of {_lines(one)} lines", [one]), (f"of {_FILES:,} files", many)):
        yield _row(what, paths, squawk)
    yield _row(f"of one file of {_BIG // 1_000_000} MB, {_lines(big):,} statements", [big], squawk)


def _row(what: str, paths: Sequence[Path], squawk: str | None) -> str:
    named = [str(path) for path in paths]
    runs = _RUNS if len(named) == 1 and paths[0].stat().st_size < 100_000 else _LONG_RUNS
    ours = _median(lambda: _run([sys.executable, "-m", "bot", "check", *named]), runs)
    if squawk is None:
        return f"| {what} | {_shown(ours)} | not installed | |"
    theirs = _median(lambda: _run([squawk, *named]), runs)
    return f"| {what} | {_shown(ours)} | {_shown(theirs)} | {ours / max(theirs, 0.001):.1f} |"


def _written(folder: Path) -> tuple[Path, list[Path], Path]:
    migrations = folder / "db" / "migrations"
    migrations.mkdir(parents=True)
    many = []
    for number in range(_FILES):
        path = migrations / f"2026{number:010d}_change.sql"
        path.write_text(f"-- migrate:up\n{_TYPICAL[number % len(_TYPICAL)]}\n-- migrate:down\n", "utf-8")
        many.append(path)
    big = folder / "20270101000000_seed.sql"
    big.write_text(f"-- migrate:up\n{_seed(_BIG)}-- migrate:down\n", "utf-8")
    return many[0], many, big


def _seed(size: int) -> str:
    lines: list[str] = []
    length = number = 0
    while length < size:
        row = f"INSERT INTO settings (id, name, value) VALUES ({number}, 'name {number}', 'a value of {number}');\n"
        line = row if number % 10 else f"ALTER TABLE t{number % 500} ADD COLUMN c{number} text;\n"
        lines.append(line)
        length += len(line)
        number += 1
    return "".join(lines)


def _in_process() -> tuple[float, float]:
    """Seconds for the first migration, and the median for the others."""
    cold = _timed(lambda: _judge(0))
    return cold, median(_timed(lambda number=number: _judge(number)) for number in range(1, 400))


def _judge(number: int) -> None:
    from bot.core.judging.analysis import analyse, with_checklist
    from bot.core.judging.checklist import checklist
    from bot.core.judging.framework import SourceFile
    from bot.core.judging.policy import Policy
    from bot.review.deploy import read, sort_by_framework
    from bot.review.rewriting import with_files
    from bot.rules import RULES

    text = f"-- migrate:up\n{_TYPICAL[number % len(_TYPICAL)]}\n-- migrate:down\n"
    deploys = sort_by_framework([SourceFile(f"db/migrations/2026{number:010d}_change.sql", text)])
    analysis = with_files(analyse(read(deploys, {}, {}, transaction=None), None, Policy(), RULES))
    with_checklist(analysis, checklist(analysis))


def _timed(call: Callable[[], object]) -> float:
    """Seconds of processor time, with that of the processes it starts: a busy machine changes them little."""
    start = _used()
    call()
    return _used() - start


def _used() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _median(call: Callable[[], object], runs: int) -> float:
    return median(_timed(call) for _ in range(runs))


def _run(command: Sequence[str]) -> None:
    null = subprocess.DEVNULL
    subprocess.run(command, stdin=null, stdout=null, stderr=null, check=False)


def _lines(path: Path) -> int:
    return path.read_text("utf-8").count("\n")


def _shown(seconds: float) -> str:
    return f"{seconds:.3f} s" if seconds < 0.1 else f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.0f} s"


if __name__ == "__main__":
    main()
