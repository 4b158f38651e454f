"""A unit of the App's work: ids only, because the worker reads everything else from GitHub again."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal, TypeAlias

Stored: TypeAlias = Literal["accepted", "duplicate"]
"""What the queue did with a job: a delivery that is stored already is a duplicate."""


class JobKind(StrEnum):
    """What asked for a job. The values are in stored ids and in metrics, so an upgrade must not change them."""

    PUSH = "push"
    """A pull request's head or base changed."""
    COMMAND = "command"
    """A person wrote `/migsafe ...`."""
    RERUN = "rerun"
    """A person asked for the check again."""
    GROUP = "group"
    """A merge queue asks about a group of pull requests."""
    GROUP_ENDED = "group-ended"
    """A merge queue merged a group or gave it up: its check is wanted no more."""
    REPAIR = "repair"
    """The sweep found a head without a concluded check."""
    REPOSITORY = "repository"
    """A repository's name, owner or visibility changed: each open pull request gets a job of its own."""
    INSTALLATION = "installation"
    """An installation is new, is back, or may do more: what was missed in its repositories is looked for."""
    GONE = "gone"
    """An installation, or some of its repositories, went: what is kept of them is deleted."""

    @property
    def concludes_check(self) -> bool:
        """Whether a job of this kind judges one commit, and concludes its check."""
        return self in (JobKind.PUSH, JobKind.RERUN, JobKind.GROUP, JobKind.REPAIR)


class CommentKind(StrEnum):
    """Where on a pull request a comment is; GitHub has an API for each place."""

    ISSUE = "issue"
    """In the conversation."""
    REVIEW_COMMENT = "review_comment"
    """In a thread on lines of the diff."""
    REVIEW = "review"
    """The body of a review."""


@dataclass(frozen=True, slots=True)
class Job:
    """Ids only: everything else is read again from GitHub.

    A job about an installation has no repository: `repository_id` is 0 and `repository` "".
    """

    kind: JobKind
    installation: int
    repository_id: int
    repository: str
    number: int | None = None
    head_sha: str | None = None
    base_sha: str | None = None
    comment: int | None = None
    comment_kind: CommentKind | None = None
    delivery: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    """Of a push: `action` is `closed` if the pull request was. Of a merge group: its `head_ref` and `base_ref`, and
    when it ended, the `reason`. Of a repository: the `action`, and `below` if only pull requests below that number
    are left. Of an installation: the ids of the `repositories` that
    are meant, between commas; without them all. Of a command: the `association` of its author with the repository, as
    GitHub calls it, and of one that is gone what `withdrawing.extra_for` says. Of any: what it `answers`."""

    @property
    def answers(self) -> Collection[str]:
        """The ids of other jobs for the same commit that its run answers as well, and that will not run."""
        return self.extra.get("answers", "").split()

    def answering(self, others: Iterable["Job"]) -> "Job":
        """The same job, whose run answers these as well."""
        named = [*self.answers, *(other.id for other in others)]
        return replace(self, extra={**self.extra, "answers": " ".join(named)}) if named else self

    @property
    def id(self) -> str:
        """`{kind}:{repository id}:{pull or sha}:{delivery}`: the same delivery is the same job."""
        return f"{self.kind}:{self.subject}:{self.delivery}"

    @property
    def subject(self) -> str:
        """What only one job at a time may work on: a pull request, the commit of a merge group, the repository, or
        the installation."""
        if self.kind in (JobKind.INSTALLATION, JobKind.GONE):
            return f"installation-{self.installation}"
        part = self.number if self.number is not None else self.head_sha
        return str(self.repository_id) if part is None else f"{self.repository_id}:{part}"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check run is about: a pull request's head, or a merge group's (then `base_sha`, and no `number`)."""

    repository_id: int
    head_sha: str
    number: int | None = None
    base_sha: str | None = None

    @property
    def external_id(self) -> str:
        """The external id for the check run, because GitHub does not name the pull request of a fork's check."""
        if self.number is None:
            return f"group:{self.repository_id}:{self.base_sha or ''}:{self.head_sha}"
        return f"pr:{self.repository_id}:{self.number}:{self.head_sha}"


def read_external_id(external_id: str) -> Checked | None:
    """What a check run's external id names; None if it is not ours."""
    if found := _PULL.fullmatch(external_id):
        return Checked(int(found[1]), found[3], number=int(found[2]))
    if found := _GROUP.fullmatch(external_id):
        return Checked(int(found[1]), found[3], base_sha=found[2] or None)
    return None


_PULL = re.compile(r"pr:([0-9]{1,18}):([0-9]{1,18}):([0-9a-f]{40,64})")
_GROUP = re.compile(r"group:([0-9]{1,18}):((?:[0-9a-f]{40,64})?):([0-9a-f]{40,64})")
