"""What every framework must be able to do, as functions of the framework: each raises AssertionError where it cannot.

`CHECKS` is run over all of `bot.frameworks` by `test_battery.py`; a module has to provide its `example`. Steps
and what is read of them are compared in one normal form: the SQL that `bot.sql` writes for the operations, blanks
folded; BEGIN and COMMIT that a file writes around its statements do not count.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import takewhile

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bot.core.effects import effects
from bot.core.judging.findings import Step, StepKind, WrittenFile
from bot.core.judging.framework import Example, Files, Framework, PlanSoFar, SourceFile
from bot.core.judging.history import Fate
from bot.core.language import operations as op
from bot.core.language.facts import InTransaction
from bot.core.language.messages import say
from bot.core.language.migrations import Migration, Run, Scope, Statement
from bot.core.rewrites.undo import inverse
from bot.core.schema.session import Session
from bot.frameworks import FRAMEWORKS, in_order, recognise
from bot.frameworks.sql_files.convention import CannotRunOutside
from bot.frameworks.sql_files.files import SqlFiles
from bot.frameworks.sql_files.suggestions import apply
from bot.rules import RULES
from bot.sql import Unwritable, read_script, read_statement, write_statement
from tests.support import kinds, strategies
from tests.support.rule_pages import Example as Page
from tests.support.rule_pages import analysed, examples, finding
from tests.support.said import said

AROUND = op.Begin | op.Commit
OF_THE_SESSION = AROUND | op.Rollback | op.Savepoint | op.ReleaseSavepoint


def sample() -> settings:
    """A fifth of the usual number of examples, since every framework draws its own."""
    return settings(kinds.examples(0.2), suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


@dataclass(frozen=True, slots=True)
class Authors:
    """The author's file, and the files beside it at the head."""

    like: Migration
    head: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tried:
    """A framework among those it must be distinguished from."""

    framework: Framework
    among: Sequence[Framework] = field(default=FRAMEWORKS)

    @classmethod
    def beside_all(cls, framework: Framework) -> "Tried":
        return cls(
            framework, in_order({framework, *FRAMEWORKS} if framework in FRAMEWORKS else [framework, *FRAMEWORKS])
        )

    @property
    def example(self) -> Example:
        return self.framework.example

    def run(self, text: str, head: Mapping[str, str] | None = None, path: str | None = None) -> Run:
        source = SourceFile(path or self.example.path, text)
        return self.framework.read(Files([source], head=head or {}))

    def read(self, text: str, head: Mapping[str, str] | None = None, path: str | None = None) -> Migration:
        return self.run(text, head, path).migrations[0]

    @property
    def wraps_one(self) -> bool:
        """Whether the tool opens a transaction for a single statement, too; else PostgreSQL runs it in one."""
        authors = self.inside()
        if not isinstance(self.framework, SqlFiles):
            return True
        return all(one.transaction is not None for one in _essential(_holding(self, ["DROP TABLE a"], authors).like))

    def inside(self) -> Authors:
        return self.authors(self.example.text)

    def outside(self) -> Authors | None:
        return None if self.example.outside is None else self.authors(self.example.outside, self.example.beside)

    def both(self) -> list[Authors]:
        """The author's files, beside which steps are written."""
        return [authors for authors in (self.inside(), self.outside()) if authors is not None]

    def authors(self, text: str, head: Mapping[str, str] | None = None) -> Authors:
        return Authors(self.read(text, head), head or {})


def it_recognises_its_own_files_and_those_of_no_neighbour(tried: Tried) -> None:
    for framework in tried.among:
        for owner, text in _texts(framework):
            found = recognise(framework.example.path, text, among=tried.among)
            assert found is not None, f"nobody recognises the example of {framework.name}"
            assert found.name == owner, f"{found.name} takes the example of {framework.name} for its own"
            if framework is not tried.framework and framework.known_by is tried.framework.known_by:
                takes = tried.framework.recognises(framework.example.path, text) and tried.framework.name != owner
                assert not takes, f"{tried.framework.name} recognises the example of {framework.name}, too"
        assert not tried.framework.recognises(f"{framework.example.path}.md", framework.example.text)


