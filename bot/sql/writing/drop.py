"""DROP of every kind as SQL."""

from bot.core.language import operations as op
from bot.core.language.names import quote
from bot.sql.writing.parts import Writers, identifiers, names, unkept, words

_Drop = (
    op.DropTable
    | op.DropView
    | op.DropType
    | op.DropSequence
    | op.DropFunction
    | op.DropSchema
    | op.DropExtension
    | op.DropObject
    | op.DropTrigger
    | op.DropRule
    | op.DropIndex
)


def _dropped(kind: str, targets: str, drop: _Drop) -> str:
    if_exists = "IF EXISTS" if drop.if_exists else None
    return words(f"DROP {kind}", if_exists, targets, "CASCADE" if drop.cascade else None)


def table(drop: op.DropTable) -> str:
    return _dropped("TABLE", names(drop.tables), drop)


def index(drop: op.DropIndex) -> str:
    return _dropped("INDEX CONCURRENTLY" if drop.concurrently else "INDEX", names(drop.indexes), drop)


def view(drop: op.DropView) -> str:
    return _dropped("MATERIALIZED VIEW" if drop.materialized else "VIEW", names(drop.views), drop)


def data_type(drop: op.DropType) -> str:
    return _dropped("DOMAIN" if drop.domain else "TYPE", names(drop.types), drop)


def sequence(drop: op.DropSequence) -> str:
    return _dropped("SEQUENCE", names(drop.sequences), drop)


def function(drop: op.DropFunction) -> str:
    return _dropped(drop.kind, names(drop.functions), drop)


def schema(drop: op.DropSchema) -> str:
    return _dropped("SCHEMA", identifiers(drop.schemas), drop)


def extension(drop: op.DropExtension) -> str:
    return _dropped("EXTENSION", identifiers(drop.extensions), drop)


def other(drop: op.DropObject) -> str:
    return _dropped(drop.kind, ", ".join(drop.names), drop)


def trigger(drop: op.DropTrigger) -> str:
    return _dropped("TRIGGER", f"{quote(drop.trigger)} ON {drop.table}", drop)


def rule(drop: op.DropRule) -> str:
    return _dropped("RULE", f"{quote(drop.rule)} ON {drop.table}", drop)


def policy(drop: op.DropPolicy) -> str:
    if_exists = "IF EXISTS" if drop.if_exists else None
    return words("DROP POLICY", if_exists, f"{quote(drop.policy)} ON {drop.table}")


def owned(drop: op.OwnedBy) -> str:
    """DROP OWNED BY; the new owner of REASSIGN OWNED BY is not kept."""
    if drop.action != "DROP":
        raise unkept(drop)
    return words(f"DROP OWNED BY {identifiers(drop.roles)}", "CASCADE" if drop.cascade else None)


WRITERS: Writers = {
    op.DropTable: table,
    op.DropIndex: index,
    op.DropView: view,
    op.DropType: data_type,
    op.DropSequence: sequence,
    op.DropFunction: function,
    op.DropSchema: schema,
    op.DropExtension: extension,
    op.DropObject: other,
    op.DropTrigger: trigger,
    op.DropRule: rule,
    op.DropPolicy: policy,
    op.OwnedBy: owned,
}
