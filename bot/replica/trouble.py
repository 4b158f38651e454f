"""What went wrong with a server, in our own words, because the driver's contain host, user and database."""

import psycopg
from psycopg import errors


class ConnectionLost(psycopg.OperationalError):
    """The connection broke after it was established."""


def reason_of(trouble: psycopg.Error) -> str:
    """What went wrong, without host, user or database."""
    match trouble:
        case errors.QueryCanceled():
            return "a catalog query took longer than its statement_timeout"
        case errors.LockNotAvailable() | errors.SerializationFailure():
            return "a catalog query met a lock or was cancelled by recovery, twice"
        case errors.InsufficientPrivilege():
            return "the role may not read the catalogs it needs (CONNECT should suffice)"
        case ConnectionLost():
            return "the connection was lost, twice"
        case psycopg.ProgrammingError() if trouble.sqlstate is None:
            return "its URL is not one that PostgreSQL understands"
    if isinstance(trouble, psycopg.OperationalError):
        return _not_connected(str(trouble).lower())
    return f"a catalog query failed (SQLSTATE {trouble.sqlstate or 'none'})"


def _not_connected(message: str) -> str:
    for signs, reason in _CONNECTING:
        if any(sign in message for sign in signs):
            return reason
    return "it could not be reached"


_CONNECTING = (
    (("password authentication failed", "no password supplied", "authentication failed"), "it refused the login"),
    (("no pg_hba.conf entry",), "it does not admit connections from here (pg_hba.conf)"),
    (("permission denied for database",), "the role lacks CONNECT on the database"),
    (("does not exist",), "the database or the role does not exist there"),
    (("starting up", "not yet accepting", "shutting down", "in recovery mode"), "it is starting up or shutting down"),
    (("too many clients", "too many connections", "remaining connection slots"), "it has no connection left for us"),
    (("translate host name", "name or service", "getaddrinfo", "resolve"), "its host name is not known here"),
    (("timeout", "timed out"), "it did not answer within 5 s"),
    (("ssl", "certificate"), "TLS with it could not be agreed on"),
    (("refused", "no such file"), "nothing listens there"),
)
