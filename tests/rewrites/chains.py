"""Runs a case: the author's file and the plan by the real tool, while old code and then new code write."""

import re
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bot.core.judging.findings import Severity, StepKind, WrittenFile
from bot.frameworks import recognise
from tests.rewrites.buttons import try_suggestions
from tests.rewrites.case import Case
from tests.rewrites.clones import Clone, Clones
from tests.rewrites.languages import Language
from tests.rewrites.originals import Asked, ask_author, folder, save
from tests.rewrites.outcome import Outcome
from tests.rewrites.plans import Plan, judged_in, judged_together, loud, plan_of
from tests.rewrites.running_code import RunningCode, View, do_again
from tests.rewrites.schema import (
    Columns,
    columns_of,
    different_rows,
    not_named,
    oid_of,
    present_columns,
    rows_of,
    schema_of,
)
from tests.rewrites.shop import TABLES
from tests.rewrites.tools import Failed, NoWayBack, run_script
from tests.rewrites.views import new_view, old_view
from tests.rewrites.waits import IdleReader, Watch, bound_of
from tests.support.said import said


def prove(name: str, case: Case, clones: Clones, language: Language, *, reader: bool) -> Outcome:
    """Everything that is asked of a case. `reader`: with one who stays idle in a transaction before each step."""
    outcome, language = Outcome(name), language.given(case)
    with ExitStack() as stack:
        asked = ask_author(case, clones, language)
        outcome.original = asked.trouble
        clone = stack.enter_context(clones.clone(case.given))
        root = stack.enter_context(folder(language))
        path, text = language.source(case)
        outcome.plan = plan = plan_of(path, text, clone, language.beside, case.major or clones.major)
        _offered(outcome, plan, case)
        if not plan.rules and not case.guarded:
            return outcome
        try_suggestions(outcome, plan, case, clones, language, asked)
        chain = _Chain(outcome, plan, case, clones, clone, language, root, asked, reader=reader)
        chain.run()
        if not outcome.problems.get("applies"):
            chain.compare()
        chain.roll_back()
    return outcome


def _offered(outcome: Outcome, plan: Plan, case: Case) -> None:
    if case.none:
        outcome.ask("offered", [f"a rewrite by {rule}, where none is known" for rule in plan.rules])
    elif case.guarded:
        outcome.ask("offered", [] if plan.files else ["no lock_timeout"])
    elif not plan.rules:
        found = ", ".join(f"{one.rule} ({one.severity.value})" for one in plan.analysis.findings)
        outcome.ask("offered", [f"no rewrite; found: {found or 'nothing'}"])
    else:
        outcome.ask("offered", [f"nothing for {one.rule}: {said(one.title)}" for one in plan.unhelped])


