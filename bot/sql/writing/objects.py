"""Views, types, domains, sequences, functions, triggers and policies as SQL."""

from bot.core.language import operations as op
from bot.core.language.names import quote
from bot.sql.writing.parts import (
    Unwritable,
    Writers,
    dollar_quote,
    identifiers,
    names,
    parameters,
    quote_literal,
    role,
    unkept,
    words,
)
from bot.sql.writing.tables import column_definition, constraint_definition


def create_view(view: op.CreateView) -> str:
    head = words(
        "CREATE",
        "OR REPLACE" if view.or_replace else None,
        "TEMPORARY" if view.temporary else None,
        "RECURSIVE" if view.recursive else None,
        f"VIEW {view.view}",
        f"({identifiers(view.columns)})" if view.columns else None,
        f"WITH {parameters(view.options)}" if view.options else None,
    )
    if view.recursive and not view.columns:
        raise Unwritable("the column list of a recursive view is not kept")
    check = f"\nWITH {view.check_option} CHECK OPTION" if view.check_option else ""
    return f"{head} AS\n{view.query.text}{check}"


def grant(privileges: op.Grant) -> str:
    """As its author wrote it."""
    if not privileges.definition:
        raise unkept(privileges)
    return _without_semicolon(privileges.definition)


def create_materialized_view(view: op.CreateMaterializedView) -> str:
    head = words("CREATE MATERIALIZED VIEW", "IF NOT EXISTS" if view.if_not_exists else None, str(view.view))
    return words(f"{head} AS\n{view.query.text}", None if view.with_data else "WITH NO DATA")


def add_enum_value(change: op.AddEnumValue) -> str:
    return words(
        f"ALTER TYPE {change.type} ADD VALUE",
        "IF NOT EXISTS" if change.if_not_exists else None,
        quote_literal(change.value),
        f"BEFORE {quote_literal(change.before)}" if change.before is not None else None,
        f"AFTER {quote_literal(change.after)}" if change.after is not None else None,
    )


def alter_composite(change: op.AlterComposite) -> str:
    return words(
        f"ALTER TYPE {change.type} {change.action} ATTRIBUTE {quote(change.attribute)}",
        None if change.data_type is None else f"TYPE {change.data_type}" if change.action == "ALTER" else None,
        str(change.data_type) if change.data_type is not None and change.action == "ADD" else None,
        "CASCADE" if change.cascade else None,
    )


def alter_view_default(change: op.AlterViewColumnDefault) -> str:
    action = "DROP DEFAULT" if change.default is None else f"SET DEFAULT {change.default.text}"
    return f"ALTER VIEW {change.view} ALTER COLUMN {quote(change.column)} {action}"


def refresh(refreshed: op.RefreshMaterializedView) -> str:
    return words(
        "REFRESH MATERIALIZED VIEW",
        "CONCURRENTLY" if refreshed.concurrently else None,
        str(refreshed.view),
        None if refreshed.with_data else "WITH NO DATA",
    )


def create_enum(enum: op.CreateEnum) -> str:
    return f"CREATE TYPE {enum.type} AS ENUM ({', '.join(quote_literal(label) for label in enum.labels)})"


def create_composite(composite: op.CreateComposite) -> str:
    attributes = ", ".join(map(column_definition, composite.attributes))
    return f"CREATE TYPE {composite.type} AS ({attributes})"


def create_domain(domain: op.CreateDomain) -> str:
    return words(
        f"CREATE DOMAIN {domain.domain} AS {domain.type}",
        f"COLLATE {domain.collation}" if domain.collation else None,
        f"DEFAULT {domain.default.text}" if domain.default else None,
        "NOT NULL" if domain.not_null else None,
        *(constraint_definition(check) for check in domain.checks),
    )


def alter_domain(change: op.AlterDomain) -> str:
    return f"ALTER DOMAIN {change.domain} {_domain_action(change)}"


def create_sequence(sequence: op.CreateSequence) -> str:
    return words(
        "CREATE",
        "TEMPORARY" if sequence.temporary else None,
        "SEQUENCE",
        "IF NOT EXISTS" if sequence.if_not_exists else None,
        str(sequence.sequence),
        sequence.options,
        _owned_by(sequence),
    )