def its_example_is_read_as_its_tool_runs_it(tried: Tried) -> None:
    inside, outside = _essential(tried.inside().like), tried.outside()
    assert inside, "nothing is read of the example"
    assert all(one.transaction is not None for one in inside), "the example is not in a transaction"
    if outside is not None:
        assert _essential(outside.like), "nothing is read of the example outside a transaction"
        assert all(one.transaction is None for one in _essential(outside.like)), "the example outside one is in one"
    for authors in tried.both():
        assert not _unread(authors.like)
        assert not _refused([authors.like]), "PostgreSQL refuses a statement of the example where it runs"
        _says_how_it_runs(tried.run(authors.like.text, authors.head))
        assert authors.like.framework == tried.framework.name


def steps() -> st.SearchStrategy[Step]:
    """Steps as rules make them, of any operations: outside a transaction where PostgreSQL refuses them in one."""
    single = strategies.statements.filter(lambda operations: len(operations) == 1)
    timeouts = st.sampled_from([(), (("lock_timeout", "5s"),), (("statement_timeout", "0"),)])
    where = st.sampled_from(["in a transaction", "outside"])
    return st.builds(_step, st.lists(single, min_size=1, max_size=3), where, timeouts, st.sampled_from(["", "add it"]))


def _step(
    statements: Sequence[tuple[op.Operation, ...]], where: str, timeouts: tuple[tuple[str, str], ...], name: str
) -> Step:
    operations = tuple(operation for operations in statements for operation in operations)
    outside = where == "outside" or any(is_refused((operation,)) for operation in operations)
    return Step(StepKind.MIGRATION, operations, transactional=not outside, name=name, settings=timeouts)


def what_is_written_reads_back(tried: Tried) -> None:
    """`read(write(steps)) == steps`, whole files, beside each of the author's."""

    @sample()
    @given(st.lists(steps(), min_size=1, max_size=3), st.sampled_from(tried.both()))
    def drawn(many: Sequence[Step], authors: Authors) -> None:
        assume(not any(isinstance(each, OF_THE_SESSION) for step in many for each in step.operations))
        _write_and_read(tried, many, authors)

    drawn()


OUTSIDE = (
    "CREATE INDEX CONCURRENTLY i ON t (x)",
    "DROP INDEX CONCURRENTLY i",
    "REINDEX INDEX CONCURRENTLY i",
    "ALTER TABLE t DETACH PARTITION p CONCURRENTLY",
    "VACUUM t",
)


def a_step_outside_a_transaction_stays_outside(tried: Tried) -> None:
    """Read back, it is in none; where the tool cannot do that, there is a note on what to do by hand."""
    for sql in OUTSIDE:
        for timeouts in ((), (("lock_timeout", "0"),)):
            step = Step(StepKind.MIGRATION, read_statement(sql), transactional=False, name="x", settings=timeouts)
            for authors in tried.both():
                _write_and_read(tried, [step], authors)


def a_lone_statement_can_leave_the_transaction(tried: Tried) -> None:
    """The author's file with one CREATE INDEX gets a suggestion that runs it outside, where the tool can do that."""
    if not isinstance(tried.framework, SqlFiles):
        return
    authors = _holding(tried, ["CREATE INDEX i ON t (x)"], tried.inside())
    like = authors.like
    if isinstance(tried.framework.convention.unwrap(like.text), CannotRunOutside) and not _shows_a_marker(tried):
        return
    (index,) = [at for at, one in enumerate(like.statements) if isinstance(one.operations[0], op.CreateIndex)]
    suggestion = tried.framework.suggestion(REPLACING[0], like, like.statements[index].lines)
    assert suggestion is not None, "there is no suggestion that runs a lone statement outside a transaction"
    _suggest_and_read(tried, authors, index, REPLACING[0])


