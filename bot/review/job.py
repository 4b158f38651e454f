"""A unit of the App's work: ids only, because everything else is read again from GitHub when it is done."""

import re
from collections.abc import Mapping
from dataclasses import field

from bot.core.record import record


@record
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


@record
class Checked:
    """What a check run is about: a pull request's head, or a merge group's (then `base_sha`, and no `number`)."""

    repository_id: int
    head_sha: str
    number: int | None = None
    base_sha: str | None = None

    @property
    def external_id(self) -> str:
        """The note left on the check run, because GitHub does not name the pull request of a fork's check."""
        if self.number is None:
            return f"group:{self.repository_id}:{self.base_sha or ''}:{self.head_sha}"
        return f"pr:{self.repository_id}:{self.number}:{self.head_sha}"


def read_external_id(external_id: str) -> Checked | None:
    """The note on a check run, None where it is not one of ours."""
    if found := _PULL.fullmatch(external_id):
        return Checked(int(found[1]), found[3], number=int(found[2]))
    if found := _GROUP.fullmatch(external_id):
        return Checked(int(found[1]), found[3], base_sha=found[2] or None)
    return None


_PULL = re.compile(r"pr:([0-9]{1,18}):([0-9]{1,18}):([0-9a-f]{40,64})")
_GROUP = re.compile(r"group:([0-9]{1,18}):((?:[0-9a-f]{40,64})?):([0-9a-f]{40,64})")
