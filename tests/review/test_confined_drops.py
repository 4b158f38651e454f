"""A child has nothing that it does not need, and its answer is not believed."""

import contextlib
import os
import pickle
import socket
import struct
import sys
import time
from pathlib import Path

import pytest

from bot.core.judging.allowing import Acceptances
from bot.core.judging.framework import Files, SourceFile
from bot.core.judging.policy import Policy
from bot.frameworks import framework_named
from bot.review import confined_drops
from bot.review.confined import Confinement
from bot.review.confined_answers import ForgedAnswer, read_answer
from bot.review.confined_drops import kept
from bot.review.errors import Crashed
from bot.review.judge import Case, DatabaseGroup, judge
from bot.runtime.settings import Settings
from bot.server.state import StateStore
from tests.review.test_confined import double, run
from tests.support.places import ROOT


def connect(address: tuple[str, int]) -> str:
    try:
        socket.create_connection(address, 2.0).close()
    except OSError as refused:
        return type(refused).__name__
    return "connected"


def write(path: str) -> str:
    try:
        Path(path).write_text("x")
    except OSError as refused:
        return type(refused).__name__
    return "written"


def read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError as refused:
        return type(refused).__name__


def answer_at_once(answer: bytes) -> None:
    """What a child does that is in somebody else's hands: it answers by itself."""
    for descriptor in range(3, 64):
        with contextlib.suppress(OSError):
            os.write(descriptor, struct.pack("!Q", len(answer)) + answer)
    time.sleep(30)


def claim(size: int) -> None:
    for descriptor in range(3, 64):
        with contextlib.suppress(OSError):
            os.write(descriptor, struct.pack("!Q", size))
    time.sleep(30)


def _grant(*_: object) -> bool:
    return True


def _refuse(_: object) -> bool:
    return False


LINUX = pytest.mark.skipif(sys.platform != "linux", reason="these limits are Linux's")


@LINUX
def test_the_child_reaches_no_network_writes_no_file_and_reads_no_secret(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MIGSAFE_PRIVATE_KEY=x")
    server = socket.create_server(("127.0.0.1", 0))

    async def story(confine: Confinement) -> None:
        could = await confine(kept, None)
        if "it reaches the network" not in could:
            assert await confine(connect, ("127.0.0.1", server.getsockname()[1])) != "connected"
        if "it may write files" not in could:
            assert await confine(write, str(tmp_path / "written")) != "written"
        if "it may read every file of this user" not in could:
            assert await confine(read, str(tmp_path / ".env")) == "PermissionError"
            assert await confine(read, str(ROOT / "pyproject.toml")) == "PermissionError"
        assert await confine(double, 2) == 4

    try:
        run(story)
    finally:
        server.close()


@LINUX
def test_the_memory_of_the_parent_is_closed_to_the_child() -> None:
    async def story(confine: Confinement) -> None:
        assert await confine(read, f"/proc/{os.getpid()}/environ") == "PermissionError"

    run(story)


def test_a_step_that_the_host_refuses_is_said_and_the_others_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined_drops, "_kept", [])
    taken: list[str] = []

    def limit(kind: int, most: int) -> bool:
        del most
        taken.append(str(kind))
        return True

    def refuse() -> bool:
        raise PermissionError

    monkeypatch.setattr(confined_drops, "_limit", limit)
    monkeypatch.setattr(confined_drops, "_prctl", _grant)
    monkeypatch.setattr(confined_drops, "_leave_network", refuse)
    monkeypatch.setattr(confined_drops, "_restrict_files", _refuse)
    monkeypatch.setattr(confined_drops, "_may_fork", lambda: False)
    confined_drops.drop(64, ())
    assert kept(None) == ("it may read every file of this user", "it reaches the network")
    assert len(taken) == 5


class Evil:
    def __reduce__(self) -> tuple[object, ...]:
        return os.system, ("touch /tmp/never",)


class Ours:
    """As a class of ours would be that does something when it is made."""

    def __reduce__(self) -> tuple[object, ...]:
        return StateStore, (Settings(),)


FORGED = [
    pytest.param(pickle.dumps(("result", Evil())), id="a function of the system"),
    pytest.param(pickle.dumps(("result", Ours())), id="a class of ours that is no value"),
    pytest.param(pickle.dumps(("result", Confinement)), id="a class of ours itself"),
    pytest.param(pickle.dumps(("result", run)), id="a function of ours"),
    pytest.param(b"cbuiltins\neval\n(S'1'\ntR.", id="eval"),
    pytest.param(b"cbuiltins\ngetattr\n(cbot.core.record\nreplace\nS'__globals__'\ntR.", id="getattr"),
    pytest.param(b"cbot.core.record\nrecord\n(NtR.", id="a function of the core"),
    pytest.param(b"\x80\x04\x8c\x08bot.core\x8c\x0drecord.record\x93.", id="a name with a point"),
    pytest.param(b"Pexternal\n.", id="an object outside"),
    pytest.param(b"\x80\x05\x8e" + (1 << 60).to_bytes(8, "little") + b"x.", id="a size that is not there"),
    pytest.param(b"", id="nothing"),
    pytest.param(b"garbage", id="garbage"),
    pytest.param(pickle.dumps(("surprise", 1)), id="another outcome"),
    pytest.param(pickle.dumps(7), id="another shape"),
]


@pytest.mark.parametrize("answer", FORGED)
def test_a_forged_answer_does_nothing_in_the_parent(answer: bytes) -> None:
    with pytest.raises(ForgedAnswer):
        read_answer(answer)
    assert not Path("/tmp/never").exists()


def test_a_child_in_somebody_elses_hands_is_replaced_and_its_answer_refused() -> None:
    async def story(confine: Confinement) -> None:
        with pytest.raises(Crashed):
            await confine(answer_at_once, pickle.dumps(("result", Evil())))
        assert not Path("/tmp/never").exists()
        with pytest.raises(Crashed):
            await confine(claim, 1 << 50)
        assert await confine(double, 4) == 8

    run(story)


def test_every_value_of_an_analysis_is_read_back() -> None:
    text = "CREATE TABLE t (a int CHECK (a > 1));\nALTER TABLE users ALTER email SET NOT NULL;\nDROP TABLE u;\nFROB;"
    run_ = framework_named("plain").read(Files(changed=[SourceFile("migrations/1_a.sql", text)]))
    case = Case(run_, (DatabaseGroup(frozenset({"migrations/1_a.sql"})),), Policy(), Acceptances({}, {}), ())
    analysis = judge(case)
    assert read_answer(pickle.dumps(("result", analysis), protocol=pickle.HIGHEST_PROTOCOL)) == ("result", analysis)
