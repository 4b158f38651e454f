"""What can prevent a review; each kind of error has its own effect on the check.

HubError                GitHub did not answer, or refused; `retry_after` says whether waiting may help
├── NoAccess            the installation is suspended
│   └── NotInstalled    the App was uninstalled, or the repository taken from it
├── MissingPermission   the installation lacks a permission
└── TooLarge            an answer beyond what the App reads; waiting does not help
ReplicaError            the replica could not be read: the review goes on without its catalog
ConfigError             the repository's configuration cannot be read: the check shows the line
LimitError              reading the files hit a limit: the review goes on without the largest
├── TimedOut            it took too long
├── OutOfMemory         it needed too much memory
└── Crashed             the function raised, or the child died
OtherDatabaseError      the migrations are not for PostgreSQL: the check passes and says so

Each message can be shown to a user. Here and in the other rooms the root of a tree ends in Error, and a branch says
what happened. The branches of HubError are in `bot.github.errors`.
"""

from bot.core.record import record


class HubError(Exception):
    """GitHub did not answer, or refused. `retry_after` is in seconds, None if waiting does not help."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NoAccess(HubError):
    """The App may see nothing there any more: it was uninstalled or suspended, or the repository was taken from it."""


class NotInstalled(NoAccess):
    """It was uninstalled, or the repository was taken from it: unlike a suspended one, it does not come back."""


class MissingPermission(HubError):
    """`permission` is what GitHub says would be enough (`pull_requests=write`), "" if it does not say."""

    def __init__(self, message: str, permission: str = "") -> None:
        super().__init__(message)
        self.permission = permission

    @property
    def named(self) -> str:
        """As the App's settings name it: `contents: read`."""
        return self.permission.partition(";")[0].replace("=", ": ") or "that this needs"


class TooLarge(HubError):
    """An answer beyond what the App reads, such as a file of more than 10 MB; waiting does not help."""


class ReplicaError(Exception):
    """The replica could not be read; the message says why, without secrets."""


@record
class Problem:
    """What is wrong at one place of a configuration; `line` is 1-based."""

    line: int
    message: str


class ConfigError(Exception):
    """Everything that is wrong in the file; `line` is the first problem's."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(f"line {problem.line}: {problem.message}" for problem in problems))
        self.problems = problems
        self.line = problems[0].line


class LimitError(Exception):
    """Reading hostile text hit a limit of its child process; the message says which."""


class TimedOut(LimitError):
    """It took too long."""


class OutOfMemory(LimitError):
    """It needed too much memory."""


class Crashed(LimitError):
    """The function raised, or the child died."""


class OtherDatabaseError(Exception):
    """The migrations are for another database; the message says how that is known."""
