"""A shape of input that can be made as large as one likes, and the way it takes through the product."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.core.judging.allowing import Acceptances
from bot.core.judging.analysis import Analysis
from bot.core.judging.framework import SourceFile
from bot.core.judging.policy import Policy
from bot.core.schema.asked import asked_by
from bot.report import check_run, json_report, plan, runbook, sarif
from bot.report.comment import review
from bot.report.disclosure import Disclosure, Reader
from bot.review.clashes import NOTHING_AROUND, Around
from bot.review.deploy import CandidateFiles, DeployFiles, read_migrations, recognise_migrations
from bot.review.diff import shown_lines
from bot.review.hub import ChangedFile
from bot.review.judge import Case, DatabaseGroup, Sql, judge, judge_sql
from bot.rules import RULES


@dataclass(frozen=True)
class Shape:
    """`make` gives the input of `size` parts; `take` does with it what the App does, and that alone is measured."""

    name: str
    make: Callable[[int], Any]
    take: Callable[[Any], object]
    start: int = 64
    """Parts to begin with."""
    most: int = 1 << 16
    """Parts beyond which the input would be larger than any file that is read."""


def review_file(path: str) -> Callable[[str], object]:
    """Recognises, reads, judges and words a file at this path, as a pull request with it would."""
    return lambda text: review_files([SourceFile(path, text)])


def judged_file(path: str, text: str) -> Analysis:
    return review_files([SourceFile(path, text)])


def review_files(files: Sequence[SourceFile], around: Around = NOTHING_AROUND) -> Analysis:
    analysis = judge_files(files, around)
    word(analysis, files)
    return analysis


def judge_files(files: Sequence[SourceFile], around: Around = NOTHING_AROUND) -> Analysis:
    """What happens in the child."""
    policy = Policy()
    recognised = recognise_migrations(CandidateFiles(tuple(files), policy))
    beside = {file.path: file.text for file in files}
    run = read_migrations(DeployFiles(tuple(files), {}, beside, policy)).run
    asked_by(run)
    paths = frozenset(recognised.paths)
    return judge(Case(run, (DatabaseGroup(paths),), policy, Acceptances({}, {}), (), around=around))


def word(analysis: Analysis, files: Sequence[SourceFile]) -> None:
    """What happens beside the event loop: each page, as shown to those who may see all and nothing."""
    changed = [ChangedFile(file.path, "added", "0" * 40, _added(file.text)) for file in files]
    explained = {rule.id: rule.explanation for rule in RULES}
    for disclosure in (Disclosure.EXACT, Disclosure.NONE):
        check_run.check_output(analysis, disclosure, analysis.undone)
        review(analysis, set(), disclosure, shown_lines(changed), explained)
        plan.plan(analysis, Reader.of(analysis, disclosure))
        runbook.page(analysis, Reader.of(analysis, disclosure))
    json_report.render(analysis)
    sarif.render(analysis, RULES)


def explain(text: str) -> object:
    """What `/migsafe explain SQL` judges."""
    return judge_sql(Sql(text, None))


def _added(text: str) -> str:
    lines = text.split("\n")
    return f"@@ -0,0 +1,{len(lines)} @@\n" + "\n".join(f"+{line}" for line in lines)
