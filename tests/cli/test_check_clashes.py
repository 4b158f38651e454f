"""`migsafe check` finds what clashes among files on disk, and with the base branch as Git knows it."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.cli.check import Request, check
from bot.core.judging.analysis import Analysis
from bot.core.judging.findings import Severity
from bot.core.schema.catalog import Catalog

FOLDER = "db/migrations"


def _no_database(url: str, asked: object) -> Catalog:
    raise NotImplementedError


def _write(root: Path, files: Mapping[str, str | None]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            path.unlink()
        else:
            path.write_text(text, "utf-8")


def _dbmate(sql: str) -> str:
    return f"-- migrate:up\n{sql}\n-- migrate:down\n"


def _revision(key: str, below: str | None) -> str:
    return (
        f"from alembic import op\nrevision = {key!r}\ndown_revision = {below!r}\n\n\n"
        f'def upgrade():\n    op.execute("CREATE TABLE t{key} (id int)")\n'
    )


def _checked(root: Path, *paths: str, base: str | None = None) -> Analysis:
    return check(Request([root / path for path in paths], base=base), _no_database)


def _found(analysis: Analysis) -> list[tuple[str, str, Severity]]:
    about = ("duplicate-version", "version-older-than-base", "second-head", "down-revision-missing")
    ours = (*about, "merged-migration-changed")
    return [(one.rule, Path(one.statement.path).name, one.severity) for one in analysis.findings if one.rule in ours]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    monkeypatch.chdir(tmp_path)
    _git(tmp_path, "init", "-q", "-b", "main")
    return tmp_path


def _git(root: Path, *arguments: str) -> None:
    who = ["-c", "user.name=dev", "-c", "user.email=dev@example.com"]
    subprocess.run(["git", "-C", str(root), *who, *arguments], check=True, capture_output=True)


def _commit(root: Path, files: Mapping[str, str | None]) -> None:
    _write(root, files)
    _git(root, "add", "-A")
    _git(root, "commit", "-q", "-m", "Change the schema")


def test_two_files_of_one_version_in_a_folder_are_a_danger_at_the_second(tmp_path: Path) -> None:
    _write(
        tmp_path,
        {
            f"{FOLDER}/20260516101500_a.sql": _dbmate("CREATE TABLE a (id int);"),
            f"{FOLDER}/20260516101500_b.sql": _dbmate("CREATE TABLE b (id int);"),
            f"{FOLDER}/20260516101501_c.sql": _dbmate("CREATE TABLE c (id int);"),
        },
    )
    assert _found(_checked(tmp_path, FOLDER)) == [("duplicate-version", "20260516101500_b.sql", Severity.DANGER)]


def test_one_version_in_two_folders_is_two_tools_business(tmp_path: Path) -> None:
    _write(
        tmp_path,
        {
            "shop/db/migrations/20260516101500_a.sql": _dbmate("CREATE TABLE a (id int);"),
            "blog/db/migrations/20260516101500_b.sql": _dbmate("CREATE TABLE b (id int);"),
        },
    )
    assert _found(_checked(tmp_path, ".")) == []


def test_two_heads_and_a_missing_revision_in_a_folder_are_dangers(tmp_path: Path) -> None:
    _write(
        tmp_path,
        {
            "migrations/versions/aa_one.py": _revision("aa", None),
            "migrations/versions/bb_two.py": _revision("bb", "aa"),
            "migrations/versions/cc_three.py": _revision("cc", "aa"),
            "migrations/versions/dd_four.py": _revision("dd", "zz"),
        },
    )
    assert _found(_checked(tmp_path, "migrations")) == [
        ("second-head", "cc_three.py", Severity.DANGER),
        ("down-revision-missing", "dd_four.py", Severity.DANGER),
    ]


def test_a_revision_that_joins_two_makes_them_one_head(tmp_path: Path) -> None:
    _write(
        tmp_path,
        {
            "migrations/versions/aa_one.py": _revision("aa", None),
            "migrations/versions/bb_two.py": _revision("bb", "aa"),
            "migrations/versions/cc_three.py": _revision("cc", "aa"),
            "migrations/versions/dd_join.py": _revision("dd", "bb").replace("'bb'", "('bb', 'cc')"),
        },
    )
    assert _found(_checked(tmp_path, "migrations")) == []


def test_one_revision_alone_is_not_said_to_build_on_nothing(tmp_path: Path) -> None:
    _write(tmp_path, {"migrations/versions/bb_two.py": _revision("bb", "aa")})
    assert _found(_checked(tmp_path, "migrations/versions/bb_two.py")) == []


def test_the_base_branch_has_the_version_already(repository: Path) -> None:
    _commit(repository, {f"{FOLDER}/20260516101500_a.sql": _dbmate("CREATE TABLE a (id int);")})
    _write(repository, {f"{FOLDER}/20260516101500_b.sql": _dbmate("CREATE TABLE b (id int);")})
    found = _found(_checked(repository, base="main"))
    assert found == [("duplicate-version", "20260516101500_b.sql", Severity.DANGER)]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("V8__a.sql", "V7__b.sql", Severity.DANGER),
        ("V8__a.sql", "V9__b.sql", None),
        ("V1_10__a.sql", "V1_9__b.sql", Severity.DANGER),
        ("000008_a.up.sql", "000007_b.up.sql", Severity.DANGER),
        ("0008_a.sql", "0007_b.sql", None),
    ],
)
def test_a_version_older_than_the_newest_on_the_base(
    repository: Path, old: str, new: str, found: Severity | None
) -> None:
    _commit(repository, {f"{FOLDER}/{old}": "CREATE TABLE a (id int);\n"})
    _write(repository, {f"{FOLDER}/{new}": "CREATE TABLE b (id int);\n"})
    expected = [("version-older-than-base", new, found)] if found else []
    assert _found(_checked(repository, base="main")) == expected


def test_a_merged_migration_is_edited_renamed_or_deleted(repository: Path) -> None:
    old = {f"{FOLDER}/V{number}__t.sql": f"-- Ours.\nCREATE TABLE t{number} (id int);\n" for number in (1, 2, 3, 4)}
    _commit(repository, {**old, f"{FOLDER}/R__view.sql": "CREATE OR REPLACE VIEW v AS SELECT 1;\n"})
    _write(
        repository,
        {
            f"{FOLDER}/V1__t.sql": "-- Theirs.\nCREATE TABLE t1 (id int);\n",
            f"{FOLDER}/V2__t.sql": None,
            f"{FOLDER}/R__view.sql": "CREATE OR REPLACE VIEW v AS SELECT 2;\n",
        },
    )
    assert _found(_checked(repository, base="main")) == [
        ("merged-migration-changed", "V1__t.sql", Severity.DANGER),
        ("merged-migration-changed", "V2__t.sql", Severity.DANGER),
    ]


def test_where_the_tool_compares_no_text_comments_blanks_and_the_down_side_may_change(repository: Path) -> None:
    path = f"{FOLDER}/20260516101500_a.sql"
    _commit(repository, {path: _dbmate("CREATE TABLE a (id int);")})
    _write(repository, {path: "-- Ours.\n-- migrate:up\nCREATE  TABLE a (id int);\n-- migrate:down\nDROP TABLE a;\n"})
    assert _found(_checked(repository, base="main")) == []
    _write(repository, {path: _dbmate("CREATE TABLE a (id bigint);")})
    found = _found(_checked(repository, base="main"))
    assert found == [("merged-migration-changed", "20260516101500_a.sql", Severity.DANGER)]


def test_a_change_set_that_is_added_to_a_file_of_liquibase_is_new_and_one_that_changes_is_not(
    repository: Path,
) -> None:
    path = "db/changelog/1.sql"
    one, two = "--changeset ada:1\nCREATE TABLE a (id int);\n", "--changeset ada:2\nCREATE TABLE b (id int);\n"
    _commit(repository, {path: f"--liquibase formatted sql\n{one}"})
    _write(repository, {path: f"--liquibase formatted sql\n{one}{two}"})
    assert _found(_checked(repository, base="main")) == []
    _write(repository, {path: f"--liquibase formatted sql\n{one.replace('int', 'bigint')}{two}"})
    assert _found(_checked(repository, base="main")) == [("merged-migration-changed", "1.sql", Severity.DANGER)]
    _write(repository, {path: f"--liquibase formatted sql\n{one}{one}"})
    assert _found(_checked(repository, base="main")) == [("duplicate-version", "1.sql", Severity.DANGER)]


def test_of_a_file_that_no_tool_is_known_to_run_an_edit_is_only_noted(repository: Path) -> None:
    path = f"{FOLDER}/functions.sql"
    _commit(repository, {path: "CREATE TABLE a (id int);\n"})
    _write(repository, {path: "CREATE TABLE a (id bigint);\n"})
    found = _found(_checked(repository, base="main"))
    assert found == [("merged-migration-changed", "functions.sql", Severity.NOTE)]


def test_a_late_version_is_fine_where_the_base_branch_lets_flyway_apply_it(repository: Path) -> None:
    _commit(repository, {f"db/V{number}__x.sql": f"CREATE TABLE t{number} (id bigint);\n" for number in (1, 3)})
    _commit(repository, {"flyway.toml": "[flyway]\noutOfOrder = true\n"})
    _git(repository, "checkout", "-q", "-b", "topic")
    _commit(repository, {"db/V2__x.sql": "CREATE TABLE t2 (id bigint);\n", "flyway.toml": None})
    assert _found(_checked(repository, "db/V2__x.sql", base="main")) == []
    _git(repository, "checkout", "-q", "main")
    _commit(repository, {"flyway.toml": None})
    _git(repository, "checkout", "-q", "topic")
    late = [("version-older-than-base", "V2__x.sql", Severity.DANGER)]
    assert _found(_checked(repository, "db/V2__x.sql", base="main")) == late
