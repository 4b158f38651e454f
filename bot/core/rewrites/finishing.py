"""What every plan gets at its end, whoever made it: the timeouts that are asked for here, and the way back."""

from bot.core.judging.findings import SafeRewrite
from bot.core.judging.rule import Moment
from bot.core.rewrites.steps import bounded
from bot.core.rewrites.undo import with_downs


def finished(rewrite: SafeRewrite, moment: Moment) -> SafeRewrite:
    """The plan for the moment's statement with its timeouts, and with what undoes each step."""
    statements = moment.migration.statements
    here = next((at for at, one in enumerate(statements) if one is moment.statement), len(statements))
    later = (operation for one in statements[here + 1 :] for operation in one.operations)
    first = min((moment.index, *rewrite.takes))
    return with_downs(bounded(rewrite, moment), moment.timeline[first].session, later)
