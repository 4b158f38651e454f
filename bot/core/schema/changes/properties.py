"""What ALTER TABLE and similar statements set on a relation as a whole."""

from bot.core.language import operations as op
from bot.core.record import replace
from bot.core.schema.catalog import Relation, RelationKind
from bot.core.schema.database import TABLES, Database

Property = (
    op.SetLogged
    | op.SetReplicaIdentity
    | op.SetRowSecurity
    | op.SetOwner
    | op.SetOfType
    | op.SetTablespace
    | op.SetAccessMethod
    | op.SetOptions
    | op.SetTrigger
)
MOVED = {"TABLE": TABLES, "MATERIALIZED VIEW": frozenset({RelationKind.MATERIALIZED_VIEW}), "INDEX": frozenset()}
"""The kinds of relations that ALTER kind ALL IN TABLESPACE moves; indexes are not among them."""


def set_property(database: Database, operation: Property) -> None:
    relation = database.relation(operation.subject) if operation.subject is not None else None
    if relation is not None:
        database.put(_with(relation, operation))


def _with(relation: Relation, operation: Property) -> Relation:
    match operation:
        case op.SetLogged():
            return replace(relation, persistence="permanent" if operation.logged else "unlogged")
        case op.SetReplicaIdentity():
            return replace(relation, replica_identity=operation.identity)
        case op.SetOfType():
            return replace(relation, of_type=operation.type)
        case op.SetOwner():
            return replace(relation, owner=operation.owner)
        case op.SetTablespace():
            return replace(relation, tablespace=_tablespace(operation.tablespace))
        case op.SetAccessMethod():
            return replace(relation, access_method=operation.method or "heap")
        case op.SetOptions():
            return replace(relation, options=_options(relation, operation))
        case op.SetTrigger():
            return _with_trigger(relation, operation)
        case op.SetRowSecurity():
            # FORCE and NO FORCE concern the owner only.
            forced = operation.state not in ("ENABLE", "DISABLE")
            return relation if forced else replace(relation, row_security=operation.state == "ENABLE")


def _tablespace(name: str) -> str | None:
    """As in the catalog: None for the database's own."""
    return None if name == "pg_default" else name


def _options(relation: Relation, operation: op.SetOptions) -> tuple[tuple[str, str | None], ...]:
    named = dict(operation.options)
    kept = tuple((name, value) for name, value in relation.options if name not in named)
    return kept if operation.reset else (*kept, *operation.options)


def _with_trigger(relation: Relation, operation: op.SetTrigger) -> Relation:
    """REPLICA triggers fire only on a server that receives replicated rows: a migration never meets them."""
    every = operation.trigger in ("ALL", "USER")
    enabled = operation.state in ("ENABLE", "ENABLE ALWAYS")
    triggers = tuple(
        replace(trigger, enabled=enabled) if every or trigger.name == operation.trigger else trigger
        for trigger in relation.triggers
    )
    return replace(relation, triggers=triggers)


def move_all(database: Database, operation: op.MoveTablespace) -> None:
    for relation in list(database.relations.values()):
        if relation.kind in MOVED[operation.kind] and (relation.tablespace or "pg_default") == operation.source:
            database.put(replace(relation, tablespace=_tablespace(operation.tablespace)))
