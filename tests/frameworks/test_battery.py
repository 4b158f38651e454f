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
from bot.frameworks.sql_files.bare import lay_out_whole, terminated
from bot.frameworks.sql_files.convention import NO_EDIT, CannotRunOutside, Convention, Edit
from bot.frameworks.sql_files.files import SqlFiles

TEXT = "-- toy\\nALTER TABLE t ADD COLUMN a int;\\n\\nALTER TABLE t ADD COLUMN b int;\\n"
OUTSIDE = "-- toy alone\\nCREATE INDEX CONCURRENTLY i ON t (a);\\n"
EXAMPLE = Example(path="toys/0002_x.sql", text=TEXT, outside=OUTSIDE)


def recognises(path, text):
    return path.endswith(".sql") and text.startswith("-- toy")


def lay_out(source, files):
    wrapped = not source.text.startswith("-- toy alone")
    return lay_out_whole(source, wrapped=wrapped, split=False, because="toy runs each file in a transaction")


def compose(body, like):
    head = "-- toy" if body.transactional else "-- toy alone"
    return f"{head}\\n{terminated(body.up)}"


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
    )
)
'''
COMPOSE = TOY[TOY.index("def compose") : TOY.index("def unwrap")]
UNWRAP = TOY[TOY.index("def unwrap") : TOY.index("FRAMEWORK =")]
ALWAYS_WRAPPED = (
    (", outside=OUTSIDE", ""),
    ('not source.text.startswith("-- toy alone")', "True"),
    (
        TOY[TOY.index("def unwrap") : TOY.index("FRAMEWORK =")],
        'def unwrap(text):\n    return CannotRunOutside("no")\n\n',
    ),
)
REFUSED = (
    'def compose(body, like):\n    return f"-- toy\\n{terminated(body.up)}" if body.transactional else unwrap("")\n\n'
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


@pytest.mark.parametrize("changes", [(), (*ALWAYS_WRAPPED, (COMPOSE, REFUSED))], ids=["may leave", "always wraps"])
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_tool_that_does_right_passes(check: Check, changes: Sequence[tuple[str, str]], tmp_path: Path) -> None:
    check(tried(tmp_path, changes))


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
            [('wrapped = not source.text.startswith("-- toy alone")', "wrapped = True")],
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
            [
                ("    return lay_out_whole(source, wrapped", "    layout = lay_out_whole(source, wrapped"),
                (
                    'toy runs each file in a transaction")',
                    'in one")\n    return replace(layout, transactional=not wrapped)',
                ),
                ("FRAMEWORK =", "from bot.core.record import replace\n\nFRAMEWORK ="),
            ],
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
