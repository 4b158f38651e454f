"""What a repository requires: thresholds, severities, required items. The defaults are those in `severity`."""

from collections.abc import Mapping
from dataclasses import field

from bot.core.judging.findings import Severity
from bot.core.record import record


@record
class Thresholds:
    """Seconds, rows and bytes; blocking for longer than these is a warning or a danger."""

    reads_blocked_warning: float = 1.0
    reads_blocked_danger: float = 5.0
    writes_blocked_warning: float = 5.0
    writes_blocked_danger: float = 30.0
    small_rows: int = 10_000
    small_bytes: int = 10 * 1024 * 1024
    """Below both, blocking is a note."""
    assumed_rows: int = 10_000_000
    """The size assumed for a table of unknown size."""
    long_lock_timeout: float = 10.0
    """Seconds: a lock_timeout above this protects nobody."""


@record
class AcceptPolicy:
    """Who may accept a danger or acknowledge a required item, and how long that holds."""

    permission: str = "write"
    """write, maintain or admin: the least that GitHub must name for the account."""
    users: tuple[str, ...] = ()
    """Logins; where users or teams are named, nobody else may."""
    teams: tuple[str, ...] = ()
    """organisation/slug"""
    author: bool = True
    """Whether who wrote it may accept it without a second person."""
    never: tuple[str, ...] = ()
    """Ids of rules whose dangers nobody may accept."""
    expires: float | None = None
    """Seconds; None: until the statement changes."""


@record
class Policy:
    """`rules` overrides severities by rule id; `require` are checklist ids that must not be open."""

    enabled: bool = True
    migrations: tuple[str, ...] = ()
    start_after: str | None = None
    framework: str | None = None
    transaction: bool | None = None
    postgres: int | None = None
    statement_timeout: float | None = None
    """Seconds; 0 is off; None is not set."""
    lock_timeout: float | None = None
    rewrite_lock_timeout: float = 1.0
    """Seconds: what a step of a safe rewrite waits for a lock that others queue behind; a shorter one in force wins."""
    thresholds: Thresholds = field(default_factory=Thresholds)
    rules: Mapping[str, Severity] = field(default_factory=dict)
    require: tuple[str, ...] = ("statements-read",)
    accept: AcceptPolicy = field(default_factory=AcceptPolicy)
    disclose_sizes: str | None = None
    """exact, bucket or none; None: by the repository's visibility."""
    on_error: str = "action_required"
    """action_required, neutral or fail: what a check concludes whose work could not be done."""
    mode: str = "enforce"
    source: str = "defaults"
    """Its source, in words for the check."""

    @property
    def withholds_sizes(self) -> bool:
        """Whether it says that sizes are not shown exactly; False where the repository's visibility decides."""
        return self.disclose_sizes in ("bucket", "none")
