"""Settings, transactions, maintenance, and statements that are not understood."""

from bot.core.language.faults import Fault
from bot.core.language.names import FunctionName, NewRelationName, RelationName
from bot.core.language.operations.operation import Mention, Operation, Subject
from bot.core.record import record


@record
class SetSetting(Operation):
    """SET, SET LOCAL, RESET (`value` None: back to the default) and SELECT set_config(...).

    `setting` is lower case; `timezone` for SET TIME ZONE; `all` for RESET ALL. `value` is the text without
    quotes, list items joined by ", ". None with `dynamic`: computed at run time.
    """

    no_effects = "it concerns the session only"
    no_change = "it concerns the session only, which follows it"

    setting: str
    value: str | None
    local: bool = False
    dynamic: bool = False


@record
class Begin(Operation):
    """BEGIN, START TRANSACTION."""

    no_effects = "it concerns the session only"
    no_change = "it concerns the session only, which follows it"


@record
class Commit(Operation):
    """COMMIT, END; `prepared`: PREPARE TRANSACTION, which ends the session's transaction, too."""

    no_effects = "it concerns the session only"
    no_change = "it concerns the session only, which follows it"

    chain: bool = False
    prepared: bool = False


@record
class Rollback(Operation):
    """ROLLBACK, ABORT; with `savepoint`, ROLLBACK TO it."""

    no_effects = "it concerns the session only"
    no_change = "it concerns the session only, which follows it"

    savepoint: str | None = None
    chain: bool = False


@record
class Savepoint(Operation):
    no_effects = "it concerns the session only"
    no_change = "it concerns the session only, which follows it"

    name: str


@record
class ReleaseSavepoint(Operation):
    no_effects = "it concerns the session only"
    no_change = "it concerns the session only, which follows it"

    name: str


@record
class Vacuum(Operation):
    no_change = "it changes files and statistics only"

    tables: Subject[tuple[RelationName, ...]] = ()
    full: bool = False
    analyze: bool = False
    truncate: bool = True


@record
class Analyze(Operation):
    no_change = "it changes files and statistics only"

    tables: Subject[tuple[RelationName, ...]] = ()
    columns: tuple[str, ...] = ()


@record
class Cluster(Operation):
    no_change = "it changes files and statistics only"

    table: Subject[RelationName | None] = None
    index: NewRelationName | None = None


@record
class CallFunction(Operation):
    """CALL, or a function called for its effect where no query was read."""

    no_change = "what the function does is not known"

    function: FunctionName
    arguments: int = 0


@record
class NoTransaction(Operation):
    """A statement that PostgreSQL refuses in a transaction block, and which touches no table of ours:
    CREATE DATABASE, ALTER SYSTEM, CREATE TABLESPACE, CREATE SUBSCRIPTION with a slot, ...; `kind` names it."""

    no_writer = "its text is not kept"

    kind: str
    mentions: tuple[Mention, ...] = ()


@record
class Harmless(Operation):
    """Understood, and of no consequence for tables, rows or the session; `kind` names the statement."""

    no_effects = "its reader knows that it has none"
    no_writer = "its text is not kept"

    kind: str
    mentions: tuple[Mention, ...] = ()


@record
class Unread(Operation):
    """Not understood; it might be anything. `reason` completes "line 14: ..." for the author."""

    no_change = "it is not known"
    no_writer = "its text is not kept"

    reason: str
    fault: str = ""
    """Where migsafe itself failed: the details, for its log."""

    @classmethod
    def of(cls, error: Exception) -> "Unread":
        """A statement at which migsafe itself failed."""
        fault = Fault.of(error)
        return cls(fault.reason, f"{fault.id} {fault.details}")


@record
class Do(Operation):
    """A DO block. The static statements in its body follow it as statements of their own (`inside`), what
    is built at run time as `Unread`."""

    no_change = "the statements of its body follow it"

    language: str = "plpgsql"
    body: str = ""
    commits: bool = False
    """The body itself says COMMIT, so it may run only outside a transaction block."""
