"""What is known of a commit's check: which jobs judge it, and the verdict, which must not be lost."""

from dataclasses import dataclass

from bot.report.shapes import CheckOutput
from bot.review.job import Checked, Job

_JOBS = 20
"""How many jobs of a commit are remembered."""


@dataclass(frozen=True, slots=True)
class KeptVerdict:
    """A pull request's head or a merge group's, with its verdict as soon as there is one. Kept in the state."""

    checked: Checked
    installation: int
    repository: str
    """owner/name, as the last job knew it."""
    jobs: tuple[str, ...] = ()
    """The ids of the jobs that were to judge it, oldest first."""
    judged_by: str = ""
    """The id of the job that reached `output`."""
    output: CheckOutput | None = None
    """The last verdict, even if a later job is to judge again."""
    digest: str = ""
    """Of the files that were judged, see `bot.review.heads.digest_of`."""
    check_run: int | None = None
    """The run that was started for it, or carries it."""
    partial: bool = False
    """Whether not all files could be judged, and a danger is known already."""
    written: bool = False
    """Whether the verdict of `judged_by` stands on GitHub."""
    seen: bool = False
    """Whether GitHub has shown this commit as the pull request's head since the latest job came."""
    base_ref: str = ""
    """The branch it is proposed to, if that was needed."""
    refused_at: float | None = None
    """When GitHub first refused something that the latest job needs; seconds since the epoch."""
    retired: bool = False
    """Whether the pull request is closed or has another head: then this has no part in the commit's check."""
    begun_at: float = 0.0
    """When the latest job came; seconds since the epoch."""

    @property
    def judged(self) -> bool:
        """Whether the verdict is that of the latest job."""
        return self.output is not None and self.jobs[-1:] == (self.judged_by,)

    def left_to_another(self, job: Job) -> bool:
        """Whether a job that came later has still to judge it, and takes up its check."""
        later = self.jobs[self.jobs.index(job.id) + 1 :] if job.id in self.jobs else ()
        return any(other not in job.answers for other in later) and not (self.judged and self.written)

    def with_job(self, job: Job, at: float) -> "KeptVerdict":
        """As a new job finds it: to be judged again, in a new check run."""
        if job.id in self.jobs:
            return self
        return KeptVerdict(
            self.checked,
            job.installation,
            job.repository,
            jobs=(*self.jobs, job.id)[-_JOBS:],
            judged_by=self.judged_by,
            output=self.output,
            digest=self.digest,
            begun_at=at,
        )
