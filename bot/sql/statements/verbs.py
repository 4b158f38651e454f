"""Every statement by its first word: the table that `dispatch` looks statements up in."""

from bot.sql.grammar.rows import row_statement
from bot.sql.statements import maintenance, session
from bot.sql.statements.alter_objects import alter_object
from bot.sql.statements.alter_table import alter_relation
from bot.sql.statements.copy import copy
from bot.sql.statements.create import create
from bot.sql.statements.dispatch import READERS, Operations, statement
from bot.sql.statements.drop import drop
from bot.sql.statements.grants import comment, grant, security_label
from bot.sql.statements.indexes import reindex
from bot.sql.statements.mentions import with_mentions
from bot.sql.text.cursor import Cursor


def complete(c: Cursor) -> Operations:
    """A statement after which nothing may follow. Raises Unreadable."""
    operations = statement(c)
    c.finish()
    return with_mentions(c, operations)


def _alter(c: Cursor) -> Operations:
    c.need("ALTER")
    found = alter_relation(c)
    return found if found is not None else alter_object(c)


READERS.update(
    {
        "ABORT": session.rollback,
        "ALTER": _alter,
        "ANALYSE": maintenance.analyze,
        "ANALYZE": maintenance.analyze,
        "BEGIN": session.begin,
        "CALL": maintenance.call,
        "CHECKPOINT": maintenance.checkpoint,
        "CLOSE": maintenance.close,
        "CLUSTER": maintenance.cluster,
        "COMMENT": comment,
        "COMMIT": session.commit,
        "COPY": copy,
        "CREATE": create,
        "DEALLOCATE": maintenance.deallocate,
        "DECLARE": maintenance.declare,
        "DELETE": row_statement,
        "DISCARD": maintenance.discard,
        "DO": maintenance.do,
        "DROP": drop,
        "END": session.commit,
        "EXECUTE": maintenance.execute,
        "EXPLAIN": maintenance.explain,
        "FETCH": maintenance.fetch,
        "GRANT": grant,
        "IMPORT": maintenance.import_foreign_schema,
        "INSERT": row_statement,
        "LISTEN": maintenance.notify,
        "LOAD": maintenance.load,
        "LOCK": maintenance.lock,
        "MERGE": row_statement,
        "MOVE": maintenance.fetch,
        "NOTIFY": maintenance.notify,
        "PREPARE": maintenance.prepare,
        "REASSIGN": maintenance.reassign,
        "REFRESH": maintenance.refresh,
        "REINDEX": reindex,
        "RELEASE": session.release,
        "RESET": session.reset,
        "REVOKE": grant,
        "ROLLBACK": session.rollback,
        "SAVEPOINT": session.savepoint,
        "SECURITY": security_label,
        "SELECT": row_statement,
        "SET": session.set_statement,
        "SHOW": session.show,
        "START": session.begin,
        "TABLE": row_statement,
        "TRUNCATE": maintenance.truncate,
        "UNLISTEN": maintenance.notify,
        "UPDATE": row_statement,
        "VACUUM": maintenance.vacuum,
        "VALUES": row_statement,
        "WITH": row_statement,
        "(": row_statement,
    }
)
