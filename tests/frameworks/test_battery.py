"""Every framework in the folder passes the battery; a module that does something wrong fails."""

from collections.abc import Sequence
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from hypothesis import Phase, settings

from bot.core.judging.framework import Framework
from bot.frameworks import FRAMEWORKS, in_order
from tests.frameworks import battery
from tests.frameworks.battery import CHECKS, Check, Tried


@pytest.mark.usefixtures("effort")
@pytest.mark.parametrize("framework", FRAMEWORKS, ids=lambda framework: framework.name)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_every_framework_in_the_folder(check: Check, framework: Framework) -> None:
    check(Tried(framework))


TOY = '''
"""A tool known by `-- toy` at the top; `-- toy alone` makes it run the file outside a transaction."""

from bot.core.judging.framework import Example, KnownBy
from bot.core.judging.history import FINE, Fate, History, Outcome
from bot.frameworks.sql_files.bare import terminated
from bot.frameworks.sql_files.convention import NO_EDIT, CannotRunOutside, Convention, Edit, Layout, Section
from bot.frameworks.sql_files.files import SqlFiles
from bot.frameworks.sql_files.versions import by_number

TEXT = "-- toy\\nALTER TABLE t ADD COLUMN a int;\\n-- toy down\\nALTER TABLE t DROP COLUMN a;\\n"
OUTSIDE = "-- toy alone\\nCREATE INDEX CONCURRENTLY i ON t (a);\\n-- toy down\\nDROP INDEX CONCURRENTLY i;\\n"
EXAMPLE = Example(path="toys/0002_x.sql", text=TEXT, outside=OUTSIDE)
HISTORY = History("its number", same=Outcome(Fate.REFUSED, "It stops."), older=FINE, edited=FINE, deleted=FINE)


def recognises(path, text):
    return path.endswith(".sql") and text.startswith("-- toy")


def lay_out(source, files):
    text = source.text
    wrapped = not text.startswith("-- toy alone")
    end = text.find("-- toy down") if "-- toy down" in text else len(text)
    section = Section(0, end, wrapped=wrapped, split=False, because="toy runs each file in a transaction")
    return Layout((section,), transactional=wrapped, down=((end, len(text)),))


def compose(body, like):
    head = "-- toy" if body.transactional else "-- toy alone"
    return f"{head}\\n{terminated(body.up)}-- toy down\\n{terminated(body.down or ())}"


def unwrap(text):
    return NO_EDIT if text.startswith("-- toy alone") else Edit(0, 6, "-- toy alone")


FRAMEWORK = SqlFiles(
    Convention(
        name="a-toy",
        title="a toy",
        example=EXAMPLE,
        known_by=KnownBy.TEXT,
        recognises=recognises,
        lay_out=lay_out,
        compose=compose,
        unwrap=unwrap,
        marks=("toy",),
        history=HISTORY,
        units=by_number,
    )
)
'''
COMPOSE = TOY[TOY.index("def compose") : TOY.index("def unwrap")]
UNWRAP = TOY[TOY.index("def unwrap") : TOY.index("FRAMEWORK =")]
ALWAYS_WRAPPED = (
    (", outside=OUTSIDE", ""),
    ('not text.startswith("-- toy alone")', "True"),
    (
        TOY[TOY.index("def unwrap") : TOY.index("FRAMEWORK =")],
        'def unwrap(text):\n    return CannotRunOutside("no")\n\n',
    ),
)
REFUSED = COMPOSE.replace(
    "    head =", '    if not body.transactional:\n        return CannotRunOutside("no")\n    head ='
)


