"""One connection as a deploy drives it: what was created, dropped, set and locked so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.core.catalog import Catalog
from bot.core.locks import LockMode
from bot.core.names import Name

if TYPE_CHECKING:
    from bot.core.effects import Effects
    from bot.core.migrations import Statement


@dataclass(frozen=True, slots=True)
class Setting:
    """`value` None: computed at run time. `source` completes "set by ...": "line 3", "the role in the catalog"."""

    value: str | None
    source: str


@dataclass(frozen=True, slots=True)
class Held:
    """A lock held since the statement with this index in the run."""

    relation: Name
    mode: LockMode
    since: int


@dataclass(frozen=True, slots=True)
class Session:
    """The state before a statement; immutable.

    `catalog` is the database as the statements so far have left it; `snapshot` whether it began as a real
    one (False: nothing is known of existing tables). `created`: relations this run made (nobody else uses
    them). `since_commit`: those made in the current transaction. `settings` are the session's (name in lower
    case), `local` those of SET LOCAL. `enum_values`: added in this transaction, so not usable yet.
    """

    catalog: Catalog
    snapshot: bool = True
    transaction: int | None = None
    held: tuple[Held, ...] = ()
    created: frozenset[Name] = frozenset()
    created_in_transaction: frozenset[Name] = frozenset()
    dropped: frozenset[Name] = frozenset()
    settings: Mapping[str, Setting] = field(default_factory=dict)
    local: Mapping[str, Setting] = field(default_factory=dict)
    enum_values: frozenset[tuple[Name, str]] = frozenset()

    @property
    def search_path(self) -> tuple[str, ...]:
        """Schemas in the order PostgreSQL looks in them."""
        raise NotImplementedError

    def setting(self, name: str) -> Setting | None:
        """What is in force for `lock_timeout` and the like; None where nobody said."""
        return self.local.get(name) or self.settings.get(name)

    def seconds(self, name: str) -> float | None:
        """A timeout in force, in seconds: 0 is off, None unknown. Understands PostgreSQL's units."""
        raise NotImplementedError

    def resolve(self, name: Name) -> Name:
        """The qualified name that `name` means here; in the first schema of the search path where none exists."""
        raise NotImplementedError

    @staticmethod
    def begin(catalog: Catalog | None, settings: Mapping[str, Setting] | None = None, major: int = 18) -> "Session":
        """A session as it starts; `catalog` None: nothing is known of existing tables."""
        raise NotImplementedError

    def after(self, statement: "Statement", effects: "Effects", index: int) -> "Session":
        """The session when `statement`, the run's number `index`, has succeeded with `effects`."""
        raise NotImplementedError
