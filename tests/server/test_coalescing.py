"""Which of the jobs that wait for one pull request is run, and what becomes of the others."""

from bot.review.job import Job, JobKind
from bot.server.jobs.coalescing import WaitingJob, choose

OLD, NEW = "a" * 40, "b" * 40


def waiting(*jobs: tuple[JobKind, str]) -> list[WaitingJob]:
    return [
        WaitingJob(number, Job(kind, 7, 42, "acme/shop", 5, head, delivery=f"d{number}"))
        for number, (kind, head) in enumerate(jobs)
    ]


def chosen(*jobs: tuple[JobKind, str]) -> tuple[int, list[int], list[int]]:
    """The numbers of the job that is run, of those that it answers, and of those whose head was replaced."""
    all_of_them = waiting(*jobs)
    found = choose(all_of_them[0], all_of_them)
    return found.run.seq, [each.seq for each in found.answered], [each.seq for each in found.replaced]


def test_the_newest_push_is_run_and_each_older_head_is_replaced() -> None:
    assert chosen((JobKind.PUSH, OLD), (JobKind.PUSH, OLD), (JobKind.PUSH, NEW)) == (2, [], [0, 1])


def test_pushes_of_one_head_are_one_run() -> None:
    assert chosen((JobKind.PUSH, NEW), (JobKind.PUSH, NEW)) == (1, [0], [])


def test_a_push_answers_reruns_and_repairs_before_and_after_it() -> None:
    assert chosen((JobKind.RERUN, NEW), (JobKind.PUSH, NEW), (JobKind.REPAIR, NEW)) == (1, [0, 2], [])


def test_reruns_are_one_run_the_newest() -> None:
    assert chosen(*[(JobKind.RERUN, NEW)] * 4) == (3, [0, 1, 2], [])


def test_a_command_is_run_by_itself_and_stays_out_of_the_others() -> None:
    assert chosen((JobKind.COMMAND, NEW), (JobKind.PUSH, NEW), (JobKind.COMMAND, NEW)) == (0, [], [])
    assert chosen((JobKind.PUSH, NEW), (JobKind.COMMAND, NEW), (JobKind.RERUN, NEW)) == (0, [2], [])


def test_the_end_of_a_merge_group_answers_its_check() -> None:
    group = Job(JobKind.GROUP, 7, 42, "acme/shop", None, NEW, OLD, delivery="g")
    ended = Job(JobKind.GROUP_ENDED, 7, 42, "acme/shop", None, NEW, delivery="e")
    again = Job(JobKind.RERUN, 7, 42, "acme/shop", None, NEW, delivery="r")
    jobs = [WaitingJob(number, job) for number, job in enumerate((group, ended, again))]
    found = choose(jobs[0], jobs)
    assert (found.run.job, [each.job for each in found.answered]) == (ended, [group])


def test_a_merge_group_that_is_asked_for_again_on_the_same_commit_is_judged() -> None:
    kinds = (JobKind.GROUP, JobKind.GROUP_ENDED, JobKind.GROUP)
    jobs = [Job(kind, 7, 42, "acme/shop", None, NEW, OLD, delivery=f"d{n}") for n, kind in enumerate(kinds)]
    waiting_jobs = [WaitingJob(number, job) for number, job in enumerate(jobs)]
    assert choose(waiting_jobs[0], waiting_jobs).run.seq == 2
