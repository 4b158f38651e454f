"""Roles, collations, languages, operator classes, servers and whatever else no operation has a field for.

Sources: objectaddress.c (get_object_address), alter.c (AlterObjectRename_internal), dependency.c and pg_shdepend.c
(what keeps an object).
"""

from bot.core.effects.resolving import functions, needs, types
from bot.core.effects.resolving.asking import Asking
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import Given, say
from bot.core.language.names import Name
from bot.core.language.operations.operation import FieldRole, Mention
from bot.core.schema.catalog import CatalogObject, Relation, RelationKind
from bot.core.schema.changes.objects import IN_SCHEMAS

_KINDS = {
    "TABLE": (RelationKind.TABLE, RelationKind.PARTITIONED_TABLE, RelationKind.FOREIGN_TABLE),
    "FOREIGN TABLE": (RelationKind.FOREIGN_TABLE,),
    "VIEW": (RelationKind.VIEW,),
    "MATERIALIZED VIEW": (RelationKind.MATERIALIZED_VIEW,),
    "SEQUENCE": (RelationKind.SEQUENCE,),
    "RELATION": tuple(RelationKind),
}


def check_mentions(
    asking: Asking,
    operation: op.Harmless
    | op.NoTransaction
    | op.Grant
    | op.CommentOn
    | op.RenameObject
    | op.DropObject
    | op.OwnedBy
    | op.CreateSchema
    | op.AlterPublication,
) -> None:
    for mention in operation.mentions:
        if isinstance(operation, op.AlterPublication) and mention.kind == "PUBLICATION":
            continue
        check(asking, mention)
        if asking.failed:
            return


def check_comment(asking: Asking, operation: op.CommentOn) -> None:
    """What it comments: a relation, a part of one, or an object that is mentioned."""
    table, kind = operation.relation, operation.kind
    if table is None:
        check_mentions(asking, operation)
    elif kind in _KINDS:
        check(asking, Mention(kind, table))
    else:
        check(asking, Mention(kind, Name(operation.name), of=str(table)))


def check(asking: Asking, mention: Mention) -> None:
    kind = mention.kind
    if kind in _KINDS or kind == "INDEX":
        _relation(asking, mention)
    elif kind in ("TYPE", "DOMAIN"):
        types.check_mention(asking, mention)
    elif kind in ("FUNCTION", "PROCEDURE", "ROUTINE", "AGGREGATE"):
        functions.check_mention(asking, mention)
    elif kind in ("TRIGGER", "RULE", "POLICY", "CONSTRAINT", "COLUMN"):
        _part(asking, mention)
    elif kind == "EXTENSION":
        _extension(asking, mention)
    elif kind in needs.WORDS:
        _object(asking, mention)


def _object(asking: Asking, mention: Mention) -> None:
    kind, of = mention.kind, mention.of or ""
    if kind == "SCHEMA":
        _schema(asking, mention)
        return
    found = asking.database.object(kind, mention.name, of)
    if kind == "PUBLICATION" and found is None:
        found = asking.database.object(kind, mention.name, "ALL TABLES")
    if kind == "ACCESS METHOD" and found is None:
        found = asking.database.object(kind, mention.name, "i") or asking.database.object(kind, mention.name, "t")
    if mention.role is FieldRole.CREATED:
        _create(asking, mention, found)
        return
    if found is None:
        if asking.lists(kind) and not mention.guarded:
            needs.missing(asking, kind, mention.name, of)
        return
    if mention.role is FieldRole.DROPPED:
        _drop(asking, mention, found)
    elif mention.role is FieldRole.RENAMED:
        _rename(asking, mention, found)


def _create(asking: Asking, mention: Mention, found: CatalogObject | None) -> None:
    kind = mention.kind
    home = asking.database.home if kind in IN_SCHEMAS else None
    if mention.name.schema is not None:
        needs.need_schema(asking, mention.name.schema)
    if found is None or mention.guarded:
        return
    if kind in IN_SCHEMAS and found.name.schema != (mention.name.schema or home):
        return
    needs.taken(asking, kind, mention.name)


def _drop(asking: Asking, mention: Mention, found: CatalogObject) -> None:
    what = say("{} {}", say(needs.WORDS[mention.kind]), named.bare(_shown_named(mention)))
    if found.extension is not None and mention.kind != "EXTENSION":
        asking.fail(
            "2BP01", "cannot drop {} because extension {} requires it", what, named.bare(named.thing(found.extension))
        )
    elif mention.kind == "ROLE":
        if left := asking.still(found.dependents):
            asking.fail(
                "2BP01",
                "role {} cannot be dropped because some objects depend on it: {}",
                named.role(mention.name.name),
                named.thing(left[0]),
            )
    else:
        needs.refuse_dependents(asking, found, what, cascade=mention.cascade)


