"""Stand-alone forms of ALTER as SQL: RENAME, SET SCHEMA, ALL IN TABLESPACE, ATTACH and DETACH PARTITION."""

from bot.core.language import operations as op
from bot.core.language.names import quote
from bot.sql.writing.alter import altered
from bot.sql.writing.parts import Writers, quote_literal, words
from bot.sql.writing.tables import bound


def rename_relation(rename: op.RenameRelation) -> str:
    return f"{altered(rename.kind, rename.relation, if_exists=rename.if_exists)} RENAME TO {quote(rename.to)}"


def rename_column(rename: op.RenameColumn) -> str:
    head = altered(rename.kind, rename.table, only=rename.only, if_exists=rename.if_exists)
    word = "ATTRIBUTE" if rename.kind == "TYPE" else "COLUMN"
    return f"{head} RENAME {word} {quote(rename.column)} TO {quote(rename.to)}"


def rename_constraint(rename: op.RenameConstraint) -> str:
    head = altered("TABLE", rename.table, only=rename.only, if_exists=rename.if_exists)
    return f"{head} RENAME CONSTRAINT {quote(rename.constraint)} TO {quote(rename.to)}"


def rename_domain_constraint(rename: op.RenameDomainConstraint) -> str:
    return f"ALTER DOMAIN {rename.domain} RENAME CONSTRAINT {quote(rename.constraint)} TO {quote(rename.to)}"


def rename_rule(rename: op.RenameRule) -> str:
    return f"ALTER RULE {quote(rename.rule)} ON {rename.table} RENAME TO {quote(rename.to)}"


def rename_trigger(rename: op.RenameTrigger) -> str:
    return f"ALTER TRIGGER {quote(rename.trigger)} ON {rename.table} RENAME TO {quote(rename.to)}"


def rename_enum_value(rename: op.RenameEnumValue) -> str:
    return f"ALTER TYPE {rename.type} RENAME VALUE {quote_literal(rename.value)} TO {quote_literal(rename.to)}"


def rename_object(rename: op.RenameObject) -> str:
    return f"ALTER {rename.kind} {rename.name} RENAME TO {quote(rename.to)}"


def set_schema(move: op.SetSchema) -> str:
    return f"{altered(move.kind, move.relation, if_exists=move.if_exists)} SET SCHEMA {quote(move.schema)}"


def move_tablespace(move: op.MoveTablespace) -> str:
    return f"ALTER {move.kind} ALL IN TABLESPACE {quote(move.source)} SET TABLESPACE {quote(move.tablespace)}"


def attach(change: op.AttachPartition) -> str:
    head = altered("TABLE", change.table, if_exists=change.if_exists)
    return f"{head} ATTACH PARTITION {change.partition} {bound(change.bound)}"


def attach_index(change: op.AttachIndexPartition) -> str:
    return f"{altered('INDEX', change.index, if_exists=change.if_exists)} ATTACH PARTITION {change.partition}"


def detach(change: op.DetachPartition) -> str:
    return words(
        f"{altered('TABLE', change.table, if_exists=change.if_exists)} DETACH PARTITION {change.partition}",
        "CONCURRENTLY" if change.concurrently else None,
        "FINALIZE" if change.finalize else None,
    )


WRITERS: Writers = {
    op.RenameRelation: rename_relation,
    op.RenameColumn: rename_column,
    op.RenameConstraint: rename_constraint,
    op.RenameDomainConstraint: rename_domain_constraint,
    op.RenameRule: rename_rule,
    op.RenameTrigger: rename_trigger,
    op.RenameEnumValue: rename_enum_value,
    op.RenameObject: rename_object,
    op.SetSchema: set_schema,
    op.MoveTablespace: move_tablespace,
    op.AttachPartition: attach,
    op.AttachIndexPartition: attach_index,
    op.DetachPartition: detach,
}
