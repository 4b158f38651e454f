"""`migsafe check` starts fast: it imports nothing that only the App needs."""

import subprocess
import sys

import pytest

from tests.support.places import ROOT

_FOR_THE_APP = (
    "starlette uvicorn httpx githubkit pydantic psycopg sqlalchemy prometheus_client structlog asyncio sqlite3 rich "
    "ruamel tree_sitter tomllib cryptography"
).split()


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The modules that a check of one SQL file has imported at its end."""
    file = tmp_path_factory.mktemp("db") / "20260101000000_plan.sql"
    file.write_text("-- migrate:up\nALTER TABLE users ADD COLUMN plan text;\n-- migrate:down\n", "utf-8")
    code = (
        "import sys\nfrom bot.__main__ import main\n"
        f"sys.argv[1:] = ['check', {str(file)!r}]\n"
        "try:\n    main()\nfinally:\n    print('imported', *sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode in (0, 1), done.stderr
    return set(done.stdout.rpartition("imported")[2].split())


@pytest.mark.parametrize("module", _FOR_THE_APP)
def test_a_check_of_one_file_does_without(module: str, imported: set[str]) -> None:
    assert "bot.cli.check" in imported
    assert module not in imported
