"""Reads the cases in `incidents`: a heading is a case, a fenced block its migration in one idiom.

`sql` is dbmate's, `ruby` Rails', `python` Alembic's; the parts of such a file around the statements are added.
A comment `! RULE SEVERITY` at the end of a line, or alone before it, is the finding expected there, above a note; a
block without one is silent. Between heading and block a case may say `given: STATEMENT`, `rows: TABLE NUMBER`,
`setting: NAME VALUE`, `postgres: MAJOR`, `invalid: INDEX`, `ignored: TABLE.COLUMN`, `used: TABLE.COLUMN PLACE` and
`no replica`. `production.md` is given to every case.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.core.judging.analysis import Analysis, analyse
from bot.core.judging.framework import Files, SourceFile
from bot.core.judging.policy import Policy
from bot.core.judging.rule import Evidence
from bot.frameworks import framework_named
from bot.rules import RULES
from tests.support.places import ROOT
from tests.support.rule_pages import Example, catalog_of, loud

FOLDER = ROOT / "tests" / "rules" / "incidents"
_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_BLOCK = re.compile(r"^```(sql|ruby|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SAID = re.compile(r"^(given|rows|setting|postgres|invalid|ignored|used|no replica)(?:: (.*))?$", re.MULTILINE)
_FOUND = re.compile(r"(?:--|#) ! (.+)$")
_FRAMEWORKS = {"sql": "dbmate", "ruby": "rails", "python": "alembic"}
_PATHS = {
    "sql": "db/migrations/20260516101500_change.sql",
    "ruby": "db/migrate/20260516101500_change.rb",
    "python": "alembic/versions/3f2a_change.py",
}
_ALEMBIC = """\
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "3f2a"
down_revision = "1b0c"


"""


@dataclass(frozen=True, slots=True)
class Case:
    """One migration, the database it meets, and the expected findings: (line, rule, severity)."""

    name: str
    idiom: str
    text: str
    given: Example
    evidence: Evidence
    replica: bool

    @property
    def expected(self) -> set[tuple[int, str, str]]:
        found = set()
        for number, line in enumerate(self.text.split("\n"), start=1):
            match = _FOUND.search(line)
            for one in match[1].split(", ") if match else ():
                rule, severity = one.split()
                alone = line.strip().startswith(("#", "--"))
                found.add((number + 1 if alone else number, rule, severity))
        return found

    def found(self, analysis: Analysis) -> set[tuple[int, str, str]]:
        """The findings above a note; a statement of several lines is at the one where something is expected of it."""
        lines = {number for number, _, _ in self.expected}
        found = set()
        for one in loud(analysis):
            first, last = one.statement.lines.first, one.statement.lines.last
            number = next((line for line in sorted(lines) if first <= line <= last), first)
            found.add((number, one.rule, one.severity.value))
        return found

    def analysed(self) -> Analysis:
        run = framework_named(_FRAMEWORKS[self.idiom]).read(Files([SourceFile(_PATHS[self.idiom], self.text)]))
        catalog = catalog_of(self.given) if self.replica else None
        return analyse(run, catalog, Policy(postgres=self.given.postgres), RULES, evidence=self.evidence)


def cases() -> Iterator[Case]:
    production = (FOLDER / "production.md").read_text("utf-8")
    for path in sorted(FOLDER.glob("*.md")):
        _, *parts = _HEADING.split(path.read_text("utf-8"))
        for name, body in zip(parts[::2], parts[1::2], strict=True):
            said = _SAID.findall(production) + _SAID.findall(_BLOCK.sub("", body))
            for number, (idiom, text) in enumerate(_BLOCK.findall(body), start=1):
                yield _case(f"{path.stem}: {name} ({idiom} {number})", idiom, text, said)


def _case(name: str, idiom: str, text: str, said: list[tuple[str, str]]) -> Case:
    rows = {table: int(number.replace("_", "")) for table, number in (one.split() for one in _all(said, "rows"))}
    settings = {"lock_timeout": "5s", "statement_timeout": "0"} | dict(
        one.split(None, 1) for one in _all(said, "setting")
    )
    majors = _all(said, "postgres") or ["16"]
    given = Example("", tuple(_all(said, "given")), rows, int(majors[-1]), settings, tuple(_all(said, "invalid")))
    ignored = {_column(one): "app/models/one.rb:3" for one in _all(said, "ignored")}
    used = [one.split(None, 1) for one in _all(said, "used")]
    evidence = Evidence(ignored, {_used(column): (place,) for column, place in used})
    return Case(name, idiom, _file(idiom, text), given, evidence, ("no replica", "") not in said)


def _all(said: list[tuple[str, str]], key: str) -> list[str]:
    return [value for name, value in said if name == key]


def _column(text: str) -> tuple[str, str]:
    table, _, column = text.partition(".")
    return table, column


def _used(text: str) -> tuple[str, str | None]:
    table, column = _column(text)
    return table, column or None


def _file(idiom: str, text: str) -> str:
    match idiom:
        case "sql":
            return text if "-- migrate:up" in text else f"-- migrate:up\n{text}\n-- migrate:down\n"
        case "ruby":
            body = text if "def " in text else f"def change\n{_indented(text, 2)}end\n"
            return f"class Change < ActiveRecord::Migration[7.1]\n{_indented(body, 2)}end\n"
        case _:
            return _ALEMBIC + (text if "def " in text else f"def upgrade():\n{_indented(text, 4)}")


def _indented(text: str, by: int) -> str:
    return "".join(f"{' ' * by}{line}\n" if line else "\n" for line in text.rstrip("\n").split("\n"))
