"""The model agrees with what real servers did, and the embedded server still does it."""

import json
from collections.abc import Iterator

import pytest

from bot.core.schema.session import Session
from bot.standins import postgres
from tests.truth.__main__ import main
from tests.truth.compare import differences
from tests.truth.server import SETTINGS, Replayer
from tests.truth.shapes import HERE, MAJORS, Shape, fixture, read_shapes

TRUTH = read_shapes(HERE / "postgres-truth.json")
OWN = read_shapes(HERE / "shapes.json")


@pytest.fixture(scope="module", params=MAJORS, ids=lambda major: f"PostgreSQL {major}")
def start(request: pytest.FixtureRequest) -> Session:
    return fixture(request.param)


@pytest.fixture(scope="module")
def replayer() -> Iterator[Replayer]:
    with postgres.start({"autovacuum": SETTINGS["autovacuum"]}) as server:
        replayer = Replayer(server.url())
        yield replayer
        replayer.close()


def test_agrees_with_every_measured_shape(start: Session) -> None:
    major = start.catalog.major
    wrong = {
        shape.id: found
        for shape in (*TRUTH, *OWN)
        if major in shape.measured and (found := list(differences(start, shape, major, shape.measured[major])))
    }
    assert wrong == {}


@pytest.mark.parametrize("shapes", [TRUTH, OWN], ids=["shared shapes", "own shapes"])
def test_the_embedded_server_does_what_the_model_says(replayer: Replayer, shapes: list[Shape]) -> None:
    start = fixture(replayer.major)
    wrong = {
        shape.id: found
        for shape in sorted(shapes, key=lambda shape: shape.given)
        if replayer.major in shape.measured
        and (found := list(differences(start, shape, replayer.major, replayer.measure(shape))))
    }
    assert wrong == {}


def test_has_enough_shapes_of_its_own() -> None:
    shared = {(shape.statements, shape.given) for shape in TRUTH}
    assert len([shape for shape in OWN if (shape.statements, shape.given) not in shared]) >= 150


def test_the_command_replays_a_file_and_says_where_the_model_differs(
    replayer: Replayer, tmp_path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "statements.sql"
    file.write_text("ALTER TABLE t ADD COLUMN x int;\nCREATE INDEX ON parent (k);\n")
    assert main([str(file), "--url", replayer.url]) == 0
    assert f"PostgreSQL {replayer.major}: 2 shapes measured, 0 differ" in capsys.readouterr().out


def test_the_command_records_what_it_measured(replayer: Replayer, tmp_path) -> None:
    file = tmp_path / "statements.json"
    file.write_text(json.dumps([{"id": "one", "statement": "LOCK TABLE t IN SHARE MODE"}]))
    assert main([str(file), "--url", replayer.url, "--record"]) == 0
    [entry] = json.loads(file.read_text())
    assert entry["measured"] == [{"majors": [replayer.major], "result": {"locks": {"t": "ShareLock"}}}]
