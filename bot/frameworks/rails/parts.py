"""What a call sends, in parts: statements with the transaction they run in."""

from collections.abc import Iterable

from bot.core.record import record
from bot.frameworks.rails.columns import Sent


@record
class Part:
    """One statement. `ends`: the transaction around the migration is committed before it. `together`: parts next to
    each other that have it run in one transaction of their own, where none is open."""

    sent: Sent
    ends: bool = False
    together: bool = False


def parts(sent: Iterable[Sent]) -> list[Part]:
    """Statements as they come, in whatever transaction there is."""
    return [Part(one) for one in sent]