def _shows_a_marker(tried: Tried) -> bool:
    """Whether only the text makes the tool run its two examples differently: no file beside it, no COMMIT in it."""
    outside = tried.outside()
    differently = outside is not None and tried.inside().like.transactional and not outside.like.transactional
    return bool(differently) and not tried.example.beside


def every_rule_can_be_followed(tried: Tried) -> None:
    """The rewrites that the rules' pages show, written in this framework in the place of the flagged statements."""
    followed = 0
    for page, at, wanted in _rewrites():
        authors = _file_of(tried, page)
        index = None if authors is None else _index_of(authors.like, at)
        if authors is None or index is None:
            continue
        followed += 1
        _write_and_read(tried, [step for step in wanted if step.kind is StepKind.MIGRATION], authors)
        _suggest_and_read(tried, authors, index, wanted[0])
        _plan_and_read(tried, authors, {index: wanted})
    assert followed > 30, f"only {followed} rewrites could be tried"


STATEMENTS = (
    "CREATE INDEX i ON t (x)",
    "CREATE UNIQUE INDEX u\n    ON t (y)",
    "ALTER TABLE t ADD CONSTRAINT c UNIQUE USING INDEX u",
    "ALTER TABLE t\n  ADD COLUMN z int NOT NULL,\n  DROP COLUMN w",
    "SET lock_timeout = '5s'",
    "DROP INDEX old",
    "INSERT INTO t VALUES (1, 'a;\n-- migrate:x\nb')",
    "DO $$ BEGIN DROP TABLE a; DROP TABLE b; END $$",
    "BEGIN",
    "COMMIT",
)
REPLACING = (
    Step(StepKind.MIGRATION, read_statement("CREATE INDEX CONCURRENTLY i ON t (x)"), transactional=False, name="i"),
    Step(
        StepKind.MIGRATION,
        read_statement("DROP INDEX CONCURRENTLY old"),
        say("n"),
        transactional=False,
        name="old",
        settings=(("lock_timeout", "0"),),
    ),
    Step(StepKind.MIGRATION, read_statement("ALTER TABLE t ADD COLUMN z int"), settings=(("lock_timeout", "5s"),)),
    Step(StepKind.MIGRATION, read_statement("ALTER TABLE t VALIDATE CONSTRAINT c"), apart=True),
    Step(StepKind.SCRIPT, read_statement("UPDATE t SET z = 0 WHERE z IS NULL"), name="fill"),
    Step(StepKind.DEPLOY, note=say("Release first.")),
)


@st.composite
def authors_files(draw: st.DrawFn, tried: Tried) -> Authors:
    """Files as authors write them: any order, comments, blanks, line ends; those of code as the tool writes them."""
    if not isinstance(tried.framework, SqlFiles):
        drawn = draw(st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=5))
        return _code_of(tried, drawn, draw(st.sampled_from(tried.both())))
    text = ""
    drawn = draw(st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=5))
    for sql in drawn:
        gap = draw(st.sampled_from([";\n", ";\n\n", "; ", ";\n-- why\n", ";\n  ", "; -- said\n"]))
        text += tried.framework.convention.escape(sql) + gap
    before = draw(st.sampled_from(tried.both()))
    text = _in_place_of(before.like, text)
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    authors = tried.authors(text, before.head)
    written = [sql for sql in drawn if not isinstance(read_statement(sql)[0], AROUND | op.SetSetting)]
    assert len(told(authors.like)) == len(written), "statements of the author's file are not read"
    return authors


def line_ends_and_a_byte_order_mark_hide_nothing(tried: Tried) -> None:
    """With any of them as many statements are read, or it is said that the tool refuses the file."""
    for authors in tried.both():
        path, text = authors.like.path, authors.like.text
        for changed in (text.replace("\n", "\r\n"), f"\ufeff{text}", f"\ufeff{text}".replace("\n", "\r\n")):
            found = recognise(path, changed, among=tried.among)
            assert found is not None, "nobody recognises the example with other line ends or a byte order mark"
            (migration,) = found.read(Files([SourceFile(path, changed)], head=authors.head)).migrations
            is_whole = len(told(migration)) >= len(told(authors.like))
            assert is_whole or _unread(migration), "line ends or a byte order mark hide a statement"


