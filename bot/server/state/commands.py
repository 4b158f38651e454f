"""The commands that people wrote: how many of late, and what each has changed, so that none is done twice or lost."""

import sqlalchemy as sa

from bot.review.remembered import KeptCommand, Turn
from bot.server.state.storage import StateStore
from bot.server.state.versions import TABLES

_table = sa.Table(
    "migsafe_commands",
    TABLES,
    sa.Column("repository_id", sa.BigInteger, primary_key=True),
    sa.Column("marker", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("at", sa.Float(53), nullable=False),
    sa.Column("turn", sa.Text, nullable=False),
    sa.Column("said", sa.Text, nullable=False),
    sa.Column("answered", sa.Boolean, nullable=False),
    sa.Index("migsafe_commands_author", "repository_id", "number", "author", "at"),
)
REMEMBERED = 30 * 86400.0
"""Seconds; GitHub sends a delivery again for three days."""


class CommandTable:
    """The table in the state. Implements `bot.review.remembered.CommandStore`."""

    def __init__(self, state: StateStore) -> None:
        self._state = state

    async def begin(self, command: KeptCommand, since: float, most: int) -> KeptCommand:
        return await self._state.run(lambda connection: _begin(connection, command, since, most))

    async def first_since(self, command: KeptCommand, since: float) -> float:
        query = sa.select(sa.func.min(_table.c.at)).where(*_lately(command, since), _table.c.turn == Turn.ANSWER)
        return await self._state.run(lambda connection: connection.scalar(query) or command.at, alone=True)

    async def keep(self, command: KeptCommand) -> None:
        values = {"said": command.said, "answered": command.answered}
        update = sa.update(_table).where(*_same(command)).values(values)
        await self._state.run(lambda connection: connection.execute(update), alone=True)


def _begin(connection: sa.Connection, command: KeptCommand, since: float, most: int) -> KeptCommand:
    known = connection.execute(sa.select(_table).where(*_same(command))).mappings().first()
    if known is not None:
        return _read(known)
    lately = sa.select(_table.c.turn).where(*_lately(command, since))
    turns = [Turn(turn) for turn in connection.scalars(lately)]
    turn = Turn.ANSWER
    if turns.count(Turn.ANSWER) >= most:
        turn = Turn.SILENCE if Turn.REFUSAL in turns else Turn.REFUSAL
    connection.execute(sa.delete(_table).where(_table.c.at < command.at - REMEMBERED))
    values = {column.name: getattr(command, column.name) for column in _table.c}
    connection.execute(sa.insert(_table).values({**values, "turn": turn.value}))
    return KeptCommand(command.repository_id, command.number, command.author, command.marker, command.at, turn)


def _same(command: KeptCommand) -> tuple[sa.ColumnElement[bool], ...]:
    return _table.c.repository_id == command.repository_id, _table.c.marker == command.marker


def _lately(command: KeptCommand, since: float) -> tuple[sa.ColumnElement[bool], ...]:
    of = _table.c.repository_id == command.repository_id, _table.c.number == command.number
    return *of, _table.c.author == command.author, _table.c.at > since


def _read(row: sa.RowMapping) -> KeptCommand:
    return KeptCommand(
        row["repository_id"],
        row["number"],
        row["author"],
        row["marker"],
        row["at"],
        Turn(row["turn"]),
        row["said"],
        row["answered"],
    )
