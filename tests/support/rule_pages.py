"""The examples in the rules' pages, made runnable.

`python -m tests.support.rule_pages` writes the rewritten blocks again.

Before the SQL a block may say, in comments: `given: STATEMENT` (run before the deploy), `rows: TABLE NUMBER`,
`postgres: MAJOR`, `setting: NAME VALUE` (in force for the migration role), `invalid: INDEX`, `transaction: no`. A given
table has ten million rows of 200 bytes unless the block says otherwise; lock_timeout is 5 s in a
transaction, and off outside one.

A block may hold several files, each below its name: `file: NAME` (of the change), `base: NAME` (of the base branch),
`was: NAME` (what the base branch has under this name), `pull request NUMBER: NAME` (of another open pull request);
`tool: NAME` is another than dbmate. The change is pull request 20.
"""

import inspect
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.core.effects import effects
from bot.core.judging.analysis import Analysis, analyse
from bot.core.judging.beside import Brought
from bot.core.judging.brought import brought
from bot.core.judging.findings import Finding, Severity, Step, StepKind
from bot.core.judging.framework import Files, SourceFile
from bot.core.judging.policy import Policy
from bot.core.judging.rule import Evidence, Rule
from bot.core.language import operations as op
from bot.core.language.messages import say
from bot.core.language.migrations import Run, Statement
from bot.core.language.names import Name
from bot.core.schema.catalog import Catalog, Relation, RelationKind, Size
from bot.core.schema.session import Session
from bot.frameworks import framework_named
from bot.review.clashes import Around, beside, placed, standing_of
from bot.rules import RULES
from bot.sql import read_script, write_statement
from tests.support.said import said

PATH = "db/migrations/20260101000000_example.sql"
ROWS = 10_000_000
_BLOCK = re.compile(r"^( *)```(?:sql|python) (flagged|allowed|rewritten)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_DIRECTIVE = re.compile(r"-- (given|rows|postgres|setting|invalid|transaction|tool): (.*)\Z")
_NAMED = re.compile(r"(?:--|#) (?P<what>file|base|was|pull request (?P<number>\d+)): (?P<name>\S+)\Z")
NUMBER = 20


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file of a block with several: `what` it is, `number` that of another pull request."""

    what: str
    number: int
    source: SourceFile


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
    tool: str = "dbmate"
    files: tuple["NamedFile", ...] = ()

    @property
    def text(self) -> str:
        """The migration as a file of dbmate's."""
        return self.filed(self.sql)

    def filed(self, sql: str) -> str:
        """The SQL as a file of the tool's."""
        option = "" if self.transactional else " transaction:false"
        return f"-- migrate:up{option}\n{sql}\n-- migrate:down\n" if self.tool == "dbmate" else sql


def examples(rule: Rule, kind: str) -> list[Example]:
    return [example(text) for _, found, text in _BLOCK.findall(rule.explanation) if found == kind]


def shown_rewrites(rule: Rule) -> list[str]:
    return [inspect.cleandoc(text) for _, kind, text in _BLOCK.findall(rule.explanation) if kind == "rewritten"]


def example(text: str) -> Example:
    said: dict[str, list[str]] = {}
    sql: list[str] = []
    named: list[tuple[re.Match[str], list[str]]] = []
    for line in text.strip().split("\n"):
        if match := _DIRECTIVE.match(line.strip()):
            said.setdefault(match[1], []).append(match[2])
        elif match := _NAMED.match(line.strip()):
            named.append((match, []))
        else:
            (named[-1][1] if named else sql).append(line)
    found = Example(
        "\n".join(sql).strip(),
        tuple(said.get("given", ())),
        {name: int(number) for name, number in (one.split() for one in said.get("rows", ()))},
        int(said.get("postgres", ["18"])[0]),
        dict(one.split(None, 1) for one in said.get("setting", ())),
        tuple(said.get("invalid", ())),
        "transaction" not in said,
    )
    python = any(match["name"].endswith(".py") for match, _ in named)
    found = replace(found, tool="alembic" if python else said.get("tool", ["dbmate"])[0])
    files = [_named_file(match, "\n".join(lines), found) for match, lines in named]
    return replace(found, files=tuple(files))


def _named_file(match: re.Match[str], text: str, of: Example) -> NamedFile:
    source = SourceFile(f"db/migrations/{match['name']}", of.filed(inspect.cleandoc(text)))
    return NamedFile(match["what"].split(" ")[0], int(match["number"] or 0), source)


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
    if given.files and not files:
        return _analysed_beside(given)
    changed = [SourceFile(path, text) for path, text in files] or [SourceFile(PATH, given.text)]
    run: Run = framework_named("dbmate").read(Files(changed))
    return analyse(run, catalog_of(given), Policy(), RULES)


def _analysed_beside(given: Example) -> Analysis:
    """The block's files, beside those of the base branch and of other pull requests."""
    framework, catalog = framework_named(given.tool), catalog_of(given)
    by_kind: dict[tuple[str, int], list[SourceFile]] = {}
    for file in given.files:
        by_kind.setdefault((file.what, file.number), []).append(file.source)
    base, was = by_kind.get(("base", 0), []), by_kind.get(("was", 0), [])
    others = [
        brought_by(number, framework.read(Files(sources)), catalog)
        for (what, number), sources in by_kind.items()
        if what == "pull"
    ]
    around = Around(
        NUMBER,
        base_paths=tuple(file.path for file in (*base, *was)),
        base_texts={file.path: file.text for file in (*base, *was)},
        whole=True,
        old_paths={file.path: file.path for file in was},
        others=tuple(others),
    )
    run = placed(framework.read(Files(by_kind["file", 0])), around)
    evidence = Evidence(beside=beside(run, around))
    return analyse(run, catalog, Policy(), RULES, evidence=evidence)


def brought_by(number: int, run: Run, catalog: Catalog | None) -> Brought:
    """What a pull request with this run brings."""
    analysis = analyse(run, catalog, Policy(), RULES)
    return brought(number, standing_of(run), analysis.timeline, analysis.policy.thresholds)


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
