"""A call of a schema statement: its arguments, and what it sends, part by part."""

from collections.abc import Iterable, Mapping

from bot.core.record import record
from bot.frameworks.rails.columns import name_in
from bot.frameworks.statements.sending import Operations
from bot.frameworks.static.values import NotStatic, Value


@record
class SchemaCall:
    """A call of a schema statement: its arguments, its options, the migration's version."""

    args: tuple[Value, ...]
    options: Mapping[str, Value]
    version: float

    def at(self, position: int, what: str) -> str:
        """A name that must be present; raises NotStatic."""
        if position >= len(self.args):
            raise NotStatic(f"the {what} is missing")
        return name_in(self.args[position], what)

    @property
    def table(self) -> str:
        return self.at(0, "table's name")

    def value(self, position: int) -> Value:
        return self.args[position] if position < len(self.args) else None


@record
class SentPart:
    """One statement. `ends`: the transaction around the migration is committed before it. `together`: parts next to
    each other that have it run in one transaction of their own, where none is open."""

    sent: Operations
    ends: bool = False
    together: bool = False


def parts(sent: Iterable[Operations]) -> list[SentPart]:
    """Statements as they come, in whatever transaction there is."""
    return [SentPart(one) for one in sent]


@record
class Direction:
    """The argument of `reversible`."""