def _shown_named(mention: Mention) -> named.Named:
    return named.role(mention.name.name) if mention.kind == "ROLE" else named.thing(mention.name)


def _rename(asking: Asking, mention: Mention, found: CatalogObject) -> None:
    kind = mention.kind
    if mention.schema:
        needs.need_schema(asking, mention.schema)
    to = Name(mention.to or found.name.name, mention.schema or found.name.schema)
    if not asking.failed and to != found.name and asking.database.object(kind, to, mention.of or "") is not None:
        state = "42710"
        if kind in ("SCHEMA",):
            state = "42P06"
        asking.fail(state, "{} {} already exists", say(needs.WORDS[kind]), needs.shown(kind, Name(to.name)))


def _schema(asking: Asking, mention: Mention) -> None:
    name = mention.name.name
    exists = name in asking.database.schemas
    if mention.role is FieldRole.RENAMED and exists and mention.to in asking.database.schemas:
        asking.fail("42P06", "schema {} already exists", named.schema(mention.to))
    elif not exists and not mention.guarded and mention.role is not FieldRole.CREATED:
        needs.need_schema(asking, name)


def _extension(asking: Asking, mention: Mention) -> None:
    name = mention.name.name
    if mention.role is FieldRole.SUBJECT and asking.known and name not in asking.database.extensions:
        asking.fail("42704", "extension {} does not exist", named.thing(name))


def _relation(asking: Asking, mention: Mention) -> None:
    database, name = asking.database, mention.name
    found = database.find(name)
    if found is None:
        if mention.name.schema is not None:
            needs.need_schema(asking, mention.name.schema)
        if asking.known and not asking.failed and not needs.is_system(name):
            asking.fail("42P01", "relation {} does not exist", name)
        return
    relation = database.relation(found)
    if mention.kind == "INDEX":
        if relation is not None:
            asking.fail("42809", "{} is not an index", name)
    elif relation is None:
        if mention.kind not in ("RELATION", "TABLE"):
            _wrong_kind(asking, mention)
    elif relation.kind not in _KINDS[mention.kind]:
        _wrong_kind(asking, mention)


def _wrong_kind(asking: Asking, mention: Mention) -> None:
    article = "an" if mention.kind.startswith("I") else "a"
    asking.fail("42809", "{} is not {} {}", mention.name, say(article), Given(mention.kind.lower()))


def _part(asking: Asking, mention: Mention) -> None:
    """A trigger, rule, policy, constraint or column of a table."""
    table = needs.named_in(mention.of or "")
    relation = asking.relation(table)
    if relation is None:
        domain = types.find(asking, table) if mention.kind == "CONSTRAINT" else None
        if domain is not None and not any(one.name == mention.name.name for one in domain.checks):
            _no_part(asking, mention, table)
        elif domain is None and not mention.guarded:
            _need_relation(asking, table)
        return
    if (
        mention.role is FieldRole.SUBJECT
        and not relation.partial
        and mention.name.name not in _parts(relation, mention)
    ):
        _no_part(asking, mention, table)


def _need_relation(asking: Asking, name: Name) -> None:
    if asking.known and not needs.is_system(name) and asking.database.find(name) is None:
        asking.fail("42P01", "relation {} does not exist", name)


def _parts(relation: Relation, mention: Mention) -> set[str]:
    match mention.kind:
        case "TRIGGER":
            return {trigger.name for trigger in relation.triggers}
        case "RULE":
            return {*relation.rules, *(("_RETURN",) if relation.kind is RelationKind.VIEW else ())}
        case "POLICY":
            return {policy.name for policy in relation.policies}
        case "CONSTRAINT":
            return {constraint.name for constraint in relation.constraints}
        case _:
            return {column.name for column in relation.columns} | needs.SYSTEM_COLUMNS


def _no_part(asking: Asking, mention: Mention, table: Name) -> None:
    name = mention.name.name
    match mention.kind:
        case "TRIGGER":
            asking.fail("42704", "trigger {} for table {} does not exist", named.trigger(name, table), table)
        case "RULE":
            asking.fail("42704", "rule {} for relation {} does not exist", named.thing(name), table)
        case "POLICY":
            asking.fail("42704", "policy {} for table {} does not exist", named.policy(name, table), table)
        case "CONSTRAINT":
            asking.fail("42704", "constraint {} for table {} does not exist", named.constraint(name, table), table)
        case _:
            asking.fail("42703", "column {} of relation {} does not exist", named.column(name, table), table)
