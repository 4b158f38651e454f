"""A file that takes too long, or too much memory, is said with its path; the others are checked."""

import io
import sys
import time
from pathlib import Path

import pytest

from bot.cli import check as checking
from bot.cli import limits as limiting
from bot.cli.check import Request, Snapshot, run_check
from bot.cli.limits import OverLimit, limits
from bot.core.judging.analysis import Analysis, analyse

DANGER = "ALTER TABLE users ALTER COLUMN email SET NOT NULL;\n"


def none(*_: object) -> object:
    raise NotImplementedError


NO_REPLICA: Snapshot = none  # type: ignore[assignment]


def checked(*paths: Path) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    status = run_check(Request(paths), NO_REPLICA, out, err)
    return status, out.getvalue(), err.getvalue()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judging a file that is called slow never ends."""

    def judging(run: object, *given: object, **more: object) -> Analysis:
        while "slow" in repr([migration.path for migration in run.migrations]):  # type: ignore[attr-defined]
            try:
                sum(range(1_000))
            except Exception:
                continue
        return analyse(run, *given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(checking, "analyse", judging)
    monkeypatch.setattr(limiting, "SECONDS", 4.0)


@pytest.mark.usefixtures("slow")
def test_a_file_that_takes_too_long_is_said_and_the_others_are_checked(tmp_path: Path) -> None:
    (tmp_path / "1_slow.sql").write_text(DANGER)
    (tmp_path / "2_b.sql").write_text(DANGER)
    status, out, err = checked(tmp_path / "1_slow.sql", tmp_path / "2_b.sql")
    assert status == 1
    assert "2_b.sql" in out
    assert f"{tmp_path}/1_slow.sql was not checked: it took longer than 4 s" in err


@pytest.mark.usefixtures("slow")
def test_the_status_says_that_a_file_was_not_checked(tmp_path: Path) -> None:
    (tmp_path / "1_slow.sql").write_text(DANGER)
    assert checked(tmp_path / "1_slow.sql")[0] == 2


def test_what_stays_within_the_limits_is_not_touched() -> None:
    with limits(0.2):
        pass
    time.sleep(0.3)


@pytest.mark.skipif(sys.platform != "linux", reason="the limit on memory is Linux's")
def test_memory_has_a_limit_too_and_only_within() -> None:
    with pytest.raises(OverLimit, match="more than 64 MB"), limits(10.0, 64):
        bytearray(1 << 30)
    assert len(bytearray(1 << 28)) == 1 << 28
