"""Replays a file of statements on a real server and prints where the model differs.

    python -m tests.truth FILE [--url URL] [--record] [--only TEXT]

FILE is JSON in the form of postgres-truth.json, or SQL: then each statement is a shape of its own, in the
fixture's database. Without --url the embedded PostgreSQL is started. --record writes what was measured into
the JSON file.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from bot.standins import postgres
from tests.truth.compare import differences
from tests.truth.server import SETTINGS, Replayer
from tests.truth.shapes import Shape, fixture, read_shapes, statements_of

_SYNTAX_ERROR: Mapping[str, Any] = {"error": {"sqlstate": "42601"}}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.truth", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--url", help="the server to ask; it must be ours alone, databases are made and dropped")
    parser.add_argument("--installation", type=Path, help="bin, lib and share of the PostgreSQL to start")
    parser.add_argument("--record", action="store_true", help="write the measurements into the file")
    parser.add_argument("--only", default="", help="only shapes whose id contains this")
    options = parser.parse_args(arguments)
    shapes = [shape for shape in _shapes(options.file) if options.only in shape.id]
    with _server(options.url, options.installation) as url:
        replayer = Replayer(url)
        try:
            measured = {}
            wrong = 0
            for shape, result, found in replay(replayer, shapes, every=options.record):
                measured[shape.id] = result
                wrong += bool(found)
                for line in found:
                    print(f"{shape.id}: {'; '.join(shape.statements)}\n    {line}")
        finally:
            replayer.close()
    print(f"PostgreSQL {replayer.major}: {len(measured)} shapes measured, {wrong} differ from the model")
    if options.record:
        record(options.file, replayer.major, measured)
    return 1 if wrong else 0


def replay(
    replayer: Replayer, shapes: Sequence[Shape], *, every: bool = False
) -> Iterator[tuple[Shape, Mapping[str, Any], list[str]]]:
    """Each shape that the server's version knows, what it did, and how the model differs.

    Shapes with the same database before them come together, so that it is made once. Where that cannot be made
    because the server does not know the syntax, the shape is left out.
    """
    start = fixture(replayer.major)
    for shape in sorted(shapes, key=lambda shape: shape.given):
        if not every and shape.measured and replayer.major not in shape.measured:
            continue
        try:
            result = replayer.measure(shape)
        except psycopg.errors.SyntaxError:
            continue
        yield shape, result, list(differences(start, shape, replayer.major, result))


def record(path: Path, major: int, measured: Mapping[str, Mapping[str, Any]]) -> None:
    """Puts the measurements beside the statements; majors that behave alike share one entry.

    A syntax error is no measurement: the shape is newer than the server.
    """
    entries = json.loads(path.read_text())
    for entry in entries:
        if measured.get(entry["id"], _SYNTAX_ERROR).get("error", {}).get("sqlstate") == "42601":
            continue
        parts = [part for part in entry.get("measured", ()) if part["majors"] != [major]]
        for part in parts:
            part["majors"] = [one for one in part["majors"] if one != major]
        result = dict(measured[entry["id"]])
        twin = next((part for part in parts if part["result"] == result), None)
        if twin is not None:
            twin["majors"] = sorted({*twin["majors"], major})
        else:
            parts.append({"majors": [major], "result": result})
        entry["measured"] = sorted(parts, key=lambda part: part["majors"])
    path.write_text(json.dumps(entries, indent=1, ensure_ascii=False) + "\n")


def _shapes(path: Path) -> list[Shape]:
    if path.suffix == ".json":
        return read_shapes(path)
    return [Shape(str(number), (sql,)) for number, sql in enumerate(statements_of(path.read_text()), start=1)]


@contextmanager
def _server(url: str | None, installation: Path | None) -> Iterator[str]:
    if url is not None:
        yield url
        return
    with postgres.start({"autovacuum": SETTINGS["autovacuum"]}, installation=installation) as server:
        yield server.url()


if __name__ == "__main__":
    sys.exit(main())
