"""Prints what becomes of the cases: `python -m tests.rewrites [--quick] [--15] [--only TOOL] [WORDS OF A NAME ...]`."""

import argparse
import json
import sys
import time
from pathlib import Path

from bot.standins.postgres import start
from tests.rewrites.catalogue import CHAPTERS, Chapter
from tests.rewrites.chains import prove
from tests.rewrites.clones import DEBIAN_15, Clones
from tests.rewrites.known import KNOWN
from tests.rewrites.outcome import ASPECTS, Outcome
from tests.rewrites.table import Row, table
from tests.support.said import said


def main() -> int:
    parser = argparse.ArgumentParser(description="The safe rewrites, proven.")
    parser.add_argument("words", nargs="*", help="only cases whose name holds one of these; their plans are shown")
    parser.add_argument("--quick", action="store_true", help="without an idle reader before each step")
    parser.add_argument("--short", action="store_true", help="only the cases of the plain suite")
    parser.add_argument("--only", choices=[chapter.name for chapter in CHAPTERS], help="cases of this tool")
    parser.add_argument("--15", dest="old", action="store_true", help="on Debian's PostgreSQL 15")
    parser.add_argument("--json", type=Path, help="a file that gets a line of JSON for each case")
    parser.add_argument("--part", default="1/1", help="N/M: every Mth case, from the Nth on")
    asked = parser.parse_args()
    first, every = (int(number) for number in asked.part.split("/"))
    rows: list[Row] = []
    major, installation = (15, DEBIAN_15) if asked.old else (18, None)
    with start({"autovacuum": "off"}, installation=installation) as server:
        clones = Clones(server, major)
        for chapter in CHAPTERS:
            if asked.only in (None, chapter.name):
                names = [
                    name
                    for name, case in chapter.cases.items()
                    if (case.short or not asked.short) and (not asked.words or any(one in name for one in asked.words))
                ]
                chosen = names[first - 1 :: every]
                outcomes = _run(
                    chapter, clones, chosen, show=bool(asked.words), reader=not asked.quick, lines=asked.json
                )
                rows.append(Row(f"{chapter.name}, {major}", outcomes))
    print(f"\n{table(rows)}")
    return 0


def _run(
    chapter: Chapter, clones: Clones, names: list[str], *, show: bool, reader: bool, lines: Path | None
) -> list[Outcome]:
    language = chapter.language()
    if isinstance(language, str):
        print(f"{chapter.name}: skipped, because {language}")
        return []
    outcomes: list[Outcome] = []
    for name in names:
        began = time.monotonic()
        outcome = prove(name, chapter.cases[name], clones, language, reader=reader)
        outcomes.append(outcome)
        if show:
            _show(outcome)
        if lines is not None:
            found = {"tool": chapter.name, "case": name, "asked": sorted(outcome.asked), "problems": outcome.problems}
            with lines.open("a") as file:
                file.write(json.dumps(found) + "\n")
        unexpected = outcome.unexpected(KNOWN[chapter.name].get(name, {}))
        print(f"{chapter.name}: {name}: {time.monotonic() - began:.1f} s", *unexpected, sep="\n    ", flush=True)
    return outcomes


def _show(outcome: Outcome) -> None:
    """The plan of a case, and every problem."""
    plan = outcome.plan
    if outcome.original:
        print(f"The original fails: {outcome.original}")
    for number, file in enumerate(plan.files if plan is not None else (), start=1):
        print(f"-- {number}. stage {file.stage}, {file.kind.value} {file.path or ''}: {said(file.note)}\n{file.text}")
    if plan is not None:
        print(f"rules: {', '.join(plan.rules)}\ndiffers: {plan.differs}\nlost: {plan.lost}")
    for aspect in ASPECTS:
        if aspect in outcome.asked:
            print(f"{aspect}: {'ok' if aspect not in outcome.problems else ''}")
            for problem in outcome.problems.get(aspect, ()):
                print(f"    {problem}")
    print(f"longest wait {outcome.longest_wait:.2f} s, {outcome.failed_statements} statements failed")


if __name__ == "__main__":
    sys.exit(main())
