"""A unit of the App's work: ids only, because everything else is read again from GitHub when it is done."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Job:
    """Ids only: everything else is read again from GitHub. `kind` is push, command, rerun, group or repair."""

    kind: str
    installation: int
    repository_id: int
    repository: str
    number: int | None = None
    head_sha: str | None = None
    base_sha: str | None = None
    comment: int | None = None
    comment_kind: str | None = None
    delivery: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """`{kind}:{repository id}:{pull or sha}:{delivery}`: the same delivery is the same job."""
        return f"{self.kind}:{self.subject}:{self.delivery}"

    @property
    def subject(self) -> str:
        """What only one job at a time may work on: a pull request, or the commit of a merge group."""
        return f"{self.repository_id}:{self.number if self.number is not None else self.head_sha}"
