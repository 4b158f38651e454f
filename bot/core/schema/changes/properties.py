"""What ALTER TABLE sets on a relation as a whole."""

from dataclasses import replace

from bot.core.language import operations as op
from bot.core.schema.database import Database


def set_property(
    database: Database, operation: op.SetLogged | op.SetReplicaIdentity | op.SetRowSecurity | op.SetOwner | op.SetOfType
) -> None:
    relation = database.relation(operation.relation if isinstance(operation, op.SetOwner) else operation.table)
    if relation is None:
        return
    match operation:
        case op.SetLogged():
            relation = replace(relation, persistence="permanent" if operation.logged else "unlogged")
        case op.SetReplicaIdentity():
            relation = replace(relation, replica_identity=operation.identity)
        case op.SetOfType():
            relation = replace(relation, of_type=operation.type)
        case op.SetOwner():
            relation = replace(relation, owner=operation.owner)
        case op.SetRowSecurity() if operation.state in ("ENABLE", "DISABLE"):
            relation = replace(relation, row_security=operation.state == "ENABLE")
        case _:
            return
    database.put(relation)
