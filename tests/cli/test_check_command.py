"""The command line as a process: its exit statuses, and one line for what cannot run."""

import json
import os
import subprocess
import sys
import unicodedata
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


def test_a_configuration_is_valid_or_each_mistake_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert "the defaults count" in migsafe("config", "check", within=tmp_path).stdout
    file = tmp_path / ".migsafe.yml"
    file.write_text("mode: observe\n", "utf-8")
    done = migsafe("config", "check", within=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(".migsafe.yml: valid\n")
    file.write_text("mode: observe\nthresholdz: 3\naccept: {users: [a b]}\n", "utf-8")
    done = migsafe("config", "check", ".migsafe.yml", within=tmp_path)
    assert done.returncode == 1
    first, second = done.stdout.splitlines()
    assert first.startswith(".migsafe.yml:2: unknown option `thresholdz`")
    assert second.startswith(".migsafe.yml:3: `users` must name an account of GitHub")
    assert migsafe("config", "check", "none.yml", within=tmp_path).returncode == 2


_TERMINAL = "\x1b[31mRED\x1b]0;title\x07\u009b31m\u009d0;t\u009c\u202e\u2028"


def _unsafe(output: str) -> set[str]:
    return {sign for sign in output if unicodedata.category(sign) in {"Cc", "Cf", "Zl", "Zp"}} - set("\n\t")


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github"])
def test_nothing_of_a_migration_reaches_the_terminal_as_a_control(form: str, tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    folder.mkdir()
    statement = f'ALTER TABLE "a{_TERMINAL}" ALTER COLUMN "b{_TERMINAL}" TYPE int;'
    (folder / f"1_{_TERMINAL}.up.sql").write_text(f"{statement}\nFROB {_TERMINAL};\n", "utf-8")
    done = migsafe("check", "migrations", "--format", form, within=tmp_path, PYTHONUTF8="1")
    assert "RED" in done.stdout
    assert not _unsafe(done.stdout + done.stderr)
    explained = migsafe("explain", statement, within=tmp_path, PYTHONUTF8="1")
    assert "RED" in explained.stdout
    assert not _unsafe(explained.stdout + explained.stderr)


@pytest.mark.parametrize("debug", [(), ("--debug",)], ids=["plain", "debug"])
@pytest.mark.parametrize("trouble", ["missing", "large", "framework", "topic", "option"])
def test_no_complaint_carries_a_control_to_the_terminal(trouble: str, debug: tuple[str, ...], tmp_path: Path) -> None:
    named = tmp_path / f"large{_TERMINAL}.sql"
    with named.open("wb") as file:
        file.truncate(20 * 1024 * 1024 + 1)
    (tmp_path / "settings.yml").write_text('framework: "\\x1b[31mRED\\x9b"\n', "utf-8")
    (tmp_path / "1.sql").write_text("SELECT 1;", "utf-8")
    arguments = {
        "missing": ("check", f"no{_TERMINAL}.sql"),
        "large": ("check", named.name),
        "framework": ("check", "--config", "settings.yml", "1.sql"),
        "topic": ("explain", f"nonsense {_TERMINAL}"),
        "option": ("check", f"--{_TERMINAL}"),
    }[trouble]
    done = migsafe(*debug, *arguments, within=tmp_path, PYTHONUTF8="1")
    assert done.returncode == 2
    assert "RED" in done.stderr
    assert not _unsafe(done.stdout + done.stderr)


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


def test_observing_is_the_apps_and_the_command_says_so_and_fails_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "settings.yml").write_text("mode: observe\n", "utf-8")
    unsafe = (
        "-- migrate:up\nALTER TABLE t ADD COLUMN x tsvector GENERATED ALWAYS AS (to_tsvector('english', y)) STORED;\n"
    )
    (tmp_path / "20260101000000_x.sql").write_text(unsafe, "utf-8")
    done = migsafe("check", "--config", "settings.yml", "20260101000000_x.sql", within=tmp_path)
    assert done.returncode == 1
    assert "mode: observe is for the check of a pull request only: this command fails all the same." in done.stdout
