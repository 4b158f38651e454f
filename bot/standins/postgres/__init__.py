"""A PostgreSQL of our own for the demo and the tests: started in a folder of its own, and removed without a trace.

`installation` finds the binaries, `processes` runs them as a permitted user, `folders` has what they write and cleans
up after killed runs, `server` starts a primary or a standby. It knows PostgreSQL's programs and nothing of the App.
Absent on purpose: TCP, passwords, and any setting but PostgreSQL's own.
"""

from bot.standins.postgres.folders import sweep
from bot.standins.postgres.installation import PostgresError, packaged_installation
from bot.standins.postgres.server import SUPERUSER, Server, standby_of, start

__all__ = ["SUPERUSER", "PostgresError", "Server", "packaged_installation", "standby_of", "start", "sweep"]
