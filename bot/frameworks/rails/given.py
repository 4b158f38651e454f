"""A call of a schema statement as it is given."""

from collections.abc import Mapping

from bot.core.record import record
from bot.frameworks.rails.columns import name_in
from bot.frameworks.static.values import NotStatic, Value


@record
class Given:
    """A call of a schema statement: its arguments, its options, the migration's version."""

    args: tuple[Value, ...]
    options: Mapping[str, Value]
    version: float

    def at(self, position: int, what: str) -> str:
        """A name that must be there; raises NotStatic."""
        if position >= len(self.args):
            raise NotStatic(f"the {what} is missing")
        return name_in(self.args[position], what)

    @property
    def table(self) -> str:
        return self.at(0, "table's name")

    def value(self, position: int) -> Value:
        return self.args[position] if position < len(self.args) else None
