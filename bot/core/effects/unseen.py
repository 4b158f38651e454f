"""Statements whose text does not show what they do: unread ones, procedures, DO blocks, statements on the whole server.

Sources: https://www.postgresql.org/docs/current/sql-do.html, https://www.postgresql.org/docs/current/sql-call.html;
a command that is refused in a transaction block calls PreventInTransactionBlock (utility.c and the commands it runs).
"""

from bot.core.effects.work import Work
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import Given


def unread(work: Work, operation: op.Unread) -> None:
    work.assume("nothing: this statement was not read ({})", Given(operation.reason))


def refused(work: Work, _: op.NoTransaction) -> None:
    work.refuse_in_transaction()


def do(work: Work, operation: op.Do) -> None:
    """The statements of its body follow it; a COMMIT in the body is allowed only outside a transaction."""
    if operation.commits:
        work.refuse_in_transaction()


def call(work: Work, operation: op.CallFunction) -> None:
    work.assume("{} touches no table that matters here", named.function(operation.function))