def tried(folder: Path, changes: Sequence[tuple[str, str]]) -> Tried:
    """The toy with some of its text replaced, written as a module and added to the frameworks."""
    text = TOY
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "toy.py"
    path.write_text(text)
    spec = spec_from_file_location("toy", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return Tried(module.FRAMEWORK, in_order([module.FRAMEWORK, *FRAMEWORKS]))


OWN_ENDING = (
    ("0002_x.sql", "0002-x.toy.sql"),
    ('path.endswith(".sql")', 'path.endswith(".toy.sql")'),
    ("by_number", "by_digits"),
)


@pytest.mark.parametrize(
    "changes",
    [(), (*ALWAYS_WRAPPED, (COMPOSE, REFUSED)), OWN_ENDING],
    ids=["may leave", "always wraps", "has an ending of its own"],
)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_tool_that_does_right_passes(check: Check, changes: Sequence[tuple[str, str]], tmp_path: Path) -> None:
    check(tried(tmp_path, changes))


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@pytest.mark.parametrize(
    ("changes", "check", "fault"),
    [
        pytest.param(
            [('text.startswith("-- toy")', "True")],
            battery.it_recognises_its_own_files_and_those_of_no_neighbour,
            "a-toy takes the example of",
            id="recognises too much",
        ),
        pytest.param(
            [('text.startswith("-- toy")', '"-- toys" in text')],
            battery.it_recognises_its_own_files_and_those_of_no_neighbour,
            "plain takes the example of a-toy",
            id="does not know its own files",
        ),
        pytest.param(
            [('wrapped = not text.startswith("-- toy alone")', "wrapped = True")],
            battery.its_example_is_read_as_its_tool_runs_it,
            "the example outside one is in one",
            id="forgets that a file is not in a transaction",
        ),
        pytest.param(
            [("-- toy\\nALTER TABLE t ADD COLUMN a int", "-- toy\\nCREATE INDEX CONCURRENTLY a ON t (a)")],
            battery.its_example_is_read_as_its_tool_runs_it,
            "PostgreSQL refuses a statement of the example",
            id="shows CONCURRENTLY in a transaction",
        ),
        pytest.param(
            [('"-- toy" if body.transactional else "-- toy alone"', '"-- toy alone"')],
            battery.what_is_written_reads_back,
            "is written outside a transaction",
            id="writes every file outside a transaction",
        ),
        pytest.param(
            [("transactional=wrapped", "transactional=not wrapped")],
            battery.its_example_is_read_as_its_tool_runs_it,
            "it claims no transaction around statements that run in one",
            id="confuses what runs in a transaction",
        ),
        pytest.param(
            [('"-- toy" if body.transactional else "-- toy alone"', '"-- toy"')],
            battery.a_step_outside_a_transaction_stays_outside,
            "is outside a transaction no longer",
            id="writes every file in a transaction",
        ),
        pytest.param(
            [*ALWAYS_WRAPPED, ('"-- toy" if body.transactional else "-- toy alone"', '"-- toy"')],
            battery.every_rule_can_be_followed,
            "CONCURRENTLY .* is outside a transaction no longer",
            id="writes CONCURRENTLY though its tool always wraps",
        ),
        pytest.param(
            [("terminated(body.up)", "terminated(body.up[:1])")],
            battery.what_is_written_reads_back,
            "what is read is not what was written",
            id="loses a statement",
        ),
        pytest.param(
            [("terminated(body.up)", "''.join(body.up)")],
            battery.what_is_written_reads_back,
            "what is read is not what was written|what is written cannot be read",
            id="runs statements into each other",
        ),
        pytest.param(
            [("down=((end, len(text)),)", "down=()")],
            battery.what_undoes_a_file_is_written_and_found,
            "the down side is not found",
            id="does not find the down side",
        ),
        pytest.param(
            [("terminated(body.down or ())", "terminated(())")],
            battery.what_undoes_a_file_is_written_and_found,
            "what undoes the file is lost",
            id="loses what undoes a file",
        ),
        pytest.param(
            [('"-- toy down" in text else len(text)', '"-- toy down" in text and "\\r" not in text else 0')],
            battery.line_ends_and_a_byte_order_mark_hide_nothing,
            "line ends or a byte order mark hide a statement",
            id="reads nothing of a file with other line ends",
        ),
        pytest.param(
            [('"-- toy down" in text else len(text)', '"-- toy down" in text and "\\r" not in text else 0')],
            battery.a_plan_loses_no_statement,
            "statements of the author's file are not read",
            id="reads nothing of an author's file with other line ends",
        ),
        pytest.param(
            [
                ('text.startswith("-- toy")', 'text.lstrip("\\ufeff").startswith("-- toy")'),
                ("section = Section(0, end", 'section = Section(0, 0 if text.startswith("\\ufeff") else end'),
            ],
            battery.line_ends_and_a_byte_order_mark_hide_nothing,
            "line ends or a byte order mark hide a statement",
            id="reads nothing below a byte order mark",
        ),
        pytest.param(
            [(UNWRAP, "def unwrap(text):\n    return NO_EDIT\n\n\n")],
            battery.a_lone_statement_can_leave_the_transaction,
            "there is no suggestion",
            id="edits nothing though a marker is needed",
        ),
        pytest.param(
            [(UNWRAP, 'def unwrap(text):\n    return CannotRunOutside("no")\n\n\n')],
            battery.a_lone_statement_can_leave_the_transaction,
            "there is no suggestion",
            id="denies an edit that its example shows",
        ),
        pytest.param(
            [(COMPOSE, REFUSED), (UNWRAP, 'def unwrap(text):\n    return CannotRunOutside("no")\n\n\n')],
            battery.a_step_outside_a_transaction_stays_outside,
            "is left to hand, though",
            id="denies a file that its example shows",
        ),
        pytest.param(
            [('path.endswith(".sql")', 'path.endswith("2_x.sql")')],
            battery.further_files_come_after_the_authors_in_the_order_of_the_steps,
            "is recognised as a file of plain",
            id="does not know its further files",
        ),
        pytest.param(
            [("units=by_number", "units=lambda path, text: ()")],
            battery.it_says_how_it_knows_its_migrations,
            "a migration is no unit",
            id="does not say what it knows a migration by",
        ),
        pytest.param(
            [('"It stops."', '""')],
            battery.it_says_how_it_knows_its_migrations,
            "what the tool does is not said",
            id="does not say what becomes of two migrations of one version",
        ),
        pytest.param(
            [('marks=("toy",),', "")],
            battery.a_statement_that_moves_leaves_the_tools_own_comments,
            "is recognised as a file of plain",
            id="does not say which comments are its own",
        ),
    ],
)
def test_a_tool_that_does_wrong_is_found(
    changes: Sequence[tuple[str, str]], check: Check, fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unshrunk = settings(battery.sample(), max_examples=100, phases=[Phase.generate])
    monkeypatch.setattr(battery, "sample", lambda: unshrunk)
    with pytest.raises(AssertionError, match=fault):
        check(tried(tmp_path, changes))
