"""The examples in the rules' pages, made runnable.

`python -m tests.support.rule_pages` writes the rewritten blocks again.

Before the SQL a block may say, in comments: `given: STATEMENT` (run before the deploy), `rows: TABLE NUMBER`,
`postgres: MAJOR`, `setting: NAME VALUE` (in force for the migration role), `invalid: INDEX`, `transaction: no`. A given
table has ten million rows of 200 bytes unless the block says otherwise; lock_timeout is 5 s in a
transaction, and off outside one.
"""

import inspect
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.core.effects import effects
from bot.core.judging.analysis import Analysis, analyse
from bot.core.judging.findings import Finding, Severity, Step, StepKind
from bot.core.judging.framework import Files, SourceFile
from bot.core.judging.policy import Policy
from bot.core.judging.rule import Rule
from bot.core.language import operations as op
from bot.core.language.messages import say
from bot.core.language.migrations import Run, Statement
from bot.core.language.names import Name
from bot.core.schema.catalog import Catalog, Relation, RelationKind, Size
from bot.core.schema.session import Session
from bot.frameworks import framework_named
from bot.rules import RULES
from bot.sql import read_script, write_statement
from tests.support.said import said

PATH = "db/migrations/20260101000000_example.sql"
ROWS = 10_000_000
_BLOCK = re.compile(r"^( *)```sql (flagged|allowed|rewritten)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_DIRECTIVE = re.compile(r"-- (given|rows|postgres|setting|invalid|transaction): (.*)\Z")


@dataclass(frozen=True, slots=True)
class Example:
    """One block: the database before, and the migration."""

    sql: str
    given: tuple[str, ...] = ()
    rows: dict[str, int] = field(default_factory=dict)
    postgres: int = 18
    settings: dict[str, str] = field(default_factory=dict)
    invalid: tuple[str, ...] = ()
    transactional: bool = True
    row_bytes: int = 200

    @property
    def text(self) -> str:
        """The migration as a file of dbmate's."""
        option = "" if self.transactional else " transaction:false"
        return f"-- migrate:up{option}\n{self.sql}\n-- migrate:down\n"


def examples(rule: Rule, kind: str) -> list[Example]:
    return [example(text) for _, found, text in _BLOCK.findall(rule.explanation) if found == kind]


def shown_rewrites(rule: Rule) -> list[str]:
    return [inspect.cleandoc(text) for _, kind, text in _BLOCK.findall(rule.explanation) if kind == "rewritten"]


def example(text: str) -> Example:
    said: dict[str, list[str]] = {}
    sql: list[str] = []
    for line in text.strip().split("\n"):
        if match := _DIRECTIVE.match(line.strip()):
            said.setdefault(match[1], []).append(match[2])
        else:
            sql.append(line)
    return Example(
        "\n".join(sql).strip(),
        tuple(said.get("given", ())),
        {name: int(number) for name, number in (one.split() for one in said.get("rows", ()))},
        int(said.get("postgres", ["18"])[0]),
        dict(one.split(None, 1) for one in said.get("setting", ())),
        tuple(said.get("invalid", ())),
        "transaction" not in said,
    )


def catalog_of(given: Example) -> Catalog:
    """The catalog that the given statements leave, with sizes."""
    session = Session.begin(Catalog(given.postgres), snapshot=True)
    for index, read in enumerate(read_script(";\n".join(given.given)).statements):
        statement = Statement("given.sql", read.lines, read.operations, read.sql, read.start, read.end, read.sql)
        session = session.after(statement, effects(statement, session, given.postgres), index)
    catalog = session.catalog
    relations = {name: _sized(relation, given) for name, relation in catalog.relations.items()}
    relations = {name: _summed(relation, relations) for name, relation in relations.items()}
    indexes = {name: replace(index, valid=name.name not in given.invalid) for name, index in catalog.indexes.items()}
    settings = {"lock_timeout": "5s" if given.transactional else "0", "statement_timeout": "0", **given.settings}
    said = {name: (value, "the migration role") for name, value in settings.items()}
    return replace(catalog, relations=relations, indexes=indexes, settings=said, complete=True)


def analysed(given: Example, files: Sequence[tuple[str, str]] = ()) -> Analysis:
    """The example's migration, or these files in its place, judged by every rule."""
    changed = [SourceFile(path, text) for path, text in files] or [SourceFile(PATH, given.text)]
    run: Run = framework_named("dbmate").read(Files(changed))
    return analyse(run, catalog_of(given), Policy(), RULES)


def finding(rule: Rule, analysis: Analysis) -> Finding | None:
    return next((one for one in analysis.findings if one.rule == rule.id), None)


def loud(analysis: Analysis) -> list[Finding]:
    """The findings above a note."""
    return [one for one in analysis.findings if one.severity in (Severity.WARNING, Severity.DANGER)]


def written(steps: Sequence[Step]) -> str:
    """The steps as the pages show them."""
    return "\n".join(_step(number, step) for number, step in enumerate(steps, start=1))


def _step(number: int, step: Step) -> str:
    if step.kind is StepKind.DEPLOY:
        return f"-- {number}. Deploy: {said(step.note)}"
    if step.kind is StepKind.SCRIPT:
        head = f"-- {number}. A script, in batches:"
    elif step.transactional:
        head = f"-- {number}. A migration:"
    else:
        head = f"-- {number}. A migration outside a transaction:"
    local = step.transactional
    settings = [write_statement([op.SetSetting(name, value, local=local)]) for name, value in step.settings]
    texts = [*settings, *(write_statement([operation]) for operation in step.operations)]
    return "\n".join([head, *(f"{text};" for text in texts)])


def _sized(relation: Relation, given: Example) -> Relation:
    if relation.kind not in (RelationKind.TABLE, RelationKind.MATERIALIZED_VIEW):
        return relation
    rows = given.rows.get(relation.name.name, ROWS)
    return replace(relation, size=Size(rows, rows * given.row_bytes, source=say("the replica")))


def _summed(relation: Relation, relations: dict[Name, Relation]) -> Relation:
    if relation.kind is not RelationKind.PARTITIONED_TABLE:
        return relation
    parts = [one.size for one in relations.values() if one.partition_of == relation.name and one.size]
    rows, heap = sum(one.rows or 0 for one in parts), sum(one.heap_bytes or 0 for one in parts)
    return replace(relation, size=Size(rows, heap, source=say("the replica")))


def rewrite_of(rule: Rule) -> str | None:
    """What the page's rewritten block has to say, None where the rule offers no rewrite for its first example."""
    found = finding(rule, analysed(examples(rule, "flagged")[0]))
    return written(found.rewrite.steps) if found is not None and found.rewrite is not None else None


def fill(rule: Rule, path: Path) -> None:
    """Writes the rewritten block of a page from what the code rewrites."""
    text = path.read_text()
    steps = rewrite_of(rule)
    if steps is None:
        return
    lines = steps.split("\n")

    def replaced(match: re.Match[str]) -> str:
        if match[2] != "rewritten":
            return match[0]
        block = "".join(f"{match[1]}{line}\n" if line else "\n" for line in lines)
        return f"{match[1]}```sql rewritten\n{block}{match[1]}```"

    path.write_text(_BLOCK.sub(replaced, text))


if __name__ == "__main__":
    for one in RULES:
        fill(one, Path("bot/rules") / f"{one.id.replace('-', '_')}.py")