def a_suggestion_changes_its_statement_and_no_other(tried: Tried) -> None:
    @sample()
    @given(authors_files(tried), st.integers(0, 9), st.sampled_from(REPLACING))
    def drawn(authors: Authors, at: int, step: Step) -> None:
        if authors.like.statements:
            _suggest_and_read(tried, authors, at % len(authors.like.statements), step)

    drawn()


def a_plan_loses_no_statement(tried: Tried) -> None:
    replacing = st.lists(st.sampled_from(REPLACING), min_size=1, max_size=3)

    @sample()
    @given(authors_files(tried), st.dictionaries(st.integers(0, 6), replacing, max_size=3))
    def drawn(authors: Authors, replacements: dict[int, list[Step]]) -> None:
        there = len(authors.like.statements)
        _plan_and_read(tried, authors, {at: wanted for at, wanted in replacements.items() if at < there})

    drawn()


def a_statement_that_moves_leaves_the_tools_own_comments(tried: Tried) -> None:
    """The rest of the file is still the tool's, and runs as before."""
    for before in tried.both():
        authors = _holding(tried, ("CREATE INDEX i ON t (x)", "DROP TABLE a"), before)
        at = next(at for at, one in enumerate(authors.like.statements) if isinstance(one.operations[0], op.CreateIndex))
        _plan_and_read(tried, authors, {at: REPLACING[:1]})


def a_plan_without_replacements_is_the_file_itself(tried: Tried) -> None:
    for like in (authors.like for authors in tried.both()):
        rewritten = tried.framework.rewritten_file(like, {}, PlanSoFar())
        assert (rewritten.text, rewritten.suggestions, rewritten.files) == (like.text, {}, {})


def further_files_come_after_the_authors_in_the_order_of_the_steps(tried: Tried) -> None:
    """By their own names, which the tool recognises among any other files."""
    added = Step(StepKind.MIGRATION, read_statement("ALTER TABLE t ADD COLUMN z int"), name="add z")
    for like in (authors.like for authors in tried.both()):
        written = [file for file in tried.framework.write([added] * 3, like, [like.version]) if _is_migration(file)]
        paths = [str(file.path) for file in written]
        assert paths[0] == like.path
        for file in written:
            _is_known(tried, str(file.path), file.text)
        if isinstance(tried.framework, SqlFiles):
            ending = tried.framework.convention.ending
            assert all(path.endswith(ending) for path in paths), f"a further file does not end in {ending}"
        assert len(set(paths)) == len(paths)
        run = tried.framework.read(Files([SourceFile(str(file.path), file.text) for file in reversed(written)]))
        if all(migration.version.replace(".", "").isdecimal() for migration in run.migrations):
            assert [migration.path for migration in run.migrations] == paths


ADDED = "ALTER TABLE t ADD COLUMN z int"


def what_undoes_a_file_is_written_and_found(tried: Tried) -> None:
    """Where the tool's example has a down side, each written file has one, and the statements of both are found."""
    if not isinstance(tried.framework, SqlFiles):
        return
    for authors in tried.both():
        undone = _undone(_essential(authors.like))
        if not undone or any(sql not in folded(authors.like.text) for sql in undone):
            continue
        _finds_the_down_side(tried.framework, authors.like.path, authors.like.text, undone)
        for sql in (ADDED, "CREATE INDEX CONCURRENTLY i ON t (x)"):
            step = Step(StepKind.MIGRATION, read_statement(sql), transactional=sql == ADDED, name="x")
            wanted = [meaning((one,)) for operation in step.operations for one in inverse(operation).operations or ()]
            for file in filter(_is_migration, tried.framework.write([step], authors.like, [])):
                assert all(one in folded(file.text) for one in wanted), "what undoes the file is lost"
                _finds_the_down_side(tried.framework, str(file.path), file.text, wanted)


