"""The state of these tests: once in SQLite, once in PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "postgresql":
        yield request.getfixturevalue("database")
    else:
        yield f"sqlite:///{tmp_path}/migsafe.db"
