"""Runs a case: the author's file and the plan by the real tool, while old code and then new code write.

Nine questions are asked of every case (`ASPECTS`); an answer is a list of problems, each a sentence.
"""

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.core.judging.findings import StepKind, WrittenFile
from tests.rewrites.case import Case
from tests.rewrites.clones import ROWS, Clone, Clones
from tests.rewrites.languages import Language
from tests.rewrites.plans import Plan, applied, judged, judged_in, loud, plan_of
from tests.rewrites.running_code import RunningCode, View, do_again
from tests.rewrites.schema import (
    Columns,
    Schema,
    columns_of,
    different_rows,
    not_named,
    oid_of,
    present_columns,
    rows_of,
    schema_of,
)
from tests.rewrites.shop import TABLES, Table, Value
from tests.rewrites.tools import Failed, run_script
from tests.rewrites.waits import IdleReader, Watch, bound_of
from tests.support.said import said

ASPECTS = (
    "offered",
    "applies",
    "schema",
    "clean",
    "rolled back",
    "suggestions",
    "waits",
    "statements",
    "values",
)
"""offered: a rule hands over a rewrite for every danger and warning, or says that it has none.
applies: the tool applies every file, psql every script, and no path occurs twice.
schema: the same as the author's, names included, up to what the plan declares.
clean: each file is without warning or danger where it runs, and without danger where no replica is known.
rolled back: the tool undoes the chain, and the schema is that of before, or the plan says what stays.
suggestions: as GitHub applies them, alone and together; together they are the plan's first file, and its down is right.
waits: no session of old code waits longer for a lock than the step's lock_timeout says.
statements: none of old code fails up to the deploy that ends it, and none of new code from then on.
values: what they write is what is read back, under each name, and the same that the author's file would have left."""


@dataclass(slots=True)
class Outcome:
    """What was found of a case; an aspect that was not reached is not in `asked`."""

    case: str
    plan: Plan | None = None
    original: str = ""
    """What the tool said where the author's own file does not apply."""
    asked: set[str] = field(default_factory=set)
    problems: dict[str, list[str]] = field(default_factory=dict)
    only_notes: bool = False
    differences: int = 0
    longest_wait: float = 0.0
    failed_statements: int = 0
    wrong_values: int = 0

    def ask(self, aspect: str, problems: Sequence[str] = ()) -> None:
        assert aspect in ASPECTS
        self.asked.add(aspect)
        if problems:
            self.problems.setdefault(aspect, []).extend(problems)

    def unexpected(self, known: Mapping[str, str]) -> list[str]:
        """Problems that are not known, and known ones that are gone: those must leave the list."""
        found = [
            f"{aspect}: {problem}"
            for aspect in ASPECTS
            for problem in self.problems.get(aspect, ())
            if aspect not in known
        ]
        gone = [aspect for aspect in known if aspect in self.asked and aspect not in self.problems]
        return found + [
            f"{aspect}: mended ({known[aspect]}); take it out of tests/rewrites/known.py" for aspect in gone
        ]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the author's own file does: the schema it leaves, the one after its own down, and what became of columns."""

    before: Schema
    after: Schema | None
    undone: Schema | None
    ends: Mapping[str, Columns | None]
    writable: Mapping[str, Columns | None]
    trouble: str = ""


def prove(name: str, case: Case, clones: Clones, language: Language, *, reader: bool) -> Outcome:
    """Everything that is asked of a case. `reader`: with one who stays idle in a transaction before each step."""
    outcome = Outcome(name)
    with ExitStack() as stack:
        asked = _ask_author(case, clones, language)
        outcome.original = asked.trouble
        clone = stack.enter_context(clones.clone(case.given))
        root = stack.enter_context(_folder(language))
        path, text = language.source(case)
        outcome.plan = plan = plan_of(path, text, clone, language.beside, case.major or clones.major)
        _offered(outcome, plan, case)
        if not plan.rules and not case.guarded:
            return outcome
        _try_suggestions(outcome, plan, case, clones, language, asked)
        chain = _Chain(outcome, plan, case, clones, clone, language, root, asked, reader=reader)
        chain.run()
        if not outcome.problems.get("applies"):
            chain.compare()
        chain.roll_back()
    return outcome