def _undone(statements: Sequence[Statement]) -> list[str]:
    """The statements that undo these, the last first."""
    operations = [operation for one in statements for operation in one.operations]
    return [meaning((one,)) for operation in reversed(operations) for one in inverse(operation).operations or ()]


def _finds_the_down_side(framework: SqlFiles, path: str, text: str, wanted: Sequence[str]) -> None:
    """Unless the tool has it in comments."""
    if any(sql not in folded(_COMMENT.sub("", text)) for sql in wanted):
        return
    down = framework.convention.lay_out(SourceFile(path, text), Files(())).down
    found = [meaning(each.operations) for start, end in down for each in read_script(text[start:end]).statements]
    assert found == list(wanted), "the down side is not found"


_COMMENT = re.compile(r"(?m)^[ \t]*--.*$")

SNIPPETS = (
    "-- migrate:up|-- +goose Up|-- +goose StatementBegin|-- +migrate Up|--changeset a:1|-- !Ups|\n|;|;;|$$|'|BEGIN|"
    "DROP TABLE a|\ufeff|\r|def upgrade():|class A < ActiveRecord::Migration[7.1]|  def up|end|revision = 1"
).split("|")


def it_says_how_it_knows_its_migrations(tried: Tried) -> None:
    """Each file is a unit of its own, in the tool's order, and what the tool does with clashes is said in sentences."""
    framework, history = tried.framework, tried.framework.history
    for outcome in (history.same, history.older, history.edited, history.deleted):
        assert outcome.fate is Fate.RUNS or outcome.says, "what the tool does is not said"
        assert not outcome.says or outcome.says.endswith("."), "it is said, but not in a sentence"
    added = Step(StepKind.MIGRATION, read_statement(ADDED), name="add z")
    for like in (authors.like for authors in tried.both()):
        written = [file for file in framework.write([added] * 3, like, [like.version]) if _is_migration(file)]
        units = [framework.units(str(file.path), file.text) for file in written]
        assert all(units), "a migration is no unit"
        places = [unit.place for found in units for unit in found]
        assert len(set(places)) == len(places), "two migrations have one key"
        orders = [unit.order for found in units for unit in found if unit.order is not None]
        assert orders == sorted(orders), "a later migration is an older unit"
        by_path = [framework.units(str(file.path), None) for file in written]
        assert by_path == units or not any(by_path), "the path alone says something else"
        assert all(one.first <= one.last for found in units for one in found)
    folder = tried.example.path.rpartition("/")[0]
    assert not framework.units(f"{folder}/README.md", None), "a page is a unit"


def no_text_breaks_it(tried: Tried) -> None:
    @sample()
    @given(st.sampled_from(["", tried.example.text]), st.text() | st.lists(st.sampled_from(SNIPPETS)).map("".join))
    def drawn(before: str, behind: str) -> None:
        text = before + behind
        tried.framework.recognises(tried.example.path, text)
        tried.framework.units(tried.example.path, text)
        run = tried.framework.read(Files([SourceFile(tried.example.path, text)]))
        for statement in run.statements:
            assert 0 <= statement.start <= statement.end <= len(text)
            assert 1 <= statement.lines.first <= statement.lines.last
            assert statement.transaction is None or statement.transaction in run.transactions

    drawn()


Check = Callable[[Tried], None]
CHECKS: tuple[Check, ...] = (
    it_recognises_its_own_files_and_those_of_no_neighbour,
    its_example_is_read_as_its_tool_runs_it,
    what_is_written_reads_back,
    a_step_outside_a_transaction_stays_outside,
    a_lone_statement_can_leave_the_transaction,
    every_rule_can_be_followed,
    a_suggestion_changes_its_statement_and_no_other,
    a_plan_loses_no_statement,
    a_statement_that_moves_leaves_the_tools_own_comments,
    a_plan_without_replacements_is_the_file_itself,
    further_files_come_after_the_authors_in_the_order_of_the_steps,
    what_undoes_a_file_is_written_and_found,
    it_says_how_it_knows_its_migrations,
    line_ends_and_a_byte_order_mark_hide_nothing,
    no_text_breaks_it,
)


