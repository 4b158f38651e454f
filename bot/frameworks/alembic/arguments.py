"""The arguments of a directive, in a batch or outside one."""

from collections.abc import Mapping, Sequence

from bot.core.language.names import Name
from bot.core.record import record
from bot.frameworks.alembic.columns import name_of
from bot.frameworks.static.values import Value

_ABSENT = object()


@record
class Arguments:
    """The arguments of a directive; inside a batch, `table` and `schema` are the batch's."""

    args: Sequence[Value]
    kwargs: Mapping[str, Value]
    table: Value = _ABSENT
    schema: Value = None

    def take(self, position: int, *names: str, default: Value = None) -> Value:
        if position < len(self.args):
            return self.args[position]
        return next((self.kwargs[name] for name in names if name in self.kwargs), default)

    @property
    def in_batch(self) -> bool:
        return self.table is not _ABSENT

    def target(self, position: int) -> Name:
        """The table, at this position unless a batch gives it."""
        if self.in_batch:
            return name_of(self.table, self.schema)
        return name_of(self.take(position, "table_name", "source_table"), self.kwargs.get("schema"))

    def after_table(self, position: int) -> int:
        """The position of an argument that follows the table's where there is no batch."""
        return position - 1 if self.in_batch else position
