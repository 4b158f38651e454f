"""The files of a plan by the pull request that each belongs to."""

from collections.abc import Iterable, Iterator, Sequence

from bot.core.judging.findings import Finding, StepKind, WrittenFile
from bot.core.judging.order import RANKS
from bot.core.language.messages import joined
from bot.core.record import record, replace
from bot.report.words import listing


@record
class NumberedFile:
    """A file of the plan with its number; `heading` where a pull request begins with it, else ""."""

    number: int
    file: WrittenFile
    heading: str = ""


def in_stages(findings: Iterable[Finding]) -> list[NumberedFile]:
    """Every file of the findings once, as they are deployed; the deploys before a pull request are one step."""
    files = list(dict.fromkeys(file for finding in findings for file in finding.files))
    files.sort(key=lambda file: (file.stage, RANKS[file.kind]))
    numbered = enumerate(_one_deploy_each(files), start=1)
    return list(_headed([NumberedFile(number, file) for number, file in numbered]))


def _one_deploy_each(files: Sequence[WrittenFile]) -> Iterator[WrittenFile]:
    said: set[int] = set()
    for file in files:
        if file.kind is not StepKind.DEPLOY:
            yield file
        elif file.stage not in said:
            said.add(file.stage)
            same = [other for other in files if other.kind is StepKind.DEPLOY and other.stage == file.stage]
            yield replace(file, note=joined(" ", dict.fromkeys(other.note for other in same)))


def _headed(steps: Sequence[NumberedFile]) -> Iterator[NumberedFile]:
    """A deploy stands before the heading of the pull request that it opens."""
    stage = 0
    for step in steps:
        begins = step.file.kind is not StepKind.DEPLOY and step.file.stage != stage
        if begins:
            stage = step.file.stage
        yield replace(step, heading=_heading(stage, steps)) if begins else step


def _heading(stage: int, steps: Sequence[NumberedFile]) -> str:
    if stage == 1:
        return "In this pull request"
    deploys = [one.number for one in steps if one.file.kind is StepKind.DEPLOY and one.file.stage == stage]
    scripts = [one.number for one in steps if one.file.kind is StepKind.SCRIPT and one.file.stage < stage]
    before = f"the deploy of step {deploys[0]}" if deploys else "all of that"
    if scripts and not deploys:
        before = f"the {'script' if len(scripts) == 1 else 'scripts'} of {_steps(scripts)}"
    return f"In a later pull request, after {before}"


def _steps(numbers: Sequence[int]) -> str:
    return f"step {numbers[0]}" if len(numbers) == 1 else f"steps {listing(map(str, numbers))}"
