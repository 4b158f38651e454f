"""The command line as a process: its exit statuses, and one line for what cannot run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.places import ROOT

SAFE = "-- migrate:up\nCREATE TABLE notes (id bigint PRIMARY KEY);\n-- migrate:down\nDROP TABLE notes;\n"


def migsafe(*arguments: str, within: Path, **more: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **more}
    command = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(command, cwd=within, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["check", "nowhere.sql"], "nowhere.sql: no such file or folder", id="a-path-that-is-not-there"),
        pytest.param(["check", "--format", "xml"], "--format", id="an-unknown-format"),
        pytest.param(["check", "--bogus"], "--bogus", id="an-unknown-option"),
        pytest.param(["check", "--postgres", "new"], "--postgres", id="a-version-that-is-no-number"),
        pytest.param(["check", "--catalog", "none.json"], "none.json: no such file", id="a-missing-catalog"),
        pytest.param(["check", "--config", "none.yml"], "none.yml: no such file", id="a-missing-configuration"),
        pytest.param(["frobnicate"], "frobnicate", id="an-unknown-command"),
        pytest.param(["explain"], "name a rule", id="nothing-to-explain"),
        pytest.param(["explain", "xyzzy plugh"], "not SQL that migsafe can read", id="nonsense-to-explain"),
    ],
)
def test_what_cannot_run_is_said_in_one_line(arguments: list[str], says: str, tmp_path: Path) -> None:
    done = migsafe(*arguments, within=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("migsafe: ")
    assert says in line


def test_a_pipe_in_a_folder_does_not_hold_the_check_up(tmp_path: Path) -> None:
    folder = tmp_path / "db" / "migrations"
    folder.mkdir(parents=True)
    (folder / "20260101000000_notes.sql").write_text(SAFE, "utf-8")
    os.mkfifo(folder / "20260102000000_pipe.sql")
    done = migsafe("check", "db", "--format", "json", within=tmp_path)
    assert done.returncode == 0
    assert [one["path"] for one in json.loads(done.stdout)["migrations"]] == ["db/migrations/20260101000000_notes.sql"]


LOCKED = """-- migrate:up
SET LOCAL lock_timeout = '2s';
ALTER TABLE events ADD COLUMN label_id bigint;
CREATE INDEX events_label_id_idx ON events (label_id);
UPDATE events SET label_id = 1;
-- migrate:down
"""


def test_a_lock_that_keeps_everybody_out_is_not_said_again_as_one_that_keeps_writers_out(tmp_path: Path) -> None:
    file = tmp_path / "db" / "migrations" / "20260101000000_labels.sql"
    file.parent.mkdir(parents=True)
    file.write_text(LOCKED, "utf-8")
    found = json.loads(migsafe("check", str(file), "--format", "json", within=tmp_path).stdout)["findings"]
    rules = {one["rule"] for one in found}
    assert "statements-behind-access-exclusive" in rules
    assert "blocks-others" not in rules