def alter_sequence(sequence: op.AlterSequence) -> str:
    return words(
        "ALTER SEQUENCE",
        "IF EXISTS" if sequence.if_exists else None,
        str(sequence.sequence),
        sequence.options,
        _owned_by(sequence),
    )


def create_function(function: op.CreateFunction) -> str:
    """As its author wrote it, else from its parts, which say everything only where there are no parameters."""
    if function.definition:
        return _without_semicolon(function.definition)
    if function.arguments:
        raise Unwritable(f"the parameters of {function.function} are not kept")
    if not function.body:
        raise Unwritable(f"the body of {function.function} is not kept")
    head = words(
        "CREATE",
        "OR REPLACE" if function.or_replace else None,
        "PROCEDURE" if function.procedure else "FUNCTION",
        f"{function.function}()",
        f"RETURNS {function.returns}" if function.returns else None,
    )
    about = words(
        f"LANGUAGE {quote(function.language)}",
        None if function.procedure or function.volatility == "VOLATILE" else function.volatility,
        *(f"SET {setting} = {_setting(value)}" for setting, value in function.settings),
    )
    body = function.body if function.body.startswith("\n") else f"\n{function.body}"
    return f"{head}\n{about}\nAS {dollar_quote(body if body.endswith(chr(10)) else body + chr(10))}"


def create_trigger(trigger: op.CreateTrigger) -> str:
    """As its author wrote it, else from its parts."""
    if trigger.definition:
        return _without_semicolon(trigger.definition)
    events = " OR ".join(
        f"UPDATE OF {identifiers(trigger.columns)}" if event == "UPDATE" and trigger.columns else event
        for event in trigger.events
    )
    head = words(
        "CREATE",
        "OR REPLACE" if trigger.or_replace else None,
        "CONSTRAINT" if trigger.constraint else None,
        f"TRIGGER {quote(trigger.trigger)}",
    )
    arguments = ", ".join(quote_literal(argument) for argument in trigger.arguments)
    lines = [
        head,
        f"{trigger.timing} {events} ON {trigger.table}",
        f"FROM {trigger.from_table}" if trigger.from_table else "",
        f"FOR EACH {'ROW' if trigger.for_each_row else 'STATEMENT'}",
        f"WHEN ({trigger.when.text})" if trigger.when else "",
        f"EXECUTE FUNCTION {trigger.function}({arguments})",
    ]
    return "\n    ".join(line for line in lines if line)


def create_policy(policy: op.CreatePolicy) -> str:
    lines = [
        f"CREATE POLICY {quote(policy.policy)} ON {policy.table}",
        "" if policy.permissive else "AS RESTRICTIVE",
        "" if policy.command == "ALL" else f"FOR {policy.command}",
        f"TO {', '.join(role(name) for name in policy.roles)}" if policy.roles else "",
        f"USING ({policy.using.text})" if policy.using else "",
        f"WITH CHECK ({policy.with_check.text})" if policy.with_check else "",
    ]
    return "\n    ".join(line for line in lines if line)


def alter_policy(policy: op.AlterPolicy) -> str:
    head = f"ALTER POLICY {quote(policy.policy)} ON {policy.table}"
    if policy.rename_to is not None:
        return f"{head} RENAME TO {quote(policy.rename_to)}"
    return words(
        head,
        f"USING ({policy.using.text})" if policy.using else None,
        f"WITH CHECK ({policy.with_check.text})" if policy.with_check else None,
    )


def create_schema(schema: op.CreateSchema) -> str:
    return words("CREATE SCHEMA", "IF NOT EXISTS" if schema.if_not_exists else None, quote(schema.schema))


def create_extension(extension: op.CreateExtension) -> str:
    return words(
        "CREATE EXTENSION",
        "IF NOT EXISTS" if extension.if_not_exists else None,
        quote(extension.extension),
        f"SCHEMA {quote(extension.schema)}" if extension.schema else None,
    )