_IN_CHAIN = 500_000
"""The lowest number of a row that is inserted once the first step is taken."""
_ROLLED_BACK = 700_000
"""The lowest number of a row that is inserted once the files are being undone."""


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
    stages: set[int] = field(default_factory=set)
    """The pull requests that were judged."""

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
        with ExitStack() as stack:
            self.code = stack.enter_context(RunningCode(self.clone, self._old()))
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
        if number == 1:
            self.code.first = _IN_CHAIN
        if self.code.new:
            self.code.release(self._new())
        elif number == 1 and self.case.refuses:
            self.code.release([old_view(TABLES[table], self.before[table]) for table in self.case.tables], new=False)
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
        if file.kind is StepKind.MIGRATION and not _is_applied(file):
            save(self.root, file.path, file.text)
            return
        if (self.root / file.path).exists():
            raise Failed(f"the path {file.path} occurs twice")
        if file.kind is StepKind.MIGRATION:
            self._together(file.stage)
            self._clean(file.path, file.text)
        save(self.root, file.path, file.text)
        if file.kind is StepKind.SCRIPT:
            run_script(self.root, self.clone, file.path)
            return
        self._apply(file)
        self.applied.append(file)

    def _apply(self, file: WrittenFile) -> None:
        assert file.path is not None
        with self.watch.step():
            self._beside_a_reader(self.language.tool.up, file.path)

    def _beside_a_reader(self, move: Callable[[Path, Clone, str], None], path: str) -> None:
        """Up or down, beside one who has read and stays idle, where that is asked for."""
        tables = [present for table in self.case.tables if (present := self._current(table)) is not None]
        if not self.reader or not tables:
            move(self.root, self.clone, path)
            return
        with IdleReader(self.clone, tables) as reader:
            try:
                move(self.root, self.clone, path)
            except Failed as trouble:
                if "lock timeout" not in str(trouble):
                    raise
                reader.leave()
                move(self.root, self.clone, path)  # as the plan says

    def _together(self, stage: int) -> None:
        """Judges the files of a pull request, once, before the first of them is applied."""
        if stage in self.stages:
            return
        problems = (
            [f"files of pull request {stage} are not together"] if self.stages and stage < max(self.stages) else []
        )
        self.stages.add(stage)
        files = {
            file.path: file.text
            for file in self.plan.files
            if file.path is not None and _is_applied(file) and file.stage == stage
        }
        places = [number for number, file in enumerate(self.plan.files) if file.path in files]
        between = {file.kind for file in self.plan.files[places[0] : places[-1]]} - {StepKind.MIGRATION}
        problems += [f"a file of pull request {stage} has to wait for a {kind.value}" for kind in between]
        beside, major = {**self.language.beside, **self._repository()}, self.case.major or self.clones.major
        if len(files) > 1:
            found = loud(judged_together(files, self.clone, beside, major))
            problems += [f"pull request {stage}: {one.rule}: {said(one.title)}" for one in found]
        self.outcome.ask("together", problems)
        unknown = [one for one in loud(judged_together(files, None, beside, major)) if one.severity is Severity.DANGER]
        found = [f"pull request {stage}: without a replica, {one.rule}: {said(one.title)}" for one in unknown]
        self.outcome.ask("clean", found)

    def _clean(self, path: str, text: str) -> None:
        beside = {**self.language.beside, **self._repository()}
        major = self.case.major or self.clones.major
        here = judged_in(path, text, self.clone, beside, major)
        found = [f"{path}: {one.rule}: {said(one.title)}" for one in loud(here)]
        self.outcome.only_notes |= not found and bool(here.findings)
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
                views.append(new_view(TABLES[table], self.before[table], end, written, name, present, self.case))
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
                text += f" AND right({key}::text, 12)::bigint % 1000000 >= {_IN_CHAIN}"
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
        found = [line for line in found if not any(index in line for index in self.asked.before.invalid)]
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
        with self.clones.clone(self.case.given) as other, folder(self.language) as root:
            first = [one for one in self.code.journal if not (one.new or (one.later and self.case.refuses))]
            last = [one for one in self.code.journal if one.new or (one.later and self.case.refuses)]
            problems = [f"harness: {one}" for one in do_again(other, first)]
            other.run_if_possible(self.case.knows)
            save(root, self.plan.path, self.plan.text)
            try:
                self.language.tool.up(root, other, self.plan.path)
            except Failed as trouble:
                if not self.asked.trouble:
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
        """The files of the plan that were applied, by the tool, the last first, each while the code runs that ran when
        it was applied: new code goes before the files do that came before its deploy."""
        if self.outcome.problems.get("applies"):
            return
        self.outcome.ask("rolled back")
        kinds = [file.kind for file in self.plan.files]
        deploy = kinds.index(StepKind.DEPLOY) if StepKind.DEPLOY in kinds else len(kinds)
        later = [file for file in self.plan.files[deploy:] if file in self.applied]
        views = self._new() if later else self._old()
        with ExitStack() as stack:
            self.code = stack.enter_context(RunningCode(self.clone, views, first=_ROLLED_BACK, new=bool(later)))
            self.watch = stack.enter_context(Watch(self.clone, self.code.pids))
            undone = all(map(self._undo, reversed(later)))
            if undone and later:
                self.code.during = "rolled back to the deploy"
                self.code.release(self._old(), new=False)
            undone = undone and all(self._undo(file) for file in reversed(self.applied) if file not in later)
        met = [one for one in (*self.code.failed, *self.code.wrong) if not (one.later and self.case.refuses)]
        lines = dict.fromkeys(f"{one.during}: {one.text}: {one.problem}" for one in met)
        self.outcome.ask("rolled back", not_named(list(lines), self.plan.lost) if self.plan.lost else list(lines)[:4])
        if undone:
            self._compare_with_before()

    def _old(self) -> list[View]:
        return [old_view(TABLES[table], self.before[table], later=not self.case.refuses) for table in self.case.tables]

    def _undo(self, file: WrittenFile) -> bool:
        """Undoes the file; False where it does not go on."""
        assert file.path is not None
        self.code.during = f"{file.path} undone"
        try:
            with self.watch.step():
                self._beside_a_reader(self.language.tool.down, file.path)
        except NoWayBack:
            return False
        except Failed as trouble:
            if not (self.asked.undone is None and self.plan.lost):
                self.outcome.ask("rolled back", [f"{file.path}: {trouble}"])
            return False
        # The author's own way back waits as its author wrote it: no suggestion changes lines for that alone.
        if file.path != self.plan.path and self.watch.longest > bound_of(file.text):
            waited = f"{self.watch.longest:.1f} s, where {bound_of(file.text):.1f} s are the bound"
            self.outcome.ask("rolled back", [f"{self.code.during}: {waited}"])
        if self.code.new:
            self.code.release(self._new())
        else:
            self.code.round()
        return True

    def _compare_with_before(self) -> None:
        left = schema_of(self.clone)
        if self.asked.undone is not None and left.lines == self.asked.undone.lines:
            return
        usual = self.asked.undone.differs_from(self.asked.before) if self.asked.undone is not None else []
        # What the author's own down does not bring back either is not the plan's to bring back.
        differences = [one for one in left.differs_from(self.asked.before) if one not in usual]
        unsaid = not_named(differences, self.plan.lost, self.case.tables) if self.plan.lost else differences
        self.outcome.ask("rolled back", unsaid)


def _is_applied(file: WrittenFile) -> bool:
    """Whether the tool applies it: not what belongs beside a migration, or undoes it."""
    return file.kind is StepKind.MIGRATION and recognise(file.path or "", file.text) is not None