@contextmanager
def _folder(language: Language) -> Iterator[Path]:
    root = Path(tempfile.mkdtemp(prefix="migsafe-rewrite-"))
    try:
        for path, text in language.beside.items():
            _save(root, path, text)
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _save(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(text.encode())


def _ask_author(case: Case, clones: Clones, language: Language) -> Asked:
    with clones.clone(case.given) as clone, _folder(language) as root:
        before = schema_of(clone)
        oids = {table: oid_of(clone, table) for table in case.tables}
        if case.knows:
            clone.run(case.knows)
        path, text = language.source(case)
        _save(root, path, text)
        try:
            language.tool.up(root, clone, path)
        except Failed as trouble:
            ends = {table: columns_of(clone, oid) for table, oid in oids.items()}
            return Asked(before, None, None, ends, ends, str(trouble))
        after = schema_of(clone)
        ends = {table: columns_of(clone, oid) for table, oid in oids.items()}
        writable = {table: columns_of(clone, oid, written=True) for table, oid in oids.items()}
        try:
            language.tool.down(root, clone, path)
        except Failed:
            return Asked(before, after, None, ends, writable)
        return Asked(before, after, schema_of(clone), ends, writable)


def _offered(outcome: Outcome, plan: Plan, case: Case) -> None:
    if case.none:
        outcome.ask("offered", [f"a rewrite by {rule}, where none is known" for rule in plan.rules])
    elif case.guarded:
        outcome.ask("offered", [] if plan.files else ["no lock_timeout"])
    elif not plan.rules:
        outcome.ask("offered", ["no rewrite"])
    else:
        outcome.ask("offered", [f"nothing for {one.rule}: {said(one.title)}" for one in plan.unhelped])


def _try_suggestions(
    outcome: Outcome, plan: Plan, case: Case, clones: Clones, language: Language, asked: Asked
) -> None:
    """Alone and together, as GitHub applies them."""
    suggestions = plan.suggestions
    if not suggestions:
        return
    outcome.ask("suggestions")
    together = applied(plan.text, suggestions)
    own = plan.own_file
    if own is None:
        outcome.ask("suggestions", ["no file of the plan is the author's, but suggestions change it"])
    elif own.text != together:
        outcome.ask("suggestions", [f"all together are not the plan's first file, but:\n{together}"])
    alone = [applied(plan.text, [one]) for one in suggestions] if len(suggestions) > 1 else []
    before = {(one.rule, str(one.relation)) for one in loud(plan.analysis)}
    for number, text in enumerate([together, *alone]):
        what = f"suggestion {number} alone" if number else "all suggestions"
        with clones.clone(case.given) as clone, _folder(language) as root:
            found = loud(judged_in(plan.path, text, clone, language.beside, case.major or clones.major))
            new = [one for one in found if (one.rule, str(one.relation)) not in before]
            outcome.ask("suggestions", [f"{what}: a new warning, {one.rule}: {said(one.title)}" for one in new])
            _save(root, plan.path, text)
            if case.knows:
                clone.run(case.knows)
            try:
                language.tool.up(root, clone, plan.path)
            except Failed as trouble:
                outcome.ask("suggestions", [f"{what}: not applied: {trouble}"])
                continue
            try:
                language.tool.down(root, clone, plan.path)
            except Failed as trouble:
                if asked.undone is not None:
                    outcome.ask("suggestions", [f"{what}: the down side fails: {trouble}"])
                continue
            left = schema_of(clone)
            if asked.undone is not None and left.lines not in (asked.before.lines, asked.undone.lines):
                outcome.ask("suggestions", [f"{what}: undone it leaves {left.differs_from(asked.before)}"])


@dataclass(slots=True)
class _Chain:
    """The plan in a clone, file by file."""

    outcome: Outcome
    plan: Plan
    case: Case
    clones: Clones
    clone: Clone
    language: Language
    root: Path
    asked: Asked
    reader: bool = field(kw_only=True)
    code: RunningCode = field(init=False)
    watch: Watch = field(init=False)
    oids: dict[str, int] = field(init=False)
    applied: list[WrittenFile] = field(default_factory=list)
    before: dict[str, Columns] = field(default_factory=dict)

    def run(self) -> None:
        self.oids = {table: oid_of(self.clone, table) for table in self.case.tables}
        for table, oid in self.oids.items():
            columns = columns_of(self.clone, oid)
            assert columns is not None
            self.before[table] = columns
        for aspect in ("applies", "clean", "statements", "values", "waits"):
            self.outcome.ask(aspect)
        deploys = any(file.kind is StepKind.DEPLOY for file in self.plan.files)
        if self.case.knows and not deploys:
            self.clone.run(self.case.knows)
        old = [_old(TABLES[table], self.before[table], later=not self.case.refuses) for table in self.case.tables]
        with ExitStack() as stack:
            self.code = stack.enter_context(RunningCode(self.clone, old))
            self.watch = stack.enter_context(Watch(self.clone, self.code.pids))
            for number, file in enumerate(self.plan.files, start=1):
                if not self._step(number, file):
                    break
            else:
                self.code.during = "after the chain"
                self.code.release(self._new())
        self._say_what_code_met()

    def _step(self, number: int, file: WrittenFile) -> bool:
        """Takes the step; False where it does not go on."""
        self.code.during = f"step {number}, {file.path or file.kind.value}"
        try:
            self._take(file)
        except Failed as trouble:
            self.outcome.ask("applies", [f"{self.code.during}: {trouble}"])
            return False
        longest = self.watch.longest
        self.outcome.longest_wait = max(self.outcome.longest_wait, longest)
        if file.path is not None and file.kind is StepKind.MIGRATION and longest > bound_of(file.text):
            waited = f"{longest:.1f} s, where {bound_of(file.text):.1f} s are the bound"
            self.outcome.ask("waits", [f"{self.code.during}: {waited}"])
        if self.code.new:
            self.code.release(self._new())
        elif number == 1 and self.case.refuses:
            self.code.release([_old(TABLES[table], self.before[table]) for table in self.case.tables], new=False)
        else:
            self.code.round()
        self.outcome.ask("values", self._under_both_names())
        return True

    def _take(self, file: WrittenFile) -> None:
        if file.kind is StepKind.DEPLOY:
            if not self.code.new and self.case.knows:
                self.clone.run(self.case.knows)
            self.code.release(self._new())
            return
        if file.path is None:
            raise Failed(f"it is not written: {said(file.note)}")
        if (self.root / file.path).exists():
            raise Failed(f"the path {file.path} occurs twice")
        if file.kind is StepKind.MIGRATION:
            self._clean(file.path, file.text)
        _save(self.root, file.path, file.text)
        if file.kind is StepKind.SCRIPT:
            run_script(self.root, self.clone, file.path)
            return
        self._apply(file)
        self.applied.append(file)

    def _apply(self, file: WrittenFile) -> None:
        with self.watch.step():
            self._apply_watched(file)

    def _apply_watched(self, file: WrittenFile) -> None:
        assert file.path is not None
        tables = [present for table in self.case.tables if (present := self._current(table)) is not None]
        if not self.reader or not tables:
            self.language.tool.up(self.root, self.clone, file.path)
            return
        with IdleReader(self.clone, tables) as reader:
            try:
                self.language.tool.up(self.root, self.clone, file.path)
            except Failed as trouble:
                if "lock timeout" not in str(trouble):
                    raise
                reader.leave()
                self.language.tool.up(self.root, self.clone, file.path)  # as the plan says

    def _clean(self, path: str, text: str) -> None:
        beside = {**self.language.beside, **self._repository()}
        major = self.case.major or self.clones.major
        here = judged_in(path, text, self.clone, beside, major)
        found = [f"{path}: {one.rule}: {said(one.title)}" for one in loud(here)]
        self.outcome.only_notes |= not found and bool(here.findings)
        unknown = judged(path, text, None, beside, major)
        found += [
            f"{path}: without a replica, {one.rule}: {said(one.title)}"
            for one in loud(unknown)
            if one.severity.value == "danger"
        ]
        self.outcome.ask("clean", found)

    def _repository(self) -> dict[str, str]:
        files = (path for path in self.root.rglob("*") if path.is_file() and path.suffix in (".py", ".rb", ".sql"))
        return {path.relative_to(self.root).as_posix(): path.read_text("utf-8") for path in files}

    def _current(self, table: str) -> str | None:
        """What the table is called now."""
        columns = columns_of(self.clone, self.oids[table])
        return columns.table if columns is not None else None

    def _new(self) -> list[View]:
        """The tables as new code knows them, as far as they are there at this moment."""
        views = []
        for table in self.case.tables:
            end, written = self.asked.ends[table], self.asked.writable[table]
            if end is None or written is None:
                continue
            name = end.table if present_columns(self.clone, end.table) else table
            present = present_columns(self.clone, name)
            if present:
                views.append(_new(TABLES[table], self.before[table], end, written, name, present, self.case))
        return views

    def _under_both_names(self) -> list[str]:
        """Rows that code wrote, in which a column that is renamed has two values at this moment."""
        problems = []
        for table in self.case.tables:
            end, here = self.asked.ends[table], columns_of(self.clone, self.oids[table])
            if end is None or here is None or not TABLES[table].conflict:
                continue
            names = {name for name, _ in here.columns.values()}
            for number, (old, kind) in self.before[table].columns.items():
                new, new_kind = end.columns.get(number, (old, kind))
                if new == old or new_kind != kind or not {old, new} <= names:
                    continue
                key = TABLES[table].key[-1] if table == "app.members" else TABLES[table].key[0]
                text = f"SELECT count(*) FROM {here.table} WHERE {old} IS DISTINCT FROM {new}"
                text += f" AND right({key}::text, 12)::bigint > {2 * ROWS}"
                (count,) = self.clone.query(text)[0]
                if count:
                    problems.append(f"{self.code.during}: {count} rows have another {new} than {old}")
        return problems

    def _say_what_code_met(self) -> None:
        refused = [one for one in self.code.failed if one.later and self.case.refuses]
        if refused and re.search(self.case.refuses, self.plan.notes, re.IGNORECASE) is None:
            self.outcome.ask("statements", [f"rows to come are refused, and no note says {self.case.refuses!r}"])
        failed = [one for one in self.code.failed if one not in refused]
        self.outcome.failed_statements, self.outcome.wrong_values = len(failed), len(self.code.wrong)
        for aspect, met in (("statements", failed), ("values", self.code.wrong)):
            lines = dict.fromkeys(f"{one.during}: {one.text}: {one.problem}" for one in met)
            more = [f"{len(met)} in all"] if len(lines) > 4 else []
            self.outcome.ask(aspect, [*list(lines)[:4], *more])

    def compare(self) -> None:
        """The schema and the rows with those that the author's file leaves."""
        if self.asked.after is None:
            return
        found = schema_of(self.clone).differs_from(self.asked.after, in_order=True)
        self.outcome.differences = len(found)
        differs = self.plan.differs
        self.outcome.ask("schema", not_named(found, differs, self.case.tables) if differs else found)
        if bool(differs) != self.case.differs:
            said_so = f"declares: {differs}" if differs else "declares no difference"
            self.outcome.ask("schema", [f"the plan {said_so}"])
        if differs and not found:
            self.outcome.ask("schema", [f"a difference is declared that there is not: {differs}"])
        self._compare_rows()

    def _compare_rows(self) -> None:
        """Old code's work, the author's file, new code's work, one after the other in a clone of their own."""
        with self.clones.clone(self.case.given) as other, _folder(self.language) as root:
            first = [one for one in self.code.journal if not (one.new or (one.later and self.case.refuses))]
            last = [one for one in self.code.journal if one.new or (one.later and self.case.refuses)]
            problems = [f"harness: {one}" for one in do_again(other, first)]
            if self.case.knows:
                other.run(self.case.knows)
            _save(root, self.plan.path, self.plan.text)
            try:
                self.language.tool.up(root, other, self.plan.path)
            except Failed as trouble:
                self.outcome.ask("values", [f"after old code's work the author's file is refused: {trouble}"])
                return
            problems += [f"harness: {one}" for one in do_again(other, last)]
            words = None if self.reader else frozenset(re.findall(r"\w+", f"{self.plan.text} {self.case.tables}"))
            here, there = rows_of(self.clone, self.case.free, words), rows_of(other, self.case.free, words)
            for table in sorted(here.keys() & there.keys()):
                if here[table] != there[table]:
                    problems += different_rows(self.clone, other, table, self.case.free)
            self.outcome.ask("values", problems[:6])

    def roll_back(self) -> None:
        """The files of the plan that were applied, by the tool, the last first."""
        if self.outcome.problems.get("applies"):
            return
        self.outcome.ask("rolled back")
        for file in reversed(self.applied):
            assert file.path is not None
            try:
                self.language.tool.down(self.root, self.clone, file.path)
            except Failed as trouble:
                if not (self.asked.undone is None and self.plan.lost):
                    self.outcome.ask("rolled back", [f"{file.path}: {trouble}"])
                return
        left = schema_of(self.clone)
        if self.asked.undone is not None and left.lines == self.asked.undone.lines:
            return
        differences = left.differs_from(self.asked.before)
        unsaid = not_named(differences, self.plan.lost, self.case.tables) if self.plan.lost else differences
        self.outcome.ask("rolled back", unsaid)


def _old(table: Table, columns: Columns, *, later: bool = True) -> View:
    texts = frozenset(name for name, kind in columns.columns.values() if kind == "json")
    kept = table.serial, table.conflict, table.later if later else None, table.rows
    return View(table.name, table.key, table.values, table.required, *kept, texts)


def _new(
    table: Table, before: Columns, end: Columns, written: Columns, name: str, present: Mapping[str, str], case: Case
) -> View:
    """What the author's file makes of the view of old code: by the numbers of columns, which a rename keeps."""
    numbers = {column: number for number, (column, _) in before.columns.items()}
    names = {old: end.columns[numbers[old]][0] for old in table.values if numbers[old] in end.columns}
    values: dict[str, Value] = {}
    for old, value in table.values.items():
        if old in names:
            values[names[old]] = case.writes.get(names[old], value)
    added = {number: column for number, column in written.columns.items() if number not in before.columns}
    for column, kind in added.values():
        fitting = case.writes.get(column, _FITTING.get(kind.split("(")[0]))
        if fitting is not None:
            values[column] = fitting
    values = {column: value for column, value in values.items() if column in present}
    wanted = [names[old] for old in table.required if old in names]
    wanted += [column for number, (column, _) in added.items() if number not in written.filled]
    key = tuple(names.get(old, old) for old in table.key)
    later = None if table.later is None else {names[old]: value for old, value in table.later.items() if old in names}
    texts = frozenset(column for column, kind in present.items() if kind == "json")
    required = tuple(column for column in wanted if column in values)
    return View(name, key, values, required, table.serial, table.conflict, later, table.rows, texts)


_FITTING: dict[str, Value] = {
    "text": lambda n: f"fresh {n}",
    "character varying": lambda n: f"v{n}"[:10],
    "integer": lambda n: str(n % 40 + 1),
    "bigint": lambda n: str(n % 40 + 1),
    "smallint": lambda n: str(n % 40 + 1),
    "numeric": lambda n: str(n % 40 + 1),
    "double precision": lambda n: str(n % 40 + 1),
    "boolean": lambda n: str(n % 2 == 0).lower(),
    "uuid": lambda n: f"10000000-0000-4000-8000-{n:012d}",
    "date": lambda n: f"2026-03-{n % 28 + 1:02d}",
    "timestamp without time zone": lambda n: f"2026-03-{n % 28 + 1:02d} 01:02:03",
    "timestamp with time zone": lambda n: f"2026-03-{n % 28 + 1:02d} 01:02:03+00",
    "json": lambda n: f'{{"n": {n}}}',
    "jsonb": lambda n: f'{{"n": {n}}}',
}
"""What new code writes into a column that the author adds, by its type."""
