"""Runs every pair on a server and prints which failures are not foretold, and which near misses are said to fail.

python -m tests.truth.refusals [WORDS] [--url URL] [--quiet]
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack

import psycopg

from bot.standins import postgres
from tests.truth.refusals.asked import Oracle, foretell, pairs, replayed


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.truth.refusals", description=__doc__)
    parser.add_argument("words", nargs="?", default="", help="only pairs whose name contains this")
    parser.add_argument("--url", help="the server to ask; it must be ours alone")
    parser.add_argument(
        "--replayed", action="store_true", help="what is run before is replayed, not read from the server"
    )
    parser.add_argument("--quiet", action="store_true", help="only the figures")
    options = parser.parse_args(arguments)
    counts: Counter[str] = Counter()
    with ExitStack() as stack:
        url = options.url or stack.enter_context(postgres.start({})).url()
        oracle = Oracle(url)
        stack.callback(oracle.close)
        start = oracle.start()
        for pair in pairs():
            if options.words not in pair.id:
                continue
            try:
                answer, session = oracle.ask(pair, start)
            except psycopg.Error as error:
                print(f"BROKEN {pair.id}: {str(error).splitlines()[0]}: {pair.given}")
                continue
            state, message = answer.fails
            told = foretell(replayed(start, pair) if options.replayed else session, pair)
            if not state:
                counts["not refused"] += 1
                print(f"NOT REFUSED {pair.id}: {pair.fails}")
            else:
                exact = any(one == state for one, _ in told.fails)
                word = "foretold" if exact else "other state" if told.fails else "silent"
                counts[word] += 1
                if not options.quiet and word != "foretold":
                    print(f"{word} {pair.id}: {pair.fails}\n    {state} {message}  {told.fails or ''}")
            if answer.works[0]:
                print(f"NO NEAR MISS {pair.id}: {pair.works}: {answer.works[1]}")
            elif told.works:
                counts["false"] += 1
                print(f"FALSE {pair.id}: {pair.works}\n    {told.works}")
    total = counts["foretold"] + counts["other state"] + counts["silent"]
    print(f"{total} failures: {dict(counts)}; {100 * counts['foretold'] / max(total, 1):.1f} % foretold")
    return 0


if __name__ == "__main__":
    sys.exit(main())
