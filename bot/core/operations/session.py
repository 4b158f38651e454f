"""Settings, transactions, maintenance, and what is not understood."""

from dataclasses import dataclass

from bot.core.names import Name


@dataclass(frozen=True, slots=True)
class SetSetting:
    """SET, SET LOCAL, RESET (`value` None: back to the default) and SELECT set_config(...).

    `setting` is lower case; `timezone` for SET TIME ZONE; `all` for RESET ALL. `value` is the text without
    quotes, list items joined by ", ". None with `dynamic`: computed at run time.
    """

    setting: str
    value: str | None
    local: bool = False
    dynamic: bool = False


@dataclass(frozen=True, slots=True)
class Begin:
    """BEGIN, START TRANSACTION."""


@dataclass(frozen=True, slots=True)
class Commit:
    """COMMIT, END; `prepared`: PREPARE TRANSACTION, which ends the session's transaction, too."""

    chain: bool = False
    prepared: bool = False


@dataclass(frozen=True, slots=True)
class Rollback:
    """ROLLBACK, ABORT; with `savepoint`, ROLLBACK TO it."""

    savepoint: str | None = None
    chain: bool = False


@dataclass(frozen=True, slots=True)
class Savepoint:
    name: str


@dataclass(frozen=True, slots=True)
class ReleaseSavepoint:
    name: str


@dataclass(frozen=True, slots=True)
class Vacuum:
    tables: tuple[Name, ...] = ()
    full: bool = False
    analyze: bool = False
    truncate: bool = True


@dataclass(frozen=True, slots=True)
class Analyze:
    tables: tuple[Name, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cluster:
    table: Name | None = None
    index: str | None = None


@dataclass(frozen=True, slots=True)
class CallFunction:
    """CALL, or a function called for its effect where no query was read."""

    function: Name
    arguments: int = 0


@dataclass(frozen=True, slots=True)
class NoTransaction:
    """A statement that PostgreSQL refuses in a transaction block and that touches no table of ours:
    CREATE DATABASE, ALTER SYSTEM, CREATE TABLESPACE, CREATE SUBSCRIPTION with a slot, ...; `kind` names it."""

    kind: str


@dataclass(frozen=True, slots=True)
class Harmless:
    """Understood, and of no consequence for tables, rows or the session; `kind` names the statement."""

    kind: str


@dataclass(frozen=True, slots=True)
class Unread:
    """Not understood; it might be anything. `reason` completes "line 14: ..." for the author."""

    reason: str


@dataclass(frozen=True, slots=True)
class Do:
    """A DO block. The static statements in its body follow it as statements of their own (`inside`), what
    is built at run time as `Unread`."""

    language: str = "plpgsql"
    body: str = ""
    commits: bool = False
    """The body itself says COMMIT, so it may run only outside a transaction block."""


SessionOperation = (
    SetSetting
    | Begin
    | Commit
    | Rollback
    | Savepoint
    | ReleaseSavepoint
    | Vacuum
    | Analyze
    | Cluster
    | CallFunction
    | NoTransaction
    | Harmless
    | Unread
    | Do
)
