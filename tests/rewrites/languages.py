"""How each framework's cases are written as files, and which tool applies them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from tests.rewrites.case import Case
from tests.rewrites.tools import Dbmate, Tool


class Language(Protocol):
    """A framework of the cases."""

    @property
    def tool(self) -> Tool: ...

    @property
    def beside(self) -> Mapping[str, str]:
        """What the repository has besides migrations, path to text."""
        ...

    def source(self, case: Case) -> tuple[str, str]:
        """The author's file: its path and its text."""
        ...

    def undone(self, root: Path, path: str) -> None:
        """After the tool has undone the file: what has to happen so that the next one before it is the last."""
        ...


@dataclass(frozen=True, slots=True)
class Sql:
    """Files of dbmate."""

    tool: Dbmate
    beside: Mapping[str, str] = field(default_factory=dict)

    def source(self, case: Case) -> tuple[str, str]:
        option = " transaction:false" if case.outside else ""
        down = f"{case.down}\n" if case.down else ""
        text = f"-- migrate:up{option}\n{case.up}\n\n-- migrate:down{option}\n{down}"
        return "db/migrations/20260101000001_change.sql", text.replace("\n", "\r\n") if case.carriage else text

    def undone(self, root: Path, path: str) -> None:
        pass
