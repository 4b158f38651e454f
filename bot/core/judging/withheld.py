"""What a timeout is compared with where readers see only ranges: whoever writes timeouts learns no more by them."""

from bot.core.judging.policy import Policy
from bot.core.language.seconds import RANGES, Estimate
from bot.core.record import replace
from bot.core.schema.session import Session
from bot.core.schema.settings_values import in_seconds

_FASTER, _SLOWER = 0.2, 2.5
"""How far from the likely time most kinds of work may end (the spreads in `bot.core.cost.rates`), as factors."""


def compared(estimate: Estimate, session: Session, policy: Policy) -> Estimate:
    """The estimate to hold against the session's statement_timeout.

    As it is, unless sizes are withheld from those who read the review; then it reaches from end to end of the range
    that is shown of it, and is the same for every size in that range. A timeout of the role, the server or the
    repository's configuration is no stranger's to choose, and work that rests on no figure tells none.
    """
    if not policy.withholds_sizes or not estimate.rests_on:
        return estimate
    role = session.catalog.settings.get("statement_timeout")
    own = (policy.statement_timeout, in_seconds(role[0]) if role is not None and role[0] is not None else None)
    limit = session.seconds("statement_timeout")
    if limit is None or limit in own:
        return estimate
    shortest = max((bound for bound in RANGES if bound <= estimate.likely), default=0.0)
    longest = min((bound for bound in RANGES if bound > estimate.likely), default=float("inf"))
    return replace(estimate, low=shortest * _FASTER, high=longest * _SLOWER)
