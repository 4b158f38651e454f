"""The further files of each pull request's plan, kept until they are there: a suggestion must lose nothing."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.core.judging.owed import KeptPlan
from bot.review.kept_plans import plan_from_json, plan_to_json
from bot.server.state.storage import StateStore
from bot.server.state.versions import TABLES

_MOST_ROWS = 500
"""Of one repository; of pull requests that were merged those with the lowest numbers go first."""
_LONGEST = 1_000_000
"""Characters of one row."""

_table = sa.Table(
    "migsafe_plans",
    TABLES,
    sa.Column("repository_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("merged", sa.Boolean, nullable=False),
    sa.Column("steps", sa.Text, nullable=False),
    sa.Column("kept_at", sa.Text, nullable=False),
)


class PlanTable:
    """The table in the state. Implements `bot.review.ports.PlanStore`."""

    def __init__(self, state: StateStore) -> None:
        self._state = state

    async def kept_plans(self, repository_id: int) -> Sequence[KeptPlan]:
        """Those of the repository, by number."""
        query = sa.select(_table).where(_table.c.repository_id == repository_id).order_by(_table.c.number)

        def look(connection: sa.Connection) -> list[KeptPlan]:
            return [_read(row) for row in connection.execute(query).mappings()]

        return await self._state.run(look)

    async def keep_plan(self, repository_id: int, plan: KeptPlan) -> bool:
        """Replaces what was kept of the pull request before. False if it is too long: then that stays."""
        written = json.dumps(plan_to_json(plan), ensure_ascii=True, separators=(",", ":"))
        if len(written) > _LONGEST:
            return False
        row = {"merged": plan.merged, "steps": written, "kept_at": datetime.now(UTC).isoformat(timespec="seconds")}

        def keep(connection: sa.Connection) -> None:
            insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
            new = insert(_table).values(repository_id=repository_id, number=plan.number, **row)
            connection.execute(new.on_conflict_do_update(index_elements=["repository_id", "number"], set_=row))
            of = _table.c.repository_id == repository_id
            newest = (
                sa.select(_table.c.number).where(of).order_by(sa.not_(_table.c.merged).desc(), _table.c.number.desc())
            )
            old = [one[0] for one in connection.execute(newest.offset(_MOST_ROWS).limit(_MOST_ROWS))]
            if old:
                connection.execute(sa.delete(_table).where(of, _table.c.number.in_(old)))

        await self._state.run(keep)
        return True

    async def forget_plan(self, repository_id: int, number: int) -> None:
        delete = sa.delete(_table).where(_table.c.repository_id == repository_id, _table.c.number == number)
        await self._state.run(lambda connection: connection.execute(delete))


def _read(row: sa.RowMapping) -> KeptPlan:
    try:
        return plan_from_json(json.loads(row["steps"]), row["number"], merged=row["merged"])
    except (KeyError, TypeError, ValueError):
        # Another release has written it: nothing of it is known.
        return KeptPlan(row["number"], merged=row["merged"])