def meaning(operations: Sequence[op.Operation]) -> str:
    """The normal form."""
    try:
        return folded(write_statement(operations))
    except Unwritable:
        return repr(operations)


def folded(sql: str) -> str:
    return " ".join(sql.split())


@cache
def is_refused(operations: tuple[op.Operation, ...]) -> bool:
    """Whether PostgreSQL refuses the statement in a transaction block."""
    return effects(operations, Session.begin(None), 18).in_transaction is InTransaction.REFUSED


def _texts(framework: Framework) -> Iterator[tuple[str, str]]:
    example = framework.example
    yield example.taken_for or framework.name, example.text
    if example.outside is not None:
        yield framework.name, example.outside


def _essential(migration: Migration) -> list[Statement]:
    return [one for one in migration.statements if not isinstance(one.operations[0], AROUND | op.SetSetting)]


def _says_how_it_runs(run: Run) -> None:
    """`transactional` is what the statements show, unless the file has a BEGIN or COMMIT of its own."""
    for migration in run.migrations:
        if any(isinstance(one.operations[0], AROUND) for one in migration.statements):
            continue
        numbers = [one.transaction for one in _essential(migration)]
        if migration.transactional:
            assert None not in numbers, "it claims a transaction of the tool around statements that run in none"
        elif migration.transactional is False:
            scopes = {run.transactions[number].scope for number in numbers if number is not None}
            assert Scope.EXPLICIT not in scopes, "it claims no transaction around statements that run in one"


def _unread(migration: Migration) -> list[Statement]:
    return [one for one in migration.statements if isinstance(one.operations[0], op.Unread)]


def _is_migration(file: WrittenFile) -> bool:
    """Not a file that only belongs to another."""
    return file.kind is StepKind.MIGRATION and file.path is not None and file.transactional is not None


def _read_written(tried: Tried, files: Sequence[WrittenFile], authors: Authors) -> list[Migration]:
    """Each file as the tool will read it, with the files beside them."""
    written = {str(file.path): file.text for file in files if file.path is not None and file.transactional is None}
    head = {**authors.head, **written}
    migrations: list[Migration] = []
    for file in filter(_is_migration, files):
        path = str(file.path)
        _is_known(tried, path, file.text)
        run = tried.run(file.text, head, path)
        _says_how_it_runs(run)
        migrations += run.migrations
        assert not _unread(migrations[-1]), f"what is written cannot be read: {file.text}"
    return migrations


def _is_known(tried: Tried, path: str, text: str) -> None:
    """The file is the framework's, or that of the framework which its files without a marker are read as."""
    found = recognise(path, text, among=tried.among)
    assert found is not None, f"nobody recognises {path}"
    known = {tried.framework.name, tried.example.taken_for or tried.framework.name}
    assert found.name in known, f"{path} is recognised as a file of {found.name}"


def _write_and_read(tried: Tried, many: Sequence[Step], authors: Authors) -> None:
    for step in many:
        _write_and_read_one(tried, step, authors)
    written = tried.framework.write(many, authors.like, [authors.like.version])
    paths = [file.path for file in written if file.path is not None]
    assert len(set(paths)) == len(paths), paths


