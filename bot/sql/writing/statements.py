"""Operations as the SQL that does them: `read_statement(write_statement(operations))` gives them back.

Expressions, queries, bounds and definitions are written as their author wrote them; nothing is rendered from a
syntax tree. What an operation does not keep cannot be written: `Unwritable` says what is missing.
"""

import re
from collections.abc import Sequence

from bot.core.language import operations as op
from bot.core.language.names import Name, quote
from bot.sql.text.literals import (
    Unwritable,
    dollar_quote,
    identifiers,
    names,
    parenthesised,
    quote_literal,
    words,
)
from bot.sql.writing.alter import ACTIONS, alter, write_alter
from bot.sql.writing.objects import (
    write_add_enum_value,
    write_alter_composite,
    write_alter_domain,
    write_alter_policy,
    write_alter_publication,
    write_alter_sequence,
    write_comment,
    write_create_domain,
    write_create_function,
    write_create_materialized_view,
    write_create_policy,
    write_create_sequence,
    write_create_statistics,
    write_create_trigger,
    write_create_view,
)
from bot.sql.writing.rows import write_rows
from bot.sql.writing.tables import (
    write_bound,
    write_column,
    write_create_index,
    write_create_table,
    write_create_table_as,
)

__all__ = ["Unwritable", "write_statement"]

_LISTS = frozenset({"search_path", "temp_tablespaces", "datestyle", "local_preload_libraries"})
_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]*\Z")


def write_statement(operations: Sequence[op.Operation]) -> str:
    """One statement, without its semicolon; several operations are the actions of one ALTER TABLE.

    Raises Unwritable where the operations do not hold all that the statement says, or cannot share one.
    """
    actions = [operation for operation in operations if isinstance(operation, ACTIONS)]
    if actions and len(actions) == len(operations):
        return write_alter(actions)
    if len(operations) != 1:
        raise Unwritable("only the actions of one ALTER TABLE share a statement")
    return _single(operations[0])


def _single(operation: op.Operation) -> str:
    for write in (_table, _index_or_partition, _object, _drop, _rename, write_rows, _session):
        text = write(operation)
        if text is not None:
            return text
    raise Unwritable(f"{type(operation).__name__} does not keep what its statement says")


def _table(operation: op.Operation) -> str | None:
    match operation:
        case op.CreateTable():
            return write_create_table(operation)
        case op.CreateTableAs():
            return write_create_table_as(operation)
        case op.SetSchema(relation=relation, schema=schema, kind=kind, if_exists=if_exists):
            return f"{alter(kind, relation, if_exists=if_exists)} SET SCHEMA {quote(schema)}"
        case op.Truncate():
            return words(
                f"TRUNCATE TABLE {_only(operation.tables, operation.only)}",
                "RESTART IDENTITY" if operation.restart_identity else None,
                _cascade(operation.cascade),
            )
        case op.LockTable(tables=tables, mode=mode, nowait=nowait, only=only):
            return words(f"LOCK TABLE {_only(tables, only)} IN {mode.sql} MODE", "NOWAIT" if nowait else None)
        case op.CreateTrigger():
            return write_create_trigger(operation)
        case op.CreatePolicy():
            return write_create_policy(operation)
        case op.AlterPolicy():
            return write_alter_policy(operation)
        case _:
            return None


def _index_or_partition(operation: op.Operation) -> str | None:
    match operation:
        case op.CreateIndex():
            return write_create_index(operation)
        case op.DropIndex():
            return words(
                "DROP INDEX",
                "CONCURRENTLY" if operation.concurrently else None,
                _if_exists(operation.if_exists),
                names(operation.indexes),
                _cascade(operation.cascade),
            )
        case op.Reindex(kind=kind, target=target, name=name, tablespace=tablespace):
            option = f"(TABLESPACE {quote(tablespace)})" if tablespace else None
            what = str(target) if target is not None else quote(name) if name is not None else None
            return words("REINDEX", option, kind, "CONCURRENTLY" if operation.concurrently else None, what)
        case op.AttachPartition(table=table, partition=partition, bound=bound, if_exists=if_exists):
            head = alter("TABLE", table, if_exists=if_exists)
            return f"{head} ATTACH PARTITION {partition} {write_bound(bound)}"
        case op.DetachPartition(table=table, partition=partition):
            return words(
                f"{alter('TABLE', table, if_exists=operation.if_exists)} DETACH PARTITION {partition}",
                "CONCURRENTLY" if operation.concurrently else None,
                "FINALIZE" if operation.finalize else None,
            )
        case op.AttachIndexPartition(index=index, partition=partition, if_exists=if_exists):
            return f"{alter('INDEX', index, if_exists=if_exists)} ATTACH PARTITION {partition}"
        case _:
            return None