def create_statistics(statistics: op.CreateStatistics) -> str:
    return words(
        "CREATE STATISTICS",
        "IF NOT EXISTS" if statistics.if_not_exists else None,
        str(statistics.statistics) if statistics.statistics else None,
        f"ON {identifiers(statistics.columns)} FROM {statistics.table}",
    )


def alter_publication(publication: op.AlterPublication) -> str:
    name = quote(publication.publication)
    if publication.action == "CREATE":
        if publication.all_tables:
            return f"CREATE PUBLICATION {name} FOR ALL TABLES"
        return words(f"CREATE PUBLICATION {name}", _tables(publication, "FOR "))
    if publication.action in ("ADD", "SET", "DROP") and publication.tables:
        return f"ALTER PUBLICATION {name} {publication.action} {_tables(publication, '')}"
    raise Unwritable(f"the options of publication {publication.publication} are not kept")


def comment_on(comment: op.CommentOn) -> str:
    on = f"{comment.kind} {comment.name}"
    if comment.kind == "COLUMN" and comment.relation is not None and "." not in comment.name:
        on = f"COLUMN {comment.relation}.{quote(comment.name)}"
    elif comment.kind in ("CONSTRAINT", "TRIGGER", "POLICY", "RULE") and " " not in comment.name:
        on = f"{comment.kind} {quote(comment.name)} ON {comment.relation}"
    return f"COMMENT ON {on} IS {'NULL' if comment.text is None else quote_literal(comment.text)}"


def _domain_action(change: op.AlterDomain) -> str:
    match change.action:
        case "SET DEFAULT" if change.default is not None:
            return f"SET DEFAULT {change.default.text}"
        case "ADD CONSTRAINT" if change.check is not None:
            named = op.Check(change.check.expression, change.check.name or change.constraint, change.check.not_valid)
            return f"ADD {constraint_definition(named)}"
        case "ADD NOT NULL":
            return words("ADD", f"CONSTRAINT {quote(change.constraint)}" if change.constraint else None, "NOT NULL")
        case "DROP CONSTRAINT" if change.constraint is not None:
            return words(
                "DROP CONSTRAINT",
                "IF EXISTS" if change.missing_ok else None,
                quote(change.constraint),
                "CASCADE" if change.cascade else None,
            )
        case "VALIDATE CONSTRAINT" if change.constraint is not None:
            return f"VALIDATE CONSTRAINT {quote(change.constraint)}"
        case "DROP DEFAULT" | "SET NOT NULL" | "DROP NOT NULL":
            return change.action
        case _:
            raise Unwritable(f"ALTER DOMAIN {change.action} lacks what it acts on")


def _owned_by(sequence: op.CreateSequence | op.AlterSequence) -> str | None:
    if sequence.owned_by is None or "OWNED BY" in sequence.options.upper():
        return None
    table, column = sequence.owned_by
    return f"OWNED BY {table}.{quote(column)}"


def _tables(publication: op.AlterPublication, before: str) -> str | None:
    return f"{before}TABLE {names(publication.tables)}" if publication.tables else None


def _setting(value: str) -> str:
    return value if value.startswith(("'", '"')) else quote_literal(value)


def _without_semicolon(text: str) -> str:
    return text.strip().removesuffix(";").rstrip()


WRITERS: Writers = {
    op.CreateView: create_view,
    op.CreateMaterializedView: create_materialized_view,
    op.RefreshMaterializedView: refresh,
    op.AlterViewColumnDefault: alter_view_default,
    op.CreateEnum: create_enum,
    op.CreateComposite: create_composite,
    op.AddEnumValue: add_enum_value,
    op.AlterComposite: alter_composite,
    op.CreateDomain: create_domain,
    op.AlterDomain: alter_domain,
    op.CreateSequence: create_sequence,
    op.AlterSequence: alter_sequence,
    op.CreateFunction: create_function,
    op.CreateTrigger: create_trigger,
    op.CreatePolicy: create_policy,
    op.AlterPolicy: alter_policy,
    op.CreateSchema: create_schema,
    op.CreateExtension: create_extension,
    op.CreateStatistics: create_statistics,
    op.AlterPublication: alter_publication,
    op.CommentOn: comment_on,
    op.Grant: grant,
}
