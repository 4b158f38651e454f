"""What is wrong on the stand-in: heads without their verdict, what is lost, doubled or still pending."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bot.standins.github.model import CheckRun
from bot.standins.github.protection import PASSING, newest
from tests.harness.people import Head, People, Said

Kind = Literal["lost", "doubled", "pending", "wrong"]
KINDS: tuple[Kind, ...] = ("lost", "doubled", "pending", "wrong")
_ANSWER = re.compile(r"<!-- migsafe:([^>]*answer-issue-(\d+)[^>]*) -->")
_FINDING = re.compile(r"<!-- migsafe:(?:v\d+:)?([0-9a-f]{8,}) -->")


@dataclass(frozen=True, slots=True)
class Problem:
    kind: Kind
    what: str
    about: str
    """What the story says of it: a short commit or a comment."""


def problems(people: People) -> list[Problem]:
    """Everything that is not as it must be once the App has had the time to end its work."""
    found = [problem for head in people.heads.values() for problem in _of_head(people, head)]
    found += [problem for said in people.said for problem in _of_command(people, said)]
    return found + list(_of_findings(people))


def _of_head(people: People, head: Head) -> Iterator[Problem]:
    github, name = people.github, f"{head.repository.owner.login} {head.sha[:7]}"
    runs = github.check_runs_of(head.sha)
    shown = ", ".join(_shown(run) for run in sorted(runs, key=lambda run: run.id)) or "no run"
    for run in runs:
        if run.status != "completed":
            yield Problem("pending", f"{name}: run {run.id} is {run.status} ({shown})", head.sha[:7])
    counts = newest(runs)
    current = not head.destroyed if head.pull is None else head.pull.state == "open" and head.pull.head_sha == head.sha
    if not current:
        if counts is not None and counts.conclusion in PASSING and head.verdict != "success":
            yield Problem("wrong", f"{name}: a head of the past passes with a danger ({shown})", head.sha[:7])
        if any(run.conclusion == "neutral" for run in runs):
            yield Problem("wrong", f"{name}: a head of the past is neutral ({shown})", head.sha[:7])
        return
    if counts is None:
        yield Problem("lost", f"{name}: no check", head.sha[:7])
    elif counts.status == "completed" and counts.conclusion != head.verdict:
        yield Problem("wrong", f"{name}: {head.verdict} expected ({shown})", head.sha[:7])


def _of_command(people: People, said: Said) -> Iterator[Problem]:
    answers = [
        comment
        for comment in people.github.comments_of(said.pull)
        if comment.author is people.github.bot and f"answer-issue-{said.comment}" in comment.body
    ]
    about = f"{said.pull.repository.owner.login}#{said.pull.number}"
    if len(answers) > 1:
        yield Problem("doubled", f"{about}: {len(answers)} answers to {said.text}", about)
    if not answers and said.pull.state == "open":
        yield Problem("lost", f"{about}: no answer to {said.text}", about)


def _of_findings(people: People) -> Iterator[Problem]:
    for pull in people.github.pulls:
        about = f"{pull.repository.owner.login}#{pull.number}"
        comments = [
            each
            for each in people.github.review_comments_of(pull)
            if each.author is people.github.bot and not each.minimized
        ]
        marks = Counter((each.path, *_FINDING.findall(each.body)) for each in comments)
        for mark, count in marks.items():
            if count > 1:
                yield Problem("doubled", f"{about}: a finding is commented {count} times ({mark[0]})", about)
        said = Counter((review.commit_id, review.body) for review in people.github.reviews_of(pull))
        for (commit, body), count in said.items():
            if count > 1 and body:
                yield Problem("doubled", f"{about}: {count} equal reviews on {commit[:7]}", commit[:7])
        if pull.state == "open":
            head = people.head(pull)
            if head.content == "unsafe" and not head.accepted and not marks:
                yield Problem("lost", f"{about}: the finding has no comment", about)


def _shown(run: CheckRun) -> str:
    return f"{run.id} {run.conclusion or run.status} {run.title!r}"