def _object(operation: op.Operation) -> str | None:
    match operation:
        case op.CreateView():
            return write_create_view(operation)
        case op.CreateMaterializedView():
            return write_create_materialized_view(operation)
        case op.RefreshMaterializedView(view=view, concurrently=concurrently, with_data=with_data):
            head = words("REFRESH MATERIALIZED VIEW", "CONCURRENTLY" if concurrently else None, str(view))
            return head if with_data else f"{head} WITH NO DATA"
        case op.AlterViewColumnDefault(view=view, column=column, default=default):
            action = "DROP DEFAULT" if default is None else f"SET DEFAULT {default.text}"
            return f"ALTER VIEW {view} ALTER COLUMN {quote(column)} {action}"
        case op.CreateEnum(type=type_, labels=labels):
            return f"CREATE TYPE {type_} AS ENUM ({', '.join(quote_literal(label) for label in labels)})"
        case op.CreateComposite(type=type_, attributes=attributes):
            return f"CREATE TYPE {type_} AS ({', '.join(write_column(attribute) for attribute in attributes)})"
        case op.AddEnumValue():
            return write_add_enum_value(operation)
        case op.AlterComposite():
            return write_alter_composite(operation)
        case op.CreateDomain():
            return write_create_domain(operation)
        case op.AlterDomain():
            return write_alter_domain(operation)
        case op.CreateSequence():
            return write_create_sequence(operation)
        case op.AlterSequence():
            return write_alter_sequence(operation)
        case op.CreateFunction():
            return write_create_function(operation)
        case op.CreateStatistics():
            return write_create_statistics(operation)
        case op.AlterPublication():
            return write_alter_publication(operation)
        case op.CommentOn():
            return write_comment(operation)
        case op.CreateSchema(schema=schema, if_not_exists=if_not_exists):
            return words("CREATE SCHEMA", _if_not_exists(if_not_exists), quote(schema))
        case op.CreateExtension(extension=extension, if_not_exists=if_not_exists, schema=schema):
            where = f"SCHEMA {quote(schema)}" if schema else None
            return words("CREATE EXTENSION", _if_not_exists(if_not_exists), quote(extension), where)
        case _:
            return None


def _drop(operation: op.Operation) -> str | None:
    match operation:
        case op.DropTable(tables=targets):
            return _dropped("TABLE", names(targets), operation)
        case op.DropView(views=targets, materialized=materialized):
            return _dropped("MATERIALIZED VIEW" if materialized else "VIEW", names(targets), operation)
        case op.DropType(types=targets, domain=domain):
            return _dropped("DOMAIN" if domain else "TYPE", names(targets), operation)
        case op.DropSequence(sequences=targets):
            return _dropped("SEQUENCE", names(targets), operation)
        case op.DropFunction(functions=targets, kind=kind):
            return _dropped(kind, names(targets), operation)
        case op.DropSchema(schemas=targets):
            return _dropped("SCHEMA", identifiers(targets), operation)
        case op.DropExtension(extensions=targets):
            return _dropped("EXTENSION", identifiers(targets), operation)
        case op.DropObject(kind=kind, names=targets):
            return _dropped(kind, ", ".join(targets), operation)
        case op.DropTrigger(trigger=trigger, table=table):
            return _dropped("TRIGGER", f"{quote(trigger)} ON {table}", operation)
        case op.DropRule(rule=rule, table=table):
            return _dropped("RULE", f"{quote(rule)} ON {table}", operation)
        case op.DropPolicy(policy=policy, table=table, if_exists=if_exists):
            return words("DROP POLICY", _if_exists(if_exists), f"{quote(policy)} ON {table}")
        case op.OwnedBy(action="DROP", roles=roles, cascade=cascade):
            return words(f"DROP OWNED BY {identifiers(roles)}", _cascade(cascade))
        case _:
            return None


