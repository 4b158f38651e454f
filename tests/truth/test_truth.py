"""The model agrees with measurements on real servers, and the embedded server with them."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from bot.core.schema.session import Session
from bot.standins.postgres import Server, start
from tests.truth.__main__ import main
from tests.truth.compare import differences, differences_from
from tests.truth.live import snapshot_before
from tests.truth.server import SETTINGS, Replayer
from tests.truth.shapes import HERE, MAJORS, Shape, fixture, read_shapes

EMBEDDED = 18
TRUTH = read_shapes(HERE / "postgres-truth.json")
OWN = read_shapes(HERE / "shapes.json")
SAMPLE = 2
"""Of the shapes that need a database made for them, this many of each kind run in the plain suite."""


def kind_of(shape: Shape) -> str:
    """The command and its object, and whether the server refused it: CREATE INDEX, ALTER TABLE with an error, ..."""
    words = shape.statements[-1].upper().split()[:2]
    return " ".join([*words, *(["fails"] if "error" in shape.measured[EMBEDDED] else [])])


def runs_alone(shape: Shape) -> bool:
    """Whether the server refuses it in a transaction block."""
    return shape.measured[EMBEDDED].get("in_transaction_ok") is False


def replayed(shapes: Sequence[Shape]) -> Iterator[object]:
    """All that the embedded server has measured, those with the same database before them together.

    In the plain suite runs whatever one copy of the fixture's database answers in transactions that are rolled back,
    and of the others, for each of which 61 MB are copied again, the first few of each kind. The rest are proofs.
    """
    taken: Counter[str] = Counter()
    measured = [shape for shape in shapes if EMBEDDED in shape.measured]
    for shape in sorted(measured, key=lambda shape: (shape.given, runs_alone(shape))):
        costly = bool(shape.given) or runs_alone(shape)
        taken[kind_of(shape)] += costly
        proof = costly and taken[kind_of(shape)] > SAMPLE
        yield pytest.param(shape, id=shape.id, marks=[pytest.mark.proof] if proof else [])


@pytest.fixture(scope="module", params=MAJORS, ids=lambda major: f"PostgreSQL {major}")
def modelled(request: pytest.FixtureRequest) -> Session:
    """The fixture's database as the model has it (0.05 s for each major)."""
    return fixture(request.param)


@pytest.fixture(scope="module")
def embedded() -> Session:
    """The same for the embedded server's major."""
    return fixture(EMBEDDED)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A PostgreSQL apart from that of other tests (1 s, once a worker): no standby follows what is tried here."""
    with start({"autovacuum": SETTINGS["autovacuum"]}) as server:
        yield server


@pytest.fixture(scope="module")
def replayer(server: Server) -> Iterator[Replayer]:
    """The fixture's database, ready to be copied (1 s, once a worker)."""
    replayer = Replayer(server.url(), "live_truth")
    yield replayer
    replayer.close()


def test_agrees_with_every_measured_shape(modelled: Session) -> None:
    major = modelled.catalog.major
    wrong = {
        shape.id: found
        for shape in (*TRUTH, *OWN)
        if major in shape.measured and (found := list(differences(modelled, shape, major, shape.measured[major])))
    }
    assert wrong == {}


@pytest.mark.parametrize("shape", list(replayed((*TRUTH, *OWN))))
def test_the_embedded_server_does_what_the_model_says(replayer: Replayer, embedded: Session, shape: Shape) -> None:
    assert replayer.major == EMBEDDED
    assert list(differences(embedded, shape, EMBEDDED, replayer.measure(shape))) == []


def samples(shapes: Sequence[Shape]) -> Iterator[object]:
    """One of each kind in the plain suite; the others are proofs."""
    taken: set[str] = set()
    for shape in sorted(shapes, key=lambda shape: shape.given):
        if EMBEDDED in shape.measured:
            proof = bool(shape.given) or kind_of(shape) in taken
            taken.add(kind_of(shape))
            yield pytest.param(shape, id=shape.id, marks=[pytest.mark.proof] if proof else [])


@pytest.mark.parametrize("shape", list(samples((*TRUTH, *OWN))))
def test_the_snapshot_of_what_a_shape_names_has_all_that_the_model_needs(replayer: Replayer, shape: Shape) -> None:
    before = snapshot_before(replayer.url_after(shape.given), shape)
    assert list(differences_from(before, shape, EMBEDDED, shape.measured[EMBEDDED])) == []


def test_has_enough_shapes_of_its_own() -> None:
    shared = {(shape.statements, shape.given) for shape in TRUTH}
    assert len([shape for shape in OWN if (shape.statements, shape.given) not in shared]) >= 150


def test_the_command_replays_a_file_and_says_where_the_model_differs(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "statements.sql"
    file.write_text("ALTER TABLE t ADD COLUMN x int;\nCREATE INDEX ON parent (k);\n")
    assert main([str(file), "--url", server.url()]) == 0
    assert f"PostgreSQL {EMBEDDED}: 2 shapes measured, 0 differ" in capsys.readouterr().out


def test_the_command_records_what_it_measured(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "statements.json"
    file.write_text(json.dumps([{"id": "one", "statement": "LOCK TABLE t IN SHARE MODE"}]))
    assert main([str(file), "--url", server.url(), "--record"]) == 0
    [entry] = json.loads(file.read_text())
    assert entry["measured"] == [{"majors": [EMBEDDED], "result": {"locks": {"t": "ShareLock"}}}]
