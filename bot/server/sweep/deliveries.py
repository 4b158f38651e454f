"""Asks GitHub for failed deliveries again: it does not send them by itself."""

from collections import Counter, OrderedDict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from bot.review.remembered import HeadStore
from bot.runtime import metrics

KEPT_DAYS = 3
"""How long GitHub keeps a delivery, and can send it again."""
_MARK = "deliveries"
_AGAIN = timedelta(minutes=15)
"""How far a look reaches back before the last one, for what GitHub lists late."""
_MOST = 5
"""How often one delivery is asked for."""
_REMEMBERED = 10_000


class FailedDelivery(Protocol):
    """A failed attempt; `guid` is the delivery's own."""

    @property
    def id(self) -> int: ...

    @property
    def guid(self) -> str: ...


class Deliveries(Protocol):
    """The App's deliveries, as GitHub keeps them."""

    async def failed_deliveries(self, since: datetime) -> Sequence[FailedDelivery]: ...

    async def redeliver(self, delivery_id: int) -> None: ...


class Redelivery:
    """Remembers how often it asked for each. The same GUID makes a second arrival harmless."""

    def __init__(self, github: Deliveries, heads: HeadStore) -> None:
        self.github = github
        self.heads = heads
        self._asked: OrderedDict[str, int] = OrderedDict()

    async def ask_again(self, now: float, done: Counter[str]) -> None:
        """Asks for those that failed since the last look, which is marked only when all were asked for.

        The oldest first, as they came: of two pushes, the later one is then judged last.
        """
        failed = await self.github.failed_deliveries(await self._since(now))
        for delivery in sorted(failed, key=lambda each: each.id):
            asked = self._asked.pop(delivery.guid, 0)
            self._asked[delivery.guid] = min(asked + 1, _MOST)
            if asked >= _MOST:
                continue
            await self.github.redeliver(delivery.id)
            done["deliveries asked for again"] += 1
            metrics.redeliveries.inc()
        while len(self._asked) > _REMEMBERED:
            self._asked.popitem(last=False)
        await self.heads.set_mark(_MARK, str(now))

    async def _since(self, now: float) -> datetime:
        oldest = datetime.fromtimestamp(now, UTC) - timedelta(days=KEPT_DAYS)
        mark = await self.heads.mark(_MARK)
        return max(oldest, datetime.fromtimestamp(float(mark), UTC) - _AGAIN) if mark else oldest
