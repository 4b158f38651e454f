"""The version of the state's tables, and the steps from one version to the next.

A release that only adds a table needs no step: missing tables are created. A release that changes a table adds a step,
which older processes must survive while a rolling upgrade runs: add, fill, and only in a later release remove.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

TABLES = sa.MetaData()
"""Every table of the state; each file of this folder adds its own."""

_versions = sa.Table(
    "migsafe_state",
    TABLES,
    sa.Column("version", sa.Integer, primary_key=True),
)


_LOCK = 0x6D696773
"""The advisory lock that one process at a time holds while it changes the tables."""


class NewerState(Exception):
    """A later release has written this state; this one cannot read it."""


@dataclass(frozen=True, slots=True)
class TableUpgrade:
    """What brings the tables from the version before to `version`."""

    version: int
    apply: Callable[[sa.Connection], None]


def _add_standing(connection: sa.Connection) -> None:
    """Who a person was when they accepted: nothing is known of those before."""
    columns = sa.inspect(connection).get_columns("migsafe_acknowledgements")
    if "standing" not in {column["name"] for column in columns}:
        connection.execute(sa.text("ALTER TABLE migsafe_acknowledgements ADD COLUMN standing TEXT"))


UPGRADES: Sequence[TableUpgrade] = (TableUpgrade(2, _add_standing),)
"""In order of their versions, which begin at 2: version 1 is the first release, which wrote no version."""
CURRENT = max((upgrade.version for upgrade in UPGRADES), default=1)


def bring_up_to_date(connection: sa.Connection) -> None:
    """Creates missing tables, applies missing upgrades and writes the version. Raises NewerState.

    Processes that start at the same time do it one after another.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    existed = sa.inspect(connection).has_table("migsafe_acknowledgements")
    TABLES.create_all(connection)
    known = connection.scalar(sa.select(sa.func.max(_versions.c.version)))
    before = known if known is not None else 1 if existed else CURRENT
    if before > CURRENT:
        raise NewerState(f"The state has version {before}, this release of migsafe knows {CURRENT}")
    for upgrade in UPGRADES:
        if upgrade.version > before:
            upgrade.apply(connection)
    if known != CURRENT:
        connection.execute(sa.delete(_versions))
        connection.execute(sa.insert(_versions).values(version=CURRENT))