def _write_and_read_one(tried: Tried, step: Step, authors: Authors) -> None:
    files = tried.framework.write([step], authors.like, [authors.like.version])
    assert all(file.path is not None for file in files), [file.note for file in files]
    if files[0].kind is StepKind.SCRIPT:
        assert tried.example.outside is None, "a step is left to hand, though the example shows a file for it"
        _is_left_to_hand(step, files)
        return
    migrations = _read_written(tried, files, authors)
    found = [
        one for migration in migrations for one in migration.statements if not isinstance(one.operations[0], AROUND)
    ]
    wanted = [meaning((operation,)) for operation in step.operations]
    # A framework that runs all files in one transaction lets a step that must be apart leave it.
    left = step.apart and all(file.transactional is False for file in files if file.kind is StepKind.MIGRATION)
    local = step.transactional and not left
    before = [meaning((op.SetSetting(name, value, local=local),)) for name, value in step.settings]
    behind: list[str] = [] if local else [meaning((op.SetSetting(name, None),)) for name, _ in step.settings]
    told = [meaning(one.operations) for one in found if one.inside is None]
    if told == wanted and step.settings:
        notes = " ".join(said(file.note) for file in files)
        assert all(name in notes for name, _ in step.settings), "a setting is lost"
    else:
        assert told == [*before, *wanted, *behind], "what is read is not what was written"
    for file in filter(_is_migration, files):
        assert file.transactional is (step.transactional and not left)
    must_be_inside = step.transactional and not left and (tried.wraps_one or len(found) > 1)
    for one in found:
        is_inside = one.transaction is not None
        assert is_inside or not must_be_inside, f"{one.sql} is written outside a transaction"
        assert step.transactional or not is_inside, f"{one.sql} is outside a transaction no longer"
        assert not (is_inside and is_refused(one.operations)), f"{one.sql} is refused in its transaction"


def _is_left_to_hand(step: Step, files: Sequence[WrittenFile]) -> None:
    """A step that the tool's files cannot hold: scripts, each with its purpose."""
    assert not step.transactional, "a step in a transaction is left to the author's hands"
    text = folded(" ".join(file.text for file in files))
    assert all(meaning((operation,)) in text for operation in step.operations)
    assert all(file.kind is StepKind.SCRIPT and "by hand" in said(file.note) for file in files)


@cache
def _rewrites() -> tuple[tuple[Page, Statement, tuple[Step, ...]], ...]:
    """The first flagged example of every page whose rule rewrites it."""
    found: list[tuple[Page, Statement, tuple[Step, ...]]] = []
    for rule in RULES:
        page = examples(rule, "flagged")[0]
        flagged = finding(rule, analysed(page))
        if flagged is not None and flagged.rewrite is not None:
            found.append((page, flagged.statement, flagged.rewrite.steps))
    return tuple(found)


def _file_of(tried: Tried, page: Page) -> Authors | None:
    """A page's example as the author's file in this framework, None where it cannot be one."""
    before = tried.inside() if page.transactional else tried.outside()
    if before is None:
        return None
    if isinstance(tried.framework, SqlFiles):
        body = tried.framework.convention.escape(page.sql)
        return tried.authors(_in_place_of(before.like, f"{body}\n"), before.head)
    return _code_of(tried, [one.sql for one in analysed(page).run.statements if not one.inside], before)


def _holding(tried: Tried, sql: Sequence[str], before: Authors) -> Authors:
    """The author's file with these statements in it, each on a line."""
    if not isinstance(tried.framework, SqlFiles):
        return _code_of(tried, sql, before)
    lines = "".join(f"{tried.framework.convention.escape(one)};\n" for one in sql)
    return tried.authors(_in_place_of(before.like, lines), before.head)


def _code_of(tried: Tried, sql: Sequence[str], before: Authors) -> Authors:
    """The statements as the framework writes them, without those that it cannot write."""
    operations = [read_statement(one) for one in sql]
    single = [each[0] for each in operations if len(each) == 1 and not isinstance(each[0], OF_THE_SESSION)]
    writable = [one for one in single if not isinstance(one, op.Do | op.Insert)] or [read_statement("DROP TABLE a")[0]]
    step = Step(StepKind.MIGRATION, tuple(writable), transactional=before.like.text == tried.example.text)
    (file,) = tried.framework.write([step], before.like, [])
    assert file.path is not None, file.note
    return tried.authors(file.text)


