"""Which of the jobs that wait for one pull request is run: what waits at once becomes one run, on the newest head."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.review.job import Job, JobKind


@dataclass(frozen=True, slots=True)
class WaitingJob:
    """`seq` is the order of arrival."""

    seq: int
    job: Job


@dataclass(frozen=True, slots=True)
class Chosen:
    """The job to run, those that its run answers as well, and those whose head another push replaced."""

    run: WaitingJob
    answered: tuple[WaitingJob, ...] = ()
    replaced: tuple[WaitingJob, ...] = ()


def choose(first: WaitingJob, waiting: Sequence[WaitingJob]) -> Chosen:
    """What to run of the jobs that wait in one lane, if it is `first`'s turn.

    The newest push wins: its run reads the head as it is now, as any other would. A command, which somebody waits
    for, and whatever reaches beyond one commit, is run by itself.
    """
    group = _group(first.job)
    if group is None:
        return Chosen(first)
    alike = [each for each in waiting if _group(each.job) == group]
    run = max(alike, key=lambda each: (each.job.kind is JobKind.PUSH, each.seq))
    others = [each for each in alike if each is not run]
    replaced = tuple(each for each in others if each.job.head_sha != run.job.head_sha)
    return Chosen(run, tuple(each for each in others if each not in replaced), replaced)


_OF_A_GROUP = (JobKind.GROUP, JobKind.GROUP_ENDED)


def _group(job: Job) -> str | None:
    """Jobs of one lane and one group are answered by one run."""
    if job.kind in _OF_A_GROUP:
        return "group"
    if job.kind.concludes_check:
        return "pull" if job.number is not None else str(job.kind)
    return None
