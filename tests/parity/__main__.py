"""`python -m tests.parity FOLDER...`: how far the reader agrees with PostgreSQL's parser over folders of .sql files.

Known differences that are not errors: what PostgreSQL refuses only later (a bit string of other digits, INCLUDE of an
expression, a misplaced DEFERRABLE) is unread here; libpg_query trips over comments between strings that continue.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from bot.core.language import operations as op
from bot.sql import read_script
from tests.parity.compare import difference, parse


def main(folders: list[str]) -> int:
    counts: Counter[str] = Counter()
    shown: dict[str, list[str]] = defaultdict(list)
    seen: set[str] = set()
    for path in _files(folders):
        text = path.read_bytes().decode("utf-8", "surrogateescape")
        counts["files"] += 1
        for found in read_script(text).statements:
            if found.inside is not None or found.sql in seen or found.sql.startswith("\\"):
                continue
            seen.add(found.sql)
            _compare(f"{path}:{found.lines.first}", found.sql, found.operations, counts, shown)
    _print(counts, shown)
    return 0


def _files(folders: list[str]) -> Iterator[Path]:
    for folder in folders:
        found = sorted(Path(folder).rglob("*.sql")) if Path(folder).is_dir() else [Path(folder)]
        yield from (path for path in found if path.is_file())


def _compare(
    where: str, sql: str, operations: tuple[op.Operation, ...], counts: Counter[str], shown: dict[str, list[str]]
) -> None:
    try:
        trees = parse(sql)
    except UnicodeEncodeError:
        counts["not UTF-8"] += 1
        return
    problem = difference(trees, operations)
    group = "rejected" if trees is None or len(trees) != 1 else "accepted"
    counts[group] += 1
    if not problem:
        counts[f"{group} and agreed"] += 1
        return
    key = f"{group}: {problem[:70]}"
    shown[key].append(f"{where}: {' '.join(sql.split())[:300]}\n        {problem[:300]}")


def _print(counts: Counter[str], shown: dict[str, list[str]]) -> None:
    for key, examples in sorted(shown.items(), key=lambda item: len(item[1])):
        print(f"{len(examples):6} {key}")
        for example in examples[:2]:
            print(f"      {example}")
    accepted, rejected = counts["accepted"], counts["rejected"]
    share = 100 * counts["accepted and agreed"] / accepted if accepted else 100.0
    print(f"{counts['files']} files, {accepted + rejected} different statements")
    print(f"PostgreSQL accepts {accepted}: {counts['accepted and agreed']} read alike, {share:.3f} %")
    print(f"PostgreSQL rejects {rejected}: {rejected - counts['rejected and agreed']} read as an operation")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