def _rename(operation: op.Operation) -> str | None:
    match operation:
        case op.RenameRelation(relation=relation, to=to, kind=kind, if_exists=if_exists):
            return f"{alter(kind, relation, if_exists=if_exists)} RENAME TO {quote(to)}"
        case op.RenameColumn(table=table, column=column, to=to, kind=kind):
            head = alter(kind, table, only=operation.only, if_exists=operation.if_exists)
            word = "ATTRIBUTE" if kind == "TYPE" else "COLUMN"
            return f"{head} RENAME {word} {quote(column)} TO {quote(to)}"
        case op.RenameConstraint(table=table, constraint=constraint, to=to, domain=domain):
            kind = "DOMAIN" if domain else "TABLE"
            head = alter(kind, table, only=operation.only, if_exists=operation.if_exists)
            return f"{head} RENAME CONSTRAINT {quote(constraint)} TO {quote(to)}"
        case op.RenameTrigger(trigger=trigger, table=table, to=to):
            return f"ALTER TRIGGER {quote(trigger)} ON {table} RENAME TO {quote(to)}"
        case op.RenameEnumValue(type=type_, value=value, to=to):
            return f"ALTER TYPE {type_} RENAME VALUE {quote_literal(value)} TO {quote_literal(to)}"
        case op.RenameObject(kind=kind, name=name, to=to):
            return f"ALTER {kind} {name} RENAME TO {quote(to)}"
        case _:
            return None


def _session(operation: op.Operation) -> str | None:
    match operation:
        case op.SetSetting(dynamic=False):
            return _set(operation)
        case op.Begin():
            return "BEGIN"
        case op.Commit(chain=chain, prepared=False):
            return words("COMMIT", "AND CHAIN" if chain else None)
        case op.Rollback(savepoint=savepoint, chain=chain):
            to = f"TO SAVEPOINT {quote(savepoint)}" if savepoint is not None else None
            return words("ROLLBACK", to, "AND CHAIN" if chain else None)
        case op.Savepoint(name=name):
            return f"SAVEPOINT {quote(name)}"
        case op.ReleaseSavepoint(name=name):
            return f"RELEASE SAVEPOINT {quote(name)}"
        case op.Vacuum():
            options = [
                *(["FULL"] if operation.full else []),
                *(["ANALYZE"] if operation.analyze else []),
                *([] if operation.truncate else ["TRUNCATE false"]),
            ]
            return words("VACUUM", f"({', '.join(options)})" if options else None, names(operation.tables))
        case op.Analyze(tables=tables, columns=columns):
            return words("ANALYZE", names(tables), parenthesised(columns))
        case op.Cluster(table=table, index=index):
            return words("CLUSTER", str(table) if table else None, f"USING {quote(index)}" if index else None)
        case op.CallFunction(function=function, arguments=0):
            return f"CALL {function}()"
        case op.Do(language=language, body=body):
            return words("DO", f"LANGUAGE {quote(language)}" if language != "plpgsql" else None, dollar_quote(body))
        case op.Harmless() | op.Unread() | op.NoTransaction():
            raise Unwritable("the statement's text is not kept")
        case _:
            return None


def _set(setting: op.SetSetting) -> str:
    scope = "LOCAL " if setting.local else ""
    if setting.setting == "all":
        return "RESET ALL"
    name = ".".join(quote(part) for part in setting.setting.split("."))
    if setting.value is None:
        return f"SET LOCAL {name} TO DEFAULT" if setting.local else f"RESET {name}"
    if setting.setting in _LISTS:
        items = [item if _IDENTIFIER.match(item) else quote_literal(item) for item in setting.value.split(", ")]
        return f"SET {scope}{name} = {', '.join(items)}"
    value = setting.value if re.fullmatch(r"-?\d+(\.\d+)?", setting.value) else quote_literal(setting.value)
    return f"SET {scope}{name} = {value}"


def _dropped(
    kind: str,
    targets: str,
    drop: op.DropTable
    | op.DropView
    | op.DropType
    | op.DropSequence
    | op.DropFunction
    | op.DropSchema
    | op.DropExtension
    | op.DropObject
    | op.DropTrigger
    | op.DropRule,
) -> str:
    return words(f"DROP {kind}", _if_exists(drop.if_exists), targets, _cascade(drop.cascade))


def _only(tables: Sequence[Name], only: Sequence[Name]) -> str:
    return ", ".join(f"ONLY {table}" if table in only else str(table) for table in tables)


def _cascade(cascade: bool) -> str | None:
    return "CASCADE" if cascade else None


def _if_exists(if_exists: bool) -> str | None:
    return "IF EXISTS" if if_exists else None


def _if_not_exists(if_not_exists: bool) -> str | None:
    return "IF NOT EXISTS" if if_not_exists else None