def _index_of(like: Migration, flagged: Statement) -> int | None:
    wanted = meaning(flagged.operations)
    return next((at for at, one in enumerate(like.statements) if meaning(one.operations) == wanted), None)


def _in_place_of(like: Migration, statements: str) -> str:
    """The author's file with other statements in it."""
    essential = _essential(like)
    start, end = essential[0].start, max(one.end for one in essential)
    end = like.text.index(";", end) + 1 if ";" in like.text[end:] else end
    return like.text[:start] + statements + like.text[end:]


def told(migration: Migration) -> list[str]:
    """Every statement except settings and transaction control."""
    return [meaning(one.operations) for one in _essential(migration) if not one.inside]


def _refused(migrations: Sequence[Migration]) -> list[str]:
    return [
        meaning(one.operations)
        for migration in migrations
        for one in migration.statements
        if one.transaction is not None and is_refused(one.operations)
    ]


def _suggest_and_read(tried: Tried, authors: Authors, index: int, step: Step) -> None:
    like = authors.like
    statement = like.statements[index]
    suggestion = tried.framework.suggestion(step, like, statement.lines)
    if suggestion is None:
        return
    assert suggestion.lines.first <= statement.lines.first
    assert suggestion.lines.last >= statement.lines.last
    text = apply(like.text, [suggestion])
    after = tried.read(text, authors.head)
    remaining = told(after)
    kept = told(like)
    if meaning(statement.operations) in kept:
        kept.remove(meaning(statement.operations))
    for sql in kept:
        assert sql in remaining, f"the suggestion loses {sql}"
        remaining.remove(sql)
    assert remaining == [meaning((operation,)) for operation in step.operations], "the suggestion says something else"
    assert len(_unread(after)) <= len(_unread(like))
    if not step.transactional:
        new = [one for one in after.statements if meaning(one.operations) in remaining]
        assert all(one.transaction is None for one in new), f"{new[0].sql} is suggested in a transaction"
    assert text.count("\r\n") in (0, text.count("\n"))


def _is_said_by_itself(like: Migration, index: int, replacements: Mapping[int, Sequence[Step]]) -> bool:
    """Whether the plan has to say this statement: a block whose statements it replaces may be taken apart, and then
    says the others one by one."""
    block = index
    while like.statements[block].inside:
        block -= 1
    members = [block + 1 + at for at, _ in enumerate(takewhile(lambda one: one.inside, like.statements[block + 1 :]))]
    apart = any(member in replacements for member in members)
    if index == block and apart:
        return False
    statement = like.statements[index]
    return apart if statement.inside else meaning(statement.operations) in told(like)


def _plan_and_read(tried: Tried, authors: Authors, replacements: Mapping[int, Sequence[Step]]) -> None:
    like = authors.like
    rewritten = tried.framework.rewritten_file(like, replacements, PlanSoFar())
    written = [file for further in rewritten.files.values() for file in further]
    after = [tried.read(rewritten.text, authors.head)] if rewritten.text is not None else []
    after += _read_written(tried, written, authors)
    found = [sql for migration in after for sql in told(migration)]
    for index, statement in enumerate(like.statements):
        if index not in replacements and _is_said_by_itself(like, index, replacements):
            assert meaning(statement.operations) in found, f"the plan loses {statement.sql}"
            found.remove(meaning(statement.operations))
    before = _refused([like])
    for sql in _refused(after):
        assert sql in before, f"{sql} is refused in its transaction"
        before.remove(sql)
    texts = {file.path: file.text for file in written}
    assert all(texts[file.path] == file.text for file in written if file.path), "two files have one path"
    paths = [file.path for file in written if _is_migration(file)]
    assert len(paths) == len(set(paths)), paths
    if rewritten.text is not None:
        assert like.path not in paths
        _is_known(tried, like.path, rewritten.text)
