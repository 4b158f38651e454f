"""What the commands print: an analysis in each of its forms, explanations, the list of rules."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

from bot.cli.errors import NotExplained
from bot.core.judging.analysis import Analysis
from bot.core.judging.rule import Rule
from bot.core.language.locks import LockMode
from bot.core.language.migrations import Run

_MANY = 20
"""From this number of deploys on, a terminal shows a progress bar."""


def rendered(analysis: Analysis, form: str, *, colour: bool = False) -> str:
    """The analysis as text, json, sarif or GitHub workflow commands, with a newline at its end."""
    match form:
        case "json":
            from bot.report import json_report

            text = json_report.render(analysis)
        case "sarif":
            from bot import __version__
            from bot.report import sarif

            text = sarif.render(analysis, _rules(), __version__)
        case "github":
            from bot.report import github_annotations

            text = github_annotations.render(analysis)
        case _:
            from bot.report import text as plain_text

            text = plain_text.render(analysis, _styled if colour else None)
    return text if text.endswith("\n") else f"{text}\n"


def explain_topic(topic: str) -> str:
    """A rule, a lock mode or a piece of SQL, explained for a terminal. Raises NotExplained."""
    from bot.report import explain
    from bot.report.disclosure import OWNER
    from bot.review.judge import Sql, judge_sql

    if not topic.strip():
        raise NotExplained("name a rule (`migsafe rules` lists them), a lock mode, or a piece of SQL")
    rules = _rules()
    match explain.resolve(topic, rules):
        case Rule() as rule:
            return explain.to_terminal(explain.explain_rule(rule))
        case LockMode() as mode:
            return explain.to_terminal(explain.explain_lock(mode))
        case str() as sql:
            analysis = judge_sql(Sql(sql, None))
            if analysis is None and (meant := explain.rule_meant(topic, rules)) is not None:
                return explain.to_terminal(explain.explain_rule(meant))
            if analysis is None:
                raise NotExplained(explain.to_terminal(explain.unknown_topic(topic, rules)))
            return explain.to_terminal(explain.explain_statement(analysis, OWNER))


def list_rules(form: str) -> str:
    """Every rule, as text or JSON."""
    from bot.report.rules_reference import as_json, as_text

    return as_json(_rules()) if form == "json" else as_text(_rules())


def write_reference() -> Sequence[Path]:
    """Regenerates the rules reference of the checkout; returns what was written."""
    from bot.report.rules_reference import reference

    path = Path(__file__).parents[1] / "rules" / "README.md"
    path.write_text(reference(_rules()), "utf-8")
    return [path]


def progress(err: TextIO) -> Callable[[Sequence[Run]], Iterable[Run]]:
    """Passes runs through; shows a bar on `err` if there are many and it is a terminal."""
    return lambda runs: _with_bar(runs, err) if len(runs) >= _MANY and err.isatty() else runs


def _with_bar(runs: Sequence[Run], err: TextIO) -> Iterator[Run]:
    from rich.console import Console
    from rich.progress import track

    yield from track(runs, "Analysing", console=Console(file=err), transient=True)


def _styled(role: str, text: str) -> str:
    return f"\033[{_COLOURS[role]}m{text}\033[0m" if role in _COLOURS else text


_COLOURS = {
    "danger": "31;1",
    "blocked": "31;1",
    "warning": "33;1",
    "attention": "33;1",
    "note": "36",
    "safe": "32;1",
    "heading": "1",
    "place": "2",
}


def _rules() -> Sequence[Rule]:
    from bot.rules import RULES

    return RULES
