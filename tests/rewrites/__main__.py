"""Prints what becomes of the cases: `python -m tests.rewrites [--quick] [--known] [WORDS OF A NAME ...]`."""

import sys
import time
from collections.abc import Sequence

from bot.standins.postgres import start
from tests.rewrites.chains import ASPECTS, Outcome, prove
from tests.rewrites.clones import Clones
from tests.rewrites.known import KNOWN
from tests.rewrites.languages import Sql
from tests.rewrites.sql_cases import CASES
from tests.rewrites.tools import dbmate
from tests.support.said import said


def main(words: Sequence[str]) -> int:
    quick, known = "--quick" in words, "--known" in words
    words = [word for word in words if not word.startswith("--")]
    tool = dbmate()
    if isinstance(tool, str):
        print(tool)
        return 1
    chosen = {name: case for name, case in CASES.items() if not words or any(word in name for word in words)}
    worst = 0
    with start({"autovacuum": "off"}) as server:
        clones = Clones(server, 18)
        for name, case in chosen.items():
            began = time.monotonic()
            outcome = prove(name, case, clones, Sql(tool), reader=not quick)
            if words:
                show(outcome)
            unexpected = outcome.unexpected(KNOWN.get(name, {}))
            if known:
                print(f'    "{name}": {dict.fromkeys(outcome.problems, "?")},', flush=True)
                continue
            print(f"{name}: {'; '.join(unexpected) or 'as known'} ({time.monotonic() - began:.1f} s)")
            worst = max(worst, int(bool(unexpected)))
    return worst


def show(outcome: Outcome) -> None:
    """The plan of a case, and every problem."""
    print(f"== {outcome.case}")
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
    sys.exit(main(sys.argv[1:]))
